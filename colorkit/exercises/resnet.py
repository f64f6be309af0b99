"""The exercises of lesson 3."""

import itertools

import keras

from ..models import cnn
from ..plots import diagrams
from ..runs import journal
from .exercise import Exercise, Mistake


def _small(frozen: bool) -> keras.Model:
    """A dense layer, a batch normalization and another dense layer; the first one frozen or not."""
    first = keras.layers.Dense(3, trainable=not frozen)
    return keras.Sequential(
        [keras.Input((2,)), first, keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    )


def _history(*errors: float) -> list[dict]:
    return [{"mse": 50 - epoch, "val_mse": error} for epoch, error in enumerate(errors, 1)]


def _to_even(size: int, times: int) -> list[int]:
    sizes = [size]
    for _ in range(times):
        sizes.append(round(sizes[-1] / 2))
    return sizes


def _never_at_0(history: list[dict], patience: int) -> int:
    """Halves in every epoch from the first that was waited for on."""
    since = [journal.since_best(history[: end + 1]) for end in range(len(history))]
    return sum(waited >= patience for waited in since) if patience else 0


def _never_reset(history: list[dict], patience: int) -> int:
    best = [min(record["val_mse"] for record in history[: end + 1]) for end in range(len(history))]
    worse = sum(record["val_mse"] > lowest for record, lowest in zip(history, best, strict=True))
    return worse // patience if patience else 0


TURNS = _history(70, 64, 66, 63, 65, 62, 64)
LEVEL = _history(60, 60, 60, 60)
LONG = _history(70, 72, 71, 73, 60, 62, 61, 63, 64, 65, 58, 59)
UP_AND_DOWN = _history(70, 64, 66, 65, 63, 64, 65, 66, 67)

EXERCISES = (
    Exercise(
        "3.1",
        "the sizes on the way down",
        cnn.halved,
        ((8, 2), (112, 5), (5, 3), (112, 0)),
        (
            "Half of an odd number is rounded up: 7 becomes 4, because the picture is padded at its edge. The list begins with the size "
            "itself.",
            "Begin with `sizes = [size]`, and append `(sizes[-1] + 1) // 2` as often as it says.",
        ),
        (
            Mistake(
                lambda size, times: [size // 2**time for time in range(times + 1)],
                "`//` rounds down. With padding a row that is left over makes a place of its own: 7 becomes 4.",
            ),
            Mistake(
                lambda size, times: [float(one) for one in cnn.halved(size, times)],
                "These are decimal numbers. Sizes are whole: `(size + 1) // 2`, or `math.ceil(size / 2)`.",
            ),
            Mistake(
                _to_even,
                "`round` takes halves to the even number: round(2.5) is 2. With padding, 5 becomes 3.",
            ),
            Mistake(
                lambda size, times: cnn.halved(size, times)[1:],
                "The list should begin with the size itself, before any halving.",
            ),
            Mistake(
                lambda size, times: cnn.halved(size, times)[-1],
                "All the sizes are asked for, not only the last: the decoder needs each.",
            ),
        ),
    ),
    Exercise(
        "3.2",
        "what learns",
        diagrams.learning,
        ((_small(False),), (_small(True),)),
        (
            "Keras keeps a list of those weights that training changes, `model.trainable_weights`. Each is an array: count its numbers.",
            "`sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)`",
        ),
        (
            Mistake(
                lambda model: model.count_params(),
                "These are all values. Frozen layers don't learn, and a batch normalization's moving averages are kept, not learned.",
            ),
            Mistake(
                lambda model: len(model.trainable_weights),
                "This counts arrays. How many numbers are in each?",
            ),
            Mistake(
                lambda model: sum(
                    layer.count_params() for layer in model.layers if layer.trainable
                ),
                "A batch normalization is trainable, yet two of its four arrays, the moving averages, are not learned: "
                "`model.trainable_weights` leaves them out.",
            ),
        ),
    ),
    Exercise(
        "3.3",
        "early stopping",
        journal.since_best,
        ((_history(70, 65, 60),), (_history(70, 64, 66, 65),), (_history(60, 64, 60, 61),), ([],)),
        (
            "Where in the list of validation errors is the lowest one, and how many come after it? An empty history has none.",
            '`errors = [record["val_mse"] for record in history]`, then `len(errors) - 1 - errors.index(min(errors))`; without any, 0.',
        ),
        (
            Mistake(
                lambda history: journal.since_best(
                    [record | {"val_mse": record["mse"]} for record in history]
                ),
                "This looks at the training error, which falls on while the model learns its faces by heart. Stop by validation: "
                "`val_mse`.",
            ),
            Mistake(
                lambda history: next(
                    (
                        place
                        for place, r in enumerate(history)
                        if r["val_mse"] == min(h["val_mse"] for h in history)
                    ),
                    0,
                ),
                "This is where the best epoch is, counted from the start. How many epochs have passed *since*?",
            ),
            Mistake(
                lambda history: sum(
                    after["val_mse"] > before["val_mse"]
                    for before, after in itertools.pairwise(history)
                ),
                "You counted the epochs that were worse than the one before. What counts is how long the best one has not been beaten.",
            ),
        ),
    ),
    Exercise(
        "3.4",
        "a learning rate that waits",
        journal.halvings,
        (
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
        ),
        (
            "Go through the history with three numbers: how often it was halved, how many epochs were waited, and the best error so far. "
            "A halving begins the waiting anew.",
            "A new best sets the waiting to 0, anything else adds 1 to it. When it reaches `patience`, count a halving and set it to 0. "
            "A patience of 0 never halves.",
        ),
        (
            Mistake(
                lambda history, patience: (
                    journal.since_best(history) // patience if patience else 0
                ),
                "A new best ends the waiting, but not the halvings before it: they stay counted.",
            ),
            Mistake(
                _never_at_0,
                "After a halving the waiting begins at 0 again: the next one comes `patience` epochs later.",
            ),
            Mistake(
                _never_reset,
                "A new best must set the waiting back to 0: only epochs in a row count.",
            ),
            Mistake(
                lambda history, patience: int(
                    bool(patience) and journal.since_best(history) >= patience
                ),
                "It can be halved more than once: after each halving the waiting begins anew.",
            ),
        ),
    ),
)
