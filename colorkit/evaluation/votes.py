"""Keep votes on which of two pictures is the true one, and count what they say of each model.

It is a two-alternative forced choice: whoever can't tell the true picture from the colorized one
takes each of them for true half of the time. `booth` asks for the votes.
"""

import codecs
import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from math import inf
from pathlib import Path
from typing import NamedTuple

from .. import files
from ..errors import KitError, first_line, printable, unwritable
from ..machine import drive
from . import statistics
from .voters import is_name, normalize_name

SIDES = ("left", "right")
RULE = "rule: "  # begins the name of a voter that is not a person
LONGEST = 200  # letters of a field
LARGEST = 10 << 20  # bytes of a file: a class's votes of years
GUESSING = 0.5
CAN_TELL = "told from the truth"
CANNOT_TELL = "cannot tell from the truth"
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
        voter: a person's name or pseudonym, or the name of a rule.
        ballot: hex digest of the trials and of the state of each model.
        trial, model, face, truth: the trial that was answered, as in booth.Trial.
        answer: the side that was taken for true.
        seconds: how long the pair was looked at.
        kit: version of colorkit.
        data: first 12 digits of the digest of the splits (data.digest).
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
        """Whether a rule gave it, and not a person."""
        return self.voter.startswith(RULE)

    @property
    def place(self) -> tuple[str, str, int]:
        """A voter's trial on a ballot, which has one answer."""
        return self.voter, self.ballot, self.trial


# `right` follows from the others; it is there for people who read the file
COLUMNS = [*Vote.__dataclass_fields__, "right"]


def to_csv(votes: Iterable[Vote]) -> bytes:
    """Write votes as CSV in UTF-8: a header, and a line for each vote.

    A byte order mark comes first, without which Excel would take it for another encoding.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*astuple(vote), _yes_or_no(vote.right)] for vote in votes)
    return text.getvalue().encode("utf-8-sig")


def _yes_or_no(right: bool) -> str:
    return "yes" if right else "no"


def parse(data: bytes, name: str) -> list[Vote]:
    """Read what `to_csv` wrote.

    Args:
        data: bytes of a file.
        name: name of the file, for the message.

    Raises:
        KitError: the file is not a votes file, or a line of it is not a vote.
    """
    try:
        header, *rows = _rows(data)
    except (ValueError, csv.Error) as bad:
        raise KitError(
            f"{name} is not a votes file ({first_line(bad)}): use one as the lesson wrote it"
        ) from None
    if header != COLUMNS:
        raise KitError(
            f"{name} is not a votes file of this kit (its columns differ): use one as the lesson "
            "wrote it"
        )
    votes = []
    for line, row in enumerate(rows, 2):
        try:
            if row:  # a spreadsheet may add empty lines
                votes.append(_vote(row))
        except ValueError as bad:
            raise KitError(
                f"{name}: line {line} is not a vote ({first_line(bad)}): use a complete file, or "
                "move this one away and vote again"
            ) from None
    return votes


def _rows(data: bytes) -> list[list[str]]:
    """Read the rows of a CSV, also with semicolons or as UTF-16 with tabs, as spreadsheets save it.

    Raises:
        ValueError, csv.Error: it is none.
    """
    if len(data) > LARGEST:
        raise ValueError(f"more than {LARGEST >> 20} MB")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("expected text in UTF-8") from None
    if not text.strip():
        raise ValueError("it is empty")
    first = text.splitlines()[0]
    delimiter = next((mark for mark in ";\t" if first == mark.join(COLUMNS)), ",")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _vote(row: list[str]) -> Vote:
    """Read one line; ValueError where it is not a vote."""
    if len(row) != len(COLUMNS):
        raise ValueError(f"expected {len(COLUMNS)} fields, got {len(row)}")
    values = dict(zip(COLUMNS, row, strict=True))
    right = values.pop("right")
    for name, value in values.items():
        if printable(value) != value or not 0 < len(value) <= LONGEST:
            raise ValueError(f"{name} is empty, too long or not printable")
    values["voter"] = normalize_name(values["voter"])
    trial = int(values.pop("trial"))
    seconds = float(values.pop("seconds").replace(",", "."))  # as many languages write it
    vote = Vote(**values, trial=trial, seconds=seconds)
    if not vote.by_rule and not is_name(vote.voter):
        raise ValueError(f"voter: expected a name or a pseudonym, got {vote.voter!r}")
    if vote.trial < 1:
        raise ValueError(f"trial: expected 1 or more, got {vote.trial}")
    if not 0 <= vote.seconds < inf:
        raise ValueError(f"seconds: expected 0 or more, got {vote.seconds}")
    if not {vote.truth, vote.answer} <= set(SIDES) or right != _yes_or_no(vote.right):
        raise ValueError("truth, answer and right contradict each other")
    return vote


def read(path: Path) -> list[Vote]:
    """Read the votes in a file; there are none where there is no file yet.

    Raises:
        KitError: the file can't be read, or holds something else; or its Drive is gone.
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

    The file is read again first, so that what another notebook has written meanwhile is kept. It is
    rewritten whole, because appending could leave half a line.

    Returns:
        All votes of the file.

    Raises:
        KitError: the file can't be read or written; then the vote doesn't count, and can be given
            again.
    """
    known = read(path)
    if vote.place in {other.place for other in known}:
        return known
    try:
        files.write_bytes(path, to_csv([*known, vote]))
    except OSError as bad:
        raise unwritable(path, bad, "answer again; all earlier votes are kept") from None
    return [*known, vote]


class Tally(NamedTuple):
    """What votes say of one model.

    Attributes:
        model: the model's label.
        votes: number of votes.
        fooled: how often the model's picture was taken for true.
        share: the same, as a share of the votes.
        low, high: ends of the share's 95 % interval.
        said: what the interval allows to say.
    """

    model: str
    votes: int
    fooled: int
    share: float
    low: float
    high: float
    said: str


def results(votes: Iterable[Vote]) -> list[Tally]:
    """Count what votes say of each model, in order of the labels. Lesson 5.4.

    Example:
        >>> results(booth.votes)[0].share  # doctest: +SKIP
    """
    by_model: dict[str, list[Vote]] = {}
    for vote in votes:
        by_model.setdefault(vote.model, []).append(vote)
    return [_tally(model, own) for model, own in sorted(by_model.items())]


def _tally(model: str, votes: list[Vote]) -> Tally:
    count = len(votes)
    fooled = sum(not vote.right for vote in votes)
    low, high = statistics.wilson(fooled, count)
    return Tally(model, count, fooled, fooled / count, low, high, vote_verdict(low, high))


def vote_verdict(low: float, high: float) -> str:
    """Say what the interval of a share allows to say of a model; guessing has a share of 50 %."""
    if high < GUESSING:
        return CAN_TELL
    if low > GUESSING:
        return ABOVE
    return CANNOT_TELL


def cells(row: Tally) -> list[str]:
    """Return a result as texts, one for each column of HEADER."""
    return [
        row.model,
        str(row.votes),
        str(row.fooled),
        f"{row.share:.0%}",
        f"{row.low:.0%} to {row.high:.0%}",
        row.said,
    ]


def votes_table(rows: list[Tally]) -> str:
    """Return the `results` as a Markdown table. Lesson 5.4.

    Example:
        >>> print(votes_table(results(booth.votes)))  # doctest: +SKIP
    """
    return votes_markdown(HEADER, map(cells, rows))


def votes_markdown(header: Iterable[str], lines: Iterable[list[str]]) -> str:
    """Return a Markdown table; all columns but the first and the last hold numbers."""
    header = list(header)
    rule = ["---", *["---:"] * (len(header) - 2), "---"]
    plain = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *plain))
