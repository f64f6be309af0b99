"""What the tests of faults share."""

import os
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def memory(tmp_path) -> Path:
    """An empty folder, in memory where the system has such a place: for tests that write thousands of small files."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        dir=place if os.access(place, os.W_OK) else tmp_path
    ) as folder:
        yield Path(folder)
