"""Damage a checkpoint's files at a thousand random places.

Each damage is found, or it is harmless: what is loaded is what was saved.
"""

import random

import numpy as np
import pytest

from colorkit.runs.checkpoints import ARRAYS, MANIFEST, STATE, Store
from colorkit.runs.places import Place
from colorkit.runs.storage import DamagedError

PLACE = Place(3, 1)
VALUES = {
    "model/0000": np.random.default_rng(0).normal(size=(20, 10)).astype(np.float32),
    "optimizer/0000": np.array(7),
}
SAVED_STATE = {"history": [1.5, 2.5], "note": "what isn't an array"}


@pytest.fixture
def store(memory) -> Store:
    filled = Store(memory / "run")
    filled.save(PLACE, VALUES, SAVED_STATE)
    return filled


def is_what_was_saved(store: Store) -> bool:
    found = store.load(PLACE)
    if found.state != SAVED_STATE or found.arrays.keys() != VALUES.keys():
        return False
    return all(np.array_equal(found.arrays[name], value) for name, value in VALUES.items())


def make_damages(good: dict[str, bytes], count: int):
    """Yield the name of a file, and its damaged bytes.

    Half of them are cut short, and half have one bit flipped. Every second damage is in each file
    in turn, the others are more often in the larger ones.
    """
    chance = random.Random(0)
    weights = [len(data) for data in good.values()]
    for number in range(count):
        name = list(good)[number % 3] if number % 2 else chance.choices(list(good), weights)[0]
        data = bytearray(good[name])
        place = chance.randrange(len(data))
        if number % 4 < 2:
            del data[place:]
        else:
            data[place] ^= 1 << chance.randrange(8)
        yield name, bytes(data)


def test_a_thousand_damages(store):
    folder = store.folder / PLACE.name
    good = {name: (folder / name).read_bytes() for name in (ARRAYS, STATE, MANIFEST)}
    seen = dict.fromkeys(good, 0)
    harmless = 0
    for name, data in make_damages(good, 1000):
        (folder / name).write_bytes(data)
        seen[name] += 1
        if store.problem(PLACE) is None:
            # White space or the last line's end: the manifest says the same as before.
            assert name == MANIFEST
            assert is_what_was_saved(store)
            harmless += 1
        (folder / name).write_bytes(good[name])
    assert min(seen.values()) > 100
    assert harmless < 50
    assert store.problem(PLACE) is None
    assert is_what_was_saved(store)


def test_damage_is_not_copied(store, memory):
    """Damage between the check and the copy is found in copying, and leaves no checkpoint."""
    folder = store.folder / PLACE.name
    good = {name: (folder / name).read_bytes() for name in (ARRAYS, STATE, MANIFEST)}
    other = Store(memory / "other")
    for name, data in make_damages(good, 60):
        if data.strip() != good[name].strip():
            (folder / name).write_bytes(data)
            if store.problem(PLACE) is not None:
                with pytest.raises(DamagedError):
                    other.copy_from(store, PLACE)
                assert other.places() == []
        (folder / name).write_bytes(good[name])
    other.copy_from(store, PLACE)
    assert is_what_was_saved(other)
