"""What a program prints, and how it ends: one line, whatever the terminal and the failure."""

import errno
import io
import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import KIT

from colorkit.errors import KitError, first_line, printable, remedy, unwritable
from colorkit.machine import console

PERMISSIONS = "change its permissions, or choose another folder"

# lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("José, अनीता, 李明, नरेंद्र\u200dसिंह", "José, अनीता, 李明, नरेंद्र\u200dसिंह"),
        ("red\x1b[31m", r"red\x1b[31m"),
        ("two\nlines\r\x85\u2028", r"two\nlines\r\x85\u2028"),
        ("caf\udce9.png", r"caf\xe9.png"),
        ("txt.\u202egnp", r"txt.\u202egnp"),
        ("\ud800", r"\ud800"),
    ],
)
def test_no_letter_commands_a_terminal_and_those_of_every_script_stay(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "iso-8859-1", "utf-8"])
def test_a_letter_that_the_terminal_lacks_is_escaped(monkeypatch, encoding):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    console.accept_all_letters()
    console.say("李明.png -> out")
    console.complain("李明.png")
    written = sys.stdout.buffer.getvalue()
    expected = "李明" if encoding == "utf-8" else r"\u674e\u660e"
    assert written.decode(encoding) == f"{expected}.png -> out\n"
    assert sys.stderr.buffer.getvalue().decode(encoding) == f"{expected}.png\n"


def test_a_closed_output_is_no_failure(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert console.run_program("tool", lambda: console.say("unheard")) == 0


# failures


def fail(bad: BaseException):
    """Return work that fails."""

    def work() -> None:
        raise bad

    return work


FULL = OSError(errno.ENOSPC, "No space left on device")
LONG = OSError(errno.ENAMETOOLONG, "File name too long", "x.png")


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (KitError("a.png: is not a file"), "tool: a.png: is not a file"),
        (FULL, "tool: No space left on device: make room there and run again"),
        (LONG, "tool: x.png: File name too long: choose a shorter name and run again"),
        (MemoryError(), f"tool: {console.MEMORY}"),
        (KeyboardInterrupt(), "tool: stopped"),
        (
            ZeroDivisionError("by zero"),
            "tool: unexpected ZeroDivisionError in test_console.py, line ",
        ),
    ],
)
def test_a_failure_is_one_line_and_status_1(capsys, bad, line):
    assert console.run_program("tool", fail(bad)) == 1
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert error.startswith(line)


def test_debug_raises_what_failed():
    with pytest.raises(ZeroDivisionError):
        console.run_program("tool", fail(ZeroDivisionError()), debug=True)


@pytest.mark.parametrize(
    ("number", "remedied"),
    [
        (errno.ENOSPC, "make room there"),
        (errno.EACCES, PERMISSIONS),
        (errno.EROFS, "choose a disk that can be written"),
        (errno.ENAMETOOLONG, "choose a shorter name"),
        (errno.EIO, "check that the disk is connected"),
        (errno.EXDEV, "check the disk and the path"),
    ],
)
def test_room_is_asked_for_only_where_it_is_missing(number, remedied):
    bad = OSError(number, os.strerror(number), "out")
    assert remedy(bad) == remedied
    assert first_line(bad) == os.strerror(number)
    message = str(unwritable("out/a.png", bad, "run again; what is done is kept"))
    assert message == (
        f"out/a.png can't be written ({os.strerror(number)}): {remedied} and run again; what is "
        "done is kept"
    )


@pytest.mark.parametrize(
    ("number", "code", "remedied"),
    [
        (errno.EACCES, 32, "close the program that has it open"),
        (
            errno.EACCES,
            5,
            f"close what has it open, {PERMISSIONS}",
        ),
        (errno.ENOENT, 206, "choose a shorter name"),
        (errno.ENOSPC, 112, "make room there"),
        (errno.EINVAL, 123, "choose a name that this disk allows"),
    ],
)
def test_windows_says_more_by_a_number_of_its_own(number, code, remedied):
    """A table that is open in Excel can't be replaced there."""
    bad = OSError(number, "The process cannot access the file", "votes.csv")
    bad.winerror = code
    assert remedy(bad) == remedied


class Unread(io.StringIO):
    """An output that nobody reads any more, as Windows tells it."""

    def flush(self) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")


@pytest.mark.parametrize("work", [lambda: console.say("one"), lambda: None])
def test_a_reader_that_leaves_ends_the_program_on_windows_without_a_word(monkeypatch, work):
    discarded = []
    monkeypatch.setattr(console, "_discard_output", lambda: discarded.append("output"))
    said = {}
    for windows in (True, False):
        monkeypatch.setattr(console, "WINDOWS", windows)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", Unread())
            patch.setattr(sys, "stderr", io.StringIO())
            assert console.run_program("tool", work) == 1
            said[windows] = sys.stderr.getvalue()
    assert discarded == ["output"] * 2
    assert said[True] == ""
    assert said[False].startswith("tool: the output can't be written (Invalid argument): ")


# processes


def run(code: str, **options) -> subprocess.Popen:
    """Start a program that uses the console."""
    code = f"import sys\nfrom colorkit.machine import console\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=KIT,
        stderr=subprocess.PIPE,
        **options,
        encoding="utf-8",
    )


def read(program: subprocess.Popen) -> str:
    """Return what a program that has ended wrote to stderr."""
    with program.stderr as stream:
        return stream.read()


@pytest.mark.needs("full device")
@pytest.mark.parametrize("count", [1, 9000])
def test_an_output_that_is_full_is_said(count):
    work = f"lambda: console.say(*'a' * {count})"
    with open("/dev/full", "wb") as full:
        program = run(f"sys.exit(console.run_program('tool', {work}))", stdout=full)
        error = program.communicate(timeout=60)[1]
    reason = "the output can't be written (No space left on device): make room there"
    assert (program.returncode, error) == (1, f"tool: {reason}\n")


def test_a_reader_that_leaves_ends_the_program_without_a_word():
    endless = "while True: console.say('a')"
    code = f"def work():\n    {endless}\nsys.exit(console.run_program('tool', work))"
    program = run(code, stdout=subprocess.PIPE)
    assert program.stdout.readline() == "a\n"
    program.stdout.close()
    assert (program.wait(timeout=60), read(program)) == (1, "")


@pytest.mark.needs("signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_work_in_a_line_after_it_has_cleaned_up(tmp_path, name):
    code = f"""
import pathlib, time

def work():
    left = pathlib.Path({str(tmp_path / "left")!r})
    left.touch()
    try:
        console.say("ready")
        time.sleep(60)
    finally:
        left.unlink()

sys.exit(console.run_program("tool", work, "stopped; nothing is lost"))
"""
    program = run(code, stdout=subprocess.PIPE)
    assert program.stdout.readline() == "ready\n"
    program.send_signal(getattr(signal, name))
    program.stdout.close()
    assert program.wait(timeout=60) == 1
    assert read(program) == "tool: stopped; nothing is lost\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.needs("signals")
def test_what_nohup_ignores_stays_ignored():
    code = """
import os, signal

signal.signal(signal.SIGHUP, signal.SIG_IGN)
sys.exit(console.run_program("tool", lambda: os.kill(os.getpid(), signal.SIGHUP)))
"""
    program = run(code)
    assert (program.wait(timeout=60), read(program)) == (0, "")


@pytest.mark.needs("signals")
@pytest.mark.slow  # a second for each; Python's own start-up can be interrupted, too
@pytest.mark.parametrize("after", [0.12, 0.2, 0.3, 0.45])
def test_ctrl_c_during_the_imports_is_one_line(after):
    command = [sys.executable, "-m", "colorkit", "evaluate", "nowhere"]
    with subprocess.Popen(command, cwd=KIT, stderr=subprocess.PIPE, encoding="utf-8") as program:
        time.sleep(after)
        program.send_signal(signal.SIGINT)
        error = program.communicate(timeout=60)[1]
    assert "Traceback" not in error
    assert error.count("\n") <= 1


# what libraries write


def test_what_a_library_says_while_it_is_imported_is_held_back(capfd):
    with console.held_back():
        os.write(2, b"could not find cuda drivers\n")
    os.write(2, b"mine\n")
    assert capfd.readouterr().err == "mine\n"


def test_what_a_library_said_is_shown_if_its_import_fails(capfd):
    def import_it():
        with console.held_back():
            os.write(2, b"undefined symbol\n")
            raise ImportError

    with pytest.raises(ImportError):
        import_it()
    assert capfd.readouterr().err == "undefined symbol\n"


# closed streams


@pytest.mark.needs("shell")
@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_stops_nothing(tmp_path, closed):
    """What libraries write on descriptor 2 must not end up in the next file that is opened."""
    code = """
import os, sys
from pathlib import Path
from colorkit.machine import console
def work():
    with open(sys.argv[1], "w") as file:
        os.write(2, b"a library's warning")
        print("progress", file=sys.stderr)
        file.write("done")
sys.exit(console.run_program("colorkit", work))
"""
    (tmp_path / "program.py").write_text(code, encoding="utf-8")
    result = tmp_path / "result"
    program = f"'{sys.executable}' '{tmp_path / 'program.py'}' '{result}' {closed}"
    environment = os.environ | {"PYTHONPATH": str(KIT)}
    assert subprocess.run(program, shell=True, cwd=KIT, env=environment).returncode == 0
    assert result.read_text(encoding="utf-8") == "done"
