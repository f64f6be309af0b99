"""An empty path, as a variable is that was never set, is no current folder, in no tool."""

import importlib

import pytest

ARGUMENTS = {
    "compare_lessons": [""],
    "grade": ["folder", "--out", ""],
    "minutes": [""],
    "pool_votes": ["votes.csv", "--csv", ""],
    "run_lessons": ["--out", ""],
    "share_splits": [""],
    "ship_weights": ["vivid", "run", "--data", ""],
    "update_notebook": [""],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_empty_path_is_refused(monkeypatch, capsys, name):
    tool = importlib.import_module(name)
    monkeypatch.setattr("sys.argv", [f"{name}.py", *ARGUMENTS[name]])
    with pytest.raises(SystemExit) as left:
        tool.main()
    assert left.value.code == 2
    assert "expected a path, got an empty one" in capsys.readouterr().err
