"""Share what the tests of faults need."""

import os
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def memory(tmp_path) -> Path:
    """Make an empty folder, in memory if the system allows.

    It is for tests that write thousands of small files.
    """
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        dir=place if os.access(place, os.W_OK) else tmp_path
    ) as folder:
        yield Path(folder)
