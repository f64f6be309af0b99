"""The parts of CI agree: locked versions with requirements, workflows with the scripts' stages.

So do the places that name a Python: pyproject.toml, the locks, the workflows, the devcontainer.
"""

import json
import re
import subprocess
import tomllib

import pytest
from helpers import KIT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.tasks import __main__ as command
from tools.tasks import pythons, settings

LOCKS = {name: KIT / ".ci" / f"constraints-{name}.txt" for name in ("newest", "colab", "oldest")}
WORKFLOWS = {path.name: path for path in (KIT / ".github" / "workflows").glob("*.yml")}
# The locks of CI's stages; the others take the newest.
STAGES = {"pins": "colab", "oldest": "oldest"}


def read_lines(path) -> list[str]:
    """Return a file's lines that aren't empty and no comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def read_requirements(name: str) -> list[Requirement]:
    """Return the requirements that a file lists."""
    return [Requirement(line) for line in read_lines(KIT / name)]


REQUIREMENTS = read_requirements("requirements.txt") + read_requirements("requirements-dev.txt")


def read_lock(name: str) -> dict[str, str]:
    """Return the version of each package that a lock names."""
    pairs = (line.split("==") for line in read_lines(LOCKS[name]))
    return {canonicalize_name(package): version for package, version in pairs}


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


def test_the_oldest_lock_names_the_lowest_version_of_every_requirement():
    versions = read_lock("oldest")
    for requirement in read_requirements("requirements.txt"):
        lowest = {spec.version for spec in requirement.specifier if spec.operator == ">="}
        version = versions[canonicalize_name(requirement.name)]
        assert lowest == {version} or version.startswith(f"{lowest.pop()}."), requirement


def test_the_supported_pythons_have_an_end():
    """Where there is none, Binder takes the newest Python, for which there is no TensorFlow."""
    text = (KIT / "pyproject.toml").read_text(encoding="utf-8")
    specifiers = SpecifierSet(tomllib.loads(text)["project"]["requires-python"])
    assert all(specifiers.contains(version) for version in pythons.supported())
    assert not specifiers.contains("3.14")


@pytest.mark.parametrize(("lock", "first"), [("colab", "3.13"), ("oldest", "3.11")])
def test_a_lock_names_the_pythons_that_it_is_for(lock, first):
    versions = pythons.intended(str(LOCKS[lock]))
    assert versions[0] == first
    assert set(versions) <= set(pythons.supported())


def test_the_newest_lock_is_for_every_python():
    assert pythons.intended(str(LOCKS["newest"])) == []


@pytest.mark.parametrize(
    ("script", "workflow", "matrix"),
    [("run", "ci.yml", "stage"), ("weekly", "weekly.yml", "proof")],
    ids=["every change", "weekly"],
)
def test_the_workflow_runs_every_stage_of_its_script_on_the_python_it_is_for(
    script, workflow, matrix
):
    (stages,) = re.findall(
        r'^run_stages "(.+?)"', (KIT / ".ci" / script).read_text(encoding="utf-8"), re.MULTILINE
    )
    text = WORKFLOWS[workflow].read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^ +{matrix}: \[(.+)\]$", text, re.MULTILINE)
    assert listed.split(", ") == stages.split()
    assert f"bash .ci/{script} ${{{{ matrix.{matrix} }}}}" in text
    chosen = dict(re.findall(rf'^ +- {{ {matrix}: (\w+), python: "(.+)" }}$', text, re.MULTILINE))
    assert chosen.keys() == set(stages.split())
    for stage, version in chosen.items():
        lock = str(LOCKS[STAGES.get(stage, "newest")])
        assert version == [*pythons.intended(lock), pythons.supported()[-1]][0], stage


def test_the_workflows_leave_no_python_out():
    text = WORKFLOWS["ci.yml"].read_text(encoding="utf-8")
    (newer,) = re.findall(r"^ +python: \[(.+)\]$", text, re.MULTILINE)
    assert sorted(json.loads(f"[{newer}]"), reverse=True) == pythons.supported()[:-1]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflows_name_the_python_that_they_set_up(name):
    """The machines have others, too."""
    text = WORKFLOWS[name].read_text(encoding="utf-8")
    set_up = re.findall(r"^ +python-version: (.+)$", text, re.MULTILINE)
    assert set_up
    assert re.findall(r"^ +PYTHON: (.+)$", text, re.MULTILINE) == set_up


def test_other_systems_run_tasks_that_there_are():
    text = WORKFLOWS["ci.yml"].read_text(encoding="utf-8")
    runs = re.findall(r"run: python -m tools\.tasks (.+)$", text, re.MULTILINE)
    assert len(runs) == 2
    for words in (run.split() for run in runs):
        assert words[0] in command.NAMES
        settings.read(words[1:])
    assert (KIT / "notebooks" / f"{settings.read(runs[1].split()[1:])['ONLY']}.ipynb").exists()


def test_the_weekly_lock_is_made_on_the_oldest_python():
    text = (KIT / ".ci" / "weekly").read_text(encoding="utf-8")
    assert re.findall(r"^TODAY=.* PYTHON=(\S+)\)$", text, re.MULTILINE) == [pythons.supported()[-1]]


def test_the_devcontainer_is_made_from_the_project_s_own_files():
    text = (KIT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    container = json.loads(text)
    assert re.search(r":\d-(3\.\d+)$", container["image"]).group(1) == pythons.supported()[0]
    python, *words, task = container["postCreateCommand"].split()
    assert (python, words) == ("python", ["-m", "tools.tasks"])
    assert task in command.NAMES
    program = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    environment = settings.DEFAULTS["VENV"]
    assert program == f"${{containerWorkspaceFolder}}/{environment}/bin/python"


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
    assert len(units) == 3
    assert all(
        re.search(r'MARKS="not browser and not torture"', unit) for unit in units
    )  # the browser has stages of its own
