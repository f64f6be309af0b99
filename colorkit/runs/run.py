"""Train a model in a run: a folder with a config, a history and checkpoints.

A run can be stopped at any point, and it resumes where it was.
"""

import contextlib
import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..arrays import Ab, HintPlanes, LCode
from ..color import levin
from ..data.splits import Split
from ..errors import KitError, unwritable
from ..evaluation import metrics
from ..machine import console, devices, environment, memory
from ..training import build, run_config
from ..training.segments import Segment
from ..training.trainer import Trainer
from .drive_mirror import open_store
from .journal import START, Journal, Record, halvings
from .progress import RunBar, count_batches, epoch_line
from .run_store import RunStore
from .stored import read_config, read_newest, read_values, reading
from .trained_on import TrainedOn

TOO_LARGE = (
    "the memory is full: choose a --batch-size below {size} (batch_size in a lesson), "
    "which makes another run, or close other programs; what was stored before is kept"
)
SAVE_EVERY = 180  # seconds: a longer epoch is also saved between its segments


class Run:
    """One training of one model. Lesson 4.8.

    Attributes:
        folder: folder of the run.
        config: everything that decides its result.
        name: name in tables and legends.
        trained_on: the faces it was trained on; None where nothing says it.
    """

    def __init__(self, folder: Path, store: RunStore | None = None):
        """Open a run that `start` made.

        Args:
            folder: folder of the run.
            store: its store, if it is open already.

        Raises:
            KitError: there is no run in `folder`, its config can't be read, its checkpoints
                belong to another config, or Drive is gone.
        """
        self.folder = folder
        with reading(folder):
            self._store = open_store(folder) if store is None else store
            self.config = read_config(self._store)
            self._reopen()
        self.name = self.used_config.label

    def _reopen(self) -> None:
        """Forget what is in memory, and read what is stored."""
        self._built: Trainer | None = None
        self._journal, self.trained_on = read_newest(self._store, self.config)

    @property
    def history(self) -> list[Record]:
        """One record an epoch: epoch, mse, accuracy, val_mse, val_accuracy, and the model's own."""
        return self._journal.history

    @property
    def used_config(self) -> run_config.Config:
        """The config with the number of faces that were used, where there were fewer than asked."""
        return self.config.with_faces(self.trained_on.faces) if self.trained_on else self.config

    def recall(self, train: Split, data: str) -> None:
        """Work out what a run of an older version was trained on, if these are its own splits.

        Args:
            train: training faces of some splits.
            data: digest of these splits (data.digest).
        """
        if self.trained_on is None and self.config.data == data and self.epochs_done:
            self.trained_on = TrainedOn.of(train.take(self.config.images))
            self.name = self.used_config.label

    @property
    def seconds(self) -> list[float]:
        """How long each epoch took, validation included."""
        return self._journal.seconds

    @property
    def encoder(self) -> str | None:
        """What ResNet-50 started as, "imagenet" or "untrained"; None for other models."""
        return self._journal.encoder

    @property
    def epochs_done(self) -> int:
        """The number of epochs that are safely stored."""
        return len(self.history)

    @property
    def trainer(self) -> Trainer:
        """What trains the model, with the newest checkpoint's values; built on first use."""
        if self._built is None:
            self._built = self._build_trainer(None)
        return self._built

    @property
    def model(self) -> keras.Model:
        """The colorizer (a GAN's generator), with the newest weights."""
        return self.trainer.predictor

    def renamed(self, name: str) -> "Run":
        """Return a copy of this object with another name. It is the same run in the same folder."""
        other = copy.copy(self)
        other.name = name
        return other

    def train(
        self,
        train: Split,
        val: Split,
        epochs: int,
        watch: Callable[[list[Record]], Any] | None = None,
    ) -> list[Record]:
        """Train until `epochs` are done, counting those of earlier sessions. Lesson 2.5.

        The run is saved after each epoch, and within long ones. The first line printed says
        whether it starts, resumes or is finished.

        Args:
            train: training faces; the config's first `images` of them are used.
            val: validation faces.
            epochs: number of epochs in all; the config's `patience` may end the run earlier.
            watch: function of the history, called after every epoch, and at once if there is a
                history already.

        Returns:
            The history.

        Raises:
            KitError: the run can't be written, another process trains it, or another one has
                taken its place on Drive.
        """
        # Checked first: a host that has epochs to train would wait for one that has finished.
        devices.check_hosts_agree({"place": np.array(self._journal.place)})
        finished = self._is_finished(epochs)
        begins = self._journal.how_it_begins(epochs, self.config.patience)
        with contextlib.nullcontext() if finished else self._store.reserved():
            console.say(f"{self.folder.name}: {begins}{self.config.shortage(len(train))}")
            if watch is not None and self.history:
                watch(self.history)
            if not finished:
                self._train_epochs(train.take(self.config.images), val, epochs, watch)
            if (to_do := self._store.finish()) and not finished:
                console.say(f"{self.folder.name}: {to_do}")
        return self.history

    def _is_finished(self, epochs: int) -> bool:
        return self._journal.is_finished(epochs, self.config.patience)

    def _train_epochs(
        self,
        train: Split,
        val: Split,
        epochs: int,
        watch: Callable[[list[Record]], Any] | None,
    ) -> None:
        """Train the epochs that are missing."""
        try:
            # Built again: the model of a new run may have been looked at before it had its
            # starting values, which depend on the training faces.
            self._built = None
            self._built = self._build_trainer(train)
            self._remember(train)
            batches = len(build.batches(self.config, train, 0))  # as many in every epoch
            with self._bar(epochs, batches) as bar:
                while not self._is_finished(epochs):
                    bar.name(self.epochs_done + 1, epochs)
                    plan = self.trainer.plan(self.epochs_done, batches)
                    self._train_epoch(train, val, plan, bar)
                    console.say(epoch_line(self.history[-1], epochs, self.seconds[-1]))
                    if watch is not None:
                        watch(self.history)
        except BaseException as bad:
            # Only what was stored counts, not what is in memory. Drive may be gone too, but what
            # ended the training is what the student must see.
            with contextlib.suppress(KitError, OSError):
                self._reopen()
            if memory.is_full(bad):
                raise KitError(TOO_LARGE.format(size=self.config.batch_size)) from None
            raise

    def _remember(self, train: Split) -> None:
        """Remember the faces that are trained on, and call the run by their number."""
        had_own_name = self.name == self.used_config.label
        self.trained_on = TrainedOn.of(train).with_earlier(self.trained_on)
        if had_own_name:
            self.name = self.used_config.label

    def _bar(self, epochs: int, batches: int) -> RunBar:
        """Make the bar of all epochs, filled as far as the run is."""
        done, segments = self._journal.place
        plan = self.trainer.plan(done, batches)[:segments]
        before = self.trainer.passes(done) * batches + count_batches(plan)
        return RunBar(self.trainer.passes(epochs) * batches, before)

    def _train_epoch(self, train: Split, val: Split, plan: list[Segment], bar: RunBar) -> None:
        """Train the next epoch, or what is left of it; validate and save."""
        journal = self._journal
        saved = time.perf_counter()
        began = saved - journal.spent  # as if the epoch had never been interrupted
        batches = build.batches(self.config, train, self.epochs_done)
        halved = halvings(self.history, self.config.lr_patience)
        self.trainer.set_learning_rates(0.5**halved)
        for segment in plan[journal.segments :]:
            results = self.trainer.train_on_devices(segment, batches, [bar])
            journal = journal.after_segment(results, time.perf_counter() - began)
            # The epoch's last segment is saved with the validation, below.
            if journal.segments < len(plan) and time.perf_counter() - saved >= SAVE_EVERY:
                self._save(journal)
                saved = time.perf_counter()
        record = self.trainer.record(journal.results) | self._validate(val)
        self._save(journal.after_epoch(record, time.perf_counter() - began))

    def _validate(self, val: Split) -> dict[str, float]:
        """Measure the model on the validation faces."""
        pred = self._predict(val.L, build.hints_for(self.config, val))
        true = val.ab
        measured = {
            "val_mse": metrics.mse(pred, true).mean(),
            "val_accuracy": metrics.threshold_accuracy(pred, true).mean(),
        }
        return measured | self.trainer.judge(val.L, pred, true)

    def _save(self, journal: Journal) -> None:
        """Save a checkpoint of the trainer's values and the journal."""
        state = {
            "journal": journal.to_json(),
            "config": self.config.to_json(),
            "versions": environment.versions(),
        }
        if self.trained_on is not None:
            state["trained_on"] = self.trained_on.to_json()
        try:
            self._store.save(journal.place, self.trainer.values(), state)
        except OSError as bad:
            then = "run again; what was stored before is kept"
            raise unwritable(self.folder, bad, then) from None
        self._journal = journal

    def predict(self, L: LCode, hints: HintPlanes | None = None) -> Ab:
        """Predict color with the newest checkpoint. Lessons 2.5, 4.7 and 5.2.

        Args:
            L: code of lightness, (N, 112, 112, 1).
            hints: color hints for a model that takes them, (N, 112, 112, 3); None for no hints.
                The prediction is corrected so that it obeys each hint (levin.settle).

        Returns:
            a* and b*, (N, 112, 112, 2).

        Raises:
            KitError: nothing is trained yet, or the model takes no hints.
        """
        if not self.epochs_done:
            raise KitError(f"{self.folder} has no finished epoch yet: train it first")
        pred = self._predict(L, hints)
        return pred if hints is None else levin.settle(L, pred, hints)

    def _predict(self, L: LCode, hints: HintPlanes | None) -> Ab:
        return self.trainer.predict(L, hints)

    def digest(self) -> str:
        """Compute the SHA-256 of the trained values: equal only for runs whose values are equal."""
        return self.trainer.digest()

    def _build_trainer(self, train: Split | None) -> Trainer:
        """Build a trainer with the newest checkpoint's values, or a new run's starting values.

        Args:
            train: training faces, on which starting values depend; None to only look at the model.
        """
        trainer = build.build_trainer(self.config, self._journal.precision)
        if self._journal.place == START:
            encoder = build.initialize(trainer, self.config, train)
            self._journal = Journal(encoder=encoder, precision=trainer.policy)
        else:
            self._journal, self.trained_on, values = read_values(
                self._store, self.config, self._journal, self.trained_on
            )
            trainer.restore(values)
        return trainer
