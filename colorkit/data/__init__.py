"""Turn archives of faces into splits, and damage their pictures as time damages photographs."""

from . import tones
from .damage import PLATES, plate_lightness
from .decoding import PICTURES_PER_TASK, WORTH, in_order
from .faces import SIZE, Face, Index, Member, decode_face, index_faces, read_faces
from .manifest import DATA_MANIFEST, ask, entries, fetch, groups
from .old_photos import STRENGTHS, WORN, Damage, age, age_randomly
from .pickles import load_pickle
from .prepare import IMAGE_BYTES, build_splits
from .splits import (
    Split,
    digest,
    load_split,
    load_splits,
    local_copy,
    note_skipped,
    prepare_splits,
)
from .splits_manifest import SPLIT_NAMES, SPLITS_MANIFEST, read_manifest, verify_splits

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
    "note_skipped",
    "plate_lightness",
    "prepare_splits",
    "read_faces",
    "read_manifest",
    "tones",
    "verify_splits",
]
