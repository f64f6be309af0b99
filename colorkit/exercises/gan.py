"""The exercises of lesson 4."""

import numpy as np

from ..machine import gradients
from ..training import turns
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(4)
LOGITS = STREAM.normal(0, 3, (2, 5, 1))
SURE = (np.array([[1000.0]]), np.array([[-1000.0]]))  # a judge who has no doubt, and is right
ONE = [STREAM.normal(0, 1, shape) for shape in ((3, 4), (4,), (4, 2))]  # gradients by three weights
OTHER = [STREAM.normal(0, 2, part.shape) for part in ONE]


def _norms_added(one, other) -> float:
    norms = [sum(np.linalg.norm(part) for part in parts) for parts in (one, other)]
    return norms[0] / norms[1] if norms[1] else float("inf")


def _too_early(schedule, epoch, d_every=1, pretrain=2) -> list[str]:
    return turns.of_epoch(schedule, epoch - 1 if schedule == "epoch" else epoch, d_every, pretrain)


def _judge_never_alone(schedule, epoch, d_every=1, pretrain=2) -> list[str]:
    return [
        turn
        for turn in turns.of_epoch(schedule, epoch, d_every, pretrain)
        if schedule == "epoch" or turn != "discriminator"
    ]


def _by_sigmoid(real, generated) -> tuple[float, float]:
    with np.errstate(all="ignore"):  # it is what goes wrong here
        prices = [
            -np.log(1 / (1 + np.exp(-logits))).mean() for logits in (generated, real, -generated)
        ]
    return float(prices[0]), float(prices[1] + prices[2])


def _one_epoch_too_many(schedule, epoch, d_every=1, pretrain=2) -> list[str]:
    return turns.of_epoch(schedule, epoch, d_every, pretrain + 1)


EXERCISES = (
    Exercise(
        "4.1",
        "two losses from logits",
        turns.cross_entropies,
        ((np.zeros((2, 1)), np.zeros((2, 1))), (LOGITS[0], LOGITS[1]), SURE),
        (
            'The cross-entropy of the answer "real" is -ln(sigmoid(logit)), which is ln(1 + e^-logit); that of "generated" is ln(1 + '
            "e^logit). Each is a mean over the pictures.",
            "`np.logaddexp(0, -logits).mean()` is the price where the answer should be real, and stays right for logits of 1000. The "
            "generator pays it for its own pictures; the discriminator pays it for the real ones, plus `np.logaddexp(0, "
            "generated).mean()`.",
        ),
        (
            Mistake(
                lambda real, generated: (
                    np.logaddexp(0, generated).mean(),
                    turns.cross_entropies(real, generated)[1],
                ),
                "Your generator is paid for being found out: it wants its pictures to be called real.",
            ),
            Mistake(
                lambda real, generated: (
                    turns.cross_entropies(real, generated)[0],
                    turns.cross_entropies(real, generated)[1] / 2,
                ),
                "The discriminator's two cross-entropies are added, not averaged: at pure chance that makes 1.386.",
            ),
            Mistake(
                lambda real, generated: (
                    turns.cross_entropies(real, generated)[0],
                    np.logaddexp(0, -real).mean(),
                ),
                "The discriminator must also call the generated pictures generated. If it paid for the real ones alone, it would call "
                "everything real.",
            ),
            Mistake(
                lambda real, generated: (
                    np.logaddexp(0, -real).mean(),
                    turns.cross_entropies(real, generated)[1],
                ),
                "The generator is judged by *its* pictures: its cross-entropy comes from the generated ones' logits.",
            ),
            Mistake(
                lambda real, generated: (
                    turns.cross_entropies(real, generated)[0],
                    np.logaddexp(0, real).mean() + np.logaddexp(0, -generated).mean(),
                ),
                "Your discriminator is paid for being wrong: real pictures should get logits above 0, generated ones below.",
            ),
            Mistake(
                _by_sigmoid,
                "A very sure judge's probability was rounded to 0, whose logarithm is infinite: use `np.logaddexp` on the logit.",
            ),
            Mistake(
                lambda real, generated: turns.cross_entropies(real, generated)[::-1],
                "The generator's loss comes first.",
            ),
        ),
    ),
    Exercise(
        "4.2",
        "who pulls harder",
        gradients.ratio,
        (
            ([np.array([3.0, 4.0])], [np.array([1.0])]),
            (ONE, OTHER),
            (ONE, [0 * part for part in ONE]),
        ),
        (
            "A gradient is one long list of numbers that happens to lie in several arrays. Its L2 norm is the square root of the sum of "
            "*all* their squares.",
            "`np.sqrt(sum((part**2).sum() for part in one))` is the first norm. Divide it by the second; where that is 0, return "
            '`float("inf")`.',
        ),
        (
            Mistake(
                _norms_added,
                "You added the norms of the arrays. The squares of all numbers are added, and the root is taken once.",
            ),
            Mistake(
                lambda one, other: gradients.ratio(one, other) ** 2,
                "This is the ratio of the squares: take the root.",
            ),
            Mistake(
                lambda one, other: gradients.ratio(other, one),
                "The other way round: how hard the *first* pulls, the second being 1.",
            ),
        ),
    ),
    Exercise(
        "4.3",
        "reading a judge",
        turns.reading,
        ((1.0, 0.0), (0.5, 0.5), (0.95, 0.92), (0.08, 0.03), (0.92, 0.2), (0.1, 0.9), (0.9, 0.1)),
        (
            "Look at both shares. A judge who calls 95 % of the real pictures real sounds good, until you hear that it calls 92 % of the "
            "generated ones real as well.",
            "Four returns: both at least 0.9; both at most 0.1; the first at least 0.9 and the second at most 0.1; and whatever is left.",
        ),
        (
            Mistake(
                lambda d_real, d_generated: turns.reading(d_real, 0.0),
                'You look at the real pictures alone. A judge that has collapsed to "real" gets all of these right, too.',
            ),
            Mistake(
                lambda d_real, d_generated: turns.reading(d_real, 1 - d_generated),
                "The second share is that of generated pictures which it calls *real*: the lower, the better for the judge.",
            ),
        ),
    ),
    Exercise(
        "4.4",
        "whose turn",
        turns.of_epoch,
        (
            ("step", 0, 1, 2),
            *(("epoch", epoch, 1, 2) for epoch in range(2)),
            *(("epoch", epoch, 2, 2) for epoch in range(3)),
            *(("nogan", epoch, 1, 2) for epoch in range(4)),
            *(("nogan", epoch, 1, 3) for epoch in (2, 3)),
        ),
        (
            "One question after the other: is it by epoch, and is this an epoch after which the judge has a turn? Is it NoGAN, and are "
            'we before, at, or after the end of the pretraining? Everything else is `["both"]`.',
            "Epochs are counted from 0, so with `d_every=2` the judge learns in epochs 1, 3, 5: where `(epoch + 1) % d_every == 0`. "
            'NoGAN: `["pretraining"]` as long as `epoch < pretrain`, then once `["discriminator", "both"]`.',
        ),
        (
            Mistake(
                _too_early,
                "Epochs are counted from 0: after every second one means after 1, 3, 5, and `epoch % 2` is 1 there.",
            ),
            Mistake(
                _one_epoch_too_many,
                "`pretrain=2` means the epochs 0 and 1: `epoch < pretrain`, not `<=`.",
            ),
            Mistake(
                _judge_never_alone,
                "NoGAN: when pretraining has ended, the judge first has one pass alone. It has never seen a picture yet.",
            ),
            Mistake(
                lambda schedule, epoch, d_every=1, pretrain=2: turns.of_epoch(
                    schedule, epoch, d_every, pretrain
                )[::-1],
                "The order is reversed: by epoch the generator comes first; at the end of NoGAN's pretraining the judge does.",
            ),
        ),
    ),
)
