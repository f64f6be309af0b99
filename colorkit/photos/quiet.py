"""Keep Pillow and OpenCV from printing.

What they find odd about a file is either unimportant, or the reader of pictures says it itself. One
line has no switch: what libtiff says inside Pillow about a compressed TIFF that is damaged.
"""

import contextlib
import logging
import threading
import warnings
from collections.abc import Callable, Iterator

import cv2

# Without a handler, Python would print what Pillow logs; whoever wants to see it can add their own.
logging.getLogger("PIL").addHandler(logging.NullHandler())

SILENT = 0  # OpenCV's level of logging nothing
# It was renamed in OpenCV 5.
set_log_level: Callable[[int], int] = (
    getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel
)


class _Silence:
    """Pillow's warnings and OpenCV's log, switched off while any thread asks for it.

    Both switches belong to the whole process. So the first thread turns them, and the last one
    turns them back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads = 0
        self._undo = contextlib.ExitStack()

    def enter(self) -> None:
        """Count a thread in."""
        with self._lock:
            if self._threads == 0:
                self._undo.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module=r"PIL\.")
                self._undo.callback(set_log_level, set_log_level(SILENT))
            self._threads += 1

    def leave(self) -> None:
        """Count a thread out."""
        with self._lock:
            self._threads -= 1
            if self._threads == 0:
                self._undo.close()


_SILENCE = _Silence()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow and OpenCV from printing, in any number of threads at once."""
    _SILENCE.enter()
    try:
        yield
    finally:
        _SILENCE.leave()
