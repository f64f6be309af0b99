"""Every option of every command is given odd values; none ends in a traceback.

The options are those that the parser has: a new one is tried as soon as it is there.
"""

import argparse
import os

import pytest
from helpers import encode, people, picture, write_zip

from colorkit import cli
from colorkit.runs import Run

ODD = [
    "",
    " ",
    "-",
    "0",
    "-1",
    "1.5",
    "2",
    "1e3",
    "1e400",
    "nan",
    "-inf",
    "9" * 30,
    "9" * 5000,
    "0x10",
    "1_000",
    "٣",
    "None",
    "True",
    "[]",
    "=",
    "a=b",
    "seed=-1",
    "dropout=nan",
    "seed=1",
    ".",
    "..",
    "~",
    "~no-such-user/x",
    "missing.csv",
    "a\x1b[31mb",
    "a\nb",
    "a\u202eb",
    "日本.png",
    "x" * 300,
    "%s%n",
]
if os.name == "posix":
    ODD += ["/dev/null", "/dev/null/x", "/proc/nothing", os.fsdecode(b"caf\xe9")]
else:
    ODD += ["NUL", "aux.png", "a:b", "a.", "a ", "C:", "\\\\nowhere\\x"]
# What each command needs to get as far as the odd value
NEEDED = {
    "prepare": {"--source": "faces.zip", "--out": "splits"},
    "check-data": {"--data": "splits"},
    "train": {"model": "cnn", "--profile": "smoke", "--data": "splits"},
    "show": {"run": "nowhere"},
    "evaluate": {"runs": "nowhere", "--data": "splits"},
    "colorize": {"images": "face.png", "--out": "colored"},
}


def list_options() -> list[tuple[str, argparse.Action]]:
    """List the options and arguments of all commands that take a value."""
    parser = cli.build_parser()
    (commands,) = (
        action for action in parser._actions if isinstance(action, argparse._SubParsersAction)
    )
    return [
        (command, action)
        for command, own in commands.choices.items()
        for action in own._actions
        if action.nargs != 0
    ]


OPTIONS = list_options()


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with faces, splits and a photograph; nothing is trained there."""
    write_zip(tmp_path / "faces.zip", people(10))
    (tmp_path / "face.png").write_bytes(encode(picture()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(Run, "train", lambda *arguments, **options: None)
    assert cli.main(["prepare", "--source", "faces.zip", "--out", "splits"]) == 0
    return tmp_path


def name_of(action: argparse.Action) -> str:
    """Return an option's name, or an argument's."""
    return action.option_strings[-1] if action.option_strings else action.dest


def build(command: str, action: argparse.Action, value: str) -> list[str]:
    """Return a command line that gives an option a value, as often as it takes one."""
    values = NEEDED[command] | {name_of(action): value}
    words = [command]
    for name, text in values.items():
        count = action.nargs if name == name_of(action) and isinstance(action.nargs, int) else 1
        # "=" hands on what looks like an option
        given = [f"{name}={text}"] if name.startswith("--") and count == 1 else [text] * count
        words += [name, *given] if count > 1 else given
    return words


def run(words: list[str]) -> int:
    """Run a command line in this process; return its exit status."""
    try:
        return cli.main(words)
    except SystemExit as left:  # argparse, after it has said how to use it
        return left.code


def is_fine(status: int, error: str) -> bool:
    """Tell whether a command worked in silence, or was refused without a fault of the kit."""
    lines = error.split("\n")[:-1]
    if "Traceback" in error or "unexpected" in error or not all(map(str.isprintable, lines)):
        return False
    if status == 1:
        return len(lines) >= 1
    return (status == 0 and not lines) or (status == 2 and len(lines) >= 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "action"),
    OPTIONS,
    ids=[f"{command} {name_of(action)}" for command, action in OPTIONS],
)
def test_an_odd_value_works_or_is_refused_in_a_line(place, capfd, command, action):
    problems = []
    for value in ODD:
        words = build(command, action, value)
        status = run(words)
        error = capfd.readouterr().err
        if not is_fine(status, error):
            problems.append((words, status, error))
    assert problems == []


@pytest.mark.parametrize("variable", ["COLORKIT_HOME", "COLORKIT_PROFILE", "KERAS_BACKEND"])
def test_an_odd_variable_works_or_is_refused_in_a_line(place, capfd, monkeypatch, variable):
    problems = []
    for value in ODD:
        monkeypatch.setenv(variable, value)
        for words in (["check-data"], ["train", "cnn", "--data", "splits"]):
            status = run(words)
            error = capfd.readouterr().err
            if not is_fine(status, error):
                problems.append((value, words, status, error))
    assert problems == []


def test_a_fault_of_the_kit_would_be_found(place, capfd, monkeypatch):
    """The check above sees what a command doesn't expect."""

    def fail(*arguments, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(Run, "train", fail)
    assert run(["train", "cnn", "--profile", "smoke", "--data", "splits"]) == 1
    assert "unexpected ZeroDivisionError" in capfd.readouterr().err
