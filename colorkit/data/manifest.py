"""Fetch and verify the data files that data_manifest.json lists.

The manifest says where each file comes from, and its SHA-256, size and license.
"""

import json
from collections.abc import Callable
from pathlib import Path

from .. import files
from ..errors import KitError
from ..files import KIT
from ..machine import disk, downloads
from .manifest_file import DATA_MANIFEST, DataFile, Group, entries, groups
from .sources import zip_damage

SEEN = ".seen.json"  # ends the name of a note beside a file without a published hash


def verify(entry: DataFile, path: Path) -> None:
    """Compare a file with its entry.

    Raises:
        KitError: missing, another size or another SHA-256.
    """
    if not path.exists():
        raise KitError(f"{path} is missing: get the kit again")
    if difference := _difference(entry, path):
        remedy = "remove it and fetch it again" if _is_remote(entry) else "get the kit again"
        raise KitError(f"{path} {difference}: {remedy}")


def _difference(entry: DataFile, path: Path) -> str:
    """Say how a file differs from its entry; return an empty string when it doesn't."""
    size = path.stat().st_size
    if size != entry["bytes"]:
        return f"has {size:,} bytes instead of {entry['bytes']:,}"
    if files.sha256(path) != entry["sha256"]:
        return "has another SHA-256 than the manifest"
    return ""


def ask(licence: str) -> bool:
    """Show a license and ask for consent. Lesson 1.1.

    Returns:
        Whether the answer is yes; False where nobody is there to answer.

    Example:
        >>> ask("CC0-1.0")  # doctest: +SKIP
        CC0-1.0
        Accept? [y/N]
    """
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
    """Return the paths of a group's verified files; download those that aren't there.

    Each license is asked for once, before any download.

    Args:
        name: name of a group, or of one file.
        accept: called with the license of a file that must be downloaded and asks for consent;
            False stops before any download.
        shipped: folder to which the paths of files that come with the kit are relative.
        downloaded: folder to which the paths of downloads are relative.
        manifest: the manifest to read.

    Raises:
        KitError: what `fetch` raises.
    """
    known = groups(manifest)
    if name not in known:
        raise _unknown(name, manifest, known)
    return _fetch(known[name]["files"], accept, shipped, downloaded, manifest)


def fetch(
    name: str,
    accept: Callable[[str], bool],
    shipped: Path = KIT,
    downloaded: Path = KIT / "out",
    manifest: Path = DATA_MANIFEST,
) -> Path:
    """Return the path of a verified file; download it if it isn't there. Lesson 1.1.

    The arguments are those of `fetch_group`.

    Raises:
        KitError: unknown name, license declined, download failed, or what arrived isn't the file.

    Example:
        >>> fetch("faces", accept=ask)  # doctest: +SKIP
        PosixPath('/content/colorkit/data/faces.zip')
    """
    return _fetch([name], accept, shipped, downloaded, manifest)[0]


def _fetch(
    names: list[str], accept: Callable[[str], bool], shipped: Path, downloaded: Path, manifest: Path
) -> list[Path]:
    """Ask for every consent first; then download what isn't there and verify everything."""
    known = entries(manifest)
    accepted: set[str] = set()
    paths: list[Path] = []
    for name in names:
        if name not in known:
            raise _unknown(name, manifest, known)
        entry = known[name]
        path = (downloaded if _is_remote(entry) else shipped) / entry["path"]
        missing = _is_remote(entry) and not path.exists()
        if missing and entry.get("ask") and entry["licence"] not in accepted:
            _require_consent(name, entry["licence"], accept)
            accepted.add(entry["licence"])
        paths.append(path)
    for name, path in zip(names, paths, strict=True):
        entry = known[name]
        if _is_remote(entry) and not path.exists():
            _download(name, entry, path)
        if "sha256" in entry:
            verify(entry, path)
        else:
            _verify_seen(path)
    return paths


def _unknown(name: str, manifest: Path, known: dict[str, DataFile] | dict[str, Group]) -> KitError:
    """Return the error about a name that the manifest doesn't have."""
    return KitError(f"{name} is not in {manifest.name}: one of {', '.join(known)}")


def _require_consent(name: str, licence: str, accept: Callable[[str], bool]) -> None:
    """Ask for consent to a license; raise KitError where it is declined."""
    if not accept(licence):
        raise KitError(
            f"{name} was not fetched: its license was not accepted "
            "(answer y, or give --accept-licence)"
        )


def _is_remote(entry: DataFile) -> bool:
    """Return whether a file must be downloaded; the others come with the kit."""
    return "url" in entry or "gdown_id" in entry


def _download(name: str, entry: DataFile, path: Path) -> None:
    """Download beside the target and verify there: half a file never gets the file's name."""
    with disk.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".download")
    try:
        if "url" in entry:
            downloads.from_web(entry["url"], partial)
        elif entry["gdown_id"]:
            downloads.from_drive(entry["gdown_id"], partial)
        else:
            raise KitError(
                "its gdown_id in data_manifest.json is empty: "
                "whoever shares it fills in the id of its Drive link"
            )
        _accept_download(entry, partial, path)
    except KitError as bad:
        raise KitError(f"{name} could not be fetched: {bad}") from None


def _accept_download(entry: DataFile, partial: Path, path: Path) -> None:
    """Give a download its name if it is the right file; else remove it and say what to do."""
    wrong = _difference(entry, partial) if "sha256" in entry else zip_damage(partial)
    if wrong:
        partial.unlink()
        remedy = "fetch it again" if "url" in entry else downloads.OWN_COPY
        raise KitError(f"what came {wrong}; {remedy}")
    with disk.writing(path):
        if "sha256" not in entry:
            seen = {"sha256": files.sha256(partial), "bytes": partial.stat().st_size}
            files.write_json(_note_beside(path), seen)
        partial.replace(path)


def _note_beside(path: Path) -> Path:
    """Return the path of the note that keeps a file's hash and size from when it arrived."""
    return path.with_name(path.name + SEEN)


def _verify_seen(path: Path) -> None:
    """Raise KitError where a file without a published hash has another size than when it arrived.

    Its members carry CRCs, which are checked as they are read.
    """
    try:
        seen = json.loads(_note_beside(path).read_bytes())
        same = seen["bytes"] == path.stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise KitError(
            f"{path} is not the file that was once fetched and checked: "
            "remove it and fetch it again"
        )
