"""Where the differences between pictures come from: the drawn tone, the person, or the light (balanced nested analysis of variance)."""

import numpy as np

SOURCES = ("tone", "person", "light")


def components(values: np.ndarray, tones: np.ndarray) -> dict[str, dict[str, float]]:
    """Split the variance of a measurement, of which each person has one in each light.

    A value is taken as the sum of its tone's part, its person's part and its light's part, independent of each other. The mean squares
    between tones, between the people of a tone, and between the lights of a person are set to what they are expected to be (Searle,
    Casella and McCulloch 1992, chapter 3). What is called light is all that differs between the pictures of one person.

    Args:
        values: (people, lights), in any unit.
        tones: (people,), equally many people of each tone.

    Returns:
        sd: the standard deviation of each part, in the unit of the values; a variance that came out below 0 counts as 0.
        share: each part's variance, as a share of their sum.
        eta_squared: each part's sum of squares, as a share of that of all values. (It needs no model, and gives the smaller sources too
            much: a mean over few lights still holds some of their chance.)

    Raises:
        ValueError: the tones don't have equally many people, or there are fewer than two tones, people of a tone, or lights.
    """
    values = np.asarray(values, np.float64)
    _, counts = np.unique(tones, return_counts=True)
    shape = (len(counts), int(counts[0]), values.shape[1])
    if len(set(counts)) > 1 or min(shape) < 2:
        raise ValueError(f"wanted equally many people, two or more, of two or more tones, and two or more lights; got {counts.tolist()}")
    table = values[np.argsort(tones, kind="stable")].reshape(shape)  # tone, person, light
    people, means = table.mean(axis=2), table.mean(axis=(1, 2))
    squares = np.array(
        [
            shape[1] * shape[2] * ((means - table.mean()) ** 2).sum(),
            shape[2] * ((people - means[:, None]) ** 2).sum(),
            ((table - people[..., None]) ** 2).sum(),
        ]
    )
    freedom = np.array([shape[0] - 1, shape[0] * (shape[1] - 1), shape[0] * shape[1] * (shape[2] - 1)])
    tone, person, light = squares / freedom  # mean squares; each is expected to hold those after it
    parts = np.maximum([(tone - person) / (shape[1] * shape[2]), (person - light) / shape[2], light], 0)
    return {"sd": _named(np.sqrt(parts)), "share": _named(_shares(parts)), "eta_squared": _named(_shares(squares))}


def _shares(parts: np.ndarray) -> np.ndarray:
    """Parts of their sum; all 0 where nothing varies."""
    return parts / (parts.sum() or 1)


def _named(parts: np.ndarray) -> dict[str, float]:
    return dict(zip(SOURCES, parts.tolist(), strict=True))
