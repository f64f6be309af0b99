"""Right and wrong answers to the exercises of lesson 3.

The right ones go into a copy of the lesson, so each of them stands by itself.
"""

import itertools

import numpy as np


def my_halved(size, times):
    sizes = [size]
    for _ in range(times):
        sizes.append(int(np.ceil(sizes[-1] / 2)))
    return sizes


def my_learning(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def my_since_best(history):
    errors = [record["val_mse"] for record in history]
    return len(errors) - 1 - int(np.argmin(errors)) if errors else 0


def my_halvings(history, patience):
    count, since, best = 0, 0, np.inf
    for record in history:
        since = since + 1 if record["val_mse"] >= best else 0
        best = min(best, record["val_mse"])
        if since == patience > 0:
            count += 1
            since = 0
    return count


RIGHT = {"3.1": my_halved, "3.2": my_learning, "3.3": my_since_best, "3.4": my_halvings}


def never_resets(history, patience):
    worse, best = 0, np.inf
    for record in history:
        worse += record["val_mse"] > best
        best = min(best, record["val_mse"])
    return worse // patience if patience else 0


def rounds_down(size, times):
    sizes = [size]
    for _ in range(times):
        sizes.append(sizes[-1] // 2)
    return sizes


def stops_at_1(size, times):
    sizes = [size]
    while len(sizes) <= times and sizes[-1] > 1:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def down_to_0(size, times):
    sizes = [size]
    for _ in range(times):
        sizes.append((sizes[-1] + 1) // 2 if sizes[-1] > 1 else 0)
    return sizes


def divides(size, times):
    return [size / 2**time for time in range(times + 1)]


def no_empty_history(history):
    errors = [record["val_mse"] for record in history]
    return len(errors) - 1 - errors.index(min(errors))


def last_best(history):
    errors = [record["val_mse"] for record in history]
    return errors[::-1].index(min(errors)) if errors else 0


def halves_the_best_too(history, patience):
    """Wait for an error below that of the latest halving."""
    count, since, best = 0, 0, np.inf
    for record in history:
        since = since + 1 if record["val_mse"] >= best else 0
        best = min(best, record["val_mse"])
        if since == patience > 0:
            count, since, best = count + 1, 0, record["val_mse"]
    return count


def forgets_the_best(history, patience):
    waited = sum(
        after["val_mse"] >= before["val_mse"] for before, after in itertools.pairwise(history)
    )
    return waited // patience if patience else 0


WRONG = {
    "3.1": [
        (rounds_down, "`//` rounds down"),
        (lambda size, times: my_halved(size, times)[1:], "begin with the size itself"),
        (lambda size, times: my_halved(size, times)[-1], "All the sizes are asked for"),
        (stops_at_1, "expected 5 items, got 3; .*size = 3, times = 4"),
        (down_to_0, "in item 3: expected 1, got 0"),
        (divides, "in item 0: expected type int64, got float64"),
        (lambda size, times: my_halved(size, times - 1), "expected 3 items, got 2"),
    ],
    "3.2": [
        (lambda model: model.count_params(), "These are all values"),
        (lambda model: len(model.trainable_weights), "This counts arrays"),
        (
            lambda model: sum(layer.count_params() for layer in model.layers if layer.trainable),
            "the moving averages, are not learned",
        ),
        (
            lambda model: [weight.shape for weight in model.trainable_weights],
            "expected 19, got a list of 6",
        ),
    ],
    "3.3": [
        (
            lambda history: my_since_best([{"val_mse": record["mse"]} for record in history]),
            "This looks at the training error",
        ),
        (
            lambda history: len(history) - 1 - my_since_best(history) if history else 0,
            "counted from the start",
        ),
        (
            lambda history: sum(
                b["val_mse"] > a["val_mse"] for a, b in itertools.pairwise(history)
            ),
            "worse than the one before",
        ),
        (no_empty_history, r"raised ValueError in its line 3: .*empty"),
        (
            lambda history: my_since_best(
                [{"val_mse": int(record["val_mse"])} for record in history]
            ),
            "expected 1, got 2",
        ),
        (last_best, "expected 3, got 1"),
    ],
    "3.4": [
        (
            lambda history, patience: my_since_best(history) // patience if patience else 0,
            "they stay counted",
        ),
        (
            lambda history, patience: int(bool(patience) and my_since_best(history) >= patience),
            "more than once",
        ),
        (
            lambda history, patience: my_halvings(history, patience or 1),
            r"expected 0, got 6; .*patience = 0",
        ),
        (halves_the_best_too, "expected 2, got 1; .*patience = 2"),
        (
            lambda history, patience: my_halvings(history, patience if patience > 1 else 0),
            "expected 4, got 0; .*patience = 1",
        ),
        (forgets_the_best, "expected 0, got 1; .*helps"),
        (never_resets, "set the waiting back to 0"),
    ],
}
