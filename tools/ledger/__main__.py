"""Train what the ledger needs and write docs/ledger.md. Interrupted, it goes on where it stopped.

    python -m tools.ledger                 # everything that is missing; hours on a CPU
    python -m tools.ledger --minutes 30    # begin no run after so long
    python -m tools.ledger --page          # train nothing, write the page from what is there

Each run's figures are a small JSON in benchmarks/ledger/, written as the run ends: commit them.
"""

import argparse
import sys
import time
from pathlib import Path

from colorkit import environment

environment.choose_backend()

from colorkit import files, splits  # noqa: E402  (they import Keras)

from . import measures  # noqa: E402
from .conditions import CONDITIONS, SEEDS  # noqa: E402
from .page import markdown  # noqa: E402
from .results import Results, file_of  # noqa: E402

KIT = Path(__file__).resolve().parents[2]
RUNS, PAGE = KIT / "benchmarks" / "ledger", KIT / "docs" / "ledger.md"


def train_missing(home: Path, folder: Path, minutes: float) -> None:
    """Train and measure every condition with every seed that has no figures yet: all conditions with the first seed, then the next."""
    end = time.monotonic() + 60 * minutes
    test = splits.load(home / "data", "test")
    missing = [(seed, name) for seed in SEEDS for name in CONDITIONS if not file_of(folder, name, seed).exists()]
    for number, (seed, name) in enumerate(missing, 1):
        if time.monotonic() > end:
            print(f"{len(missing) - number + 1} runs are left: run this again")
            return
        print(f"{number} of {len(missing)}: {name}, seed {seed}", flush=True)
        run = measures.train(CONDITIONS[name], seed, home)
        files.write_json(file_of(folder, name, seed), {"condition": name, "seed": seed} | measures.measure(run, test))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no run after so many minutes")
    parser.add_argument("--page", action="store_true", help="write the page only")
    arguments = parser.parse_args()
    home = environment.home_folder()
    splits.ensure(home / "data")
    if not arguments.page:
        train_missing(home, RUNS, arguments.minutes)
    files.write_bytes(PAGE, markdown(Results(RUNS, splits.load(home / "data", "test"))).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
