"""Right and wrong answers to the exercises of lesson 4.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import numpy as np


def my_cross_entropies(real, generated):
    g_cross_entropy = np.logaddexp(0, -generated).mean()
    return g_cross_entropy, np.logaddexp(0, -real).mean() + np.logaddexp(0, generated).mean()


def my_of_epoch(schedule, epoch, d_every=1, pretrain=2):
    if schedule == "epoch":
        return ["generator"] + ["discriminator"] * (epoch % d_every == d_every - 1)
    if schedule != "nogan" or epoch > pretrain:
        return ["both"]
    return ["pretraining"] if epoch < pretrain else ["discriminator", "both"]


def my_ratio(one, other):
    norms = [np.sqrt(sum((part**2).sum() for part in parts)) for parts in (one, other)]
    return norms[0] / norms[1] if norms[1] else float("inf")


def my_reading(d_real, d_generated):
    if d_real >= 0.9 and d_generated >= 0.9:
        return "calls all real"
    if d_real <= 0.1 and d_generated <= 0.1:
        return "calls all generated"
    if d_real >= 0.9 and d_generated <= 0.1:
        return "tells them apart"
    return "undecided"


RIGHT = {"4.1": my_cross_entropies, "4.2": my_ratio, "4.3": my_reading, "4.4": my_of_epoch}


def sigmoid_first(real, generated):
    def price(logits):
        return -np.log(1 / (1 + np.exp(-logits))).mean()

    return price(generated), price(real) + price(-generated)


def price_by_log(logits):
    return np.log(1 + np.exp(logits)).mean()


def doubts(logits):
    """Keep logits from becoming too large for the exponential function."""
    return np.clip(logits, -100, 100)


def by_epoch(has_a_turn):
    """Return the order of turns, by another rule for the discriminator's epochs."""

    def of_epoch(schedule, epoch, d_every=1, pretrain=2):
        if schedule != "epoch":
            return my_of_epoch(schedule, epoch, d_every, pretrain)
        return ["generator"] + ["discriminator"] * (d_every == 1 or has_a_turn(epoch, d_every))

    return of_epoch


def step_alone(schedule, epoch, d_every=1, pretrain=2):
    known = schedule if schedule in ("epoch", "step") else "nogan"
    return my_of_epoch(known, epoch, d_every, pretrain)


def end_of_pretraining_everywhere(schedule, epoch, d_every=1, pretrain=2):
    ends = schedule != "epoch" and epoch == pretrain
    return my_of_epoch("nogan" if ends else schedule, epoch, d_every, pretrain)


def always_pretrained(schedule, epoch, d_every=1, pretrain=2):
    return my_of_epoch(schedule, epoch, d_every, pretrain or 2)


def nobody_alone_without_pretraining(schedule, epoch, d_every=1, pretrain=2):
    return my_of_epoch(schedule if pretrain else "step", epoch, d_every, pretrain)


def d_every_in_nogan(schedule, epoch, d_every=1, pretrain=2):
    rests = schedule == "nogan" and epoch > pretrain and (epoch + 1) % d_every
    return ["generator"] if rests else my_of_epoch(schedule, epoch, d_every, pretrain)


def d_every_in_step(schedule, epoch, d_every=1, pretrain=2):
    rests = schedule in ("step", "batch") and (epoch + 1) % d_every
    return ["generator"] if rests else my_of_epoch(schedule, epoch, d_every, pretrain)


def limits(**other):
    """Return a reading with other limits or comparisons than the right ones.

    Args:
        other: rule for a share, by its reading and picture, such as `all_real_r`.
    """

    def most(share):
        return share >= 0.9

    def few(share):
        return share <= 0.1

    rules = {
        "calls all real": (other.get("all_real_r", most), other.get("all_real_g", most)),
        "calls all generated": (other.get("all_gen_r", few), other.get("all_gen_g", few)),
        "tells them apart": (other.get("apart_r", most), other.get("apart_g", few)),
    }

    def reading(d_real, d_generated):
        for words, (of_real, of_generated) in rules.items():
            if of_real(d_real) and of_generated(d_generated):
                return words
        return "undecided"

    return reading


HIGH = {
    "> 0.9": lambda share: share > 0.9,
    ">= 0.88": lambda share: share >= 0.88,
    ">= 0.92": lambda share: share >= 0.92,
}
LOW = {
    "< 0.1": lambda share: share < 0.1,
    "<= 0.12": lambda share: share <= 0.12,
    "<= 0.08": lambda share: share <= 0.08,
}
OTHER_LIMITS = [  # one of the six comparisons is wrong
    (limits(**{share: rule}), "expected '.*', got '.*d_real = 0.*, d_generated = ")
    for shares, rules in [
        (("all_real_r", "all_real_g", "apart_r"), HIGH),
        (("all_gen_r", "all_gen_g", "apart_g"), LOW),
    ]
    for share in shares
    for rule in rules.values()
]


def every_epoch_but(schedule, epoch, d_every=1, pretrain=2):
    if schedule == "epoch" and epoch % d_every == 0:
        return ["generator", "discriminator"]
    return ["generator"] if schedule == "epoch" else my_of_epoch(schedule, epoch, d_every, pretrain)


def no_schedule_but_epoch(schedule, epoch, d_every=1, pretrain=2):
    return ["generator", "discriminator"]


def norm(parts):
    return float(np.linalg.norm(np.concatenate([part.ravel() for part in parts])))


def divides_numpys(one, other):
    """Divide as NumPy does: by 0 it is infinite, but 0 / 0 is not a number."""
    return np.float64(norm(one)) / np.float64(norm(other))


def divides_by_nothing(one, other):
    above = norm(one)
    return above / norm(other)


def never_alone(schedule, epoch, d_every=1, pretrain=2):
    order = my_of_epoch(schedule, epoch, d_every, pretrain)
    return order[-1:] if schedule == "nogan" else order


def norms_of_arrays(one, other):
    below = sum(np.linalg.norm(part) for part in other)
    return sum(np.linalg.norm(part) for part in one) / below if below else float("inf")


WRONG = {
    "4.1": [
        (
            lambda real, generated: (
                np.logaddexp(0, generated).mean(),
                my_cross_entropies(real, generated)[1],
            ),
            "paid for being found out",
        ),
        (
            lambda real, generated: tuple(np.array(my_cross_entropies(real, generated)) / [1, 2]),
            "added, not averaged",
        ),
        (
            lambda real, generated: (
                my_cross_entropies(real, generated)[0],
                np.logaddexp(0, -real).mean(),
            ),
            "call everything real",
        ),
        (
            lambda real, generated: my_cross_entropies(real, generated)[::-1],
            "The generator's loss comes first",
        ),
        (sigmoid_first, "in item 0: expected 1000, got inf"),
        (
            lambda real, generated: (
                my_cross_entropies(real, generated)[0],
                price_by_log(-real) + price_by_log(generated),
            ),
            "in item 1: expected 2000, got inf",
        ),
        (
            lambda real, generated: (
                my_cross_entropies(real, generated)[0],
                my_cross_entropies(doubts(real), doubts(generated))[1],
            ),
            "in item 1: expected 2000, got 200",
        ),
        (
            lambda real, generated: my_cross_entropies(real, generated)[0],
            "expected a tuple of 2, got 0.69",
        ),
    ],
    "4.2": [
        (norms_of_arrays, "You added the norms of the arrays"),
        (lambda one, other: my_ratio(one, other) ** 2, "take the root"),
        (lambda one, other: my_ratio(other, one), "The other way around"),
        (divides_numpys, "expected inf, got nan"),
        (
            lambda one, other: my_ratio(one, other) if norm(one) else float("inf"),
            "expected 0, got inf",
        ),
        (lambda one, other: my_ratio(one, other) if norm(one) else 0.0, "expected inf, got 0"),
        (
            lambda one, other: my_ratio(one, other) if all(map(np.any, other)) else float("inf"),
            "expected .*, got inf",
        ),
        (
            lambda one, other: norm(one) / (norm(other) + 1e-8) if norm(other) else float("inf"),
            "expected 5, got 4.95",
        ),
        (divides_by_nothing, "raised ZeroDivisionError in its line 3"),
        (lambda one, other: my_ratio(one[:1], other[:1]), "expected .*, got"),
    ],
    "4.3": [
        (lambda d_real, d_generated: my_reading(d_real, 0), "You look at the real pictures alone"),
        (
            lambda d_real, d_generated: my_reading(d_real, 1 - d_generated),
            "the lower, the better for the judge",
        ),
        (
            lambda d_real, d_generated: "tells them apart" if d_real > d_generated else "undecided",
            "expected 'calls all real'",
        ),
        (
            lambda d_real, d_generated: d_real >= 0.9 >= d_generated,
            "expected 'tells them apart', got True",
        ),
        *OTHER_LIMITS,
        (
            lambda d_real, d_generated: (
                "tells them apart"
                if d_real - d_generated >= 0.8
                else my_reading(d_real, d_generated)
            ),
            "expected 'undecided', got 'tells them apart'",
        ),
    ],
    "4.4": [
        (every_epoch_but, "expected 1 item, got 2; .*schedule = 'epoch', epoch = 0, d_every = 2"),
        (
            lambda s, epoch, d_every=1, p=2: my_of_epoch(s, epoch - (s == "epoch"), d_every, p),
            "Epochs are counted from 0",
        ),
        (by_epoch(lambda epoch, d_every: epoch % d_every == 1), "right for `d_every=2` alone"),
        (by_epoch(lambda epoch, d_every: epoch % 2 == 1), "expected 1 item, got 2; .*d_every = 3"),
        (by_epoch(lambda epoch, d_every: epoch == d_every - 1), "expected 2 items, got 1"),
        (by_epoch(lambda epoch, d_every: epoch % d_every > 0), "expected 1 item, got 2"),
        (step_alone, "expected 'both', got 'pretraining'; .*schedule = 'batch'"),
        (end_of_pretraining_everywhere, "expected 1 item, got 2; .*'batch', epoch = 2"),
        (always_pretrained, "expected 2 items, got 1; .*pretrain = 0"),
        (nobody_alone_without_pretraining, "expected 2 items, got 1; .*pretrain = 0"),
        (d_every_in_nogan, "expected 'both', got 'generator'; .*'nogan', epoch = 2, d_every = 2"),
        (d_every_in_step, "expected 'both', got 'generator'; .*'batch', epoch = 0, d_every = 2"),
        (never_alone, "the judge first has one pass"),
        (lambda *arguments: my_of_epoch(*arguments)[::-1], "The order is reversed"),
        (no_schedule_but_epoch, "expected 1 item, got 2"),
        (lambda *arguments: my_of_epoch(*arguments)[0], "expected a list of 1, got str both"),
    ],
}
