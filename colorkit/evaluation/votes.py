"""Votes on which of two pictures is the true one: the file that keeps them, and what they say of each model. (`booth` asks for them.)

A two-alternative forced choice: whoever can't tell the true picture from the colorized one takes each for true half of the time.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from math import inf
from pathlib import Path
from typing import Any

from .. import files
from ..errors import KitError, first_line
from ..machine import drive
from . import statistics

SIDES = ("left", "right")
NAME = re.compile(
    r"\w[\w .'-]{0,59}"
)  # of a person; none can be taken for a rule's, nor for a spreadsheet's formula
RULE = "rule: "  # how the names of voters begin that are none
LONGEST = 200  # letters of a field
LARGEST = 10 << 20  # bytes of a file: a class's votes of years
GUESSING = 0.5
TOLD, CANNOT_TELL = "told from the truth", "cannot tell from the truth"
ABOVE = "taken for the truth more often than the truth"
HEADER = (
    "model",
    "votes",
    "its picture taken for true",
    "share",
    "95 % interval (Wilson)",
    "what these votes say",
)


@dataclass(frozen=True)
class Vote:
    """An answer.

    Attributes:
        voter: a person's name or pseudonym, or a rule that says so.
        ballot: hex digest of what the voter was to judge: the trials, and the state of each model.
        trial, model, face, truth: which trial it was, as in booth.Trial.
        answer: the side that was taken for true.
        seconds: how long the pair was looked at.
        kit: version of colorkit.
        data: digest of the splits (splits.digest), its first 12 digits.
    """

    voter: str
    ballot: str
    trial: int
    model: str
    face: str
    truth: str
    answer: str
    seconds: float
    kit: str
    data: str

    @property
    def right(self) -> bool:
        """Whether the true picture was taken for true."""
        return self.answer == self.truth

    @property
    def by_rule(self) -> bool:
        """Whether no person gave it."""
        return self.voter.startswith(RULE)

    @property
    def place(self) -> tuple[str, str, int]:
        """What there is one answer to: a voter's trial on a ballot."""
        return self.voter, self.ballot, self.trial


COLUMNS = [
    *Vote.__dataclass_fields__,
    "right",
]  # `right` follows from the others; it is there to be read


def to_csv(votes: Iterable[Vote]) -> bytes:
    """Votes as a file has them: CSV in UTF-8, a header and a line each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*astuple(vote), "yes" if vote.right else "no"] for vote in votes)
    return text.getvalue().encode()


def parse(data: bytes, name: str) -> list[Vote]:
    """Undo `to_csv`.

    Args:
        data: a file's bytes.
        name: of the file, for the message.

    Raises:
        KitError: the file is no votes file, or a line of it no vote.
    """
    try:
        if len(data) > LARGEST:
            raise ValueError(f"more than {LARGEST >> 20} MB")
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (ValueError, csv.Error) as bad:
        raise KitError(
            f"{name} is no votes file ({first_line(bad)}): take one as the lesson wrote it"
        ) from None
    if header != COLUMNS:
        raise KitError(
            f"{name} is no votes file of this kit (its columns are others): take one as the lesson wrote it"
        )
    votes = []
    for line, row in enumerate(rows, 2):
        try:
            votes.append(_vote(row))
        except ValueError as bad:
            raise KitError(
                f"{name}: line {line} is no vote ({first_line(bad)}): take a whole file, or move it away and vote anew"
            ) from None
    return votes


def _vote(row: list[str]) -> Vote:
    if len(row) != len(COLUMNS):
        raise ValueError(f"it has {len(row)} fields and not {len(COLUMNS)}")
    values = dict(zip(COLUMNS, row, strict=True))
    right = values.pop("right")
    if odd := [
        name
        for name, value in values.items()
        if not value.isprintable() or not 0 < len(value) <= LONGEST
    ]:
        raise ValueError(f"{odd[0]} is empty, too long or not printable")
    vote = Vote(**values | {"trial": int(values["trial"]), "seconds": float(values["seconds"])})
    if (
        not (vote.by_rule or NAME.fullmatch(vote.voter))
        or vote.trial < 1
        or not 0 <= vote.seconds < inf
    ):
        raise ValueError("voter, trial or seconds can't be")
    if not {vote.truth, vote.answer} <= set(SIDES) or right != ("yes" if vote.right else "no"):
        raise ValueError("truth, answer and right contradict each other")
    return vote


def read(path: Path) -> list[Vote]:
    """The votes in a file; none where there is no file yet.

    Raises:
        KitError: it can't be read, or holds something else; or its Drive is gone.
    """
    drive.require_sight(path)
    try:
        if not path.exists():
            return []
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as bad:
        raise KitError(
            f"{path} can't be read ({first_line(bad)}): try again, or name another file"
        ) from None
    return parse(data, str(path))


def record(path: Path, vote: Vote) -> list[Vote]:
    """Add a vote to a file, unless its trial has one.

    The file is read anew, so that what another notebook wrote meanwhile stays, and rewritten whole: appending could leave half a line.

    Returns:
        All votes of the file.

    Raises:
        KitError: it can't be read or written; then the vote is not given, and can be given again.
    """
    known = read(path)
    if vote.place in {other.place for other in known}:
        return known
    try:
        files.write_bytes(path, to_csv([*known, vote]))
    except OSError as bad:
        raise KitError(
            f"{path} can't be written ({first_line(bad)}): make room and answer again; all earlier votes are kept"
        ) from None
    return [*known, vote]


def results(votes: Iterable[Vote]) -> list[dict[str, Any]]:
    """What votes say of each model.

    Returns:
        A row for each, by label: model, votes, fooled (how often its picture was taken for true), share (of the votes), low, high (the ends
        of the share's 95 % interval), said (what the interval allows to say).
    """
    given: dict[str, list[Vote]] = {}
    for vote in votes:
        given.setdefault(vote.model, []).append(vote)
    return [_result(model, own) for model, own in sorted(given.items())]


def _result(model: str, votes: list[Vote]) -> dict[str, Any]:
    fooled = sum(not vote.right for vote in votes)
    low, high = statistics.wilson(fooled, len(votes))
    row = {
        "model": model,
        "votes": len(votes),
        "fooled": fooled,
        "share": fooled / len(votes),
        "low": low,
        "high": high,
    }
    return row | {"said": vote_verdict(low, high)}


def vote_verdict(low: float, high: float) -> str:
    """What may be said of a model whose pictures are taken for true with a share in this interval: 50 % are guessing's."""
    return TOLD if high < GUESSING else ABOVE if low > GUESSING else CANNOT_TELL


def cells(row: dict[str, Any]) -> list[str]:
    """A row of `results` as texts, one for each column of HEADER."""
    return [
        row["model"],
        str(row["votes"]),
        str(row["fooled"]),
        f"{row['share']:.0%}",
        f"{row['low']:.0%} to {row['high']:.0%}",
        row["said"],
    ]


def votes_table(rows: list[dict[str, Any]]) -> str:
    """The rows of `results` as a Markdown table."""
    return votes_markdown(HEADER, map(cells, rows))


def votes_markdown(header: Iterable[str], lines: Iterable[list[str]]) -> str:
    """A Markdown table; all columns but the first and the last hold numbers."""
    header = list(header)
    rule = ["---", *["---:"] * (len(header) - 2), "---"]
    plain = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *plain))
