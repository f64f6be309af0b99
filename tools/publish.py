"""Set the repository from which Colab opens the lessons.

    python tools/publish.py OWNER/NAME --ref v1.0

It sets every badge, every setup cell (which clones the repository), and the lessons' links to the
glossary. Those can't be relative: a lesson that Colab has opened has no files beside it.

Commit and push what it changes, with that tag on it. You can run it again with another name; it
touches nothing else.
"""

import argparse
import functools
import json
import re
import sys
from pathlib import Path

from checkout import KIT

from colorkit import files
from colorkit.errors import KitError, first_line, unwritable
from colorkit.machine import console

# What the files hold, and what may take its place: GitHub's names, and a ref without a slash, which
# in Colab's addresses looks like a path.
NAME = r"[\w.-]+/[\w.-]+"
REF = r"[\w.-]+"
OWNER = r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}"
GITHUB_NAME = re.compile(rf"{OWNER}/(?!\.{{1,2}}$)(?!.*\.git$)[A-Za-z0-9._-]{{1,100}}")
GIT_REF = re.compile(r"(?!.*\.\.)(?!.*\.(lock)?$)[A-Za-z0-9_][A-Za-z0-9._-]*")
BADGE = re.compile(rf"(colab\.research\.google\.com/github/){NAME}/blob/{REF}(/notebooks/)")
GLOSSARY = re.compile(rf"(https://github\.com/){NAME}/blob/{REF}(/docs/glossary\.md)")
# The line of the setup cell, as it appears in a notebook's JSON.
SETUP = re.compile(rf'(REPOSITORY, TAG = \\"){NAME}(\\", \\"){REF}(?=\\")')


def set_repository(text: str, name: str, ref: str) -> str:
    """Set the badges, the setup cell and the link to the glossary in a notebook or the README.

    Args:
        text: text of the file.
        name: repository on GitHub, OWNER/NAME.
        ref: tag or branch.
    """
    for address in (BADGE, GLOSSARY):
        text = address.sub(rf"\g<1>{name}/blob/{ref}\g<2>", text)
    return SETUP.sub(rf"\g<1>{name}\g<2>{ref}", text)


def check(path: Path, text: str) -> None:
    """Raise KitError unless a file has a badge, and a lesson is a notebook with one setup cell."""
    if not BADGE.search(text):
        raise KitError(f"nothing was changed: {path}: expected a Colab badge, got none")
    if path.suffix != ".ipynb":
        return
    count = len(SETUP.findall(text))
    if count != 1:
        raise KitError(f"nothing was changed: {path}: expected 1 setup cell, got {count}")
    try:
        json.loads(text)
    except ValueError as bad:  # marks of a merge conflict, for example
        raise KitError(
            f"nothing was changed: {path}: expected a notebook ({first_line(bad)})"
        ) from None


def publish(kit: Path, name: str, ref: str) -> list[Path]:
    """Set the repository in all files of a checkout; return the files that changed.

    Raises:
        KitError: a file can't be read or written, has no badge, or is not a notebook with one setup
            cell; no file is changed then.
    """
    lessons = sorted((kit / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    texts = {path: read(path) for path in [kit / "README.md", *lessons]}
    changed = {}
    for path, text in texts.items():
        check(path, text)
        new = set_repository(text, name, ref)
        if new != text:
            changed[path] = new
    written: list[Path] = []
    for path, text in changed.items():
        try:
            files.write_bytes(path, text.encode())
        except OSError as bad:
            for done in written:
                files.write_bytes(done, texts[done].encode())
            raise unwritable(path, bad, "run again; no file was changed") from None
        written.append(path)
    return written


def read(path: Path) -> str:
    """Read a text with its line ends as they are.

    Raises:
        KitError: it can't be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as bad:
        raise KitError(
            f"nothing was changed: {path} can't be read ({first_line(bad)}): get it again"
        ) from None


def main() -> int:
    """Publish as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", metavar="OWNER/NAME", help="the repository on GitHub")
    ref = "the tag or branch that is opened and cloned (default: main)"
    parser.add_argument("--ref", default="main", metavar="TAG", help=ref)
    arguments = parser.parse_args()
    if not GITHUB_NAME.fullmatch(arguments.name) or not GIT_REF.fullmatch(arguments.ref):
        form = "OWNER/NAME as in its GitHub address, without .git, and a tag or branch without /"
        parser.error(f"expected {form}")
    return console.run_program("publish", functools.partial(run, arguments))


def run(arguments: argparse.Namespace) -> None:
    """Publish under the name that the command line gives, and print how many files changed."""
    changed = publish(KIT, arguments.name, arguments.ref)
    console.say(f"{len(changed)} files now open {arguments.name} at {arguments.ref}")


if __name__ == "__main__":
    sys.exit(main())
