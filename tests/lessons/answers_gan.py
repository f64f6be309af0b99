"""Right and wrong answers to the exercises of lesson 4. The right ones go into a copy of the lesson, so each stands by itself."""

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
    if d_real >= 0.9:
        return (
            "calls all real"
            if d_generated >= 0.9
            else "tells them apart"
            if d_generated <= 0.1
            else "undecided"
        )
    return "calls all generated" if d_real <= 0.1 and d_generated <= 0.1 else "undecided"


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


def divides_by_nothing(one, other):
    norms = [
        np.linalg.norm(np.concatenate([part.ravel() for part in parts])) for parts in (one, other)
    ]
    return float(norms[0]) / float(norms[1])


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
        (sigmoid_first, "in item 0: got inf, needed 1000"),
        (
            lambda real, generated: my_cross_entropies(real, generated)[0],
            "got 0.69.*, needed a tuple of 2",
        ),
    ],
    "4.2": [
        (norms_of_arrays, "You added the norms of the arrays"),
        (lambda one, other: my_ratio(one, other) ** 2, "take the root"),
        (lambda one, other: my_ratio(other, one), "The other way round"),
        (divides_by_nothing, "raised ZeroDivisionError in its line 3"),
        (lambda one, other: my_ratio(one[:1], other[:1]), "got .*, needed"),
    ],
    "4.3": [
        (lambda d_real, d_generated: my_reading(d_real, 0), "You look at the real pictures alone"),
        (
            lambda d_real, d_generated: my_reading(d_real, 1 - d_generated),
            "the lower, the better for the judge",
        ),
        (
            lambda d_real, d_generated: "tells them apart" if d_real > d_generated else "undecided",
            "needed 'calls all real'",
        ),
        (
            lambda d_real, d_generated: d_real >= 0.9 >= d_generated,
            "got True, needed 'tells them apart'",
        ),
    ],
    "4.4": [
        (every_epoch_but, "got 2 items, needed 1; .*schedule = 'epoch', epoch = 0, d_every = 2"),
        (
            lambda s, epoch, d_every=1, p=2: my_of_epoch(s, epoch - (s == "epoch"), d_every, p),
            "Epochs are counted from 0",
        ),
        (never_alone, "the judge first has one pass"),
        (lambda *arguments: my_of_epoch(*arguments)[::-1], "The order is reversed"),
        (no_schedule_but_epoch, "got 2 items, needed 1"),
        (lambda *arguments: my_of_epoch(*arguments)[0], "got str both, needed a list of 1"),
    ],
}
