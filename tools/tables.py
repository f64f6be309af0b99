"""Write tables that a spreadsheet shows as meant: letters, no formulas, one line a cell."""

import re

from checkout import KIT as KIT

from colorkit.errors import printable

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
