"""Train what the ledger needs and write docs/ledger.md. Interrupted, it goes on where it stopped.

    python -m tools.ledger                            # everything of demo size that is missing; hours on a CPU
    python -m tools.ledger --size class --processes 8 # for a GPU, which one such run leaves nearly idle
    python -m tools.ledger --minutes 30               # begin no run after so long
    python -m tools.ledger --page                     # train nothing, write the page from what is there

Each run's figures are a small JSON in benchmarks/ledger/, written as the run ends: commit them.
"""

import argparse
import sys
from pathlib import Path

from colorkit import data, files, machine

machine.choose_backend()


from .conditions import SIZES  # noqa: E402
from .page import markdown  # noqa: E402
from .results import Results  # noqa: E402
from .training import train_missing  # noqa: E402

KIT = Path(__file__).resolve().parents[2]
RUNS, PAGE = KIT / "benchmarks" / "ledger", KIT / "docs" / "ledger.md"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="demo")
    parser.add_argument("--processes", type=int, default=1, help="runs at a time")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="begin no run after so many minutes"
    )
    parser.add_argument("--page", action="store_true", help="write the page only")
    arguments = parser.parse_args()
    home = machine.home_folder()
    data.load_splits(home / "data")
    if not arguments.page:
        train_missing(arguments.size, home, RUNS, arguments.processes, arguments.minutes)
    faces = [data.load_split(home / "data", name) for name in ("train", "test")]
    files.write_bytes(
        PAGE, markdown({size: Results(RUNS, size, *faces) for size in SIZES}).encode()
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
