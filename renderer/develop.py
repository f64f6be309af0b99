"""Turn light into a photograph: exposure, film curve, the background behind, muted colors.

Also measure what share of the frame shows what.
"""

import cv2
import numpy as np

from .colors import encoded
from .shot import Light
from .studio import ACCESSORY, CLOTH, EYE, HAIR, SKIN

CHROMA = 0.95  # the share of the rendered chroma to keep: DigiFace's pictures are muted
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
PARTS = {"skin": SKIN, "eyes": EYE, "hair": HAIR, "clothes": CLOTH, "accessories": ACCESSORY}

FACE_LEVEL = 0.5  # luminance that a face of albedo 1 is exposed to
SKIN_POWER = 0.6  # below 1: dark skin is exposed darker, but by less than its albedo is lower
# A picture with more pixels than these shares below or above these L* is exposed again.
DARK, DARKEST_SHARE = 8, 0.3
BRIGHT, BRIGHTEST_SHARE = 97, 0.15
TRIES = 4
SHOULDER = 1.6  # how slowly the film curve reaches white


def develop(light: Light, rendered, alpha, behind, reflectance: float):
    """Make uint8 RGB (H, W, 3) from linear light: `rendered` (premultiplied) over `behind`.

    `reflectance` is the skin's mean albedo: dark skin is exposed darker than light skin, but by
    less than the difference in albedo.
    """
    front = np.maximum(rendered / np.maximum(alpha, 1e-3)[..., None], 0)
    level = light.exposure * FACE_LEVEL * np.clip(reflectance, 0.02, 0.6) ** SKIN_POWER
    exposure = level / max(face_luminance(front, alpha), 1e-4)
    wall = expose_background(light, behind, exposure)
    soft = cv2.GaussianBlur(alpha, (0, 0), 0.35)[..., None]
    for _ in range(TRIES):
        picture = film(front * exposure) * soft + film(wall) * (1 - soft)
        srgb = np.clip(encoded(picture), 0, 1).astype("f4")
        lab = cv2.cvtColor(srgb, cv2.COLOR_RGB2LAB)
        if (lab[..., 0] < DARK).mean() > DARKEST_SHARE:
            exposure = exposure * 1.25
            wall = wall * 1.6
        elif (lab[..., 0] > BRIGHT).mean() > BRIGHTEST_SHARE:
            exposure = exposure * 0.85
            wall = wall * 0.7
        else:
            break
    lab[..., 1:] *= CHROMA
    rgb = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1)
    return (rgb * 255 + 0.5).astype(np.uint8)


def expose_background(light: Light, behind, exposure: float):
    """Expose the background as the face is, within limits: neither too bright nor black."""
    r = np.random.default_rng(light.seed)
    wall = behind * np.clip(exposure, 0.4, 2.0)
    mean = float(np.minimum(wall, 2).mean())
    wall = wall * min(1.0, r.uniform(0.25, 0.7) / max(mean, 1e-4))
    mean = float(wall.mean())
    return wall * max(1.0, 0.04 / max(mean, 1e-4))


def face_luminance(front, alpha) -> float:
    """Return the geometric mean luminance of the middle of the face."""
    y, x = np.mgrid[0 : len(alpha), 0 : len(alpha)] / len(alpha) - 0.5
    weight = np.exp(-((x / 0.24) ** 2) - ((y - 0.05) / 0.28) ** 2) * (alpha > 0.9)
    luminance = np.log(np.maximum(front @ LUMINANCE, 1e-4))
    return float(np.exp((luminance * weight).sum() / max(weight.sum(), 1e-6)))


def film(light, knee: float = 0.6):
    """Apply the film curve: linear up to the knee, then a soft shoulder toward 1."""
    over = np.maximum(light - knee, 0) / (1 - knee)
    shoulder = knee + (1 - knee) * (1 - np.exp(-over / SHOULDER))
    return np.where(light < knee, light, shoulder)


def shares(indices, alpha) -> dict[str, float]:
    """Measure the share of the frame, 0..1, of each part and of the background."""
    seen = np.rint(indices).astype(int)
    found = {name: float(alpha[seen == index].sum() / alpha.size) for name, index in PARTS.items()}
    return found | {"background": float(1 - alpha.mean())}
