"""What is missing is installed, what is there stays, and untested versions are reported."""

import ast
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

import pytest
from drives import be_on_colab

from colorkit.errors import KitError
from colorkit.files import KIT
from colorkit.machine import hosts, packages

# googlecolab/backend-info, pip-freeze.txt; Kaggle's image is Colab's with its own requirements
RUNTIMES = """
runtime                 2026.08   2026.04    2025.07    Kaggle
tensorflow              2.20.0    2.19.0     2.18.0     2.19.0
keras                   3.13.2    3.13.2     3.8.0      3.13.2
numpy                   2.1.3     2.0.2      2.0.2      2.0.2
opencv-python-headless  5.0.0.93  4.13.0.92  4.12.0.88  4.13.0.92
pillow                  11.3.0    11.3.0     11.2.1     11.3.0
matplotlib              3.10.0    3.10.0     3.10.0     3.10.0
scikit-image            0.25.2    0.25.2     0.25.2     0.25.2
scipy                   1.16.3    1.16.3     1.15.3     1.16.3
ipywidgets              7.7.1     7.7.1      7.7.1      8.1.5
ipykernel               6.17.1    6.17.1     6.17.1     6.17.1
gdown                   5.2.2     5.2.1      5.2.0      5.2.1
tqdm                    4.67.3    4.67.3     4.67.1     4.67.3
packaging               26.3      26.0       24.2       26.0
lazy-loader             0.5       0.5        0.4        0.5
markdown-it-py          4.2.0     4.0.0      3.0.0      4.0.0
"""
TABLE = [line.split() for line in RUNTIMES.strip().splitlines()]


def find_none(name: str) -> str:
    raise importlib.metadata.PackageNotFoundError(name)


@pytest.fixture
def pip(monkeypatch):
    """A stand-in: the commands it got, and what it answers."""

    class Pip:
        commands, status, stderr = [], 0, ""

        def run(self, command, **_):
            self.commands.append(command[1:])
            return subprocess.CompletedProcess(command, self.status, "", self.stderr)

    pip = Pip()
    monkeypatch.setattr(subprocess, "run", pip.run)
    return pip


def remove_modules(monkeypatch, *modules: str) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in modules else real(name)
    )


def set_versions(monkeypatch, **versions: str) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: versions.get(name) or real(name)
    )


def test_requirements_are_those_of_the_file():
    found = {requirement.name: requirement.specifier for requirement in packages.requirements()}
    assert {"keras", "tensorflow", "opencv-python-headless", "nbval"} <= set(found)
    assert "3.8" in found["keras"]
    assert "3.7" not in found["keras"]


def test_what_the_lessons_import_ends_before_the_next_major_release():
    """Or a new one would be taken for tested, and installed on a machine that lacks the package."""
    open_ended = {
        requirement.name
        for requirement in packages.requirements()
        if "999" in requirement.specifier
    }
    assert open_ended == {"packaging", "nbval"}  # the first counts years, the second isn't imported


def test_where_nothing_is_missing_nothing_is_installed(pip, capsys):
    """This also holds the names of the modules against an installation."""
    packages.install_missing()
    assert pip.commands == []
    assert capsys.readouterr().out == ""


def test_only_what_is_missing_is_installed_and_told(monkeypatch, pip, capsys):
    remove_modules(monkeypatch, "cv2", "gdown", "tensorflow", "ipykernel", "nbval")
    set_versions(monkeypatch, **{"opencv-python-headless": "4.12", "gdown": "5.2"})
    packages.install_missing()
    options = ["-m", "pip", "install", "--quiet", "--no-color", "--no-deps"]
    assert pip.commands == [
        [*options, "opencv-python-headless>=4.11.0.86,<6"],
        [*options, "gdown>=5.1,<7"],
    ]
    assert capsys.readouterr().out == "".join(
        f"installed: {name}, which was missing\n"
        for name in ("opencv-python-headless 4.12", "gdown 5.2")
    )


@pytest.mark.parametrize(
    ("modules", "named"),
    [
        (("tensorflow", "jax"), "tensorflow"),
        (("cv2", "packaging"), "opencv-python-headless, packaging"),
    ],
)
def test_on_a_machine_of_ones_own_all_that_is_missing_is_named(monkeypatch, pip, modules, named):
    """Instead of "No module named 'jax'", which nobody needs."""
    remove_modules(monkeypatch, *modules)
    with pytest.raises(KitError) as caught:
        packages.require_all()
    said = str(caught.value)
    assert said.startswith(f"not installed for this Python: {named}. Install them into")
    assert f"%pip install -r {packages.REQUIREMENTS}" in said
    assert pip.commands == []


def test_a_lesson_starts_without_any_package():
    """What says what is missing must not need it."""
    code = """
import sys
for name in ("packaging", "numpy", "keras", "tqdm"):
    sys.modules[name] = None
import colorkit
colorkit.setup()
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, cwd=KIT, encoding="utf-8")
    last = done.stderr.splitlines()[-1]
    assert "not installed for this Python: keras, numpy, tqdm, packaging." in last


@pytest.mark.parametrize("module", ["tensorflow", "jax", "nbval"])
def test_a_machine_of_ones_own_needs_one_backend_and_nothing_that_checks(monkeypatch, module):
    remove_modules(monkeypatch, module)
    packages.require_all()


@pytest.mark.parametrize(
    ("version", "system", "machine", "remedy"),
    [
        ((3, 14, 0), "linux", "x86_64", "make an environment with Python 3.11, 3.12 or 3.13"),
        ((3, 13, 0), "darwin", "x86_64", "no TensorFlow for Macs with an Intel processor any more"),
        ((3, 14, 0), "darwin", "x86_64", "no TensorFlow for Macs with an Intel processor any more"),
        ((3, 13, 0), "win32", "ARM64", "no TensorFlow for Windows on Arm: use Colab"),
        ((3, 13, 0), "darwin", "arm64", "Install them into the notebook's own environment"),
    ],
)
def test_where_there_is_no_tensorflow_that_is_said(monkeypatch, version, system, machine, remedy):
    remove_modules(monkeypatch, "tensorflow", "jax")
    monkeypatch.setattr(packages.sys, "version_info", version)
    monkeypatch.setattr(packages.sys, "platform", system)
    monkeypatch.setattr(packages.platform, "machine", lambda: machine)
    with pytest.raises(KitError, match=f"tensorflow. .*{remedy}"):
        packages.require_all()


def test_what_was_installed_is_found_at_once(monkeypatch, pip, tmp_path):
    """Python remembers what a folder holds until its modification time changes: maybe too late."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(packages.MODULES, "gdown", "a_new_module")
    set_versions(monkeypatch, gdown="5.2")
    times = (tmp_path.stat().st_atime_ns, tmp_path.stat().st_mtime_ns)
    real = pip.run

    def install(command, **options):
        (tmp_path / "a_new_module.py").touch()
        os.utime(tmp_path, ns=times)
        return real(command, **options)

    monkeypatch.setattr(subprocess, "run", install)
    packages.install_missing()
    assert importlib.util.find_spec("a_new_module")


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("WARNING: retrying\nERROR: no connection\n", "ERROR: no connection"),
        ("", "pip's exit status is 1"),
    ],
)
def test_what_can_not_be_installed_is_one_line(monkeypatch, pip, stderr, reason):
    remove_modules(monkeypatch, "cv2", "gdown")
    pip.status, pip.stderr = 1, stderr
    with pytest.raises(KitError) as caught:
        packages.install_missing()
    lines = str(caught.value).splitlines()
    assert lines == [
        f"opencv-python-headless is missing here and could not be installed ({reason}): "
        "run this cell again when the network is back"
    ]


def test_kaggles_switch_for_the_network_is_named(monkeypatch, pip):
    monkeypatch.setenv(hosts.KAGGLE, "Interactive")
    remove_modules(monkeypatch, "gdown")
    pip.status = 1
    with pytest.raises(KitError, match=r"turn Internet on \(in the Session options\) and run"):
        packages.install_missing()


def test_the_command_line_names_all_that_is_missing(tmp_path):
    code = """
import runpy, sys
for name in ("packaging", "numpy", "keras"):
    sys.modules[name] = None
sys.argv = ["colorkit", "--help"]
runpy.run_module("colorkit", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=KIT, encoding="utf-8"
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("colorkit: not installed for this Python: keras, numpy, packaging. ")


def test_a_python_that_is_too_old_is_said(monkeypatch):
    """The package's first file says it, in words that such a Python can read."""
    source = (KIT / "colorkit" / "__init__.py").read_text(encoding="utf-8")
    code = compile(ast.parse(source, feature_version=(3, 7)), "colorkit", "exec")
    monkeypatch.setattr(sys, "version_info", (3, 10, 13))
    monkeypatch.setattr("platform.python_version", lambda: "3.10.13")
    with pytest.raises(
        ImportError, match=r"^colorkit needs Python 3.11, 3.12 or 3.13; this is Python 3.10.13$"
    ):
        exec(code, {"__name__": "colorkit"})


def test_this_environment_is_tested(capsys):
    packages.warn_of_untested()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "version", "tested"),
    [
        ("keras", "3.8.0", True),
        ("keras", "3.99", True),
        ("keras", "4.0.0", False),
        ("keras", "3.7.0", False),
        # a pre-release counts for the release that it precedes
        ("keras", "3.12.0.dev2026", True),
        ("keras", "4.0.0rc1", False),
        ("numpy", "1.26.4", False),
        ("ipywidgets", "7.7.1", True),
        ("ipywidgets", "8.1", True),
        ("ipywidgets", "9.0", False),
    ],
)
def test_versions_outside_what_is_tested_are_told(monkeypatch, capsys, name, version, tested):
    set_versions(monkeypatch, **{name: version})
    packages.warn_of_untested()
    printed = capsys.readouterr().out
    assert (printed == "") is tested
    assert tested or printed.startswith(f"not tested: {name} {version} (tested: <")


def test_all_that_is_untested_is_one_line(monkeypatch, capsys):
    set_versions(monkeypatch, keras="4.0", numpy="3.0")
    packages.warn_of_untested()
    assert capsys.readouterr().out == (
        "not tested: keras 4.0 (tested: <4,>=3.8), numpy 3.0 (tested: <3,>=2.0). "
        "The lessons still run; if one fails, look here first.\n"
    )


@pytest.mark.parametrize("column", range(1, 5), ids=TABLE[0][1:])
def test_colabs_and_kaggles_versions_are_tested(monkeypatch, capsys, column):
    """No lesson begins with a warning where nobody can change anything."""
    found = {row[0]: row[column] for row in TABLE}
    monkeypatch.setattr(packages, "_version", found.get)
    packages.warn_of_untested()
    assert capsys.readouterr().out == ""


def test_a_package_under_another_name_is_not_judged(monkeypatch, capsys):
    """TensorFlow may have come as tensorflow-cpu."""
    monkeypatch.setattr(importlib.metadata, "version", find_none)
    packages.warn_of_untested()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("host", "menu"), [("kaggle", "Run"), ("colab", "Runtime"), ("", "Kernel")]
)
def test_the_other_project_named_colorkit_is_refused(monkeypatch, tmp_path, host, menu):
    if host == "kaggle":
        monkeypatch.setenv(hosts.KAGGLE, "Interactive")
    elif host == "colab":
        be_on_colab(tmp_path, monkeypatch)
    set_versions(monkeypatch, colorkit="0.1.0")
    with pytest.raises(
        KitError,
        match=r"is another project: run `%pip uninstall -y colorkit`, "
        rf"restart the session \(menu {menu}\), then run this cell again",
    ):
        packages.refuse_namesake()


def test_without_it_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", find_none)
    packages.refuse_namesake()
