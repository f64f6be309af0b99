"""No text is read or written in the locale's encoding: on Windows that spoils every lesson."""

import ast
import json

import pytest
from helpers import KIT

FOLDERS = ("colorkit", "tools", "benchmarks", "renderer", "tests")
PROGRAMS = sorted(path for folder in FOLDERS for path in (KIT / folder).rglob("*.py"))
LESSONS = sorted((KIT / "notebooks").glob("*.ipynb"))
# Calls whose result or argument is text, by how many arguments come before the encoding's
BEFORE_ENCODING = {"read_text": 0, "write_text": 1, "TextIOWrapper": 1}
# Calls that give bytes unless their mode asks for text: the mode's place, and how it asks
TEXT = {
    "gzip.open": (1, lambda mode: "t" in mode),
    "bz2.open": (1, lambda mode: "t" in mode),
    "lzma.open": (1, lambda mode: "t" in mode),
    "tempfile.TemporaryFile": (0, lambda mode: "b" not in mode),
    "tempfile.NamedTemporaryFile": (0, lambda mode: "b" not in mode),
}
PROCESSES = ("run", "Popen", "check_output", "check_call")


def find_calls(code: str) -> list[str]:
    """Find the calls in a program that read or write text and don't name its encoding."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return [ast.unparse(call) for call in calls if is_in_the_locale_s(call)]


def is_in_the_locale_s(call: ast.Call) -> bool:
    """Tell whether a call reads or writes text in the locale's encoding."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in keywords:
        return False
    name = ast.unparse(call.func).rpartition(".")[2]
    if name in BEFORE_ENCODING:
        return len(call.args) <= BEFORE_ENCODING[name]
    if name in PROCESSES:
        return bool(keywords.keys() & {"text", "universal_newlines"})
    if (whole := ast.unparse(call.func)) in TEXT:
        place, is_text = TEXT[whole]
        mode = keywords.get("mode") or (call.args[place] if len(call.args) > place else None)
        return isinstance(mode, ast.Constant) and is_text(mode.value)
    if name not in ("open", "fdopen"):
        return False
    if name == "open" and not call.args and not keywords:
        return True  # path.open(), for what Image or an archive opens is named
    method = isinstance(call.func, ast.Attribute) and name == "open"  # path.open(mode)
    place = 0 if method else 1
    mode = keywords.get("mode") or (call.args[place] if len(call.args) > place else None)
    if mode is None:
        return not method  # Image.open(path) and archive.open(member) have no mode
    text = mode.value if isinstance(mode, ast.Constant) else None
    return isinstance(text, str) and set(text) <= set("rwaxt+")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(text)", True),
        ("path.write_text(text, encoding='utf-8')", False),
        ("open(path)", True),
        ("open(path, 'w')", True),
        ("open(path, mode='a+')", True),
        ("open(path, 'rb')", False),
        ("os.fdopen(1, 'w')", True),
        ("path.open('x')", True),
        ("path.open('wb')", False),
        ("path.open()", True),
        ("Image.open(path)", False),
        ("gzip.open(path)", False),
        ("gzip.open(path, 'rt')", True),
        ("gzip.open(path, 'rt', encoding='utf-8')", False),
        ("tempfile.TemporaryFile()", False),
        ("tempfile.NamedTemporaryFile('w')", True),
        ("archive.open(member)", False),
        ("subprocess.run(command, text=True)", True),
        ("subprocess.run(command, text=True, encoding='utf-8')", False),
        ("io.TextIOWrapper(stream)", True),
    ],
)
def test_such_a_call_is_found(code, found):
    assert bool(find_calls(code)) == found


def test_every_program_names_the_encoding():
    found = {path: find_calls(path.read_text(encoding="utf-8")) for path in PROGRAMS}
    assert {str(path): calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_a_lesson_names_the_encoding(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    python = [code for code in codes if not code.lstrip().startswith(("%", "!"))]
    assert [call for code in python for call in find_calls(code)] == []
