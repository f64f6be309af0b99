"""The exercises of lesson 1."""

import numpy as np

from .. import color, files
from ..data import prepare
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(1)
FACES = STREAM.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)  # three small faces as storage code
PEOPLE = [str(number) for number in range(20)]
PICTURES = [identity for identity in PEOPLE for _ in range(5)]  # five of each


def _rounded_down(lab: np.ndarray) -> np.ndarray:
    return (lab * [2.55, 1, 1] + [0, 128, 128]).astype(np.uint8)


def _not_shifted(lab: np.ndarray) -> np.ndarray:
    return np.round(lab * [2.55, 1, 1]).astype(np.int64).astype(np.uint8)


def _by_picture(identities, seed: int = 0, limit: int | None = None):
    return _cut(sorted(identities, key=lambda identity: files.sha256_of(seed, identity))[:limit])


def _unordered(identities, seed: int = 0, limit: int | None = None):
    return _cut(list(dict.fromkeys(identities))[:limit])


def _in_a_set_s_order(identities, seed: int = 0, limit: int | None = None):
    return _cut(list(set(identities))[:limit])


def _limit_first(identities, seed: int = 0, limit: int | None = None):
    return prepare.cut(
        sorted(identities, key=lambda identity: files.sha256_of(seed, identity))[:limit], seed
    )


def _cut(order: list[str], to_number=round) -> tuple[list[str], ...]:
    first, second = to_number(len(order) * 0.8), to_number(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]


EXERCISES = (
    Exercise(
        "1.1",
        "from coded values to light",
        color.to_linear,
        (
            (np.array([0.0, 1.0]),),
            (np.array([0.5, 0.735]),),
            (np.array([[0.0, 0.02, 0.04], [0.2, 0.6, 0.9]]),),
        ),
        (
            "There are two formulas, and which one holds is decided value by value. `np.where(condition, here, there)` computes both and "
            "takes one of them at each place.",
            "Where srgb is above 0.04045: ((srgb + 0.055) / 1.055) ** 2.4. Elsewhere: srgb / 12.92.",
        ),
        (
            Mistake(
                lambda srgb: ((srgb + 0.055) / 1.055) ** 2.4,
                "The curve alone gives some light for black: near 0 a straight line takes over.",
            ),
            Mistake(
                lambda srgb: srgb**2.2,
                "The power 2.2 comes close, but sRGB is defined with an offset and a straight line near 0.",
            ),
            Mistake(
                lambda srgb: 1.055 * srgb ** (1 / 2.4) - 0.055,
                "This is the way back, from light to coded values.",
            ),
        ),
    ),
    Exercise(
        "1.2",
        "CIELAB in eight bits",
        color.to_storage,
        (
            (np.array([[[50.2, 10.6, -20.4]]], np.float32),),
            (STREAM.uniform([0, -86, -108], [100, 98, 94], (4, 5, 3)).astype(np.float32),),
        ),
        (
            "L from 0 to 100 has to fill 0 to 255, and a* and b* have to become positive. Round before you change the type.",
            "Multiply by [2.55, 1, 1], add [0, 128, 128], round with `np.round`, and only then `.astype(np.uint8)`.",
        ),
        (
            Mistake(
                _rounded_down,
                "`astype` cuts the fraction off; rounding halves the largest error: `np.round` first.",
            ),
            Mistake(
                _not_shifted,
                "a* and b* are not moved up by 128, and a byte can't hold negative numbers: they come out wrong by 256.",
            ),
            Mistake(
                lambda lab: np.round(lab + np.array([0, 128, 128])).astype(np.uint8),
                "L is not stretched: it uses only 101 of the 256 values, and is two and a half times as coarse as it need be.",
            ),
        ),
    ),
    Exercise(
        "1.3",
        "a split that doesn't leak",
        prepare.cut,
        ((PEOPLE, 0), (PEOPLE[:13], 0), (PICTURES, 0), (PICTURES, 1, 10)),
        (
            "The list names a person once for each picture. First make it name everyone once, then put it in order, and then cut it.",
            "`sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]` is the order of the people. Cut it "
            "at `round(n * 0.8)` and `round(n * 0.9)`, n being how many are in it.",
        ),
        (
            Mistake(
                _by_picture,
                "Pictures are split here, not people: who has five pictures can be in two splits, and the test measures memory.",
            ),
            Mistake(
                _unordered,
                "The order is that of the list. If the list was sorted by anything (age, tone, studio), the splits differ in it.",
            ),
            Mistake(
                _in_a_set_s_order,
                "The order is that of a set, which is another in every session: the next one would have other people in the test. Sort the "
                "people by their hash.",
            ),
            Mistake(
                _limit_first,
                "The limit counts people, not pictures: make everyone occur once before you take the first so many.",
            ),
            Mistake(
                lambda identities, seed=0, limit=None: _cut(
                    [who for part in prepare.cut(identities, seed, limit) for who in part], int
                ),
                "`int` cuts the fraction off. Where the order is cut is rounded: `round(n * 0.8)`.",
            ),
            Mistake(
                lambda identities, seed=0, limit=None: prepare.cut(identities, 0, limit),
                "The seed makes no difference: put it into the hash, `files.sha256_of(seed, identity)`.",
            ),
        ),
    ),
    Exercise(
        "1.4",
        "the mean color",
        color.mean_ab,
        ((np.full((1, 2, 2, 3), 130, np.uint8),), (FACES,)),
        (
            "Of the three planes you need the last two, and of each the mean over faces, rows and columns. The code of 0 is 128.",
            "`lab[..., 1:].mean(axis=(0, 1, 2)) - 128`: two numbers.",
        ),
        (
            Mistake(
                lambda lab: lab[..., 1:].mean(axis=(0, 1, 2)),
                "These are storage codes: 128 stands for 0. Subtract it.",
            ),
            Mistake(
                lambda lab: (lab[..., 1:] - np.uint8(128)).mean(axis=(0, 1, 2)),
                "Bytes can't be negative: 100 - 128 became 228. Take the mean first, and subtract 128 from that.",
            ),
            Mistake(
                lambda lab: lab.mean(axis=(0, 1, 2)) - 128,
                "L is among them. Only a* and b* are asked for: `lab[..., 1:]`.",
            ),
            Mistake(
                lambda lab: np.full(2, lab[..., 1:].mean() - 128),
                "This is one mean over both planes. Keep the last axis: `axis=(0, 1, 2)`.",
            ),
        ),
    ),
)
