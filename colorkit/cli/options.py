"""Share what several commands need: adding a command, the folder of the splits, kinds of values."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..machine import home_folder
from ..models.fields import LARGEST_COUNT, LARGEST_SEED

DIVERGED = (
    "the newest weights are not numbers (NaN), because its training has diverged: "
    "train another run with a lower learning_rate"
)

Command: TypeAlias = Callable[[argparse.Namespace], None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Commands, name: str, run: Command, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add a command to the command line.

    Args:
        commands: subparsers of `command_line.build_parser`.
        name: word that the user types.
        run: function that runs the command, given its parsed arguments.
        summary: one line for --help.
        example: example of the command and its arguments, for --help.

    Returns:
        The command's own parser, for its options.
    """
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  python -m colorkit {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run_command=run)
    return parser


def add_data_option(parser: argparse.ArgumentParser) -> None:
    """Add --data, the folder of the splits."""
    help_ = "folder of the splits (default: data/ in the home folder)"
    parser.add_argument("--data", type=path, metavar="DIR", help=help_)


def data_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder that --data names, else the home folder's."""
    return arguments.data or home_folder() / "data"


def path(text: str) -> Path:
    """Parse the path of a file or folder. An empty one would be the current folder.

    Raises:
        ArgumentTypeError: it is empty, as a variable is that was never set.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a path, got an empty one")
    # A shell leaves the ~ in --out=~/pictures as it is.
    return Path(os.path.expanduser(text))


def positive(text: str) -> int:
    """Parse a whole number of 1 or more.

    Raises:
        ArgumentTypeError: the number is smaller, or beyond all use.
    """
    return _whole(text, 1, LARGEST_COUNT)


def seed(text: str) -> int:
    """Parse a seed.

    Raises:
        ArgumentTypeError: it is not one that the generators of random numbers take.
    """
    return _whole(text, 0, LARGEST_SEED)


def share(text: str) -> float:
    """Parse a share, from 0 to 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a share from 0 to 1, got {text[:40]!r}")
    return value


def _whole(text: str, least: int, most: int) -> int:
    """Parse a whole number inside a range."""
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from {least} to {most}, got {text[:40]!r}"
        )
    return value
