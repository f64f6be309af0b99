"""The task runner: what it runs, how it ends, and the environments that it makes."""

import ast
import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import KIT

from tools.tasks import __main__ as command
from tools.tasks import environments, programs, pythons, settings, tasks

SLEEPER = """
import sys, time
try:
    print("ready", flush=True)
    time.sleep(20)
    print("not stopped", flush=True)
except KeyboardInterrupt:
    time.sleep(0.5)  # longer than subprocess.call would wait
    print("tidied", flush=True)
    sys.exit(7)
"""
RUNNER = """
import sys
from tools.tasks import programs
programs.end_on_signal()
try:
    programs.run([sys.executable, "-c", sys.argv[1]], {})
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    """No settings of the process that runs the tests."""
    for name in settings.DEFAULTS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def commands(monkeypatch) -> list:
    """The commands that tasks would run, each with its variables; nothing runs."""
    ran = []
    monkeypatch.setattr(tasks, "run", lambda words, variables: ran.append((words, variables)))
    monkeypatch.setattr(tasks.shutil, "rmtree", lambda folder: None)
    monkeypatch.setattr(environments, "make", lambda chosen: "python")
    return ran


@pytest.mark.parametrize("path", sorted((KIT / "tools" / "tasks").glob("*.py")), ids=str)
def test_an_old_python_can_read_the_runner(path):
    """It then says which one to install; annotations may be newer."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    plain = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    absolute = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    ]
    names = {alias.name for node in plain for alias in node.names}
    names |= {node.module for node in absolute}
    assert names <= sys.stdlib_module_names
    assert "__future__" in names or path.name == "__init__.py"


def test_words_go_before_the_environment_and_the_environment_before_defaults(monkeypatch):
    monkeypatch.setenv("MARKS", "slow")
    monkeypatch.setenv("CONSTRAINTS", "")
    chosen = settings.read(["MARKS=weekly and x=y"])
    assert (chosen["MARKS"], chosen["CONSTRAINTS"], chosen["VENV"]) == (
        "weekly and x=y",
        "",
        ".venv",
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["tset"], "no task 'tset', expected one of: venv, run, test"),
        (["check", "MARK=slow"], "no setting 'MARK', expected one of: PYTHON, VENV"),
    ],
)
def test_a_wrong_word_is_a_one_line_usage_error(commands, capsys, words, line):
    assert command.main(words) == 2
    assert commands == []
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"tasks: {line}")
    assert err.count("\n") == 1


def test_help_names_every_task_and_setting(commands, capsys):
    assert command.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n    {name}" in out for name in [*command.NAMES, *settings.DEFAULTS])


def test_lessons_have_a_home_of_their_own_for_each_environment_and_backend(commands):
    assert command.main(["lessons", "VENV=.venv-x", "KERAS_BACKEND=jax", "ONLY=01"]) == 0
    ((words, variables),) = commands
    assert words[-1] == "notebooks"
    assert words[words.index("-k") + 1] == "01"
    home = str(KIT / "out" / "smoke-lessons-.venv-x-jax")
    expected = {"COLORKIT_HOME": home, "COLORKIT_PROFILE": "smoke", "KERAS_BACKEND": "jax"}
    assert variables == expected


def test_the_longest_tests_in_the_browser_come_first(commands):
    assert command.main(["browser"]) == 0
    files = [word for word in commands[0][0] if word.endswith(".py")]
    assert files[0] == tasks.LESSONS_IN_BROWSER
    assert len(files) == len(list((KIT / "tests" / "browser").glob("test_*.py")))


def test_nothing_runs_after_a_failure_and_its_status_is_passed_on(commands, monkeypatch, capsys):
    def fail(words, variables):
        commands.append(words)
        programs.run([sys.executable, "-c", "raise SystemExit(5)"], variables)

    monkeypatch.setattr(tasks, "run", fail)
    assert command.main(["lint", "unit"]) == 5
    assert len(commands) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.needs("signals")
def test_a_killed_program_has_a_shell_s_status():
    code = "import os; os.kill(os.getpid(), 9)"
    with pytest.raises(programs.TaskError) as bad:
        programs.run([sys.executable, "-c", code], {})
    assert bad.value.status == 128 + 9


def test_a_program_that_is_not_there_is_one_line():
    with pytest.raises(programs.TaskError, match=r"^no-such-program: No such file or directory$"):
        programs.run(["no-such-program"], {})


@pytest.mark.needs("signals")
@pytest.mark.parametrize(
    ("number", "expected"),
    [(signal.SIGINT, (0, ["tidied", "stopped"])), (signal.SIGTERM, (143, []))],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_stop_reaches_the_program_which_may_tidy_up(number, expected):
    """Ctrl-C goes to the whole group, as a terminal sends it; SIGTERM to the runner alone."""
    with subprocess.Popen(
        [sys.executable, "-c", RUNNER, SLEEPER],
        cwd=KIT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as runner:
        for line in runner.stdout:
            if line == "ready\n":
                break
        send = os.killpg if number == signal.SIGINT else os.kill
        send(runner.pid, number)
        rest = runner.stdout.read()  # ends when the program has ended, too
    assert (runner.returncode, rest.splitlines()) == expected


@pytest.fixture
def environment(tmp_path):
    """An environment without packages, in a folder whose name has a space."""
    folder = tmp_path / "my envs" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.mark.needs("links")
def test_the_package_is_found_from_every_folder(environment, tmp_path):
    """The checkout's path may have letters that the locale lacks."""
    checkout = tmp_path / "my kit's ü 畫"
    checkout.mkdir()
    (checkout / "colorkit").symlink_to(KIT / "colorkit")
    python = environments.python_of(environment)
    subprocess.run([python, "-c", environments.FINDABLE], cwd=checkout, check=True)
    code = "import colorkit; print(ascii(colorkit.__file__))"
    done = subprocess.run(
        [python, "-c", code], cwd=tmp_path, capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == f"{str(checkout / 'colorkit' / '__init__.py')!a}\n"


def test_packages_are_installed_again_when_their_lists_are_newer(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(programs, "run", lambda words, variables: ran.append(words))
    source = tmp_path / "requirements.txt"
    source.touch()
    environments.install(tmp_path, [source], "")
    assert ran[0][-4:] == ["install", "--quiet", "--requirement", str(source)]
    ran.clear()
    environments.install(tmp_path, [source], "")
    assert ran == []
    later = time.time() + 60
    os.utime(source, (later, later))
    environments.install(tmp_path, [source], "")
    assert len(ran) == 2


def test_only_the_oldest_python_makes_the_lock(tmp_path, monkeypatch):
    """Newer Pythons get newer versions of packages, which it can't install."""
    chosen = settings.read([])
    monkeypatch.setattr(tasks, "KIT", tmp_path)
    (tmp_path / ".ci").mkdir()
    monkeypatch.setattr(tasks, "output", lambda words: "keras==3.15.1")
    answers = [pythons.Python(["python"], version) for version in ("3.13", "3.11")]
    monkeypatch.setattr(pythons, "ask", lambda words: answers.pop(0))
    with pytest.raises(programs.TaskError, match=r"made on Python 3\.11, got 3\.13 \(python\)"):
        tasks.Tasks(chosen, "python").lock()
    assert list((tmp_path / ".ci").iterdir()) == []
    tasks.Tasks(chosen, "python").lock()
    assert (tmp_path / tasks.LOCK).read_text(encoding="utf-8") == "keras==3.15.1\n"


@pytest.mark.parametrize(
    ("printed", "machine"),
    [
        ("macosx-10.9-universal2 x86_64", "Macs with Intel processors"),
        ("macosx-10.9-x86_64 x86_64", "Macs with Intel processors"),
        ("win-arm64 ARM64", "Windows on Arm"),
        ("win32 AMD64", "32-bit Python"),
        ("macosx-11.0-arm64 arm64", None),
        ("macosx-10.9-universal2 arm64", None),
        ("win-amd64 AMD64", None),
        ("linux-x86_64 x86_64", None),
        ("linux-aarch64 aarch64", None),
    ],
)
def test_a_machine_without_tensorflow_is_refused_before_pip(monkeypatch, printed, machine):
    monkeypatch.setattr(programs, "output", lambda words: printed)
    python = pythons.Python(["python3"], "3.13")
    if machine is None:
        environments.refuse_platform(python)
    else:
        with pytest.raises(programs.TaskError, match=f"no TensorFlow for {machine}: open"):
            environments.refuse_platform(python)
