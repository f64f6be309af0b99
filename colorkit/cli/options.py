"""What several commands share: how a command is added, the folder of the splits, counts."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ..machine import home_folder

Command = Callable[[argparse.Namespace], None]


def add_command(
    commands, name: str, run: Command, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add a command to the command line.

    Args:
        commands: the subparsers of `command_line.build_parser`.
        name: what the user types.
        run: what the command does with its parsed arguments.
        summary: one line for --help.
        example: an example of its arguments, for --help.
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
        ArgumentTypeError: it is smaller.
    """
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value
