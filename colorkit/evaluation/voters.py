"""Know a person's name, in any script, from what no name can be."""

import unicodedata

LONGEST_NAME = 60  # letters, each with its accents and vowel signs
# What names hold beside letters, accents and digits: spaces, apostrophes, hyphens, the middle dot
# of Catalan, and the joiners of Persian and Hindi. None ends a rule's prefix.
BETWEEN = " ._'’ʼ‘`-‐‑·・\u200c\u200d"


def normalize_name(text: str) -> str:
    """Return a name in the one form that each name has, however its accents were typed (NFC).

    A Mac writes é as two letters, e and an accent, where others write one.

    Example:
        >>> normalize_name("Jose" + chr(0x301)) == "José"
        True
    """
    return unicodedata.normalize("NFC", text)


def is_name(text: str) -> bool:
    """Tell whether a text can be a person's name.

    Example:
        >>> is_name("O’Brien"), is_name("=1+1")
        (True, False)
    """
    if not text or not _is_letter(text[0]):
        return False
    marks = sum(unicodedata.category(letter)[0] == "M" for letter in text)
    fits = all(map(_fits, text))
    return fits and len(text) - marks <= LONGEST_NAME and marks <= 2 * LONGEST_NAME


def _fits(letter: str) -> bool:
    """Tell whether a letter may stand in a name."""
    return _is_letter(letter) or letter in BETWEEN or unicodedata.category(letter)[0] == "M"


def _is_letter(letter: str) -> bool:
    """Tell whether this is a letter or a digit of any script, or an underscore."""
    return letter.isalnum() or letter == "_"
