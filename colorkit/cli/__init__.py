"""The command line: `python -m colorkit prepare | train | show | evaluate | colorize | check-data`.

Each command is one module. It adds its options when the command line starts, and imports what
needs Keras only when it runs.
"""

from .command_line import build_parser, main
from .options import path

__all__ = ["build_parser", "main", "path"]
