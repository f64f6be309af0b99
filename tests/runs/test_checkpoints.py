"""Save, find, copy and remove the checkpoints of one folder."""

import os

import numpy as np
import pytest
from helpers import flip_byte, truncate

from colorkit import files
from colorkit.runs import checkpoints
from colorkit.runs.places import Place
from colorkit.runs.storage import DamagedError


@pytest.fixture
def store(tmp_path) -> checkpoints.Store:
    """Three checkpoints were saved: 1, 2 and 3."""
    filled = checkpoints.Store(tmp_path / "run")
    for number in (1, 2, 3):
        filled.save(Place(number), make_arrays(number), {"history": list(range(number))})
    return filled


def make_arrays(number: int) -> dict[str, np.ndarray]:
    return {"model/0000": np.full((3, 4), number, np.float32), "optimizer/0000": np.array(number)}


def list_folder(store: checkpoints.Store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def is_checkpoint(found: checkpoints.Checkpoint, number: int) -> bool:
    expected = make_arrays(number)
    if found.place != Place(number) or found.state != {"history": list(range(number))}:
        return False
    return found.arrays.keys() == expected.keys() and all(
        np.array_equal(found.arrays[name], value) and found.arrays[name].dtype == value.dtype
        for name, value in expected.items()
    )


def newest_is(store: checkpoints.Store, number: int) -> bool:
    return is_checkpoint(store.load(store.newest()), number)


def test_the_two_newest_are_kept_and_the_newest_is_given(store, capsys):
    assert list_folder(store) == ["ckpt-00002-000", "ckpt-00003-000"]
    assert newest_is(store, 3)
    assert store.state(Place(3)) == {"history": [0, 1, 2]}
    assert capsys.readouterr().out == ""


def test_an_empty_folder_has_none(tmp_path):
    assert checkpoints.Store(tmp_path).newest() is None
    assert checkpoints.Store(tmp_path / "missing").newest() is None


@pytest.mark.parametrize("name", ["arrays.npz", "state.json", "manifest.json"])
@pytest.mark.parametrize(
    "damage",
    [lambda path: flip_byte(path, 3), truncate, os.unlink, lambda path: path.write_bytes(b"")],
)
def test_a_damaged_newest_is_passed_over_with_a_message(store, capsys, name, damage):
    damage(store.folder / "ckpt-00003-000" / name)
    assert newest_is(store, 2)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "ckpt-00003-000 is passed over: " in printed


def test_two_damaged_ones_leave_none_and_are_both_named(store, capsys):
    for number in (2, 3):
        truncate(store.folder / f"ckpt-0000{number}-000" / "arrays.npz")
    assert store.newest() is None
    assert capsys.readouterr().out.count("is passed over") == 2


def test_a_damaged_one_is_replaced_when_its_epoch_is_done_again(store):
    truncate(store.folder / "ckpt-00003-000" / "arrays.npz")
    store.save(Place(3), make_arrays(3), {"history": [0, 1, 2]})
    assert newest_is(store, 3)


def test_what_is_saved_after_two_damaged_ones_is_kept(store):
    """Training starts again from 1. The damaged 2 and 3 must not crowd it out."""
    for number in (2, 3):
        truncate(store.folder / f"ckpt-0000{number}-000" / "arrays.npz")
    store.save(Place(1), make_arrays(1), {"history": [0]})
    assert newest_is(store, 1)


def test_a_damaged_one_is_not_one_of_the_two_that_are_kept(store):
    """It may never be written again: the time decides after which segments a run is saved."""
    store.save(Place(3, 2), make_arrays(3), {})
    store.save(Place(3, 5), make_arrays(3), {})
    truncate(store.folder / "ckpt-00003-005" / "arrays.npz")
    assert store.newest() == Place(3, 2)
    store.save(Place(4), make_arrays(4), {"history": [0, 1, 2, 3]})
    assert list_folder(store) == ["ckpt-00003-002", "ckpt-00004-000"]


def test_a_damaged_one_that_was_written_again_counts(store):
    truncate(store.folder / "ckpt-00003-000" / "arrays.npz")
    assert store.newest() == Place(2)
    for number in (3, 4):
        store.save(Place(number), make_arrays(number), {"history": list(range(number))})
    assert list_folder(store) == ["ckpt-00003-000", "ckpt-00004-000"]


def test_what_another_process_saved_later_is_left(store):
    store.prune(Place(2))
    assert list_folder(store) == ["ckpt-00002-000", "ckpt-00003-000"]


@pytest.mark.parametrize("place", [Place(3, 1234), Place(123456)])
def test_large_numbers_are_found_again(store, place):
    store.save(place, make_arrays(3), {"history": [0, 1, 2]})
    assert store.newest() == place


def test_leftovers_of_a_killed_writer_are_no_checkpoint(store):
    """A writer killed before its rename leaves a folder, perhaps with everything in it."""
    for pid in (os.getpid(), 99999999):
        leftover = store.folder / f".ckpt-00004-000.{pid}.part"
        leftover.mkdir()
        (leftover / "arrays.npz").write_bytes(b"half")
    assert newest_is(store, 3)
    store.save(Place(4), make_arrays(4), {"history": [0, 1, 2, 3]})
    assert newest_is(store, 4)


def test_a_killed_writer_harms_nothing(store, monkeypatch):
    """Whatever step the writer dies in, the newest whole checkpoint is still there."""

    def dies(*_, **__):
        raise KeyboardInterrupt

    for method in ("make_folder", "write", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(store.disk, method, dies)
            with pytest.raises(KeyboardInterrupt):
                store.save(Place(4), make_arrays(4), {})
        assert newest_is(store, 3), method


def test_older_ones_go_only_after_the_new_one_is_there(store, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.np, "savez", full)
        with pytest.raises(OSError, match="No space"):
            store.save(Place(4), make_arrays(4), {})
    assert {"ckpt-00002-000", "ckpt-00003-000"} <= set(list_folder(store))


def test_arrays_with_objects_are_not_opened(store):
    """A checkpoint may come from someone else's Drive: opening it must not unpickle."""
    folder = store.folder / "ckpt-00003-000"
    np.savez(folder / "arrays.npz", a=np.array([{}], dtype=object))
    hashes = {name: files.sha256(folder / name) for name in ("arrays.npz", "state.json")}
    files.write_json(folder / "manifest.json", hashes)
    with pytest.raises(ValueError, match="allow_pickle"):
        store.load(store.newest())


def test_what_does_not_read_back_gets_no_name(store, monkeypatch):
    """A disk that loses what it was given, and says nothing."""
    write = store.disk.write

    def half(path, fill):
        digest = write(path, fill)
        path.write_bytes(path.read_bytes()[:10])
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(store.disk, "write", half)
        with pytest.raises(OSError, match="what was written reads back differently: incomplete"):
            store.save(Place(4), make_arrays(4), {})
        with pytest.raises(OSError, match=r"run\.json reads back differently"):
            store.write_about({"id": "a"})
    assert store.places() == [Place(3), Place(2)]
    assert store.disk.read(store.folder / "run.json") is None
    assert newest_is(store, 3)


def test_a_checkpoint_between_epochs_is_older_than_the_next_epochs(store):
    store.save(Place(3, 2), make_arrays(3), {})
    assert store.places() == [Place(3, 2), Place(3)]
    store.save(Place(4), make_arrays(4), {"history": [0, 1, 2, 3]})
    assert list_folder(store) == ["ckpt-00003-002", "ckpt-00004-000"]
    assert newest_is(store, 4)


def test_what_is_being_copied_is_not_removed(store):
    with store.holding(lambda: Place(3)) as held:
        assert held == Place(3)
        for number in (4, 5, 6):
            store.save(Place(number), make_arrays(number), {})
        assert store.places() == [Place(6), Place(5), Place(3)]
    store.save(Place(7), make_arrays(7), {})
    assert store.places() == [Place(7), Place(6)]


def test_a_run_is_there_once_it_has_a_name_or_checkpoints(store, tmp_path):
    new = checkpoints.Store(tmp_path / "new")
    assert not new.exists()
    assert new.about() is None
    new.write_about({"id": "a"})
    assert new.exists()
    assert new.about() == {"id": "a"}
    assert store.exists()
    with pytest.raises(DamagedError, match=r"run\.json is not found beside its checkpoints"):
        store.about()


@pytest.mark.parametrize("text", ["", "{", "3", "[1]", "null"])
def test_run_json_that_is_not_one(store, text):
    (store.folder / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(DamagedError, match=r"run\.json: "):
        store.about()


def test_a_run_set_aside_is_whole_and_numbered(store, tmp_path):
    (tmp_path / "aside" / "run-2").mkdir(parents=True)
    before = {
        path.relative_to(store.folder): path.read_bytes()
        for path in store.folder.rglob("*")
        if path.is_file()
    }
    for number in (1, 3):
        assert store.set_aside() == tmp_path / "aside" / f"run-{number}"
        assert not store.exists()
        store.write_about({"id": str(number)})
    moved = tmp_path / "aside" / "run-1"
    assert before == {
        path.relative_to(moved): path.read_bytes() for path in moved.rglob("*") if path.is_file()
    }
    assert checkpoints.Store(tmp_path / "aside" / "run-3").about() == {"id": "1"}
    assert list((tmp_path / "aside" / "run-2").iterdir()) == []


@pytest.mark.parametrize("name", [".ipynb_checkpoints", "@eaDir"])
def test_a_folder_inside_an_old_checkpoint_goes_with_it(store, capsys, name):
    inside = store.folder / "ckpt-00002-000" / name
    inside.mkdir()
    (inside / "state-checkpoint.json").write_text("{}", encoding="utf-8")
    store.save(Place(4), make_arrays(4), {})
    assert list_folder(store) == ["ckpt-00003-000", "ckpt-00004-000"]
    assert capsys.readouterr().out == ""


@pytest.mark.needs("links")
def test_what_can_not_be_removed_stays_and_is_said_once(store, capsys, tmp_path):
    """Tidying up never ends work that is safely stored."""
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "arrays.npz").write_text("mine", encoding="utf-8")
    (store.folder / "ckpt-00009-000").write_text("a file", encoding="utf-8")
    (store.folder / "ckpt-00008-000").symlink_to(mine)
    (store.folder / ".ckpt-00007-000.part").write_text("a file", encoding="utf-8")
    assert newest_is(store, 3)
    capsys.readouterr()
    for number in (4, 5, 6):
        store.save(Place(number), make_arrays(number), {})
    said = capsys.readouterr().out
    for name in ("ckpt-00009-000", "ckpt-00008-000", ".ckpt-00007-000.part"):
        assert said.count(f"{store.folder / name} can't be removed (") == 1
    assert said.count("\n") == 3
    assert store.places()[2:] == [Place(6), Place(5)]
    assert (mine / "arrays.npz").read_text(encoding="utf-8") == "mine"
    assert (store.folder / "ckpt-00009-000").read_text(encoding="utf-8") == "a file"


def test_what_is_in_the_place_of_a_checkpoint_makes_way(store):
    (store.folder / "ckpt-00004-000").write_text("a file", encoding="utf-8")
    assert store.newest() == Place(3)
    store.save(Place(4), make_arrays(4), {"history": list(range(4))})
    assert newest_is(store, 4)
    assert (store.folder / "ckpt-00004-000.moved").read_text(encoding="utf-8") == "a file"


def test_one_that_is_tidied_away_while_the_newest_is_looked_for_is_not_damaged(
    store, monkeypatch, capsys
):
    """Another process trains the run; both checkpoints that were listed are gone."""
    writer = checkpoints.Store(store.folder)
    listed = store.places

    def list_too_early():
        monkeypatch.undo()
        found = listed()
        for number in (4, 5):
            writer.save(Place(number), make_arrays(number), {"history": list(range(number))})
        return found

    monkeypatch.setattr(store, "places", list_too_early)
    assert newest_is(store, 5)
    assert capsys.readouterr().out == ""
