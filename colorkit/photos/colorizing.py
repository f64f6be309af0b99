"""Many photographs colored by one model: read and written by threads, predicted in batches, and none of them kept in memory."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..data import decoding
from ..errors import KitError, first_line
from . import full_size, image_files
from .full_size import Box
from .image_files import Photo

BATCH = 32  # pictures predicted at once
AHEAD = (
    2 * BATCH
)  # pictures under way before and behind the model: of each only what the model takes and gives, 100 KB

Predict = Callable[
    [np.ndarray], np.ndarray
]  # L code, uint8 (N, 112, 112, 1), to a*, b*, float32 (N, 112, 112, 2), CIELAB units


class Colored(NamedTuple):
    """A photograph that was colored.

    Attributes:
        source, target: where it was, and the PNG that was written.
        size: its height and width.
        lowered: of the pixels that were to be colored, the share whose predicted color is outside sRGB; theirs has less chroma.
    """

    source: Path
    target: Path
    size: tuple[int, int]
    lowered: float

    def __str__(self) -> str:
        height, width = self.size
        chroma = (
            f", chroma lowered in {self.lowered:.1%} of the pixels to keep their L"
            if self.lowered
            else ""
        )
        return f"{self.source} -> {self.target}: {width} x {height}{chroma}"


class Kept(NamedTuple):
    """A photograph that was passed over, as there is a picture of its name already: that of an earlier run of the same command, perhaps.

    Attributes:
        source, target: where it is, and what stays as it is.
    """

    source: Path
    target: Path

    def __str__(self) -> str:
        return f"{self.source}: {self.target} is there already and stays as it is"


Outcome = Colored | Kept | KitError  # what became of a photograph


class _Job(NamedTuple):
    """A photograph, the PNG to be written, and what the model takes of the one, then what it gives for the other."""

    source: Path
    target: Path
    small: np.ndarray | None = None


def colorize(
    paths: Iterable[Path], out: Path, predict: Predict, box: Box | None = None
) -> Iterator[Outcome]:
    """Color photographs, one after another, into out/<name>.png.

    Each is read twice, for the model and for its lightness, as to keep many would fill the memory. No file that is there is replaced.

    Args:
        paths: the photographs.
        out: the folder of the colored ones.
        predict: the model.
        box: the part of each that is to be colored.

    Yields:
        What was done, what is there already, or why a photograph was left out, in order.

    Raises:
        KitError: nothing can be written there; what is done is kept.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        out.mkdir(parents=True, exist_ok=True)
        seen = decoding.ahead(
            pool, partial(_attempt, partial(_look, box=box)), _targets(paths, out), AHEAD
        )
        yield from decoding.ahead(
            pool, partial(_attempt, partial(_finish, box=box)), _predicted(predict, seen), AHEAD
        )
    except OSError as bad:
        raise KitError(
            f"{out} can't be written ({first_line(bad)}): make room or give another folder; what is done is kept"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(step: Callable[[_Job], Any], job: _Job | Outcome) -> Any:
    """Take a step with a photograph; where it fails, or there is nothing to do, the reason goes on in its place."""
    try:
        return step(job) if isinstance(job, _Job) else job
    except KitError as bad:
        return bad


def _targets(paths: Iterable[Path], out: Path) -> Iterator[_Job | Outcome]:
    """Where each photograph goes, unless something is there or will be."""
    taken: dict[str, Path] = {}
    for path in paths:
        target = out / f"{path.stem}.png"
        first = taken.setdefault(target.name.casefold(), path)  # some disks take A.png for a.png
        if first is not path:
            yield KitError(f"{path}: goes to {target}, as {first} does; rename one of them")
        elif (
            not os.path.lexists(target) or not path.is_file()
        ):  # of which reading says what is wrong
            yield _Job(path, target)
        else:
            yield _not_replaced(path, target)


def _not_replaced(path: Path, target: Path) -> Outcome:
    """What is said of a photograph whose target is there: all is well only where that can be what a run before made of it."""
    if not target.is_file():
        return KitError(
            f"{path}: {target} is there, but no picture, and stays as it is; give another folder"
        )
    if target.samefile(path):
        return KitError(
            f"{path}: is where its own colors would go, and stays as it is; give another folder"
        )
    return Kept(path, target)


def _look(job: _Job, box: Box | None) -> _Job:
    return job._replace(small=full_size.model_input(_read(job.source, box), box))


def _read(path: Path, box: Box | None) -> Photo:
    """A photograph in which the box lies."""
    photo = image_files.read(path)
    full_size.check(photo, box, f"{path}:")
    return photo


def _predicted(predict: Predict, seen: Iterator[_Job | Outcome]) -> Iterator[_Job | Outcome]:
    """Photographs with what the model makes of them, many at once."""
    while batch := list(islice(seen, BATCH)):
        good = [job for job in batch if isinstance(job, _Job)]
        predictions = iter(predict(np.stack([job.small for job in good])) if good else ())
        yield from (
            job._replace(small=next(predictions)) if isinstance(job, _Job) else job for job in batch
        )


def _finish(job: _Job, box: Box | None) -> Colored:
    photo, lowered = full_size.join(_read(job.source, box), job.small, box)
    image_files.write(job.target, photo)
    return Colored(job.source, job.target, photo.rgb.shape[:2], lowered)
