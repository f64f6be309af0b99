"""Paint the skin's texture: the albedo of every texel of the head's atlas, in linear light."""

from typing import NamedTuple

import cv2
import numpy as np

from .colors import hsv, linear
from .facial_hair import beard_density
from .head import Head, smoothstep
from .identity import Person
from .scalp import hairline


class Spot(NamedTuple):
    """Place a soft spot on the front of the neutral face; both sides of the face have it."""

    x: float  # distance of the center from the middle of the face
    y: float  # height of the center
    width: float  # distance at which it has faded to 1 / e
    height: float


CHEEK = Spot(0.5, 6.86, 0.24, 0.2)
NOSE_TIP = Spot(0, 6.92, 0.17, 0.1)
CHIN = Spot(0, 6.3, 0.25, 0.12)
FOREHEAD = Spot(0, 7.85, 0.4, 0.2)
EYE_SOCKET = Spot(0.31, 7.27, 0.22, 0.12)
BELOW_EYE = Spot(0.31, 7.13, 0.16, 0.05)
UPPER_LID = Spot(0.31, 7.36, 0.17, 0.07)
FRECKLED_CHEEK = Spot(0.35, 6.95, 0.45, 0.22)
FRECKLED_NOSE = Spot(0, 6.98, 0.4, 0.25)
ROUGED_CHEEK = Spot(0.5, 6.88, 0.18, 0.14)

FLUSHED = ((0.6, CHEEK), (0.65, NOSE_TIP), (0.35, CHIN), (0.25, FOREHEAD))  # (strength, where)
FLUSHED_EARS = 0.45
UNEVEN_FLUSH = 0.05
FLUSH_GREEN, FLUSH_BLUE = 0.26, 0.24  # share of green and blue that a full flush removes

FRECKLE = np.array([0.25, 0.38, 0.45])  # share of red, green and blue that a freckle removes
MOLE = np.array([0.8, 1, 1])
LIP_FACTOR = np.array([0.84, 0.56, 0.56])  # what the skin's albedo is multiplied by on the lips
ROUGE = linear(np.array([0.8, 0.42, 0.42]))
STUBBLE_BLUE = linear(np.array([0.22, 0.22, 0.25]))

FRONT = 0.3  # z in front of which spots show
DARKEST, LIGHTEST = 0.002, 0.95


def paint(head: Head, person: Person):
    """Paint the albedo (rows, columns, 3) float32, linear, of a person's skin.

    Texels beside the head continue the colors of its edge.
    """
    texels = head.texels.astype("f4")
    skin = np.broadcast_to(linear(person.skin), texels.shape).astype("f4").copy()
    for layer in LAYERS:
        r = person.stream("skin " + layer.__name__)
        skin = layer(skin, texels, head, person, r)
    filled = spread_out(skin.astype("f4"), head.texels_inside)
    return np.clip(filled, DARKEST, LIGHTEST)


def noise(r, shape, cells: int, octaves: int = 4):
    """Draw smooth noise (rows, columns) with mean 0 and standard deviation 1.

    Its coarsest grain is 1/`cells` of the height.
    """
    total = np.zeros(shape, "f4")
    for k in range(octaves):
        rows = cells * 2**k
        columns = max(2, rows * shape[1] // shape[0])
        grain = r.normal(0, 1, (rows, columns)).astype("f4")
        total += 0.55**k * cv2.resize(grain, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return total / total.std()


def intensity(texels, spot: Spot):
    """Return the intensity 0..1 (rows, columns) of a spot at every texel."""
    across = (np.abs(texels[..., 0]) - spot.x) / spot.width
    along = (texels[..., 1] - spot.y) / spot.height
    return np.exp(-(across**2) - along**2) * (texels[..., 2] > FRONT)


def blend(skin, color, share):
    """Lay `color` over `skin` by `share` (rows, columns)."""
    return skin * (1 - share[..., None]) + color * share[..., None]


def blur(image, sigma: float):
    """Blur an image with a Gaussian, in float32."""
    return cv2.GaussianBlur(image.astype("f4"), (0, 0), sigma)


def beside_ears(head: Head):
    """Return 1 (rows, columns) away from the ears, 0 on them."""
    return 1 - head.mask_ears / 255


def blotches(skin, texels, head, person, r):
    """Make the skin uneven, coarsely and finely."""
    coarse = noise(r, skin.shape[:2], 6)
    fine = noise(r, skin.shape[:2], 30, 3)
    return skin * (1 + 0.035 * coarse + 0.02 * fine)[..., None]


def flush(skin, texels, head, person, r):
    """Redden where blood is near the surface, less on dark skin; then darken the eye sockets."""
    strength = r.uniform(0.3, 1.3) * (1 - 0.055 * person.tone)
    red = sum(share * intensity(texels, spot) for share, spot in FLUSHED)
    red = red + FLUSHED_EARS * head.mask_ears / 255
    red = red + UNEVEN_FLUSH * noise(r, skin.shape[:2], 12, 3)
    red = strength * red
    factor = np.stack([np.ones_like(red), 1 - FLUSH_GREEN * red, 1 - FLUSH_BLUE * red], -1)
    sockets = r.uniform(0.03, 0.22) * intensity(texels, EYE_SOCKET)
    rings = r.uniform(0, 0.18) * intensity(texels, BELOW_EYE)
    return skin * factor * (1 - sockets)[..., None] * (1 - rings)[..., None]


def age_marks(skin, texels, head, person, r):
    """Make the skin uneven and spotted from middle age on."""
    if person.wrinkles < 0.3:
        return skin
    uneven = noise(r, skin.shape[:2], 40, 2) * (person.wrinkles - 0.2) * 0.06
    skin = skin * (1 + uneven)[..., None]
    spots = noise(r, skin.shape[:2], 30, 2) > 2.2 - 0.3 * person.wrinkles
    return skin * (1 - 0.12 * spots)[..., None]


def freckles(skin, texels, head, person, r):
    """Put freckles on cheeks and nose, on one light face in four."""
    if person.tone > 6 or r.random() > 0.25:
        return skin
    where = intensity(texels, FRECKLED_CHEEK) + intensity(texels, FRECKLED_NOSE)
    where = blur(where, 2)
    dots = blur((noise(r, skin.shape[:2], 80, 2) > 1.6) * where, 0.6)
    dots = np.clip(dots, 0, 1)[..., None]
    return skin * (1 - dots * FRECKLE * r.uniform(0.4, 1.0))


def moles(skin, texels, head, person, r):
    """Put about one mole on a face."""
    height = texels[..., 1]
    face = (texels[..., 2] > 0.8) & (height > 6.4) & (height < 8)
    places = np.argwhere(head.texels_inside & face)
    for _ in range(r.poisson(0.8)):
        center = texels[tuple(places[r.integers(len(places))])]
        distance = np.linalg.norm(texels - center, axis=-1)
        dot = np.exp(-((distance / r.uniform(0.014, 0.025)) ** 2))
        skin = skin * (1 - 0.6 * dot[..., None] * MOLE)
    return skin


def lip_mask(head: Head):
    """Return the share (rows, columns) of lip in every texel."""
    return cv2.GaussianBlur(head.mask_lips.astype("f4") / 255, (0, 0), 0.8)


def lips_and_make_up(skin, texels, head, person, r):
    """Paint the lips in the skin's own color, redder and darker, and make-up on some faces."""
    lips = linear(person.skin) * LIP_FACTOR ** r.uniform(0.5, 1.1)
    if person.make_up:
        lipstick = hsv(r.normal(0.975, 0.03), r.uniform(0.3, 0.75), r.uniform(0.35, 0.8))
        if r.random() < 0.8:
            lips = 0.35 * lips + 0.65 * lipstick
        if r.random() < 0.4:
            shadow = hsv(r.random(), r.uniform(0.1, 0.5), r.uniform(0.15, 0.6))
            skin = blend(skin, shadow, intensity(texels, UPPER_LID) * r.uniform(0.15, 0.5))
        rouge = 2 * ROUGE * linear(person.skin).mean()
        skin = blend(skin, rouge, intensity(texels, ROUGED_CHEEK) * r.uniform(0, 0.25))
    return blend(skin, lips, lip_mask(head))


def scalp(skin, texels, head, person, r):
    """Give the skin under hair the hair's color, fading at the hairline.

    A shaved head shows a shadow of it.
    """
    covers = {"bald": r.choice([0, 0.12, 0.3]), "receding": 0.45, "buzz": 0.7}
    cover = covers.get(person.hair_style, 0.85)
    above = texels[..., 1] - hairline(person, texels)
    under = smoothstep(-0.12, 0.14, above) * beside_ears(head) * (texels[..., 1] > 6.5)
    return blend(skin, linear(person.hair), cover * under)


def beard_shadow(skin, texels, head, person, r):
    """Paint the shadow under a beard, and on most shaven men."""
    if person.beard == "none" and (not person.male or r.random() > 0.6):
        return skin
    kind = person.beard if person.beard != "none" else "stubble"
    density = beard_density(kind, texels.reshape(-1, 3)).reshape(skin.shape[:2])
    density = density * (texels[..., 2] > 0.1) * beside_ears(head)
    density = blur(density * (1 - lip_mask(head)), 1.5)
    covers = {"none": r.uniform(0.04, 0.12), "stubble": r.uniform(0.12, 0.28)}
    cover = covers.get(person.beard, 0.5)
    color = 0.7 * linear(person.hair) + 0.3 * STUBBLE_BLUE
    return blend(skin, color, cover * density)


# In the order of painting. The name of each seeds its random stream, so renaming one of them
# changes every face.
LAYERS = (
    blotches,
    flush,
    age_marks,
    freckles,
    moles,
    lips_and_make_up,
    scalp,
    beard_shadow,
)


def spread_out(image, inside):
    """Fill the texels around the head from its edge, so that filtering picks up no background."""
    known = inside.astype("f4")
    for size in (1, 2, 4, 8):
        total = cv2.GaussianBlur(image * known[..., None], (0, 0), size)
        weight = cv2.GaussianBlur(known, (0, 0), size)
        fill = (known < 0.5) & (weight > 1e-3)
        image[fill] = total[fill] / weight[fill][:, None]
        known = np.maximum(known, fill)
    return image
