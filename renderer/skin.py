"""The skin's texture: albedo of every texel of the head's atlas, in linear light."""

import cv2
import numpy as np

from .colors import hsv, linear
from .facial_hair import beard_density
from .head import Head, smoothstep
from .identity import Person
from .scalp import hairline

STUBBLE_BLUE = linear(np.array([0.22, 0.22, 0.25]))


def paint(head: Head, person: Person):
    """Albedo (rows, columns, 3) float32, linear; texels beside the head carry its colors on."""
    texels = head.texels.astype("f4")
    skin = np.broadcast_to(linear(person.skin), texels.shape).astype("f4").copy()
    for layer in (blotches, flush, age_marks, freckles, moles, lips_and_make_up, scalp, beard_shadow):
        skin = layer(skin, texels, head, person, person.stream("skin " + layer.__name__))
    return np.clip(spread_out(skin.astype("f4"), head.texels_inside), 0.002, 0.95)


def noise(r, shape, cells: int, octaves: int = 4):
    """Smooth noise (rows, columns) of mean 0 and deviation 1, its coarsest grain 1/`cells` of the height."""
    total = np.zeros(shape, "f4")
    for k in range(octaves):
        rows = cells * 2**k
        grain = r.normal(0, 1, (rows, max(2, rows * shape[1] // shape[0]))).astype("f4")
        total += 0.55**k * cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return total / total.std()


def spot(texels, x: float, y: float, wide: float, high: float):
    """A soft spot (rows, columns) on the front of the face, on both sides alike."""
    return np.exp(-(((np.abs(texels[..., 0]) - x) / wide) ** 2) - ((texels[..., 1] - y) / high) ** 2) * (texels[..., 2] > 0.3)


def mixed(skin, color, share):
    """`skin` with `color` laid over it by `share` (rows, columns)."""
    return skin * (1 - share[..., None]) + color * share[..., None]


def blotches(skin, texels, head, person, r):
    """Unevenness, coarse and fine."""
    return skin * (1 + 0.035 * noise(r, skin.shape[:2], 6) + 0.02 * noise(r, skin.shape[:2], 30, 3))[..., None]


def flush(skin, texels, head, person, r):
    """Blood near the surface: cheeks, nose, chin, forehead, ears; less of it shows on dark skin. Then the darker eye sockets."""
    strength = r.uniform(0.3, 1.3) * (1 - 0.055 * person.tone)
    red = 0.6 * spot(texels, 0.5, 6.86, 0.24, 0.2) + 0.65 * spot(texels, 0, 6.92, 0.17, 0.1) + 0.35 * spot(texels, 0, 6.3, 0.25, 0.12)
    red = strength * (red + 0.25 * spot(texels, 0, 7.85, 0.4, 0.2) + 0.45 * head.mask_ears / 255 + 0.05 * noise(r, skin.shape[:2], 12, 3))
    skin = skin * np.stack([np.ones_like(red), 1 - 0.26 * red, 1 - 0.24 * red], -1)
    sockets = r.uniform(0.03, 0.22) * spot(texels, 0.31, 7.27, 0.22, 0.12)
    return skin * (1 - sockets)[..., None] * (1 - r.uniform(0, 0.18) * spot(texels, 0.31, 7.13, 0.16, 0.05))[..., None]


def age_marks(skin, texels, head, person, r):
    """Uneven, spotted skin from middle age on."""
    if person.wrinkles < 0.3:
        return skin
    skin = skin * (1 + noise(r, skin.shape[:2], 40, 2) * (person.wrinkles - 0.2) * 0.06)[..., None]
    return skin * (1 - 0.12 * (noise(r, skin.shape[:2], 30, 2) > 2.2 - 0.3 * person.wrinkles))[..., None]


def freckles(skin, texels, head, person, r):
    """Freckles over cheeks and nose, on one light face in four."""
    if person.tone > 6 or r.random() > 0.25:
        return skin
    where = cv2.GaussianBlur((spot(texels, 0.35, 6.95, 0.45, 0.22) + spot(texels, 0, 6.98, 0.4, 0.25)).astype("f4"), (0, 0), 2)
    dots = cv2.GaussianBlur(((noise(r, skin.shape[:2], 80, 2) > 1.6) * where).astype("f4"), (0, 0), 0.6)
    return skin * (1 - np.clip(dots, 0, 1)[..., None] * np.array([0.25, 0.38, 0.45]) * r.uniform(0.4, 1.0))


def moles(skin, texels, head, person, r):
    """About one mole a face."""
    places = np.argwhere(head.texels_inside & (texels[..., 2] > 0.8) & (texels[..., 1] > 6.4) & (texels[..., 1] < 8))
    for _ in range(r.poisson(0.8)):
        center = texels[tuple(places[r.integers(len(places))])]
        dot = np.exp(-((np.linalg.norm(texels - center, axis=-1) / r.uniform(0.014, 0.025)) ** 2))
        skin = skin * (1 - 0.6 * dot[..., None] * np.array([0.8, 1, 1]))
    return skin


def lip_mask(head: Head):
    """Share (rows, columns) of lip in every texel."""
    return cv2.GaussianBlur(head.mask_lips.astype("f4") / 255, (0, 0), 0.8)


def lips_and_make_up(skin, texels, head, person, r):
    """Lips: the skin's own color, redder and darker. Lipstick, eye shadow and rouge for who wears them."""
    lips = linear(person.skin) * np.array([0.84, 0.56, 0.56]) ** r.uniform(0.5, 1.1)
    if person.make_up:
        lipstick = hsv(r.normal(0.975, 0.03), r.uniform(0.3, 0.75), r.uniform(0.35, 0.8))
        if r.random() < 0.8:
            lips = 0.35 * lips + 0.65 * lipstick
        if r.random() < 0.4:
            shadow = hsv(r.random(), r.uniform(0.1, 0.5), r.uniform(0.15, 0.6))
            skin = mixed(skin, shadow, spot(texels, 0.31, 7.36, 0.17, 0.07) * r.uniform(0.15, 0.5))
        rouge = 2 * linear(np.array([0.8, 0.42, 0.42])) * linear(person.skin).mean()
        skin = mixed(skin, rouge, spot(texels, 0.5, 6.88, 0.18, 0.14) * r.uniform(0, 0.25))
    return mixed(skin, lips, lip_mask(head))


def scalp(skin, texels, head, person, r):
    """Skin under hair takes the hair's color, softly at the hairline; a shaved head shows a shadow of it."""
    cover = {"bald": r.choice([0, 0.12, 0.3]), "receding": 0.45, "buzz": 0.7}.get(person.hair_style, 0.85)
    under = smoothstep(-0.12, 0.14, texels[..., 1] - hairline(person, texels)) * (1 - head.mask_ears / 255) * (texels[..., 1] > 6.5)
    return mixed(skin, linear(person.hair), cover * under)


def beard_shadow(skin, texels, head, person, r):
    """The shadow under a beard, and on most shaven men."""
    if person.beard == "none" and (not person.male or r.random() > 0.6):
        return skin
    kind = person.beard if person.beard != "none" else "stubble"
    density = beard_density(kind, texels.reshape(-1, 3)).reshape(skin.shape[:2]) * (texels[..., 2] > 0.1) * (1 - head.mask_ears / 255)
    density = cv2.GaussianBlur((density * (1 - lip_mask(head))).astype("f4"), (0, 0), 1.5)
    cover = {"none": r.uniform(0.04, 0.12), "stubble": r.uniform(0.12, 0.28)}.get(person.beard, 0.5)
    return mixed(skin, 0.7 * linear(person.hair) + 0.3 * STUBBLE_BLUE, cover * density)


def spread_out(image, inside):
    """The image with the texels around the head filled from its edge, so that filtering takes nothing from outside."""
    known = inside.astype("f4")
    for size in (1, 2, 4, 8):
        total, weight = cv2.GaussianBlur(image * known[..., None], (0, 0), size), cv2.GaussianBlur(known, (0, 0), size)
        fill = (known < 0.5) & (weight > 1e-3)
        image[fill] = total[fill] / weight[fill][:, None]
        known = np.maximum(known, fill)
    return image
