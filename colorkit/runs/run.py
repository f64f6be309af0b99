"""A run: one folder with a config, a history and checkpoints, that can be stopped anywhere and goes on where it was."""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..color import levin
from ..data.splits import Split
from ..errors import KitError, first_line
from ..evaluation import metrics
from ..machine import devices, drive, environment
from ..training import build, run_config
from ..training.segments import Segment
from ..training.trainer import Trainer
from . import checkpoints, drive_mirror
from .journal import START, Journal, halvings
from .progress import RunBar, epoch_line
from .storage import Disk

SAVE_EVERY = 180  # seconds: a longer epoch is saved between its legs too


class Run:
    """One training of one model.

    Attributes:
        folder: where it is kept.
        config: what decides its result.
        name: what to call it in tables and legends.
    """

    def __init__(self, folder: Path):
        """Open a run that `start` made.

        Raises:
            KitError: there is none in `folder`, its config can't be read, its checkpoints are another config's, or Drive is gone.
        """
        self.folder = folder
        self._store = drive_mirror.open_store(folder)
        self.config = _read_config(self._store)
        self.name = self.config.label
        self._reopen()

    def _reopen(self) -> None:
        """Know what is stored, and nothing else."""
        self._trainer: Trainer | None = None
        place = self._store.newest()
        self._journal = Journal() if place is None else self._read_journal(place)

    def _read_journal(self, place: checkpoints.Place) -> Journal:
        """What a checkpoint says, if it is of this run."""
        state = self._store.state(place)
        try:
            saved, journal = (
                run_config.Config.from_json(state["config"]),
                Journal.from_json(state["journal"]),
            )
        except (ValueError, KeyError, TypeError) as bad:
            raise KitError(
                f"{self.folder / place.name} can't be understood ({bad}): another version of the kit made it"
            ) from None
        if saved != self.config:
            raise KitError(
                f"{self.folder / place.name} is of another run than run.json ({run_config.differences(saved, self.config)})"
            )
        return journal

    @property
    def history(self) -> list[dict]:
        """One dict an epoch: epoch, mse, accuracy, val_mse, val_accuracy, and what the model's trainer adds."""
        return self._journal.history

    @property
    def seconds(self) -> list[float]:
        """How long each epoch took, validation included."""
        return self._journal.seconds

    @property
    def encoder(self) -> str | None:
        """What ResNet-50 started as: "imagenet" or "untrained"; None for the CNN."""
        return self._journal.encoder

    @property
    def epochs_done(self) -> int:
        """How many epochs are safely stored."""
        return len(self.history)

    def train(
        self,
        train: Split,
        val: Split,
        epochs: int,
        watch: Callable[[list[dict]], Any] | None = None,
    ) -> list[dict]:
        """Train until `epochs` are done, counting those of earlier sessions; save after each, and within long ones.

        The first line printed says whether the run starts, resumes or is finished.

        Args:
            train, val: the splits; of `train` the config's first `images` are used.
            epochs: how many in all; the config's `patience` may end the run earlier.
            watch: called with the history after every epoch, and at once where there is one already.

        Returns:
            The history.
        """
        watch = watch or (lambda history: None)
        devices.check_hosts_agree(
            {"place": np.array(self._journal.place)}
        )  # before one waits for another that has finished
        print(
            f"{self.folder.name}: {self._journal.how_it_begins(epochs, self.config.patience)}",
            flush=True,
        )
        if self.history:
            watch(self.history)
        if not self._journal.is_finished(epochs, self.config.patience):
            train = train.take(self.config.images)
            self._trainer = (
                None  # a new run's model may have been looked at before it had its starting values
            )
            self._load_trainer(train)
            plans = [
                self._trainer.plan(epoch, len(build.batches(self.config, train, epoch)))
                for epoch in range(epochs)
            ]
            try:
                with RunBar(plans, *self._journal.place) as bar:
                    while not self._journal.is_finished(epochs, self.config.patience):
                        bar.name(self.epochs_done + 1, epochs)
                        self._train_epoch(train, val, plans[self.epochs_done], bar)
                        print(epoch_line(self.history[-1], epochs, self.seconds[-1]), flush=True)
                        watch(self.history)
            except BaseException:
                with contextlib.suppress(
                    KitError
                ):  # Drive may be gone too; what ended the training is what matters
                    self._reopen()  # only what was stored counts, not what is in memory
                raise
        self._store.finish()
        return self.history

    def _train_epoch(self, train: Split, val: Split, plan: list[Segment], bar: RunBar) -> None:
        """Train the next epoch by its plan, or what is left of it, validate, store."""
        journal, saved = self._journal, time.perf_counter()
        began = saved - journal.spent  # as if the epoch had never been interrupted
        batches = build.batches(self.config, train, self.epochs_done)
        self._trainer.set_learning_rates(0.5 ** halvings(self.history, self.config.lr_patience))
        for leg in plan[journal.legs :]:
            results = self._trainer.train_on_devices(leg, batches, [bar])
            journal = journal.after_leg(results, time.perf_counter() - began)
            if journal.legs < len(plan) and time.perf_counter() - saved >= SAVE_EVERY:
                self._save(journal)
                saved = time.perf_counter()
        record = self._trainer.record(journal.results) | self._validate(val)
        self._save(journal.after_epoch(record, time.perf_counter() - began))

    def predict(self, L: np.ndarray, hints: np.ndarray | None = None) -> np.ndarray:
        """Predict color with the newest checkpoint: L code (N, 112, 112, 1) to a*, b*, float32 (N, 112, 112, 2), CIELAB units.

        A model that takes hints may be given them, float32 (N, 112, 112, 3), hints.hint_planes of each face; None is for no hints. What it
        misses at them is made up for (levin.settle): a hint is obeyed.

        Raises:
            KitError: nothing is trained yet, or the model takes no hints.
        """
        if not self.epochs_done:
            raise KitError(f"{self.folder} has no finished epoch yet: train it first")
        pred = self._predict(L, hints)
        return pred if hints is None else levin.settle(L, pred, hints)

    def _predict(self, L: np.ndarray, hints: np.ndarray | None) -> np.ndarray:
        return self._load_trainer().predict(L, hints)

    @property
    def model(self) -> keras.Model:
        """The colorizer (of a GAN: the generator), with the newest weights."""
        return self._load_trainer().predictor

    def digest(self) -> str:
        """SHA-256 of the trained values alone: equal for two runs exactly when their weights are."""
        return self._load_trainer().digest()

    def _validate(self, val: Split) -> dict[str, float]:
        pred, ab = self._predict(val.L, build.hints_for(self.config, val)), val.ab
        return {
            "val_mse": metrics.mse(pred, ab).mean(),
            "val_accuracy": metrics.threshold_accuracy(pred, ab).mean(),
        } | self._trainer.judge(val.L, pred, ab)

    def _load_trainer(self, train: Split | None = None) -> Trainer:
        """Build the trainer once, with the newest checkpoint's values; without one, with starting values, by `train`."""
        if self._trainer is None:
            trainer = build.build_trainer(self.config, self._journal.precision)
            if self._journal.place == START:
                encoder = build.initialize(trainer, self.config, train)
                self._journal = Journal(encoder=encoder, precision=trainer.policy)
            else:
                trainer.restore(self._store.load(self._journal.place).arrays)
            self._trainer = trainer
        return self._trainer

    def _save(self, journal: Journal) -> None:
        state = {
            "journal": asdict(journal),
            "config": self.config.to_json(),
            "versions": environment.versions(),
        }
        try:
            self._store.save(journal.place, self._trainer.values(), state)
        except OSError as bad:
            raise KitError(
                f"{self.folder} can't be written ({first_line(bad)}): make room and run again; what was stored before is kept"
            ) from None
        self._journal = journal


def _read_config(store: checkpoints.Store | drive_mirror.DriveMirror) -> run_config.Config:
    """The config of the run in a store."""
    path = store.folder / checkpoints.ABOUT
    try:
        about = store.about()
        if about is None:
            raise KitError(
                f"no run in {store.folder}: train one with `python -m colorkit train cnn --run {store.folder}`"
            )
        return run_config.Config.from_json(about["config"])
    except (ValueError, KeyError, TypeError) as bad:
        raise KitError(f"{path} can't be read ({bad}): move the run aside and train anew") from None


def start(
    config: run_config.Config,
    profile_name: str,
    home: Path,
    folder: Path | None = None,
    fresh: bool = False,
) -> Run:
    """Open the run of this config, or make it.

    Args:
        config: what decides the result.
        profile_name: stands in the folder's name.
        home: the home folder; the run goes to home/runs/<model>-<profile>-<digest>.
        folder: another place.
        fresh: begin anew; a run that is there is kept in `aside/` beside it.

    Raises:
        KitError: `folder` holds a run of another config; the message names the fields that differ.
    """
    folder = folder or home / "runs" / f"{config.model}-{profile_name}-{config.digest}"
    store = drive_mirror.open_store(folder)
    exists = store.exists()
    if exists and fresh:
        print(f"the run that was here is kept in {store.set_aside()}")
    if fresh or not exists:
        store.write_about({"id": uuid.uuid4().hex, "config": config.to_json()})
    run = Run(folder)
    if run.config != config:
        differences = run_config.differences(run.config, config)
        raise KitError(
            f"{folder} holds another run ({differences}): give another --run, its own settings, or --fresh"
        )
    return run


def find(home: Path) -> list[Run]:
    """Every run below `home` with at least one finished epoch, in order of folder; of those on the same data, no two have one name.

    Raises:
        KitError: `home` is on Drive, and Drive is gone.
    """
    drive.require_sight(home)
    try:
        folders = [home / "runs" / name for name in Disk().names(home / "runs")]
    except OSError as bad:  # which globbing would take for nothing there
        raise KitError(f"{home} can't be read ({first_line(bad)}): run this again") from None
    opened = [Run(folder) for folder in folders if drive_mirror.open_store(folder).exists()]
    return side_by_side(run for run in opened if run.epochs_done)


def side_by_side(runs: Iterable[Run]) -> list[Run]:
    """The runs, called so that of those on the same data no two share a name."""
    found = list(runs)
    for run, name in zip(
        found, run_config.names([(run.folder.name, run.config) for run in found]), strict=True
    ):
        run.name = name
    return found
