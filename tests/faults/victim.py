"""A training process for test_kill to kill. Its run is on a stand-in for Drive, in a folder named room.

Whatever can be stored is: a leg is one batch, and a checkpoint falls after each.
"""

import os
import sys
from pathlib import Path

import keras
from helpers import small_encoder, small_unet, tiny_config

from colorkit import environment, legs, runs, splits, trainers

CONFIGS = {
    "cnn": tiny_config("cnn", dropout=0.3, dropout_at=("bottleneck", "dense")),
    "resnet": tiny_config("resnet", dropout=0.3, fine_tune=True),
    "gan": tiny_config("gan", dropout=0.3, fine_tune=True),
    "nogan": tiny_config("gan", dropout=0.3, fine_tune=True, schedule="nogan", pretrain=1, images=7),
    "averaged": tiny_config("nogan", images=7),
}


def train(data: Path, room: Path, model: str, epochs: int) -> None:
    """Begin the run, or go on with it."""
    legs.BATCHES, runs.SAVE_EVERY = 1, 0
    keras.applications.ResNet50, trainers.UNetConfig = small_encoder, small_unet
    environment.DRIVE, environment.check_drive = room / "drive", lambda: None
    environment.scratch_folder = lambda: room / "machine"
    (room / "drive" / "MyDrive").mkdir(parents=True, exist_ok=True)
    run = runs.start(CONFIGS[model], "x", room, room / "drive" / "MyDrive" / "run")
    run.train(splits.load(data, "train"), splits.load(data, "val"), epochs)


def train_with_log(log: Path, *arguments) -> None:
    """The same, as a process: all that it prints is in its log at once."""
    descriptor = os.open(log, os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    train(*arguments)
