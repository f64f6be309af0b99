"""Trained weights in one file, and those that ship with the kit: read and used without Keras.

A file is NumPy's .npz of float16, which halves it and changes next to nothing (data/weights/README.md says how much), and of a JSON text
that says what the layers are made of. It holds no pickle, and is read only after its hash matched data_manifest.json.
"""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import files, manifest
from .files import KIT
from .inference import Network

if TYPE_CHECKING:
    import keras

ABOUT = "about"  # the name of the JSON among the arrays


def load(name: str) -> Network:
    """The weights that ship with the kit by a name: "vivid", or "hinted", which takes color hints.

    Raises:
        KitError: the file is missing, or is not the one that the manifest names.
    """
    return read(manifest.fetch(name, manifest.ask, KIT), name)


def read(path: Path, name: str) -> Network:
    """The weights of a file that `write` made."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    return Network(name, json.loads(str(arrays.pop(ABOUT))), {key: np.float32(array) for key, array in arrays.items()})


def write(model: "keras.Model", path: Path, temperature: float = 1.0) -> None:
    """Write the values of a trained U-Net into one file, whole or not at all; the same values give the same bytes.

    Args:
        model: that `unet.build_unet` built, such as a run's.
        path: of the file.
        temperature: with the head "classes", at which it is to predict (see unet.decode).
    """
    layers = {layer.name: layer for layer in model.layers}
    about = {
        "filters": [layer.filters for name, layer in layers.items() if re.fullmatch(r"encoder\d", name)],
        "head": "classes" if "palette" in layers else "regress",
        "hints": len(model.inputs) > 1,
        "groups": layers["encoder1_gn"].groups,
        "epsilon": layers["encoder1_gn"].epsilon,
    }
    about |= {"temperature": temperature} if about["head"] == "classes" else {"spread": layers["units"].scale}
    if about["hints"]:
        from .blocks import LIGHT, LOUD, NEAR, POWER

        about["listen"] = {"loud": LOUD, "power": POWER, "light": LIGHT, "near": NEAR}
    arrays = {value.path: value.numpy().astype(np.float16) for value in model.weights}
    with files.atomic_open(path) as stream:
        np.savez(stream, **{ABOUT: np.array(json.dumps(about))}, **arrays)
