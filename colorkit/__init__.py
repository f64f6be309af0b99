"""colorkit: the helper package of a course in which students colorize faces with deep learning.

Importing this package imports nothing heavy; the lessons import the modules they need.
"""

__version__ = "0.1.0"
