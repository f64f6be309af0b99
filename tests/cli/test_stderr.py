"""The stderr of a command that works is empty: what libraries say of themselves is no failure."""

import os
import subprocess
import sys

import pytest
from helpers import KIT, encode, picture

TRAIN = ["train", "--profile", "smoke", "--epochs", "1", "--images", "8", "--run", "run"]
SMALL = ["--set", "generator=unet", "d_filters=4,8"]
COMMANDS = {
    "prepare": ["prepare", "--limit", "20"],
    "check-data": ["check-data"],
    "train": [*TRAIN, "gan", *SMALL],
    "show": ["show", "run"],
    "evaluate": ["evaluate", "run", "--grid", "grid.png"],
    "colorize": ["colorize", "face.png", "--out", "colored"],
}
ON_JAX = {"prepare": COMMANDS["prepare"], "train": [*TRAIN, "cnn"]}


@pytest.mark.slow  # Keras is imported four times
@pytest.mark.parametrize(("backend", "commands"), [("tensorflow", COMMANDS), ("jax", ON_JAX)])
def test_no_command_that_works_writes_to_stderr(tmp_path, backend, commands):
    """A new process for each, with no variable that tests set to keep libraries quiet."""
    (tmp_path / "face.png").write_bytes(encode(picture()))
    kept = {name: os.environ[name] for name in os.environ if not name.startswith("TF_")}
    environment = kept | {
        "COLORKIT_HOME": str(tmp_path / "home"),
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(KIT),
        # as a notebook's shell hands it on, to an environment that lacks it
        "MPLBACKEND": "module://matplotlib_inline.nowhere",
    }
    said = {}
    for name, arguments in commands.items():
        done = subprocess.run(
            [sys.executable, "-m", "colorkit", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        said[name] = (done.returncode, done.stderr)
    assert said == dict.fromkeys(commands, (0, ""))
