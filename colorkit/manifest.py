"""data_manifest.json: where each data file comes from, its SHA-256, bytes and licence; fetching and verifying them."""

import http.client
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from . import files
from .errors import KitError, first_line

KIT = Path(__file__).resolve().parent.parent  # the checkout
MANIFEST = KIT / "data_manifest.json"
TIMEOUT = 60  # seconds without a byte before a download counts as failed


def entries(path: Path = MANIFEST) -> dict[str, dict]:
    """All entries: name -> dict of path, sha256, bytes, licence, and where they apply url, gdown_id, ask, counts.

    Raises:
        KitError: the manifest is missing or isn't JSON.
    """
    try:
        return json.loads(path.read_bytes())["files"]
    except (OSError, ValueError, KeyError) as bad:
        raise KitError(f"{path} can't be read ({bad}): get the kit anew") from None


def verify(entry: dict, path: Path) -> None:
    """Compare a file with its entry.

    Raises:
        KitError: missing, another size or another SHA-256.
    """
    if not path.exists():
        raise KitError(f"{path} is missing: get the kit anew")
    if path.stat().st_size != entry["bytes"]:
        raise KitError(f"{path} has {path.stat().st_size:,} bytes where {entry['bytes']:,} are right: remove it and fetch it again")
    if files.sha256(path) != entry["sha256"]:
        raise KitError(f"{path} has another SHA-256 than the manifest: remove it and fetch it again")


def fetch(name: str, accept: Callable[[str], bool], folder: Path = KIT, manifest: Path = MANIFEST) -> Path:
    """Give the path of a verified data file, downloading it when it isn't there.

    Args:
        name: an entry of the manifest.
        accept: called with the licence in short when the entry asks for consent; False stops before any download.
        folder: where the entry's relative path starts.
        manifest: the manifest to read.

    Raises:
        KitError: unknown name, licence declined, download failed, or what came isn't the file.
    """
    known = entries(manifest)
    if name not in known:
        raise KitError(f"{name} is not in {manifest.name}: one of {', '.join(known)}")
    entry = known[name]
    path = folder / entry["path"]
    if not path.exists():
        if entry.get("ask") and not accept(entry["licence"]):
            raise KitError(f"{name} was not fetched: its licence was not accepted")
        _download(name, entry, path)
    verify(entry, path)
    return path


def _download(name: str, entry: dict, path: Path) -> None:
    """Download beside the target and verify there, so that a quota page or half a file never gets the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".download")
    try:
        if "gdown_id" in entry:
            _from_drive(entry["gdown_id"], partial)
        elif "url" in entry:
            _from_web(entry["url"], partial)
        else:
            raise KitError(f"{path} is missing and has no address to fetch it from: get the kit anew")
        verify(entry, partial)
        partial.replace(path)
    except KitError as bad:
        raise KitError(f"{name} could not be fetched: {bad}") from None
    finally:
        partial.unlink(missing_ok=True)


def _from_web(url: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as source, open(target, "wb") as stream:
            shutil.copyfileobj(source, stream)
    except urllib.error.HTTPError as bad:
        with bad:  # the error is also the open answer
            raise KitError(f"{url}: {bad}") from None
    except (http.client.HTTPException, OSError) as bad:
        raise KitError(f"{url}: {first_line(bad)}") from None


def _from_drive(identifier: str, target: Path) -> None:
    """Fetch a shared Drive file. gdown fails in many ways (None, its own errors, a saved page): all become one."""
    import gdown  # only needed here

    try:
        result = gdown.download(id=identifier, output=str(target), quiet=True)
    except Exception as bad:  # gdown raises different classes in 5.1, 5.2 and 6
        result, reason = None, first_line(bad)
    else:
        reason = "Google Drive gave no file"
    if result is None:
        raise KitError(f"{reason}; open drive.google.com, make a copy of the file in your own Drive and mount that")
