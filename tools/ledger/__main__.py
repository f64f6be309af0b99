"""Train what the ledger needs and write docs/ledger.md. Run it again after an interruption.

    python -m tools.ledger                # all that is missing at demo size; hours on a CPU
    python -m tools.ledger --size class --processes 8  # for a GPU, which one run leaves nearly idle
    python -m tools.ledger --minutes 30   # begin no run after this time
    python -m tools.ledger --page         # train nothing, write the page from the runs there are

Each run's numbers are a small JSON in benchmarks/ledger/, written as the run ends: commit them.
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
RUNS = KIT / "benchmarks" / "ledger"
PAGE = KIT / "docs" / "ledger.md"


def main() -> int:
    """Train what is missing, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="demo")
    parser.add_argument("--processes", type=int, default=1, help="runs at a time")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="begin no run after this many minutes"
    )
    parser.add_argument("--page", action="store_true", help="write the page only")
    arguments = parser.parse_args()
    home = machine.home_folder()
    data.load_splits(home / "data")
    if not arguments.page:
        train_missing(arguments.size, home, RUNS, arguments.processes, arguments.minutes)
    faces = [data.load_split(home / "data", name) for name in ("train", "test")]
    results = {size: Results(RUNS, size, *faces) for size in SIZES}
    files.write_bytes(PAGE, markdown(results).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
