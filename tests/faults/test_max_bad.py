"""Count the bad pictures of a source: the share of `--max-bad` passes, and not one more."""

import json
from pathlib import Path

import pytest
from helpers import encode, picture, write_zip
from zip_corpus import REST, stored

from colorkit import cli
from colorkit.data import prepare
from colorkit.errors import KitError


def write_source(path: Path, total: int, bad: int) -> Path:
    one = encode(picture(1))
    return write_zip(path, {f"{who}/0.png": b"" if who < bad else one for who in range(total)})


@pytest.mark.parametrize(
    ("share", "total", "bad"),
    [(None, 100, 1), (0, 20, 0), (0.05, 20, 1), (0.07, 100, 7), (0.29, 100, 29), (0.57, 100, 57)],
)
def test_exactly_the_share_may_be_bad_and_not_one_more(tmp_path, capsys, share, total, bad):
    """0.29 * 100 and 0.57 * 100 are a little less than 29 and 57."""
    out = tmp_path / "data"
    command = [
        "prepare",
        "--out",
        str(out),
        "--processes",
        "1",
        *([] if share is None else ["--max-bad", str(share)]),
        "--source",
    ]
    assert cli.main([*command, str(write_source(tmp_path / "a.zip", total, bad))]) == 0
    one, many = "1 picture could not be used; it is", f"{bad} pictures could not be used; they are"
    said = one if bad == 1 else many
    printed = capsys.readouterr().out.splitlines()
    assert printed[1:] == ([f"{said} listed in {out / 'manifest.json'}"] if bad else [])
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(json.loads(before["manifest.json"])["skipped"]) == bad

    assert cli.main([*command, str(write_source(tmp_path / "b.zip", total, bad + 1))]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    limit = f"more than --max-bad {0.01 if share is None else share:g}"
    assert error.startswith(
        f"colorkit: {bad + 1} or more of {total} pictures can't be used ({limit}"
    )
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_ignored_files_are_not_bad_ones(tmp_path):
    strays = {f"stray-{k}.txt": b"x" for k in range(50)}
    manifest = prepare.build_splits(
        [write_zip(tmp_path / "a.zip", REST | strays)], tmp_path / "data", max_bad=0, processes=1
    )
    assert (manifest["ignored_files"], manifest["skipped"]) == (50, [])


def test_half_may_be_bad_when_asked(tmp_path):
    manifest = prepare.build_splits(
        [write_source(tmp_path / "a.zip", 200, 100)], tmp_path / "data", max_bad=0.5, processes=1
    )
    assert len(manifest["skipped"]) == 100
    assert len(stored(tmp_path / "data")) == 100


def test_a_split_of_bad_ones_only_is_refused_and_replaces_nothing(tmp_path):
    prepare.build_splits([write_zip(tmp_path / "good.zip", REST)], tmp_path / "data")
    before = {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()}
    first = r"the first: a\.zip:\w+/0\.png: can't be decoded"
    with pytest.raises(KitError, match=rf"^no picture of the train split can be used; {first}"):
        prepare.build_splits(
            [write_source(tmp_path / "a.zip", 12, 12)], tmp_path / "data", max_bad=1, processes=1
        )
    assert {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()} == before
