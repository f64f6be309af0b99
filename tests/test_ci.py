"""What CI is made of fits together: the locked versions and the requirements, the stages and the workflows."""

import re
import subprocess

import pytest
from helpers import KIT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCKS = {name: KIT / ".ci" / f"constraints-{name}.txt" for name in ("newest", "colab")}
REQUIREMENTS = [
    Requirement(line)
    for name in ("requirements.txt", "requirements-dev.txt")
    for line in (KIT / name).read_text().splitlines()
    if line and not line.startswith("#")
]


def pinned(name: str) -> dict[str, str]:
    """The version of each package that a lock names."""
    lines = [line for line in LOCKS[name].read_text().splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(package): version for package, version in (line.split("==") for line in lines)}


@pytest.mark.parametrize("name", LOCKS)
def test_locked_versions_are_such_as_are_required(name):
    versions = pinned(name)
    for requirement in REQUIREMENTS:
        version = versions.get(canonicalize_name(requirement.name))
        assert version is None or requirement.specifier.contains(version), f"{requirement}, but {version} in {LOCKS[name].name}"


def test_the_newest_versions_are_locked_of_all_that_is_required():
    assert {canonicalize_name(requirement.name) for requirement in REQUIREMENTS} <= pinned("newest").keys()


@pytest.mark.parametrize(
    ("script", "workflow", "matrix"), [("run", "ci.yml", "stage"), ("weekly", "weekly.yml", "proof")], ids=["every change", "weekly"]
)
def test_the_workflow_runs_every_stage_of_its_script(script, workflow, matrix):
    (stages,) = re.findall(r'^run_stages "(.+?)"', (KIT / ".ci" / script).read_text(), re.MULTILINE)
    text = (KIT / ".github" / "workflows" / workflow).read_text()
    (listed,) = re.findall(rf"^ +{matrix}: \[(.+)\]$", text, re.MULTILINE)
    assert listed.split(", ") == stages.split()
    assert f"bash .ci/{script} ${{{{ matrix.{matrix} }}}}" in text


@pytest.mark.parametrize("script", ["run", "weekly"])
def test_a_stage_that_is_none_is_one_line(script):
    done = subprocess.run(["bash", KIT / ".ci" / script, "nothing"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"\S+/\.ci/\w+: no stage 'nothing', expected one of: .+\n", done.stderr)
