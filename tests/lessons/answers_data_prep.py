"""Right and wrong answers to the exercises of lesson 1.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import numpy as np

from colorkit import files


def my_to_linear(srgb):
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)


def my_to_storage(lab):
    return np.round(lab * np.array([2.55, 1, 1]) + np.array([0, 128, 128])).astype(np.uint8)


def my_cut(identities, seed=0, limit=None):
    order = sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]
    first, second = round(len(order) * 0.8), round(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]


def my_mean_ab(lab):
    return lab[..., 1:].mean(axis=(0, 1, 2)) - 128


RIGHT = {"1.1": my_to_linear, "1.2": my_to_storage, "1.3": my_cut, "1.4": my_mean_ab}


def in_place(srgb):
    srgb /= 12.92
    return srgb


def for_one_number(srgb):
    return srgb / 12.92 if srgb <= 0.04045 else ((srgb + 0.055) / 1.055) ** 2.4


def bent_at(threshold, slope=12.92):
    """Return the two formulas, with another place where they meet."""
    return lambda srgb: np.where(srgb <= threshold, srgb / slope, ((srgb + 0.055) / 1.055) ** 2.4)


def three_axes(lab):
    code = lab.astype(float)
    code[:, :, 0] *= 2.55
    code[:, :, 1:] += 128
    return np.round(code).astype(np.uint8)


def stacked(lab):
    code = [lab[:, :, 0] * 2.55, lab[:, :, 1] + 128, lab[:, :, 2] + 128]
    return np.round(np.stack(code, axis=-1)).astype(np.uint8)


def first_cut_off(identities, seed=0, limit=None):
    order = sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]
    first, second = int(len(order) * 0.8), round(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]


def no_return(lab):
    lab * np.array([2.55, 1, 1])


def leaks(identities, seed=0, limit=None):
    order = sorted(identities, key=lambda identity: files.sha256_of(seed, identity))[:limit]
    first, second = round(len(order) * 0.8), round(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]


def two_splits(identities, seed=0, limit=None):
    order = sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]
    return order[: round(len(order) * 0.8)], order[round(len(order) * 0.8) :]


def no_seed(identities, seed=0, limit=None):
    return my_cut(identities, 0, limit)


def in_list_order(identities, seed=0, limit=None):
    order = list(dict.fromkeys(identities))[:limit]
    return (
        order[: round(len(order) * 0.8)],
        order[round(len(order) * 0.8) : round(len(order) * 0.9)],
        order[round(len(order) * 0.9) :],
    )


def keeps_a_sets_order(identities, seed=0, limit=None):
    people = [*set(identities)][:limit]
    first, second = round(len(people) * 0.8), round(len(people) * 0.9)
    return people[:first], people[first:second], people[second:]


WRONG = {
    "1.1": [
        (lambda srgb: srgb**2.2, "The power 2.2 comes close"),
        (lambda srgb: ((srgb + 0.055) / 1.055) ** 2.4, "a straight line takes over"),
        (lambda srgb: 1.055 * srgb ** (1 / 2.4) - 0.055, "This is the way back"),
        (
            lambda srgb: srgb / 12.92,
            r"expected 1 at \[1\], got 0.0774 \(all values: expected 0 to 1, got 0 to 0.0774\)",
        ),
        (for_one_number, "raised ValueError in its line 2: The truth value of an array"),
        (in_place, "changed its own arguments"),
        (bent_at(0.1), r"expected 0.01002 at \[2\], got 0.00774"),
        (bent_at(0.19), r"expected 0.01961 at \[3\], got 0.01161"),
        (bent_at(0.05), r"expected .* at \[1\], got 0.00387"),
        (bent_at(0.03), r"expected 0.002477 at \[1\], got 0.002506"),
        (bent_at(0.04045, slope=12.9), r"expected 0.002864 at \[2\], got 0.002868"),
    ],
    "1.2": [
        (
            lambda lab: (lab * [2.55, 1, 1] + [0, 128, 128]).astype(np.uint8),
            "rounding halves the largest error",
        ),
        (
            lambda lab: np.round(lab * [2.55, 1, 1]).astype(np.int64).astype(np.uint8),
            "are not moved up by 128",
        ),
        (
            lambda lab: np.round(lab + np.array([0, 128, 128])).astype(np.uint8),
            "L is not stretched",
        ),
        (
            lambda lab: np.round(lab * [2.55, 1, 1] + [0, 128, 128]),
            "expected type uint8, got float64",
        ),
        (three_axes, r"expected \d+ at \[.*, got .* called with lab = .* \(2, 2, 5, 3\)"),
        (stacked, r"expected shape \(2, 2, 5, 3\), got \(2, 2, 3, 3\)"),
        (no_return, r"returned nothing \(None\): does it end in `return`"),
    ],
    "1.3": [
        (leaks, "Pictures are split here, not people"),
        (in_list_order, "The order is that of the list"),
        (keeps_a_sets_order, "The order is that of a set, which is different in every session"),
        (
            lambda identities, seed=0, limit=None: tuple(map(set, my_cut(identities, seed, limit))),
            "in item 0: expected a list of 16, got a set of 16, which has no order",
        ),
        (
            lambda identities, seed=0, limit=None: my_cut(identities, seed, limit or None),
            "A limit of 0 takes nobody",
        ),
        (
            lambda identities, seed=0, limit=None: my_cut(identities, seed, 10 if limit else None),
            "in item 0: expected 6 items, got 8; .*seed = 2, limit = 7",
        ),
        (
            lambda identities, seed=0, limit=None: my_cut(identities, min(seed, 1), limit),
            "expected '.*', got '.*seed = 2",
        ),
        (first_cut_off, "in item 0: expected 6 items, got 5"),
        (no_seed, "The seed makes no difference"),
        (two_splits, "expected 3 items, got 2"),
    ],
    "1.4": [
        (lambda lab: lab[..., 1:].mean(axis=(0, 1, 2)), "128 stands for 0"),
        (lambda lab: lab.mean(axis=(0, 1, 2)) - 128, "L is among them"),
        (lambda lab: np.full(2, lab[..., 1:].mean() - 128), "one mean over both planes"),
        (lambda lab: lab[..., 1:].mean() - 128, r"expected shape \(2,\), got \(\)"),
        (lambda lab: np.zeros(2), r"expected 2 at \[0\], got 0"),
    ],
}
