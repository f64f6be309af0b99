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
from ..errors import KitError, first_line
from ..evaluation import metrics
from ..machine import devices, environment
from ..training import build, run_config
from ..training.segments import Segment
from ..training.trainer import Trainer
from .checkpoints import ABOUT, Place
from .drive_mirror import RunStore, open_store
from .journal import START, Journal, Record, halvings
from .progress import RunBar, epoch_line

SAVE_EVERY = 180  # seconds: a longer epoch is also saved between its segments


class Run:
    """One training of one model. Lesson 4.8.

    Attributes:
        folder: folder of the run.
        config: everything that decides its result.
        name: name in tables and legends.
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
        self._store = open_store(folder) if store is None else store
        self.config = _read_config(self._store)
        self.name = self.config.label
        self._reopen()

    def _reopen(self) -> None:
        """Forget what is in memory, and read what is stored."""
        self._built: Trainer | None = None
        place = self._store.newest()
        self._journal = Journal() if place is None else self._read_journal(place)

    def _read_journal(self, place: Place) -> Journal:
        """Read the journal of a checkpoint; raise KitError if it is of another run."""
        state = self._store.state(place)
        checkpoint = self.folder / place.name
        try:
            saved = run_config.Config.from_json(state["config"])
            journal = Journal.from_json(state["journal"])
        except (ValueError, KeyError, TypeError) as bad:
            raise KitError(
                f"{checkpoint} can't be understood ({bad}): another version of the kit made it"
            ) from None
        if saved != self.config:
            differences = run_config.differences(saved, self.config)
            raise KitError(f"{checkpoint} belongs to another run than {ABOUT} ({differences})")
        return journal

    @property
    def history(self) -> list[Record]:
        """One record an epoch: epoch, mse, accuracy, val_mse, val_accuracy, and the model's own."""
        return self._journal.history

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
            KitError: the run can't be written, or another one has taken its place on Drive.
        """
        # Checked first: a host that has epochs to train would wait for one that has finished.
        devices.check_hosts_agree({"place": np.array(self._journal.place)})
        begins = self._journal.how_it_begins(epochs, self.config.patience)
        print(f"{self.folder.name}: {begins}", flush=True)
        if watch is not None and self.history:
            watch(self.history)
        if not self._is_finished(epochs):
            self._train_epochs(train.take(self.config.images), val, epochs, watch)
        self._store.finish()
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
        # Built again: the model of a new run may have been looked at before it had its
        # starting values, which depend on the training faces.
        self._built = None
        self._built = self._build_trainer(train)
        batches = len(build.batches(self.config, train, 0))  # as many in every epoch
        plans = [self.trainer.plan(epoch, batches) for epoch in range(epochs)]
        try:
            with RunBar(plans, *self._journal.place) as bar:
                while not self._is_finished(epochs):
                    bar.name(self.epochs_done + 1, epochs)
                    self._train_epoch(train, val, plans[self.epochs_done], bar)
                    print(epoch_line(self.history[-1], epochs, self.seconds[-1]), flush=True)
                    if watch is not None:
                        watch(self.history)
        except BaseException:
            # Only what was stored counts, not what is in memory. Drive may be gone too, but what
            # ended the training is what the student must see.
            with contextlib.suppress(KitError):
                self._reopen()
            raise

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
        try:
            self._store.save(journal.place, self.trainer.values(), state)
        except OSError as bad:
            raise KitError(
                f"{self.folder} can't be written ({first_line(bad)}): "
                "make room and run again; what was stored before is kept"
            ) from None
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
            trainer.restore(self._store.load(self._journal.place).arrays)
        return trainer


def _read_config(store: RunStore) -> run_config.Config:
    """Read the config of the run in a store."""
    try:
        about = store.about()
        if about is None:
            command = f"python -m colorkit train cnn --run {store.folder}"
            raise KitError(f"no run in {store.folder}: train one with `{command}`")
        return run_config.Config.from_json(about["config"])
    except (ValueError, KeyError, TypeError) as bad:
        path = store.folder / ABOUT
        raise KitError(
            f"{path} can't be read ({bad}): move the run aside and train it again"
        ) from None
