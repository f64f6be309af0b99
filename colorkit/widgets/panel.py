"""What all panels have in common."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets

from .. import plots
from ..plots.panels import Drawn

WIDE = {"style": {"description_width": "150px"}, "layout": {"width": "460px"}}


class Panel:
    """Controls above a picture that is drawn anew whenever one of them is moved.

    Attributes:
        controls: by name; what a control says is an argument of the picture.
        widget: what to display.
    """

    def __init__(self, controls: dict[str, ipywidgets.Widget], draw: Callable[..., Drawn]):
        self.controls, self._draw = controls, draw
        self._picture = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([*controls.values(), self._picture])
        self.widget.add_class("colorkit-panel")
        for control in controls.values():
            control.observe(lambda _: self._show(), names="value")
        self._show()

    @property
    def values(self) -> dict[str, Any]:
        """What the controls say now."""
        return {name: control.value for name, control in self.controls.items()}

    def _show(self) -> None:
        self._picture.value = as_html(self._draw(**self.values))


def as_html(drawn: Drawn) -> str:
    """A figure as a picture with alt text, its line below it. (An Output widget would lose the text, and flicker.)"""
    return f'{plots.to_html(drawn.figure, drawn.alt)}<p class="colorkit-line" aria-live="polite">{html.escape(drawn.line)}</p>'
