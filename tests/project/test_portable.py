"""The kit runs on Windows and macOS, too: nothing is called that only Linux, or only POSIX, has.

The standard library's stubs, which mypy brings along, say what is missing where.
"""

import ast
import functools
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import mypy
import pytest
from helpers import KIT
from needs import NEEDS

STUBS = Path(mypy.__file__).parent / "typeshed" / "stdlib"
SYSTEMS = ("win32", "darwin")
FOLDERS = ("colorkit", "tools", "benchmarks", "renderer", "tests")
PROGRAMS = sorted(path for folder in FOLDERS for path in (KIT / folder).rglob("*.py"))
TESTS = [path for path in PROGRAMS if path.is_relative_to(KIT / "tests")]
MODULES = ("os", "signal", "select", "time", "socket", "mmap")  # parts of them are missing
ABSENT = ("fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty")
# What exists everywhere, but doesn't work everywhere: calls, arguments, and beginnings of texts.
CALLS = {"os.kill", "os.symlink", "symlink_to", "send_signal"}
ARGUMENTS = {"preexec_fn", "shell"}
PLACES = ("/dev/", "/proc/", "/tmp", "/bin/")
DOTTED = re.compile(rf"\b({'|'.join(MODULES + ABSENT)})\.(\w+)")
# What a name on Windows can't be or hold; and the longest path below the kit's folder there, whose
# own path may have 100 of the 260 letters
FORBIDDEN = re.compile(r'[<>:"|?*\\]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
LONGEST = 130
KEPT = (*FOLDERS, "data", "docs", "instructor", "notebooks")
# Programs that may name what a system lacks, and why.
ALLOWED = {
    "benchmarks/data.py": "Linux tells a process's peak memory; the kit's makers measure there",
    "benchmarks/photos.py": "Linux tells a process's peak memory; the kit's makers measure there",
    "tests/windows_like/sitecustomize.py": "takes away what Windows lacks",
    "tests/needs.py": "asks first what there is",
    "tests/colab.py": "makes an environment of links, as Colab's is: on Linux",
    "tests/faults/conftest.py": "asks first whether the folder can be written",
    "tests/faults/pickle_exploits.py": "names what attacks call; none of it may run",
    "tests/project/test_ci.py": "reads the path of a Python in a container of Linux",
    "tests/project/test_portable.py": "names what it looks for",
}


def _holds(condition: ast.expr, system: str) -> bool:
    """Tell whether a condition of a stub holds on a system."""
    asked = types.SimpleNamespace(platform=system, version_info=sys.version_info)
    return eval(compile(ast.Expression(condition), "stub", "eval"), {"sys": asked})


def _defined(body: list[ast.stmt], system: str) -> Iterator[str]:
    """Yield the names that a stub defines for a system."""
    for node in body:
        match node:
            case ast.If():
                yield from _defined(node.body if _holds(node.test, system) else node.orelse, system)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case ast.ImportFrom(names=names):
                yield from (each.asname or each.name for each in names)


@functools.cache
def lacking(module: str) -> frozenset[str]:
    """Return the names of a module of Linux that Windows or macOS lacks."""
    place = STUBS / module
    stub = place / "__init__.pyi" if place.is_dir() else place.with_suffix(".pyi")
    body = ast.parse(stub.read_text(encoding="utf-8")).body
    elsewhere = [set(_defined(body, system)) for system in SYSTEMS]
    return frozenset(set(_defined(body, "linux")) - set.intersection(*elsewhere))


def find_uses(node: ast.AST) -> Iterator[str]:
    """Yield what a piece of a program names that a system lacks, in its texts too."""
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                if name in lacking(module) or f"{module}.{name}" in CALLS:
                    yield f"{module}.{name}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CALLS:
                yield name
            case ast.keyword(arg=name) if name in ARGUMENTS:
                yield name
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name in ABSENT)
            case ast.ImportFrom(module=module) if module in ABSENT:
                yield module
            case ast.ImportFrom(module=module, names=names) if module in MODULES:
                yield from (each.name for each in names if each.name in lacking(module))
            case ast.Constant(value=str(text)):
                yield from _find_in_text(text)


def _find_in_text(text: str) -> Iterator[str]:
    """Yield what a text names that a system lacks; it may be the path of a device or a program."""
    if text.startswith(PLACES):
        yield text
    for module, name in DOTTED.findall(text):
        if module in ABSENT or name in lacking(module) or f"{module}.{name}" in CALLS:
            yield f"{module}.{name}"


def pieces(code: str) -> list[ast.AST]:
    """Return the pieces of a program: its functions, and what is outside of them; no docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        told = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if told and ast.get_docstring(node):
            del node.body[0]
    return [inner for node in tree.body for inner in _unfold(node)]


def _unfold(node: ast.stmt) -> list[ast.AST]:
    """Return the methods of a class, and what is beside them; all else as it is."""
    return list(node.body) if isinstance(node, ast.ClassDef) else [node]


def asks(piece: ast.AST) -> bool:
    """Tell whether a piece of a program asks first what the system has."""
    text = ast.unparse(piece)
    return bool(re.search(r"hasattr\(|sys\.platform|os\.name|getattr\(signal|except Module", text))


def needed(marked: list[ast.expr]) -> set[str]:
    """Return what a test is said to need, by its decorators or the module's pytestmark."""
    calls = [node for each in marked for node in ast.walk(each) if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func).endswith("mark.needs")]
    return {argument.value for call in named for argument in call.args}


def find_unsaid(code: str) -> dict[str, list[str]]:
    """Find what a program of the tests names that a system lacks, and does not say that it needs.

    Returns:
        What is named, by the function that does so; "" is for what is outside of all functions.
    """
    every = pieces(code)
    texts = {name: list(find_uses(node)) for node in every for name in _assigned(node)}
    marked = [node for node in every if "pytestmark" in _assigned(node)]
    found: dict[str, list[str]] = {}
    for piece in every:
        decorators = getattr(piece, "decorator_list", [])
        said = needed(marked + decorators)
        assert said <= NEEDS.keys(), said
        name = getattr(piece, "name", "")
        if early := [use for node in decorators for use in find_uses(node) if "." in use]:
            found[name] = early  # what a decorator asks for is looked up before anything is skipped
            continue
        if said or asks(piece) or set(_assigned(piece)) & texts.keys():
            continue
        uses = list(find_uses(piece))
        if name.startswith("test_"):
            read = {node.id for node in ast.walk(piece) if isinstance(node, ast.Name)}
            uses += [use for each in read & texts.keys() for use in texts[each]]
        if uses:
            found.setdefault(name, []).extend(uses)
    return found


def _assigned(node: ast.AST) -> list[str]:
    """Return the names that an assignment gives a value; nothing for all else."""
    if not isinstance(node, ast.Assign):
        return []
    return [each.id for each in node.targets if isinstance(each, ast.Name)]


# the rules


def test_the_stubs_know_the_systems():
    assert {"fork", "killpg", "getuid", "mkfifo", "posix_fadvise"} <= lacking("os")
    assert {"SIGKILL", "SIGHUP", "SIGALRM", "pthread_sigmask"} <= lacking("signal")
    assert not {"replace", "fsync", "cpu_count"} & lacking("os")
    assert not {"SIGINT", "SIGTERM", "raise_signal"} & lacking("signal")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os\nos.fork()", ["os.fork"]),
        ("os.sched_getaffinity(0)", ["os.sched_getaffinity"]),  # macOS lacks it
        ("from os import killpg", ["killpg"]),
        ("import fcntl", ["fcntl"]),
        ("from resource import getrusage", ["resource"]),
        ("number = signal.SIGKILL", ["signal.SIGKILL"]),
        ("os.kill(1, 2)", ["os.kill"]),
        ("place.symlink_to(other)", ["symlink_to"]),
        ("subprocess.run(line, shell=True)", ["shell"]),
        ("open('/dev/null')", ["/dev/null"]),
        ("PROGRAM = 'import os; os.fork()'", ["os.fork"]),
        ('"""About os.fork."""', []),
        ("getattr(signal, 'SIGHUP', None)", []),
        ("os.replace(a, b)", []),
    ],
)
def test_such_a_name_is_found(code, found):
    assert [use for piece in pieces(code) for use in find_uses(piece)] == found


@pytest.mark.parametrize("folder", FOLDERS[:-1])
def test_what_a_system_lacks_is_asked_for_first(folder):
    """In colorkit/ that is done in machine/ alone."""
    found = {}
    for path in PROGRAMS:
        name = path.relative_to(KIT).as_posix()
        if not name.startswith(f"{folder}/") or name in ALLOWED:
            continue
        may_ask = folder != "colorkit" or name.startswith("colorkit/machine/")
        for piece in pieces(path.read_text(encoding="utf-8")):
            if not (may_ask and asks(piece)) and (uses := list(find_uses(piece))):
                found.setdefault(name, []).extend(uses)
    assert found == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def test_it():\n    os.fork()", {"test_it": ["os.fork"]}),
        ("@pytest.mark.needs('signals')\ndef test_it():\n    os.fork()", {}),
        ("pytestmark = pytest.mark.needs('signals')\ndef test_it():\n    os.fork()", {}),
        ("def help():\n    os.fork()", {"help": ["os.fork"]}),
        ("CODE = 'os.fork()'\ndef test_it():\n    run(CODE)", {"test_it": ["os.fork"]}),
        ("CODE = 'os.fork()'\n@pytest.mark.needs('signals')\ndef test_it():\n    run(CODE)", {}),
        ("import fcntl\ndef test_it():\n    pass", {"": ["fcntl"]}),
        (
            "@pytest.mark.parametrize('stop', [os.killpg])\n@pytest.mark.needs('signals')\n"
            "def test_it(stop):\n    stop(0, 9)",
            {"test_it": ["os.killpg"]},
        ),
    ],
)
def test_a_need_that_is_not_said_is_found(code, found):
    assert find_unsaid(code) == found


@pytest.mark.parametrize("folder", sorted({path.parent for path in TESTS}), ids=lambda at: at.name)
def test_a_test_says_what_it_needs(folder):
    found = {}
    for path in TESTS:
        name = path.relative_to(KIT).as_posix()
        if path.parent == folder and name not in ALLOWED:
            found[name] = find_unsaid(path.read_text(encoding="utf-8"))
    assert {name: uses for name, uses in found.items() if uses} == {}


def test_git_changes_no_line_ends(tmp_path):
    """Git for Windows turns LF into CRLF unless it is told not to; hashes would not match then."""
    text = b"one\ntwo\r\nthree\n"
    (tmp_path / ".gitattributes").write_bytes((KIT / ".gitattributes").read_bytes())
    (tmp_path / "manifest.json").write_bytes(text)
    git = ["git", "-C", str(tmp_path), "-c", "core.autocrlf=true"]
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for step in (["init", "--quiet"], ["add", "."], [*who, "commit", "--quiet", "--message", "a"]):
        subprocess.run([*git, *step], check=True)
    (tmp_path / "manifest.json").unlink()
    subprocess.run([*git, "checkout", "--quiet", "."], check=True)
    assert (tmp_path / "manifest.json").read_bytes() == text


def test_windows_can_have_every_file_of_the_kit():
    """No name differs from another in case only, is forbidden there, or is too long."""
    files = [path.relative_to(KIT) for folder in KEPT for path in (KIT / folder).rglob("*")]
    names = [path.as_posix() for path in files if "__pycache__" not in path.parts]
    assert len({name.casefold() for name in names}) == len(names)
    assert [name for name in names if len(name) > LONGEST] == []
    parts = {part for name in names for part in name.split("/")}
    assert [part for part in parts if FORBIDDEN.search(part)] == []
