"""Runs and baselines measured on one split, side by side."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from . import baselines, metrics
from .splits import Split


class Predictor(Protocol):
    """What can be evaluated: a run, a baseline."""

    name: str

    def predict(self, L: np.ndarray) -> np.ndarray:
        """L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units."""
        ...


def evaluate(predictors: Iterable[Predictor], train: Split, split: Split) -> list[dict[str, Any]]:
    """Measure the baselines (fitted on `train`) and the predictors on `split`.

    Returns:
        A row for each, baselines first: name, mse (ab units squared), skill (1 - mse / mse of mean color: 0 is no better than one color
        everywhere, 1 is perfect), and the share of color within 10 by each rule.
    """
    fitted = [baseline.fit(train) for baseline in baselines.ALL]
    rows = [_measure(predictor, split) for predictor in [*fitted, *predictors]]
    reference = next(row["mse"] for row in rows if row["name"] == baselines.MeanColor.name)
    for row in rows:
        row["skill"] = 1 - row["mse"] / reference
    return rows


def _measure(predictor: Predictor, split: Split) -> dict[str, Any]:
    pred, true = predictor.predict(split.L), split.ab
    row: dict[str, Any] = {"name": predictor.name, "mse": float(metrics.mse(pred, true).mean())}
    for rule in metrics.RULES:
        row[rule] = float(metrics.threshold_accuracy(pred, true, rule).mean())
    return row


def to_markdown(rows: list[dict[str, Any]]) -> str:
    """The rows of `evaluate` as a Markdown table."""
    lines = ["| predictor | MSE | skill | within 10, per channel | both channels | Euclidean |", "|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        shares = " | ".join(f"{row[rule]:.1%}" for rule in metrics.RULES)
        lines.append(f"| {row['name']} | {row['mse']:.1f} | {row['skill']:+.0%} | {shares} |")
    return "\n".join(lines)
