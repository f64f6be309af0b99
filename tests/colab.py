"""Stand in for a Colab machine, on which a lesson's setup cell really runs.

The machine has kernels, packages, git, pip and a Drive of its own.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
import textwrap
import venv
from dataclasses import dataclass
from pathlib import Path

import nbformat
from drives import Mount
from helpers import KIT, write_zip
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

ADDRESS = re.compile(r'REPOSITORY, TAG = ".+", ".+"')
# Seconds for a kernel to start, and for each cell. The limit is for a kernel that hangs or has died
# and would hold up the tests forever; it doesn't judge how fast a machine is. On idle cores the
# slowest cell, which imports TensorFlow, takes some ten seconds. Ninety times as long is enough
# where ten other processes share cores and disk.
PATIENCE = 900
# variables that a Colab machine doesn't get from this one
OURS = ("COLAB_", "COLORKIT_", "GIT_", "JPY_", "KERAS_", "PIP_", "PYTEST_", "PYTHON")


def read_setup_cell(
    address: str = "OWNER/REPOSITORY", tag: str = "main", use_drive: bool = True
) -> str:
    """Read the lessons' setup cell, as published at an address, and as a student has ticked it."""
    cells = nbformat.read(KIT / "notebooks" / "01_data_prep.ipynb", as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code")
    source, count = ADDRESS.subn(f'REPOSITORY, TAG = "{address}", "{tag}"', source)
    assert count == 1
    assert source.count("USE_DRIVE = True") == 1
    return source.replace("USE_DRIVE = True", f"USE_DRIVE = {use_drive}")


def localize(text: str, room: Path) -> str:
    """Return a text in which Colab's and Kaggle's folders are in a room."""
    for folder in ("/content", "/kaggle", "/var/colab"):
        text = text.replace(folder, f"{room}{folder}")
    return text


def copy_kit(folder: Path, room: Path, names: tuple[str, ...] = ("colorkit/**/*.py",)) -> Path:
    """Copy as much of the kit as setting up needs, localized."""
    found = [path for name in names for path in KIT.glob(name)]
    for path in [*found, KIT / "requirements.txt"]:
        copy = folder / path.relative_to(KIT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(localize(path.read_text(encoding="utf-8"), room), encoding="utf-8")
    return folder


@dataclass
class Said:
    """What a cell said.

    Attributes:
        printed: its text on stdout.
        stderr: its text on stderr, including TensorFlow's start-up messages.
        error: class and message of its exception, "" if there was none.
    """

    printed: str = ""
    stderr: str = ""
    error: str = ""


class Kernel:
    """An IPython kernel on a machine; leaving the block ends it."""

    def __init__(self, machine: "Machine", **variables: str):
        specs = KernelSpecManager(kernel_dirs=[str(machine.room / "kernels")])
        self._manager = KernelManager(kernel_name="colab", kernel_spec_manager=specs)
        self._manager.start_kernel(cwd=str(machine.content), env=machine.environment | variables)
        self._machine = machine
        self._client = self._manager.client()

    def __enter__(self) -> "Kernel":
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        return self

    def __exit__(self, *_) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(self, source: str) -> Said:
        """Run a cell in which /content is this machine's folder."""
        said = Said()

        def hear(message: dict) -> None:
            if message["msg_type"] == "stream":
                name = "printed" if message["content"]["name"] == "stdout" else "stderr"
                setattr(said, name, getattr(said, name) + message["content"]["text"])

        own_source = self._machine.localize(source)
        reply = self._client.execute_interactive(own_source, timeout=PATIENCE, output_hook=hear)
        content = reply["content"]
        if content["status"] == "error":
            said.error = f"{content['ename']}: {content['evalue']}"
        return said


class Machine:
    """A fresh machine.

    Its packages are links to those of the environment that runs the tests; what pip adds to them
    stays on the machine.

    Attributes:
        content: folder that stands for /content on Colab.
        kaggle: folder that stands for /kaggle, which is not there on Colab.
        wheels: the only folder where its pip finds packages.
        github: folder that stands for https://github.com/ and holds <owner>/<name>.git.
        dialog: file with Drive's dialog, see drives.play_colab.
        kept: the student's Drive until it is mounted.
    """

    def __init__(self, room: Path, without: tuple[str, ...] = ()):
        self.room = room
        self.content = room / "content"
        self.kaggle = room / "kaggle"
        self.wheels = room / "wheels"
        self.github = room / "github"
        self.dialog = room / "dialog"
        for folder in (self.content, self.wheels, room / "kernels" / "colab", room / "started"):
            folder.mkdir(parents=True)
        self.dialog.touch()
        hostname = room / "var" / "colab" / "hostname"  # by which the kit knows Colab
        hostname.parent.mkdir(parents=True)
        hostname.touch()
        self.python = self._make_python(without)
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Colab", "language": "python"}
        (room / "kernels" / "colab" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        self.log_in("student")

    def log_in(self, account: str) -> None:
        """Give its kernels the Drive of a Google account."""
        self.kept = self.room / "drives" / account
        self.drive = Mount(self.content / "drive", self.kept)
        folders = [str(path) for path in (self.drive.folder, self.kept, self.dialog)]
        start = f"""\
            import sys
            from pathlib import Path
            sys.path.insert(0, {str(KIT / "tests")!r})
            import drives
            sys.path.pop(0)
            drives.play_colab(*map(Path, {folders!r}))
            """
        # Python runs this file when it starts
        (self.room / "started" / "sitecustomize.py").write_text(
            textwrap.dedent(start), encoding="utf-8"
        )

    def replace(self, account: str) -> None:
        """Take the machine away and give a new one to an account. The Drives keep their files."""
        self.drive.unmount()
        shutil.rmtree(self.content)
        self.content.mkdir()
        self.log_in(account)

    def _make_python(self, without: tuple[str, ...]) -> Path:
        """Make an environment without some packages, given by the names of their folders."""
        venv.EnvBuilder(symlinks=True).create(self.room / "python")
        base = {"base": str(self.room / "python")}
        self.packages = Path(sysconfig.get_path("purelib", vars=base))
        for there in Path(sysconfig.get_path("purelib")).iterdir():
            if there.name.partition("-")[0] not in without:
                (self.packages / there.name).symlink_to(there)
        return self.room / "python" / "bin" / "python"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables of its kernels."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return inherited | {
            "COLAB_RELEASE_TAG": "release-colab_20260801-060036_RC00",
            "CUDA_VISIBLE_DEVICES": "",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.github}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_NO_INDEX": "1",
            "PYTHONPATH": str(self.room / "started"),
        }

    def localize(self, text: str) -> str:
        """Return a text in which /content and /kaggle are this machine's folders."""
        return localize(text, self.room)

    def copy_kit(self, folder: Path) -> Path:
        """Copy as much of the kit as setting up needs; /content is this machine's in it."""
        return copy_kit(folder, self.room)

    def publish(self, name: str, tag: str) -> None:
        """Put the kit on GitHub, with a tag; the main branch has a later commit."""
        folder = self.copy_kit(self.github / f"{name}.git")
        git = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c"]
        commands = ["init --quiet", "add .", "commit --quiet --message kit", f"tag {tag}"]
        commands += ["rm --quiet --force -r .", "commit --quiet --message later"]
        variables = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull}
        for command in commands:
            subprocess.run([*git, *command.split()], cwd=folder, check=True, env=variables)

    def rename_version(self, name: str, version: str) -> None:
        """Make a package say that it has another version."""
        (info,) = self.packages.glob(f"{name}-*.dist-info")
        text = (info / "METADATA").read_text(encoding="utf-8")
        info.unlink()
        new = self.packages / f"{name}-{version}.dist-info"
        new.mkdir()
        renamed = re.sub(r"(?m)^Version: .+$", f"Version: {version}", text, count=1)
        (new / "METADATA").write_text(renamed, encoding="utf-8")

    def offer(self, name: str, version: str, module: str) -> None:
        """Let its pip find a package of one empty module, which says that it needs another one."""
        assert not (self.packages / module).is_symlink(), (
            "installed, it would overwrite a package of the environment that runs the tests"
        )
        stem = f"{name.replace('-', '_')}-{version}"
        info = f"{stem}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        members = {
            f"{module}/__init__.py": b"",
            f"{info}/METADATA": f"{metadata}Requires-Dist: dependency\n".encode(),
            f"{info}/WHEEL": wheel.encode(),
        }
        listed = [*members, f"{info}/RECORD"]
        members[f"{info}/RECORD"] = "".join(f"{member},,\n" for member in listed).encode()
        write_zip(self.wheels / f"{stem}-py3-none-any.whl", members)

    def pip(self, *arguments: str) -> str:
        """Run its pip, and return what it prints."""
        command = [str(self.python), "-m", "pip", *arguments]
        variables = self.environment
        done = subprocess.run(
            command, env=variables, capture_output=True, check=True, encoding="utf-8"
        )
        return done.stdout

    def start_kernel(self, **variables: str) -> Kernel:
        """Start a new kernel, with more environment variables."""
        return Kernel(self, **variables)
