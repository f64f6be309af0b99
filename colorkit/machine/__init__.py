"""Know what the kit runs on: Colab or not, Drive, devices, packages.

This is the only folder that knows TensorFlow, JAX or google.colab. It works before anything is
installed, because `setup` installs.
"""

import importlib
from types import ModuleType

from . import console, drive
from .accelerators import choose_backend, device_precision, find_accelerators, jax_devices
from .drive import on_drive
from .environment import Environment, default_profile, home_folder, setup, versions
from .hosts import on_colab
from .start import LESSON_PARTS
from .unmounting import before_disconnect
from .uploading import upload

__all__ = [
    "Environment",
    "LESSON_PARTS",
    "before_disconnect",
    "choose_backend",
    "console",
    "default_profile",
    "device_precision",
    "drive",
    "feeding",
    "find_accelerators",
    "home_folder",
    "jax_devices",
    "on_colab",
    "on_drive",
    "setup",
    "upload",
    "versions",
]


def __getattr__(name: str) -> ModuleType:
    """Import `feeding` when it is first used, because it needs Keras (PEP 562)."""
    if name != "feeding":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(".feeding", __name__)
