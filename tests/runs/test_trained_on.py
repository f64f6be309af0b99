"""Whom a run was trained on is remembered in hashes, and found again in other splits."""

import json

import numpy as np
import pytest
from helpers import picture

from colorkit.color import rgb_to_lab, to_storage
from colorkit.data.splits import Split
from colorkit.runs.trained_on import Seen, TrainedOn


def make_split(names: str, pictures: range) -> Split:
    """Make a split of one-letter people with numbered pictures."""
    lab = np.stack([to_storage(rgb_to_lab(picture(seed))) for seed in pictures])
    return Split(lab, np.array(list(names)))


TRAIN = make_split("abcd", range(4))


@pytest.mark.parametrize(
    ("judged", "seen"),
    [
        (make_split("xyz", range(10, 13)), Seen(0, 0, 3)),
        (make_split("abx", range(0, 3)), Seen(3, 0, 3)),  # x is c, under another name
        (make_split("axy", range(0, 30, 10)), Seen(1, 0, 3)),
        # another picture of b, in a source that the picture of a gives away
        (make_split("aby", range(0, 30, 10)), Seen(2, 0, 3)),
        # two pictures of a person are one person
        (make_split("aay", range(0, 30, 10)), Seen(1, 0, 2)),
        # sources that number their people share names, and nothing else
        (make_split("abz", range(10, 13)), Seen(0, 2, 3)),
    ],
)
def test_people_are_found_by_their_pictures_and_then_by_their_names(judged, seen):
    assert TrainedOn.of(TRAIN).seen_in(judged) == seen


def test_json_and_back():
    kept = TrainedOn.of(TRAIN)
    back = TrainedOn.from_json(json.loads(json.dumps(kept.to_json())))
    assert back.faces == 4
    assert back.seen_in(TRAIN) == Seen(4, 0, 4)
    assert back.people.tolist() == kept.people.tolist()
    assert back.pictures.tolist() == kept.pictures.tolist()


def test_a_hash_is_the_same_on_every_machine():
    assert TrainedOn.of(make_split("a", range(1))).to_json()["people"] == "ypeBEsobvco="
    # the first 8 bytes of SHA-256 of "a": ca 97 81 12 ca 1b bd ca


def test_20000_people_stay_small():
    hashes = np.arange(20_000, dtype=np.uint64)
    assert len(json.dumps(TrainedOn(20_000, hashes, hashes).to_json())) < 450_000


def test_who_was_trained_on_before_stays():
    both = TrainedOn.of(make_split("xy", range(8, 10))).with_earlier(TrainedOn.of(TRAIN))
    assert both.faces == 2
    assert both.seen_in(TRAIN) == Seen(4, 0, 4)
    assert both.seen_in(make_split("xy", range(8, 10))) == Seen(2, 0, 2)


def test_names_of_all_letters_are_hashed():
    names = np.array(["José", "अनीता", "\udcff"])
    people = Split(TRAIN.lab[:3], names)
    assert TrainedOn.of(people).seen_in(people) == Seen(3, 0, 3)
