"""A run: one folder with a config, a history and checkpoints, that can be stopped anywhere and goes on where it was."""

import hashlib
import json
import time
from pathlib import Path

import keras
import numpy as np

from . import baselines, checkpoints, configs, files, metrics, models
from .batches import Batches
from .errors import KitError
from .gan import GAN
from .progress import EpochBar
from .splits import Split
from .supervised import Supervised

CONFIG = "run.json"
PREDICT_BATCH = 32


class Run:
    """One training of one model.

    Attributes:
        folder: where it is kept.
        config: what decides its result.
        history: one dict an epoch: epoch, mse, accuracy, val_mse, val_accuracy, and what the model's trainer adds.
        seconds: how long each epoch took, validation included.
    """

    def __init__(self, folder: Path):
        """Open a run that `start` made.

        Raises:
            KitError: there is none in `folder`, or its config can't be read.
        """
        self.folder = folder
        self._store = checkpoints.Store(folder)
        self._trainer: Supervised | GAN | None = None
        try:
            self.config = configs.Config.from_json(json.loads((folder / CONFIG).read_bytes()))
        except FileNotFoundError:
            raise KitError(f"no run in {folder}: train one with `python -m colorkit train cnn --run {folder}`") from None
        except (ValueError, KeyError, TypeError) as bad:
            raise KitError(f"{folder / CONFIG} can't be read ({bad}): move the run aside and train anew") from None
        state = self._store.state() or {"history": [], "seconds": [], "encoder": None}
        self.history: list[dict] = state["history"]
        self.seconds: list[float] = state["seconds"]
        self.encoder: str | None = state["encoder"]

    @property
    def name(self) -> str:
        """What to call it in tables and legends."""
        return self.config.label

    @property
    def epochs_done(self) -> int:
        """How many epochs are safely stored."""
        return len(self.history)

    def train(self, train: Split, val: Split, epochs: int) -> list[dict]:
        """Train until `epochs` are done, counting those of earlier sessions; save after each.

        The first line printed says whether the run starts, resumes or is finished.

        Args:
            train, val: the splits; of `train` the config's first `images` are used.
            epochs: how many in all.

        Returns:
            The history.
        """
        if self.epochs_done >= epochs:
            print(f"{self.folder.name}: finished, {self.epochs_done} epochs done")
            return self.history
        starts = "starts" if not self.epochs_done else f"resumes at epoch {self.epochs_done + 1}"
        print(f"{self.folder.name}: {starts}, {epochs} epochs in all", flush=True)
        train = train.take(self.config.images)
        self._trainer = None  # a new run's model may have been looked at before it had its starting values
        self._load_trainer(baselines.MeanColor.fit(train).color)
        try:
            for epoch in range(self.epochs_done, epochs):
                self._train_epoch(train, val, epoch, epochs)
                print(_epoch_line(self.history[-1], epochs, self.seconds[-1]), flush=True)
        except BaseException:
            self._trainer = None  # what an interrupted epoch left in memory doesn't count: only what was stored does
            raise
        return self.history

    def _train_epoch(self, train: Split, val: Split, epoch: int, epochs: int) -> None:
        """Train epoch number `epoch` (from 0) of `epochs`, validate, store."""
        began = time.perf_counter()
        batches = Batches(train, self.config.batch_size, self.config.seed, epoch)
        with EpochBar(epoch + 1, epochs, len(batches) * len(self._trainer.optimizers)) as bar:
            record = self._trainer.epoch(batches, [bar]) | self._validate(val)
        record = {"epoch": epoch + 1} | {name: float(value) for name, value in record.items()}
        seconds = round(time.perf_counter() - began, 2)
        self._save([*self.history, record], [*self.seconds, seconds])
        self.history.append(record)
        self.seconds.append(seconds)

    def predict(self, L: np.ndarray) -> np.ndarray:
        """Predict color with the newest checkpoint: L code (N, 112, 112, 1) to a*, b*, float32 (N, 112, 112, 2), CIELAB units.

        Raises:
            KitError: nothing is trained yet.
        """
        if not self.epochs_done:
            raise KitError(f"{self.folder} has no finished epoch yet: train it first")
        return self._load_trainer().predictor.predict(L, batch_size=PREDICT_BATCH, verbose=0)

    @property
    def model(self) -> keras.Model:
        """The colorizer (of a GAN: the generator), with the newest weights."""
        return self._load_trainer().predictor

    def digest(self) -> str:
        """SHA-256 of the trained values alone: equal for two runs exactly when their weights are."""
        digest = hashlib.sha256()
        for model in self._load_trainer().models:
            for weight in model.weights:
                digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
        return digest.hexdigest()

    def _validate(self, val: Split) -> dict[str, float]:
        pred = self._trainer.predictor.predict(val.L, batch_size=PREDICT_BATCH, verbose=0)
        return {
            "val_mse": metrics.mse(pred, val.ab).mean(),
            "val_accuracy": metrics.threshold_accuracy(pred, val.ab).mean(),
        }

    def _load_trainer(self, first_color: np.ndarray | None = None) -> Supervised | GAN:
        """Build the models and optimizers once, and put the newest checkpoint's values into them; without one, start at `first_color`."""
        if self._trainer is not None:
            return self._trainer
        config = self.config
        keras.utils.set_random_seed(config.seed)
        model = models.build_cnn(config.net) if config.model == "cnn" else models.build_resnet(config.net)
        checkpoint = self._store.newest()
        if checkpoint is None:
            self._initialize(model, first_color)
        if config.model == "gan":
            self._trainer = GAN(model, config.net, config.learning_rate)
        else:
            self._trainer = Supervised(model, config.learning_rate)
        if checkpoint is not None:
            self._restore(checkpoint)
        return self._trainer

    def _initialize(self, model: keras.Model, first_color: np.ndarray | None) -> None:
        """Give a new run's model its starting values, beyond the random ones."""
        if first_color is not None:
            models.start_at(model, first_color)
        if self.config.model != "cnn":
            fetched = self.config.net.weights == "imagenet" and models.load_imagenet(model)
            self.encoder = "imagenet" if fetched else "untrained"

    def _variables(self) -> dict[str, list[keras.Variable]]:
        """All that must survive: weights, dropout's seed states (part of a model's variables), and the optimizers' moments."""
        owners = [("model", model) for model in self._trainer.models]
        owners += [("optimizer", optimizer) for optimizer in self._trainer.optimizers]
        return {f"{kind}{number}": owner.variables for number, (kind, owner) in enumerate(owners)}

    def _save(self, history: list[dict], seconds: list[float]) -> None:
        arrays = {
            f"{owner}/{number:04d}": keras.ops.convert_to_numpy(variable)
            for owner, variables in self._variables().items()
            for number, variable in enumerate(variables)
        }
        state = {"history": history, "seconds": seconds, "encoder": self.encoder}
        self._store.save(len(history), arrays, state)

    def _restore(self, checkpoint: checkpoints.Checkpoint) -> None:
        wanted = {f"{owner}/{number:04d}": v for owner, vs in self._variables().items() for number, v in enumerate(vs)}
        saved = checkpoint.arrays
        if wanted.keys() != saved.keys() or any(tuple(v.shape) != saved[key].shape for key, v in wanted.items()):
            raise KitError(f"{self.folder}: the checkpoint holds other variables than the model; another version of the kit made it")
        for key, variable in wanted.items():
            variable.assign(saved[key])


def _epoch_line(record: dict, epochs: int, seconds: float) -> str:
    return (
        f"epoch {record['epoch']}/{epochs}: mse {record['mse']:.1f}, val_mse {record['val_mse']:.1f}, "
        f"within 10 {record['accuracy']:.1%}, val {record['val_accuracy']:.1%} ({seconds:.0f} s)"
    )


def start(config: configs.Config, profile_name: str, home: Path, folder: Path | None = None) -> Run:
    """Open the run of this config, or make it.

    Args:
        config: what decides the result.
        profile_name: stands in the folder's name.
        home: the home folder; the run goes to home/runs/<model>-<profile>-<digest>.
        folder: another place.

    Raises:
        KitError: `folder` holds a run of another config; the message names the fields that differ.
    """
    folder = folder or home / "runs" / f"{config.model}-{profile_name}-{config.digest}"
    if not (folder / CONFIG).exists():
        files.write_json(folder / CONFIG, config.to_json())
    run = Run(folder)
    if run.config != config:
        raise KitError(f"{folder} holds another run ({_differences(run.config, config)}): give another --run, or its own settings")
    return run


def _differences(old: configs.Config, new: configs.Config) -> str:
    def flat(config: configs.Config) -> dict:
        value = config.to_json()
        return value | value.pop("net")

    old_fields, new_fields = flat(old), flat(new)
    names = sorted(old_fields.keys() | new_fields.keys())
    return ", ".join(f"{n} {old_fields.get(n)} there, {new_fields.get(n)} here" for n in names if old_fields.get(n) != new_fields.get(n))


def find(home: Path) -> list[Run]:
    """Every run below `home` with at least one finished epoch, in order of name."""
    opened = [Run(path.parent) for path in sorted((home / "runs").glob(f"*/{CONFIG}"))]
    return [run for run in opened if run.epochs_done]
