"""Color many photographs with one model.

Threads read and write them, the model predicts them in batches, and none stays in memory.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from ..arrays import Ab, LCode
from ..data import decoding
from ..errors import KitError, unwritable
from . import full_size, image_files
from .full_size import Box, Predict
from .image_files import Photo
from .targets import FolderError, Job, Kept, assign_targets, check_folder, refuse_folder

BATCH = 32  # pictures predicted at once
# Pictures under way before the model, and behind it. Each holds only what the model takes or gives,
# 100 KB.
AHEAD = 2 * BATCH


class Colored(NamedTuple):
    """A photograph that was colored.

    Attributes:
        source: the photograph.
        target: the PNG that was written.
        size: its height and width.
        lowered: share of the colored pixels whose predicted color is outside sRGB, and which
            therefore have less chroma.
    """

    source: Path
    target: Path
    size: tuple[int, int]
    lowered: float

    def __str__(self) -> str:
        height, width = self.size
        line = f"{self.source} -> {self.target}: {width} x {height}"
        if self.lowered:
            line += f", chroma lowered in {self.lowered:.1%} of the pixels to keep their L"
        return line


Outcome = Colored | Kept | KitError
"""What became of a photograph."""


class _Seen(NamedTuple):
    """A photograph before the model.

    Attributes:
        job: the photograph, and where it goes.
        L_code: what the model takes, (112, 112, 1).
    """

    job: Job
    L_code: LCode


class _Predicted(NamedTuple):
    """A photograph behind the model.

    Attributes:
        job: the photograph, and where it goes.
        ab: what the model gives, (112, 112, 2).
    """

    job: Job
    ab: Ab


Before = TypeVar("Before")
After = TypeVar("After")


def colorize(
    paths: Iterable[Path | KitError], out: Path, predict: Predict, box: Box | None = None
) -> Iterator[Outcome]:
    """Color photographs, one after another, into out/<name>.png.

    Each is read twice, for the model and for its lightness, because keeping many would fill the
    memory. No existing file is replaced.

    Args:
        paths: the photographs, as `finding.find` lists them; an error becomes an outcome.
        out: folder of the colored ones.
        predict: the model.
        box: the part of each that is to be colored; None for all of it.

    Yields:
        The outcome of each photograph, in order.

    Raises:
        FolderError: nothing can be written there; finished pictures are kept.

    Example:
        >>> model = photos.load_shipped("vivid")  # doctest: +SKIP
        >>> for outcome in colorize(photos.find([album]), out, model.predict):  # doctest: +SKIP
        ...     print(outcome)
    """
    look = partial(_attempt, partial(_look, box=box))
    finish = partial(_attempt, partial(_finish, box=box))
    check_folder(out)
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        seen = decoding.ahead(pool, look, assign_targets(paths, out), AHEAD)
        yield from decoding.ahead(pool, finish, _predict_all(predict, seen), AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(step: Callable[[Before], After], job: Before | Outcome) -> After | Outcome:
    """Take a step with a photograph.

    If it fails, the reason takes the photograph's place. An outcome is passed on as it is.

    Raises:
        FolderError: no further step makes sense.
    """
    if isinstance(job, Outcome):
        return job
    try:
        return step(job)
    except FolderError:
        raise
    except KitError as bad:
        return bad


def _look(job: Job, box: Box | None) -> _Seen:
    """Compute what the model takes of a photograph."""
    with image_files.telling_memory(job.source):
        photo = _read(job.source, box)
        return _Seen(job, full_size.model_input(photo, box))


def _read(path: Path, box: Box | None) -> Photo:
    """Read a photograph, and make sure that the box lies in it."""
    photo = image_files.read(path)
    full_size.check(photo, box, f"{path}:")
    return photo


def _predict_all(
    predict: Predict, seen: Iterator[_Seen | Outcome]
) -> Iterator[_Predicted | Outcome]:
    """Replace what the model takes with what it gives, a batch at a time."""
    while batch := list(islice(seen, BATCH)):
        inputs = [photo.L_code for photo in batch if isinstance(photo, _Seen)]
        predictions = iter(predict(np.stack(inputs)) if inputs else ())
        for photo in batch:
            if isinstance(photo, _Seen):
                yield _Predicted(photo.job, next(predictions))
            else:
                yield photo


def _finish(predicted: _Predicted, box: Box | None) -> Colored:
    """Join the predicted color to the photograph, and write it."""
    job = predicted.job
    try:
        with image_files.telling_memory(job.source):
            photo, lowered = full_size.join(_read(job.source, box), predicted.ab, box)
            image_files.write(job.target, photo)
    except OSError as bad:
        refuse_folder(job.target.parent, bad)
        raise KitError(f"{job.source}: {unwritable(job.target, bad)}") from None
    return Colored(job.source, job.target, photo.rgb.shape[:2], lowered)
