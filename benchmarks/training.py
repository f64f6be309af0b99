"""Measure how fast training is: the kit's steps, its feeding, its first step, its saving.

    python benchmarks/training.py
    python benchmarks/training.py --rounds 1 --steps 1 --models cnn --out out/try.json

The first line takes about 20 minutes; it writes benchmarks/training.json and the table.

The kit is compared with the same networks in PyTorch and in plain Keras. Each lives in a process of
its own (trainees.py); they take turns, and the medians of the rounds are compared. PyTorch runs in
the environment that --torch names (`make bench` makes it from benchmarks/requirements.txt).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from here import HERE
from page import Row, list_versions, markdown, met, publish
from trainees import BATCH

# Steps a request, so that it takes some seconds. 25 are a pass of the demo profile.
STEPS = {"cnn": 25, "resnet": 6}
SLOW = 4  # a way that takes this many times the kit's time is asked for only one step
RUNS = ("cnn", "resnet frozen", "resnet fine-tuned", "gan")


class Trainee:
    """A process that trains on request.

    Attributes:
        started: what the process said when it was ready: its ways, and its number of parameters.
    """

    def __init__(self, python: str, backend: str, model: str) -> None:
        command = [python, str(HERE / "trainees.py"), backend, model]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self.started: dict[str, Any] = json.loads(self._process.stdout.readline())

    def seconds(self, way: str, steps: int) -> float:
        """Return how long this many steps take in one of the ways."""
        self._process.stdin.write(f"{way} {steps}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.stdin.close()
        self._process.wait()


def duel(model: str, torch: str, steps: int, rounds: int) -> dict[str, Any]:
    """Measure the faces a second of every way, which take turns.

    Args:
        model: "cnn" or "resnet".
        torch: interpreter that has PyTorch.
        steps: steps a request.
        rounds: number of requests to each way.
    """
    pythons = {"tensorflow": sys.executable, "jax": sys.executable, "torch": torch}
    trainees = {backend: Trainee(python, backend, model) for backend, python in pythons.items()}
    ways = [
        (backend, way) for backend, trainee in trainees.items() for way in trainee.started["ways"]
    ]
    # One step each: it warms them up, and shows how slow each way is.
    once = {(backend, way): trainees[backend].seconds(way, 1) for backend, way in ways}
    limit = SLOW * once["tensorflow", "kit"]
    taken: dict[tuple[str, str], list[float]] = {pair: [] for pair in ways}
    for _ in range(rounds):
        for backend, way in ways:
            count = 1 if once[backend, way] > limit else steps
            seconds = trainees[backend].seconds(way, count)
            taken[backend, way].append(seconds / count)
    parameters = {backend: trainee.started["parameters"] for backend, trainee in trainees.items()}
    for trainee in trainees.values():
        trainee.close()
    if len(set(parameters.values())) != 1:
        raise SystemExit(f"{model}: the networks differ, {parameters}")
    rates = {}
    fastest = {}
    for (backend, way), seconds in taken.items():
        rates[f"{backend} {way}"] = round(BATCH / statistics.median(seconds), 2)
        fastest[f"{backend} {way}"] = round(BATCH / min(seconds), 2)
    return {"parameters": parameters["tensorflow"], "faces_per_second": rates, "fastest": fastest}


def alone(*arguments: str) -> dict[str, Any]:
    """Return what a new process of trainees.py measures."""
    command = [sys.executable, str(HERE / "trainees.py"), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout.splitlines()[-1])


def first_steps(rounds: int) -> dict[str, float]:
    """Measure the seconds to build the fine-tuned ResNet-50 model and to take its first step.

    TensorFlow is the backend, and each measurement is a new process.
    """
    taken: dict[str, list[float]] = {"kit": [], "plain": []}
    for _ in range(rounds):
        for way, seconds in taken.items():
            seconds.append(alone("first", way)["seconds"])
    return {way: round(statistics.median(seconds), 2) for way, seconds in taken.items()}


def rows(result: dict[str, Any]) -> list[Row]:
    """Return the rows of the table."""
    found: list[Row] = []
    for model, measured in result["duels"].items():
        found += rows_of_duel(model, measured)
    found += rows_of_first_step(result["first_step"])
    for run, measured in result["saving"].items():
        after = f"{measured['megabytes']} MB after an epoch of {measured['epoch']} s"
        share = measured["share"]
        target = met(share <= 0.02, "<= 2 %")
        what = f"saving, {run}: {after}, Drive's copy in its thread"
        found.append((what, f"{share:.1%} of it", target))
    return found


def rows_of_duel(model: str, measured: dict[str, Any]) -> list[Row]:
    """Return the table's rows of one model: its ways, its feeding, and the others."""
    rate = measured["faces_per_second"]
    fastest = measured["fastest"]
    found: list[Row] = []
    for way, value in rate.items():
        best = f"{fastest[way]:,}"
        found.append((f"{model}, {way}, faces a second (fastest round)", f"{value:,} ({best})", ""))
    for backend in ("tensorflow", "jax"):
        share = rate[f"{backend} kit"] / rate[f"{backend} resident"]
        target = met(share >= 0.95, ">= 0.95") if model == "cnn" else ""
        what = f"{model}, {backend}: `fit` from Batches against its step on one resident batch"
        found.append((what, f"{share:.3f}", target))
    if model == "cnn":
        times = rate["tensorflow pipeline"] / rate["tensorflow kit"]
        what = "batches alone against what the CNN's step eats"
        found.append((what, f"{times:,.1f} times", met(times >= 5, ">= 5")))
    others = {way: value for way, value in rate.items() if "torch" in way or "plain" in way}
    best = max(others, key=others.get)
    share = max(rate["tensorflow kit"], rate["jax kit"]) / others[best]
    what = f"{model}: the kit (better backend) against the best of the others, {best}"
    found.append((what, f"{share:.3f}", met(share >= 1, ">= 1.0")))
    return found


def rows_of_first_step(first: dict[str, float]) -> list[Row]:
    """Return the table's rows of building ResNet-50 and its first step."""
    what = "ResNet-50, build and first step, kit (plain Keras), seconds"
    share = first["kit"] / first["plain"]
    target = met(share <= 0.5, "<= 0.5")
    return [
        (what, f"{first['kit']} ({first['plain']})", ""),
        ("the same, kit against plain Keras", f"{share:.3f}", target),
    ]


def table(result: dict[str, Any]) -> str:
    """Write the values, the targets, and whether they were met, in Markdown."""
    batches = f"Batches of {BATCH}, float32 unless stated otherwise"
    machine = f"medians of {result['rounds']} rounds; {result['cores']} cores"
    note = f"{batches}; {machine}, {list_versions(result['versions'])}."
    return markdown(rows(result), note)


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--models", nargs="+", choices=tuple(STEPS), default=tuple(STEPS))
    add("--steps", type=int, help="steps a request (default: 25 of the CNN, 6 of ResNet-50)")
    add("--rounds", type=int, default=5)
    torch = "an interpreter that has PyTorch"
    add("--torch", default=sys.executable, metavar="PYTHON", help=torch)
    add("--out", type=Path, default=HERE / "training.json")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    duels = {}
    result = {"cores": os.cpu_count(), "rounds": rounds, "versions": alone("versions")}
    for model in arguments.models:
        steps = arguments.steps or STEPS[model]
        duels[model] = duel(model, arguments.torch, steps, rounds)
    result["duels"] = duels
    result["first_step"] = first_steps(min(rounds, 3))
    result["saving"] = {run: alone("saving", run) for run in RUNS}
    publish("training.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
