"""Measure how well the U-Net colors, and how soon, against the report's three models.

    python benchmarks/quality.py --grid docs/grid.png
    python benchmarks/quality.py --seconds 10 --out out/try.json

The first line takes about 25 minutes on 2 CPU cores; it writes the picture,
benchmarks/quality.json and the table.

All models train for equal time, one after the other, with the demo profile's settings, until their
epochs, validation included, have taken --seconds. The temperatures and the scale of the L2 model
are chosen on the validation split. Errors and colors in the table were measured on the test split.
"""

import argparse
import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
from here import HERE
from matplotlib.figure import Figure
from page import Row, list_versions, markdown, met, publish

from colorkit import evaluation, machine, models, plots, profiles, runs, training
from colorkit.data import SPLIT_NAMES, Split, digest, load_split, prepare_splits

REPORT = ("cnn", "resnet", "gan")
# The demo profile's settings, with these changes. The U-Net's learning rate is halved after each
# epoch without a new best; 800 faces are what the CNN gets.
TRAINED = {
    "unet, 800 faces": ("unet", {"lr_patience": 1, "images": 800}),
    "unet": ("unet", {"lr_patience": 1}),
    "unet classes": ("unet", {"lr_patience": 1, "head": "classes"}),
    "cnn": ("cnn", {}),
    "resnet": ("resnet", {}),
    "gan": ("gan", {}),
}
EPOCHS = 10_000  # more than there is time for
FACES = 6  # in the picture
DIGITS = {"mse": 2, "colorfulness": 3, "fid": 1, "kid": 1}


class EnoughError(Exception):
    """The time is over."""


def train(name: str, home: Path, data: Path, seconds: float) -> runs.Run:
    """Train until the epochs have taken this long; each epoch is stored before the clock counts."""
    model, settings = TRAINED[name]
    config = training.configure(model, profiles.get("demo"), digest(data), **settings)
    run = runs.start(config, "demo", home)

    def watch(_: list[dict[str, Any]]) -> None:
        if sum(run.seconds) >= seconds:
            raise EnoughError

    with contextlib.suppress(EnoughError):
        run.train(load_split(data, "train"), load_split(data, "val"), EPOCHS, watch)
    return run


def clock(run: runs.Run) -> list[tuple[float, float]]:
    """Return, for each epoch, the seconds trained and the best validation MSE so far."""
    best = np.minimum.accumulate([record["val_mse"] for record in run.history])
    return list(zip(np.cumsum(run.seconds).tolist(), best.tolist(), strict=True))


def first_below(run: runs.Run, error: float) -> float | None:
    """Return after how many seconds a run's validation MSE was first no higher; None if never."""
    return next((seconds for seconds, best in clock(run) if best <= error), None)


def vivid_ones(
    trained: dict[str, runs.Run], val: Split
) -> dict[str, tuple[evaluation.Predictor, float]]:
    """Choose what can be chosen on the validation split.

    Returns:
        Predictors by name, each with its temperature or its scale.
    """
    vividness = evaluation.vividness
    regress = trained["unet"]
    by_class = trained["unet classes"]
    vivid = vividness.temperature(by_class.model, val)
    at_vivid = models.AtTemperature("vivid", by_class.model, vivid)

    gan_ratio = vividness.ratio(trained["gan"].predict(val.L), val)
    as_gan = vividness.temperature(by_class.model, val, gan_ratio)
    at_gan = models.AtTemperature("as the GAN", by_class.model, as_gan)

    vivid_ratio = vividness.ratio(at_vivid.predict(val.L), val)
    scale = vividness.factor(regress.predict(val.L), val, vivid_ratio)
    scaled = evaluation.Scaled("scaled", regress, scale)
    return {
        "unet classes, vivid": (at_vivid, vivid),
        "unet classes, as the GAN": (at_gan, as_gan),
        "unet, scaled": (scaled, scale),
    }


def picture(trained: dict[str, runs.Run], vivid: evaluation.Predictor, test: Split) -> Figure:
    """Draw the first test faces, as the report's models and the vivid one color them."""
    labels = {
        "CNN": trained["cnn"],
        "ResNet-50": trained["resnet"],
        "GAN": trained["gan"],
        "vivid U-Net": vivid,
    }
    return plots.comparison_grid(test, list(labels.values()), list(labels), count=FACES)


def judge(predictor: evaluation.Predictor, test: Split) -> dict[str, float]:
    """Measure a predictor; keep only digits that mean something."""
    measured = evaluation.vividness.judge(predictor, test)
    return {name: round(value, DIGITS[name]) for name, value in measured.items()}


def soon(run: runs.Run, rival: runs.Run) -> dict[str, float | None]:
    """Measure when a run reached the best validation MSE of another."""
    seconds, error = clock(rival)[-1]
    reached = first_below(run, error)
    return {
        "mse": round(error, 2),
        "rival_seconds": round(seconds, 1),
        "rival_best_at": round(first_below(rival, error), 1),
        "seconds": None if reached is None else round(reached, 1),
    }


def validation(run: runs.Run) -> list[list[float]]:
    """Return, for each epoch, the seconds trained and its validation MSE."""
    seconds = np.cumsum(run.seconds).tolist()
    errors = [record["val_mse"] for record in run.history]
    return [[round(s, 1), round(mse, 2)] for s, mse in zip(seconds, errors, strict=True)]


def measure(home: Path, seconds: float, grid: Path | None) -> dict[str, Any]:
    """Train all models and compare them.

    Args:
        home: folder for the splits and the runs.
        seconds: time that each model trains.
        grid: file of the picture; None writes none.
    """
    data = home / "data"
    prepare_splits(["faces"], data, lambda _: True)
    trained = {name: train(name, home, data, seconds) for name in TRAINED}
    train_split, val, test = (load_split(data, name) for name in SPLIT_NAMES)
    vivid = vivid_ones(trained, val)
    if grid:
        plots.save(picture(trained, vivid["unet classes, vivid"][0], test), grid)
    fitted = {baseline.name: baseline.fit(train_split) for baseline in evaluation.BASELINES}
    judged = {name: judge(predictor, test) for name, predictor in (fitted | trained).items()}
    for name, (predictor, chosen) in vivid.items():
        judged[name] = judge(predictor, test) | {"chosen": round(chosen, 3)}
    first = trained["unet, 800 faces"]
    return {
        "cores": os.cpu_count(),
        "budget": seconds,
        "versions": machine.versions(),
        "parameters": {name: run.model.count_params() for name, run in trained.items()},
        "seconds": {name: round(sum(run.seconds), 1) for name, run in trained.items()},
        "epochs": {name: run.epochs_done for name, run in trained.items()},
        "images": {name: run.config.images for name, run in trained.items()},
        "validation": {name: validation(run) for name, run in trained.items()},
        "soon": {name: soon(first, trained[name]) for name in REPORT},
        "test": judged,
    }


def rows(result: dict[str, Any]) -> list[Row]:
    """Return the rows of the table."""
    test = result["test"]
    found = [row_of_time(name, result["soon"][name]) for name in ("cnn", "resnet")]
    for name in REPORT:
        ours = test["unet"]["mse"]
        theirs = test[name]["mse"]
        what = f"test MSE after equal time: U-Net, {name}"
        found.append((what, f"{ours}, {theirs}", met(ours < theirs, "U-Net lower")))
    return found + rows_of_vivid(test)


def row_of_time(name: str, soon: dict[str, float | None]) -> Row:
    """Return the table's row of when the U-Net is as good as one of the report's models."""
    rival = f"the best validation MSE of the {name} ({soon['mse']}"
    what = f"seconds until the U-Net (800 faces) has {rival}, trained {soon['rival_seconds']} s)"
    seconds = soon["seconds"]
    good = seconds is not None and seconds <= soon["rival_seconds"] / 10
    value = "never" if seconds is None else f"{seconds}"
    return what, value, met(good, "<= 1/10 of its time")


def rows_of_vivid(test: dict[str, Any]) -> list[Row]:
    """Return the table's rows of the vivid model."""
    vivid = test["unet classes, vivid"]
    scaled = test["unet, scaled"]
    given_L = test[evaluation.MeanColorGivenL.name]
    alike = test["unet classes, as the GAN"]
    gan = test["gan"]

    ratio = vivid["colorfulness"]
    what = f"vivid, T = {vivid['chosen']}: colorfulness as a share of the truth's"
    found = [(what, f"{ratio}", met(0.9 <= ratio <= 1.1, "0.9 to 1.1"))]

    what = "vivid: test MSE; mean color given L"
    target = met(vivid["mse"] <= given_L["mse"], "no higher")
    found.append((what, f"{vivid['mse']}; {given_L['mse']}", target))

    for measure, title in (("mse", "test MSE"), ("fid", "FID"), ("kid", "KID")):
        what = f"vivid: {title}; L2 scaled {scaled['chosen']} times"
        target = met(vivid[measure] < scaled[measure], "lower")
        found.append((what, f"{vivid[measure]}; {scaled[measure]}", target))

    ratios = f"{alike['colorfulness']}; {gan['colorfulness']}"
    what = f"as colorful as the GAN ({ratios}), T = {alike['chosen']}: test MSE; the GAN's"
    target = met(alike["mse"] < gan["mse"], "lower")
    found.append((what, f"{alike['mse']}; {gan['mse']}", target))
    return found


def table(result: dict[str, Any]) -> str:
    """Write the values, the targets, and whether they were met, in Markdown."""
    trained = []
    for name, epochs in result["epochs"].items():
        faces = result["images"][name] or "all"
        trained.append(f"{name} {epochs} epochs of {faces} faces")
    budget = f"{result['budget']:g} s each on {result['cores']} cores ({', '.join(trained)})"
    note = f"{budget}; one seed; {list_versions(result['versions'])}."
    return markdown(rows(result), note)


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--seconds", type=float, default=180, help="how long each model trains")
    home = "where the runs are kept, which then resume (default: a temporary folder)"
    add("--home", type=Path, help=home)
    grid = "write a picture: truth, grey, the report's models, the vivid one"
    add("--grid", type=Path, metavar="FILE", help=grid)
    add("--out", type=Path, default=HERE / "quality.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments.home or Path(folder), arguments.seconds, arguments.grid)
    publish("quality.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
