"""Decode many faces at once: several processes share the work, and pictures come back in order.

The result does not depend on the number of processes; only the time does.
"""

import contextlib
import functools
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from .. import color
from ..arrays import LabCode
from ..errors import KitError
from ..machine import workers
from . import faces

# Pictures a task. The result, 1.2 MB, fits into memory that is already in use; smaller tasks would
# cost more in messages between processes.
PICTURES_PER_TASK = 32
# With fewer pictures, starting the processes (a second) takes longer than it saves.
WORTH = 3000
Item = TypeVar("Item")
Result = TypeVar("Result")


class Chunk(NamedTuple):
    """A few decoded pictures.

    Attributes:
        lab: the good pictures, (n, 112, 112, 3).
        identities: who each of them shows.
        bad: a line for each picture that can't be used: which one, and why.
        transparent: number of pixels that were not opaque.
    """

    lab: LabCode
    identities: list[str]
    bad: list[str]
    transparent: int


def decode(reader: faces.Reader, members: list[faces.Member]) -> Chunk:
    """Decode a chunk of pictures into stored CIELAB."""
    lab = np.empty((len(members), faces.SIZE, faces.SIZE, 3), np.uint8)
    identities: list[str] = []
    bad: list[str] = []
    transparent = 0
    for member in members:
        try:
            face = reader.face(member)
        except faces.BadFaceError as reason:
            bad.append(f"{member.source.name}:{member.name}: {reason}")
            continue
        lab[len(identities)] = color.to_storage(color.rgb_to_lab(face.rgb))
        identities.append(member.identity)
        transparent += face.transparent
    return Chunk(lab[: len(identities)], identities, bad, transparent)


def decode_in_worker(members: list[faces.Member]) -> Chunk:
    """Decode a chunk in a process that does nothing else; its zips stay open between chunks."""
    return decode(_worker_reader(), members)


@functools.cache
def _worker_reader() -> faces.Reader:
    """Return the reader of this worker process; its zips are closed when the process ends."""
    return faces.Reader()


def decoded(
    groups: dict[str, list[faces.Member]], processes: int | None = None
) -> Generator[tuple[str, Chunk], None, None]:
    """Decode groups of pictures in chunks, in order.

    Args:
        groups: the pictures of each group, by the group's name.
        processes: number of processes; None takes all cores for a large job, and this process alone
            for a small one.

    Yields:
        The group's name and a chunk of it.
    """
    if processes is None:
        large = sum(map(len, groups.values())) >= WORTH
        processes = (os.cpu_count() or 1) if large else 1
    tasks = [
        (name, members[start : start + PICTURES_PER_TASK])
        for name, members in groups.items()
        for start in range(0, len(members), PICTURES_PER_TASK)
    ]
    names = [name for name, _ in tasks]
    chunks = (members for _, members in tasks)
    with faces.Reader() as reader:  # opens a zip only when it reads from it
        here = functools.partial(decode, reader)
        results = in_order(here if processes == 1 else decode_in_worker, chunks, processes)
        with contextlib.closing(results):
            yield from zip(names, results, strict=True)


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Generator[Result, None, None]:
    """Apply a function by several processes; like `map`, but only a few results wait at a time.

    So memory stays flat, however slowly the results are taken.

    Args:
        function: what the processes compute; for more than one it must be importable.
        items: the function's arguments, one each.
        processes: number of processes; 1 computes in this process, and more than `workers.MOST` are
            not started.

    Yields:
        The results, in the order of the items.

    Raises:
        KitError: a process died, or none can be started.
    """
    if processes == 1:
        yield from map(function, items)
        return
    with workers.Pool(processes, _start_worker) as pool:
        try:
            yield from ahead(pool, function, items, 4 * min(processes, workers.MOST) + 4)
        except BrokenProcessPool:
            raise KitError(
                "a decoding process died, often for lack of memory: use --processes 1"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def ahead(
    pool: Executor, function: Callable[[Item], Result], items: Iterable[Item], count: int
) -> Iterator[Result]:
    """Apply a function by the workers of a pool, a few items ahead of whoever takes the results.

    Args:
        pool: the workers.
        function: what they compute.
        items: the function's arguments, one each.
        count: largest number of results that are being computed or waiting.

    Yields:
        The results, in the order of the items.
    """
    remaining = iter(items)
    waiting = deque(pool.submit(function, item) for item in islice(remaining, count))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(function, item) for item in islice(remaining, 1))


def _start_worker() -> None:
    """Leave OpenCV one thread: each worker has a core to itself, so more would only compete."""
    cv2.setNumThreads(1)
