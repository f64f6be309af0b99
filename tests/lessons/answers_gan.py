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


def every_epoch_but(schedule, epoch, d_every=1, pretrain=2):
    if schedule == "epoch" and epoch % d_every == 0:
        return ["generator", "discriminator"]
    return ["generator"] if schedule == "epoch" else my_of_epoch(schedule, epoch, d_every, pretrain)


def no_schedule_but_epoch(schedule, epoch, d_every=1, pretrain=2):
    return ["generator", "discriminator"]


def norm(parts):
    return float(np.linalg.norm(np.concatenate([part.ravel() for part in parts])))


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
            lambda real, generated: my_cross_entropies(real, generated)[0],
            "expected a tuple of 2, got 0.69",
        ),
    ],
    "4.2": [
        (norms_of_arrays, "You added the norms of the arrays"),
        (lambda one, other: my_ratio(one, other) ** 2, "take the root"),
        (lambda one, other: my_ratio(other, one), "The other way around"),
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
    ],
    "4.4": [
        (every_epoch_but, "expected 1 item, got 2; .*schedule = 'epoch', epoch = 0, d_every = 2"),
        (
            lambda s, epoch, d_every=1, p=2: my_of_epoch(s, epoch - (s == "epoch"), d_every, p),
            "Epochs are counted from 0",
        ),
        (never_alone, "the judge first has one pass"),
        (lambda *arguments: my_of_epoch(*arguments)[::-1], "The order is reversed"),
        (no_schedule_but_epoch, "expected 1 item, got 2"),
        (lambda *arguments: my_of_epoch(*arguments)[0], "expected a list of 1, got str both"),
    ],
}
