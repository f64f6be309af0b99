"""Random streams: one for each thing that is drawn, so that a change to hats does not change a nose."""

import zlib

import numpy as np

SEED = 20


def stream(*what: int | str) -> np.random.Generator:
    """The generator that belongs to `what`, an identity and a part of it: the same on every machine and in any order of calls."""
    return np.random.default_rng([SEED, *(zlib.crc32(w.encode()) if isinstance(w, str) else w for w in what)])


def pick(r: np.random.Generator, chances: dict) -> str:
    """One key of `chances`, drawn by its weight."""
    weights = np.array(list(chances.values()), float)
    return str(r.choice(list(chances), p=weights / weights.sum()))
