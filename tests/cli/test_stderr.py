"""The stderr of a command that works is empty: what libraries say of themselves is no failure."""

import os
import subprocess
import sys

import pytest
from helpers import KIT, encode, picture

GAN = ["train", "gan", "--profile", "smoke", "--epochs", "1", "--images", "8"]
SMALL = ["--set", "generator=unet", "d_filters=4,8"]
COMMANDS = {
    "prepare": ["prepare", "--limit", "20"],
    "check-data": ["check-data"],
    "train": [*GAN, "--run", "gan", *SMALL],
    "show": ["show", "gan"],
    "evaluate": ["evaluate", "gan", "--grid", "grid.png"],
    "colorize": ["colorize", "face.png", "--out", "colored"],
}


@pytest.mark.slow  # Keras is imported three times
def test_no_command_that_works_writes_to_stderr(tmp_path):
    """A new process for each, with no variable that tests set to keep libraries quiet."""
    (tmp_path / "face.png").write_bytes(encode(picture()))
    kept = {name: os.environ[name] for name in os.environ if not name.startswith("TF_")}
    environment = kept | {
        "COLORKIT_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(KIT),
        # as a notebook's shell hands it on, to an environment that lacks it
        "MPLBACKEND": "module://matplotlib_inline.nowhere",
    }
    said = {}
    for name, arguments in COMMANDS.items():
        command = [sys.executable, "-m", "colorkit", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        said[name] = (done.returncode, done.stderr)
    assert said == dict.fromkeys(COMMANDS, (0, ""))
