import numpy as np
import pytest

from colorkit.training import segments
from colorkit.training.segments import Result, Segment


@pytest.mark.parametrize(
    ("batches", "lengths"),
    [(1, [1]), (99, [99]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])],
)
def test_segments_cover_every_batch_once_and_in_order(batches, lengths):
    plan = segments.cut_segments("model", batches)
    assert [segment.stop - segment.start for segment in plan] == lengths
    covered = [index for segment in plan for index in range(segment.start, segment.stop)]
    assert covered == list(range(batches))
    assert {segment.turn for segment in plan} == {"model"}


def test_the_length_of_a_segment_can_be_changed(monkeypatch):
    """Tests shorten it."""
    monkeypatch.setattr(segments, "BATCHES", 2)
    assert segments.cut_segments("judge", 3) == [Segment("judge", 0, 2), Segment("judge", 2, 3)]


def test_means_are_those_over_all_faces():
    """Of metrics that are means over 5, 5 and 2 faces; other turns don't count."""
    errors = np.random.default_rng(0).random(12)
    parts = errors[:5], errors[5:10], errors[10:]
    results = [Result("generator", len(part), {"mse": part.mean(), "faces": 1.0}) for part in parts]
    other = Result("discriminator", 7, {"loss": 99.0})
    means = segments.mean_results([results[0], other, *results[1:]], "generator")
    assert means == {"mse": pytest.approx(errors.mean(), rel=1e-12), "faces": 1.0}


def test_the_metrics_of_one_segment_are_those_of_the_epoch():
    """To the last bit: multiplied by 3 and divided again they might not be."""
    metrics = {"mse": 0.1 + 0.2}
    assert segments.mean_results([Result("model", 3, metrics)], "model") == metrics


def test_a_turn_that_nobody_had_has_no_metrics():
    assert segments.mean_results([Result("generator", 4, {"mse": 1.0})], "discriminator") == {}
    assert segments.mean_results([], "generator") == {}
