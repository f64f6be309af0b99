"""The command `show`: print what a run is."""

import argparse

from ..machine import choose_backend, console
from .options import DIVERGED, Commands, add_command, path


def add_to(commands: Commands) -> None:
    """Add the command and its options."""
    summary = "Show a run: config, epochs done, best metrics, digest of the weights."
    parser = add_command(commands, "show", run, summary, "show out/runs/cnn-demo-0123abcd")
    parser.add_argument("run", type=path)


def run(arguments: argparse.Namespace) -> None:
    """Print a run's config and how far it came."""
    choose_backend()
    from ..runs import Run
    from ..runs.journal import best

    shown = Run(arguments.run)
    fields = shown.config.to_json()
    fields |= fields.pop("net")
    if shown.used_config != shown.config:
        fields["images"] = f"{shown.used_config.images}, of {shown.config.images} asked for"
    for name, value in fields.items():
        console.say(f"{name}: {value}")
    console.say(f"epochs done: {shown.epochs_done}")
    if not shown.history:
        return
    record = best(shown.history)
    accuracy = f"within 10: {record['val_accuracy']:.1%}"
    console.say(f"best val_mse: {record['val_mse']:.2f} (epoch {record['epoch']}), {accuracy}")
    console.say(f"seconds: {sum(shown.seconds):.0f}")
    console.say(f"weights sha256: {shown.digest()}")
    if not shown.trainer.is_finite():
        console.say(f"weights: {DIVERGED}")
