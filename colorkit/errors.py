"""Define the one error that users of the kit read, and fit other errors into its one line."""

import errno
import os
import unicodedata

# How to get past what a disk answers, by the name of the error (not every system has all of them)
REMEDIES = {
    "ENOSPC": "make room there",
    "EDQUOT": "make room there, or ask for more",
    "EFBIG": "choose a disk that takes larger files",
    "EACCES": "change its permissions, or choose another folder",
    "EPERM": "change its permissions, or choose another folder",
    "EROFS": "choose a disk that can be written",
    "ENAMETOOLONG": "choose a shorter name",
    "EILSEQ": "choose a name that this disk allows",
    "EINVAL": "choose a name that this disk allows",
    "ENOENT": "check that the folder is still there, and that nothing else is removing files",
    "ENOTDIR": "choose a path through folders only",
    "EEXIST": "choose a path through folders only",
    "EISDIR": "name a file, not a folder",
    "EIO": "check that the disk is connected",
    "ENOTCONN": "check that the disk is connected",
    "ESTALE": "check that the disk is connected",
    "ETIMEDOUT": "check that the disk is connected",
    "EMFILE": "allow more open files (`ulimit -n 1024`)",
    "ENFILE": "close other programs, because too many files are open",
    "ENOMEM": "close other programs, because the memory is full",
}
# Windows' own numbers, where they tell more than the error's name
WINDOWS_REMEDIES = {
    5: "close what has it open, change its permissions, or choose another folder",
    32: "close the program that has it open",
    33: "close the program that has it open",
    206: "choose a shorter name",
}
# A terminal reorders what follows these (Unicode's explicit formatting of direction).
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKS = "\u2028\u2029"  # Unicode's line and paragraph separators


class KitError(Exception):
    """An error that the user can fix. Lesson 1.4.

    The message is one line: what is wrong, where, and how to fix it.

    Example:
        >>> raise KitError("faces.zip: is not a file; check the name")  # doctest: +SKIP
    """


def first_line(bad: BaseException) -> str:
    r"""Return the first line of an exception's message, or its class's name if it has none.

    Of an error of the system it is the words alone, without number and file.

    Example:
        >>> first_line(ValueError("no pixels\nread 0 of 12"))
        'no pixels'
        >>> first_line(OSError(28, "No space left on device", "out/a.png"))
        'No space left on device'
    """
    if isinstance(bad, OSError) and bad.strerror:
        return str(bad.strerror)
    text = str(bad).strip() or type(bad).__name__
    return text.splitlines()[0]


def remedy(bad: OSError) -> str:
    """Return how to get past an error of the system, as an order such as "make room there".

    Example:
        >>> remedy(OSError(errno.ENAMETOOLONG, "File name too long"))
        'choose a shorter name'
    """
    if special := WINDOWS_REMEDIES.get(getattr(bad, "winerror", None) or 0):
        return special
    name = errno.errorcode.get(bad.errno or 0, "")
    return REMEDIES.get(name, "check the disk and the path")


def unwritable(path: str | os.PathLike[str], bad: OSError, then: str = "run again") -> KitError:
    """Return the error for a path that can't be written, with the true reason and its remedy.

    Args:
        path: the file or folder, as the user knows it.
        bad: what the system answered.
        then: what to do after that; may go on with what is kept.

    Example:
        >>> str(unwritable("out/a.png", OSError(errno.ENOSPC, "No space left on device")))
        "out/a.png can't be written (No space left on device): make room there and run again"
    """
    where = os.fspath(path)
    return KitError(f"{where} can't be written ({first_line(bad)}): {remedy(bad)} and {then}")


def unreadable(path: str | os.PathLike[str], bad: OSError) -> KitError:
    """Return the error for a path that can't be read, with the true reason and its remedy.

    Args:
        path: the file or folder, as the user knows it.
        bad: what the system answered.

    Example:
        >>> str(unreadable("a.zip", OSError(errno.EIO, "Input/output error")))
        "a.zip can't be read (Input/output error): check that the disk is connected and run again"
    """
    return KitError(
        f"{os.fspath(path)} can't be read ({first_line(bad)}): {remedy(bad)} and run again"
    )


def printable(text: object) -> str:
    r"""Return text that any terminal shows on one line, and that commands nothing to a terminal.

    Control characters, line breaks, changes of direction, and the bytes of file names that are not
    UTF-8 become escapes such as \x1b. Letters of every script stay.

    Example:
        >>> printable("two\nlines, and a red\x1b[31m name: José")
        'two\\nlines, and a red\\x1b[31m name: José'
    """
    return "".join(map(_escape, str(text)))


def _escape(letter: str) -> str:
    """Return a letter, or an escape if a terminal must not see it."""
    if "\udc80" <= letter <= "\udcff":  # how Python keeps a byte that is not UTF-8
        return f"\\x{ord(letter) - 0xDC00:02x}"
    if unicodedata.category(letter) in ("Cc", "Cs") or letter in DIRECTIONS + BREAKS:
        return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
    return letter
