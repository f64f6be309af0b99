"""What the tests of all figures share."""

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def check_figures_are_closed():
    """Fail a test that leaves a figure open: a notebook would show it a second time."""
    yield
    assert plt.get_fignums() == []
