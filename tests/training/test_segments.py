import numpy as np
import pytest

from colorkit.training import segments
from colorkit.training.segments import Result, Segment


@pytest.mark.parametrize(
    ("batches", "lengths"),
    [(1, [1]), (99, [99]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])],
)
def test_legs_cover_every_batch_once_and_in_order(batches, lengths):
    plan = segments.cut_segments("model", batches)
    assert [leg.stop - leg.start for leg in plan] == lengths
    assert [index for leg in plan for index in range(leg.start, leg.stop)] == list(range(batches))
    assert {leg.turn for leg in plan} == {"model"}


def test_the_length_of_a_leg_can_be_changed(monkeypatch):
    """Tests shorten it."""
    monkeypatch.setattr(segments, "BATCHES", 2)
    assert segments.cut_segments("judge", 3) == [Segment("judge", 0, 2), Segment("judge", 2, 3)]


def test_means_are_those_over_all_faces():
    """Of figures that are means over 5, 5 and 2 faces; other turns don't count."""
    errors = np.random.default_rng(0).random(12)
    parts = errors[:5], errors[5:10], errors[10:]
    results = [Result("generator", len(part), {"mse": part.mean(), "faces": 1.0}) for part in parts]
    other = Result("discriminator", 7, {"loss": 99.0})
    means = segments.mean_results([results[0], other, *results[1:]], "generator")
    assert means == {"mse": pytest.approx(errors.mean(), rel=1e-12), "faces": 1.0}


def test_the_figures_of_one_leg_are_those_of_the_epoch():
    """To the last bit: multiplied by 3 and divided again they might not be."""
    figures = {"mse": 0.1 + 0.2}
    assert segments.mean_results([Result("model", 3, figures)], "model") == figures


def test_a_turn_that_nobody_had_has_no_figures():
    assert segments.mean_results([Result("generator", 4, {"mse": 1.0})], "discriminator") == {}
    assert segments.mean_results([], "generator") == {}
