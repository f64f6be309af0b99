"""Recognize where a lesson was opened: on Colab, on Kaggle, or on a machine of one's own.

What the kit does or says differently in these places depends on this module.
"""

import os
from pathlib import Path

from ..files import KIT

# Google's machines have this file, and google.colab looks for it before it mounts Drive. Colab's
# variables mean less: Kaggle's machines, and Colab's image on one's own machine, have them too.
COLAB = "/var/colab/hostname"
KAGGLE = "KAGGLE_KERNEL_RUN_TYPE"  # a variable
KEPT_ON_KAGGLE = Path("/kaggle/working")  # the only folder that a saved version keeps: 20 GB

COLAB_GPU = "for a GPU: menu Runtime, Change runtime type, T4 GPU, then run this cell again"
KAGGLE_GPU = (
    "for a GPU: menu Settings, Accelerator (it needs a verified account), then run this cell again"
)
KAGGLE_KEEPS = (
    "Kaggle has no Drive: splits and runs are there for the next session only if you set "
    "Persistence to Files only (in the Session options) before this one ends."
)


def on_colab() -> bool:
    """Return whether this is one of Colab's own machines."""
    return os.path.exists(COLAB)


def on_kaggle() -> bool:
    """Return whether this is one of Kaggle's machines."""
    return KAGGLE in os.environ and not on_colab()


def is_hosted() -> bool:
    """Return whether somebody else set this machine up, with packages of their choice."""
    return on_colab() or on_kaggle()


def gpu_hint() -> str:
    """Say how to get a GPU here; nothing where the kit can't know."""
    if on_colab():
        return COLAB_GPU
    return KAGGLE_GPU if on_kaggle() else ""


def restart_menu() -> str:
    """Return the name of the menu that restarts the session."""
    if on_colab():
        return "Runtime"
    return "Run" if on_kaggle() else "Kernel"


def network_hint() -> str:
    """Say how to get back on the network."""
    if on_kaggle():
        return "turn Internet on (in the Session options) and run this cell again"
    return "run this cell again when the network is back"


def local_home() -> Path:
    """Return the home folder on this machine's own disk, where there is no Drive."""
    return KEPT_ON_KAGGLE / "colorkit" if on_kaggle() else KIT / "out"
