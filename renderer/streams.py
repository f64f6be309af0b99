"""Make random streams: one for each thing drawn, so that a change to hats does not change noses."""

import zlib

import numpy as np

SEED = 20


def stream(*what: int | str) -> np.random.Generator:
    """Return the generator that belongs to `what`: an identity and one part of it.

    It is the same on every machine, whatever was drawn before.
    """
    words = [zlib.crc32(word.encode()) if isinstance(word, str) else word for word in what]
    return np.random.default_rng([SEED, *words])


def pick(r: np.random.Generator, chances: dict) -> str:
    """Pick one key of `chances` by its weight."""
    weights = np.array(list(chances.values()), float)
    return str(r.choice(list(chances), p=weights / weights.sum()))
