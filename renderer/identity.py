"""Draw who an identity is: shape, tone, age, hair, eyes, what they wear.

An identity is drawn once and is the same in all its pictures.
"""

import dataclasses

import numpy as np

from .colors import encoded, hsv
from .head import Head
from .morphs import detail_weights, draw_origin, macro_weights
from .streams import pick, stream

# Albedo (sRGB) of a skin at each tone of the Monk scale, lightest first. The scale's swatches show
# what a face looks like in good light. Below tone 4 an albedo as pale as the swatch would render
# as chalk, so these are darker and warmer there.
SKIN = (
    np.array(
        [
            (243, 212, 197),
            (240, 205, 186),
            (235, 196, 170),
            (225, 183, 151),
            (205, 160, 126),
            (165, 118, 87),
            (132, 90, 66),
            (100, 67, 51),
            (75, 51, 41),
            (56, 39, 33),
        ]
    )
    / 255
)
# How one unit of redness, or of yellowness, changes the three channels of an albedo.
REDDER = np.array([0.02, -0.03, -0.025])
YELLOWER = np.array([0.0, -0.005, -0.045])

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
DARK_HAIR = {"black": 0.6, "dark": 0.4}
OTHER_HAIR = {
    "dark": 0.2,
    "brown": 0.28,
    "auburn": 0.1,
    "red": 0.08,
    "dark_blond": 0.16,
    "blond": 0.12,
    "light_blond": 0.06,
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
DARK_EYES = {"brown": 0.45, "dark_brown": 0.55}
LIGHT_EYES = {
    "blue": 0.3,
    "green": 0.15,
    "hazel": 0.2,
    "grey": 0.12,
    "brown": 0.18,
    "amber": 0.05,
}

STYLES_HIM = {
    "bald": 0.09,
    "buzz": 0.14,
    "short": 0.28,
    "side": 0.2,
    "slick": 0.08,
    "curly": 0.1,
    "afro": 0.05,
    "long": 0.06,
}
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
# Styles that are more common with darker skin.
STYLES_DARK_HIM = {"afro": 1, "buzz": 1.2, "curly": 1, "bald": 0.5}
STYLES_DARK_HER = {"afro": 1, "curly": 1, "bun": 1, "bob": 0.6, "long": 0.6}
TALL_STYLES = ("afro", "bun", "curly")  # nothing sits well on them
STYLES_HER_FLAT = {"short": 1, "long": 1, "bob": 1}

BEARDS = {
    "none": 0.58,
    "stubble": 0.2,
    "moustache": 0.05,
    "goatee": 0.06,
    "full": 0.09,
    "long": 0.02,
}
# DigiFace's rates: glasses .15, something on the head .15, something over the face .01.
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
HATS = ("beanie", "cap", "headscarf")

YOUNGEST = 25  # years
AGE_RANGE = 65  # years


@dataclasses.dataclass
class Person:
    """Describe one identity.

    Colors are sRGB 0..1 (3,); `tone` is 1..10 on the Monk scale, and `age` is in years.
    """

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
        """Return MakeHuman's age 0..1, young to old."""
        return (self.age - YOUNGEST) / AGE_RANGE

    @property
    def hat(self) -> bool:
        """Tell whether something lies on the hair."""
        return self.accessory in HATS

    def stream(self, part: str) -> np.random.Generator:
        """Return the random stream of one part of this person."""
        return stream(self.identity, part)


def draw_person(head: Head, identity: int) -> Person:
    """Draw the person with this number.

    Tones take turns: any ten neighbors have all ten tones. The order of the draws below fixes the
    shipped faces.
    """
    r = stream(identity, "person")
    tone = 1 + identity % 10
    male = bool(r.random() < 0.5)
    wrinkles = r.beta(1.1, 2.2)
    darkness = (tone - 1) / 9
    origin = draw_origin(r, darkness)
    macros = macro_weights(r, male, wrinkles, origin)
    details = detail_weights(head, r)
    hair_color, hair = draw_hair_color(r, wrinkles, darkness)
    eye_color, eyes = draw_eye_color(r, darkness)
    style = draw_style(r, male, wrinkles, darkness)
    accessory = pick(r, ACCESSORIES)
    if accessory in (*HATS, "band") and style in TALL_STYLES:
        style = "short" if male else pick(r, STYLES_HER_FLAT)
    return Person(
        identity=identity,
        male=male,
        age=YOUNGEST + AGE_RANGE * wrinkles,
        tone=tone,
        skin=draw_skin(r, tone),
        weights={**macros, **details},
        hair_color=hair_color,
        hair=hair,
        eye_color=eye_color,
        eyes=eyes,
        hair_style=style,
        fringe=bool(r.random() < (0.12 if male else 0.3)),
        beard=pick(r, BEARDS) if male else "none",
        make_up=not male and bool(r.random() < 0.4),
        accessory=accessory,
    )


def draw_skin(r, tone: int):
    """Draw an albedo within half a step of the tone, shifted a little in redness and yellowness."""
    last = len(SKIN) - 1
    step = np.clip(tone - 1 + r.uniform(-0.45, 0.45), 0, last)
    color = np.array([np.interp(step, range(len(SKIN)), SKIN[:, k]) for k in range(3)])
    red, yellow = np.clip(r.normal(0, 1, 2), -2, 2)
    return np.clip(color * (1 + REDDER * red + YELLOWER * yellow), 0.03, 0.97)


def draw_hair_color(r, wrinkles: float, darkness: float):
    """Draw (family, sRGB) of the hair.

    Older people are grey more often, people with darker skin have darker hair more often, and one
    in fourteen dyes it.
    """
    chance = r.random()
    if wrinkles > 0.5 and r.random() < (wrinkles - 0.35) * 1.6:
        family = "grey"
    elif chance < 0.07:
        family = "dyed"
    elif r.random() < 0.3 + 0.7 * darkness:
        family = pick(r, DARK_HAIR)
    else:
        family = pick(r, OTHER_HAIR)
    if family == "dyed":
        return family, encoded(hsv(r.random(), r.uniform(0.3, 0.7), r.uniform(0.25, 0.7)))
    color = np.array(HAIR[family]) * r.uniform(0.8, 1.2) + r.normal(0, 3, 3)
    return family, np.clip(color, 5, 235) / 255


def draw_eye_color(r, darkness: float):
    """Draw (family, sRGB) of the iris."""
    dark = r.random() < 0.4 + 0.7 * darkness
    family = pick(r, DARK_EYES if dark else LIGHT_EYES)
    color = np.array(EYES[family]) * r.uniform(0.85, 1.15) + r.normal(0, 5, 3)
    return family, np.clip(color, 6, 230) / 255


def draw_style(r, male: bool, wrinkles: float, darkness: float) -> str:
    """Draw the name of a hairstyle; hairstyles.py grows it."""
    if male and wrinkles > 0.5 and r.random() < 0.35:
        return "receding"
    if r.random() < max(0.0, darkness - 0.5):
        return pick(r, STYLES_DARK_HIM if male else STYLES_DARK_HER)
    return pick(r, STYLES_HIM if male else STYLES_HER)
