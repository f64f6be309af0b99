"""How well the U-Net colors, and how soon, against the report's three models: all trained for equal time, one after the other.

    python benchmarks/quality.py --grid docs/grid.png  # 2 CPU cores, some 25 minutes; also writes benchmarks/quality.json and the table
    python benchmarks/quality.py --seconds 10 --out /tmp/try.json

Every model trains with the demo profile's settings until its epochs, validation included, have taken --seconds. Temperatures and the scale
of the L2 model are chosen on the validation split; what the table says of error and color was measured on the test split.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
from matplotlib.figure import Figure
from page import HERE, markdown, met, publish

from colorkit import evaluation, machine, models, plots, profiles, runs, training
from colorkit.data import SPLIT_NAMES, Split, digest, load_split, prepare_splits

REPORT = ("cnn", "resnet", "gan")
TRAINED = {  # the demo profile's settings, but for these; the U-Net's learning rate is halved after each epoch without a new best
    "unet, 800 faces": ("unet", {"lr_patience": 1, "images": 800}),  # the CNN's own
    "unet": ("unet", {"lr_patience": 1}),
    "unet classes": ("unet", {"lr_patience": 1, "head": "classes"}),
    **{name: (name, {}) for name in REPORT},
}
EPOCHS = 10_000  # more than there is time for
FACES = 6  # in the picture
DIGITS = {"mse": 2, "colorfulness": 3, "fid": 1, "kid": 1}


class EnoughError(Exception):
    """The time is over."""


def train(name: str, home: Path, data: Path, seconds: float) -> runs.Run:
    """Train until the epochs have taken so long; each one is stored before the clock is looked at."""
    model, settings = TRAINED[name]
    config = training.configure(model, profiles.get("demo"), digest(data), **settings)
    run = runs.start(config, "demo", home)

    def watch(_: list[dict]) -> None:
        if sum(run.seconds) >= seconds:
            raise EnoughError

    with contextlib.suppress(EnoughError):
        run.train(load_split(data, "train"), load_split(data, "val"), EPOCHS, watch)
    return run


def clock(run: runs.Run) -> list[tuple[float, float]]:
    """After each epoch: the seconds trained, and the best validation MSE so far."""
    best = np.minimum.accumulate([record["val_mse"] for record in run.history])
    return list(zip(np.cumsum(run.seconds).tolist(), best.tolist(), strict=True))


def first_below(run: runs.Run, error: float) -> float | None:
    """After how many seconds a run's validation MSE was first no higher; None if it never was."""
    return next((seconds for seconds, best in clock(run) if best <= error), None)


def vivid_ones(
    trained: dict[str, runs.Run], val: Split
) -> dict[str, tuple[evaluation.Predictor, float]]:
    """The colorizers that have something to be chosen, and what was chosen on the validation split."""
    regress, by_class, gan = (trained[name] for name in ("unet", "unet classes", "gan"))
    vivid = evaluation.vividness.temperature(by_class.model, val)
    as_gan = evaluation.vividness.temperature(
        by_class.model, val, evaluation.vividness.ratio(gan.predict(val.L), val)
    )
    at_vivid = models.AtTemperature("vivid", by_class.model, vivid)
    scale = evaluation.vividness.factor(
        regress.predict(val.L), val, evaluation.vividness.ratio(at_vivid.predict(val.L), val)
    )
    return {
        "unet classes, vivid": (at_vivid, vivid),
        "unet classes, as the GAN": (
            models.AtTemperature("as the GAN", by_class.model, as_gan),
            as_gan,
        ),
        "unet, scaled": (evaluation.Scaled("scaled", regress, scale), scale),
    }


def picture(trained: dict[str, runs.Run], vivid: evaluation.Predictor, test: Split) -> Figure:
    """The first test faces, as the report's models and the vivid one color them."""
    labels = {
        "CNN": trained["cnn"],
        "ResNet-50": trained["resnet"],
        "GAN": trained["gan"],
        "vivid U-Net": vivid,
    }
    return plots.comparison_grid(test, list(labels.values()), list(labels), count=FACES)


def judge(predictor: evaluation.Predictor, test: Split) -> dict[str, float]:
    """What is said of a predictor, with as many digits as say something."""
    return {
        name: round(value, DIGITS[name])
        for name, value in evaluation.vividness.judge(predictor, test).items()
    }


def soon(run: runs.Run, rival: runs.Run) -> dict[str, float | None]:
    """When a run reached the best validation MSE of another."""
    error = clock(rival)[-1][1]
    reached = first_below(run, error)
    return {
        "mse": round(error, 2),
        "rival_seconds": round(clock(rival)[-1][0], 1),
        "rival_best_at": round(first_below(rival, error), 1),
        "seconds": None if reached is None else round(reached, 1),
    }


def measure(home: Path, seconds: float, grid: Path | None) -> dict:
    """Train all, and compare; on demand, write the picture."""
    data = home / "data"
    prepare_splits(["faces"], data, lambda _: True)
    trained = {name: train(name, home, data, seconds) for name in TRAINED}
    train_split, val, test = (load_split(data, name) for name in SPLIT_NAMES)
    vivid = vivid_ones(trained, val)
    if grid:
        plots.save(picture(trained, vivid["unet classes, vivid"][0], test), grid)
    fixed = {
        baseline.name: baseline.fit(train_split) for baseline in evaluation.BASELINES
    } | trained
    return {
        "cores": os.cpu_count(),
        "budget": seconds,
        "versions": machine.versions(),
        "parameters": {name: run.model.count_params() for name, run in trained.items()},
        "seconds": {name: round(sum(run.seconds), 1) for name, run in trained.items()},
        "epochs": {name: run.epochs_done for name, run in trained.items()},
        "images": {name: run.config.images for name, run in trained.items()},
        "validation": {
            name: [
                [round(a, 1), round(record["val_mse"], 2)]
                for (a, _), record in zip(clock(run), run.history, strict=True)
            ]
            for name, run in trained.items()
        },
        "soon": {name: soon(trained["unet, 800 faces"], trained[name]) for name in REPORT},
        "test": {name: judge(predictor, test) for name, predictor in fixed.items()}
        | {
            name: judge(predictor, test) | {"chosen": round(chosen, 3)}
            for name, (predictor, chosen) in vivid.items()
        },
    }


def rows(result: dict) -> list[tuple[str, str, str]]:
    """What is in the table."""
    found, test = [], result["test"]
    for name in ("cnn", "resnet"):
        it = result["soon"][name]
        what = f"seconds until the U-Net (800 faces) has the best validation MSE of the {name} ({it['mse']}, trained {it['rival_seconds']} s)"
        good = it["seconds"] is not None and it["seconds"] <= it["rival_seconds"] / 10
        found.append(
            (
                what,
                "never" if it["seconds"] is None else f"{it['seconds']}",
                met(good, "<= 1/10 of its time"),
            )
        )
    for name in REPORT:
        good = test["unet"]["mse"] < test[name]["mse"]
        found.append(
            (
                f"test MSE after equal time: U-Net, {name}",
                f"{test['unet']['mse']}, {test[name]['mse']}",
                met(good, "U-Net lower"),
            )
        )
    vivid, scaled, given_L = (
        test["unet classes, vivid"],
        test["unet, scaled"],
        test[evaluation.MeanColorGivenL.name],
    )
    ratio = vivid["colorfulness"]
    found.append(
        (
            f"vivid, T = {vivid['chosen']}: colorfulness as a share of the truth's",
            f"{ratio}",
            met(0.9 <= ratio <= 1.1, "0.9 to 1.1"),
        )
    )
    found.append(
        (
            "vivid: test MSE; mean color given L",
            f"{vivid['mse']}; {given_L['mse']}",
            met(vivid["mse"] <= given_L["mse"], "no higher"),
        )
    )
    for measure, title in (("mse", "test MSE"), ("fid", "FID"), ("kid", "KID")):
        what = f"vivid: {title}; L2 scaled {scaled['chosen']} times"
        found.append(
            (
                what,
                f"{vivid[measure]}; {scaled[measure]}",
                met(vivid[measure] < scaled[measure], "lower"),
            )
        )
    alike, gan = test["unet classes, as the GAN"], test["gan"]
    what = f"as colorful as the GAN ({alike['colorfulness']}; {gan['colorfulness']}), T = {alike['chosen']}: test MSE; the GAN's"
    found.append((what, f"{alike['mse']}; {gan['mse']}", met(alike["mse"] < gan["mse"], "lower")))
    return found


def table(result: dict) -> str:
    """The figures, the targets, and whether they were met, in Markdown."""
    images = {name: count or "all" for name, count in result["images"].items()}
    runs_of = ", ".join(
        f"{name} {result['epochs'][name]} epochs of {images[name]} faces"
        for name in result["epochs"]
    )
    note = f"{result['budget']:g} s each on {result['cores']} cores ({runs_of}); one seed; "
    return markdown(
        rows(result),
        note + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
    )


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=180, help="how long each model trains")
    parser.add_argument(
        "--home",
        type=Path,
        help="where the runs are kept, which then resume (default: a temporary folder)",
    )
    parser.add_argument(
        "--grid",
        type=Path,
        metavar="FILE",
        help="write a picture: truth, grey, the report's models, the vivid one",
    )
    parser.add_argument("--out", type=Path, default=HERE / "quality.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments.home or Path(folder), arguments.seconds, arguments.grid)
    publish("quality.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
