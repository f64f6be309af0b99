"""Help students colorize faces with deep learning: the package behind a course of notebooks.

Importing this package imports nothing heavy. The lessons import the folders they need, as in
`from colorkit import color, data, models`.
"""

__version__ = "0.1.0"

from .machine import setup, upload

__all__ = ["__version__", "setup", "upload"]
