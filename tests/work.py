"""What the workers of test_decoding do; without Keras, so that their processes start quickly."""

import os
import time


def slow_at_first(item: int) -> tuple[int, int]:
    time.sleep(0.5 if item == 0 else 0)
    return item, os.getpid()


def die(_: int) -> None:
    os._exit(1)


def fail(item: int) -> int:
    raise ValueError(f"item {item}")
