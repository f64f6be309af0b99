"""Panels: controls of a lesson, and a picture that they change. Only what ipywidgets 7.7.1 (Colab) and 8 share is used.

Whatever a control does is a plain function that works without a widget: the pictures are in `figures`, training reads a config.
"""

from .face_panels import Colors, Faces, Temperature
from .hint_panel import Hinting
from .panel import Panel
from .training_panel import Training
from .vote_panel import Vote

__all__ = ["Colors", "Faces", "Hinting", "Panel", "Temperature", "Training", "Vote"]
