"""Many faces at once: chunks of pictures decoded and converted by several processes, handed back in order.

What comes out does not depend on how many processes work, only how soon.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from .. import color
from ..errors import KitError
from . import faces

PICTURES_PER_TASK = 32  # pictures a task: a result of 1.2 MB stays in memory that is warm already; fewer cost more in messages
WORTH = 3000  # pictures below which starting processes (a second) takes longer than it saves
Item, Result = TypeVar("Item"), TypeVar("Result")


class Chunk(NamedTuple):
    """Decoded pictures: storage code uint8 (n, 112, 112, 3) of the good ones, who they show, why others are bad, transparent pixels."""

    lab: np.ndarray
    identities: list[str]
    bad: list[str]
    transparent: int


def decode(members: list[faces.Member]) -> Chunk:
    """Decode a chunk of pictures into the storage code of CIELAB."""
    lab = np.empty((len(members), faces.SIZE, faces.SIZE, 3), np.uint8)
    identities, bad, transparent = [], [], 0
    for member in members:
        try:
            face = _reader().face(member)
        except faces.BadFaceError as reason:
            bad.append(f"{member.source.name}:{member.name}: {reason}")
            continue
        lab[len(identities)] = color.to_storage(color.rgb_to_lab(face.rgb))
        identities.append(member.name.split("/")[0])
        transparent += face.transparent
    return Chunk(lab[: len(identities)], identities, bad, transparent)


def decoded(
    groups: dict[str, list[faces.Member]], processes: int | None = None
) -> Iterator[tuple[str, Chunk]]:
    """Decode groups of pictures in chunks, in order.

    Args:
        groups: name -> pictures.
        processes: how many work; None takes all cores for a large job and this process alone for a small one.

    Yields:
        The group's name and a chunk of it.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if sum(map(len, groups.values())) >= WORTH else 1
    tasks = [
        (name, members[start : start + PICTURES_PER_TASK])
        for name, members in groups.items()
        for start in range(0, len(members), PICTURES_PER_TASK)
    ]
    yield from zip(
        (name for name, _ in tasks),
        in_order(decode, (members for _, members in tasks), processes),
        strict=True,
    )


def in_order(
    function: Callable[[Item], Result], items: Iterable[Item], processes: int
) -> Iterator[Result]:
    """`map` over processes that keeps only a few results waiting, so that memory stays flat however slow the taker is.

    Raises:
        KitError: a process died.
    """
    if processes == 1:
        try:
            yield from map(function, items)
        finally:
            _close()
        return
    # "spawn": a fork of a process in which TensorFlow has threads can hang
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start) as pool:
        try:
            yield from ahead(pool, function, items, 4 * processes + 4)
        except BrokenProcessPool:
            raise KitError(
                "a decoding process died, often for want of memory: use --processes 1"
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def ahead(
    pool: Executor, function: Callable[[Item], Result], items: Iterable[Item], count: int
) -> Iterator[Result]:
    """`map` by the workers of a pool, in order, of which no more than `count` results are under way or wait for their taker."""
    items, waiting = iter(items), deque()
    waiting.extend(pool.submit(function, item) for item in islice(items, count))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(function, item) for item in islice(items, 1))


def _start() -> None:
    """Each process has its core: OpenCV's own threads would only compete. Ctrl-C is the first process' matter, which then stops these."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_open: list[faces.Reader] = []  # this process' reader: its zips stay open from chunk to chunk


def _reader() -> faces.Reader:
    if not _open:
        _open.append(faces.Reader())
    return _open[0]


def _close() -> None:
    """Close the reader when a job in this very process ends; that of a worker ends with it."""
    while _open:
        _open.pop().__exit__()
