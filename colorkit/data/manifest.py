"""data_manifest.json: where each data file comes from, its SHA-256, bytes and licence; fetching and verifying them."""

import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from .. import files
from ..errors import KitError, first_line
from ..files import KIT
from ..machine import downloads

DATA_MANIFEST = KIT / "data_manifest.json"
WEIGHTS = "weights"  # an entry's kind; those without one are faces
SEEN = ".seen.json"  # beside a download without a published hash: the hash it had when it came


def _read(path: Path) -> dict:
    try:
        content = json.loads(path.read_bytes())
        return {"files": dict(content["files"]), "groups": dict(content.get("groups", {}))}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as bad:
        raise KitError(f"{path} can't be read ({bad}): get the kit anew") from None


def entries(path: Path = DATA_MANIFEST) -> dict[str, dict]:
    """All files: name -> dict of path, sha256, bytes, licence, and where they apply kind, url, gdown_id, ask, counts.

    A file whose publisher gives no checksum has none here either; `fetch` then checks the zip's own and records the SHA-256 it saw.

    Raises:
        KitError: the manifest is missing or isn't JSON.
    """
    return _read(path)["files"]


def groups(path: Path = DATA_MANIFEST) -> dict[str, dict]:
    """What can be named as a source: name -> dict of kind ("faces" or "splits") and files (names of entries). Weights are no source.

    Raises:
        KitError: the manifest is missing or isn't JSON.
    """
    content = _read(path)
    faces = {
        name: {"kind": "faces", "files": [name]}
        for name, entry in content["files"].items()
        if entry.get("kind") != WEIGHTS
    }
    return faces | content["groups"]


def verify(entry: dict, path: Path) -> None:
    """Compare a file with its entry.

    Raises:
        KitError: missing, another size or another SHA-256.
    """
    if not path.exists():
        raise KitError(f"{path} is missing: get the kit anew")
    if difference := _difference(entry, path):
        raise KitError(
            f"{path} {difference}: {'remove it and fetch it again' if _is_remote(entry) else 'get the kit anew'}"
        )


def _difference(entry: dict, path: Path) -> str:
    """How a file differs from its entry; empty when it is the file."""
    if path.stat().st_size != entry["bytes"]:
        return f"has {path.stat().st_size:,} bytes where {entry['bytes']:,} are right"
    if files.sha256(path) != entry["sha256"]:
        return "has another SHA-256 than the manifest"
    return ""


def ask(licence: str) -> bool:
    """Show a licence and ask for consent; False where nobody is there to answer."""
    try:
        return input(f"{licence}\nAccept? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, NotImplementedError):  # no terminal; a notebook that runs without its reader
        return False


def fetch_group(
    name: str,
    accept: Callable[[str], bool],
    shipped: Path = KIT,
    downloaded: Path = KIT / "out",
    manifest: Path = DATA_MANIFEST,
) -> list[Path]:
    """Give the paths of all files of a group (or of the one file of that name); the licence is asked once.

    Args:
        name: a group or an entry of the manifest.
        accept: called with the licence in short when a file that must be downloaded asks for consent; False stops before any download.
        shipped: where the paths of files that come with the kit start.
        downloaded: where the paths of downloads start.
        manifest: the manifest to read.

    Raises:
        KitError: what `fetch` raises.
    """
    known = groups(manifest)
    if name not in known:
        raise KitError(f"{name} is not in {manifest.name}: one of {', '.join(known)}")
    return _fetch(known[name]["files"], accept, shipped, downloaded, manifest)


def fetch(
    name: str,
    accept: Callable[[str], bool],
    shipped: Path = KIT,
    downloaded: Path = KIT / "out",
    manifest: Path = DATA_MANIFEST,
) -> Path:
    """Give the path of a verified data file, downloading it when it isn't there. Arguments as for `fetch_group`.

    Raises:
        KitError: unknown name, licence declined, download failed, or what came isn't the file.
    """
    return _fetch([name], accept, shipped, downloaded, manifest)[0]


def _fetch(
    names: list[str], accept: Callable[[str], bool], shipped: Path, downloaded: Path, manifest: Path
) -> list[Path]:
    """Ask for every consent first, then download what isn't there and verify all."""
    known, accepted, paths = entries(manifest), set(), []
    for name in names:
        if name not in known:
            raise KitError(f"{name} is not in {manifest.name}: one of {', '.join(known)}")
        entry = known[name]
        paths.append((downloaded if _is_remote(entry) else shipped) / entry["path"])
        if (
            _is_remote(entry)
            and not paths[-1].exists()
            and entry.get("ask")
            and entry["licence"] not in accepted
        ):
            if not accept(entry["licence"]):
                raise KitError(
                    f"{name} was not fetched: its licence was not accepted (answer y, or give --accept-licence)"
                )
            accepted.add(entry["licence"])
    for name, path in zip(names, paths, strict=True):
        if _is_remote(known[name]) and not path.exists():
            _download(name, known[name], path)
        if "sha256" in known[name]:
            verify(known[name], path)
        else:
            _verify_seen(path)
    return paths


def _is_remote(entry: dict) -> bool:
    return "url" in entry or "gdown_id" in entry


def _download(name: str, entry: dict, path: Path) -> None:
    """Download beside the target and verify there, so that a quota page or half a file never gets the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".download")
    try:
        if "url" in entry:
            downloads.from_web(entry["url"], partial)
        elif entry["gdown_id"]:
            downloads.from_drive(entry["gdown_id"], partial)
        else:
            raise KitError(
                "its gdown_id in data_manifest.json is empty: whoever shares it fills in the id of its Drive link"
            )
        _accept_download(entry, partial, path)
    except KitError as bad:
        raise KitError(f"{name} could not be fetched: {bad}") from None


def _accept_download(entry: dict, partial: Path, path: Path) -> None:
    """Give a download its name when it is what it should be; else remove it and say how to get the right one."""
    wrong = _difference(entry, partial) if "sha256" in entry else _zip_damage(partial)
    if wrong:
        partial.unlink()
        raise KitError(
            f"what came {wrong}; {'fetch it again' if 'url' in entry else downloads.OWN_COPY}"
        )
    if "sha256" not in entry:
        seen = {"sha256": files.sha256(partial), "bytes": partial.stat().st_size}
        files.write_json(path.with_name(path.name + SEEN), seen)
    partial.replace(path)


def _zip_damage(path: Path) -> str:
    """Read every member of a zip against its CRC, the only checksum there is; empty when all is well."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in tqdm(archive.infolist(), desc="checking", disable=None):
                with archive.open(info) as member:
                    while member.read(1 << 20):
                        pass
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError) as bad:
        return f"is not a whole zip ({first_line(bad)})"
    return ""


def _verify_seen(path: Path) -> None:
    """A file without a published hash must be as long as when it came (its members carry CRCs, checked as they are read)."""
    try:
        seen = json.loads(path.with_name(path.name + SEEN).read_bytes())
        same = seen["bytes"] == path.stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise KitError(
            f"{path} is not the file that was once fetched and checked: remove it and fetch it again"
        )
