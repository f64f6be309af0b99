"""Test that training resumes when a kernel is lost in the middle of it, as on Colab.

In the new kernel the student presses Run all.
"""

import time

import nbformat
import pytest
from helpers import KIT
from jupyter_client.manager import start_new_kernel

from colorkit.data import splits
from colorkit.runs import Run, checkpoints, start

pytestmark = [pytest.mark.slow, pytest.mark.newest]
EPOCHS = 6
# as if the student had moved the slider; smoke has one epoch
LONGER = f'panel.controls["epochs"].value = {EPOCHS}'


class Lesson:
    """Run the code cells of a lesson in a kernel of its own."""

    def __init__(self, name: str):
        cells = nbformat.read(KIT / "notebooks" / f"{name}.ipynb", as_version=4).cells
        self.sources = []
        for cell in cells:
            if cell.cell_type == "code":
                self.sources.append(cell.source)
                if "widgets.Training(" in cell.source:
                    self.sources.append(LONGER)
                if "panel.epochs)" in cell.source or "panel.epochs," in cell.source:
                    self.training = len(self.sources) - 1
        self.manager, self.client = start_new_kernel(cwd=str(KIT / "notebooks"))

    def run(self, sources: list[str]) -> str:
        """Run cells; return what they printed."""
        printed = []

        def hook(message) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        for source in sources:
            reply = self.client.execute_interactive(source, timeout=600, output_hook=hook)
            content = reply["content"]
            assert content["status"] == "ok", "\n".join(content["traceback"])
        return "".join(printed)

    def lose_the_kernel_after(self, first: str, folder) -> None:
        """Run all cells up to the training; kill the kernel once the checkpoint `first` exists."""
        self.run(self.sources[: self.training])
        self.client.execute(self.sources[self.training])
        end = time.monotonic() + 300
        while not list(folder.glob(f"runs/*/{first}")):
            assert time.monotonic() < end, "no checkpoint came"
            time.sleep(0.01)
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=60)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def lesson(request, monkeypatch, home):
    monkeypatch.setenv("COLORKIT_PROFILE", "smoke")
    opened = Lesson(request.param)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "lesson",
    [
        "02_cnn",
        *(pytest.param(name, marks=pytest.mark.torture) for name in ("03_resnet", "04_gan")),
    ],
    indirect=True,
)
def test_after_a_lost_kernel_run_all_continues(lesson, home):
    lesson.lose_the_kernel_after("ckpt-00001-000", home)
    (folder,) = home.glob("runs/*")
    stored = checkpoints.Store(folder).newest().epochs
    assert 1 <= stored < EPOCHS
    printed = lesson.run(lesson.sources)
    assert f"{folder.name}: resumes at epoch {stored + 1}, {EPOCHS} epochs in all" in printed
    assert printed.count(f"epoch {stored + 1}/{EPOCHS}: mse") == 1
    assert f"epoch {stored}/{EPOCHS}: mse" not in printed
    run = Run(folder)
    straight = start(run.config, "smoke", home, home / "straight")
    train = splits.load_split(home / "data", "train")
    val = splits.load_split(home / "data", "val")
    straight.train(train, val, EPOCHS)
    assert straight.digest() == run.digest()
    assert straight.history == run.history
