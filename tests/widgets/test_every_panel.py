"""Every panel: its page, its controls, and that each of them changes what is seen."""

import base64
import re

import cv2
import numpy as np
import pytest
from panel_samples import FIELDS, make_temperature_panel, make_training_panel, predict, read_page

from colorkit.evaluation import baselines
from colorkit.widgets import face_panels, hint_panel
from colorkit.widgets.panel import as_html


@pytest.fixture(params=["colors", "faces", "temperature", "hints", *FIELDS])
def any_panel(request, train):
    match request.param:
        case "colors":
            return face_panels.Colors(train.take(4), np.array([8.0, 12.0]))
        case "faces":
            predictors = {"grey": baselines.Grey(), "mean color": baselines.MeanColor.fit(train)}
            return face_panels.Faces(train.take(4), predictors)
        case "temperature":
            return make_temperature_panel(train)
        case "hints":
            return hint_panel.Hinting(train.take(4), predict)
        case model:
            return make_training_panel(model)


def test_a_panel_shows_its_controls_and_a_picture_with_alt_text(any_panel):
    count = len(any_panel.controls)
    assert any_panel.widget.children[:count] == tuple(any_panel.controls.values())
    buttons = [child.children for child in any_panel.widget.children[count:-1]]
    assert buttons == ([tuple(any_panel.buttons.values())] if hasattr(any_panel, "buttons") else [])
    assert "colorkit-panel" in any_panel.widget._dom_classes
    assert all(control.description for control in any_panel.controls.values())
    image = r'<img class="colorkit-picture" [^>]*alt="([^"]+)" src="data:image/png;base64,([^"]+)"'
    alt, data = re.search(image, read_page(any_panel)).groups()
    assert len(alt) > 60
    png = np.frombuffer(base64.b64decode(data), np.uint8)
    height, width, _ = cv2.imdecode(png, cv2.IMREAD_COLOR).shape
    assert width == 900
    assert 200 < height < 400


def find_other_value(control):
    """Find another value that a control can take."""
    options = getattr(control, "options", None)
    if options is None:
        at_its_end = control.value == control.max
        return control.min if at_its_end else control.value + control.step
    values = [option[1] if isinstance(option, tuple) else option for option in options]
    return next(value for value in values if value != control.value)


def test_every_control_changes_what_is_seen_and_moving_it_back_undoes_that(any_panel):
    for control in any_panel.controls.values():
        before = read_page(any_panel)
        value = control.value
        control.value = find_other_value(control)
        assert read_page(any_panel) != before, control.description
        control.value = value
        assert read_page(any_panel) == before, control.description


def test_words_can_t_break_out_of_the_page(any_panel):
    drawn = any_panel._draw(**any_panel.values)
    page = as_html(drawn._replace(alt='"><b>', line="<script>"))
    assert 'alt="&quot;&gt;&lt;b&gt;"' in page
    assert "&lt;script&gt;" in page
