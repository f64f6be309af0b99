"""From faces to splits: archives of faces, the splits made from them, and how old photographs damage a picture."""

from . import tones
from .damage import PLATES, plate_lightness
from .decoding import PICTURES_PER_TASK, WORTH, in_order
from .faces import SIZE, Face, Index, Member, decode_face, index_faces, read_faces
from .manifest import DATA_MANIFEST, ask, entries, fetch, groups
from .old_photos import STRENGTHS, WORN, Damage, age, age_randomly
from .pickles import load_pickle
from .prepare import IMAGE_BYTES, SPLIT_NAMES, SPLITS_MANIFEST, build_splits
from .splits import (
    Split,
    digest,
    load_split,
    load_splits,
    local_copy,
    prepare_splits,
    read_manifest,
    verify_splits,
)

__all__ = [
    "DATA_MANIFEST",
    "Damage",
    "Face",
    "IMAGE_BYTES",
    "Index",
    "Member",
    "PICTURES_PER_TASK",
    "PLATES",
    "SIZE",
    "SPLITS_MANIFEST",
    "SPLIT_NAMES",
    "STRENGTHS",
    "Split",
    "WORN",
    "WORTH",
    "age",
    "age_randomly",
    "ask",
    "build_splits",
    "decode_face",
    "digest",
    "entries",
    "fetch",
    "groups",
    "in_order",
    "index_faces",
    "load_pickle",
    "load_split",
    "load_splits",
    "local_copy",
    "plate_lightness",
    "prepare_splits",
    "read_faces",
    "read_manifest",
    "tones",
    "verify_splits",
]
