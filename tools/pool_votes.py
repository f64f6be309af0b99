"""Pool a class's votes on which picture is true, as one table in Markdown.

    python tools/pool_votes.py submissions         # folders with subfolders, zips and files
    python tools/pool_votes.py submissions.zip --csv pooled.csv --json pooled.json

It reads the files votes.csv that lesson 5 wrote. A file that is not a votes file is named in a
line, and the others are pooled. Votes on other faces than most voters of the class had, or with
another version of the kit, are named too, and left out. A vote that occurs twice counts once. A
rule's votes never count with people's.

Votes of one person are not independent: who looks closely is right on all faces. So from five
voters on, a model has a second interval, by the bootstrap over voters. What is said of the model
holds for both intervals.
"""

import argparse
import csv
import functools
import io
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import IO

from handed_in import normal, walk
from tables import plain, to_spreadsheet

from colorkit import cli, evaluation, files
from colorkit.errors import KitError, first_line
from colorkit.evaluation import Vote
from colorkit.machine import console

ENOUGH = 5  # voters, for an interval over voters
# what a damaged, locked or odd zip raises
BROKEN = (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error)
HEADER = (
    "model",
    "voters",
    *evaluation.votes.HEADER[1:5],
    "95 % interval over voters",
    evaluation.votes.HEADER[5],
)
ZIP = ".zip"
VOTES = (".csv", ".csv.txt")  # endings of votes files
Given = dict[str, list[Vote]]  # by name of the file


@dataclass(frozen=True)
class Pooled:
    """What a class's votes say of one model.

    Attributes:
        tally: the votes, counted; what it says holds for both intervals.
        voters: number of voters.
        voters_low, voters_high: ends of the interval over voters; None for too few.
    """

    tally: evaluation.votes.Tally
    voters: int
    voters_low: float | None = None
    voters_high: float | None = None

    def to_json(self) -> dict[str, str | int | float | None]:
        """Return what JSON and CSV keep."""
        over_voters = {
            "voters": self.voters,
            "voters_low": self.voters_low,
            "voters_high": self.voters_high,
        }
        return self.tally._asdict() | over_voters


# columns of the CSV, in an order to read
COLUMNS = (
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
)


def gather(paths: list[Path]) -> tuple[Given, list[str]]:
    """Read all votes files; and name, in a line each, the files that are not."""
    given: Given = {}
    notes = []
    for name, content in _contents(paths):
        try:
            if isinstance(content, Exception):
                raise KitError(f"{name} can't be read ({first_line(content)}): ask for it again")
            given[name] = evaluation.votes.parse(content, name)
        except KitError as bad:
            notes.append(str(bad))
    return given, notes


def _contents(paths: list[Path]) -> Iterator[tuple[str, bytes | Exception]]:
    """Yield names and bytes of files, or why they can't be read.

    They are the files named; and those in folders, in zips, and in zips inside of these, whose
    names end in .csv, or in .csv.txt as a browser may save them.
    """
    for path in paths:
        if not path.is_dir():
            yield from _content(path)
            continue
        failed: list[OSError] = []
        for file in sorted(walk(path, failed)):
            if file.is_dir():
                yield str(file), OSError("a link to a folder, which is not followed")
            elif file.name.lower().endswith((*VOTES, ZIP)):
                yield from _content(file)
        for bad in failed:
            yield str(bad.filename), bad


def _content(path: Path) -> Iterator[tuple[str, bytes | Exception]]:
    """Yield a file, or the files in it if it is a zip."""
    if path.suffix.lower() == ZIP:
        yield from _members(path, str(path))
    else:
        yield str(path), _bytes(path)


def _bytes(path: Path) -> bytes | Exception:
    try:
        if path.exists() and not path.is_file():  # a pipe would be read forever
            raise OSError("it is not a file")
        with open(path, "rb") as stream:
            return stream.read(evaluation.votes.LARGEST + 1)
    except OSError as bad:
        return bad


def _members(
    zipped: Path | IO[bytes], name: str, inside: bool = False
) -> Iterator[tuple[str, bytes | Exception]]:
    """Yield the votes files in a zip.

    Args:
        zipped: the zip.
        name: its name.
        inside: whether it lies in a zip itself.
    """
    try:
        with zipfile.ZipFile(zipped) as archive:
            for member in archive.infolist():
                hidden = any(part.startswith(".") for part in member.filename.split("/"))
                lower = member.filename.lower()
                own = f"{name}: {normal(member.filename)}"
                if not hidden and lower.endswith(VOTES):
                    yield own, _member(archive, member)
                elif not hidden and lower.endswith(ZIP):
                    yield from _members_inside(_member(archive, member), own, inside)
    except BROKEN as bad:
        yield name, bad


def _members_inside(
    content: bytes | Exception, name: str, inside: bool
) -> Iterator[tuple[str, bytes | Exception]]:
    """Yield the votes files in a zip inside of a zip; one that lies deeper is not opened."""
    if isinstance(content, Exception):
        yield name, content
    elif inside:
        yield name, OSError("a zip in a zip in a zip: unpack it")
    else:
        yield from _members(io.BytesIO(content), name, inside=True)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | Exception:
    try:
        with archive.open(member) as stream:
            return stream.read(evaluation.votes.LARGEST + 1)  # whatever size the zip says it has
    except BROKEN as bad:
        return bad


def of_one_class(given: Given) -> tuple[list[Vote], list[str]]:
    """Keep the votes of people on the data that most voters had, each once.

    Returns:
        The votes; and a line for whatever is left out or in doubt.
    """
    people, notes = _without_rules(given)
    usual = _usual_version(people)
    kept: Given = {}
    for name, own in people.items():
        kept[name] = [vote for vote in own if _version(vote) == usual]
        foreign = [vote for vote in own if _version(vote) != usual]
        if foreign:
            kit, data = _version(foreign[0])
            notes.append(
                f"{name}: {len(foreign)} votes with kit {kit}, data {data}, are left out: most "
                "voters had others"
            )
    once: dict[tuple[str, str, int], Vote] = {}
    for own in kept.values():
        for vote in own:
            once.setdefault(vote.place, vote)
    repeated = sum(len(own) for own in kept.values()) - len(once)
    if repeated:
        notes.append(f"{repeated} votes are on trials that had one already, and don't count again")
    votes = sorted(once.values(), key=lambda vote: vote.place)
    return votes, notes + _namesakes(kept)


def _without_rules(given: Given) -> tuple[Given, list[str]]:
    """Leave out the votes by rules, and say how many there were."""
    people = {name: [vote for vote in own if not vote.by_rule] for name, own in given.items()}
    all_votes = sum(len(own) for own in given.values())
    rules = all_votes - sum(len(own) for own in people.values())
    return people, [f"{rules} votes by rules are left out"] if rules else []


def _version(vote: Vote) -> tuple[str, str]:
    """Return the kit and the data on which a vote was given."""
    return vote.kit, vote.data


def _usual_version(given: Given) -> tuple[str, str] | None:
    """Find the kit and the data that most voters had; None where there are no votes."""
    voters = {(*_version(vote), vote.voter) for own in given.values() for vote in own}
    counts = Counter((kit, data) for kit, data, _ in sorted(voters))
    return max(counts, key=counts.get, default=None)


def _namesakes(given: Given) -> list[str]:
    """Name the voters with two files of which neither is an earlier state of the other."""
    by_voter: dict[str, dict[str, set[Vote]]] = {}
    for name, own in given.items():
        for vote in own:
            by_voter.setdefault(vote.voter, {}).setdefault(name, set()).add(vote)
    lines = []
    for voter, own in by_voter.items():
        for one, other in combinations(own, 2):
            if not (own[one] <= own[other] or own[other] <= own[one]):
                lines.append(
                    f"{voter!r} has other votes in {one} than in {other}: if they are two people, "
                    "give one of them another name in the column voter"
                )
    return lines


def pool(given: list[Vote]) -> list[Pooled]:
    """Count what the votes say of each model, with an interval over voters where it has enough."""
    pooled = []
    for tally in evaluation.votes.results(given):
        own = [vote for vote in given if vote.model == tally.model]
        pooled.append(_over_voters(tally, own))
    return pooled


def _over_voters(tally: evaluation.votes.Tally, given: list[Vote]) -> Pooled:
    """Add what the interval over voters says to what the votes say."""
    fooled: dict[str, list[bool]] = {}
    for vote in given:
        fooled.setdefault(vote.voter, []).append(not vote.right)
    if len(fooled) < ENOUGH:
        return Pooled(tally, len(fooled))
    low, high = evaluation.bootstrap([sum(own) / len(own) for own in fooled.values()])
    said = evaluation.votes.vote_verdict(min(low, tally.low), max(high, tally.high))
    return Pooled(tally._replace(said=said), len(fooled), low, high)


def to_markdown(rows: list[Pooled]) -> str:
    """Write the result of `pool` as a Markdown table."""
    lines = []
    for row in rows:
        model, *numbers, said = map(plain, evaluation.votes.cells(row.tally))
        over = "fewer than 5 voters"
        if row.voters_low is not None:
            over = f"{row.voters_low:.0%} to {row.voters_high:.0%}"
        lines.append([model, str(row.voters), *numbers, over, said])
    return evaluation.votes.votes_markdown(HEADER, lines)


def to_csv(rows: list[Pooled]) -> bytes:
    """Write the result of `pool` as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.to_json() | {"model": plain(row.tally.model)} for row in rows)
    return to_spreadsheet(text.getvalue())


def main(argv: list[str] | None = None) -> int:
    """Pool the votes and print the table; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "paths", type=cli.path, nargs="+", metavar="PATH", help="files, folders or zips"
    )
    parser.add_argument("--csv", type=cli.path, metavar="FILE", help="write the table as CSV, too")
    parser.add_argument(
        "--json", type=cli.path, metavar="FILE", help="write the table as JSON, too"
    )
    arguments = parser.parse_args(argv)
    return console.run_program("pool_votes", functools.partial(run, arguments))


def check_outputs(arguments: argparse.Namespace) -> None:
    """Raise KitError if a table would replace what somebody handed in, or the other table.

    Raises:
        OSError: a table can't be written.
    """
    outputs = [path for path in (arguments.csv, arguments.json) if path]
    if len(set(map(files.identity, outputs))) < len(outputs):
        raise KitError(f"{outputs[0]}: --csv and --json can't go to the same file")
    for path in outputs:
        if path.is_file() and _is_handed_in(path):
            raise KitError(f"{path}: holds votes, which a table would replace; name another file")
        files.try_writing(path)


def _is_handed_in(path: Path) -> bool:
    """Tell whether a file holds votes or is a zip, and not an earlier table."""
    content = _bytes(path)
    if isinstance(content, Exception):
        return False
    try:
        return zipfile.is_zipfile(path) or bool(evaluation.votes.parse(content, str(path)))
    except KitError:
        return False


def run(arguments: argparse.Namespace) -> None:
    """Pool the votes that the command line names, and print the table.

    Raises:
        KitError: no vote of a person is left, or a table would replace votes.
        OSError: a table can't be written.
    """
    check_outputs(arguments)
    given, notes = gather(arguments.paths)
    kept, more = of_one_class(given)
    console.complain(*(f"pool_votes: {note}" for note in notes + more))
    if not kept:
        raise KitError(
            "no vote of a person is left: name the files, folders or zips that the class handed in"
        )
    rows = pool(kept)
    voters = len({vote.voter for vote in kept})
    kit, data = _version(kept[0])
    if arguments.csv:
        files.write_bytes(arguments.csv, to_csv(rows))
    if arguments.json:
        about = {"voters": voters, "votes": len(kept), "kit": kit, "data": data}
        files.write_json(arguments.json, about | {"models": [row.to_json() for row in rows]})
    console.say(f"voters: {voters}, votes: {len(kept)}, kit: {kit}, data: {data}", "")
    console.say(*to_markdown(rows).splitlines())


if __name__ == "__main__":
    sys.exit(main())
