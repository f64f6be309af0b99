"""The parts of CI agree: locked versions with requirements, workflows with the scripts' stages."""

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
    for line in (KIT / name).read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def read_lock(name: str) -> dict[str, str]:
    """Return the version of each package that a lock names."""
    lines = [
        line
        for line in LOCKS[name].read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return {
        canonicalize_name(package): version
        for package, version in (line.split("==") for line in lines)
    }


@pytest.mark.parametrize("name", LOCKS)
def test_locked_versions_meet_the_requirements(name):
    versions = read_lock(name)
    for requirement in REQUIREMENTS:
        version = versions.get(canonicalize_name(requirement.name))
        assert version is None or requirement.specifier.contains(version), (
            f"{requirement}, but {version} in {LOCKS[name].name}"
        )


def test_the_newest_lock_names_every_requirement():
    names = {canonicalize_name(requirement.name) for requirement in REQUIREMENTS}
    assert names <= read_lock("newest").keys()


@pytest.mark.parametrize(
    ("script", "workflow", "matrix"),
    [("run", "ci.yml", "stage"), ("weekly", "weekly.yml", "proof")],
    ids=["every change", "weekly"],
)
def test_the_workflow_runs_every_stage_of_its_script(script, workflow, matrix):
    (stages,) = re.findall(
        r'^run_stages "(.+?)"', (KIT / ".ci" / script).read_text(encoding="utf-8"), re.MULTILINE
    )
    text = (KIT / ".github" / "workflows" / workflow).read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^ +{matrix}: \[(.+)\]$", text, re.MULTILINE)
    assert listed.split(", ") == stages.split()
    assert f"bash .ci/{script} ${{{{ matrix.{matrix} }}}}" in text


@pytest.mark.parametrize("script", ["run", "weekly"])
def test_an_unknown_stage_is_a_one_line_error(script):
    done = subprocess.run(
        ["bash", KIT / ".ci" / script, "nothing"],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"\S+/\.ci/\w+: no stage 'nothing', expected one of: .+\n", done.stderr)


def test_the_weekly_job_leaves_out_no_mark_but_torture():
    units = re.findall(r"make unit (.+)", (KIT / ".ci" / "weekly").read_text(encoding="utf-8"))
    assert len(units) == 2
    assert all(
        re.search(r'MARKS="not browser and not torture"', unit) for unit in units
    )  # the browser has stages of its own
