"""Set the repository from which Colab opens the lessons.

    python tools/publish.py OWNER/NAME --ref v1.0

It sets every badge, every setup cell (which clones the repository), and the lessons' links to the
glossary. Those can't be relative: a lesson that Colab has opened has no files beside it.

Commit and push what it changes, with that tag on it. You can run it again with another name; it
touches nothing else.
"""

import argparse
import functools
import re
import sys
from pathlib import Path

from checkout import KIT

from colorkit import files
from colorkit.errors import KitError
from colorkit.machine import console

NAME = r"[\w.-]+/[\w.-]+"
REF = r"[\w.-]+"  # in Colab's addresses, a ref with a slash looks like a path
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
    """Raise KitError unless a file has a badge, and a notebook exactly one setup cell."""
    if not BADGE.search(text):
        raise KitError(f"nothing was changed: {path}: expected a Colab badge, got none")
    count = len(SETUP.findall(text))
    if path.suffix == ".ipynb" and count != 1:
        raise KitError(f"nothing was changed: {path}: expected 1 setup cell, got {count}")


def publish(kit: Path, name: str, ref: str) -> list[Path]:
    """Set the repository in all files of a checkout; return the files that changed.

    Raises:
        KitError: a file has no badge, or a notebook not one setup cell; nothing is written then.
    """
    lessons = sorted((kit / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    texts = {path: path.read_bytes().decode() for path in [kit / "README.md", *lessons]}
    changed = {}
    for path, text in texts.items():
        check(path, text)
        new = set_repository(text, name, ref)
        if new != text:
            changed[path] = new
    for path, text in changed.items():
        files.write_bytes(path, text.encode())
    return list(changed)


def main() -> int:
    """Publish as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", metavar="OWNER/NAME", help="the repository on GitHub")
    ref = "the tag or branch that is opened and cloned (default: main)"
    parser.add_argument("--ref", default="main", metavar="TAG", help=ref)
    arguments = parser.parse_args()
    if not re.fullmatch(NAME, arguments.name) or not re.fullmatch(REF, arguments.ref):
        form = "OWNER/NAME as in its GitHub address, and a tag or branch without a slash"
        parser.error(f"expected {form}")
    return console.run_program("publish", functools.partial(run, arguments))


def run(arguments: argparse.Namespace) -> None:
    """Publish under the name that the command line gives, and print how many files changed."""
    changed = publish(KIT, arguments.name, arguments.ref)
    console.say(f"{len(changed)} files now open {arguments.name} at {arguments.ref}")


if __name__ == "__main__":
    sys.exit(main())
