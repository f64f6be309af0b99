"""What the tests of several panels share."""

import pytest

from colorkit.widgets import training_panel


@pytest.fixture(autouse=True)
def stages(monkeypatch):
    """Give the numbers of weights without building ResNet-50."""
    monkeypatch.setattr(
        training_panel.resnet,
        "weights_of_stages",
        lambda: [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000],
    )
