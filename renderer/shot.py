"""One picture of a person: expression, turn of the head, camera, light. `five lights` keep the first three and change the last."""

import dataclasses

import numpy as np

from .colors import hsv
from .streams import pick, stream

EXPRESSIONS = {"neutral": 0.36, "smile": 0.26, "grin": 0.12, "frown": 0.05, "surprise": 0.05, "squint": 0.04, "mixed": 0.12}
ENVIRONMENTS = (
    "city",
    "courtyard",
    "forest",
    "interior",
    "night",
    "studio",
    "sunrise",
    "sunset",
)  # those in Blender's wheel, by Poly Haven (CC0)


@dataclasses.dataclass
class Pose:
    """Expression, turn of head and eyes, and where the camera stands. Angles in radians, lengths in head units (10 cm)."""

    expression: str
    units: dict[str, float]
    head: np.ndarray  # yaw, pitch, roll
    gaze: np.ndarray  # yaw, pitch
    camera: np.ndarray  # yaw, pitch
    distance: float
    zoom: float  # 1: the face fills the frame as in the common 112-pixel alignment; smaller shows more around it
    jitter: np.ndarray  # of the crop, in shares of the frame
    teeth: float


@dataclasses.dataclass
class Light:
    """An environment all around, tinted, and perhaps a lamp."""

    environment: str
    second: str
    mix: float  # share of the second environment
    rotation: float
    mirrored: bool
    tint: np.ndarray  # linear light (3,)
    balance: float  # 1: the photographer took the environment's cast out; 0: all of it stays
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
    """The pose of this picture."""
    r = stream(identity, "pose", image)
    expression = pick(r, EXPRESSIONS)
    return Pose(
        expression,
        draw_units(r, expression),
        r.normal([0, -0.03, 0], [0.15, 0.08, 0.05]),
        r.normal(0, [0.12, 0.06]),
        np.clip(r.normal([0, 0], [0.26, 0.1]), [-0.7, -0.3], [0.7, 0.3]),
        r.uniform(8, 16),
        r.uniform(0.88, 1.02),
        r.normal(0, 0.012, 2),
        r.uniform(0.9, 1.05),
    )


def draw_units(r, expression: str) -> dict[str, float]:
    """Weights of the face units of an expression, left and right nearly alike. Eyes stay open, but for one picture in a hundred."""
    units: dict[str, float] = {}

    def both(name, amount, spread=0.06):
        for side in ("Left", "Right"):
            units[f"unit/{name}{side}"] = max(0.0, amount + r.normal(0, spread))

    both("eyeWide", r.uniform(0.1, 0.4))
    units["unit/browInnerUp"] = r.uniform(0, 0.25)
    if expression == "smile":
        both("mouthSmile", r.uniform(0.25, 0.75))
        both("cheekSquint", r.uniform(0, 0.3))
    elif expression == "grin":
        both("mouthSmile", r.uniform(0.5, 0.95))
        both("cheekSquint", r.uniform(0.1, 0.4))
        both("mouthUpperUp", r.uniform(0.1, 0.4))
        units["unit/jawOpen"] = r.uniform(0.05, 0.22)
    elif expression == "frown":
        both("mouthFrown", r.uniform(0.1, 0.5))
        both("browDown", r.uniform(0.1, 0.4))
    elif expression == "surprise":
        both("eyeWide", r.uniform(0.4, 0.8))
        both("browOuterUp", r.uniform(0.2, 0.7))
        units.update({"unit/browInnerUp": r.uniform(0.3, 0.8), "unit/jawOpen": r.uniform(0.1, 0.4)})
    elif expression == "squint":
        both("eyeSquint", r.uniform(0.2, 0.5))
        both("browDown", r.uniform(0, 0.4))
    elif expression == "mixed":
        for name in ("jawOpen", "mouthPucker", "mouthFunnel", "mouthLeft", "mouthRight", "mouthRollLower", "cheekPuff"):
            if r.random() < 0.25:
                units["unit/" + name] = r.uniform(0, 0.4)
        both("mouthPress", r.uniform(0, 0.3))
    closed = 1.0 if r.random() < 0.01 else r.uniform(0, 0.05)
    units["unit/eyeBlinkLeft"] = units["unit/eyeBlinkRight"] = closed
    return units


def draw_light(identity: int, image: int) -> Light:
    """The light of this picture; the first eight pictures of an identity stand in eight different environments."""
    order = stream(identity, "environments").permutation(ENVIRONMENTS)
    r = stream(identity, "light", image)
    warmth = r.normal(0.02, 0.08)
    color = [1, 1 - 0.5 * warmth, 1 - 1.6 * warmth] if warmth > 0 else [1 + 1.2 * warmth, 1 + 0.5 * warmth, 1]
    return Light(
        str(order[image % len(order)]),
        str(r.choice(ENVIRONMENTS)),
        float(r.choice([0, r.uniform(0.1, 0.5)])),
        r.uniform(0, 2 * np.pi),
        bool(r.random() < 0.5),
        hsv(r.random(), r.uniform(0, 0.12), 1.0),
        r.uniform(0.15, 0.85),
        bool(r.random() < 0.55),
        r.uniform(40, 220),
        r.uniform(3, 9),
        np.array([r.uniform(-1.7, 1.7), r.uniform(-0.1, 0.9)]),
        np.clip(color, 0.3, 1),
        r.uniform(0.65, 1.15),
        "environment" if r.random() < 0.93 else "wall",
        r.uniform(0.3, 3.0),
        int(r.integers(1 << 30)),
    )
