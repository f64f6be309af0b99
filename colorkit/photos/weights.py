"""Read trained weights without Keras: those that ship with the kit, or any file like them.

A file is NumPy's .npz. It holds arrays of float16, which halves its size and changes next to
nothing (data/weights/README.md says how much), and a JSON text that says what the layers are made
of. It holds no pickle. The files that ship are read only after their hash has matched
data_manifest.json.
"""

from pathlib import Path

import numpy as np

from ..data import manifest
from ..files import KIT
from .architecture import Architecture
from .unet_numpy import Network

ABOUT = "about"  # name of the JSON among the arrays


def load_shipped(name: str) -> Network:
    """Load weights that ship with the kit.

    Args:
        name: "vivid", or "hinted", which takes color hints.

    Raises:
        KitError: the file is missing, or is not the one that the manifest names.

    Example:
        >>> load_shipped("hinted").about.hints  # doctest: +SKIP
        True
    """
    return read_weights(manifest.fetch(name, manifest.ask, KIT), name)


def read_weights(path: Path, name: str) -> Network:
    """Read a file that tools/ship_weights.py wrote.

    Args:
        path: the file.
        name: name of the network, for tables.

    Example:
        >>> read_weights(Path("data/weights/vivid.npz"), "vivid").name  # doctest: +SKIP
        'vivid'
    """
    with np.load(path, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in stored.files}
    about = Architecture.from_json(str(arrays.pop(ABOUT)))
    values = {key: np.asarray(array, np.float32) for key, array in arrays.items()}
    return Network(name, about, values)
