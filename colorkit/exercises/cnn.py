"""The exercises of lesson 2: receptive field, loss, order of the faces, threshold accuracy."""

import numpy as np

from ..arrays import Ab, PerFace
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
Convolutions = list[tuple[int, int]]  # kernel size and strides of each


# 2.1


def _sum_of_kernels(convolutions: Convolutions) -> int:
    return 1 + sum(kernel - 1 for kernel, _ in convolutions)


def _product_of_kernels(convolutions: Convolutions) -> int:
    return int(np.prod([kernel for kernel, _ in convolutions]))


def _strides_first(convolutions: Convolutions) -> int:
    size = 1
    apart = 1
    for kernel, strides in convolutions:
        apart *= strides
        size += (kernel - 1) * apart
    return size


def _strides_not_multiplied(convolutions: Convolutions) -> int:
    size = 1
    apart = 1
    for kernel, strides in convolutions:
        size += (kernel - 1) * apart
        apart = strides
    return size


RECEPTIVE_FIELD = Exercise(
    number="2.1",
    title="how far a place sees",
    reference=diagrams.receptive_field,
    cases=(
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(3, 2), (3, 1)],),
        ([(3, 2), (3, 1), (5, 2), (3, 1), (1, 1), (3, 2)],),
        ([(4, 3), (2, 1), (3, 1)],),
    ),
    hints=(
        "One 3x3 convolution sees 3 pixels. The next one adds the 2 neighbors of its middle. "
        "All the strides before it, multiplied, say how many pixels apart these are.",
        "Keep two numbers, both 1 at first: `size`, and how far `apart` neighbors are. For each "
        "convolution add `(kernel - 1) * apart` to the first, "
        "and then multiply the second by `strides`.",
    ),
    mistakes=(
        Mistake(
            function=_sum_of_kernels,
            message="The strides make no difference here. "
            "After a stride of 2, neighbors are 2 pixels apart and reach twice as far.",
        ),
        Mistake(
            function=_strides_first,
            message="A convolution's own stride spreads the places of its output, "
            "not those that it looks at: multiply after adding.",
        ),
        Mistake(
            function=_strides_not_multiplied,
            message="Strides multiply along the chain: after two of 2, places are 4 pixels apart.",
        ),
        Mistake(
            function=lambda convolutions: diagrams.receptive_field(convolutions) - 1,
            message="Before any convolution a place sees 1 pixel: begin with 1.",
        ),
        Mistake(
            function=_product_of_kernels,
            message="Kernels add up, they don't multiply: two of 3 see 5 pixels, not 9.",
        ),
    ),
)


# 2.2


def _prediction_taken_for_code(code: np.ndarray, pred: Ab) -> PerFace:
    return ((pred - code.astype(np.float32)) ** 2).mean(axis=(1, 2, 3))


def _bytes_subtracted(code: np.ndarray, pred: Ab) -> PerFace:
    return ((pred - (code - np.uint8(128))) ** 2).mean(axis=(1, 2, 3))


def _channels_added(code: np.ndarray, pred: Ab) -> PerFace:
    squared = (pred - (code.astype(np.float32) - 128)) ** 2
    return squared.sum(axis=-1).mean(axis=(1, 2))


L2 = Exercise(
    number="2.2",
    title="the loss",
    reference=losses.l2,
    cases=(
        (np.full((3, 2, 2, 2), 130, np.uint8), np.zeros((3, 2, 2, 2), np.float32)),
        (CODE, PRED),
    ),
    hints=(
        "The truth comes as bytes: turn them into floats before you subtract 128. "
        "Then take the mean over every axis but the first.",
        "`((pred - (code.astype(np.float32) - 128)) ** 2).mean(axis=(1, 2, 3))`",
    ),
    mistakes=(
        Mistake(
            function=_prediction_taken_for_code,
            message="Only the truth is storage code, in which 128 stands for 0: "
            "subtract it from the truth, and from nothing else.",
        ),
        Mistake(
            function=lambda code, pred: np.mean(losses.l2(code, pred)),
            message="One number per image is asked for: keep the first axis, `axis=(1, 2, 3)`.",
        ),
        Mistake(
            function=_bytes_subtracted,
            message="Bytes can't be negative: 100 - 128 became 228. Turn them into floats first.",
        ),
        Mistake(
            function=_channels_added,
            message="The two channels are added up here: the result is twice the mean over both.",
        ),
    ),
)


# 2.3


def _same_in_every_epoch(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng(seed).permutation(count)


def _seed_plus_epoch(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng(seed + epoch).permutation(count)


def _epoch_first(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([epoch, seed]).permutation(count)


ORDER = Exercise(
    number="2.3",
    title="an order that a restart keeps",
    reference=batches.order,
    cases=(
        (6, 0, 0),
        (50, 0, 1),
        (50, 1, 0),
        (50, 3, 7),
    ),
    hints=(
        "`np.random.default_rng(...)` starts a stream of random numbers from whatever you give it, "
        "including a list of numbers.",
        "`np.random.default_rng([seed, epoch]).permutation(count)`",
    ),
    mistakes=(
        Mistake(
            function=_same_in_every_epoch,
            message="This is the same order in every epoch: "
            "the stream has to start from the epoch, too.",
        ),
        Mistake(
            function=_seed_plus_epoch,
            message="Seed 0 in epoch 1 gives what seed 1 gives in epoch 0: runs with neighboring "
            "seeds would share most of their orders. Start from the list [seed, epoch].",
        ),
        Mistake(
            function=_epoch_first,
            message="This differs from the kit's order only in where the stream starts: "
            "the kit's starts from [seed, epoch], in this order.",
        ),
    ),
)


# 2.4


def _count(pred: Ab, true: Ab) -> np.ndarray:
    return (np.abs(pred - true) <= 10).sum(axis=(1, 2, 3))


def _below_10(pred: Ab, true: Ab) -> np.ndarray:
    return (np.abs(pred - true) < 10).mean(axis=(1, 2, 3))


def _signed(pred: Ab, true: Ab) -> np.ndarray:
    return (pred - true <= 10).mean(axis=(1, 2, 3))


def _by_distance(pred: Ab, true: Ab) -> np.ndarray:
    distance = np.hypot(*np.moveaxis(pred - true, -1, 0))  # (N, H, W)
    return (distance <= 10).mean(axis=(1, 2))


def _by_pixel(pred: Ab, true: Ab) -> np.ndarray:
    both = (np.abs(pred - true) <= 10).all(axis=-1)  # (N, H, W)
    return both.mean(axis=(1, 2))


THRESHOLD_ACCURACY = Exercise(
    number="2.4",
    title="threshold accuracy",
    reference=metrics.threshold_accuracy,
    cases=(
        (EIGHTS, np.zeros_like(EIGHTS)),
        (PRED, TRUE),
        (1.25 * EIGHTS, np.zeros_like(EIGHTS)),
    ),
    hints=(
        "How far off is each number, whatever its sign? Which of them are 10 or less? "
        "What share of them, in each image?",
        "`np.abs(pred - true) <= 10` is true or false for every number; "
        "`.mean(axis=(1, 2, 3))` of that is the share.",
    ),
    mistakes=(
        Mistake(
            function=_count,
            message="This is a count. The share is asked for: `mean`, not `sum`.",
        ),
        Mistake(
            function=_below_10,
            message="Within 10 includes 10 itself: `<=`.",
        ),
        Mistake(
            function=lambda pred, true: (np.abs(pred - true) <= 10).mean(),
            message="One number per image is asked for: keep the first axis.",
        ),
        Mistake(
            function=_signed,
            message="Without `np.abs`, everything that is far too low counts as close.",
        ),
        Mistake(
            function=_by_distance,
            message="You measured the distance: an error of 8 in a* and 8 in b* is 11.3 away. "
            "That is a fair rule too (lesson 5 uses it), but not this one.",
        ),
        Mistake(
            function=_by_pixel,
            message="Here a pixel counts only if both its numbers are close. "
            "By this rule each number counts by itself.",
        ),
    ),
)


EXERCISES = (RECEPTIVE_FIELD, L2, ORDER, THRESHOLD_ACCURACY)
