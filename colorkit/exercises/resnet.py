"""The exercises of lesson 3: sizes, trainable values, early stopping, a falling learning rate."""

import itertools

import keras

from ..models import cnn
from ..plots import diagrams
from ..runs import journal
from .exercise import Exercise, Mistake

History = list[dict[str, float]]  # a record an epoch


def _build_small(frozen: bool) -> keras.Model:
    """Build two dense layers with a batch normalization between them; the first may be frozen."""
    first = keras.layers.Dense(3, trainable=not frozen)
    return keras.Sequential(
        [keras.Input((2,)), first, keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    )


def _history(*errors: float) -> History:
    return [{"mse": 50 - epoch, "val_mse": error} for epoch, error in enumerate(errors, 1)]


TURNS = _history(70, 64, 66, 63, 65, 62, 64)
LEVEL = _history(60, 60, 60, 60)
LONG = _history(70, 72, 71, 73, 60, 62, 61, 63, 64, 65, 58, 59)
WORSE = _history(60, 64, 66, 65, 67)
UP_AND_DOWN = _history(70, 64, 66, 65, 63, 64, 65, 66, 67)


# 3.1


def _rounded_down(size: int, times: int) -> list[int]:
    return [size // 2**time for time in range(times + 1)]


def _decimal_numbers(size: int, times: int) -> list[float]:
    return [float(one) for one in cnn.halved(size, times)]


def _rounded_to_even(size: int, times: int) -> list[int]:
    sizes = [size]
    for _ in range(times):
        sizes.append(round(sizes[-1] / 2))
    return sizes


HALVED = Exercise(
    number="3.1",
    title="the sizes on the way down",
    reference=cnn.halved,
    cases=(
        (8, 2),
        (112, 5),
        (5, 3),
        (112, 0),
        (3, 4),
    ),
    hints=(
        "Half of an odd number is rounded up: 7 becomes 4, because the picture is padded at its "
        "edge. The list begins with the size itself.",
        "Begin with `sizes = [size]`, and append `(sizes[-1] + 1) // 2`, `times` times.",
    ),
    mistakes=(
        Mistake(
            function=_rounded_down,
            message="`//` rounds down. With padding a row that is left over makes a place of its "
            "own: 7 becomes 4.",
        ),
        Mistake(
            function=_decimal_numbers,
            message="These are decimal numbers. Sizes are whole: `(size + 1) // 2`, "
            "or `math.ceil(size / 2)`.",
        ),
        Mistake(
            function=_rounded_to_even,
            message="`round` takes halves to the even number: round(2.5) is 2. "
            "With padding, 5 becomes 3.",
        ),
        Mistake(
            function=lambda size, times: cnn.halved(size, times)[1:],
            message="The list should begin with the size itself, before any halving.",
        ),
        Mistake(
            function=lambda size, times: cnn.halved(size, times)[-1],
            message="All the sizes are asked for, not only the last: the decoder needs each one.",
        ),
    ),
)


# 3.2


def _of_trainable_layers(model: keras.Model) -> int:
    return sum(layer.count_params() for layer in model.layers if layer.trainable)


LEARNING = Exercise(
    number="3.2",
    title="what learns",
    reference=diagrams.learning,
    cases=(
        (_build_small(frozen=False),),
        (_build_small(frozen=True),),
    ),
    hints=(
        "Keras keeps a list of the weights that training changes, `model.trainable_weights`. "
        "Each is an array: count its numbers.",
        "`sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)`",
    ),
    mistakes=(
        Mistake(
            function=lambda model: model.count_params(),
            message="These are all values. Frozen layers don't learn, and the moving averages of "
            "a batch normalization are recorded, not learned.",
        ),
        Mistake(
            function=lambda model: len(model.trainable_weights),
            message="This counts arrays. How many numbers are in each?",
        ),
        Mistake(
            function=_of_trainable_layers,
            message="A batch normalization is trainable, but two of its four arrays, "
            "the moving averages, are not learned: `model.trainable_weights` leaves them out.",
        ),
    ),
)


# 3.3


def _by_training_error(history: History) -> int:
    return journal.since_best([record | {"val_mse": record["mse"]} for record in history])


def _best_from_the_start(history: History) -> int:
    errors = [record["val_mse"] for record in history]
    return errors.index(min(errors)) if errors else 0


def _worse_than_the_one_before(history: History) -> int:
    errors = [record["val_mse"] for record in history]
    return sum(after > before for before, after in itertools.pairwise(errors))


SINCE_BEST = Exercise(
    number="3.3",
    title="early stopping",
    reference=journal.since_best,
    cases=(
        (_history(70, 65, 60),),
        (_history(70, 64, 66, 65),),
        (_history(60, 64, 60, 61),),
        ([],),
        (_history(60.5, 60.2, 60.4),),
    ),
    hints=(
        "Where in the list of validation errors is the lowest one, and how many come after it? "
        "An empty history has none.",
        '`errors = [record["val_mse"] for record in history]`, then '
        "`len(errors) - 1 - errors.index(min(errors))`; without any errors, 0.",
    ),
    mistakes=(
        Mistake(
            function=_by_training_error,
            message="This looks at the training error, which keeps falling while the model learns "
            "its faces by heart. Stop by validation: `val_mse`.",
        ),
        Mistake(
            function=_best_from_the_start,
            message="This is where the best epoch is, counted from the start. "
            "How many epochs have passed *since*?",
        ),
        Mistake(
            function=_worse_than_the_one_before,
            message="You counted the epochs that were worse than the one before. "
            "What counts is how long the best one has not been beaten.",
        ),
    ),
)


# 3.4


def _forgotten_at_a_new_best(history: History, patience: int) -> int:
    return journal.since_best(history) // patience if patience else 0


def _never_at_0(history: History, patience: int) -> int:
    """Halve in every epoch, once the first wait is over."""
    since = [journal.since_best(history[: end + 1]) for end in range(len(history))]
    return sum(waited >= patience for waited in since) if patience else 0


def _never_reset(history: History, patience: int) -> int:
    errors = [record["val_mse"] for record in history]
    best = itertools.accumulate(errors, min)
    worse = sum(error > lowest for error, lowest in zip(errors, best, strict=True))
    return worse // patience if patience else 0


def _at_most_once(history: History, patience: int) -> int:
    return int(bool(patience) and journal.since_best(history) >= patience)


HALVINGS = Exercise(
    number="3.4",
    title="a learning rate that waits",
    reference=journal.halvings,
    cases=(
        (_history(70, 65, 60), 2),
        (_history(70, 71, 72), 2),
        (TURNS, 2),
        (UP_AND_DOWN, 2),
        (UP_AND_DOWN, 3),
        (UP_AND_DOWN, 0),
        (LEVEL, 2),
        (LONG, 2),
        (LONG, 3),
        ([], 2),
        (WORSE, 2),
        (WORSE, 1),
    ),
    hints=(
        "Go through the history with three numbers: the halvings so far, the epochs waited, and "
        "the best error so far. After a halving the waiting starts over.",
        "A new best sets the waiting to 0, anything else adds 1 to it. When it reaches `patience`, "
        "count a halving and set it to 0. A patience of 0 never halves.",
    ),
    mistakes=(
        Mistake(
            function=_forgotten_at_a_new_best,
            message="A new best ends the waiting, but not the halvings before it: "
            "they stay counted.",
        ),
        Mistake(
            function=_never_at_0,
            message="After a halving the waiting starts over at 0: "
            "the next halving comes `patience` epochs later.",
        ),
        Mistake(
            function=_never_reset,
            message="A new best must set the waiting back to 0: only epochs in a row count.",
        ),
        Mistake(
            function=_at_most_once,
            message="The learning rate can be halved more than once: "
            "after each halving the waiting starts over.",
        ),
    ),
)


EXERCISES = (HALVED, LEARNING, SINCE_BEST, HALVINGS)
