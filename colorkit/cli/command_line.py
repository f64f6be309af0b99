"""Parse the arguments, run the command, and turn a failure into one line.

Exit status: 0 done, 1 failed with one clear line on stderr, 2 wrong usage.
"""

import argparse
import sys

from ..errors import KitError
from . import check_data, colorize, evaluate, prepare, show, train

STOPPED = (
    "stopped; finished epochs, downloads and pictures are kept, run the same command to continue"
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    arguments = build_parser().parse_args(argv)
    try:
        arguments.run_command(arguments)
    except (KitError, OSError) as bad:  # OSError: a full disk, a read-only folder
        if arguments.debug:
            raise
        print(f"colorkit: {bad}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"colorkit: {STOPPED}", file=sys.stderr)
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m colorkit",
        description="Colorize faces: data, training, evaluation.",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (prepare, train, show, evaluate, colorize, check_data):
        command.add_to(commands)
    return parser
