"""The command `train`: start a run, or resume it."""

import argparse

from .. import data, models, profiles
from ..errors import KitError
from ..machine import choose_backend, default_profile, home_folder
from .options import Commands, add_command, add_data_option, data_folder, path, positive, seed

OPTIONS = ("seed", "images", "batch_size")  # fields that have an option of their own


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Train a model; run again to resume."
    example = "train cnn --profile demo --epochs 5 --set dropout=0.2"
    parser = add_command(commands, "train", run, summary, example)
    add = parser.add_argument
    add("model", choices=tuple(models.REGISTRY))
    folder = "folder of the run (default: by model, profile and config, in the home folder)"
    add("--run", type=path, help=folder)
    add_data_option(parser)
    add("--profile", choices=tuple(profiles.PROFILES), help="default: by the device")
    epochs = "epochs in all, earlier sessions included (default: the profile's)"
    add("--epochs", type=positive, metavar="N", help=epochs)
    add("--images", type=positive, metavar="N", help="train on N faces only")
    add("--batch-size", type=positive, metavar="N")
    add("--seed", type=seed, metavar="N", help="seed of weights and order (default 0)")
    settings = "set any field of the model's config"
    add(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help=settings,
    )
    fresh = "start over; the existing run is kept in aside/ beside it"
    add("--fresh", action="store_true", help=fresh)


def run(arguments: argparse.Namespace) -> None:
    """Start or resume a run."""
    choose_backend()
    from .. import runs
    from ..training import run_config

    profile = profiles.get(arguments.profile) if arguments.profile else default_profile()
    overrides = run_config.parse(arguments.model, arguments.settings)
    for name in OPTIONS:
        value = getattr(arguments, name)
        if value is not None and name in overrides:
            raise KitError(f"{name} is set twice, by an option and by --set: expected one of them")
        if value is not None:
            overrides[name] = value
    folder = data.local_copy(data_folder(arguments))
    config = run_config.configure(arguments.model, profile, data.digest(folder), **overrides)
    # The splits come first: a run that can't be trained leaves no folder.
    train, val = data.load_split(folder, "train"), data.load_split(folder, "val")
    run = runs.start(config, profile.name, home_folder(), arguments.run, arguments.fresh)
    run.train(train, val, arguments.epochs or run_config.budget(profile, arguments.model).epochs)
