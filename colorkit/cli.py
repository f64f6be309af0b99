"""The command line: `python -m colorkit prepare | train | show | evaluate | colorize | check-data`.

Exit status 0 done, 1 failed with one clear line on stderr, 2 usage. Keras is imported only inside the commands that need it.
"""

import argparse
import functools
import sys
from pathlib import Path

from . import environment, files, manifest, profiles, splits
from .errors import KitError

RAW = argparse.RawDescriptionHelpFormatter


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.command(arguments)
    except (KitError, OSError) as bad:  # OSError: a full disk, a folder that may not be written
        if arguments.debug:
            raise
        print(f"colorkit: {bad}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("colorkit: stopped; finished epochs, downloads and pictures are kept, run the same command to go on", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m colorkit", description="Colorize faces: data, training, evaluation.")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, summary: str, example: str) -> argparse.ArgumentParser:
        epilog = f"example:\n  python -m colorkit {example}"
        sub = commands.add_parser(name, help=summary, description=summary, epilog=epilog, formatter_class=RAW)
        sub.set_defaults(command=run)
        return sub

    sub = command("prepare", prepare, "Make the train, val and test splits from faces.", "prepare --source data/faces.zip --out out/data")
    sources = "where the faces are: zips, folders, or names in data_manifest.json such as digiface (default: the kit's own)"
    sub.add_argument("--source", nargs="+", default=["faces"], metavar="ZIP|FOLDER|NAME", help=sources)
    sub.add_argument("--accept-licence", action="store_true", help="agree to the licence of a source that asks for it")
    sub.add_argument("--out", type=Path, help="folder of the splits (default: data/ in the home folder)")
    sub.add_argument("--per-identity", type=_positive, default=1, metavar="K", help="pictures of each identity (default 1)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--limit", type=_positive, metavar="N", help="use N identities only")
    sub.add_argument("--max-bad", type=float, default=0.01, metavar="SHARE", help="stop when more pictures are unusable (default 0.01)")
    sub.add_argument("--processes", type=_positive, metavar="N", help="that decode; the splits don't depend on it (default: all cores)")

    sub = command("train", train, "Train a model; run again to resume.", "train cnn --profile demo --epochs 5 --set dropout=0.2")
    sub.add_argument("model", choices=("cnn", "resnet", "gan", "unet"))
    sub.add_argument("--run", type=Path, help="folder of the run (default: by model, profile and config, in the home folder)")
    _data_option(sub)
    sub.add_argument("--profile", choices=tuple(profiles.PROFILES), help="default: by the device")
    sub.add_argument("--epochs", type=_positive, metavar="N", help="in all, earlier sessions included (default: the profile's)")
    sub.add_argument("--images", type=_positive, metavar="N", help="train on N faces only")
    sub.add_argument("--batch-size", type=_positive, metavar="N")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", dest="settings", help="any field of the model's config")
    sub.add_argument("--fresh", action="store_true", help="begin anew; the run that is there is kept in aside/ beside it")

    sub = command("show", show, "Show a run: config, epochs done, best metrics, digest of the weights.", "show out/runs/cnn-demo-0123abcd")
    sub.add_argument("run", type=Path)

    sub = command("evaluate", evaluate, "Measure runs and the baselines on a split.", "evaluate out/runs/* --grid out/grid.png")
    sub.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    _data_option(sub)
    sub.add_argument("--split", choices=splits.NAMES, default="test")
    sub.add_argument("--audit", action="store_true", help="by apparent skin tone, too")
    sub.add_argument("--json", type=Path, metavar="FILE", help="write all figures as JSON")
    sub.add_argument("--grid", type=Path, metavar="FILE", help="write a picture: truth, input, each run")
    sub.add_argument("--page", type=Path, metavar="FILE", help="write an HTML page: tables, faces, error maps, curves and the audit")

    summary = "Color photographs, at their own size and lightness; writes DIR/<name>.png."
    sub = command("colorize", colorize, summary, "colorize old/album grandmother.jpg --out out/colored")
    pictures = "PNG, JPEG, WebP, TIFF, BMP or GIF; of a folder those that lie right in it"
    sub.add_argument("images", nargs="+", type=Path, metavar="IMAGE|FOLDER", help=pictures)
    sub.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the colored ones; no file that is there is replaced")
    sub.add_argument("--run", type=Path, help="a run that colors in place of the kit's own weights; all know faces only")
    told = "colors for one picture: CSV with the header x,y,color, whose rows are like 120,80,#c08060"
    sub.add_argument("--hints", type=Path, metavar="FILE", help=told)
    box = "color this part only, in pixels of the upright picture from its left upper corner; the model then sees nothing else"
    sub.add_argument("--box", nargs=4, type=int, metavar=("X", "Y", "W", "H"), help=box)

    sub = command("check-data", check_data, "Verify every file of the splits against its manifest.", "check-data --data out/data")
    _data_option(sub)
    return parser


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the splits (default: data/ in the home folder)")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _data(arguments: argparse.Namespace) -> Path:
    return arguments.data or environment.home_folder() / "data"


def prepare(arguments: argparse.Namespace) -> None:
    """The splits, from named sources or from zips and folders."""
    out = arguments.out or environment.home_folder() / "data"
    settings = {name: getattr(arguments, name) for name in ("per_identity", "seed", "limit", "max_bad", "processes")}
    result = splits.prepare(arguments.source, out, _accept if arguments.accept_licence else manifest.ask, **settings)
    counts = ", ".join(f"{name} {entry['images']:,}" for name, entry in result["splits"].items())
    print(f"{counts} faces in {out}")
    if result["skipped"]:
        print(f"{len(result['skipped'])} pictures could not be used; they are listed in {out / splits.MANIFEST}")


def _accept(licence: str) -> bool:
    """Consent given on the command line: the licence is shown all the same."""
    print(licence)
    return True


def train(arguments: argparse.Namespace) -> None:
    """Start or resume a run."""
    environment.choose_backend()
    from . import configs, runs

    profile = profiles.get(arguments.profile) if arguments.profile else environment.default_profile()
    folder = splits.local(_data(arguments))
    overrides = {"seed": arguments.seed} | configs.parse(arguments.model, arguments.settings)
    for name, value in (("images", arguments.images), ("batch_size", arguments.batch_size)):
        if value is not None:
            overrides[name] = value
    config = configs.configure(arguments.model, profile, splits.digest(folder), **overrides)
    run = runs.start(config, profile.name, environment.home_folder(), arguments.run, arguments.fresh)
    epochs = arguments.epochs or configs.budget(profile, arguments.model).epochs
    run.train(splits.load(folder, "train"), splits.load(folder, "val"), epochs)


def show(arguments: argparse.Namespace) -> None:
    """What a run is and how far it came."""
    environment.choose_backend()
    from . import runs

    run = runs.Run(arguments.run)
    for name, value in (run.config.to_json() | run.config.to_json()["net"]).items():
        if name != "net":
            print(f"{name}: {value}")
    print(f"epochs done: {run.epochs_done}")
    if run.history:
        best = min(run.history, key=lambda record: record["val_mse"])
        print(f"best val_mse: {best['val_mse']:.2f} (epoch {best['epoch']}), within 10: {best['val_accuracy']:.1%}")
        print(f"seconds: {sum(run.seconds):.0f}")
        print(f"weights sha256: {run.digest()}")


def evaluate(arguments: argparse.Namespace) -> None:
    """Tables of baselines and runs; the audit, JSON and pictures on demand."""
    environment.choose_backend()
    from . import audit, evaluation, page, plots, runs

    chosen = runs.side_by_side(runs.Run(folder) for folder in arguments.runs)
    folder = splits.local(_data(arguments))
    train, split = (splits.load(folder, name) for name in ("train", arguments.split))
    rows = evaluation.evaluate(chosen, train, split)
    found = {"split": arguments.split, "images": len(split), "rows": rows}
    print(evaluation.to_markdown(rows))
    print("\nMSE on the same faces, with the 95 % interval of the difference:", *evaluation.differences(rows), sep="\n")
    if arguments.audit or arguments.page:
        found["audit"] = audit.report(chosen, train, split)
    if arguments.audit:
        print(f"\n{audit.to_markdown(found['audit'])}", end="")
    if arguments.json:
        files.write_json(arguments.json, found)
    if arguments.grid:
        plots.save(plots.comparison_grid(split, chosen), arguments.grid)
    if arguments.page:
        written = page.to_html(arguments.split, rows, chosen, (train, splits.load(folder, "val"), split), found["audit"])
        files.write_bytes(arguments.page, written.encode())


def colorize(arguments: argparse.Namespace) -> None:
    """Color photographs: a line for each, on stderr for those left out."""
    from . import colorizing, joining, photos

    box = joining.box(*arguments.box) if arguments.box else None
    paths, left_out = photos.find(arguments.images), 0
    for done in colorizing.colorize(paths, arguments.out, _predict(arguments, paths, box), box):
        if isinstance(done, KitError):
            left_out += 1
            print(f"colorkit: {done}", file=sys.stderr)
        else:
            print(done, flush=True)
    if left_out:
        raise KitError(f"{left_out} of {len(paths)} pictures were left out, for the reasons above")


def _predict(arguments: argparse.Namespace, paths: list[Path], box):
    """What colors the photographs: a run, or the weights that ship with the kit; with hints where there are some."""
    from . import hintfiles, weights

    if arguments.hints and len(paths) > 1:
        raise KitError(f"--hints are of one picture, but there are {len(paths)}: give the one that is meant")
    hints = hintfiles.planes(arguments.hints, paths[0], box) if arguments.hints else None
    if arguments.run:
        environment.choose_backend()
        from . import runs

        model = runs.Run(arguments.run)
    else:
        model = weights.load("vivid" if hints is None else "hinted")
    return model.predict if hints is None else functools.partial(model.predict, hints=hints)


def check_data(arguments: argparse.Namespace) -> None:
    """A line for each verified file."""
    for line in splits.verify(_data(arguments)):
        print(line)
