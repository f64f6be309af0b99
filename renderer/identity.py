"""Who an identity is: shape, tone, age, hair, eyes, what they wear. Drawn once an identity, the same in all its pictures."""

import dataclasses

import numpy as np

from .colors import encoded, hsv
from .head import Head
from .streams import pick, stream

# Albedo (sRGB 0..255) of a skin at each tone of the Monk scale, 1 lightest. The scale's swatches are what a face looks like in
# good light; below tone 4 an albedo as pale as the swatch would render as chalk, so these are darker and warmer there.
SKIN = np.array([(243, 212, 197), (240, 205, 186), (235, 196, 170), (225, 183, 151), (205, 160, 126), (165, 118, 87), (132, 90, 66),
                 (100, 67, 51), (75, 51, 41), (56, 39, 33)]) / 255  # fmt: skip
HAIR = {
    "black": (18, 15, 14),
    "dark": (38, 26, 20),
    "brown": (74, 48, 32),
    "auburn": (92, 46, 28),
    "red": (146, 74, 38),
    "dark_blond": (122, 92, 60),
    "blond": (176, 140, 90),
    "light_blond": (212, 186, 140),
    "grey": (150, 148, 145),
}
EYES = {
    "brown": (92, 56, 30),
    "dark_brown": (52, 31, 20),
    "blue": (92, 128, 165),
    "green": (94, 118, 84),
    "hazel": (118, 96, 54),
    "grey": (126, 134, 142),
    "amber": (144, 94, 38),
}
LIGHT_EYES = {"blue": 0.3, "green": 0.15, "hazel": 0.2, "grey": 0.12, "brown": 0.18, "amber": 0.05}
STYLES_HIM = {"bald": 0.09, "buzz": 0.14, "short": 0.28, "side": 0.2, "slick": 0.08, "curly": 0.1, "afro": 0.05, "long": 0.06}
STYLES_HER = {
    "buzz": 0.02,
    "short": 0.07,
    "side": 0.08,
    "slick": 0.07,
    "bun": 0.13,
    "bob": 0.17,
    "long": 0.2,
    "wavy": 0.14,
    "curly": 0.08,
    "afro": 0.04,
}
BEARDS = {"none": 0.58, "stubble": 0.2, "moustache": 0.05, "goatee": 0.06, "full": 0.09, "long": 0.02}
# DigiFace's rates: glasses .15, something on the head .15, before the face .01.
ACCESSORIES = {
    "none": 0.69,
    "glasses": 0.13,
    "sunglasses": 0.02,
    "beanie": 0.05,
    "cap": 0.05,
    "headscarf": 0.03,
    "band": 0.02,
    "mask": 0.01,
}
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

BIAS = {"head-scale-vert": -0.2, "eye-scale": 0.15, "eye-height1": 0.12, "eye-height2": 0.15, "eye-height3": 0.12}
DAMPED = ("head-age", "eye-trans", "push", "eyebrows-trans", "eye-height", "head-back", "nose-trans")


@dataclasses.dataclass
class Person:
    """One identity. Colors are sRGB 0..1 (3,); `tone` is 1..10 on the Monk scale, `age` in years."""

    identity: int
    male: bool
    age: float
    tone: int
    skin: np.ndarray
    weights: dict[str, float]
    hair_color: str
    hair: np.ndarray
    eye_color: str
    eyes: np.ndarray
    hair_style: str
    fringe: bool
    beard: str
    make_up: bool
    accessory: str

    @property
    def wrinkles(self) -> float:
        """MakeHuman's age 0..1, young to old."""
        return (self.age - 25) / 65

    @property
    def hat(self) -> bool:
        """Whether something lies on the hair."""
        return self.accessory in ("beanie", "cap", "headscarf")

    def stream(self, part: str) -> np.random.Generator:
        """The random stream of one part of this person."""
        return stream(self.identity, part)


def draw_person(head: Head, identity: int) -> Person:
    """The person with this number. Tones take turns, so that any ten neighbours hold all ten tones."""
    r = stream(identity, "person")
    tone, male, wrinkles = 1 + identity % 10, bool(r.random() < 0.5), r.beta(1.1, 2.2)
    darkness = (tone - 1) / 9
    origin = r.dirichlet([0.25 + 1.2 * darkness**2, 0.45, 0.25 + 0.6 * (1 - darkness)])  # MakeHuman's three shapes of head
    weights = {**macro_weights(r, male, wrinkles, origin), **detail_weights(head, r)}
    hair_color, hair = draw_hair_color(r, wrinkles, darkness)
    eye_color, eyes = draw_eye_color(r, darkness)
    style, accessory = draw_style(r, male, wrinkles, darkness), pick(r, ACCESSORIES)
    if accessory in ("beanie", "cap", "headscarf", "band") and style in ("afro", "bun", "curly"):
        style = "short" if male else pick(r, {"short": 1, "long": 1, "bob": 1})
    return Person(
        identity,
        male,
        25 + 65 * wrinkles,
        tone,
        draw_skin(r, tone),
        weights,
        hair_color,
        hair,
        eye_color,
        eyes,
        style,
        bool(r.random() < (0.12 if male else 0.3)),
        pick(r, BEARDS) if male else "none",
        not male and bool(r.random() < 0.4),
        accessory,
    )


def draw_skin(r, tone: int):
    """An albedo within half a step of the tone, a little redder or yellower than it."""
    step = np.clip(tone - 1 + r.uniform(-0.45, 0.45), 0, len(SKIN) - 1)
    color = np.array([np.interp(step, range(len(SKIN)), SKIN[:, k]) for k in range(3)])
    red, yellow = np.clip(r.normal(0, 1, 2), -2, 2)
    return np.clip(color * [1 + 0.02 * red, 1 - 0.03 * red - 0.005 * yellow, 1 - 0.025 * red - 0.045 * yellow], 0.03, 0.97)


def macro_weights(r, male: bool, wrinkles: float, origin):
    """MakeHuman's overall shapes: sex, age, origin, muscle, weight; each corner of the grid by its share."""
    manly = abs(male - min(0.3, abs(r.normal(0, 0.1))))
    muscle, weight = np.clip(r.normal(0, 0.5), -1, 1), np.clip(r.normal(0.12, 0.5), -1, 1)
    muscles = (("averagemuscle", 1 - abs(muscle)), ("maxmuscle" if muscle > 0 else "minmuscle", abs(muscle)))
    fats = (("averageweight", 1 - abs(weight)), ("maxweight" if weight > 0 else "minweight", abs(weight)))
    weights = {}
    for sex, of_sex in (("female", 1 - manly), ("male", manly)):
        for age, of_age in (("young", 1 - wrinkles), ("old", wrinkles)):
            for name, share in zip(("african", "asian", "caucasian"), origin, strict=True):
                weights[f"macro/{name}-{sex}-{age}"] = of_sex * of_age * share
            for name, of_muscle in muscles:
                for fat, of_fat in fats:
                    weights[f"macro/universal-{sex}-{age}-{name}-{fat}"] = of_sex * of_age * of_muscle * of_fat
    return weights


def detail_weights(head: Head, r):
    """Every small morph by chance, both sides of the face nearly alike; heads a little shorter and eyes a little larger than neutral."""
    drawn, weights = {}, {}
    for base, one_way, other_way in head.pairs:
        group, name = base.split("/")
        key = group + name.removeprefix("l-").removeprefix("r-")
        if key not in drawn:
            drawn[key] = r.normal(bias(name), SPREAD[group])
        amount = np.clip(drawn[key] + r.normal(0, 0.02), -0.55, 0.55) * damping(group, name)
        weights[one_way if amount > 0 else other_way] = abs(amount)
    for shape in ("oval", "round", "square", "rectangular", "triangular", "invertedtriangular", "diamond"):
        weights[f"head/head-{shape}"] = max(0.0, r.normal(0.1 if shape in ("oval", "round") else -0.15, 0.25))
    for name in head.index:
        if name.startswith("asym/") and r.random() < 0.2:
            weights[name] = abs(r.normal(0, 0.15))
    return weights


def bias(name: str) -> float:
    """What the neutral head lacks: MakeHuman's is long, with small eyes."""
    return BIAS.get(name.removeprefix("l-").removeprefix("r-"), 0.0)


def damping(group: str, name: str) -> float:
    """Some morphs move too much for a face that must stay one."""
    if group == "head" and "trans" in name:
        return 0.1
    return 0.45 if any(word in name for word in DAMPED) else 1.0


def draw_hair_color(r, wrinkles: float, darkness: float):
    """(family, sRGB). Older is greyer, darker skin has darker hair more often; one in fourteen is dyed."""
    chance = r.random()
    if wrinkles > 0.5 and r.random() < (wrinkles - 0.35) * 1.6:
        family = "grey"
    elif chance < 0.07:
        family = "dyed"
    elif r.random() < 0.3 + 0.7 * darkness:
        family = pick(r, {"black": 0.6, "dark": 0.4})
    else:
        family = pick(r, {"dark": 0.2, "brown": 0.28, "auburn": 0.1, "red": 0.08, "dark_blond": 0.16, "blond": 0.12, "light_blond": 0.06})
    if family == "dyed":
        return family, encoded(hsv(r.random(), r.uniform(0.3, 0.7), r.uniform(0.25, 0.7)))
    return family, np.clip(np.array(HAIR[family]) * r.uniform(0.8, 1.2) + r.normal(0, 3, 3), 5, 235) / 255


def draw_eye_color(r, darkness: float):
    """(family, sRGB) of the iris."""
    dark = r.random() < 0.4 + 0.7 * darkness
    family = pick(r, {"brown": 0.45, "dark_brown": 0.55} if dark else LIGHT_EYES)
    return family, np.clip(np.array(EYES[family]) * r.uniform(0.85, 1.15) + r.normal(0, 5, 3), 6, 230) / 255


def draw_style(r, male: bool, wrinkles: float, darkness: float) -> str:
    """A hair style; see hairstyles.py."""
    if male and wrinkles > 0.5 and r.random() < 0.35:
        return "receding"
    if r.random() < 0.5 * max(0.0, darkness - 0.5) * 2:
        return pick(
            r, {"afro": 1, "buzz": 1.2, "curly": 1, "bald": 0.5} if male else {"afro": 1, "curly": 1, "bun": 1, "bob": 0.6, "long": 0.6}
        )
    return pick(r, STYLES_HIM if male else STYLES_HER)
