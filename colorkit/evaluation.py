"""Runs and baselines measured on one split, side by side."""

import itertools
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from . import baselines, intervals, metrics
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
        A row for each, baselines first: name, errors (the MSE of each face, ab units squared), mse (their mean), low, high (the ends of its
        95 % interval), skill (against mean color), the share of color within 10 by each rule, auc.
    """
    fitted = [baseline.fit(train) for baseline in baselines.ALL]
    rows = [_measure(predictor, split) for predictor in [*fitted, *predictors]]
    reference = next(row["errors"] for row in rows if row["name"] == baselines.MeanColor.name)
    for row in rows:
        row["skill"] = metrics.skill(row["errors"], reference)
    return rows


def _measure(predictor: Predictor, split: Split) -> dict[str, Any]:
    pred, true = predictor.predict(split.L), split.ab
    errors = metrics.mse(pred, true)
    low, high = intervals.bootstrap(errors)
    row = {"name": predictor.name, "errors": errors.tolist(), "mse": float(errors.mean()), "low": low, "high": high}
    shares = {rule: float(metrics.threshold_accuracy(pred, true, rule).mean()) for rule in metrics.RULES}
    return row | shares | {"auc": float(metrics.auc(pred, true).mean())}


def to_markdown(rows: list[dict[str, Any]]) -> str:
    """The rows of `evaluate` as a Markdown table."""
    lines = [
        "| predictor | MSE | 95 % interval | skill | within 10, per channel | both channels | Euclidean | AuC |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        shares = " | ".join(f"{row[name]:.1%}" for name in (*metrics.RULES, "auc"))
        interval = f"{row['low']:.1f} to {row['high']:.1f}"
        lines.append(f"| {row['name']} | {row['mse']:.1f} | {interval} | {row['skill']:+.0%} | {shares} |")
    return "\n".join(lines)


def differences(rows: list[dict[str, Any]]) -> list[str]:
    """What may be said of each row's MSE against the next worse one's, face by face: a line each, the best first."""
    ordered = sorted(rows, key=lambda row: row["mse"])
    lines = []
    for better, worse in itertools.pairwise(ordered):
        change = np.subtract(better["errors"], worse["errors"])
        low, high = intervals.bootstrap(change)
        said = intervals.verdict(better["errors"], worse["errors"])
        lines.append(f"{better['name']} against {worse['name']}: {change.mean():.1f} ({low:.1f} to {high:.1f}), {said}")
    return lines
