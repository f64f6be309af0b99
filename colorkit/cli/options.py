"""Share what several commands need: adding a command, the folder of the splits, counts."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..machine import home_folder

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
    parser.add_argument("--data", type=Path, metavar="DIR", help=help_)


def data_folder(arguments: argparse.Namespace) -> Path:
    """Return the folder that --data names, else the home folder's."""
    return arguments.data or home_folder() / "data"


def positive(text: str) -> int:
    """Parse a whole number of 1 or more.

    Raises:
        ArgumentTypeError: the number is smaller.
    """
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value
