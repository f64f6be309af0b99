"""From light to photograph: exposure, film curve, background behind, muted colors; and what share of the frame shows what."""

import cv2
import numpy as np

from .colors import encoded
from .shot import Light
from .studio import ACCESSORY, CLOTH, EYE, HAIR, SKIN

CHROMA = 0.95  # DigiFace's pictures are muted: the share of the rendered chroma that is kept
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
DARKEST_SHARE, BRIGHTEST_SHARE = 0.3, 0.15  # of pixels below L* 8, above 97: beyond, the picture is exposed again
PARTS = {"skin": SKIN, "eyes": EYE, "hair": HAIR, "clothes": CLOTH, "accessories": ACCESSORY}


def develop(light: Light, rendered, alpha, behind, reflectance: float):
    """uint8 RGB (H, W, 3) from linear light: `rendered` (premultiplied) with `alpha` over `behind`.

    `reflectance` is the skin's mean albedo: dark skin is exposed darker than light skin, but by less than it reflects less.
    """
    front = np.maximum(rendered / np.maximum(alpha, 1e-3)[..., None], 0)
    exposure = light.exposure * 0.5 * np.clip(reflectance, 0.02, 0.6) ** 0.6 / max(face_luminance(front, alpha), 1e-4)
    r = np.random.default_rng(light.seed)
    wall = behind * np.clip(exposure, 0.4, 2.0)
    wall = wall * min(1.0, r.uniform(0.25, 0.7) / max(float(np.minimum(wall, 2).mean()), 1e-4))
    wall = wall * max(1.0, 0.04 / max(float(wall.mean()), 1e-4))
    soft = cv2.GaussianBlur(alpha, (0, 0), 0.35)[..., None]
    for _ in range(4):
        picture = film(front * exposure) * soft + film(wall) * (1 - soft)
        lab = cv2.cvtColor(np.clip(encoded(picture), 0, 1).astype("f4"), cv2.COLOR_RGB2LAB)
        if (lab[..., 0] < 8).mean() > DARKEST_SHARE:
            exposure, wall = exposure * 1.25, wall * 1.6
        elif (lab[..., 0] > 97).mean() > BRIGHTEST_SHARE:
            exposure, wall = exposure * 0.85, wall * 0.7
        else:
            break
    lab[..., 1:] *= CHROMA
    return (np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * 255 + 0.5).astype(np.uint8)


def face_luminance(front, alpha) -> float:
    """Geometric mean luminance of the middle of the face."""
    y, x = np.mgrid[0 : len(alpha), 0 : len(alpha)] / len(alpha) - 0.5
    weight = np.exp(-((x / 0.24) ** 2) - ((y - 0.05) / 0.28) ** 2) * (alpha > 0.9)
    luminance = np.log(np.maximum(front @ LUMINANCE, 1e-4))
    return float(np.exp((luminance * weight).sum() / max(weight.sum(), 1e-6)))


def film(light, knee: float = 0.6):
    """Linear up to the knee, then a soft shoulder towards 1."""
    over = np.maximum(light - knee, 0) / (1 - knee)
    return np.where(light < knee, light, knee + (1 - knee) * (1 - np.exp(-over / 1.6)))


def shares(indices, alpha) -> dict[str, float]:
    """Share of the frame, 0..1, of skin, eyes, hair, clothes, accessories and background."""
    seen = np.rint(indices).astype(int)
    found = {name: float(alpha[seen == index].sum() / alpha.size) for name, index in PARTS.items()}
    return found | {"background": float(1 - alpha.mean())}
