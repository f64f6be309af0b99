"""The command `colorize`: color photographs."""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..arrays import Ab, HintPlanes, LCode
from ..errors import KitError
from ..machine import choose_backend, console
from .options import Commands, add_command, path

if TYPE_CHECKING:
    from ..photos import Box

PICTURES = (
    "PNG, JPEG, WebP, TIFF, BMP or GIF, where possible AVIF and HEIC; "
    "of a folder, those directly in it"
)
HINTS = "color hints for one picture: CSV with the header x,y,color and rows like 120,80,#c08060"
BOX = (
    "color only this part, in pixels of the upright picture from its upper left corner; "
    "the model then sees nothing else"
)


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Color photographs, at their own size and lightness; writes DIR/<name>.png."
    example = "colorize old/album grandmother.jpg --out out/colored"
    parser = add_command(commands, "colorize", run, summary, example)
    add = parser.add_argument
    add("images", nargs="+", type=path, metavar="IMAGE|FOLDER", help=PICTURES)
    out = "folder for the colored pictures; existing files are never replaced"
    add("--out", type=path, required=True, metavar="DIR", help=out)
    model = "run to color with, instead of the kit's own weights; all of them know only faces"
    add("--run", type=path, help=model)
    add("--hints", type=path, metavar="FILE", help=HINTS)
    add("--box", nargs=4, type=int, metavar=("X", "Y", "W", "H"), help=BOX)


def run(arguments: argparse.Namespace) -> None:
    """Color photographs; print a line for each, on stderr for those left out."""
    from .. import photos

    box = photos.box(*arguments.box) if arguments.box else None
    photos.check_folder(arguments.out)
    paths = photos.find(arguments.images)
    predict = _choose_predict(arguments, paths, box)
    left_out = 0
    for outcome in photos.colorize(paths, arguments.out, predict, box):
        if isinstance(outcome, KitError):
            left_out += 1
            console.complain(f"colorkit: {outcome}")
        else:
            console.say(outcome)
    if left_out:
        raise KitError(f"{left_out} of {len(paths)} pictures were left out, for the reasons above")


def _choose_predict(
    arguments: argparse.Namespace, paths: list[Path | KitError], box: "Box | None"
) -> Callable[[LCode], Ab]:
    """Choose what colors: a run or the shipped weights, with color hints if there are any."""
    from .. import photos

    if arguments.hints and len(paths) > 1:
        count = len(paths)
        raise KitError(f"--hints: expected one picture, got {count}: name the picture of the hints")
    hints = None if arguments.hints is None else _read_hints(arguments.hints, paths[0], box)
    if arguments.run:
        choose_backend()
        from ..runs import Run

        model: Run | photos.Network = Run(arguments.run)
    else:
        model = photos.load_shipped("vivid" if hints is None else "hinted")
    return model.predict if hints is None else functools.partial(model.predict, hints=hints)


def _read_hints(path: Path, photograph: Path | KitError, box: "Box | None") -> HintPlanes:
    """Read the color hints of a photograph; print which of them can't be obeyed."""
    from .. import photos

    if isinstance(photograph, KitError):
        raise photograph
    hints = photos.hint_file.read(path, photograph, box)
    console.say(*hints.notes)
    return hints.planes
