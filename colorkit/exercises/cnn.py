"""The exercises of lesson 2."""

import numpy as np

from ..evaluation import metrics
from ..models import losses
from ..plots import diagrams
from ..training import batches
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(2)
CODE = STREAM.integers(100, 156, (3, 4, 5, 2), dtype=np.uint8)  # three small truths as storage code
PRED = STREAM.normal(0, 12, (3, 4, 5, 2)).astype(np.float32)
TRUE = STREAM.normal(0, 12, (3, 4, 5, 2)).astype(np.float32)
EIGHTS = np.full((2, 3, 3, 2), 8, np.float32)


def _sum_of_kernels(convolutions) -> int:
    return 1 + sum(kernel - 1 for kernel, _ in convolutions)


def _strides_first(convolutions) -> int:
    size, apart = 1, 1
    for kernel, strides in convolutions:
        apart *= strides
        size += (kernel - 1) * apart
    return size


def _strides_not_multiplied(convolutions) -> int:
    size, apart = 1, 1
    for kernel, strides in convolutions:
        size += (kernel - 1) * apart
        apart = strides
    return size


EXERCISES = (
    Exercise(
        "2.1",
        "how far a place sees",
        diagrams.receptive_field,
        (
            ([(3, 1)],),
            ([(3, 1), (3, 1)],),
            ([(3, 2), (3, 1)],),
            ([(3, 2), (3, 1), (5, 2), (3, 1), (1, 1), (3, 2)],),
        ),
        (
            "One 3x3 convolution sees 3 pixels. The next one adds the 2 neighbors of its middle, and these are as many pixels apart as "
            "all the strides before it made them.",
            "Keep two numbers, both 1 at first: `size`, and how far `apart` neighbors are. For each convolution add `(kernel - 1) * "
            "apart` to the first, and then multiply the second by `strides`.",
        ),
        (
            Mistake(
                _sum_of_kernels,
                "The strides make no difference here. After a stride of 2, neighbors are 2 pixels apart, and reach twice as far.",
            ),
            Mistake(
                _strides_first,
                "A convolution's own stride spreads the places of its output, not those that it looks at: multiply after adding.",
            ),
            Mistake(
                _strides_not_multiplied,
                "Strides multiply along the chain: after two of 2, places are 4 pixels apart.",
            ),
            Mistake(
                lambda convolutions: diagrams.receptive_field(convolutions) - 1,
                "Before any convolution a place sees 1 pixel: begin with 1.",
            ),
            Mistake(
                lambda convolutions: int(np.prod([kernel for kernel, _ in convolutions])),
                "Kernels add up, they don't multiply: two of 3 see 5 pixels, not 9.",
            ),
        ),
    ),
    Exercise(
        "2.2",
        "the loss",
        losses.l2,
        ((np.full((3, 2, 2, 2), 130, np.uint8), np.zeros((3, 2, 2, 2), np.float32)), (CODE, PRED)),
        (
            "The truth comes as bytes: make floats of them before you subtract 128. Then the mean over everything but the first axis.",
            "`((pred - (code.astype(np.float32) - 128)) ** 2).mean(axis=(1, 2, 3))`",
        ),
        (
            Mistake(
                lambda code, pred: ((pred - code.astype(np.float32)) ** 2).mean(axis=(1, 2, 3)),
                "Only the truth is storage code, in which 128 stands for 0: subtract it from the truth, and from nothing else.",
            ),
            Mistake(
                lambda code, pred: np.mean(losses.l2(code, pred)),
                "One number an image is asked for: keep the first axis, `axis=(1, 2, 3)`.",
            ),
            Mistake(
                lambda code, pred: ((pred - (code - np.uint8(128))) ** 2).mean(axis=(1, 2, 3)),
                "Bytes can't be negative: 100 - 128 became 228. Make floats of them first.",
            ),
            Mistake(
                lambda code, pred: (
                    ((pred - (code.astype(np.float32) - 128)) ** 2).sum(axis=-1).mean(axis=(1, 2))
                ),
                "The two channels are added up here: the result is twice the mean over both.",
            ),
        ),
    ),
    Exercise(
        "2.3",
        "an order that a restart keeps",
        batches.order,
        ((6, 0, 0), (50, 0, 1), (50, 1, 0), (50, 3, 7)),
        (
            "`np.random.default_rng(...)` starts a stream of random numbers from whatever you give it, a list of numbers too.",
            "`np.random.default_rng([seed, epoch]).permutation(count)`",
        ),
        (
            Mistake(
                lambda count, seed, epoch: np.random.default_rng(seed).permutation(count),
                "This is the same order in every epoch: the epoch has to go into the stream's start.",
            ),
            Mistake(
                lambda count, seed, epoch: np.random.default_rng(seed + epoch).permutation(count),
                "Seed 0 in epoch 1 gives what seed 1 gives in epoch 0: runs with neighboring seeds would share most of their orders. "
                "Start from the list [seed, epoch].",
            ),
            Mistake(
                lambda count, seed, epoch: np.random.default_rng([epoch, seed]).permutation(count),
                "Two streams that differ in nothing but their start: the kit's starts from [seed, epoch], in this order.",
            ),
        ),
    ),
    Exercise(
        "2.4",
        "threshold accuracy",
        metrics.threshold_accuracy,
        ((EIGHTS, np.zeros_like(EIGHTS)), (PRED, TRUE), (1.25 * EIGHTS, np.zeros_like(EIGHTS))),
        (
            "How far off is each number, whichever its sign? Which of them are 10 or less? What share of them, in each image?",
            "`np.abs(pred - true) <= 10` is true or false for every number; `.mean(axis=(1, 2, 3))` of that is the share.",
        ),
        (
            Mistake(
                lambda pred, true: (np.abs(pred - true) <= 10).sum(axis=(1, 2, 3)),
                "This is a count. Asked is the share: `mean`, not `sum`.",
            ),
            Mistake(
                lambda pred, true: (np.abs(pred - true) < 10).mean(axis=(1, 2, 3)),
                "Within 10 includes 10 itself: `<=`.",
            ),
            Mistake(
                lambda pred, true: (np.abs(pred - true) <= 10).mean(),
                "One number an image is asked for: keep the first axis.",
            ),
            Mistake(
                lambda pred, true: (pred - true <= 10).mean(axis=(1, 2, 3)),
                "Without `np.abs`, everything that is far too low counts as close.",
            ),
            Mistake(
                lambda pred, true: (np.hypot(*np.moveaxis(pred - true, -1, 0)) <= 10).mean(
                    axis=(1, 2)
                ),
                "You measured the distance: an error of 8 in a* and 8 in b* is 11.3 away. That is a fair rule too (lesson 5 uses it), "
                "but not this one.",
            ),
            Mistake(
                lambda pred, true: (np.abs(pred - true) <= 10).all(axis=-1).mean(axis=(1, 2)),
                "A pixel counts here only if both its numbers are close. By this rule each counts by itself.",
            ),
        ),
    ),
)
