"""The command `evaluate`: which runs it measures, on whom, and what it writes."""

import json
import shutil
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from elsewhere import ignore_case
from helpers import FACES, tiny_config, write_zip
from PIL import Image

from colorkit import cli
from colorkit.cli import options as cli_options
from colorkit.data import prepare, splits
from colorkit.runs import Run, checkpoints, start
from colorkit.training import build


@pytest.fixture(scope="module")
def one_epoch(tmp_path_factory, data, train, val) -> Path:
    """The folder of a CNN after one epoch on more faces than there are. Read only."""
    config = tiny_config("cnn", splits.digest(data), images=999_999, batch_size=16)
    run = start(config, "x", tmp_path_factory.mktemp("one"))
    run.train(train, val, 1)
    return run.folder


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory, train, val, data) -> Path:
    """Splits of the same 40 people in another order: 4 of its 4 test faces may be known."""
    test = splits.load_split(data, "test")
    people = {*train.identities, *val.identities, *test.identities}
    with zipfile.ZipFile(FACES) as archive:
        members = {
            name: archive.read(name) for name in archive.namelist() if name.split("/")[0] in people
        }
    room = tmp_path_factory.mktemp("shuffled")
    prepare.build_splits([write_zip(room / "again.zip", members)], room / "data", seed=7)
    return room / "data"


@pytest.fixture
def run(tmp_path, one_epoch) -> str:
    return str(shutil.copytree(one_epoch, tmp_path / "runs" / one_epoch.name))


def evaluate(capsys, *arguments) -> tuple[int, str, str]:
    """Run the command; return its status and what it printed on stdout and stderr."""
    capsys.readouterr()
    status = cli.main(["evaluate", *map(str, arguments)])
    return status, *capsys.readouterr()


def list_names(printed: str) -> set[str]:
    """List the predictors of the first table, without the four baselines."""
    rows = printed.split("\n\n")[0].splitlines()[2:]
    return {line.split("|")[1].strip() for line in rows[4:]}


def count_seen(folder: Path, name: str, train: splits.Split) -> int:
    return len({*splits.load_split(folder, name).identities} & {*train.identities})


@pytest.mark.slow
def test_people_of_the_training_are_not_judged_without_a_word(
    run, shuffled, train, tmp_path, capsys
):
    seen = count_seen(shuffled, "test", train)
    assert 0 < seen <= 4
    files = [tmp_path / "t.json", "--grid", tmp_path / "g.png", "--page", tmp_path / "p.html"]
    command = [run, "--data", shuffled, "--json", *files]
    status, printed, error = evaluate(capsys, *command)
    assert (status, printed) == (1, "")
    assert error == (
        f"colorkit: people of test were in the training of {Run(Path(run)).name} ({seen} of 4): "
        "train on these splits, give the run's own with --data, or --seen-people "
        "to measure what it knows by heart\n"
    )
    assert not (tmp_path / "t.json").exists()

    status, printed, error = evaluate(capsys, *command, "--seen-people")
    assert (status, error) == (0, "")
    (name,) = list_names(printed)
    assert name == f"{Run(Path(run)).name}, trained on {seen} of these 4 people"
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["rows"][-1]["name"] == name
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert page.count(", 32 images") == page.count(f", {name.split(', ', 1)[1]}") > 2


@pytest.mark.slow
def test_a_run_is_judged_on_its_own_splits_in_silence(run, data, capsys):
    status, printed, error = evaluate(capsys, run, "--data", data)
    assert (status, error) == (0, "")
    assert list_names(printed) == {Run(Path(run)).name}
    assert "999999" not in printed
    assert ", 32 images" in printed


@pytest.mark.slow
def test_on_the_training_split_seen_people_are_the_point(run, data, capsys):
    status, printed, error = evaluate(capsys, run, "--data", data, "--split", "train")
    assert (status, error) == (0, "")
    assert list_names(printed) == {f"{Run(Path(run)).name}, trained on 32 of these 32 people"}


def forget(run: str) -> None:
    """Make a run one of an older version, which doesn't say whom it was trained on."""
    store = checkpoints.Store(Path(run))
    saved = store.load(store.newest())
    del saved.state["trained_on"]
    store.save(*saved)


@pytest.mark.slow
def test_an_older_run_is_judged_and_what_it_does_not_say_is_said(run, data, shuffled, capsys):
    forget(run)
    status, printed, error = evaluate(capsys, run, "--data", data)
    assert (status, error) == (0, "")
    assert ", 32 images" in printed
    status, printed, error = evaluate(capsys, run, "--data", data, "--split", "train")
    assert "trained on 32 of these 32 people" in printed
    status, printed, error = evaluate(capsys, run, "--data", shuffled)
    assert status == 0
    assert error.count("\n") == 1
    assert "doesn't say whom it was trained on" in error


@pytest.mark.slow
def test_other_people_of_the_same_names_are_others(run, tmp_path, train, capsys):
    """Most sources number their people from 0."""
    with zipfile.ZipFile(FACES) as archive:
        pictures = [name for name in archive.namelist() if name.endswith("/0.webp")]
        strangers = [name for name in pictures if name.split("/")[0] not in train.identities]
        members = {
            f"{who}/0.webp": archive.read(name)
            for who, name in zip(train.identities, strangers, strict=False)
        }
    prepare.build_splits([write_zip(tmp_path / "other.zip", members)], tmp_path / "data")
    status, printed, error = evaluate(capsys, run, "--data", tmp_path / "data")
    assert status == 0
    assert "trained on" not in printed
    assert error.count("\n") == 1
    assert "but no picture is the same: they count as others" in error


@pytest.mark.slow
def test_the_pattern_of_the_readme_meets_what_lies_beside_the_runs(run, data, capsys):
    folder = Path(run).parent
    (folder / "aside").mkdir()
    (folder / ".DS_Store").touch()
    status, printed, error = evaluate(capsys, *sorted(folder.iterdir()), "--data", data)
    assert status == 0
    assert len(list_names(printed)) == 1
    assert [line.startswith("colorkit: no run in ") for line in error.splitlines()] == [True] * 2


@pytest.mark.slow
def test_a_damaged_run_is_told_at_the_end_and_the_others_are_measured(run, data, capsys):
    damaged = Path(run).with_name("damaged")
    shutil.copytree(run, damaged)
    (damaged / "run.json").write_text("{", encoding="utf-8")
    status, printed, error = evaluate(capsys, run, damaged, "--data", data)
    assert status == 1
    assert len(list_names(printed)) == 1
    first, last = error.splitlines()
    assert first.startswith(f"colorkit: {damaged}/run.json can't be read (")
    assert last == "colorkit: 1 of the runs could not be measured, for the reasons above"


def test_nothing_is_left_to_measure(run, data, capsys):
    (Path(run) / "run.json").write_text("{", encoding="utf-8")
    (Path(run).parent / "notes.txt").touch()
    status, printed, error = evaluate(capsys, *Path(run).parent.iterdir(), "--data", data)
    assert (status, printed) == (1, "")
    assert error.count("\n") == 3
    assert error.endswith("colorkit: there is no run to measure, for the reasons above\n")


@pytest.mark.slow
def test_runs_of_one_name_on_other_data_stand_apart(run, tmp_path, train, val, data, capsys):
    """In one table they are told apart by their folders."""
    config = tiny_config("cnn", "other splits", images=32, batch_size=16)
    other = start(config, "x", tmp_path, tmp_path / "other")
    other.train(train, val, 1)
    status, printed, _ = evaluate(capsys, run, other.folder, "--data", data)
    assert status == 0
    name = Run(Path(run)).name
    assert list_names(printed) == {f"{name}, {folder}" for folder in (run, other.folder)}


@pytest.mark.slow
def test_the_same_run_twice_is_one_row(run, data, capsys):
    status, printed, error = evaluate(capsys, run, f"{run}/", "--data", data)
    assert status == 0
    assert printed.count(f"| {Run(Path(run)).name} |") == 2  # in two tables
    assert error == f"colorkit: {run} is named twice: it counts once\n"


@pytest.mark.parametrize("option", ["--json", "--grid", "--page"])
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("folder.png", "(Is a directory): name a file, not a folder"),
        ("file/x.png", "(Not a directory): choose a path through folders only"),
        (f"{'x' * 300}.png", "(File name too long): choose a shorter name"),
    ],
)
def test_what_can_not_be_written_is_said_before_the_work(
    run, data, tmp_path, monkeypatch, capsys, option, place, reason
):
    monkeypatch.setattr(build, "build_trainer", lambda *_: pytest.fail("it works"))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    target = tmp_path / place
    status, printed, error = evaluate(capsys, run, "--data", data, option, target)
    assert (status, printed) == (1, "")
    assert error == f"colorkit: {target} can't be written {reason} and run again\n"


@pytest.mark.parametrize("name", ["x.bmp", "x", "x.png.gif"])
def test_a_picture_of_another_ending_is_refused_before_the_work(
    run, data, tmp_path, monkeypatch, capsys, name
):
    monkeypatch.setattr(build, "build_trainer", lambda *_: pytest.fail("it works"))
    status, printed, error = evaluate(capsys, run, "--data", data, "--grid", tmp_path / name)
    assert (status, printed) == (1, "")
    assert "expected a name that ends in .png, .jpg, .jpeg, .webp, .pdf, got " in error


@pytest.mark.needs("links")
def test_two_outputs_in_one_file_are_refused(run, data, tmp_path, capsys):
    (tmp_path / "link").symlink_to(tmp_path)
    outputs = ["--json", tmp_path / "x.png", "--grid", tmp_path / "link" / "x.png"]
    status, printed, error = evaluate(capsys, run, "--data", data, *outputs)
    assert (status, printed) == (1, "")
    assert error.endswith("x.png: --json and --grid can't go to the same file\n")


@pytest.mark.needs("cases")
def test_two_spellings_of_one_output_are_refused(run, data, tmp_path, capsys, monkeypatch):
    (tmp_path / "x.png").touch()
    ignore_case(monkeypatch)
    outputs = ["--json", tmp_path / "x.png", "--grid", tmp_path / "X.png"]
    status, printed, error = evaluate(capsys, run, "--data", data, *outputs)
    assert (status, printed) == (1, "")
    assert error.endswith("X.png: --json and --grid can't go to the same file\n")


@pytest.mark.slow
def test_the_grid_is_what_its_ending_says(run, data, tmp_path, capsys):
    target = tmp_path / "new" / "x.JPG"
    assert evaluate(capsys, run, "--data", data, "--grid", target)[0] == 0
    with Image.open(target) as image:
        assert image.format == "JPEG"


@pytest.mark.slow
def test_a_run_that_has_diverged_is_named_and_its_json_is_json(run, data, tmp_path, capsys):
    store = checkpoints.Store(Path(run))
    found = store.load(store.newest())
    arrays = {
        name: np.full_like(each, np.nan) if each.dtype.kind == "f" else each
        for name, each in found.arrays.items()
    }
    store.save(found.place, arrays, found.state)
    target = tmp_path / "e.json"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        status, _, error = evaluate(
            capsys, run, "--data", data, "--json", target, "--page", tmp_path / "p.html"
        )
    assert status == 0
    assert [str(each.message) for each in caught if each.category is RuntimeWarning] == []
    assert error == f"colorkit: {run}: {cli_options.DIVERGED}\n"

    def refuse(constant: str) -> None:
        raise AssertionError(f"not JSON: {constant}")

    json.loads(target.read_text(encoding="utf-8"), parse_constant=refuse)
    assert cli.main(["show", run]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"weights: {cli_options.DIVERGED}"
