"""Draw one picture of a person: expression, turn of the head, camera, light.

The pictures of five_lights.zip share the first three and differ only in the last.
"""

import dataclasses

import numpy as np

from .colors import hsv
from .streams import pick, stream

EXPRESSIONS = {
    "neutral": 0.36,
    "smile": 0.26,
    "grin": 0.12,
    "frown": 0.05,
    "surprise": 0.05,
    "squint": 0.04,
    "mixed": 0.12,
}
# The face units of each expression: (name, lowest weight, highest weight). Paired units have a
# left and a right morph, single ones have no side.
PAIRED_UNITS = {
    "smile": (("mouthSmile", 0.25, 0.75), ("cheekSquint", 0, 0.3)),
    "grin": (("mouthSmile", 0.5, 0.95), ("cheekSquint", 0.1, 0.4), ("mouthUpperUp", 0.1, 0.4)),
    "frown": (("mouthFrown", 0.1, 0.5), ("browDown", 0.1, 0.4)),
    "surprise": (("eyeWide", 0.4, 0.8), ("browOuterUp", 0.2, 0.7)),
    "squint": (("eyeSquint", 0.2, 0.5), ("browDown", 0, 0.4)),
    "mixed": (("mouthPress", 0, 0.3),),
}
SINGLE_UNITS = {
    "grin": (("jawOpen", 0.05, 0.22),),
    "surprise": (("browInnerUp", 0.3, 0.8), ("jawOpen", 0.1, 0.4)),
}
# Units that a mixed expression may have, each with a chance of one in four.
MIXED_UNITS = (
    "jawOpen",
    "mouthPucker",
    "mouthFunnel",
    "mouthLeft",
    "mouthRight",
    "mouthRollLower",
    "cheekPuff",
)
# The environments in Blender's wheel, by Poly Haven (CC0).
ENVIRONMENTS = (
    "city",
    "courtyard",
    "forest",
    "interior",
    "night",
    "studio",
    "sunrise",
    "sunset",
)


@dataclasses.dataclass
class Pose:
    """Describe the expression, the turn of head and eyes, and where the camera stands.

    Angles are in radians, lengths in head units (10 cm).
    """

    expression: str
    units: dict[str, float]  # weights of the face units
    head: np.ndarray  # yaw, pitch, roll
    gaze: np.ndarray  # yaw, pitch
    camera: np.ndarray  # yaw, pitch
    distance: float
    zoom: float  # 1 frames the face as the common 112-pixel alignment does; less shows more
    jitter: np.ndarray  # shift of the crop as a share of the frame
    teeth: float  # brightness of the teeth


@dataclasses.dataclass
class Light:
    """Describe the light: an environment all around, tinted, and perhaps a lamp."""

    environment: str
    second: str
    mix: float  # share of the second environment
    rotation: float
    mirrored: bool
    tint: np.ndarray  # linear light (3,)
    balance: float  # 1 removes the environment's color cast, 0 keeps all of it
    lamp: bool
    lamp_power: float
    lamp_size: float
    lamp_angles: np.ndarray  # yaw, pitch
    lamp_color: np.ndarray
    exposure: float
    background: str  # "environment" or "wall"
    blur: float
    seed: int


def draw_pose(identity: int, image: int) -> Pose:
    """Draw the pose of this picture. The order of the draws fixes the shipped faces."""
    r = stream(identity, "pose", image)
    expression = pick(r, EXPRESSIONS)
    return Pose(
        expression=expression,
        units=draw_units(r, expression),
        head=r.normal([0, -0.03, 0], [0.15, 0.08, 0.05]),
        gaze=r.normal(0, [0.12, 0.06]),
        camera=np.clip(r.normal([0, 0], [0.26, 0.1]), [-0.7, -0.3], [0.7, 0.3]),
        distance=r.uniform(8, 16),
        zoom=r.uniform(0.88, 1.02),
        jitter=r.normal(0, 0.012, 2),
        teeth=r.uniform(0.9, 1.05),
    )


def draw_units(r, expression: str) -> dict[str, float]:
    """Draw the weights of an expression's face units, nearly the same on the left and the right.

    The eyes stay open, except in one picture in a hundred.
    """
    units: dict[str, float] = {}

    def draw_pair(name, low, high):
        amount = r.uniform(low, high)
        for side in ("Left", "Right"):
            units[f"unit/{name}{side}"] = max(0.0, amount + r.normal(0, 0.06))

    draw_pair("eyeWide", 0.1, 0.4)
    units["unit/browInnerUp"] = r.uniform(0, 0.25)
    if expression == "mixed":
        for name in MIXED_UNITS:
            if r.random() < 0.25:
                units[f"unit/{name}"] = r.uniform(0, 0.4)
    for name, low, high in PAIRED_UNITS.get(expression, ()):
        draw_pair(name, low, high)
    for name, low, high in SINGLE_UNITS.get(expression, ()):
        units[f"unit/{name}"] = r.uniform(low, high)
    closed = 1.0 if r.random() < 0.01 else r.uniform(0, 0.05)
    units["unit/eyeBlinkLeft"] = closed
    units["unit/eyeBlinkRight"] = closed
    return units


def draw_light(identity: int, image: int) -> Light:
    """Draw the light of this picture. The order of the draws fixes the shipped faces.

    The first eight pictures of an identity use the eight environments once each.
    """
    order = stream(identity, "environments").permutation(ENVIRONMENTS)
    r = stream(identity, "light", image)
    lamp_color = draw_lamp_color(r)
    return Light(
        environment=str(order[image % len(order)]),
        second=str(r.choice(ENVIRONMENTS)),
        mix=float(r.choice([0, r.uniform(0.1, 0.5)])),
        rotation=r.uniform(0, 2 * np.pi),
        mirrored=bool(r.random() < 0.5),
        tint=hsv(r.random(), r.uniform(0, 0.12), 1.0),
        balance=r.uniform(0.15, 0.85),
        lamp=bool(r.random() < 0.55),
        lamp_power=r.uniform(40, 220),
        lamp_size=r.uniform(3, 9),
        lamp_angles=np.array([r.uniform(-1.7, 1.7), r.uniform(-0.1, 0.9)]),
        lamp_color=lamp_color,
        exposure=r.uniform(0.65, 1.15),
        background="environment" if r.random() < 0.93 else "wall",
        blur=r.uniform(0.3, 3.0),
        seed=int(r.integers(1 << 30)),
    )


def draw_lamp_color(r):
    """Draw the color (3,) of a lamp: warm ones lack green and blue, cold ones red and green."""
    warmth = r.normal(0.02, 0.08)
    warm = [1, 1 - 0.5 * warmth, 1 - 1.6 * warmth]
    cold = [1 + 1.2 * warmth, 1 + 0.5 * warmth, 1]
    return np.clip(warm if warmth > 0 else cold, 0.3, 1)
