"""The command `prepare`: make the splits."""

import argparse
import os

from .. import data
from ..machine import console, home_folder
from .options import Commands, add_command, path, positive, share

SOURCES = (
    "where the faces are: zips, folders, or names in data_manifest.json such as digiface "
    "(default: the kit's own)"
)


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Make the train, val and test splits from faces."
    parser = add_command(
        commands, "prepare", run, summary, "prepare --source data/faces.zip --out out/data"
    )
    add = parser.add_argument
    add(
        "--source",
        nargs="+",
        type=_source,
        default=["faces"],
        metavar="ZIP|FOLDER|NAME",
        help=SOURCES,
    )
    accept = "agree to the license of a source that asks for it"
    add("--accept-licence", action="store_true", help=accept)
    add("--out", type=path, help="folder of the splits (default: data/ in the home folder)")
    pictures = "pictures of each identity (default 1)"
    add("--per-identity", type=positive, default=1, metavar="K", help=pictures)
    add("--seed", type=int, default=0)
    add("--limit", type=positive, metavar="N", help="use only N identities")
    too_many = "stop when more pictures than this are unusable (default 0.01)"
    add("--max-bad", type=share, default=0.01, metavar="SHARE", help=too_many)
    processes = (
        "processes that decode, at most 61; the splits don't depend on it (default: all cores)"
    )
    add("--processes", type=positive, metavar="N", help=processes)


def _source(text: str) -> str:
    """Parse a name or a path as it is written: `./faces` is a folder, `faces` a name.

    Raises:
        ArgumentTypeError: it is empty, as a variable is that was never set.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a name or a path, got an empty one")
    return os.path.expanduser(text)


def run(arguments: argparse.Namespace) -> None:
    """Make the splits from named sources, or from zips and folders."""
    out = arguments.out or home_folder() / "data"
    names = ("per_identity", "seed", "limit", "max_bad", "processes")
    settings = {name: getattr(arguments, name) for name in names}
    accept = _accept if arguments.accept_licence else data.ask
    manifest = data.prepare_splits(arguments.source, out, accept, **settings)
    counts = ", ".join(f"{name} {entry['images']:,}" for name, entry in manifest["splits"].items())
    console.say(f"{counts} faces in {out}")
    console.say(*data.note_skipped(out, manifest))


def _accept(licence: str) -> bool:
    """Print a license, and accept it: --accept-licence says so."""
    console.say(*licence.splitlines())
    return True
