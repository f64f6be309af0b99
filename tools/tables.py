"""Write tables that a spreadsheet shows as meant: letters, no formulas, one line a cell."""

import itertools
import os
import re
from pathlib import Path

from checkout import KIT as KIT

from colorkit import files
from colorkit.errors import KitError, printable, unwritable

# Where a spreadsheet would begin to calculate; some take ; for the end of a cell.
FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@])")
LONGEST_CELL = 200  # letters


def plain(text: str) -> str:
    """Return the text in a form that no terminal and no spreadsheet takes for a command."""
    return FORMULA.sub(r"\1'", printable(text))


def cell(text: str) -> str:
    """Return the text for a cell of a table: plain, and at most 200 letters long."""
    shown = plain(text)
    return shown if len(shown) <= LONGEST_CELL else shown[: LONGEST_CELL - 3] + "..."


def to_spreadsheet(text: str) -> bytes:
    """Encode a table in CSV for a file: Excel takes it for UTF-8 only if it begins with a mark.

    Python reads it back with the encoding utf-8-sig, which reads files without the mark as well.
    """
    return text.encode("utf-8-sig")


class TableFile:
    """The file of a table that is written again and again while it grows.

    An earlier table in that file stays until the new one is complete. Until then the new one grows
    in a file beside it.
    """

    def __init__(self, path: Path, begins: str) -> None:
        """Find out what the file holds.

        Args:
            path: the file.
            begins: the first words of such a table, separated by commas or as a spreadsheet does.

        Raises:
            KitError: that is something else than such a table.
        """
        self.path = path
        self.final = Path(os.path.realpath(path))
        self.growing = self.final
        self._is_stream = path.exists() and not (path.is_file() or path.is_dir())
        self._has_table = path.is_file() and path.stat().st_size > 0
        if self._has_table and not _begins_with(path, begins):
            raise KitError(f"{path} is not a table of this program: name another file")

    def start(self, text: str) -> None:
        """Write the beginning of the table.

        Raises:
            KitError: it can't be written.
        """
        try:
            if self._has_table:
                self.growing = _make_beside(self.final)
        except OSError as bad:
            raise unwritable(self.path, bad) from None
        self.write(text)

    @property
    def is_new(self) -> bool:
        """Tell whether there was no table in the file."""
        return self.growing == self.final

    def write(self, text: str) -> None:
        """Write the table as far as it goes.

        Raises:
            KitError: it can't be written.
        """
        if not self._is_stream:  # that would show the table many times
            self._write(text)

    def _write(self, text: str) -> None:
        try:
            files.write_bytes(self.growing, to_spreadsheet(text))
        except OSError as bad:
            raise unwritable(self.path if self.is_new else self.growing, bad) from None

    def finish(self, text: str) -> None:
        """Write the whole table, in place of an earlier one.

        Raises:
            KitError: it can't be written.
        """
        self._write(text)
        if self.is_new:
            return
        try:
            os.replace(self.growing, self.final)
        except OSError as bad:
            raise unwritable(self.path, bad) from None

    def discard(self) -> None:
        """Remove the new table, if there was an earlier one."""
        if not self.is_new:
            self.growing.unlink(missing_ok=True)


def _begins_with(path: Path, words: str) -> bool:
    """Tell whether a file begins with these words, however a spreadsheet saved it."""
    with open(path, "rb") as stream:
        head = stream.read(1000).replace(b"\0", b"").decode("latin-1")
    return re.findall(r"\w+", head.removeprefix("ï»¿").removeprefix("ÿþ"))[:2] == words.split(",")


def _make_beside(path: Path) -> Path:
    """Make an empty file beside another one, under a name that is free."""
    for number in itertools.count(1):
        beside = path.with_name(f"{path.stem}.unfinished-{number}{path.suffix}")
        try:
            beside.open("x", encoding="utf-8").close()
            return beside
        except FileExistsError:
            continue
    raise AssertionError("unreachable")
