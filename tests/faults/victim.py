"""Train in a process that test_kill kills: `python victim.py DATA ROOM MODEL EPOCHS`.

The run is on a stand-in for Drive, in ROOM. It saves as often as it can: a segment is one batch,
and every segment is followed by a checkpoint.
"""

import sys
from pathlib import Path

import keras
from helpers import small_encoder, small_unet, tiny_config

from colorkit.data import splits
from colorkit.machine import drive
from colorkit.models import unet
from colorkit.runs import run as run_module
from colorkit.runs import start
from colorkit.training import segments

CONFIGS = {
    "cnn": tiny_config("cnn", dropout=0.3, dropout_at=("bottleneck", "dense")),
    "resnet": tiny_config("resnet", dropout=0.3, fine_tune=True),
    "gan": tiny_config("gan", dropout=0.3, fine_tune=True),
    "nogan": tiny_config(
        "gan", dropout=0.3, fine_tune=True, schedule="nogan", pretrain=1, images=7
    ),
    "averaged": tiny_config("nogan", images=7),
}


def train(data: Path, room: Path, model: str, epochs: int) -> None:
    """Start the run, or resume it."""
    segments.BATCHES = 1
    run_module.SAVE_EVERY = 0
    keras.applications.ResNet50 = small_encoder
    unet.build_unet = small_unet
    drive.DRIVE = room / "drive"
    drive.check_drive = lambda: None
    drive.scratch_folder = lambda: room / "machine"
    (room / "drive" / "MyDrive").mkdir(parents=True, exist_ok=True)
    run = start(CONFIGS[model], "x", room, room / "drive" / "MyDrive" / "run")
    run.train(splits.load_split(data, "train"), splits.load_split(data, "val"), epochs)


if __name__ == "__main__":
    train(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
