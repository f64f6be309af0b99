"""Read data_manifest.json, which teachers edit when they share splits."""

import json
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from ..errors import KitError, first_line
from ..files import KIT

DATA_MANIFEST = KIT / "data_manifest.json"
WEIGHTS = "weights"  # an entry's kind; those without a kind are faces
MEND = "put right what was changed there, or get the kit again (then ids are to be pasted again)"
MEND_TEXT = f"often a comma or a quotation mark is missing just before; {MEND}"
FILE_KINDS = {
    "path": str,
    "licence": str,
    "sha256": str,
    "bytes": int,
    "kind": str,
    "url": str,
    "gdown_id": str,
    "ask": bool,
}
GROUP_KINDS = {"kind": str, "files": list}
WORDS = {
    str: 'a text in "quotation marks"',
    int: "a whole number",
    bool: "true or false",
    list: "a list",
}


class DataFile(TypedDict):
    """One file of the manifest.

    A file whose publisher gives no checksum has no `sha256` and no `bytes`. `fetch` then checks the
    zip's own checksums and notes the SHA-256 it saw. A file without `url` and `gdown_id` comes with
    the kit. `ask` means that the license asks for consent.
    """

    path: str
    licence: str
    sha256: NotRequired[str]
    bytes: NotRequired[int]
    kind: NotRequired[str]
    url: NotRequired[str]
    gdown_id: NotRequired[str]
    ask: NotRequired[bool]
    images: NotRequired[int]
    identities: NotRequired[int]
    citation: NotRequired[str]


class Group(TypedDict):
    """A source by name: its kind, "faces" or "splits", and the names of its entries."""

    kind: str
    files: list[str]


class Manifest(TypedDict):
    """The content of data_manifest.json: files and groups by name."""

    files: dict[str, DataFile]
    groups: dict[str, Group]


def read(path: Path) -> Manifest:
    """Read a manifest; raise KitError where it is missing or isn't one."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as bad:
        raise KitError(f"{path} can't be read ({first_line(bad)}): get the kit again") from None
    except json.JSONDecodeError as bad:
        raise KitError(
            f"{path}, line {bad.lineno}, column {bad.colno}: {bad.msg}: {MEND_TEXT}"
        ) from None
    except (ValueError, RecursionError) as bad:
        raise KitError(f"{path} is not a text in JSON ({first_line(bad)}): {MEND}") from None
    if wrong := _wrong_entry(content):
        raise KitError(f"{path}: {wrong}: {MEND}")
    return {"files": content["files"], "groups": content.get("groups", {})}


def _wrong_entry(content: Any) -> str:
    """Say what is wrong with a manifest's structure; return an empty string when it is right."""
    if not isinstance(content, dict):
        return "expected an object with files and groups"
    for section, kinds, required in (
        ("files", FILE_KINDS, ("path", "licence")),
        ("groups", GROUP_KINDS, ("kind", "files")),
    ):
        entries = content.get(section, {} if section == "groups" else None)
        if not isinstance(entries, dict):
            return f"expected {section} as an object with an entry for each name"
        for name, entry in entries.items():
            if not isinstance(entry, dict):
                return f"expected {name} in {section} as an object, got {entry!r:.40}"
            for key in required:
                if key not in entry:
                    return f"{name} in {section} has no {key}"
            for key in kinds.keys() & entry.keys():
                if type(entry[key]) is not kinds[key]:
                    return f"{key} of {name}: expected {WORDS[kinds[key]]}, got {entry[key]!r:.40}"
    for name, group in content.get("groups", {}).items():
        for file in group["files"]:
            if not isinstance(file, str):
                return f"files of {name}: expected names, got {file!r:.40}"
    return ""


def entries(path: Path = DATA_MANIFEST) -> dict[str, DataFile]:
    """Return all files of the manifest by name.

    Raises:
        KitError: the manifest is missing or isn't JSON.
    """
    return read(path)["files"]


def groups(path: Path = DATA_MANIFEST) -> dict[str, Group]:
    """Return everything that can be named as a source of faces or splits.

    Each file of faces is a group too; weights are not a source.

    Raises:
        KitError: the manifest is missing or isn't JSON.
    """
    content = read(path)
    faces: dict[str, Group] = {
        name: {"kind": "faces", "files": [name]}
        for name, entry in content["files"].items()
        if entry.get("kind") != WEIGHTS
    }
    return faces | content["groups"]
