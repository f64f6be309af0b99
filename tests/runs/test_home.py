"""Open the runs among many things, and make them where that is possible."""

import shutil
from pathlib import Path

import pytest
from elsewhere import ignore_case
from helpers import tiny_config

from colorkit.errors import KitError
from colorkit.runs import Run, checkpoints, find, open_all, start


@pytest.fixture(scope="module")
def one_epoch(tmp_path_factory, train, val):
    """The folder of a CNN after one epoch. Read only."""
    run = start(tiny_config("cnn"), "x", tmp_path_factory.mktemp("one"))
    run.train(train, val, 1)
    return run.folder


@pytest.fixture
def good(home, one_epoch) -> Run:
    return Run(shutil.copytree(one_epoch, home / "runs" / "good"))


def make_others(folder) -> dict[str, bool]:
    """Put beside a run what may lie there; return whether each is a run that is missed."""
    shutil.copytree(folder / "good", folder / "aside" / "good-1")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "empty").mkdir()
    start(tiny_config("cnn", seed=3), "x", folder, folder / "unfinished")
    for name, text in {
        "cut": '{"id": "a", "con',
        "foreign": '{"config": {"model": "vgg"}}',
    }.items():
        (folder / name).mkdir()
        (folder / name / "run.json").write_text(text, encoding="utf-8")
    return {
        **{".DS_Store": False, "aside": False, "empty": False, "unfinished": False},
        **{"cut": True, "foreign": True, "missing": True},
    }


def test_what_is_no_run_and_what_is_damaged_does_not_stop_the_others(good):
    folder = good.folder.parent
    others = make_others(folder)
    found, passed_over = open_all(folder / name for name in ["good", *others])
    assert [run.folder for run in found] == [good.folder]
    assert [each.failed for each in passed_over] == list(others.values())
    for name, (reason, _) in zip(others, passed_over, strict=True):
        assert str(folder / name) in reason
        assert "\n" not in reason


def test_lessons_hear_of_a_damaged_run_and_go_on(good, home, capsys):
    make_others(good.folder.parent)
    capsys.readouterr()
    assert [run.folder for run in find(home)] == [good.folder]
    printed, error = capsys.readouterr()
    assert printed == ""
    assert [Path(line).parent.name for line in error.splitlines()] == ["cut", "foreign"]


@pytest.mark.needs("links")
@pytest.mark.parametrize("form", ["{}", "{}/", "{}/../good", "link"])
def test_a_run_that_is_named_twice_counts_once(good, monkeypatch, form):
    folder = good.folder.parent
    (folder / "link").symlink_to("good")
    monkeypatch.chdir(folder)
    again = folder / form.format("good")
    found, (passed_over,) = open_all([good.folder, again])
    assert [run.folder for run in found] == [good.folder]
    assert passed_over == (f"{again} is named twice: it counts once", False)


@pytest.mark.needs("cases")
def test_a_run_that_is_named_in_another_case_counts_once(good, monkeypatch):
    ignore_case(monkeypatch)
    again = good.folder.with_name("GOOD")
    found, (passed_over,) = open_all([good.folder, again])
    assert [run.folder for run in found] == [good.folder]
    assert passed_over == (f"{again} is named twice: it counts once", False)


def test_a_run_whose_weights_do_not_fit_is_passed_over(good, capsys):
    """Another version of the kit built another network of these settings."""
    store = checkpoints.Store(good.folder)
    place = store.newest()
    saved = store.load(place)
    store.save(place, {"model0/0000": saved.arrays["model0/0000"]}, saved.state)
    found, (passed_over,) = open_all([good.folder], build=True)
    assert found == []
    assert passed_over.failed
    assert passed_over.reason.startswith(f"{good.folder}: the checkpoint holds other variables")


def test_no_advice_puts_a_run_into_aside(good):
    """Nor into a folder that holds something else."""
    folder = good.folder.parent
    make_others(folder)
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").touch()
    (folder / "old" / "aside").mkdir(parents=True)
    for name, advice in {
        "aside": f"but in folders in it: name one of these, or {folder / 'aside' / '*'}",
        "notes": "name a folder that `train` made, which holds run.json",
        "old/aside": "name a folder that `train` made, which holds run.json",
        "empty": f"train one with `python -m colorkit train cnn --run {folder / 'empty'}`",
    }.items():
        with pytest.raises(KitError) as caught:
            Run(folder / name)
        assert str(caught.value).startswith(f"no run in {folder / name}")
        assert str(caught.value).endswith(advice)


@pytest.mark.parametrize("below", ["", "/below"])
def test_a_file_in_the_place_of_a_run(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(KitError, match=r"file\S* can't be written \(.*\): choose a path through"):
        start(tiny_config("cnn"), "x", tmp_path, tmp_path / f"file{below}")


def test_a_folder_that_can_not_be_read(good, monkeypatch):
    def fail(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checkpoints.Disk, "names", lambda *_: fail(None))
    with pytest.raises(KitError, match=r"can't be read \(Permission denied\): change its perm"):
        start(tiny_config("cnn"), "x", good.folder, good.folder / "new")
    found, (passed_over,) = open_all([good.folder])
    assert (found, passed_over.failed) == ([], True)


def test_the_number_of_faces_is_the_number_that_was_used(home, train, val, capsys):
    """The config, its digest and its folder stay as they were asked for."""
    config = tiny_config("cnn", images=999_999, batch_size=16)
    run = start(config, "x", home)
    run.train(train, val, 1)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.endswith(
        ": starts, 1 epochs in all, on the 32 faces that there are (images=999999)"
    )
    again = Run(run.folder)
    assert again.config == config
    assert config.digest in run.folder.name
    for name in (run.name, again.name, find(home)[0].name):
        assert name == config.label.replace("999999", "32")


def test_a_run_of_an_older_version_is_recalled_on_its_own_splits(home, train, val):
    run = start(tiny_config("cnn", images=64), "x", home)
    run.train(train, val, 1)
    store = checkpoints.Store(run.folder)
    saved = store.load(store.newest())
    del saved.state["trained_on"]
    store.save(*saved)
    old = Run(run.folder)
    assert (old.trained_on, old.name) == (None, run.config.label)
    old.recall(train, "other splits")
    assert old.trained_on is None
    old.recall(train, "test")
    assert old.trained_on.seen_in(train)[0] == 32
    assert old.name == run.config.label.replace("64", "32")


def test_only_the_faces_that_were_used_count_as_seen(good, train, val):
    assert good.trained_on.seen_in(train).people == 8
    assert good.trained_on.seen_in(val).people == 0
