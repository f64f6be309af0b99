import json
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from helpers import FACES, KIT, flip_byte, link_folder, people, write_zip
from hosts import Host

from colorkit import cli, color, errors, photos
from colorkit.data import manifest_file, prepare, splits
from colorkit.machine import drive
from colorkit.photos import full_size, hint_file, image_files, weights
from colorkit.runs import Run, find

COMMANDS = ("prepare", "train", "show", "evaluate", "colorize", "check-data")
TINY = ["--set", "encoder=4,8,8", "decoder=8,4,4", "dense=4"]


@pytest.fixture
def prepared(home, data):
    """A home folder whose splits are the small ones."""
    home.mkdir()
    link_folder(home / "data", data)
    return home


def train(*more: str) -> int:
    return cli.main(
        ["train", "cnn", "--profile", "smoke", "--images", "8", "--batch-size", "4", *TINY, *more]
    )


def fails(capsys, *argv: str) -> str:
    """Check that a command fails with status 1 and one line on stderr; return the line."""
    capsys.readouterr()
    assert cli.main(list(argv)) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("colorkit: ")
    assert "Traceback" not in error
    return error


def test_prepare_train_show_evaluate(home, capsys, tmp_path):
    assert cli.main(["prepare", "--limit", "20"]) == 0
    assert capsys.readouterr().out == f"train 16, val 2, test 2 faces in {home / 'data'}\n"

    assert cli.main(["check-data"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "train.pkl",
        "val.pkl",
        "test.pkl",
    ]

    assert train("--epochs", "1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"cnn-smoke-[0-9a-f]{8}: starts, 1 epochs in all", lines[0])
    assert lines[1].startswith("epoch 1/1: mse ")
    assert train("--epochs", "2") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": resumes at epoch 2, 2 epochs in all")
    assert [line[:9] for line in lines[1:]] == ["epoch 2/2"]
    assert train("--epochs", "2") == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(": finished, 2 epochs done")

    (run,) = find(home)
    assert cli.main(["show", str(run.folder)]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "epochs done: 2" in shown
    assert f"weights sha256: {run.digest()}" in shown
    assert {"model: cnn", "batch_size: 4", "images: 8", "encoder: (4, 8, 8)", "dense: (4,)"} <= set(
        shown
    )
    best = min(record["val_mse"] for record in run.history)
    assert any(line.startswith(f"best val_mse: {best:.2f} (epoch ") for line in shown)

    table, grid = tmp_path / "t" / "table.json", tmp_path / "t" / "grid.png"
    assert cli.main(["evaluate", str(run.folder), "--json", str(table), "--grid", str(grid)]) == 0
    printed = capsys.readouterr().out.splitlines()
    names = ["grey", "mean color", "mean color given L", "one true color per image", run.name]
    assert (
        [line.split("|")[1].strip() for line in printed[2:7]]
        == [line.split("|")[1].strip() for line in printed[10:15]]
        == names
    )
    assert printed[15:17] == [
        "",
        "MSE on the same faces, with the 95 % interval of the difference:",
    ]
    assert [" against " in line for line in printed[17:]] == [True] * 4
    written = json.loads(table.read_text(encoding="utf-8"))
    assert (written["split"], written["images"]) == ("test", 2)
    assert [row["name"] for row in written["rows"]] == names
    assert "audit" not in written
    assert cv2.imread(str(grid)).shape[0] > 100


@pytest.mark.newest
@pytest.mark.slow
def test_evaluate_writes_the_audit_and_a_page_the_same_each_time(prepared, tmp_path, capsys):
    assert train("--epochs", "1") == 0
    [run] = find(prepared)
    capsys.readouterr()
    files = [
        [tmp_path / f"{name}-{number}" for name in ("json", "page.html")] for number in range(2)
    ]
    for table, page in files:
        assert (
            cli.main(
                ["evaluate", str(run.folder), "--audit", "--json", str(table), "--page", str(page)]
            )
            == 0
        )
    out = capsys.readouterr().out
    assert out.count("## Audit by apparent skin tone") == 2
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    assert json.loads(files[0][0].read_text(encoding="utf-8"))["audit"]["lights"]["people"] == 100
    page = files[0][1].read_text(encoding="utf-8")
    assert page.count("<img ") == page.count(' alt="') == 5
    assert page.count("<table>") >= 6
    for heading in (
        "Differences",
        "Best, median and worst faces",
        "Where they err",
        "Curves",
        "Audit by apparent skin tone",
    ):
        assert f"<h2>{heading}</h2>" in page


def test_prepare_takes_its_options(tmp_path, capsys):
    out = tmp_path / "elsewhere"
    more = ["--per-identity", "2", "--seed", "3", "--limit", "12"]
    assert cli.main(["prepare", "--source", str(FACES), "--out", str(out), *more]) == 0
    assert splits.read_manifest(out)["settings"] == {
        "sources": ["faces.zip"],
        "seed": 3,
        "per_identity": 2,
        "limit": 12,
    }
    assert cli.main(["check-data", "--data", str(out)]) == 0
    assert cli.main(["evaluate", str(tmp_path / "no-run"), "--data", str(out)]) == 1


def test_prepare_passes_on_how_to_read(monkeypatch, home, tmp_path):
    sources = [tmp_path / "a.zip", tmp_path / "b"]
    for source in sources:
        source.touch()
    built = []
    monkeypatch.setattr(
        prepare,
        "build_splits",
        lambda *paths, **settings: (
            built.append((*paths, settings)) or {"splits": {}, "skipped": []}
        ),
    )
    assert (
        cli.main(
            ["prepare", "--source", *map(str, sources), "--processes", "3", "--max-bad", "0.5"]
        )
        == 0
    )
    settings = {"per_identity": 1, "seed": 0, "limit": None, "max_bad": 0.5, "processes": 3}
    assert built == [(sources, home / "data", settings)]


def test_run_data_seed_and_images_are_passed_on(prepared, tmp_path, data):
    folder = tmp_path / "mine"
    assert train("--run", str(folder), "--data", str(data), "--seed", "5", "--epochs", "1") == 0
    config = Run(folder).config
    assert (config.seed, config.images, config.batch_size, config.net.encoder) == (
        5,
        8,
        4,
        (4, 8, 8),
    )
    assert config.data == splits.digest(data)


@pytest.mark.slow
@pytest.mark.newest
def test_fresh_starts_over_and_keeps_what_was_there(prepared, capsys):
    assert train("--epochs", "1", "--fresh") == 0
    assert "aside" not in capsys.readouterr().out  # there was nothing
    (run,) = find(prepared)
    before = {path.name: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert train("--epochs", "1", "--fresh") == 0
    aside = run.folder.parent / "aside" / f"{run.folder.name}-1"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"the run that was here is kept in {aside}"
    assert lines[1] == f"{run.folder.name}: starts, 1 epochs in all"
    assert before == {path.name: path.read_bytes() for path in aside.rglob("*") if path.is_file()}
    assert [found.folder for found in find(prepared)] == [run.folder]
    assert Run(aside).epochs_done == 1


@pytest.fixture
def trained(prepared) -> str:
    """The folder of a run of the smallest CNN."""
    assert train("--epochs", "1") == 0
    return str(find(prepared)[0].folder)


@pytest.fixture
def album(tmp_path) -> Path:
    """A folder with the astronaut in grey and in color, and a file that is not a picture."""
    folder = tmp_path / "album"
    folder.mkdir()
    astronaut = skimage.data.astronaut()[:200, 100:400]
    for name, image in {
        "color.jpg": astronaut[..., ::-1],
        "grey.png": cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY),
    }.items():
        cv2.imwrite(str(folder / name), image)
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.newest
def test_colorize_a_folder(trained, album, capsys):
    out = album / "colored"
    capsys.readouterr()
    assert cli.main(["colorize", str(album), "--out", str(out), "--run", trained]) == 0
    printed, error = capsys.readouterr()
    assert error == ""
    starts = [
        f"{album / source} -> {out / target}: 300 x 200"
        for source, target in (("color.jpg", "color.png"), ("grey.png", "grey.png"))
    ]
    for line, start in zip(printed.splitlines(), starts, strict=True):
        assert line.startswith(start)
    run = Run(Path(trained))
    for name in ("color.jpg", "grey.png"):
        photo = image_files.read(album / name)
        expected, _ = full_size.join(photo, run.predict(full_size.model_input(photo)[None])[0])
        found = image_files.read((out / name).with_suffix(".png")).rgb
        assert (
            np.abs(found.astype(int) - expected.rgb).max() <= 1
        )  # a batch of two may be summed in another order


@pytest.mark.slow
@pytest.mark.newest
def test_colorize_says_what_was_left_out_and_fails(trained, album, capsys):
    (album / "cut.png").write_bytes((album / "grey.png").read_bytes()[:999])
    capsys.readouterr()
    box = ["--box", "0", "0", "250", "150"]
    assert (
        cli.main(
            [
                "colorize",
                str(album),
                str(album / "none.png"),
                "--out",
                str(album / "out"),
                "--run",
                trained,
                *box,
            ]
        )
        == 1
    )
    printed, error = capsys.readouterr()
    assert [line.split(" -> ")[0] for line in printed.splitlines()] == [
        str(album / "color.jpg"),
        str(album / "grey.png"),
    ]
    first, second, last = error.splitlines()
    assert first.startswith(f"colorkit: {album / 'cut.png'}: can't be read as a picture (")
    assert second == f"colorkit: {album / 'none.png'}: is not a file; check the name"
    assert last == "colorkit: 2 of 4 pictures were left out, for the reasons above"
    assert np.array_equal(
        image_files.read(album / "out" / "grey.png").rgb[150:],
        image_files.read(album / "grey.png").rgb[150:],
    )


def test_colorize_fails_in_one_line(prepared, album, tmp_path, capsys):
    arguments = ["colorize", str(album), "--out", str(tmp_path / "out")]
    assert "no run in" in fails(capsys, *arguments, "--run", str(tmp_path))
    assert "sides of 1 or more, not 0 0 0 5" in fails(
        capsys, *arguments, "--run", str(tmp_path), "--box", "0", "0", "0", "5"
    )
    assert "no pictures in" in fails(
        capsys, "colorize", str(prepared), "--out", str(tmp_path / "out"), "--run", str(tmp_path)
    )
    assert not (tmp_path / "out").exists()


def test_colorize_tries_the_folder_first(album, tmp_path, capsys, monkeypatch):
    """Before it looks for pictures, reads hints or loads a model."""
    monkeypatch.setattr(photos, "find", lambda _: pytest.fail("it looked for pictures"))
    (tmp_path / "file").touch()
    command = ["colorize", str(album), "--out", str(tmp_path / "file"), "--run", "none"]
    said = fails(capsys, *command, "--hints", "none.csv")
    assert "file can't be written (Not a directory): choose a path through folders only" in said


def test_colorize_names_a_picture_that_it_can_t_read_and_fails(album, tmp_path, capsys):
    heic = album / "phone.HEIC"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert cli.main(["colorize", str(album), "--out", str(tmp_path / "out")]) == 1
    printed, error = capsys.readouterr()
    assert len(printed.splitlines()) == 2
    assert error.splitlines() == [
        f"colorkit: {heic}: can't be read as a picture (HEIC is not supported here); "
        "save it again as PNG or JPEG",
        "colorkit: 1 of 3 pictures were left out, for the reasons above",
    ]


def test_colorize_into_the_album_itself_twice(album, tmp_path, capsys):
    (album / "grey.png").rename(album / "grey.bmp")
    for _ in range(2):
        assert cli.main(["colorize", str(album), "--out", str(album)]) == 0
    printed, error = capsys.readouterr()
    assert error == ""
    assert sum("stays as it is" in line for line in printed.splitlines()) == 4


def test_colorize_says_which_hint_the_box_fades(album, hinted, tmp_path, capsys):
    picture = str(album / "grey.png")
    command = ["colorize", picture, "--out", str(tmp_path / "out"), "--hints", str(hinted)]
    assert cli.main([*command, "--box", "55", "50", "120", "120"]) == 0
    note, done = capsys.readouterr().out.splitlines()
    assert note.startswith(f"{hinted}, line 2: x=60, y=100 is in the edge of the box")
    assert done.startswith(f"{picture} -> ")


def test_colorize_again_skips_what_is_there(album, tmp_path, capsys):
    """As after Ctrl-C: finished pictures are named, missing ones are made, and the status is 0."""
    command = ["colorize", str(album), "--out", str(tmp_path / "out")]
    assert cli.main(command) == 0
    (tmp_path / "out" / "grey.png").unlink()
    before = (tmp_path / "out" / "color.png").stat()
    capsys.readouterr()
    assert cli.main(command) == 0
    printed, error = capsys.readouterr()
    there, made = printed.splitlines()
    colored = tmp_path / "out" / "color.png"
    assert there == f"{album / 'color.jpg'}: {colored} is there already and stays as it is"
    assert made.startswith(f"{album / 'grey.png'} -> ")
    assert error == ""
    assert (tmp_path / "out" / "color.png").stat() == before


WITHOUT_KERAS = """
import sys
from colorkit import cli
heavy = {"keras", "tensorflow", "jax", "scipy", "skimage", "matplotlib"}
print(cli.main(sys.argv[1:]), sorted(heavy & set(sys.modules)))
"""


def test_colorize_takes_the_shipped_weights_and_no_keras(album, tmp_path):
    command = [
        sys.executable,
        "-c",
        WITHOUT_KERAS,
        "colorize",
        album / "color.jpg",
        "--out",
        tmp_path / "out",
    ]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "0 []"
    photo = image_files.read(album / "color.jpg")
    expected, _ = full_size.join(
        photo, weights.load_shipped("vivid").predict(full_size.model_input(photo)[None])[0]
    )
    found = image_files.read(tmp_path / "out" / "color.png").rgb
    assert np.abs(found.astype(int) - expected.rgb).max() <= 1
    assert np.abs(found.astype(int) - photo.rgb).mean() > 1
    one, other = (color.rgb_to_lab(rgb) for rgb in (found, photo.rgb))
    assert np.abs(one[..., 0] - other[..., 0]).max() < 0.3
    assert np.abs(one[..., 1:]).mean() > 2  # it is in color: grey has 0.1 at the most, by rounding


@pytest.fixture
def hinted(tmp_path) -> Path:
    """A file with one hint for the album's pictures: green at the left, which no face has."""
    path = tmp_path / "hints.csv"
    path.write_text("x,y,color\n60,100,#20a040\n", encoding="utf-8")
    return path


def test_hints_color_where_they_are(album, hinted, tmp_path, capsys):
    for name, more in (("told", ["--hints", str(hinted)]), ("plain", [])):
        assert (
            cli.main(["colorize", str(album / "grey.png"), "--out", str(tmp_path / name), *more])
            == 0
        )
    photo = image_files.read(album / "grey.png")
    planes = hint_file.planes(hinted, album / "grey.png")
    expected, _ = full_size.join(
        photo, weights.load_shipped("hinted").predict(full_size.model_input(photo)[None], planes)[0]
    )
    told, plain = (image_files.read(tmp_path / name / "grey.png").rgb for name in ("told", "plain"))
    assert np.abs(told.astype(int) - expected.rgb).max() <= 1
    green = color.rgb_to_lab(told)[90:110, 50:70, 1] - color.rgb_to_lab(plain)[90:110, 50:70, 1]
    assert green.mean() < -10  # toward green


@pytest.mark.slow
@pytest.mark.newest
def test_hints_of_a_run_and_of_a_box(prepared, album, hinted, tmp_path, capsys):
    """A model that takes no hints says so; a bad line of the file stops it before it predicts."""
    picture, out = str(album / "grey.png"), str(tmp_path / "out")
    settings = ["--images", "8", "--batch-size", "4", "--set", "filters=8,16"]
    for name, more in (("deaf", []), ("told", ["hints=true"])):
        run = ["--run", str(tmp_path / name), "--data", str(prepared / "data")]
        assert (
            cli.main(
                ["train", "unet", "--profile", "smoke", "--epochs", "1", *run, *settings, *more]
            )
            == 0
        )
    command = ["colorize", picture, "--out", out, "--hints", str(hinted)]
    assert "takes no hints" in fails(capsys, *command, "--run", str(tmp_path / "deaf"))
    box = ["--box", "61", "0", "100", "150"]
    assert "line 2: x=60, y=100 is outside the box" in fails(
        capsys, *command, "--run", str(tmp_path / "told"), *box
    )
    assert "--hints: expected one picture, got 2" in fails(
        capsys, "colorize", str(album), *command[2:]
    )
    assert not list(Path(out).glob("*"))
    assert (
        cli.main([*command, "--run", str(tmp_path / "told"), "--box", "0", "0", "100", "150"]) == 0
    )


def test_damaged_weights_are_one_line(album, tmp_path, capsys, monkeypatch):
    shipped = tmp_path / "data" / "weights" / "vivid.npz"
    monkeypatch.setattr(weights, "KIT", tmp_path)
    command = ["colorize", str(album), "--out", str(tmp_path / "out")]
    assert f"{shipped} is missing: get the kit again" in fails(capsys, *command)
    shipped.parent.mkdir(parents=True)
    shipped.write_bytes((KIT / "data" / "weights" / "vivid.npz").read_bytes())
    flip_byte(shipped)
    assert f"{shipped} has another SHA-256 than the manifest: get the kit again" in fails(
        capsys, *command
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.newest
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["head=regress", "head=classes", "hints=true"])
def test_the_unet_goes_all_the_way(prepared, capsys, tmp_path, kind):
    """Trained, resumed, shown and evaluated like the report's models."""
    settings = ["--images", "8", "--batch-size", "4", "--set", "filters=8,16", "classes=12", kind]
    for epochs, begins in (("1", "starts"), ("2", "resumes at epoch 2")):
        assert cli.main(["train", "unet", "--profile", "smoke", "--epochs", epochs, *settings]) == 0
        assert f": {begins}, {epochs} epochs in all" in capsys.readouterr().out
    (run,) = find(prepared)
    assert cli.main(["show", str(run.folder)]) == 0
    said = kind.replace("=", ": ").replace("true", "True")
    assert {"model: unet", said, "epochs done: 2"} <= set(capsys.readouterr().out.splitlines())
    page = tmp_path / "page.html"
    assert (
        cli.main(
            [
                "evaluate",
                str(run.folder),
                *(["--page", str(page)] if kind == "head=classes" else []),
            ]
        )
        == 0
    )
    assert f"| {run.name} |" in capsys.readouterr().out
    assert kind != "head=classes" or "unet" in page.read_text(encoding="utf-8")


# failures


def test_failures_are_one_line(prepared, tmp_path, capsys):
    assert "is not a zip or folder here" in fails(
        capsys, "prepare", "--source", str(tmp_path / "none.zip")
    )
    assert "no run in" in fails(capsys, "show", str(tmp_path))
    assert "no splits in" in fails(capsys, "check-data", "--data", str(tmp_path))
    assert "no field 'drop'" in fails(
        capsys, "train", "cnn", "--profile", "smoke", "--set", "drop=0.2"
    )
    assert "expected name=value" in fails(
        capsys, "train", "cnn", "--profile", "smoke", "--set", "dropout"
    )
    assert "no splits in" in fails(
        capsys, "train", "cnn", "--profile", "smoke", "--data", str(tmp_path)
    )


@pytest.mark.parametrize(
    "setting", ["decoder=8,4", "encoder=4,4", "encoder=x,y,z", "dropout=2", "batch_size=0"]
)
def test_settings_no_model_can_have_are_one_line_and_leave_no_run(prepared, capsys, setting):
    fails(capsys, "train", "cnn", "--profile", "smoke", "--epochs", "1", "--set", setting)
    assert not list(prepared.glob("runs/*/run.json"))


def test_damaged_data_is_one_line(home, data, capsys):
    (home / "data").mkdir(parents=True)
    for path in data.iterdir():
        (home / "data" / path.name).write_bytes(path.read_bytes())
    flip_byte(home / "data" / "train.pkl")
    assert "train.pkl differs from its manifest" in fails(capsys, "check-data")
    assert "train.pkl differs from its manifest" in fails(
        capsys, "train", "cnn", "--profile", "smoke", *TINY
    )


def test_a_full_disk_is_one_line(tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepare, "build_splits", full)
    assert "No space left on device" in fails(capsys, "prepare")


def test_ctrl_c_says_how_to_go_on(capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "build_splits", stop)
    assert "run the same command to continue" in fails(capsys, "prepare")


def test_debug_shows_the_traceback(tmp_path):
    with pytest.raises(errors.KitError, match="no splits in"):
        cli.main(["--debug", "check-data", "--data", str(tmp_path)])


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["paint"],
        ["train"],
        ["train", "vgg"],
        ["train", "cnn", "--epochs", "0"],
        ["train", "cnn", "--epochs", "many"],
        ["train", "cnn", "--profile", "turbo"],
        ["prepare", "--limit", "-3"],
        ["evaluate"],
        ["colorize", "a.png"],
        ["colorize", "--out", "out"],
        ["colorize", "a.png", "--out", "out", "--box", "1", "2", "3"],
        ["check-data", "--fast"],
    ],
)
def test_wrong_usage_is_status_2(argv, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(argv)
    assert stopped.value.code == 2
    assert "usage: python -m colorkit" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_that_parses(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([command, "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    (example,) = re.findall(r"example:\n  python -m colorkit (.+)", text)
    assert example.split()[0] == command
    parsed = cli.build_parser().parse_args(example.split())
    assert callable(parsed.run_command)


def test_the_status_leaves_the_process(tmp_path):
    """`python -m colorkit` as a shell sees it."""
    command = [sys.executable, "-m", "colorkit", "check-data", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=KIT, capture_output=True, check=False, encoding="utf-8")
    assert (done.returncode, done.stdout) == (1, "")
    make = f"python -m colorkit prepare --out {tmp_path}"
    assert done.stderr == f"colorkit: no splits in {tmp_path}: make them with `{make}`\n"


# licences


@pytest.fixture
def strict(monkeypatch, tmp_path):
    """A source named strict that must be downloaded and asks for consent."""
    with Host(write_zip(tmp_path / "z.zip", people(12)).read_bytes()) as host:
        entry = {
            "path": "strict.zip",
            "url": host.url,
            "licence": "non-commercial only",
            "ask": True,
        }
        listed = {"files": {"strict": entry}, "groups": {}}
        monkeypatch.setattr(manifest_file, "read", lambda _: listed)
        monkeypatch.setattr(drive, "scratch_folder", lambda: tmp_path / "scratch")
        yield host


def test_a_licence_is_shown_and_accepted_on_the_command_line(strict, home, capsys):
    assert cli.main(["prepare", "--source", "strict", "--accept-licence"]) == 0
    assert (
        capsys.readouterr().out
        == f"non-commercial only\ntrain 10, val 1, test 1 faces in {home / 'data'}\n"
    )


def test_a_licence_is_asked_for(strict, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "n")
    assert "license was not accepted (answer y, or give --accept-licence)" in fails(
        capsys, "prepare", "--source", "strict"
    )
    assert strict.asked == []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "y")
    assert cli.main(["prepare", "--source", "strict"]) == 0
    assert asked == ["non-commercial only\nAccept? [y/N] "] * 2
