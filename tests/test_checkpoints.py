import os

import numpy as np
import pytest
from helpers import flip_byte, truncate

from colorkit import checkpoints


@pytest.fixture
def store(tmp_path) -> checkpoints.Store:
    """Three checkpoints were saved: 1, 2 and 3."""
    filled = checkpoints.Store(tmp_path / "run")
    for number in (1, 2, 3):
        filled.save(number, arrays(number), {"history": list(range(number))})
    return filled


def arrays(number: int) -> dict[str, np.ndarray]:
    return {"model/0000": np.full((3, 4), number, np.float32), "optimizer/0000": np.array(number)}


def kept(store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def is_checkpoint(found, number: int) -> bool:
    same = all(
        np.array_equal(found.arrays[name], value) and found.arrays[name].dtype == value.dtype for name, value in arrays(number).items()
    )
    return (
        found.number == number and same and found.arrays.keys() == arrays(number).keys() and found.state == {"history": list(range(number))}
    )


def test_the_two_newest_are_kept_and_the_newest_is_given(store, capsys):
    assert kept(store) == ["ckpt-00002", "ckpt-00003"]
    assert is_checkpoint(store.newest(), 3)
    assert store.state() == {"history": [0, 1, 2]}
    assert capsys.readouterr().out == ""


def test_an_empty_folder_has_none(tmp_path):
    assert checkpoints.Store(tmp_path).newest() is None
    assert checkpoints.Store(tmp_path / "missing").state() is None


@pytest.mark.parametrize("name", ["arrays.npz", "state.json", "manifest.json"])
@pytest.mark.parametrize("damage", [lambda path: flip_byte(path, 3), truncate, os.unlink, lambda path: path.write_bytes(b"")])
def test_a_damaged_newest_is_passed_over_with_a_message(store, capsys, name, damage):
    damage(store.folder / "ckpt-00003" / name)
    assert is_checkpoint(store.newest(), 2)
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "ckpt-00003 is passed over: " in printed


def test_two_damaged_ones_leave_none_and_are_both_named(store, capsys):
    for number in (2, 3):
        truncate(store.folder / f"ckpt-0000{number}" / "arrays.npz")
    assert store.newest() is None
    assert capsys.readouterr().out.count("is passed over") == 2


def test_a_damaged_one_is_replaced_when_its_epoch_is_done_again(store):
    truncate(store.folder / "ckpt-00003" / "arrays.npz")
    store.save(3, arrays(3), {"history": [0, 1, 2]})
    assert is_checkpoint(store.newest(), 3)


def test_what_is_saved_after_two_damaged_ones_is_kept(store):
    """Training starts again from 1; the damaged 2 and 3 have higher numbers, yet must not crowd the new one out."""
    for number in (2, 3):
        truncate(store.folder / f"ckpt-0000{number}" / "arrays.npz")
    store.save(1, arrays(1), {"history": [0]})
    assert is_checkpoint(store.newest(), 1)


def test_leftovers_of_a_killed_writer_are_no_checkpoint(store):
    """A writer killed before its rename leaves a folder with everything in it, perhaps by a process of this very number."""
    for pid in (os.getpid(), 99999999):
        leftover = store.folder / f".ckpt-00004.{pid}.part"
        leftover.mkdir()
        (leftover / "arrays.npz").write_bytes(b"half")
    assert is_checkpoint(store.newest(), 3)
    store.save(4, arrays(4), {"history": [0, 1, 2, 3]})
    assert is_checkpoint(store.newest(), 4)


def test_a_killed_writer_harms_nothing(store, monkeypatch):
    """Whatever step the writer dies in, the newest whole checkpoint is still there."""

    def dies(*_, **__):
        raise KeyboardInterrupt

    for step in ("np.savez", "files.write_json", "files.sha256", "os.replace"):
        module, name = step.split(".")
        with monkeypatch.context() as patch:
            patch.setattr(getattr(checkpoints, module), name, dies)
            with pytest.raises(KeyboardInterrupt):
                store.save(4, arrays(4), {})
        assert is_checkpoint(store.newest(), 3), step


def test_older_ones_go_only_after_the_new_one_is_there(store, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.np, "savez", full)
        with pytest.raises(OSError, match="No space"):
            store.save(4, arrays(4), {})
    assert {"ckpt-00002", "ckpt-00003"} <= set(kept(store))


def test_arrays_with_objects_are_not_opened(store):
    """A checkpoint may come from someone else's Drive: opening it must not unpickle."""
    folder = store.folder / "ckpt-00003"
    np.savez(folder / "arrays.npz", a=np.array([{}], dtype=object))
    hashes = {name: checkpoints.files.sha256(folder / name) for name in ("arrays.npz", "state.json")}
    checkpoints.files.write_json(folder / "manifest.json", hashes)
    with pytest.raises(ValueError, match="allow_pickle"):
        store.newest()
