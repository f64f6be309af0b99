"""Help students colorize faces with deep learning: the package behind a course of notebooks.

Importing this package imports nothing else. The lessons import the folders they need, as in
`from colorkit import color, data, models`.
"""

import platform
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if sys.version_info < (3, 11):  # noqa: UP036  (so that it says why, and not how it fails)
    raise ImportError(
        f"colorkit needs Python 3.11, 3.12 or 3.13; this is Python {platform.python_version()}"
    )

if TYPE_CHECKING:
    from .machine import before_disconnect, setup, upload

__all__ = ["__version__", "before_disconnect", "setup", "upload"]


def __getattr__(name: str) -> Callable:
    """Import `machine` when one of its functions is first used (PEP 562)."""
    if name not in ("before_disconnect", "setup", "upload"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(".machine", __name__), name)
