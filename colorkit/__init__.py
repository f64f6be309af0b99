"""colorkit: the helper package of a course in which students colorize faces with deep learning.

Importing this package imports nothing heavy; the lessons import the folders they need: `from colorkit import color, data, models`.
"""

__version__ = "0.1.0"

from .machine import setup, upload

__all__ = ["__version__", "setup", "upload"]
