"""How fast training is: the kit's steps against the same networks in PyTorch and in plain Keras, its feeding, its first step, its saving.

    python benchmarks/training.py               # some 20 minutes; writes benchmarks/training.json and the table
    python benchmarks/training.py --rounds 1 --steps 1 --models cnn --out /tmp/try.json

What is compared lives side by side, each in a process of its own (trainees.py), and takes turns; medians of the rounds are compared.
PyTorch runs in the environment that --torch names (`make bench` makes it from benchmarks/requirements.txt).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from page import HERE, markdown, met, publish
from trainees import BATCH

STEPS = {"cnn": 25, "resnet": 6}  # a request takes some seconds; 25 are a pass of the demo profile
SLOW = 4  # a way that takes more than so many times the kit's is asked for one step only
RUNS = ("cnn", "resnet frozen", "resnet fine-tuned", "gan")


class Trainee:
    """A process that trains on request."""

    def __init__(self, python: str, backend: str, model: str):
        command = [python, str(HERE / "trainees.py"), backend, model]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.started = json.loads(self._process.stdout.readline())

    def seconds(self, way: str, steps: int) -> float:
        """How long so many steps take that way."""
        self._process.stdin.write(f"{way} {steps}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait()


def duel(model: str, torch: str, steps: int, rounds: int) -> dict:
    """Faces a second of every way, in turns."""
    pythons = {"tensorflow": sys.executable, "jax": sys.executable, "torch": torch}
    trainees = {backend: Trainee(python, backend, model) for backend, python in pythons.items()}
    ways = [
        (backend, way) for backend, trainee in trainees.items() for way in trainee.started["ways"]
    ]
    once = {key: trainees[key[0]].seconds(key[1], 1) for key in ways}  # warm, and how slow each is
    counts = {key: 1 if once[key] > SLOW * once["tensorflow", "kit"] else steps for key in ways}
    taken: dict[tuple, list[float]] = {key: [] for key in ways}
    for _ in range(rounds):
        for backend, way in ways:
            taken[backend, way].append(
                trainees[backend].seconds(way, counts[backend, way]) / counts[backend, way]
            )
    parameters = {backend: trainee.started["parameters"] for backend, trainee in trainees.items()}
    for trainee in trainees.values():
        trainee.close()
    if len(set(parameters.values())) != 1:
        raise SystemExit(f"{model}: the networks differ, {parameters}")
    rates = {
        f"{backend} {way}": round(BATCH / statistics.median(times), 2)
        for (backend, way), times in taken.items()
    }
    fastest = {
        f"{backend} {way}": round(BATCH / min(times), 2) for (backend, way), times in taken.items()
    }
    return {"parameters": parameters["tensorflow"], "faces_per_second": rates, "fastest": fastest}


def alone(*arguments: str) -> dict:
    """What a fresh process measures."""
    command = [sys.executable, str(HERE / "trainees.py"), *arguments]
    return json.loads(
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    )


def first_steps(rounds: int) -> dict[str, float]:
    """Seconds of building the fine-tuned ResNet-50 model and of its first step, TensorFlow, each in a fresh process."""
    turns = [
        {way: alone("first", way)["seconds"] for way in ("kit", "plain")} for _ in range(rounds)
    ]
    return {
        way: round(statistics.median(turn[way] for turn in turns), 2) for way in ("kit", "plain")
    }


def rows(result: dict) -> list[tuple[str, str, str]]:
    """What is in the table."""
    found = []
    for model, measured in result["duels"].items():
        rate, fastest = measured["faces_per_second"], measured["fastest"]
        found += [
            (f"{model}, {way}, faces a second (fastest round)", f"{value:,} ({fastest[way]:,})", "")
            for way, value in rate.items()
        ]
        for backend in ("tensorflow", "jax"):
            share = rate[f"{backend} kit"] / rate[f"{backend} resident"]
            target = met(share >= 0.95, ">= 0.95") if model == "cnn" else ""
            found.append(
                (
                    f"{model}, {backend}: `fit` from Batches against its step on one resident batch",
                    f"{share:.3f}",
                    target,
                )
            )
        if model == "cnn":
            times = rate["tensorflow pipeline"] / rate["tensorflow kit"]
            found.append(
                (
                    "batches alone against what the CNN's step eats",
                    f"{times:,.1f} times",
                    met(times >= 5, ">= 5"),
                )
            )
        others = {way: value for way, value in rate.items() if "torch" in way or "plain" in way}
        best = max(others, key=others.get)
        share = max(rate["tensorflow kit"], rate["jax kit"]) / others[best]
        found.append(
            (
                f"{model}: the kit (better backend) against the best of the others, {best}",
                f"{share:.3f}",
                met(share >= 1, ">= 1.0"),
            )
        )
    first = result["first_step"]
    share = first["kit"] / first["plain"]
    found.append(
        (
            "ResNet-50, build and first step, kit (plain Keras), seconds",
            f"{first['kit']} ({first['plain']})",
            "",
        )
    )
    found.append(("the same, kit against plain Keras", f"{share:.3f}", met(share <= 0.5, "<= 0.5")))
    for run, measured in result["saving"].items():
        what = f"saving, {run}: {measured['megabytes']} MB after an epoch of {measured['epoch']} s, Drive's copy in its thread"
        found.append(
            (what, f"{measured['share']:.1%} of it", met(measured["share"] <= 0.02, "<= 2 %"))
        )
    return found


def table(result: dict) -> str:
    """The figures, the targets, and whether they were met, in Markdown."""
    note = f"Batches of {BATCH}, float32 unless stated otherwise; medians of {result['rounds']} rounds; {result['cores']} cores, "
    return markdown(
        rows(result),
        note + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
    )


def main() -> None:
    """Measure, write the JSON, and put the table into benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="+", choices=tuple(STEPS), default=tuple(STEPS))
    parser.add_argument(
        "--steps", type=int, help="steps a request (default: 25 of the CNN, 6 of ResNet-50)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--torch", default=sys.executable, metavar="PYTHON", help="an interpreter that has PyTorch"
    )
    parser.add_argument("--out", type=Path, default=HERE / "training.json")
    arguments = parser.parse_args()
    result = {"cores": os.cpu_count(), "rounds": arguments.rounds, "versions": alone("versions")}
    result["duels"] = {
        m: duel(m, arguments.torch, arguments.steps or STEPS[m], arguments.rounds)
        for m in arguments.models
    }
    result["first_step"] = first_steps(min(arguments.rounds, 3))
    result["saving"] = {run: alone("saving", run) for run in RUNS}
    publish("training.py", result, table(result), arguments.out)


if __name__ == "__main__":
    main()
