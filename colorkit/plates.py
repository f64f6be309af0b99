"""What a photographic plate sees of a face instead of its lightness: old ones were blind to red, the oldest to green too.

A plate adds up the light of all wavelengths, each as much as it is sensitive to it. Three channels stand in for the spectrum here,
coarsely: silver halides see violet and ultraviolet too, of which no RGB picture knows anything, and real orthochromatic plates saw blue
better than green. The weights and years of the two old plates are those of Luo et al. 2021 (Time-Travel Rephotography). They took them on
coded sRGB; but it is light that adds up, so they are taken on linear sRGB here.
"""

import numpy as np

from . import color

SENSITIVITY = {  # of a plate to red, green and blue light; each sums to 1, so that a print exposed for white shows every grey as it is
    "panchromatic": tuple(color.RGB_TO_XYZ[1]),  # after 1906; as the eye: gives L
    "orthochromatic": (0.0, 0.5, 0.5),  # 1873 to 1906
    "blue-sensitive": (0.0, 0.0, 1.0),  # before 1873: wet collodion, daguerreotypes
}


def lightness(lab: np.ndarray, plate: str) -> np.ndarray:
    """How light a print from a plate is, whose tone curve renders greys true.

    Args:
        lab: uint8 (..., 3), CIELAB as storage code.
        plate: one of SENSITIVITY.

    Returns:
        float32 (...), 0..100, in units of L; for "panchromatic" L itself.
    """
    exposure = color.lab_to_linear(color.from_storage(lab)) @ np.array(SENSITIVITY[plate], np.float32)
    return color.lightness(np.clip(exposure, 0, 1))  # codes may lie just outside the gamut, where a channel is below 0 or above 1
