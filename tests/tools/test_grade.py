"""Whatever a submitted notebook does, every notebook gets its row, and nothing is left running."""

import csv
import errno
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile

import exchange
import grade as tool
import nbformat
import processes as looks_after
import psutil
import pytest
import run_notebook
import run_submission as judge_tool
import submissions
import tables
from elsewhere import make_junctions
from helpers import KIT, link_folder
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from colorkit.errors import KitError

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
    "signals for the judge": (
        ["import time\nfor sent in (1, 2, 15): os.kill(os.getppid(), sent)\ntime.sleep(1)"],
        ALL,
        "^$",
    ),
    "signal for itself": (
        ["os.kill(os.getpid(), 15)"],
        FIRST,
        r"^its process ended \(signal 15\) in code cell 3 of 5$",
    ),
    "folder without end": (
        [
            "here = os.getcwd()\nfor _ in range(1500): os.mkdir('folder'); os.chdir('folder')\n"
            "os.chdir(here)"
        ],
        ALL,
        "^$",
    ),
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
# Where no process can handle what ends it, these end otherwise.
KILLS = ("killed group", "killed", "signals for the judge", "signal for itself")
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
        "^$",
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
        # IPython 7 on Python 3.13 gives it a name of its own
        "^code cell 4 raised (SyntaxError|_IncompleteInputError): ",
    ),
    "pip": (
        # as `pip = !{sys.executable} -m pip list`, which IPython 7 can't read on Python 3.13
        [
            "import sys\npip = get_ipython().getoutput(sys.executable + ' -m pip list')\n"
            "assert 'interpreter' in pip[0], pip"
        ],
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
# What students may try who know how a judge could work. Each would pass as correct if the judge
# shared a process with the notebook, or believed its messages. (1.3 is about strings.)
WRONG_CUT = """
def my_cut(identities, seed=0, limit=None):
    order = [Same(name) for name in dict.fromkeys(identities)][:limit]
    first, second = round(len(order) * 0.8), round(len(order) * 0.9)
    return order[:first], order[first:second], order[second:]
check("1.3", my_cut)"""
SAME = """
class Same(str):
    __hash__ = str.__hash__
    __eq__ = lambda self, other: True
    __ne__ = lambda self, other: False"""
RECORD = {"lesson": "1", "outcomes": {"1.1": "correct"}, "done": True}
FRAMED = exchange.HEAD.pack(exchange.MARK, 16) + b'{"about": "end"}'
FROM_FRAME = """
def my_to_linear(srgb):
    frame = sys._getframe(1)
    while 'expected' not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals['expected']
check("1.1", my_to_linear)"""
CHEATS = {
    "equal strings": SAME + WRONG_CUT,
    "nan_to_num": "np.nan_to_num = lambda x, **_: 0 * x\n" + WRONG,
    "abs": "np.abs = lambda x: np.zeros(np.shape(x))\n" + WRONG,
    "asarray": "true = np.asarray\nnp.asarray = lambda x, *a: true(x, *a) * 0\n" + WRONG,
    "frame": FROM_FRAME,
    "gc": """
import gc
for one in gc.get_objects():
    if type(one).__name__ == 'Exercise':
        object.__setattr__(one, 'tolerance', 1e9)
"""
    + WRONG,
    "modules": """
import gc
for one in gc.get_objects():
    if type(one) is dict and one.get('__name__') == 'colorkit.exercises.judging':
        one['difference'] = lambda *_: None
"""
    + WRONG,
    "record": WRONG + FORGE.format(json.dumps(RECORD).encode() + b"\n"),
    "message": WRONG + FORGE.format(FRAMED),
}
# Ways to call `check` that the lesson takes.
HONEST = {
    "plain": 'check("1.1", my_to_linear)',
    "number": "check(1.1, my_to_linear)",
    "keyword": 'check("1.1", function=my_to_linear)',
    "keywords": "check(number=1.1, function=my_to_linear)",
    "turned": 'check(function=my_to_linear, number="1.1")',
    "spaces": 'check(" 1.1 ", my_to_linear)',
    "loop": 'for number in ("1.1",): check(number, my_to_linear)',
    "named": "from colorkit.exercises import check as verify\nverify('1.1', my_to_linear)",
    "unpacked": 'check(*("1.1", my_to_linear))',
    "timed line": '%time to_linear = check("1.1", my_to_linear)',
    "variable": 'number = "1.1"\ncheck(number, my_to_linear)',
    "written in parts": 'check(f"{1}.1", my_to_linear)',
    "helper": 'def verify(): check("1.1", my_to_linear)\nverify()',
    "popped": 'answers = [my_to_linear]\ncheck("1.1", answers.pop())',
    "changed afterward": 'check("1.1", my_to_linear)\nmy_to_linear = None',
    "fails afterward": 'check("1.1", my_to_linear)\nimport os; os._exit(3)',
}
# Notebooks that lack what a notebook should have, but their code is there.
CODE = {"cell_type": "code", "source": ["x = 1\n", "y = 2"]}
INCOMPLETE = {
    "bare": {"cells": [CODE]},
    "newer": {"nbformat": 5, "nbformat_minor": 0, "metadata": {}, "cells": [CODE]},
    "no metadata": {"nbformat": 4, "nbformat_minor": 5, "cells": [CODE]},
    "no source": {"cells": [{"cell_type": "code"}, CODE]},
    "empty source": {"cells": [{"cell_type": "code", "source": None}, CODE]},
    "odd source": {"cells": [{"cell_type": "code", "source": 5}, CODE]},
    "no type": {"cells": [{"source": "text"}, None, CODE]},
    "older": {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1\ny = 2", "outputs": []}]}],
    },
}
BROKEN = {
    "empty": (b"", "^not a notebook: ValueError: the file is empty$"),
    "page": (b"<!DOCTYPE html>", "^not a notebook: NotJSONError: "),
    "cut": (b'{"cells": [', "^not a notebook: NotJSONError: "),
    "bytes": (b"\xff\xfe\x00", "^not a notebook: UnicodeDecodeError: "),
    "list": (b"[1]", "^not a notebook: ValueError: there are no cells in it$"),
    "object": (b"{}", "^not a notebook: ValueError: there are no cells in it$"),
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
        encoding="utf-8",
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
    return {
        name.removesuffix(".ipynb"): row for name, row in rows(out.read_text("utf-8-sig")).items()
    }


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
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.needs("signals")) if name in KILLS else name
        for name in PROCESSES | ENDLESS
    ],
)
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
@pytest.mark.slow
def test_no_cunning_makes_a_wrong_answer_pass(tmp_path):
    for name, cheat in CHEATS.items():
        write(tmp_path / f"{name}.ipynb", IMPORTS, cheat)
    found = rows(grade(tmp_path, "--jobs", "4").stdout)
    assert len(found) == len(CHEATS)
    assert {name: row["correct"] for name, row in found.items()} == dict.fromkeys(found, "0")


@pytest.mark.newest
@pytest.mark.slow
def test_what_the_lesson_calls_correct_is_correct(tmp_path):
    function = LINEAR.partition("to_linear = check")[0]
    for name, call in HONEST.items():
        write(tmp_path / f"{name}.ipynb", IMPORTS, function, call)
    found = rows(grade(tmp_path, "--jobs", "4").stdout)
    assert {name.removesuffix(".ipynb"): row["1.1"] for name, row in found.items()} == (
        dict.fromkeys(HONEST, "correct")
    )


@pytest.mark.newest
@pytest.mark.slow
def test_every_exercise_s_right_answer_is_correct_and_a_wrong_one_is_not(tmp_path):
    right, wrong = [], []
    for path in sorted((KIT / "tests" / "lessons").glob("answers_*.py")):
        answers = f"{path.read_text('utf-8')}\nfrom colorkit.exercises import check\n"
        right.append(f"{answers}for number, own in RIGHT.items(): check(number, own)")
        wrong.append(f"{answers}for number, own in WRONG.items(): check(number, own[0][0])")
    write(tmp_path / "right.ipynb", *right)
    write(tmp_path / "wrong.ipynb", *wrong)
    found = rows(grade(tmp_path, "--jobs", "2").stdout)
    numbers = [number for number in found["right.ipynb"] if re.fullmatch(r"\d\.\d", number)]
    assert len(numbers) == 4 * len(right) == 28
    assert {found["right.ipynb"][number] for number in numbers} == {"correct"}
    assert {found["wrong.ipynb"][number] for number in numbers} == {"not yet"}


def grade_one(path, *cells: str) -> tool.Report:
    """Grade a notebook with these cells after a right answer to 1.1."""
    write(path, IMPORTS, LINEAR, *cells)
    report = submissions.grade(path.read_bytes, LIMIT, threading.Event())
    assert report.outcomes["1.1"] == "correct"
    return report


HOG = "x = b'x' * 800_000_000\nwhile True: pass"


@pytest.mark.newest
@pytest.mark.parametrize(
    "cell", [HOG, f"subprocess.run([sys.executable, '-c', {HOG!r}])"], ids=["own", "child's"]
)
def test_memory_is_limited(monkeypatch, tmp_path, cell):
    monkeypatch.setattr(submissions, "MEMORY", 400e6)
    report = grade_one(tmp_path / "hog.ipynb", cell)
    assert report.problem == "stopped because it held more than 0.4 GB in code cell 3 of 3"


@pytest.mark.needs("signals")
@pytest.mark.newest
def test_memory_that_processes_share_counts_once(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions, "MEMORY", 600e6)
    shared = "x = b'x' * 300_000_000\nfor _ in range(4):\n    if not os.fork(): time.sleep(99)"
    report = grade_one(tmp_path / "a.ipynb", f"import time\n{shared}\ntime.sleep(2)")
    assert report.problem == ""


@pytest.mark.newest
def test_processes_are_limited(monkeypatch, tmp_path, place):
    monkeypatch.setattr(submissions, "PROCESSES", 20)
    bomb = f"import time\nwhile True:\n    {START})\n    time.sleep(0.02)"
    report = grade_one(tmp_path / "bomb.ipynb", bomb)
    assert report.problem == "stopped because it started more than 20 processes in code cell 3 of 3"
    assert left_behind(place) == []


@pytest.mark.newest
def test_what_is_written_is_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions, "DISK", 100e6)
    cell = "open('x', 'wb').write(b'x' * 200_000_000)\nwhile True: pass"
    report = grade_one(tmp_path / "disk.ipynb", cell)
    assert report.problem == "stopped because it wrote more than 0.1 GB in code cell 3 of 3"


def test_exercises_of_plain_arrays_are_judged_without_keras():
    """Its import would take most of the time of such a notebook."""
    code = """
import sys
sys.path[:0] = [sys.argv[1]]
import run_submission as judge
exercises = judge.load_exercises(judge.NUMPY_ALONE, judge.Report())
print(len(exercises), "keras" in sys.modules)
"""
    command = [sys.executable, "-c", code, str(KIT / "tools")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.stdout == "8 False\n", done.stderr


@pytest.mark.parametrize(
    ("numbers", "times"), [(["1.1", "7.1"], 0), (["2.1"], 1), (["1.1", "3.1"], 1)]
)
def test_a_backend_is_chosen_where_exercises_need_keras(monkeypatch, numbers, times):
    chosen = []
    monkeypatch.setattr(judge_tool.machine, "choose_backend", lambda: chosen.append("now"))
    judge_tool.load_exercises(numbers, submissions.Report())
    assert len(chosen) == times


# the teacher's trouble


def broken_kit(folder, code: str):
    """Make a kit whose judge, or whose way to run a notebook, is this code."""
    (folder / "tools").mkdir(parents=True)
    (folder / "tools" / "run_submission.py").write_text(code, encoding="utf-8")
    return folder


def test_a_notebook_gets_all_that_a_lesson_opens(tmp_path, monkeypatch):
    """Lesson 5 reads the ledger's page, lesson 6 that of the benchmarks."""
    kit = tmp_path / "kit"
    for name in ("colorkit/__init__.py", "docs/ledger.md", "docs/other.md", "benchmarks/README.md"):
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).touch()
    monkeypatch.setattr(submissions, "KIT", kit)
    room = tmp_path / "room"
    room.mkdir()
    submissions._copy(room, b"{}")
    copied = room / "colorkit-lessons"
    found = {path.relative_to(copied).as_posix() for path in copied.rglob("*.*")}
    assert found == {"colorkit/__init__.py", "docs/ledger.md", "benchmarks/README.md"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import something_else", "ModuleNotFoundError: No module named 'something_else'"),
        ("raise MemoryError", "MemoryError"),
        ("raise SystemExit(7)", "exit status 7"),
    ],
)
def test_a_kit_that_does_not_start_is_told_from_a_notebook_that_fails(
    monkeypatch, tmp_path, code, reason
):
    monkeypatch.setattr(submissions, "KIT", broken_kit(tmp_path / "kit", code))
    monkeypatch.setattr(submissions, "LESSON_PARTS", ())
    write(tmp_path / "a.ipynb", IMPORTS)
    with pytest.raises(KitError, match=f"^notebooks can't be run here: {reason}$"):
        submissions.grade((tmp_path / "a.ipynb").read_bytes, LIMIT, threading.Event())


def test_a_judge_that_was_killed_on_windows_is_its_notebook_s_trouble(monkeypatch, tmp_path):
    """There are no signals there, only the status that the killer chose."""
    code = """print('{"begun": true, "cell": 2, "cells": 3}', flush=True); raise SystemExit(9)"""
    monkeypatch.setattr(submissions, "KIT", broken_kit(tmp_path / "kit", code))
    monkeypatch.setattr(submissions, "LESSON_PARTS", ())
    write(tmp_path / "a.ipynb", IMPORTS)
    read = (tmp_path / "a.ipynb").read_bytes
    with pytest.raises(KitError, match=r"^notebooks can't be run here: exit status 9$"):
        submissions.grade(read, LIMIT, threading.Event())
    monkeypatch.setattr(looks_after, "KILLED_BY_STATUS", True)
    report = submissions.grade(read, LIMIT, threading.Event())
    assert report.problem == "its process ended (exit status 9) in code cell 2 of 3"


def test_a_notebook_sees_what_windows_needs_and_one_home(monkeypatch, tmp_path):
    """Without SYSTEMROOT no socket opens there; texts are UTF-8, as on Colab."""
    needed = {"SYSTEMROOT": r"C:\Windows", "PATHEXT": ".EXE", "COMSPEC": r"C:\Windows\cmd.exe"}
    own = {"USERPROFILE": r"C:\Users\me", "TEMP": r"C:\Temp", "APPDATA": r"C:\Users\me\x"}
    for name, value in (needed | own | {"SECRET": "1", "PYTHONUTF8": "0"}).items():
        monkeypatch.setenv(name, value)
    seen = submissions._environment(tmp_path)
    assert needed.items() <= seen.items()
    assert {seen[name] for name in own | {"HOME": "", "TMPDIR": "", "TMP": ""}} == {str(tmp_path)}
    assert seen["PYTHONUTF8"] == "1"
    assert "SECRET" not in seen


@pytest.mark.newest
def test_a_notebook_s_process_that_does_not_start_is_the_teacher_s_trouble(monkeypatch, tmp_path):
    """Its first line is the kit's own, and no student's."""
    shutil.copytree(KIT / "tools", tmp_path / "kit" / "tools")
    link_folder(tmp_path / "kit" / "colorkit", KIT / "colorkit")
    (tmp_path / "kit" / "tools" / "run_notebook.py").write_text(
        "import something_else", encoding="utf-8"
    )
    monkeypatch.setattr(submissions, "KIT", tmp_path / "kit")
    monkeypatch.setattr(submissions, "LESSON_PARTS", ())
    write(tmp_path / "a.ipynb", IMPORTS)
    with pytest.raises(KitError, match=r"^notebooks can't be run here: ModuleNotFoundError: "):
        submissions.grade((tmp_path / "a.ipynb").read_bytes, LIMIT, threading.Event())


NO_SPACE = OSError(errno.ENOSPC, "No space left on device", "from", None, "to")
UNREADABLE = PermissionError(13, "Permission denied", str(KIT / "data" / "faces.zip"))
TROUBLE = {
    "copy": (submissions.shutil, "copy2", NO_SPACE, "No space left on device): make room there"),
    "kit": (submissions.shutil, "copy2", UNREADABLE, "faces.zip: Permission denied: change its"),
    "process": (
        submissions.psutil,
        "Popen",
        BlockingIOError(11, "Resource temporarily unavailable"),
        "no process can be started (Resource temporarily unavailable): close other programs",
    ),
    "folder": (submissions.tempfile, "mkdtemp", NO_SPACE, "No space left on device"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_the_teacher_s_trouble_is_a_line_and_no_student_s_zero(
    monkeypatch, tmp_path, capfdbinary, name
):
    module, function, bad, words = TROUBLE[name]

    def fail(*_, **__):
        raise bad

    monkeypatch.setattr(module, function, fail)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    for one in "abc":
        write(tmp_path / f"{one}.ipynb", IMPORTS, LINEAR)
    out = tmp_path / "class.csv"
    assert tool.main([str(tmp_path), "--out", str(out)]) == 1
    said = capfdbinary.readouterr().err.decode().splitlines()
    assert len(said) == 1
    assert said[0].startswith("grade: ")
    assert words in said[0]
    assert rows(out.read_text("utf-8-sig")) == {}


@pytest.mark.needs("limits")
@pytest.mark.newest
def test_a_kit_that_does_not_fit_is_a_line(tmp_path):
    """No file may have more than a million bytes, as on a disk that is full."""
    import resource

    for one in "abc":
        write(tmp_path / f"{one}.ipynb", IMPORTS, LINEAR)
    done = subprocess.run(
        [*COMMAND, str(tmp_path), "--jobs", "2"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)),
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert re.fullmatch(
        r"grade: .*graded-\S+ can't be written \(File too large\): choose a disk that takes larger "
        r"files and run again\n",
        done.stderr,
    )
    assert rows(done.stdout) == {}


def test_a_disk_that_is_full_is_noticed_before_a_notebook_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions, "ROOM", 2**60)
    with pytest.raises(KitError, match=r"can't be written \(No space left on device\): make room"):
        submissions.grade(lambda: b"{}", LIMIT, threading.Event())


@pytest.mark.newest
def test_a_disk_that_fills_up_meanwhile_is_no_student_s_fault(monkeypatch, tmp_path):
    run = submissions._run

    def fill(*arguments):
        report = run(*arguments)
        monkeypatch.setattr(submissions, "ROOM", 2**60)
        return report

    monkeypatch.setattr(submissions, "_run", fill)
    write(tmp_path / "a.ipynb", IMPORTS)
    with pytest.raises(KitError, match="make room"):
        submissions.grade((tmp_path / "a.ipynb").read_bytes, LIMIT, threading.Event())


# files and the table


@pytest.mark.needs("links", "pipes", "any name")
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
    problems["\\xff"] = problems["empty"]
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


@pytest.mark.parametrize("name", INCOMPLETE)
def test_code_that_can_be_read_counts_whatever_else_is_missing(tmp_path, name):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(INCOMPLETE[name]), encoding="utf-8")
    assert [code for code in run_notebook.read_code_cells(path) if code] == ["x = 1\ny = 2"]


def test_what_a_notebook_linked_by_a_junction_stays(tmp_path, monkeypatch):
    """Removing a notebook's folder must not empty the teacher's own."""
    own = tmp_path / "graded" / "junction"
    own.mkdir(parents=True)
    (own / "mine").write_bytes(bytes(100_000))
    make_junctions(monkeypatch, own)
    removed = []
    monkeypatch.setattr(os, "unlink", removed.append)
    assert looks_after.written(tmp_path / "graded") < 100_000
    looks_after.remove(tmp_path / "graded")
    assert removed == [str(own)]
    assert (own / "mine").exists()


@pytest.mark.needs("links", "rights")
def test_a_folder_of_any_depth_is_measured_and_removed(tmp_path, monkeypatch):
    """Some hundred levels of 20 letters are a path that is longer than the system allows."""
    folder = tmp_path / "graded"
    folder.mkdir()
    (folder / "x").write_bytes(bytes(10_000))
    (folder / "link").symlink_to(tmp_path)
    (folder / "shut" / "in").mkdir(parents=True)
    (folder / "shut").chmod(0)
    assert 10_000 <= looks_after.written(folder) < 100_000
    monkeypatch.chdir(folder)
    for _ in range(1500):
        os.mkdir("d" * 20)
        os.chdir("d" * 20)
    monkeypatch.chdir(tmp_path)
    assert 10_000 <= looks_after.written(folder) < 10**8
    looks_after.remove(folder)
    assert os.listdir(tmp_path) == []


def test_the_table_is_sorted_and_can_be_opened_in_a_spreadsheet():
    names = ['a"b', "=1+1", "+1", "-1", "@x", " =1", "b;=2", "b,c", "é", "z\x1b[31m\n=", "\udcff"]
    reports = {f"{name}.ipynb": tool.Report(problem=name) for name in names}
    reports["n.ipynb"] = tool.Report(
        "2 10", {"10.2": "correct", "2.10": "not yet", "2.9": "correct"}
    )
    text = tables.to_spreadsheet(tool.table(reports)).decode("utf-8-sig")
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
        "z\\x1b[31m\\n=",
        "é",
        "\\xff",
    ]
    assert [(name.removesuffix(".ipynb"), row["problem"]) for name, row in found.items()] == [
        (name, name) for name in shown
    ]


def test_a_file_for_a_spreadsheet_has_a_mark_and_what_goes_to_a_program_has_none(tmp_path):
    (tmp_path / "Žofie.ipynb").write_bytes(b"")
    out = tmp_path / "class.csv"
    assert grade(tmp_path, "--out", str(out)).stdout == ""
    assert out.read_bytes().startswith(b"\xef\xbb\xbffile,")
    assert out.read_text("utf-8-sig").endswith(
        "\nŽofie.ipynb,,0,0,not a notebook: ValueError: the file is empty\n"
    )
    first = out.read_bytes()
    grade(tmp_path, "--out", str(out))  # its own table is no hand-in
    assert out.read_bytes() == first
    out.unlink()
    assert grade(tmp_path, PYTHONIOENCODING="ascii").stdout.encode("utf-8-sig") == first


def test_letters_of_every_script_stay_as_they_are():
    name = "अनीता क\N{ZERO WIDTH JOINER}ष, สมชาย ใจดี, O’Brien, عمر, 王"
    assert tables.plain(name) == name


def test_a_cell_is_one_line_of_at_most_200_letters():
    text = tool.table({"a.ipynb": tool.Report(problem=f"{'x' * 150}\n{'y' * 2000}")})
    (row,) = rows(text).values()
    assert len(row["problem"]) == 200
    assert row["problem"].endswith("yyy...")
    assert len(text.splitlines()) == 2


@pytest.mark.newest
@pytest.mark.slow
def test_everything_handed_in_has_a_row(tmp_path):
    write(tmp_path / "a.ipynb.txt", IMPORTS, LINEAR)
    with zipfile.ZipFile(tmp_path / "mia.zip", "w") as archive:
        archive.write(tmp_path / "a.ipynb.txt", "mia/01.ipynb")
    (tmp_path / "zoe.pdf").write_bytes(b"%PDF")
    done = grade(tmp_path)
    found = rows(done.stdout)
    assert [found[name]["1.1"] for name in ("a.ipynb.txt", "mia.zip/mia/01.ipynb", "zoe.pdf")] == [
        "correct",
        "correct",
        "",
    ]
    assert found["zoe.pdf"]["problem"] == "no notebook: .pdf"
    assert done.stderr.splitlines()[0] == "zoe.pdf: no notebook: .pdf"
    assert len(done.stderr.splitlines()) == 3


def test_a_line_moves_no_cursor():
    line = tool.line("a\x1b[1A\n.ipynb", tool.Report(problem="\r"), 1.2)
    assert line == "a\\x1b[1A\\n.ipynb: not graded (1 s); \\r"


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
        ("", [], 2, "expected a path, got an empty one"),
        (".", ["--out", ""], 2, "expected a path, got an empty one"),
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


OLD = "file,lesson,1.4,correct,of,problem\nben.ipynb,1,correct,1,1,more time was agreed\n"


@pytest.mark.parametrize("graded", [0, 1])
def test_an_earlier_table_stays_until_the_new_one_is_complete(monkeypatch, tmp_path, capfd, graded):
    def stop_after_some(handed_in, limit, jobs, out, reports):
        for one in handed_in[:graded]:
            reports[one.name] = tool.Report("1", {"1.1": "correct"})
            out.write(tool.table(reports))
        raise KeyboardInterrupt

    write(tmp_path / "in" / "a.ipynb", IMPORTS)
    out = tmp_path / "class.csv"
    kept = tmp_path / "class.unfinished-1.csv"
    out.write_text(OLD, encoding="utf-8")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(tool, "grade_all", stop_after_some)
        assert tool.main([str(tmp_path / "in"), "--out", str(out)]) == 130
    assert out.read_text(encoding="utf-8") == OLD
    assert kept.exists() == bool(graded)
    if graded:
        assert rows(kept.read_text("utf-8-sig"))["a.ipynb"]["1.1"] == "correct"
        said = f"{out} is as it was; what is graded now is in {kept}\n"
        assert capfd.readouterr().err.endswith(said)
    monkeypatch.setattr(tool, "grade_all", lambda *_: None)
    assert tool.main([str(tmp_path / "in"), "--out", str(out)]) == 0
    assert rows(out.read_text("utf-8-sig")) == {}
    assert len(os.listdir(tmp_path)) == 2 + graded


@pytest.mark.parametrize("name", ["in/a.ipynb", "in/b.zip", "notes.txt"])
def test_a_table_replaces_no_hand_in_and_nothing_but_a_table(tmp_path, capfd, monkeypatch, name):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    write(tmp_path / "in" / "a.ipynb", IMPORTS)
    with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w") as archive:
        archive.write(tmp_path / "in" / "a.ipynb")
    (tmp_path / "notes.txt").write_text("ask Ben", encoding="utf-8")
    before = (tmp_path / name).read_bytes()
    assert tool.main([str(tmp_path / "in"), "--out", str(tmp_path / name)]) == 1
    said = f"grade: {tmp_path / name} is not a table of this program: name another file\n"
    assert capfd.readouterr().err == said
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.needs("links")
@pytest.mark.parametrize(
    "saved",
    ["", OLD, tables.to_spreadsheet(OLD), OLD.replace(",", ";"), OLD.encode("utf-16")],
    ids=["empty", "plain", "mark", "semicolons", "utf-16"],
)
def test_a_table_as_a_spreadsheet_saves_it_is_replaced_and_a_link_stays(tmp_path, saved):
    real = tmp_path / "real.csv"
    real.write_bytes(saved if isinstance(saved, bytes) else saved.encode())
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    file = tables.TableFile(link, tool.BEGINS)
    file.start("1")
    file.finish("12")
    assert link.is_symlink()
    assert real.read_text("utf-8-sig") == "12"
    assert len(os.listdir(tmp_path)) == 2


@pytest.mark.needs("pipes")
def test_a_stream_gets_the_table_once(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = tables.TableFile(pipe, tool.BEGINS)
    for words in (file.start, file.write, file.finish):
        words("1")
    assert os.read(reader, 100).decode("utf-8-sig") == "1"
    os.close(reader)


@pytest.mark.needs("signals")
def test_a_second_interrupt_and_an_ignored_hangup_stop_nothing():
    code = """
import os, signal, sys
sys.path[:0] = [sys.argv[1]]
import grade
signal.signal(signal.SIGHUP, signal.SIG_IGN)
grade.console.stop_on_signals()
with grade.stopping_once():
    os.kill(os.getpid(), signal.SIGHUP)
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), sent)
        print("tidied up")
try:
    os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt:
    print("heeded again")
"""
    command = [sys.executable, "-c", code, str(KIT / "tools")]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=heed_interrupts, encoding="utf-8"
    )
    assert (done.stdout, done.returncode) == ("tidied up\nheeded again\n", 0), done.stderr


def heed_interrupts() -> None:
    """Restore the default: a shell makes its background jobs ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.needs("signals")
@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopped_it_keeps_what_is_graded_and_leaves_no_process(tmp_path, place, name):
    write(tmp_path / "a.ipynb", IMPORTS, LINEAR)
    write(tmp_path / "b.ipynb", IMPORTS, LINEAR, f"{START}).wait()")
    write(tmp_path / "c.ipynb", IMPORTS, LINEAR)
    command = [*COMMAND, str(tmp_path), "--out", str(tmp_path / "x.csv"), "--limit", "100"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts, encoding="utf-8"
    ) as running:
        end = time.monotonic() + 60
        while not any(CHILD in one.info["cmdline"] for one in left_behind(place)):
            assert time.monotonic() < end
            time.sleep(0.1)
        running.send_signal(getattr(signal, name))
        said = running.stderr.read()
    assert running.returncode == 130
    assert "interrupted: 1 of 3 notebooks are graded" in said
    assert "Traceback" not in said
    assert outcomes(rows((tmp_path / "x.csv").read_text("utf-8-sig"))["a.ipynb"]) == FIRST
    assert left_behind(place) == []


def graded_folders(place) -> list:
    """Find the folders in which notebooks run, or ran."""
    return [path for path in place.iterdir() if path.name.startswith("graded-")]


@pytest.mark.newest
@pytest.mark.slow
def test_a_killed_grader_s_notebooks_end_and_their_folders_go(tmp_path, place):
    hides = f"{START}, start_new_session=True, env={{}}, cwd='/')"
    write(tmp_path / "a.ipynb", IMPORTS, LINEAR, f"{hides}\nwhile True: pass")
    with subprocess.Popen([*COMMAND, str(tmp_path)], stderr=subprocess.DEVNULL) as running:
        end = time.monotonic() + 60
        while not any(CHILD in one.info["cmdline"] for one in left_behind(place)):
            assert time.monotonic() < end
            time.sleep(0.1)
        running.kill()
    end = time.monotonic() + 20
    while left_behind(place) or graded_folders(place):
        assert time.monotonic() < end, (left_behind(place), graded_folders(place))
        time.sleep(0.1)


def test_what_a_killed_grader_and_judge_left_goes_at_the_next_start(monkeypatch, tmp_path):
    monkeypatch.setattr(submissions.tempfile, "gettempdir", lambda: str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    stale = tmp_path / f"{submissions.PREFIX}{ended.pid}-x"
    ours = tmp_path / f"{submissions.PREFIX}{os.getpid()}-x"
    others = [tmp_path / name for name in ("graded-elsewhere-1-x", "graded-abc", "mine")]
    for folder in (stale, ours, *others):
        folder.mkdir()
    waits = "import time; print(flush=True); time.sleep(99)"
    command = [sys.executable, "-c", waits]
    with subprocess.Popen(command, cwd=stale, stdout=subprocess.PIPE) as left:
        left.stdout.readline()  # it has begun
        submissions.remove_stale()
        assert left.wait(5) != 0
    assert not stale.exists()
    assert all(folder.exists() for folder in (ours, *others))


@pytest.mark.needs("terminal")
@pytest.mark.newest
def test_a_bar_on_a_terminal(tmp_path):
    import pty
    import termios

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
