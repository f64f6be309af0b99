"""Train and measure what has not been measured yet."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from colorkit import data, files

from . import measures
from .conditions import CONDITIONS, SEEDS, SIZES
from .results import file_of

# TensorFlow never gives back all memory of a run: after 23 of them a process held 10 GB
RUNS_A_PROCESS = 4


def train_one(
    size: str, name: str, seed: int, home: Path, folder: Path, processes: int, end: float
) -> str:
    """Train and measure a condition with a seed, and report it in a line.

    Args:
        size: key of conditions.SIZES.
        name: key of conditions.CONDITIONS.
        seed: seed of the training.
        home: home folder.
        folder: folder of the JSON files.
        processes: runs at a time, for the record.
        end: time after which no run begins (time.time()).
    """
    if time.time() > end:
        return "left for another time"
    path = file_of(folder, size, name, seed)
    run_folder = home / "runs" / f"{size}-{path.stem}"
    run = measures.train(CONDITIONS[name], SIZES[size], seed, home, run_folder)
    about = {"size": size, "condition": name, "seed": seed, "processes": processes}
    measured = measures.measure(run, data.load_split(home / "data", "test"))
    files.write_bytes(path, measures.compact(about | measured))
    mse = sum(measured["mse"]) / len(measured["mse"])
    return f"MSE {mse:.1f} after {sum(run.seconds):.0f} s"


def train_missing(size: str, home: Path, folder: Path, processes: int, minutes: float) -> None:
    """Train every condition with every seed that has not been measured yet.

    All conditions are trained with the first seed, then with the next.
    """
    end = time.time() + 60 * minutes
    missing = [
        (name, seed)
        for seed in SEEDS
        for name in CONDITIONS
        if not file_of(folder, size, name, seed).exists()
    ]
    with ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), max_tasks_per_child=RUNS_A_PROCESS
    ) as pool:
        jobs = {
            pool.submit(train_one, size, name, seed, home, folder, processes, end): (name, seed)
            for name, seed in missing
        }
        try:
            for number, job in enumerate(as_completed(jobs), 1):
                name, seed = jobs[job]
                print(
                    f"{number} of {len(missing)}: {name}, seed {seed}: {job.result()}", flush=True
                )
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
