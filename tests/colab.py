"""A stand-in for a Colab machine, on which a lesson's setup cell really runs: with kernels, packages, git, pip and a Drive of its own."""

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
# Seconds for a kernel to start, and for each cell. The limit is for a kernel that hangs or has died, and would hold up the tests for ever;
# how fast a machine is they don't judge. On idle cores the slowest cell, with TensorFlow's import in it, takes some ten seconds, so that
# this is ninety times as long: enough where ten others share cores and disk.
PATIENCE = 900
# variables that a Colab machine doesn't get from here
OURS = ("COLAB_", "COLORKIT_", "GIT_", "JPY_", "KERAS_", "PIP_", "PYTEST_", "PYTHON")


def setup_cell(address: str = "OWNER/REPOSITORY", tag: str = "main", use_drive: bool = True) -> str:
    """The lessons' setup cell, as published at an address, and as a student has ticked it."""
    cells = nbformat.read(KIT / "notebooks" / "01_data_prep.ipynb", as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code")
    source, count = ADDRESS.subn(f'REPOSITORY, TAG = "{address}", "{tag}"', source)
    assert count == 1
    assert source.count("USE_DRIVE = True") == 1
    return source.replace("USE_DRIVE = True", f"USE_DRIVE = {use_drive}")


@dataclass
class Said:
    """What a cell said.

    Attributes:
        printed: on stdout.
        stderr: on stderr, TensorFlow's start-up messages included.
        error: class and message of what it raised, "" when it went well.
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
        self._machine, self._client = machine, self._manager.client()

    def __enter__(self) -> "Kernel":
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        return self

    def __exit__(self, *_) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(self, source: str) -> Said:
        """Run a cell, in which /content is this machine's."""
        said = Said()

        def hear(message: dict) -> None:
            if message["msg_type"] == "stream":
                name = "printed" if message["content"]["name"] == "stdout" else "stderr"
                setattr(said, name, getattr(said, name) + message["content"]["text"])

        reply = self._client.execute_interactive(
            self._machine.here(source), timeout=PATIENCE, output_hook=hear
        )["content"]
        if reply["status"] == "error":
            said.error = f"{reply['ename']}: {reply['evalue']}"
        return said


class Machine:
    """A fresh machine. Its packages are links to those of the environment that runs the tests; what pip adds to them is its own.

    Attributes:
        content: what /content is on Colab.
        wheels: the only place where its pip finds packages.
        github: what https://github.com/ is for its git: holds <owner>/<name>.git.
        dialog: the file with Drive's dialog, see drives.play_colab.
        kept: the Drive of its student, until it is mounted.
    """

    def __init__(self, room: Path, without: tuple[str, ...] = ()):
        self.room, self.content, self.wheels, self.github = (
            room,
            room / "content",
            room / "wheels",
            room / "github",
        )
        self.dialog = room / "dialog"
        for folder in (self.content, self.wheels, room / "kernels" / "colab", room / "started"):
            folder.mkdir(parents=True)
        self.dialog.touch()
        self.python = self._python(without)
        command = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Colab", "language": "python"}
        (room / "kernels" / "colab" / "kernel.json").write_text(json.dumps(spec))
        self.log_in("student")

    def log_in(self, account: str) -> None:
        """Give its kernels the Drive of a Google account."""
        self.kept = self.room / "drives" / account
        self.drive = Mount(self.content / "drive", self.kept)
        start = f"""\
            import sys
            from pathlib import Path
            sys.path.insert(0, {str(KIT / "tests")!r})
            import drives
            sys.path.pop(0)
            drives.play_colab(Path({str(self.drive.folder)!r}), Path({str(self.kept)!r}), Path({str(self.dialog)!r}))
            """
        (self.room / "started" / "sitecustomize.py").write_text(
            textwrap.dedent(start)
        )  # Python runs it when it starts

    def replace(self, account: str) -> None:
        """Take the machine away and give a new one to an account. What Drives hold stays."""
        self.drive.unmount()
        shutil.rmtree(self.content)
        self.content.mkdir()
        self.log_in(account)

    def _python(self, without: tuple[str, ...]) -> Path:
        """An environment that lacks some packages, given by the names of their folders."""
        venv.EnvBuilder(symlinks=True).create(self.room / "python")
        self.packages = Path(
            sysconfig.get_path("purelib", vars={"base": str(self.room / "python")})
        )
        for there in Path(sysconfig.get_path("purelib")).iterdir():
            if there.name.partition("-")[0] not in without:
                (self.packages / there.name).symlink_to(there)
        return self.room / "python" / "bin" / "python"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its kernels."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return inherited | {
            "COLAB_RELEASE_TAG": "release-colab-20260801",
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

    def here(self, text: str) -> str:
        """A text in which /content is this machine's."""
        return text.replace("/content", str(self.content))

    def kit(self, folder: Path) -> Path:
        """A copy of the kit's folder, as far as setting up needs it, in which /content is this machine's."""
        for path in [*(KIT / "colorkit").rglob("*.py"), KIT / "requirements.txt"]:
            copy = folder / path.relative_to(KIT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(self.here(path.read_text()))
        return folder

    def publish(self, name: str, tag: str) -> None:
        """Put the kit on GitHub, with a tag, after which the main branch goes on."""
        folder = self.kit(self.github / f"{name}.git")
        git = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c"]
        commands = ["init --quiet", "add .", "commit --quiet --message kit", f"tag {tag}"]
        for command in [*commands, "rm --quiet --force -r .", "commit --quiet --message later"]:
            subprocess.run(
                [*git, *command.split()],
                cwd=folder,
                check=True,
                env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull},
            )

    def rename_version(self, name: str, version: str) -> None:
        """Have a package say that it is of another version."""
        (info,) = self.packages.glob(f"{name}-*.dist-info")
        text = (info / "METADATA").read_text()
        info.unlink()
        new = self.packages / f"{name}-{version}.dist-info"
        new.mkdir()
        (new / "METADATA").write_text(
            re.sub(r"(?m)^Version: .+$", f"Version: {version}", text, count=1)
        )

    def offer(self, name: str, version: str, module: str) -> None:
        """Have its pip find a package of one empty module, which says that it needs another one."""
        assert not (self.packages / module).is_symlink(), (
            "installed, it would overwrite a package of the environment that runs the tests"
        )
        stem = f"{name.replace('-', '_')}-{version}"
        members = {
            f"{module}/__init__.py": b"",
            f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: dependency\n".encode(),
            f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        members[f"{stem}.dist-info/RECORD"] = "".join(
            f"{member},,\n" for member in [*members, f"{stem}.dist-info/RECORD"]
        ).encode()
        write_zip(self.wheels / f"{stem}-py3-none-any.whl", members)

    def pip(self, *arguments: str) -> str:
        command = [str(self.python), "-m", "pip", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        ).stdout

    def kernel(self, **variables: str) -> Kernel:
        """A new kernel, with more variables."""
        return Kernel(self, **variables)
