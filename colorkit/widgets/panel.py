"""The base of all panels, and how a picture is put into one."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets

from .. import plots
from ..plots.panels import Drawn

WIDE = {"style": {"description_width": "150px"}, "layout": {"width": "460px"}}


class Panel:
    """Controls above a picture, which is drawn again whenever one of them is moved.

    Args:
        controls: name -> control.
        draw: function that draws the picture; it is called with the value of each control, by name.

    Attributes:
        controls: name -> control.
        widget: widget to display.
    """

    def __init__(self, controls: dict[str, ipywidgets.Widget], draw: Callable[..., Drawn]) -> None:
        self.controls = controls
        self._draw = draw
        self._picture = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([*controls.values(), self._picture])
        self.widget.add_class("colorkit-panel")
        for control in controls.values():
            control.observe(lambda _: self._show(), names="value")
        self._show()

    @property
    def values(self) -> dict[str, Any]:
        """The present value of each control, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def _show(self) -> None:
        self._picture.value = as_html(self._draw(**self.values))


def as_html(drawn: Drawn) -> str:
    """Return a figure as HTML: the picture with its alt text, and its line below.

    An Output widget would lose the alt text, and flicker.
    """
    picture = plots.to_html(drawn.figure, drawn.alt)
    line = html.escape(drawn.line)
    return f'{picture}<p class="colorkit-line" aria-live="polite">{line}</p>'
