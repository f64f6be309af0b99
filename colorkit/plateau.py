"""What a run does when validation stops getting better. All of it follows from the history, so nothing is lost in a restart."""


def since_best(history: list[dict]) -> int:
    """How many epochs ago the validation MSE was at its lowest; 0 for an empty history."""
    errors = [record["val_mse"] for record in history]
    return len(errors) - 1 - errors.index(min(errors)) if errors else 0


def halvings(history: list[dict], patience: int) -> int:
    """How often the learning rate has been halved: each time that `patience` epochs passed without a new best.

    Args:
        history: of the epochs done.
        patience: epochs; 0 for never.
    """
    count, waited, best = 0, 0, float("inf")
    for record in history:
        waited = 0 if record["val_mse"] < best else waited + 1
        best = min(best, record["val_mse"])
        if patience and waited == patience:
            count, waited = count + 1, 0
    return count
