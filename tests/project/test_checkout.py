"""A shallow clone, which the setup cell makes, is small enough for a class that clones at once."""

import subprocess

from helpers import KIT

LIMIT = 60_000_000  # bytes


def measure_files() -> dict[str, int]:
    """Return every file of the last commit with its bytes, the largest first."""
    listing = ["git", "ls-tree", "-r", "-l", "-z", "HEAD"]
    done = subprocess.run(listing, cwd=KIT, capture_output=True, check=True, encoding="utf-8")
    found = {}
    for line in done.stdout.rstrip("\0").split("\0"):
        facts, name = line.split("\t")
        found[name] = int(facts.split()[-1])
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def describe_excess(found: dict[str, int], limit: int) -> str:
    """Say how large a checkout is and which ten files are the largest; "" within the limit."""
    total = sum(found.values())
    if total <= limit:
        return ""
    largest = [f"{size:>12,} {name}" for name, size in list(found.items())[:10]]
    first = f"a checkout has {total:,} bytes, expected at most {limit:,}; the largest files:"
    return "\n".join([first, *largest])


def test_a_checkout_is_small():
    assert not describe_excess(measure_files(), LIMIT)


def test_what_is_too_large_is_named_largest_first():
    found = measure_files()
    first, *rest = describe_excess(found, LIMIT // 10).splitlines()
    expected = f"a checkout has {sum(found.values()):,} bytes, expected at most 6,000,000;"
    assert first == f"{expected} the largest files:"
    assert len(rest) == 10
    assert rest[0].split() == [f"{(KIT / 'data' / 'faces.zip').stat().st_size:,}", "data/faces.zip"]
