"""Whatever a submitted notebook does, every notebook gets its row, and nothing is left running."""

import csv
import io
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time

import grade as tool
import nbformat
import psutil
import pytest
import submissions
from helpers import KIT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

COMMAND = [sys.executable, str(KIT / "tools" / "grade.py")]
LIMIT = 30  # seconds; a small notebook takes two on a machine with nothing else to do
SOON = 20  # seconds; for those that never end and only have to begin
MARK = f"left-behind-by-a-graded-notebook-of-{os.getpid()}"

IMPORTS = "import os, subprocess, sys\nimport numpy as np\nfrom colorkit.exercises import check"
LINEAR = """
def my_to_linear(srgb):
    return np.where(srgb > 0.04045, ((srgb + 0.055) / 1.055) ** 2.4, srgb / 12.92)
to_linear = check("1.1", my_to_linear)"""
STORAGE = """
def my_to_storage(lab):
    return np.round(lab * np.array([2.55, 1, 1]) + np.array([0, 128, 128])).astype(np.uint8)
to_storage = check("1.2", my_to_storage)"""
STUB = """
def my_cut(identities, seed=0, limit=None):
    ...
cut = check("1.3", my_cut)"""
WRONG = 'my_to_linear = lambda srgb: srgb**2.2\nto_linear = check("1.1", my_to_linear)'

IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
CHILD = f"{IGNORE}; time.sleep(3600)  # {MARK}"
START = f"subprocess.Popen([sys.executable, '-c', {CHILD!r}]"
# Writes into every file that is open.
FORGE = """
for n in range(3, 99):
    try: os.write(n, {!r})
    except OSError: pass
os._exit(0)"""
BEGUN = "import time; time.sleep(1)  # the child has begun"
ALL = ("correct", "correct", "not attempted", "missing")
FIRST = ("correct", "missing", "missing", "missing")
# Whichever limit comes first.
FLOODED = rf"^stopped (after {SOON} s|because it held more than .* GB) in code cell 3 of 5$"
STOPPED = rf"^stopped after {SOON} s in code cell 3 of 5$"

# The cells between exercise 1.1, with a right answer, and 1.2 and 1.3; the outcomes of 1.1 to 1.4;
# what the problem says.
ENDLESS = {
    "endless": (["while True: pass"], FIRST, STOPPED),
    "flood": (["while True: print('x' * 100_000)"], FIRST, FLOODED),
    "child waited for": ([f"{START}).wait()"], FIRST, STOPPED),
    "child that hides": ([f"{START}, env={{}}, cwd='/').wait()"], FIRST, STOPPED),
}
PROCESSES = {
    "child": ([f"{START})", BEGUN], ALL, "^$"),
    "child of one that is gone": (
        [f"{START}, start_new_session=True, cwd='/')", BEGUN, "os._exit(3)"],
        FIRST,
        "status 3",
    ),
    "child without environment": (
        [f"{START}, start_new_session=True, env={{}})", BEGUN, "os._exit(3)"],
        FIRST,
        "status 3",
    ),
    "killed group": (
        ["os.kill(0, 9)"],
        FIRST,
        r"^its process ended \(signal 9\) in code cell 3 of 5$",
    ),
    "exit": (["os._exit(0)"], FIRST, r"^its process ended \(exit status 0\) in code cell 3 of 5$"),
    "killed": (
        ["os.kill(os.getpid(), 9)"],
        FIRST,
        r"^its process ended \(signal 9\) in code cell 3 of 5$",
    ),
    "thread": (
        ["import threading\nthreading.Thread(target=threading.Event().wait).start()"],
        ALL,
        "^$",
    ),
    "forged": ([FORGE.format(b"[1]\n")], None, "^could not be graded"),
    "tampered": ([FORGE.format(b'{"outcomes": {"x": 1}}\n')], None, "tampered with$"),
}
CELLS = {
    "nothing": ([], ALL, "^$"),
    "input": (["name = input('name?')"], ALL, "^code cell 3 raised EOFError: "),
    "quit": (["exit", "quit()", "sys.exit(1)"], ALL, "^code cell 5 raised SystemExit: 1$"),
    "raises": (
        ["1 / 0", "undefined"],
        ALL,
        r"^code cell 3 raised ZeroDivisionError: division by zero \(and 1 more\)$",
    ),
    "mute": (
        ["class Mute(Exception):\n    def __str__(self):\n        raise Mute\nraise Mute"],
        ALL,
        "^code cell 3 raised Mute$",
    ),
    "syntax": (
        ['def my_mean_ab(lab:\n    ...\ncheck("1.4", my_mean_ab)'],
        (*ALL[:3], "not yet"),
        "^code cell 3 raised SyntaxError: ",
    ),
    "no function": (
        ['my_mean_ab = lost\ncheck("1.4", my_mean_ab)'],
        (*ALL[:3], "not yet"),
        "NameError: name 'lost' is not defined$",
    ),
    "function that leaves": (
        ['check("1.4", lambda lab: sys.exit())'],
        (*ALL[:3], "not yet"),
        "SystemExit",
    ),
    "kernel's own": (
        ["%matplotlib inline\nimport asyncio\nawait asyncio.sleep(0)", "!echo x"],
        ALL,
        "^$",
    ),
    "timed": (
        ['%%time\ncheck("1.4", lambda lab: lab[..., 1:].mean(axis=(0, 1, 2)) - 128)'],
        ("correct", "correct", ALL[2], "correct"),
        "^$",
    ),
    "twice": (['check("1.2", lambda lab: lab)', WRONG], ("not yet", *ALL[1:]), "^$"),
    "unknown": (
        ['check("1.9", my_to_linear)'],
        ALL,
        "^code cell 3 raised KitError: there is no exercise '1.9'",
    ),
    "commented": (
        ['# check("1.4", my_to_linear)', '# check("1.4", my_to_linear)\nx = ('],
        ALL,
        "^code cell 4 raised SyntaxError: ",
    ),
    "pip": (
        ["import sys\npip = !{sys.executable} -m pip list\nassert 'interpreter' in pip[0], pip"],
        ALL,
        "^$",
    ),
    "web": (
        ["import urllib.request\nurllib.request.urlopen('https://example.org')"],
        ALL,
        "^code cell 3 raised URLError: .*refused",
    ),
    "ruins": (
        ["import pathlib, shutil\nshutil.rmtree('colorkit-lessons')\nos.mkdir('colorkit')"],
        ALL,
        "^$",
    ),
    "home": (
        [
            "from pathlib import Path\n"
            "assert Path.home() == Path.cwd() and 'SECRET' not in os.environ"
        ],
        ALL,
        "^$",
    ),
    "formula": (["raise ValueError('x;=1\\n2')"], ALL, "^code cell 3 raised ValueError: x;'=1$"),
}
# What students may try to make a wrong answer pass.
TRICKS = {
    "nothing": "",
    "print": "print('1.1 correct')",
    "own check": "def check(number, function):\n    print(number, 'correct')\n    return function",
    "outcomes": "from colorkit.exercises import checking\nchecking._outcomes['1.1'] = 'correct'",
    "shadow": """
import types
sys.modules['colorkit.exercises'] = types.SimpleNamespace(check=print)
from colorkit.exercises import check""",
    "judge": """
from colorkit.exercises import judging
judging.judge = lambda *_: judging.Verdict('correct')""",
    "comparison": "from colorkit.exercises import judging\njudging.difference = lambda *_: None",
    "reference": """
from colorkit.exercises.data_prep import EXERCISES
object.__setattr__(EXERCISES[0], 'reference', lambda x: x**2.2)""",
    "files": """
import pathlib
for path in pathlib.Path.cwd().rglob('judging.py'):
    path.write_text('judge = None')""",
}
BROKEN = {
    "empty": (b"", "^not a notebook: ValueError: the file is empty$"),
    "page": (b"<!DOCTYPE html>", "^not a notebook: NotJSONError: "),
    "cut": (b'{"cells": [', "^not a notebook: NotJSONError: "),
    "bytes": (b"\xff\xfe\x00", "^not a notebook: UnicodeDecodeError: "),
    "list": (b"[1]", "^not a notebook: "),
    "object": (b"{}", "^not a notebook: |^no exercise in it: "),
    "deep": (b"[" * 100_000, "^not a notebook: "),
}


def write(path, *cells: str) -> None:
    """Write a notebook with these code cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=[new_markdown_cell("Mine."), *map(new_code_cell, cells)])
    with open(path, "w", encoding="utf-8") as stream:
        nbformat.write(notebook, stream)


def grade(
    folder, *options: str, status: int = 0, **environment: str
) -> subprocess.CompletedProcess:
    """Grade a folder; check the exit status."""
    done = subprocess.run(
        [*COMMAND, str(folder), *options],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    assert done.returncode == status, done.stderr
    return done


def rows(text: str) -> dict[str, dict]:
    """Read a table: a row for each file."""
    return {row["file"]: row for row in csv.DictReader(io.StringIO(text))}


def outcomes(row: dict) -> tuple:
    """Return the outcomes of the exercises of lesson 1."""
    return tuple(row[number] for number in ("1.1", "1.2", "1.3", "1.4"))


def left_behind(place) -> list[psutil.Process]:
    """Find what still runs of the grader, of its notebooks, and of what they started."""
    found = []
    for one in psutil.process_iter(["cmdline", "environ", "status"]):
        words = [*(one.info["cmdline"] or []), *(one.info["environ"] or {}).values()]
        if one.info["status"] != psutil.STATUS_ZOMBIE and any(
            MARK in word or str(place) in word for word in words
        ):
            found.append(one)
    return found


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory):
    """The folder in which notebooks run here, and in no other session of these tests."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield folder


def graded(folder, cases: dict, limit: int = LIMIT) -> dict[str, dict]:
    """Grade notebooks with something between the exercises; return their rows by its name."""
    for name, (between, *_) in cases.items():
        write(folder / f"{name}.ipynb", IMPORTS, LINEAR, *between, STORAGE, STUB)
    out = folder / "class.csv"
    done = grade(folder, "--limit", str(limit), "--jobs", "4", "--out", str(out), SECRET="x")
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == len(cases)
    return {name.removesuffix(".ipynb"): row for name, row in rows(out.read_text()).items()}


def check_row(row: dict, case: tuple) -> None:
    """Check that a row has the outcomes and the problem of a case."""
    _, expected, problem = case
    assert re.search(problem, row["problem"]), row["problem"]
    if expected:
        assert outcomes(row) == expected
        correct = str(expected.count("correct"))
        assert (row["lesson"], row["correct"], row["of"]) == ("1", correct, "4")
    else:
        assert (row["lesson"], row["correct"], row["of"]) == ("", "0", "0")


# notebooks that do what they like


@pytest.fixture(scope="module")
def processes(tmp_path_factory, place):
    found = graded(tmp_path_factory.mktemp("processes"), PROCESSES)
    found |= graded(tmp_path_factory.mktemp("endless"), ENDLESS, SOON)
    return found, left_behind(place)


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("cells"), CELLS)


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("name", PROCESSES | ENDLESS)
def test_what_a_notebook_s_process_does(processes, name):
    check_row(processes[0][name], (PROCESSES | ENDLESS)[name])


@pytest.mark.newest
@pytest.mark.slow
def test_no_process_is_left_behind(processes):
    assert processes[1] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_what_a_notebook_s_cells_do(cells, name):
    check_row(cells[name], CELLS[name])


def test_what_is_left_behind_would_be_found(place):
    """The counter-check to the test above."""
    with subprocess.Popen([sys.executable, "-c", CHILD]) as child:
        try:
            while not left_behind(place):
                time.sleep(0.1)
            assert [one.pid for one in left_behind(place)] == [child.pid]
        finally:
            child.kill()


@pytest.mark.newest
@pytest.mark.slow
def test_no_trick_of_a_line_makes_a_wrong_answer_pass(tmp_path):
    for name, trick in TRICKS.items():
        write(tmp_path / f"{name}.ipynb", IMPORTS, trick, WRONG, trick)
    found = rows(grade(tmp_path, "--jobs", "4").stdout)
    assert {name: outcomes(row)[0] for name, row in found.items()} == {
        f"{name}.ipynb": "not yet" for name in TRICKS
    }
    assert {row["problem"] for row in found.values()} == {""}


@pytest.mark.newest
def test_memory_is_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions, "MEMORY", 400e6)
    write(tmp_path / "hog.ipynb", IMPORTS, LINEAR, "x = b'x' * 800_000_000\nwhile True: pass")
    report = submissions.grade(tmp_path / "hog.ipynb", LIMIT, threading.Event())
    assert report.outcomes["1.1"] == "correct"
    assert report.problem == "stopped because it held more than 0.4 GB in code cell 3 of 3"


@pytest.mark.newest
def test_a_kit_that_does_not_start_is_told_from_a_notebook_that_fails(monkeypatch, tmp_path):
    (tmp_path / "kit" / "tools").mkdir(parents=True)
    (tmp_path / "kit" / "tools" / "run_submission.py").write_text("import something_else")
    monkeypatch.setattr(submissions, "KIT", tmp_path / "kit")
    monkeypatch.setattr(submissions, "PARTS", ())
    write(tmp_path / "a.ipynb", IMPORTS)
    problem = submissions.grade(tmp_path / "a.ipynb", LIMIT, threading.Event()).problem
    reason = "ModuleNotFoundError: No module named 'something_else'"
    assert problem == f"its process ended (exit status 1: {reason}) before its first cell"


# files and the table


@pytest.mark.newest
@pytest.mark.slow
def test_what_is_not_a_notebook_gets_a_row_and_the_others_are_graded(tmp_path):
    for name, (content, _) in BROKEN.items():
        (tmp_path / f"{name}.ipynb").write_bytes(content)
    write(tmp_path / "no_exercise.ipynb", "x = 1")
    write(tmp_path / "no_lesson.ipynb", 'check("77.1", f)')
    (tmp_path / "dangling.ipynb").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / os.fsdecode(b"\xff.ipynb")).write_bytes(b"")
    write(tmp_path / "deeper" / "mia_02 (1).IPYNB", IMPORTS + LINEAR)
    found = rows(grade(tmp_path, "--jobs", "2").stdout)
    problems = {name: problem for name, (_, problem) in BROKEN.items()}
    problems["\ufffd"] = problems["empty"]
    problems |= dict.fromkeys(
        ("no_exercise", "no_lesson"), "^no exercise in it: no call like check"
    )
    problems |= dict.fromkeys(("dangling", "pipe"), "there is no file behind this name$")
    for name, problem in problems.items():
        row = found.pop(f"{name}.ipynb")
        assert re.search(problem, row["problem"]), row
        assert (row["lesson"], *outcomes(row)) == ("",) * 5
        assert (row["correct"], row["of"]) == ("0", "0")
    (row,) = found.values()
    check_row(row, (None, FIRST, "^$"))
    assert row["file"] == "deeper/mia_02 (1).IPYNB"


def test_the_table_is_sorted_and_can_be_opened_in_a_spreadsheet():
    names = ['a"b', "=1+1", "+1", "-1", "@x", " =1", "b;=2", "b,c", "é", "z\x1b[31m\n=", "\udcff"]
    reports = {f"{name}.ipynb": tool.Report(problem=name) for name in names}
    reports["n.ipynb"] = tool.Report(
        "2 10", {"10.2": "correct", "2.10": "not yet", "2.9": "correct"}
    )
    text = tool.table(reports).encode().decode()
    assert text.splitlines()[0] == "file,lesson,2.9,2.10,10.2,correct,of,problem"
    found = rows(text)
    named = found.pop("n.ipynb")
    assert list(named.values()) == [
        "n.ipynb",
        "2 10",
        "correct",
        "not yet",
        "correct",
        "2",
        "3",
        "",
    ]
    shown = [
        "' =1",
        "'+1",
        "'-1",
        "'=1+1",
        "'@x",
        'a"b',
        "b,c",
        "b;'=2",
        "z\ufffd[31m\ufffd=",
        "é",
        "\ufffd",
    ]
    assert [(name.removesuffix(".ipynb"), row["problem"]) for name, row in found.items()] == [
        (name, name) for name in shown
    ]


def test_a_line_moves_no_cursor():
    line = tool.line("a\x1b[1A\n.ipynb", tool.Report(problem="\r"), 1.2)
    assert line == "a\ufffd[1A\ufffd.ipynb: not graded (1 s); \ufffd"


def test_hidden_files_are_not_submissions(tmp_path):
    write(tmp_path / ".ipynb_checkpoints" / "mia-checkpoint.ipynb", IMPORTS)
    write(tmp_path / "._mia.ipynb", IMPORTS)
    said = grade(tmp_path, status=1).stderr
    assert said == f"grade: no notebook in {tmp_path}: their names should end in .ipynb\n"


@pytest.mark.parametrize(
    ("folder", "options", "status", "words"),
    [
        ("nowhere", [], 1, "nowhere is not a folder"),
        ("a.ipynb", [], 1, "a.ipynb is not a folder"),
        (".", ["--out", "a.ipynb/x.csv"], 1, "a.ipynb"),
        (".", ["--limit", "0"], 2, "invalid positive float value: '0'"),
        (".", ["--limit", "nan"], 2, "invalid positive float value: 'nan'"),
        (".", ["--jobs", "0"], 2, "invalid positive int value: '0'"),
    ],
)
def test_what_can_t_be_done_is_said_in_a_line(
    tmp_path, monkeypatch, folder, options, status, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ipynb").write_bytes(b"")
    done = grade(folder, *options, status=status)
    assert words in done.stderr.splitlines()[-1]
    assert done.stdout == ""
    if status == 1:
        assert len(done.stderr.splitlines()) == 1


def test_a_table_that_can_t_be_written_is_known_before_anything_is_run(
    monkeypatch, tmp_path, capsys
):
    (tmp_path / "a.ipynb").write_bytes(b"")
    monkeypatch.setattr(tool, "grade_all", None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert tool.main([str(tmp_path), "--out", str(tmp_path / "a.ipynb" / "x.csv")]) == 1
    assert "a.ipynb" in capsys.readouterr().err


def heed_interrupts() -> None:
    """Restore the default: a shell makes its background jobs ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_it_keeps_what_is_graded_and_leaves_no_process(tmp_path, place, sent):
    write(tmp_path / "a.ipynb", IMPORTS, LINEAR)
    write(tmp_path / "b.ipynb", IMPORTS, LINEAR, f"{START}).wait()")
    write(tmp_path / "c.ipynb", IMPORTS, LINEAR)
    command = [*COMMAND, str(tmp_path), "--out", str(tmp_path / "x.csv"), "--limit", "100"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as running:
        end = time.monotonic() + 60
        while not any(CHILD in one.info["cmdline"] for one in left_behind(place)):
            assert time.monotonic() < end
            time.sleep(0.1)
        running.send_signal(sent)
        said = running.stderr.read()
    assert running.returncode == 130
    assert "interrupted: 1 of 3 notebooks are graded" in said
    assert "Traceback" not in said
    assert outcomes(rows((tmp_path / "x.csv").read_text())["a.ipynb"]) == FIRST
    assert left_behind(place) == []


@pytest.mark.newest
def test_a_bar_on_a_terminal(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    assert (
        subprocess.run(
            [*COMMAND, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=theirs
        ).returncode
        == 0
    )
    os.close(theirs)
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "| 0/1 [" in said
    assert "a.ipynb: not graded" in said


# a lesson as it is


@pytest.mark.newest
@pytest.mark.slow
def test_a_lesson_solved_and_untouched(tmp_path):
    subprocess.run(
        [sys.executable, str(KIT / "tests" / "lessons" / "solve.py"), str(tmp_path / "all")],
        check=True,
    )
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (tmp_path / "all" / "solved_01_data_prep.ipynb").rename(chosen / "mia.ipynb")
    (chosen / "zoe.ipynb").write_bytes((KIT / "notebooks" / "01_data_prep.ipynb").read_bytes())
    found = rows(grade(chosen).stdout)
    check_row(found["mia.ipynb"], (None, ("correct",) * 4, "^$"))
    check_row(found["zoe.ipynb"], (None, ("not attempted",) * 4, "^$"))
