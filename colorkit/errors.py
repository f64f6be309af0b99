"""The one kind of error that a user of the kit is meant to read, and how other errors are put into its line."""


class KitError(Exception):
    """Something a user can mend. The message is one line: what is wrong, where, and how to mend it."""


def first_line(bad: BaseException) -> str:
    """What an exception says, in one line; the name of its class when it says nothing."""
    return (str(bad).strip() or type(bad).__name__).splitlines()[0]
