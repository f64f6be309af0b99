"""Hold Ctrl-C back where it would leave half of something behind."""

import contextlib
import signal
import threading
from collections.abc import Iterator

# what ends a program from outside and can be held back; Windows has no SIGHUP
STOPPING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Hold SIGINT, SIGTERM and SIGHUP back; what came in the block takes effect at its end.

    A signal that is ignored, or that ends the process by itself, stays as it is. So does everything
    outside the main thread, where Python handles no signals.
    """
    came: list[int] = []
    handlers = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in STOPPING:
                if callable(signal.getsignal(number)):
                    handlers[number] = signal.signal(number, lambda sent, _: came.append(sent))
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
