"""Recognize that the memory is full, in whatever words a library says it."""

WORDS = ("RESOURCE_EXHAUSTED", "ResourceExhausted", "OutOfMemory", "Insufficient memory")


def is_full(bad: BaseException) -> bool:
    """Tell whether an exception says that a machine's or a device's memory is full.

    TensorFlow, JAX and OpenCV have exceptions of their own for that.

    Example:
        >>> is_full(MemoryError()), is_full(ValueError("no color"))
        (True, False)
    """
    if isinstance(bad, MemoryError):
        return True
    if not isinstance(bad, Exception):
        return False
    said = f"{type(bad).__name__}: {bad}"
    return any(word in said for word in WORDS)
