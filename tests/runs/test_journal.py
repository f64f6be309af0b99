import json
from dataclasses import asdict

import pytest

from colorkit.runs.checkpoints import Place
from colorkit.runs.journal import START, Journal
from colorkit.training.segments import Result

RESULTS = [
    Result("generator", 8, {"color_mse": 0.1 + 0.2, "loss": 1e-30}),
    Result("discriminator", 8, {"loss": 1 / 3}),
]


def test_a_new_run_has_nothing():
    assert Journal().place == START == Place(0, 0)


def test_a_leg_further():
    journal = Journal([{"epoch": 1}], [2.0], encoder="imagenet")
    once = journal.after_leg(RESULTS, 3.5)
    twice = once.after_leg(RESULTS[:1], 4.5)
    assert journal.place == Place(1, 0)
    assert (once.place, once.results, once.spent) == (Place(1, 1), RESULTS, 3.5)
    assert (twice.place, twice.results, twice.spent) == (Place(1, 2), [*RESULTS, RESULTS[0]], 4.5)
    assert twice.encoder == "imagenet"


def test_an_epoch_further_begins_the_next_with_nothing():
    journal = Journal([{"epoch": 1}], [2.0], RESULTS, 4, 3.5, "imagenet")
    done = journal.after_epoch({"mse": 1.5}, 7.006)
    assert done == Journal(
        [{"epoch": 1}, {"epoch": 2, "mse": 1.5}], [2.0, 7.01], [], 0, 0.0, "imagenet"
    )
    assert journal.history == [{"epoch": 1}]  # the old one is as it was


def test_json_and_back_is_exact():
    journal = Journal([{"epoch": 1, "mse": 0.1 + 0.2}], [2.0], RESULTS, 3, 0.1, "untrained")
    assert Journal.from_json(json.loads(json.dumps(asdict(journal)))) == journal
    assert Journal.from_json(json.loads(json.dumps(asdict(Journal())))) == Journal()


def test_fields_that_it_does_not_know_are_refused():
    """Another version's checkpoint is not half understood."""
    with pytest.raises(TypeError):
        Journal.from_json(asdict(Journal()) | {"best": 1})
