"""The benchmark runs, and its table says by itself which targets were missed."""

import json
import re
import subprocess
import sys

from helpers import KIT

MET = re.compile(r": (met|missed) \|")


def run(tmp_path, *arguments: str) -> tuple[dict, str]:
    command = [sys.executable, KIT / "benchmarks" / "data.py", "--folder", tmp_path, "--out", tmp_path / "data.json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads((tmp_path / "data.json").read_text()), done.stdout


def test_a_small_run_measures_every_way(tmp_path):
    readme = (KIT / "benchmarks" / "README.md").read_bytes()
    result, printed = run(tmp_path, "--speed", "30", "--large", "40", "--rounds", "1")
    assert result["speed"]["faces"] == 30
    assert set(result["speed"]["faces_per_second"]) == {"kit", "report", "ceiling"}
    assert min(result["speed"]["faces_per_second"].values()) > 0
    assert result["size"]["train_gb"] == round(32 * 112 * 112 * 3 / 1e9, 3)
    assert len(MET.findall(printed)) == 5
    assert (KIT / "benchmarks" / "README.md").read_bytes() == readme  # only the full run writes there


def test_the_readme_holds_the_table_of_the_json():
    sys.path.insert(0, str(KIT / "benchmarks"))
    import data

    assert data.table(json.loads((KIT / "benchmarks" / "data.json").read_text())) in (KIT / "benchmarks" / "README.md").read_text()
