"""Trained weights in one file, and those that ship with the kit: read and used without Keras.

A file is NumPy's .npz of float16, which halves it and changes next to nothing (data/weights/README.md says how much), and of a JSON text
that says what the layers are made of. It holds no pickle, and is read only after its hash matched data_manifest.json.
"""

import json
from pathlib import Path

import numpy as np

from ..data import manifest
from ..files import KIT
from .unet_numpy import Network

ABOUT = "about"  # the name of the JSON among the arrays


def load_weights(name: str) -> Network:
    """The weights that ship with the kit by a name: "vivid", or "hinted", which takes color hints.

    Raises:
        KitError: the file is missing, or is not the one that the manifest names.
    """
    return read_weights(manifest.fetch(name, manifest.ask, KIT), name)


def read_weights(path: Path, name: str) -> Network:
    """The weights of a file that tools/ship_weights.py made."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    return Network(
        name,
        json.loads(str(arrays.pop(ABOUT))),
        {key: np.float32(array) for key, array in arrays.items()},
    )
