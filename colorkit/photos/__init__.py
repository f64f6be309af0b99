"""Color real photographs at their own size."""

from . import hint_file
from .colorizing import colorize
from .finding import find
from .full_size import Box, box, colored, whole
from .image_files import Photo, read, write
from .targets import check_folder
from .unet_numpy import Network
from .weights import ABOUT, load_shipped, read_weights

__all__ = [
    "ABOUT",
    "Box",
    "Network",
    "Photo",
    "box",
    "check_folder",
    "colored",
    "colorize",
    "find",
    "hint_file",
    "load_shipped",
    "read",
    "read_weights",
    "whole",
    "write",
]
