"""Right and wrong answers to the exercises of lesson 2.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import itertools

import numpy as np


def my_receptive_field(convolutions):
    kernels, strides = np.array(convolutions).T
    apart = np.cumprod([1, *strides[:-1]])
    return int(1 + ((kernels - 1) * apart).sum())


def my_l2(code, pred):
    return ((pred - (code.astype(np.float32) - 128)) ** 2).mean(axis=(1, 2, 3))


def my_threshold_accuracy(pred, true, rule="per-channel"):
    return (np.abs(pred - true) <= 10).mean(axis=(1, 2, 3))


def my_order(count, seed, epoch):
    return np.random.default_rng([seed, epoch]).permutation(count)


RIGHT = {"2.1": my_receptive_field, "2.2": my_l2, "2.3": my_order, "2.4": my_threshold_accuracy}


def forgets_the_strides(convolutions):
    size = 1
    for kernel, _ in convolutions:
        size += kernel - 1
    return size


def multiplies_first(convolutions):
    size, apart = 1, 1
    for kernel, strides in convolutions:
        apart *= strides
        size += (kernel - 1) * apart
    return size


def odd_kernels(convolutions):
    size, apart = 1, 1
    for kernel, strides in convolutions:
        size += 2 * (kernel // 2) * apart
        apart *= strides
    return size


def strides_of_2(convolutions):
    return my_receptive_field([(kernel, min(strides, 2)) for kernel, strides in convolutions])


def takes_numbers(convolutions):
    return sum(kernel for kernel in convolutions)


def shuffles_globally(count, seed, epoch):
    numbers = np.arange(count)
    np.random.default_rng([seed, epoch]).shuffle(numbers[1:])
    return numbers


calls = itertools.count()


def another_at_each_call(count, seed, epoch):
    """Give another order at each call, as a stream without a start does.

    Two random orders of six faces could be the same by chance; these never are.
    """
    return np.roll(np.arange(count), next(calls))


WRONG = {
    "2.1": [
        (forgets_the_strides, "The strides make no difference here"),
        (multiplies_first, "multiply after adding"),
        (
            lambda convolutions: 3 ** len(convolutions),
            r"expected 5, got 9; "
            r"your function was called with convolutions = \[\(3, 1\), \(3, 1\)\]",
        ),
        (odd_kernels, "expected 13, got 17"),
        (strides_of_2, "expected 13, got 10"),
        (takes_numbers, "raised TypeError in its line 2"),
        (lambda convolutions: str(my_receptive_field(convolutions)), "expected 3, got str 3"),
    ],
    "2.2": [
        (lambda code, pred: ((pred - code) ** 2).mean(axis=(1, 2, 3)), "in which 128 stands for 0"),
        (
            lambda code, pred: ((pred - (code - np.uint8(128))) ** 2).mean(axis=(1, 2, 3)),
            "Bytes can't be negative",
        ),
        (lambda code, pred: my_l2(code, pred) * 2, "twice the mean over both"),
        (
            lambda code, pred: my_l2(code, pred).mean(),
            r"expected shape \(3,\), got \(\).*keep the first axis",
        ),
        (lambda code, pred: my_l2(code, pred) ** 0.5, r"expected 4 at \[0\], got 2"),
    ],
    "2.3": [
        (
            lambda count, seed, epoch: np.random.default_rng(seed).permutation(count),
            "the same order in every epoch",
        ),
        (
            lambda count, seed, epoch: np.random.default_rng(seed + epoch).permutation(count),
            r"Start from the list \[seed, epoch\]",
        ),
        (
            lambda count, seed, epoch: np.random.default_rng([epoch, seed]).permutation(count),
            "in this order",
        ),
        (
            another_at_each_call,
            "Called twice with the same arguments, it gives two different results",
        ),
        (
            shuffles_globally,
            r"expected \d at \[\d\], got \d \(all values: expected 0 to 5, got 0 to 5\)",
        ),
        (
            lambda count, seed, epoch: np.random.default_rng([seed, epoch]).random(count),
            "expected type int64, got float64",
        ),
    ],
    "2.4": [
        (
            lambda pred, true, rule="per-channel": (pred - true <= 10).mean(axis=(1, 2, 3)),
            "Without `np.abs`",
        ),
        (
            lambda pred, true, rule="per-channel": (((pred - true) ** 2).sum(-1) <= 100).mean(
                axis=(1, 2)
            ),
            "You measured the distance",
        ),
        (
            lambda pred, true, rule="per-channel": (
                (np.abs(pred - true) <= 10).all(axis=-1).mean(axis=(1, 2))
            ),
            "only if both its numbers",
        ),
        (
            lambda pred, true, rule="per-channel": np.abs(pred - true) <= 10,
            r"expected shape \(2,\), got \(2, 3, 3, 2\)",
        ),
        (
            lambda pred, true, rule="per-channel": 100 * my_threshold_accuracy(pred, true),
            "expected 1 at .*, got 100",
        ),
    ],
}
