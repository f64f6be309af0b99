"""The files of a shallow clone, which the setup cell makes, are small enough for a class that clones at once."""

import subprocess

from helpers import KIT

LIMIT = 60_000_000  # bytes


def sizes() -> dict[str, int]:
    """Every file of the last commit, with its bytes; the largest first."""
    listing = ["git", "ls-tree", "-r", "-l", "-z", "HEAD"]
    done = subprocess.run(listing, cwd=KIT, capture_output=True, text=True, check=True)
    found = {}
    for line in done.stdout.rstrip("\0").split("\0"):
        facts, name = line.split("\t")
        found[name] = int(facts.split()[-1])
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def excess(found: dict[str, int], limit: int) -> str:
    """Say how large a checkout is and which ten files are the largest; empty when it is within the limit."""
    total = sum(found.values())
    if total <= limit:
        return ""
    largest = [f"{size:>12,} {name}" for name, size in list(found.items())[:10]]
    return "\n".join(
        [
            f"a checkout has {total:,} bytes, expected at most {limit:,}; the largest files:",
            *largest,
        ]
    )


def test_a_checkout_is_small():
    assert not excess(sizes(), LIMIT)


def test_what_is_too_large_is_named_largest_first():
    found = sizes()
    first, *rest = excess(found, LIMIT // 10).splitlines()
    assert (
        first
        == f"a checkout has {sum(found.values()):,} bytes, expected at most 6,000,000; the largest files:"
    )
    assert len(rest) == 10
    assert rest[0].split() == [f"{(KIT / 'data' / 'faces.zip').stat().st_size:,}", "data/faces.zip"]
