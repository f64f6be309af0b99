"""The exercises of lesson 4: two losses, pulls of two losses, reading a judge, order of turns."""

import numpy as np

from ..machine import gradients
from ..training import turns
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(4)
LOGITS = STREAM.normal(0, 3, (2, 5, 1))
SURE = (np.array([[1000.0]]), np.array([[-1000.0]]))  # a judge who has no doubt, and is right
WRONG = SURE[::-1]  # the same, and is wrong
ONE = [STREAM.normal(0, 1, shape) for shape in ((3, 4), (4,), (4, 2))]  # gradients by three weights
NONE = [0 * part for part in ONE]
OTHER = [STREAM.normal(0, 2, part.shape) for part in ONE]
Losses = tuple[float, float]  # the generator's, the discriminator's


# 4.1


def _price(logits: np.ndarray) -> float:
    """Compute the mean cross-entropy of pictures that should be called real."""
    return np.logaddexp(0, -logits).mean()


def _paid_for_being_found_out(real: np.ndarray, generated: np.ndarray) -> Losses:
    _, d_loss = turns.cross_entropies(real, generated)
    return _price(-generated), d_loss


def _averaged(real: np.ndarray, generated: np.ndarray) -> Losses:
    g_loss, d_loss = turns.cross_entropies(real, generated)
    return g_loss, d_loss / 2


def _real_ones_alone(real: np.ndarray, generated: np.ndarray) -> Losses:
    g_loss, _ = turns.cross_entropies(real, generated)
    return g_loss, _price(real)


def _judged_by_real_ones(real: np.ndarray, generated: np.ndarray) -> Losses:
    _, d_loss = turns.cross_entropies(real, generated)
    return _price(real), d_loss


def _paid_for_being_wrong(real: np.ndarray, generated: np.ndarray) -> Losses:
    g_loss, _ = turns.cross_entropies(real, generated)
    return g_loss, _price(-real) + _price(generated)


def _by_sigmoid(real: np.ndarray, generated: np.ndarray) -> Losses:
    with np.errstate(all="ignore"):  # the overflow is the mistake
        on_generated, on_real, on_opposite = (
            -np.log(1 / (1 + np.exp(-logits))).mean() for logits in (generated, real, -generated)
        )
    return float(on_generated), float(on_real + on_opposite)


CROSS_ENTROPIES = Exercise(
    number="4.1",
    title="two losses from logits",
    reference=turns.cross_entropies,
    cases=(
        (np.zeros((2, 1)), np.zeros((2, 1))),
        (LOGITS[0], LOGITS[1]),
        SURE,
        WRONG,
    ),
    hints=(
        'The cross-entropy of the answer "real" is -ln(sigmoid(logit)), which is '
        'ln(1 + e^-logit); that of "generated" is ln(1 + e^logit). '
        "Each is a mean over the pictures.",
        "`np.logaddexp(0, -logits).mean()` is the price where the answer should be real, and stays "
        "right for logits of 1000. The generator pays it for its own pictures; the discriminator "
        "pays it for the real ones, plus `np.logaddexp(0, generated).mean()`.",
    ),
    mistakes=(
        Mistake(
            function=_paid_for_being_found_out,
            message="Your generator is paid for being found out: "
            "it wants its pictures to be called real.",
        ),
        Mistake(
            function=_averaged,
            message="The discriminator's two cross-entropies are added, not averaged: "
            "at pure chance that makes 1.386.",
        ),
        Mistake(
            function=_real_ones_alone,
            message="The discriminator must also call the generated pictures generated. "
            "If it paid for the real ones alone, it would call everything real.",
        ),
        Mistake(
            function=_judged_by_real_ones,
            message="The generator is judged by *its* pictures: "
            "its cross-entropy comes from the generated ones' logits.",
        ),
        Mistake(
            function=_paid_for_being_wrong,
            message="Your discriminator is paid for being wrong: "
            "real pictures should get logits above 0, generated ones below.",
        ),
        Mistake(
            function=_by_sigmoid,
            message="A very sure judge's probability was rounded to 0, whose logarithm is "
            "infinite: use `np.logaddexp` on the logit.",
        ),
        Mistake(
            function=lambda real, generated: turns.cross_entropies(real, generated)[::-1],
            message="The generator's loss comes first.",
        ),
    ),
)


# 4.2


def _sum_of_norms(parts: list[np.ndarray]) -> float:
    return sum(float(np.linalg.norm(part)) for part in parts)


def _norms_added(one: list[np.ndarray], other: list[np.ndarray]) -> float:
    below = _sum_of_norms(other)
    return _sum_of_norms(one) / below if below else float("inf")


RATIO = Exercise(
    number="4.2",
    title="who pulls harder",
    reference=gradients.ratio,
    cases=(
        ([np.array([3.0, 4.0])], [np.array([1.0])]),
        (ONE, OTHER),
        (ONE, NONE),
        (NONE, OTHER),
        (NONE, NONE),
        (ONE, [*NONE[:2], OTHER[2]]),
        ([np.array([3e-6, 4e-6])], [np.array([1e-6])]),
    ),
    hints=(
        "A gradient is one long list of numbers that happens to be spread over several arrays. "
        "Its L2 norm is the square root of the sum of *all* their squares.",
        "`np.sqrt(sum((part**2).sum() for part in one))` is the first norm. "
        'Divide it by the second; where that is 0, return `float("inf")`.',
    ),
    mistakes=(
        Mistake(
            function=_norms_added,
            message="You added the norms of the arrays. "
            "Add the squares of all numbers, and take the root once.",
        ),
        Mistake(
            function=lambda one, other: gradients.ratio(one, other) ** 2,
            message="This is the ratio of the squares: take the root.",
        ),
        Mistake(
            function=lambda one, other: gradients.ratio(other, one),
            message="The other way around: how hard the *first* pulls, if the second pulls with 1.",
        ),
    ),
)


# 4.3


READING = Exercise(
    number="4.3",
    title="reading a judge",
    reference=turns.reading,
    cases=(
        (1.0, 0.0),
        (0.5, 0.5),
        (0.95, 0.92),
        (0.08, 0.03),
        (0.92, 0.2),
        (0.1, 0.9),
        (0.9, 0.1),
        (0.9, 0.9),
        (0.1, 0.1),
        *((0.89, 0.95), (0.95, 0.89), (0.11, 0.05), (0.05, 0.11)),  # each just misses one limit
        *((0.89, 0.05), (0.95, 0.11)),
    ),
    hints=(
        "Look at both shares. A judge who calls 95 % of the real pictures real sounds good, "
        "until you hear that it calls 92 % of the generated ones real as well.",
        "Four returns: both at least 0.9; both at most 0.1; the first at least 0.9 and the second "
        "at most 0.1; and everything else.",
    ),
    mistakes=(
        Mistake(
            function=lambda d_real, d_generated: turns.reading(d_real, 0.0),
            message="You look at the real pictures alone. "
            'A judge that has collapsed to "real" gets all of these right, too.',
        ),
        Mistake(
            function=lambda d_real, d_generated: turns.reading(d_real, 1 - d_generated),
            message="The second share counts the generated pictures that it calls *real*: "
            "the lower, the better for the judge.",
        ),
    ),
)


# 4.4


def _too_early(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    counted = epoch - 1 if schedule == "epoch" else epoch
    return turns.of_epoch(schedule, counted, d_every, pretrain)


def _remainder_1(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    if schedule == "epoch" and d_every > 1:
        return ["generator", "discriminator"] if epoch % d_every == 1 else ["generator"]
    return turns.of_epoch(schedule, epoch, d_every, pretrain)


def _one_too_many(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    return turns.of_epoch(schedule, epoch, d_every, pretrain + 1)


def _never_alone(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    passes = turns.of_epoch(schedule, epoch, d_every, pretrain)
    return [turn for turn in passes if schedule == "epoch" or turn != "discriminator"]


def _reversed(schedule: str, epoch: int, d_every: int = 1, pretrain: int = 2) -> list[str]:
    return turns.of_epoch(schedule, epoch, d_every, pretrain)[::-1]


OF_EPOCH = Exercise(
    number="4.4",
    title="whose turn",
    reference=turns.of_epoch,
    cases=(
        ("step", 0, 1, 2),
        *(("epoch", epoch, 1, 2) for epoch in range(2)),
        *(("epoch", epoch, 2, 2) for epoch in range(3)),
        *(("nogan", epoch, 1, 2) for epoch in range(4)),
        *(("nogan", epoch, 1, 3) for epoch in (2, 3)),
        *(("epoch", epoch, 3, 2) for epoch in range(6)),
        *((schedule, epoch, 2, 2) for schedule in ("batch", "step") for epoch in (0, 2)),
        *(("nogan", epoch, 2, 0) for epoch in range(3)),
    ),
    hints=(
        "Ask one question after the other: is it by epoch, and is this an epoch after which the "
        "judge has a turn? Is it NoGAN, and are we before, at, or after the end of the "
        'pretraining? Everything else is `["both"]`.',
        "Epochs are counted from 0, so with `d_every=2` the judge learns in epochs 1, 3, 5: where "
        '`(epoch + 1) % d_every == 0`. NoGAN: `["pretraining"]` as long as `epoch < pretrain`, '
        'then once `["discriminator", "both"]`.',
    ),
    mistakes=(
        Mistake(
            function=_too_early,
            message="Epochs are counted from 0: after every second one means after 1, 3, 5, "
            "where `(epoch + 1) % 2` is 0.",
        ),
        Mistake(
            function=_remainder_1,
            message="A remainder of 1 is right for `d_every=2` alone; 3 means after 2, 5, 8: "
            "`(epoch + 1) % d_every == 0`.",
        ),
        Mistake(
            function=_one_too_many,
            message="`pretrain=2` means the epochs 0 and 1: `epoch < pretrain`, not `<=`.",
        ),
        Mistake(
            function=_never_alone,
            message="NoGAN: when pretraining has ended, the judge first has one pass alone. "
            "It has not seen a single picture yet.",
        ),
        Mistake(
            function=_reversed,
            message="The order is reversed: by epoch the generator comes first; "
            "at the end of NoGAN's pretraining the judge does.",
        ),
    ),
)


EXERCISES = (CROSS_ENTROPIES, RATIO, READING, OF_EPOCH)
