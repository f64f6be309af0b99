"""CI's oldest versions are the lower ends of the ranges that the kit promises."""

import pytest
from helpers import KIT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


def read_requirements(name: str) -> list[Requirement]:
    """List the requirements of a file."""
    lines = (KIT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def find_version(requirement: Requirement, operator: str) -> Version:
    """Return the version that a requirement names after an operator."""
    (version,) = (one.version for one in requirement.specifier if one.operator == operator)
    return Version(version)


PINNED = {
    canonicalize_name(pin.name): find_version(pin, "==")
    for pin in read_requirements(".ci/constraints-oldest.txt")
}
# Of the tools that test the kit, only JAX must fit what is old; the others may be newer.
PROMISED = [
    *read_requirements("requirements.txt"),
    *(tool for tool in read_requirements("requirements-dev.txt") if tool.name == "jax"),
]


@pytest.mark.parametrize("requirement", PROMISED, ids=str)
def test_the_lower_end_of_a_range_is_what_ci_installs(requirement):
    pinned = PINNED[canonicalize_name(requirement.name)]
    assert pinned == find_version(requirement, ">=")
