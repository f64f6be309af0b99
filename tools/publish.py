"""Set the repository from which Colab opens the lessons: in every badge, in every setup cell, which clones it, and in the lessons' links to
the glossary, which can't be relative (a lesson that Colab has opened has no files beside it).

    python tools/publish.py OWNER/NAME --ref v1.0

Commit and push what it changes, with that tag on it. It can be run again with another name; nothing else is touched.
"""

import argparse
import re
import sys
from pathlib import Path

KIT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(KIT))
from colorkit import files  # noqa: E402  (the checkout need not be installed)

NAME, REF = (
    r"[\w.-]+/[\w.-]+",
    r"[\w.-]+",
)  # a ref with a slash can't be told from a path in Colab's addresses
BADGE = re.compile(rf"(colab\.research\.google\.com/github/){NAME}/blob/{REF}(/notebooks/)")
GLOSSARY = re.compile(rf"(https://github\.com/){NAME}/blob/{REF}(/docs/glossary\.md)")
SETUP = re.compile(
    rf'(REPOSITORY, TAG = \\"){NAME}(\\", \\"){REF}(?=\\")'
)  # as it stands in a notebook's JSON


def published(text: str, name: str, ref: str) -> str:
    """A notebook's or the README's text, with its badges, its setup cell and its link to the glossary set to a repository and a tag."""
    for address in (BADGE, GLOSSARY):
        text = address.sub(rf"\g<1>{name}/blob/{ref}\g<2>", text)
    return SETUP.sub(rf"\g<1>{name}\g<2>{ref}", text)


def publish(kit: Path, name: str, ref: str) -> list[Path]:
    """Set all of a checkout; return the files that changed.

    Raises:
        ValueError: a file has no badge, or a notebook not one setup cell; nothing is written then.
    """
    texts = {
        path: path.read_text()
        for path in [kit / "README.md", *sorted((kit / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
    }
    for path, text in texts.items():
        if not BADGE.search(text):
            raise ValueError(f"{path} has no Colab badge")
        if path.suffix == ".ipynb" and len(SETUP.findall(text)) != 1:
            raise ValueError(
                f"{path} has {len(SETUP.findall(text))} setup cells, there should be 1"
            )
    changed = {
        path: new for path, text in texts.items() if (new := published(text, name, ref)) != text
    }
    for path, text in changed.items():
        files.write_bytes(path, text.encode())
    return list(changed)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", metavar="OWNER/NAME", help="the repository on GitHub")
    parser.add_argument(
        "--ref",
        default="main",
        metavar="TAG",
        help="the tag or branch that is opened and cloned (default: main)",
    )
    arguments = parser.parse_args()
    if not re.fullmatch(NAME, arguments.name) or not re.fullmatch(REF, arguments.ref):
        parser.error(
            "wanted OWNER/NAME as in its GitHub address, and a tag or branch without a slash"
        )
    try:
        changed = publish(KIT, arguments.name, arguments.ref)
    except ValueError as bad:
        print(f"nothing was changed: {bad}", file=sys.stderr)
        return 1
    print(f"{len(changed)} files now open {arguments.name} at {arguments.ref}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
