"""The exercises of lesson 1: light, storage codes, a split by people, and the mean color."""

from collections.abc import Callable

import numpy as np

from .. import color, files
from ..arrays import Lab, LabCode
from ..data import prepare
from .exercise import Exercise, Mistake

STREAM = np.random.default_rng(1)
FACES = STREAM.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)  # three small faces as storage code
LAB = STREAM.uniform([0, -86, -108], [100, 98, 94], (4, 5, 3)).astype(np.float32)
PEOPLE = [str(number) for number in range(20)]
PICTURES = [identity for identity in PEOPLE for _ in range(5)]  # five of each
Parts = tuple[list[str], ...]  # identities to train, to validate, to test


# 1.1


def _curve_alone(srgb: np.ndarray) -> np.ndarray:
    return ((srgb + 0.055) / 1.055) ** 2.4


def _way_back(srgb: np.ndarray) -> np.ndarray:
    return 1.055 * srgb ** (1 / 2.4) - 0.055


TO_LINEAR = Exercise(
    number="1.1",
    title="from coded values to light",
    reference=color.to_linear,
    cases=(
        (np.array([0.0, 1.0]),),
        (np.array([0.5, 0.735]),),
        (np.array([[0.0, 0.02, 0.04], [0.2, 0.6, 0.9]]),),
        (np.array([0.02, 0.032, 0.037]),),  # just below 0.04045, and above it
        (np.array([0.042, 0.05, 0.1, 0.15]),),
    ),
    hints=(
        "There are two formulas, and each value decides which one applies to it. "
        "`np.where(condition, here, there)` computes both and picks one of them at each place.",
        "Where srgb is above 0.04045: ((srgb + 0.055) / 1.055) ** 2.4. Elsewhere: srgb / 12.92.",
    ),
    mistakes=(
        Mistake(
            function=_curve_alone,
            message="The curve alone gives some light for black: "
            "near 0 a straight line takes over.",
        ),
        Mistake(
            function=lambda srgb: srgb**2.2,
            message="The power 2.2 comes close, "
            "but sRGB is defined with an offset and a straight line near 0.",
        ),
        Mistake(
            function=_way_back,
            message="This is the way back, from light to coded values.",
        ),
    ),
)


# 1.2


def _rounded_down(lab: Lab) -> LabCode:
    return (lab * [2.55, 1, 1] + [0, 128, 128]).astype(np.uint8)


def _not_shifted(lab: Lab) -> LabCode:
    return np.round(lab * [2.55, 1, 1]).astype(np.int64).astype(np.uint8)


def _not_stretched(lab: Lab) -> LabCode:
    return np.round(lab + np.array([0, 128, 128])).astype(np.uint8)


TO_STORAGE = Exercise(
    number="1.2",
    title="CIELAB in eight bits",
    reference=color.to_storage,
    cases=(
        (np.array([[[50.2, 10.6, -20.4]]], np.float32),),
        (LAB,),
        (LAB.reshape(2, 2, 5, 3),),
    ),
    hints=(
        "L from 0 to 100 has to fill 0 to 255, and a* and b* have to become positive. "
        "Round before you change the type.",
        "Multiply by [2.55, 1, 1], add [0, 128, 128], round with `np.round`, "
        "and only then `.astype(np.uint8)`.",
    ),
    mistakes=(
        Mistake(
            function=_rounded_down,
            message="`astype` cuts off the fraction; rounding halves the largest error: "
            "`np.round` first.",
        ),
        Mistake(
            function=_not_shifted,
            message="a* and b* are not moved up by 128. "
            "A byte can't hold negative numbers: they come out wrong by 256.",
        ),
        Mistake(
            function=_not_stretched,
            message="L is not stretched: it uses only 101 of the 256 values, "
            "so it is two and a half times as coarse as it needs to be.",
        ),
    ),
)


# 1.3


def _order(identities: list[str], seed: int) -> list[str]:
    return sorted(identities, key=lambda identity: files.sha256_of(seed, identity))


def _cut_order(order: list[str], to_number: Callable[[float], int] = round) -> Parts:
    first = to_number(len(order) * 0.8)
    second = to_number(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]


def _by_picture(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return _cut_order(_order(identities, seed)[:limit])


def _unordered(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return _cut_order(list(dict.fromkeys(identities))[:limit])


def _in_a_set_s_order(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return _cut_order(list(set(identities))[:limit])


def _limit_first(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return prepare.cut(_order(identities, seed)[:limit], seed)


def _cut_off_fractions(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    train, val, test = prepare.cut(identities, seed, limit)
    return _cut_order(train + val + test, to_number=int)


def _all_at_0(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return prepare.cut(identities, seed, limit or None)


def _without_seed(identities: list[str], seed: int = 0, limit: int | None = None) -> Parts:
    return prepare.cut(identities, 0, limit)


CUT = Exercise(
    number="1.3",
    title="a split that doesn't leak",
    reference=prepare.cut,
    cases=(
        (PEOPLE, 0),
        (PEOPLE[:13], 0),
        (PICTURES, 0),
        (PICTURES, 1, 10),
        (PICTURES, 2, 7),
        (PICTURES, 2, 0),
    ),
    hints=(
        "The list names a person once for each picture. "
        "First make it name everyone once, then put it in order, and then cut it.",
        "`sorted(set(identities), key=lambda identity: files.sha256_of(seed, identity))[:limit]` "
        "is the order of the people. With n people in it, cut it at `round(n * 0.8)` and "
        "`round(n * 0.9)`.",
    ),
    mistakes=(
        Mistake(
            function=_by_picture,
            message="Pictures are split here, not people: a person with five pictures "
            "can be in two splits, and then the test measures memory.",
        ),
        Mistake(
            function=_unordered,
            message="The order is that of the list. If the list was sorted by anything "
            "(age, tone, studio), the splits differ in it.",
        ),
        Mistake(
            function=_in_a_set_s_order,
            message="The order is that of a set, which is different in every session: "
            "the next one would test on other people. Sort the people by their hash.",
        ),
        Mistake(
            function=_limit_first,
            message="The limit counts people, not pictures: "
            "make everyone occur once before you apply the limit.",
        ),
        Mistake(
            function=_cut_off_fractions,
            message="`int` cuts off the fraction. Round the places where you cut: "
            "`round(n * 0.8)`.",
        ),
        Mistake(
            function=_all_at_0,
            message="A limit of 0 takes nobody; only None takes all. `[:limit]` does both.",
        ),
        Mistake(
            function=_without_seed,
            message="The seed makes no difference: "
            "put it into the hash, `files.sha256_of(seed, identity)`.",
        ),
    ),
)


# 1.4


def _bytes_subtracted(lab: LabCode) -> np.ndarray:
    return (lab[..., 1:] - np.uint8(128)).mean(axis=(0, 1, 2))


MEAN_AB = Exercise(
    number="1.4",
    title="the mean color",
    reference=color.mean_ab,
    cases=(
        (np.full((1, 2, 2, 3), 130, np.uint8),),
        (FACES,),
    ),
    hints=(
        "Of the three planes you need the last two, and for each the mean over faces, rows and "
        "columns. The code of 0 is 128.",
        "`lab[..., 1:].mean(axis=(0, 1, 2)) - 128`: two numbers.",
    ),
    mistakes=(
        Mistake(
            function=lambda lab: lab[..., 1:].mean(axis=(0, 1, 2)),
            message="These are storage codes: 128 stands for 0. Subtract it.",
        ),
        Mistake(
            function=_bytes_subtracted,
            message="Bytes can't be negative: 100 - 128 became 228. "
            "Take the mean first, and subtract 128 from that.",
        ),
        Mistake(
            function=lambda lab: lab.mean(axis=(0, 1, 2)) - 128,
            message="L is among them. Only a* and b* are asked for: `lab[..., 1:]`.",
        ),
        Mistake(
            function=lambda lab: np.full(2, lab[..., 1:].mean() - 128),
            message="This is one mean over both planes. Keep the last axis: `axis=(0, 1, 2)`.",
        ),
    ),
)


EXERCISES = (TO_LINEAR, TO_STORAGE, CUT, MEAN_AB)
