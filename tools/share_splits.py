"""Write finished splits into data_manifest.json: students fetch them from your Google Drive.

    python tools/share_splits.py out/data --name shared

Run it again after you have filled in the ids: it says what is still missing. An id stays as long as
its file is the same. You may paste the link itself; its id is taken out of it.
"""

import argparse
import functools
import json
import re
import sys
from pathlib import Path
from typing import Any

import checkout

from colorkit import cli, data, files
from colorkit.data import SPLITS_MANIFEST
from colorkit.errors import KitError
from colorkit.machine import console

LICENCE = "as its source"
# A file's id in the links that Google Drive gives, and alone
LINK = re.compile(r"https://(?:drive|docs)\.google\.com/.*?(?:/d/|[?&]id=)([\w-]+).*")
IDENTIFIER = re.compile(r"[\w-]+", re.ASCII)

Entries = dict[str, dict[str, Any]]  # the manifest's JSON: an entry for each file, by its name


def share(folder: Path, name: str, target: Path, licence: str | None = None) -> Entries:
    """Verify splits, and write an entry for each of their files, and their group, into a manifest.

    Args:
        folder: folder of the splits.
        name: name that students will use for them.
        target: manifest, read and written.
        licence: license of the splits, which students are then asked to accept. None keeps what an
            earlier call wrote, else it is "as its source".

    Returns:
        The group's entries. The splits' own manifest comes last, so that its presence in a
        student's folder says that all files have arrived.

    Raises:
        KitError: the splits are damaged, the manifest can't be read, or the name belongs to
            something else.
    """
    known = data.entries(target)
    groups = data.groups(target)
    if not re.fullmatch(r"[A-Za-z0-9][\w-]*", name):
        raise KitError(f"{name!r} is not a name: use letters, digits, - and _ only")
    if name in groups and groups[name]["kind"] != "splits":
        raise KitError(
            f"{name} is already the name of other data in {target}: choose another --name"
        )
    data.verify_splits(folder)
    names = groups[name]["files"] if name in groups else []
    old = [known[file] for file in names if file in known]
    licence = licence or next((entry["licence"] for entry in old), LICENCE)
    identifiers = {entry["sha256"]: entry.get("gdown_id", "") for entry in old}
    identifiers = read_identifiers(identifiers, target)
    entries = {}
    for part in list_files(folder):
        file = Path(part["name"]).name
        entries[f"{name}/{file}"] = make_entry(part, licence, identifiers)
    write_entries(target, name, entries)
    return entries


def read_identifiers(pasted: dict[str, str], target: Path) -> dict[str, str]:
    """Read the ids that a teacher has pasted, alone or in links.

    Args:
        pasted: what stands in the manifest, by SHA-256 of the file.
        target: the manifest, for the message.

    Raises:
        KitError: something pasted is neither an id nor a file's link, or two files have the same.
    """
    identifiers = {}
    for digest, text in pasted.items():
        link = LINK.fullmatch(text.strip())
        identifier = link[1] if link else text.strip()
        if identifier and not IDENTIFIER.fullmatch(identifier):
            raise KitError(
                f"{target}: gdown_id: expected the link of a file on Google Drive or its id, "
                f"got {text[:80]!r}"
            )
        if identifier and identifier in identifiers.values():
            raise KitError(f"{target}: two files have the gdown_id {identifier}: each has its own")
        identifiers[digest] = identifier
    return identifiers


def list_files(folder: Path) -> list[dict[str, Any]]:
    """List the files of splits with name, SHA-256 and bytes each; their manifest comes last."""
    splits = data.read_manifest(folder)["splits"].values()
    parts = [part for split in splits for part in split["files"]]
    path = folder / SPLITS_MANIFEST
    own = {"name": path.name, "sha256": files.sha256(path), "bytes": path.stat().st_size}
    return [*parts, own]


def make_entry(part: dict[str, Any], licence: str, identifiers: dict[str, str]) -> dict[str, Any]:
    """Make a file's entry in the manifest.

    Args:
        part: name, SHA-256 and bytes of the file.
        licence: license of the splits.
        identifiers: known ids on Google Drive by SHA-256.
    """
    entry = {
        "path": Path(part["name"]).name,
        "sha256": part["sha256"],
        "bytes": part["bytes"],
        "licence": licence,
        "gdown_id": identifiers.get(part["sha256"], ""),
    }
    if licence != LICENCE:
        entry["ask"] = True  # students see the license and accept it before they fetch the file
    return entry


def write_entries(target: Path, name: str, entries: Entries) -> None:
    """Put entries and their group into a manifest, in place of those of an earlier call."""
    content = json.loads(target.read_bytes())
    others = {
        key: entry for key, entry in content["files"].items() if not key.startswith(f"{name}/")
    }
    group = {"kind": "splits", "files": list(entries)}
    content["files"] = others | entries
    content["groups"] = content.get("groups", {}) | {name: group}
    files.write_json(target, content)


def list_steps(folder: Path, name: str, target: Path, entries: Entries) -> list[list[str]]:
    """List the steps that are left to do, each followed by its details."""
    steps = []
    missing = [key for key, entry in entries.items() if not entry["gdown_id"]]
    if missing:
        paths = [str(folder / entries[key]["path"]) for key in missing]
        paste = f"Paste it as gdown_id of its entry in {target}:"
        steps = [
            ["Upload these files to your Google Drive:", *paths],
            ["Share each of them: Share, General access, 'Anyone with the link'."],
            [f"Copy each link. Its id is the part between /d/ and /view. {paste}", *missing],
            ["Run this again: it says whether an id is still missing."],
        ]
    kit = f"the kit with this manifest as its {data.DATA_MANIFEST.name}"
    students = [f"python -m colorkit prepare --source {name}", f'or SOURCE = "{name}" in lesson 01']
    steps.append([f"Give students {kit}, and the name:", *students])
    return steps


def next_steps(folder: Path, name: str, target: Path, entries: Entries) -> list[str]:
    """Say what is left to do, in lines."""
    size = sum(entry["bytes"] for entry in entries.values())
    lines = [f"{len(entries)} files of '{name}', {size / 1e6:,.1f} MB, are in {target}.", ""]
    for number, (step, *details) in enumerate(list_steps(folder, name, target, entries), 1):
        lines.append(f"{number}. {step}")
        lines += [f"     {detail}" for detail in details]
    source = (
        "Splits made from DigiFace-1M are under its license, R-UDA (state it with --licence): "
        "pass them on only with attribution and to people bound by the same terms."
    )
    return [*lines, "", source]


def main(argv: list[str] | None = None) -> int:
    """Share the splits that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=cli.path, help="the splits, as `python -m colorkit prepare` made them")
    add("--name", default="shared", help="name that students will use (default: shared)")
    manifest = "default: the kit's data_manifest.json"
    add("--manifest", type=cli.path, default=data.DATA_MANIFEST, help=manifest)
    licence = f"the splits' license, in short: students must accept it (default: {LICENCE})"
    add("--licence", help=licence)
    arguments = parser.parse_args(argv)
    return console.run_program("share_splits", functools.partial(run, arguments))


def run(arguments: argparse.Namespace) -> None:
    """Share splits, and print what is left to do."""
    folder, name, target = arguments.folder, arguments.name, arguments.manifest
    entries = share(folder, name, target, arguments.licence)
    console.say(*next_steps(folder, name, target, entries))


if __name__ == "__main__":
    sys.exit(main())
