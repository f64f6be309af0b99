"""Name the arrays that flow through the kit, each with its shape, dtype and unit.

The names say what an array holds; a type checker sees only its dtype. L is lightness, a* runs from
green to red and b* from blue to yellow (CIELAB, D65, 2 degrees). A *code* is the whole number in
which a value is stored: round(L * 2.55), round(a) + 128, round(b) + 128.

A function of a single picture takes the same arrays without the first axis, N.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb8: TypeAlias = NDArray[np.uint8]
"""sRGB pictures, uint8 (..., H, W, 3), 0 to 255."""

Lab: TypeAlias = NDArray[np.float32]
"""CIELAB, float32 (..., 3): L 0 to 100, a* and b* signed."""

LabCode: TypeAlias = NDArray[np.uint8]
"""Stored CIELAB, uint8 (..., 3): the codes of L, a* and b*."""

LCode: TypeAlias = NDArray[np.uint8]
"""A model's input, uint8 (N, H, W, 1): the code of L, 0 to 255."""

Ab: TypeAlias = NDArray[np.float32]
"""A model's output, float32 (N, H, W, 2): a* and b* in CIELAB units."""

HintPlanes: TypeAlias = NDArray[np.float32]
"""Color hints as a model takes them, float32 (N, H, W, 3): a*, b*, and 1 where there is a hint."""

PerFace: TypeAlias = NDArray[np.float32]
"""One value a face, float32 (N,)."""
