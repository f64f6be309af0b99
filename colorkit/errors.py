"""Define the one error that users of the kit read, and fit other errors into its one line."""


class KitError(Exception):
    """An error that the user can fix. Lesson 1.4.

    The message is one line: what is wrong, where, and how to fix it.

    Example:
        >>> raise KitError("faces.zip: is not a file; check the name")  # doctest: +SKIP
    """


def first_line(bad: BaseException) -> str:
    r"""Return the first line of an exception's message, or its class's name if it has none.

    Example:
        >>> first_line(ValueError("no pixels\nread 0 of 12"))
        'no pixels'
    """
    text = str(bad).strip() or type(bad).__name__
    return text.splitlines()[0]
