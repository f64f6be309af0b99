"""Which Python a new environment gets: each candidate is run, whatever its name promises."""

import sys
from pathlib import Path

import pytest

from tools.tasks import environments, programs, pythons

pytestmark = pytest.mark.needs("shell")  # the stand-ins are its scripts

DOWNLOADS = "https://www.python.org/downloads/"
INSTALL = f"install Python 3.13, 3.12 or 3.11 ({DOWNLOADS}), and name it, as in PYTHON=3.13 or "


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine without Python: an empty path, no pyenv."""
    monkeypatch.setenv("PATH", str(tmp_path / "first") + ":" + str(tmp_path / "second"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    return tmp_path


def add(program: Path, version: str) -> str:
    """Put a stand-in for a Python somewhere; one of version "" only fails, as a pyenv's do."""
    program.parent.mkdir(parents=True, exist_ok=True)
    answer = f"echo Python {version}" if version else "echo Python 3.13.0 is another; exit 127"
    program.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def locked(place) -> str:
    """Constraints for two versions of Python."""
    path = place / "constraints.txt"
    path.write_text("# Old releases\n# Python: 3.12, 3.11\nkeras==3.8.0\n", encoding="utf-8")
    return str(path)


def test_pyproject_says_what_is_supported():
    assert pythons.supported() == ["3.13", "3.12", "3.11"]


def test_a_program_that_only_fails_is_passed_over(place):
    add(place / "first" / "python3.13", "")
    expected = add(place / "second" / "python3.13", "3.13.2")
    assert pythons.choose("", "") == ([expected], "3.13")


def test_the_path_goes_before_a_pyenv_and_a_version_before_any_python(place):
    add(place / "first" / "python3", "3.12.9")
    pyenv = place / "pyenv" / "versions"
    add(pyenv / "3.13.9" / "bin" / "python", "3.13.9")
    newest = add(pyenv / "3.13.10" / "bin" / "python", "3.13.10")
    for name in ("3.13.11rc1", "3.13.11t", "3.13-dev"):
        add(pyenv / name / "bin" / "python", "3.13.11")
    assert pythons.choose("", "").command == [newest]
    on_path = add(place / "first" / "python3.11", "3.11.7")
    assert pythons.choose("", "").command == [on_path]
    assert pythons.choose("3.13", "").command == [newest]


def test_a_python_of_any_name_is_the_last_resort(place):
    add(place / "first" / "python3", "3.14.0")
    python = add(place / "second" / "python", "3.12.4")
    assert pythons.choose("", "").command == [python]


def test_windows_has_a_launcher(place, monkeypatch):
    monkeypatch.setattr(pythons, "WINDOWS", True)
    add(place / "first" / "py", "3.13.1")
    assert pythons.choose("", "") == (["py", "-3.13"], "3.13")
    assert environments.python_of(Path(".venv")) == Path(".venv/Scripts/python.exe")


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("3.14.0", "is Python 3.14, for which there is no TensorFlow"),
        ("3.10.13", "is Python 3.10, which is too old for the kit"),
        ("2.7.18", "is Python 2.7, which is too old for the kit"),
    ],
)
def test_a_named_python_of_the_wrong_version_is_refused(place, version, why):
    named = add(place / "python", version)
    with pytest.raises(programs.TaskError) as bad:
        pythons.choose(named, "")
    assert str(bad.value) == f"PYTHON={named} {why}: {INSTALL}PYTHON=/path/to/python"


@pytest.mark.parametrize("named", ["3.14", "3.10"])
def test_a_version_that_is_not_supported_is_refused(place, named):
    with pytest.raises(programs.TaskError, match=f"^PYTHON={named} is Python {named}, "):
        pythons.choose(named, "")


def test_a_named_python_that_does_not_run_is_refused(place):
    named = add(place / "python3.13", "")
    with pytest.raises(
        programs.TaskError, match=r"^PYTHON=.*3\.13 doesn't run: name a Python that"
    ):
        pythons.choose(named, "")


def test_where_there_is_none_what_was_found_is_named(place):
    new = add(place / "first" / "python3", "3.14.0")
    with pytest.raises(programs.TaskError) as bad:
        pythons.choose("", "")
    found = f"no Python 3.13, 3.12 or 3.11 was found, only 3.14 ({new})"
    assert str(bad.value) == f"{found}: {INSTALL}PYTHON=/path/to/python"


def test_constraints_choose_their_python_and_say_which_other_it_is(place, locked, capsys):
    other = add(place / "first" / "python3.11", "3.11.7")
    assert pythons.choose("", locked).version == "3.11"
    line = f"{locked} is for Python 3.12, which wasn't found: taking 3.11 ({other})\n"
    assert capsys.readouterr().out == line
    add(place / "pyenv" / "versions" / "3.12.1" / "bin" / "python", "3.12.1")
    assert pythons.choose("", locked).version == "3.12"
    assert pythons.choose("3.11", locked).version == "3.11"
    assert capsys.readouterr().out == ""


def test_a_python_that_the_constraints_are_not_for_is_refused(place, locked):
    named = add(place / "python", "3.13.0")
    with pytest.raises(programs.TaskError, match=r"for Python 3\.12 or 3\.11, got 3\.13 \("):
        pythons.choose(named, locked)
    with pytest.raises(programs.TaskError, match=r"^no Python 3\.12 or 3\.11 was found: install"):
        pythons.choose("", locked)


@pytest.fixture
def ran(place, monkeypatch) -> list:
    """The commands that make environments; nothing runs, on a machine with Python 3.13."""
    commands = []
    monkeypatch.setattr(programs, "run", lambda words, variables: commands.append(words))
    monkeypatch.setattr(programs, "output", lambda words: "linux-x86_64 x86_64")
    add(place / "second" / "python3.13", "3.13.0")
    return commands


def add_environment(folder: Path, version: str) -> None:
    """Put a stand-in for an environment, with all its packages, into a folder."""
    add(environments.python_of(folder), version)
    (folder / "pyvenv.cfg").touch()
    (folder / "ready").touch()


@pytest.mark.parametrize(
    ("version", "was"),
    [("", "has no Python that runs"), ("3.10.1", "has Python 3.10"), ("3.14.0", "has Python 3.14")],
)
def test_an_environment_that_is_no_use_is_made_anew(place, ran, capsys, version, was):
    folder = place / ".venv"
    add_environment(folder, version)
    environments.create(folder, "", "")
    python = str(place / "second" / "python3.13")
    assert ran == [[python, "-m", "venv", "--clear", str(folder)]]
    line = f"{folder} {was}: it is made anew with 3.13 ({python})\n"
    assert capsys.readouterr().out == line


def test_an_environment_of_another_supported_python_stays_until_one_is_named(place, ran):
    add_environment(place / ".venv", "3.11.4")
    environments.create(place / ".venv", "", "")
    assert ran == []
    environments.create(place / ".venv", "3.13", "")
    assert len(ran) == 1


def test_the_python_of_an_environment_makes_no_environment(place, ran, monkeypatch):
    """It may be the one to make anew, where somebody has activated it."""
    add_environment(place / ".venv", "3.12.1")
    add(place / ".venv" / "bin" / "python3.12", "3.12.1")
    monkeypatch.setenv("PATH", str(place / ".venv" / "bin"), prepend=":")
    assert pythons.choose("", "").version == "3.13"


def test_an_environment_that_was_not_finished_is_finished(place, ran):
    add_environment(place / ".venv", "3.13.0")
    (place / ".venv" / "ready").unlink()
    environments.create(place / ".venv", "", "")
    assert [words[1:] for words in ran] == [["-m", "venv", str(place / ".venv")]]


def test_a_folder_that_is_no_environment_is_left_alone(place, ran):
    (place / "photos").mkdir()
    (place / "photos" / "one.png").touch()
    with pytest.raises(programs.TaskError, match="photos is no environment: name another folder"):
        environments.create(place / "photos", "", "")
    assert ran == []


def test_a_version_is_asked_of_the_program(place):
    assert pythons.ask([add(place / "python2", "")]) is None
    assert pythons.ask([str(place / "nothing")]) is None
    assert pythons.ask([add(place / "python", "3.12.1+")]).version == "3.12"
