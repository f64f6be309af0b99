"""The HTML page of an evaluation; that the command line writes it is in test_cli."""

import re

import numpy as np
import pytest

from colorkit.data import splits, tones
from colorkit.evaluation import audit, baselines, comparison
from colorkit.plots import page

pytestmark = [pytest.mark.slow, pytest.mark.newest]


class Painted:
    """A run that paints one color and once had a history."""

    def __init__(self, name: str, color: tuple[float, float]):
        self.history = [
            {"epoch": 1, "mse": 9.0, "accuracy": 0.5, "val_mse": 9.0, "val_accuracy": 0.5}
        ]
        self.name, self._paint = name, baselines.MeanColor(np.array(color))

    def predict(self, L):
        return self._paint.predict(L)


@pytest.mark.parametrize(
    ("people", "shown"), [(12, [0, 1, 2, 4, 5, 6, 9, 10, 11]), (4, [0, 1, 2, 3]), (1, [0])]
)
def test_faces_are_sorted_by_what_the_runs_make_of_them_together(people, shown):
    """Each person has two pictures; the errors are of people, in order of first appearance."""
    names = [f"p{number}" for number in np.random.default_rng(0).permutation(people)]
    judged = splits.Split(np.zeros((2 * people, 112, 112, 3), np.uint8), np.array(names * 2))
    judged.lab[:, 0, 0, 0] = [int(name[1:]) for name in names * 2]
    errors = np.array([float(name[1:]) for name in names])
    rows = [
        comparison.Evaluated("a", errors, {}),
        comparison.Evaluated("b", errors * 3, {}),
        comparison.Evaluated("grey", -errors * 9, {}),
    ]
    faces = page.sorted_faces(rows, [Painted("a", (0, 0)), Painted("b", (0, 0))], judged)
    assert faces.lab[:, 0, 0, 0].tolist() == shown
    assert faces.identities.tolist() == [f"p{number}" for number in shown]


@pytest.fixture
def few_people(monkeypatch) -> None:
    """Judge 20 of the kit's 100 people in five lights, two of each tone."""
    lit, drawn = tones.five_lights()
    monkeypatch.setattr(tones, "five_lights", lambda: (lit.take(100), drawn[:100]))


def test_names_of_runs_are_text_not_html(train, val, few_people):
    run = Painted("<script>alert(1)</script>", (9, 12))
    rows = comparison.evaluate([run], train, val)
    written = page.to_html(
        "test", rows, [run], (train, val, val), audit.audit_report([run], train, val)
    )
    assert "<script>" not in written
    assert "&lt;script&gt;" in written
    assert re.search(r"<td[^>]*>mean color given L</td>", written)
