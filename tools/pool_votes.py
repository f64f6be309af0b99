"""Pool a class's votes on which picture is true: the files votes.csv that lesson 5 wrote, as one table in Markdown.

    python tools/pool_votes.py submissions                                    # a folder with subfolders, a zip, files, or several of them
    python tools/pool_votes.py submissions.zip --csv pooled.csv --json pooled.json

A file that is no votes file is named in a line, and the others are pooled. So are votes on other faces, or with another version of the kit,
than most voters of the class had: they are left out. A vote that comes twice counts once, and what a rule voted never counts with people.

Votes of one person are not independent: who looks closely is right on all faces. So from five voters on, a model has a second interval, by
the bootstrap over voters, and what is said of it holds for both intervals.
"""

import argparse
import csv
import io
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

from grade import below, plain
from submissions import KIT

sys.path.insert(0, str(KIT))
from colorkit import evaluation, files
from colorkit.errors import KitError, first_line
from colorkit.evaluation import Vote

ENOUGH = 5  # voters, for an interval over voters
BROKEN = (
    OSError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)  # what a damaged, locked or odd zip raises
HEADER = (
    "model",
    "voters",
    *evaluation.votes.HEADER[1:5],
    "95 % interval over voters",
    evaluation.votes.HEADER[5],
)
Given = dict[str, list[Vote]]  # by name of the file


def gather(paths: list[Path]) -> tuple[Given, list[str]]:
    """Read all votes files that there are; and say in a line each which are none."""
    given, notes = {}, []
    for name, content in _contents(paths):
        try:
            if isinstance(content, Exception):
                raise KitError(f"{name} can't be read ({first_line(content)}): ask for it anew")
            given[name] = evaluation.votes.parse(content, name)
        except KitError as bad:
            notes.append(str(bad))
    return given, notes


def _contents(paths: list[Path]) -> Iterator[tuple[str, bytes | Exception]]:
    """Names and bytes of files, or why they can't be had: those named, and those in folders and zips whose names end in .csv."""
    for path in paths:
        if path.is_dir():
            for file in below(path, ".csv"):
                yield str(file), _bytes(file)
        elif path.suffix.lower() == ".zip":
            yield from _members(path)
        else:
            yield str(path), _bytes(path)


def _bytes(path: Path) -> bytes | Exception:
    try:
        if path.exists() and not path.is_file():  # a pipe would be read forever
            raise OSError("it is no file")
        with open(path, "rb") as stream:
            return stream.read(evaluation.votes.LARGEST + 1)
    except OSError as bad:
        return bad


def _members(path: Path) -> Iterator[tuple[str, bytes | Exception]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                hidden = any(part.startswith(".") for part in member.filename.split("/"))
                if member.filename.lower().endswith(".csv") and not hidden:
                    yield f"{path}: {member.filename}", _member(archive, member)
    except BROKEN as bad:
        yield str(path), bad


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | Exception:
    try:
        with archive.open(member) as stream:
            return stream.read(evaluation.votes.LARGEST + 1)  # whatever size the zip says it has
    except BROKEN as bad:
        return bad


def of_one_class(given: Given) -> tuple[list[Vote], list[str]]:
    """The votes of people on the data that most voters had, each once; and a line for whatever is left out or in doubt."""
    rules = sum(vote.by_rule for own in given.values() for vote in own)
    notes = [f"{rules} votes by rules are left out"] if rules else []
    people = {name: [vote for vote in own if not vote.by_rule] for name, own in given.items()}
    voters = Counter(
        (kit, data)
        for kit, data, _ in sorted(
            {(vote.kit, vote.data, vote.voter) for own in people.values() for vote in own}
        )
    )
    usual = max(voters, key=voters.get, default=None)
    for name, own in people.items():
        if foreign := [vote for vote in own if (vote.kit, vote.data) != usual]:
            notes.append(
                f"{name}: {len(foreign)} votes with kit {foreign[0].kit}, data {foreign[0].data}, are left out: most voters had others"
            )
    kept = {
        name: [vote for vote in own if (vote.kit, vote.data) == usual]
        for name, own in people.items()
    }
    once = {
        vote.place: vote for own in reversed(kept.values()) for vote in reversed(own)
    }  # of two the first
    if twice := sum(map(len, kept.values())) - len(once):
        notes.append(f"{twice} votes are on trials that had one already, and don't count again")
    return sorted(once.values(), key=lambda vote: vote.place), notes + _namesakes(kept)


def _namesakes(given: Given) -> list[str]:
    """A line for two files with votes of one name, neither of which is an earlier state of the other."""
    by_voter: dict[str, dict[str, set[Vote]]] = {}
    for name, own in given.items():
        for vote in own:
            by_voter.setdefault(vote.voter, {}).setdefault(name, set()).add(vote)
    return [
        f"{voter!r} has other votes in {one} than in {other}: if they are two people, give one of them another name in the column voter"
        for voter, own in by_voter.items()
        for one, other in combinations(own, 2)
        if not (own[one] <= own[other] or own[other] <= own[one])
    ]


def pool(given: list[Vote]) -> list[dict[str, Any]]:
    """The rows of `votes.results`, with voters, and voters_low and voters_high, the ends of the interval over them; None for too few."""
    return [
        _over_voters(row, [vote for vote in given if vote.model == row["model"]])
        for row in evaluation.votes.results(given)
    ]


def _over_voters(row: dict[str, Any], given: list[Vote]) -> dict[str, Any]:
    fooled: dict[str, list[bool]] = {}
    for vote in given:
        fooled.setdefault(vote.voter, []).append(not vote.right)
    row |= {"voters": len(fooled), "voters_low": None, "voters_high": None}
    if len(fooled) >= ENOUGH:
        low, high = evaluation.bootstrap([sum(own) / len(own) for own in fooled.values()])
        row |= {
            "voters_low": low,
            "voters_high": high,
            "said": evaluation.votes.vote_verdict(min(low, row["low"]), max(high, row["high"])),
        }
    return row


def to_markdown(rows: list[dict[str, Any]]) -> str:
    """The rows of `pool` as a Markdown table."""
    lines = []
    for row in rows:
        model, *numbers, said = map(plain, evaluation.votes.cells(row))
        over = (
            "fewer than 5 voters"
            if row["voters_low"] is None
            else f"{row['voters_low']:.0%} to {row['voters_high']:.0%}"
        )
        lines.append([model, str(row["voters"]), *numbers, over, said])
    return evaluation.votes.votes_markdown(HEADER, lines)


def to_csv(rows: list[dict[str, Any]]) -> bytes:
    """The rows of `pool` as CSV."""
    text = io.StringIO()
    columns = [
        "model",
        "voters",
        "votes",
        "fooled",
        "share",
        "low",
        "high",
        "voters_low",
        "voters_high",
        "said",
    ]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"model": plain(row["model"])} for row in rows)
    return text.getvalue().encode()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="files, folders or zips"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table as CSV, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON, too")
    arguments = parser.parse_args(argv)
    given, notes = gather(arguments.paths)
    kept, more = of_one_class(given)
    for note in notes + more:
        print(plain(f"pool_votes: {note}"), file=sys.stderr)
    if not kept:
        print(
            "pool_votes: no vote of a person is left: name the files, folders or zips that the class handed in",
            file=sys.stderr,
        )
        return 1
    rows, voters = pool(kept), len({vote.voter for vote in kept})
    try:
        if arguments.csv:
            files.write_bytes(arguments.csv, to_csv(rows))
        if arguments.json:
            about = {"voters": voters, "votes": len(kept), "kit": kept[0].kit, "data": kept[0].data}
            files.write_json(arguments.json, about | {"models": rows})
    except OSError as bad:
        print(f"pool_votes: {first_line(bad)}", file=sys.stderr)
        return 1
    print(
        f"voters: {voters}, votes: {len(kept)}, kit: {plain(kept[0].kit)}, data: {plain(kept[0].data)}\n\n{to_markdown(rows)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
