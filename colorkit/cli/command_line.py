"""Parse the arguments, run the command, and turn a failure into one line.

Exit status: 0 done, 1 failed with one clear line on stderr, 2 wrong usage.
"""

import argparse
import functools
from typing import NoReturn

from ..errors import printable
from ..machine import console
from . import check_data, colorize, evaluate, prepare, show, train

STOPPED = (
    "stopped; finished epochs, downloads and pictures are kept, run the same command to continue"
)


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line, whatever the arguments hold."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the complaint, and exit with status 2."""
        super().error(printable(message))


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    console.accept_all_letters()
    arguments = build_parser().parse_args(argv)
    work = functools.partial(arguments.run_command, arguments)
    return console.run_program("colorkit", work, STOPPED, arguments.debug)


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of all commands."""
    parser = Parser(
        prog="python -m colorkit",
        description="Colorize faces: data, training, evaluation.",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (prepare, train, show, evaluate, colorize, check_data):
        command.add_to(commands)
    return parser
