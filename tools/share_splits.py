"""Write finished splits into data_manifest.json, so that students fetch them from your Google Drive.

    python tools/share_splits.py out/data --name shared
    python tools/share_splits.py out/data --name shared   # again, after the ids are filled in: says what is still missing

Ids that are filled in stay as long as their files are the same.
"""

import argparse
import json
import re
import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))
from colorkit import data, files  # noqa: E402
from colorkit.data import SPLITS_MANIFEST  # noqa: E402
from colorkit.errors import KitError  # noqa: E402

LICENCE = "as its source"


def share(folder: Path, name: str, target: Path, licence: str | None = None) -> dict[str, dict]:
    """Verify splits and write an entry for each of their files, and a group of them, into a manifest.

    Args:
        folder: of the splits.
        name: what students will call them.
        target: the manifest, read and written.
        licence: of the splits, which students are then asked to accept; None leaves what an earlier call wrote, else "as its source".

    Returns:
        The group's entries, their own manifest last, so that its presence in a student's folder says that all files came.

    Raises:
        KitError: the splits are damaged, the manifest can't be read, or the name belongs to something else.
    """
    known, groups = data.entries(target), data.groups(target)
    if not re.fullmatch(r"[A-Za-z0-9][\w-]*", name):
        raise KitError(f"{name!r} is no name: letters, digits, - and _ only")
    if name in groups and groups[name]["kind"] != "splits":
        raise KitError(
            f"{name} is already the name of other data in {target}: choose another --name"
        )
    data.verify_splits(folder)
    parts = [
        part for split in data.read_manifest(folder)["splits"].values() for part in split["files"]
    ]
    parts.append(
        {
            "name": SPLITS_MANIFEST,
            "sha256": files.sha256(folder / SPLITS_MANIFEST),
            "bytes": (folder / SPLITS_MANIFEST).stat().st_size,
        }
    )
    old = [known[file] for file in groups.get(name, {"files": []})["files"] if file in known]
    identifiers = {entry["sha256"]: entry.get("gdown_id", "") for entry in old}
    licence = licence or next((entry["licence"] for entry in old), LICENCE)
    entries = {}
    for part in parts:
        file, digest = Path(part["name"]).name, part["sha256"]
        entry = {
            "path": file,
            "sha256": digest,
            "bytes": part["bytes"],
            "licence": licence,
            "gdown_id": identifiers.get(digest, ""),
        }
        entry |= (
            {} if licence == LICENCE else {"ask": True}
        )  # students see a licence that is stated, and accept it, before they fetch
        entries[f"{name}/{file}"] = entry
    content = json.loads(target.read_bytes())
    others = {
        key: entry for key, entry in content["files"].items() if not key.startswith(f"{name}/")
    }
    content["files"] = others | entries
    content["groups"] = content.get("groups", {}) | {
        name: {"kind": "splits", "files": list(entries)}
    }
    files.write_json(target, content)
    return entries


def next_steps(folder: Path, name: str, target: Path, entries: dict[str, dict]) -> list[str]:
    """What is left to do, in lines."""
    size = sum(entry["bytes"] for entry in entries.values())
    lines = [f"{len(entries)} files of '{name}', {size / 1e6:,.1f} MB, stand in {target}.", ""]
    missing = [key for key, entry in entries.items() if not entry["gdown_id"]]
    steps = []
    if missing:
        steps += [
            [
                "Upload these files to your Google Drive:",
                *(str(folder / entries[key]["path"]) for key in missing),
            ]
        ]
        steps += [["Share each of them: Share, General access, 'Anyone with the link'."]]
        steps += [
            [
                f"Copy each link. Its id is what stands between /d/ and /view. Paste it as gdown_id of its entry in {target}:",
                *missing,
            ]
        ]
        steps += [["Run this again: it says whether an id is still missing."]]
    students = [f"python -m colorkit prepare --source {name}", f'or SOURCE = "{name}" in lesson 01']
    steps += [
        [
            f"Give students the kit with this manifest as its {data.DATA_MANIFEST.name}, and the name:",
            *students,
        ]
    ]
    for number, (step, *details) in enumerate(steps, 1):
        lines += [f"{number}. {step}", *(f"     {detail}" for detail in details)]
    source = "Splits made from DigiFace-1M are under its licence, R-UDA (state it with --licence)"
    lines += [
        "",
        f"{source}: pass them on only with attribution and to people bound by the same terms.",
    ]
    return lines


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", type=Path, help="the splits, as `python -m colorkit prepare` made them"
    )
    parser.add_argument(
        "--name", default="shared", help="what students will call them (default: shared)"
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        default=data.DATA_MANIFEST,
        help="default: the kit's data_manifest.json",
    )
    parser.add_argument(
        "--licence", help=f"of the splits, in short: students must accept it (default: {LICENCE})"
    )
    arguments = parser.parse_args(argv)
    try:
        entries = share(arguments.folder, arguments.name, arguments.manifest, arguments.licence)
    except (KitError, OSError) as bad:
        print(f"share_splits: {bad}", file=sys.stderr)
        return 1
    print("\n".join(next_steps(arguments.folder, arguments.name, arguments.manifest, entries)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
