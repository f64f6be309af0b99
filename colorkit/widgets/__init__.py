"""Panels for the lessons: controls above a picture that they change.

Everything that a control does is a plain function and works without a widget: plots draws the
pictures, and training reads a config. Only what ipywidgets 7.7.1 (Colab) and 8 share is used.
"""

from .face_panels import Colors, Faces, Temperature
from .hint_panel import Hinting
from .panel import Panel
from .training_panel import Training
from .vote_panel import Vote

__all__ = ["Colors", "Faces", "Hinting", "Panel", "Temperature", "Training", "Vote"]
