"""Figures and tables.

Each function returns what it draws; `show` displays a figure with its alt text.
"""

from . import page
from .color_classes import ClassChart, class_costs, class_probabilities
from .diagrams import architecture, describe_architecture
from .error_bars import errors_by_damage, errors_by_group, psnr_by_hints, tone_in_five_lights
from .faces import comparison_grid, error_maps, face_grid, planes
from .hints_and_photos import hinted_face, photograph
from .learning_curves import LiveCurves, curves, describe_curves, lines
from .output import form_of, save, show, to_html
from .tables import audit_page, audit_tables, difference_lines, evaluation_tables, groups_verdict

__all__ = [
    "ClassChart",
    "LiveCurves",
    "architecture",
    "audit_page",
    "audit_tables",
    "class_costs",
    "class_probabilities",
    "comparison_grid",
    "curves",
    "describe_architecture",
    "describe_curves",
    "difference_lines",
    "error_maps",
    "errors_by_damage",
    "errors_by_group",
    "evaluation_tables",
    "face_grid",
    "form_of",
    "groups_verdict",
    "hinted_face",
    "lines",
    "page",
    "photograph",
    "planes",
    "psnr_by_hints",
    "save",
    "show",
    "to_html",
    "tone_in_five_lights",
]
