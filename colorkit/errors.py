"""The one kind of error that a user of the kit is meant to read."""


class KitError(Exception):
    """Something a user can mend. The message is one line: what is wrong, where, and how to mend it."""
