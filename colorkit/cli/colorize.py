"""`colorize`: color photographs."""

import argparse
import functools
import sys
from pathlib import Path

from ..errors import KitError
from ..machine import choose_backend
from .options import add_command

PICTURES = "PNG, JPEG, WebP, TIFF, BMP or GIF; from a folder, those that lie right in it"
HINTS = "colors for one picture: CSV with the header x,y,color, whose rows are like 120,80,#c08060"
BOX = "color this part only, in pixels of the upright picture from its upper left corner; the model then sees nothing else"


def add_to(commands) -> None:
    """Add the command and its options."""
    summary = "Color photographs, at their own size and lightness; writes DIR/<name>.png."
    example = "colorize old/album grandmother.jpg --out out/colored"
    parser = add_command(commands, "colorize", run, summary, example)
    add = parser.add_argument
    add("images", nargs="+", type=Path, metavar="IMAGE|FOLDER", help=PICTURES)
    out = "folder for the colored pictures; no file that is there is replaced"
    add("--out", type=Path, required=True, metavar="DIR", help=out)
    model = "a run that colors in place of the kit's own weights; all know faces only"
    add("--run", type=Path, help=model)
    add("--hints", type=Path, metavar="FILE", help=HINTS)
    add("--box", nargs=4, type=int, metavar=("X", "Y", "W", "H"), help=BOX)


def run(arguments: argparse.Namespace) -> None:
    """Color photographs: a line for each, on stderr for those left out."""
    from .. import photos

    box = photos.box(*arguments.box) if arguments.box else None
    paths = photos.find(arguments.images)
    predict = _predict(arguments, paths, box)
    left_out = 0
    for outcome in photos.colorize(paths, arguments.out, predict, box):
        if isinstance(outcome, KitError):
            left_out += 1
            print(f"colorkit: {outcome}", file=sys.stderr)
        else:
            print(outcome, flush=True)
    if left_out:
        raise KitError(f"{left_out} of {len(paths)} pictures were left out, for the reasons above")


def _predict(arguments: argparse.Namespace, paths: list[Path], box):
    """Choose what colors: a run, or the weights that ship with the kit; with hints if there are any."""
    from .. import photos

    if arguments.hints and len(paths) > 1:
        count = len(paths)
        raise KitError(f"--hints: expected one picture, got {count}: name the picture of the hints")
    hints = None
    if arguments.hints:
        hints = photos.hint_file.planes(arguments.hints, paths[0], box)
    if arguments.run:
        choose_backend()
        from ..runs import Run

        model = Run(arguments.run)
    else:
        model = photos.load_weights("vivid" if hints is None else "hinted")
    return model.predict if hints is None else functools.partial(model.predict, hints=hints)
