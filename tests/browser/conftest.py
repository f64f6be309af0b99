"""One JupyterLab server and one browser for all tests of this folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import pytest
from helpers import KIT
from lab_server import LabServer
from lesson_page import SIZE
from playwright.sync_api import BrowserContext, sync_playwright


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[LabServer]:
    with LabServer(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """Start one browser for all pages, so that JupyterLab's scripts are loaded once."""
    program = shutil.which("chromium")
    assert program, "there is no chromium on PATH: install your system's package of that name"
    with sync_playwright() as playwright:
        # without a sandbox: the pages are the kit's own
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running.new_context(viewport=SIZE)
        running.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Return the folder of the screenshots: one for each release of ipywidgets."""
    folder = KIT / "out" / "screenshots" / f"ipywidgets-{ipywidgets.__version__}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
