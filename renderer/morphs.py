"""Draw the weights of a person's morphs, which shape MakeHuman's neutral head."""

import numpy as np

from .head import Head

# Standard deviation of the morphs of each group.
SPREAD = {
    "head": 0.18,
    "eyes": 0.2,
    "nose": 0.24,
    "mouth": 0.24,
    "chin": 0.24,
    "cheek": 0.28,
    "ears": 0.25,
    "eyebrows": 0.18,
    "forehead": 0.2,
    "neck": 0.12,
}
# MakeHuman's neutral head is long and has small eyes: these means correct it.
BIAS = {
    "head-scale-vert": -0.2,
    "eye-scale": 0.15,
    "eye-height1": 0.12,
    "eye-height2": 0.15,
    "eye-height3": 0.12,
}
# Words in the names of morphs that move too much for a face that must still look like one.
DAMPED = (
    "head-age",
    "eye-trans",
    "push",
    "eyebrows-trans",
    "eye-height",
    "head-back",
    "nose-trans",
)
COMMON_HEADS = ("oval", "round")
OTHER_HEADS = ("square", "rectangular", "triangular", "invertedtriangular", "diamond")


def draw_origin(r, darkness: float):
    """Draw the shares (3,) of MakeHuman's three head shapes: African, Asian, Caucasian."""
    african = 0.25 + 1.2 * darkness**2
    asian = 0.45
    caucasian = 0.25 + 0.6 * (1 - darkness)
    return r.dirichlet([african, asian, caucasian])


def macro_weights(r, male: bool, wrinkles: float, origin):
    """Draw the weights of MakeHuman's overall shapes: sex, age, origin, muscle, weight.

    The shapes are the corners of a grid; each corner gets its share.
    """
    manly = abs(male - min(0.3, abs(r.normal(0, 0.1))))
    muscle = np.clip(r.normal(0, 0.5), -1, 1)
    weight = np.clip(r.normal(0.12, 0.5), -1, 1)
    sexes = (("female", 1 - manly), ("male", manly))
    ages = (("young", 1 - wrinkles), ("old", wrinkles))
    muscles = (
        ("averagemuscle", 1 - abs(muscle)),
        ("maxmuscle" if muscle > 0 else "minmuscle", abs(muscle)),
    )
    fats = (
        ("averageweight", 1 - abs(weight)),
        ("maxweight" if weight > 0 else "minweight", abs(weight)),
    )
    weights = {}
    for sex, of_sex in sexes:
        for age, of_age in ages:
            for name, share in zip(("african", "asian", "caucasian"), origin, strict=True):
                weights[f"macro/{name}-{sex}-{age}"] = of_sex * of_age * share
            for name, of_muscle in muscles:
                for fat, of_fat in fats:
                    corner = f"macro/universal-{sex}-{age}-{name}-{fat}"
                    weights[corner] = of_sex * of_age * of_muscle * of_fat
    return weights


def detail_weights(head: Head, r):
    """Draw the weight of every small morph; both sides of the face get nearly the same."""
    drawn, weights = {}, {}
    for base, one_way, other_way in head.pairs:
        group, name = base.split("/")
        key = group + without_side(name)
        if key not in drawn:
            drawn[key] = r.normal(bias(name), SPREAD[group])
        amount = np.clip(drawn[key] + r.normal(0, 0.02), -0.55, 0.55) * damping(group, name)
        weights[one_way if amount > 0 else other_way] = abs(amount)
    for shape in COMMON_HEADS + OTHER_HEADS:
        mean = 0.1 if shape in COMMON_HEADS else -0.15
        weights[f"head/head-{shape}"] = max(0.0, r.normal(mean, 0.25))
    for name in head.index:
        if name.startswith("asym/") and r.random() < 0.2:
            weights[name] = abs(r.normal(0, 0.15))
    return weights


def without_side(name: str) -> str:
    """Return the name of a morph without its prefix for left or right."""
    return name.removeprefix("l-").removeprefix("r-")


def bias(name: str) -> float:
    """Return the mean of a morph: what corrects MakeHuman's neutral head."""
    return BIAS.get(without_side(name), 0.0)


def damping(group: str, name: str) -> float:
    """Return the factor that keeps a strong morph within a believable face."""
    if group == "head" and "trans" in name:
        return 0.1
    return 0.45 if any(word in name for word in DAMPED) else 1.0
