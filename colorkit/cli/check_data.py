"""The command `check-data`: verify the splits."""

import argparse

from .. import data
from ..machine import console
from .options import Commands, add_command, add_data_option, data_folder


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Verify every file of the splits against its manifest."
    parser = add_command(commands, "check-data", run, summary, "check-data --data out/data")
    add_data_option(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print a line for each verified file."""
    for line in data.verify_splits(data_folder(arguments)):
        console.say(line)
