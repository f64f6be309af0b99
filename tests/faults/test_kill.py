"""A training process is killed without warning, again and again, and started anew until it is done: nothing is lost, nothing differs.

Sometimes its machine is lost with it, and what Drive has is all there is. CI kills some models once; `make torture` kills all of them, more
than a hundred times, and counts how many kills fell into the writing of a checkpoint.
"""

import dataclasses
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import KIT
from victim import CONFIGS

from colorkit.runs.checkpoints import NAME, Place, Store

pytestmark = [pytest.mark.slow, pytest.mark.newest]  # processes that import TensorFlow
VICTIM = Path(__file__).with_name("victim.py")
EPOCHS = 5
FEW, MANY = 1, 34  # kills a model; there are five
SOME = (
    "cnn",
    "gan",
    "averaged",
)  # the models that are killed in CI: of one network, of two, and of two and an average
LIMIT = 300  # seconds: a process that takes longer hangs
LOST = 0.2  # how often the machine is lost with the process
PART = ".ckpt-*.part"
BEGINS = re.compile(r"run: (?:starts|resumes at epoch (\d+)(?: after leg (\d+))?|(finished)), ")
EPOCH = re.compile(rf"^epoch (\d+)/{EPOCHS}: ", re.MULTILINE)


class Victim:
    """One process that trains the run in a room."""

    def __init__(self, data: Path, room: Path, model: str):
        self.room, self.log = room, room / "log"
        with open(self.log, "w") as log:
            command = [sys.executable, "-u", str(VICTIM), str(data), str(room), model, str(EPOCHS)]
            surroundings = os.environ | {
                "PYTHONPATH": os.pathsep.join([str(KIT), str(KIT / "tests")]),
                "CUDA_VISIBLE_DEVICES": "",
            }
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=surroundings
            )

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def wait_until(self, condition) -> bool:
        """Whether it came true before the process ended."""
        end = time.monotonic() + LIMIT
        while not condition():
            if self.process.poll() is not None:
                assert self.process.returncode == 0, self.printed
                return False
            assert time.monotonic() < end, f"it hangs: {self.printed}"
            time.sleep(0.0002)
        return True

    def has_begun(self) -> bool:
        return BEGINS.search(self.printed) is not None

    def writes(self) -> bool:
        """Whether a checkpoint is being written, on either side."""
        return any(list(side.glob(PART)) for side in sides(self.room))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def began(self) -> Place:
        """The place that its first line names."""
        epoch, leg, finished = BEGINS.search(self.printed).groups()
        return Place(EPOCHS) if finished else Place(int(epoch or 1) - 1, int(leg or 0))

    @property
    def epochs(self) -> list[int]:
        """The epochs that it says it has done."""
        return [int(number) for number in EPOCH.findall(self.printed)]


def sides(room: Path) -> list[Path]:
    """The run's folders on the machine and on Drive."""
    return [*(room / "machine" / "runs").glob("run-*"), room / "drive" / "MyDrive" / "run"]


def newest(folder: Path) -> Place:
    return Store(folder).newest() or Place(0)


def latest(room: Path) -> Place:
    """What Drive's pointer names: a checkpoint that was read back there."""
    pointer = room / "drive" / "MyDrive" / "run" / "LATEST"
    return (
        Place(*map(int, NAME.fullmatch(pointer.read_text()).groups()))
        if pointer.exists()
        else Place(0)
    )


@dataclasses.dataclass
class Story:
    """What a run went through: its processes and kills, how many of these fell into the writing of a checkpoint, how often all was lost."""

    room: Path
    processes: int = 0
    kills: int = 0
    while_writing: int = 0
    lost: int = 0


def straight(data: Path, room: Path, model: str) -> float:
    """Train without a kill; return the seconds from its first line to the first epoch's: instants are drawn from twice that."""
    room.mkdir()
    victim = Victim(data, room, model)
    assert victim.wait_until(victim.has_begun)
    begun = time.monotonic()
    assert victim.wait_until(lambda: victim.epochs)
    seconds = time.monotonic() - begun
    victim.wait_until(lambda: False)
    assert victim.epochs == list(range(1, EPOCHS + 1))
    return seconds


def aim(victim: Victim, chance: random.Random, seconds: float) -> bool:
    """Wait for the instant of the kill: any, or one in the writing of a checkpoint. False when the process ended before."""
    if not victim.wait_until(victim.has_begun):
        return False
    if chance.random() < 0.5:
        instant = time.monotonic() + chance.uniform(0, 2 * seconds)
        return victim.wait_until(lambda: time.monotonic() >= instant)
    for _ in range(chance.randint(1, 5)):  # one of the next five
        if not (
            victim.wait_until(lambda: not victim.writes()) and victim.wait_until(victim.writes)
        ):
            return False
    time.sleep(chance.uniform(0, 0.01))
    return True


def tell(
    data: Path, room: Path, model: str, kills: int, seconds: float, chance: random.Random
) -> Story:
    """Train with up to so many kills, to the end. Each process must begin where the one before it had stored its work last."""
    room.mkdir()
    story, safe = Story(room), Place(0)
    while True:
        victim = Victim(data, room, model)
        story.processes += 1
        if story.kills < kills and aim(victim, chance, seconds):
            victim.kill()
        else:
            victim.wait_until(lambda: False)
        assert victim.began == safe, f"{safe} was stored: {victim.printed}"
        assert victim.epochs == list(range(safe.epochs + 1, safe.epochs + 1 + len(victim.epochs)))
        if victim.process.returncode != -signal.SIGKILL:
            return story
        story.kills += 1
        story.while_writing += victim.writes()
        claimed = Place(max(victim.epochs, default=0))  # what it said it had done, it had stored
        if chance.random() < LOST:
            shutil.rmtree(room / "machine")
            story.lost += 1
            claimed = latest(room)
        safe = max(newest(side) for side in sides(room))
        assert safe >= claimed


def contents(room: Path) -> tuple[dict[str, bytes], list[dict]]:
    """The last checkpoint's arrays as bytes, and the run's history."""
    machine, drive = sides(room)
    assert newest(machine) == newest(drive) == Place(EPOCHS)
    assert not list(room.rglob(PART))
    saved = Store(machine).load(Place(EPOCHS))
    return {name: array.tobytes() for name, array in saved.arrays.items()}, saved.state["journal"][
        "history"
    ]


def stories(data: Path, room: Path, model: str, kills: int) -> list[Story]:
    """Kill a model's training so many times in all, in as many runs as that takes; each must end as if nothing had happened."""
    chance = random.Random(f"{model} {kills}")
    room.mkdir()
    seconds = straight(data, room / "straight", model)
    arrays, history = contents(room / "straight")
    told: list[Story] = []
    while (left := kills - sum(story.kills for story in told)) > 0:
        story = tell(data, room / f"run-{len(told)}", model, min(left, 2 * EPOCHS), seconds, chance)
        found, records = contents(story.room)
        assert found.keys() == arrays.keys()
        assert [name for name in arrays if found[name] != arrays[name]] == []
        assert records == history
        told.append(story)
    return told


@pytest.fixture(
    scope="module",
    params=[(FEW, SOME), pytest.param((MANY, tuple(CONFIGS)), marks=pytest.mark.torture)],
    ids=["few", "many"],
)
def all_stories(request, data, tmp_path_factory) -> dict[str, list[Story]]:
    """Of every model: two at a time, as much of each process' start is the work of one core."""
    kills, models = request.param
    room = tmp_path_factory.mktemp("kill")
    with ThreadPoolExecutor(2) as pool:
        told = pool.map(lambda model: stories(data, room / model, model, kills), models)
        return dict(zip(models, told, strict=True))


def test_killed_and_started_again_a_run_ends_as_if_nothing_had_been(all_stories):
    """That it does is asserted in `stories`; here, that there were kills, and that they fell where they hurt."""
    for model, told in all_stories.items():
        total = {
            name: sum(getattr(story, name) for story in told)
            for name in ("processes", "kills", "while_writing", "lost")
        }
        print(f"\n{model}: {len(told)} runs, {total}")
        assert total["kills"] == FEW or (
            total["kills"] == MANY and total["while_writing"] >= 5 and total["lost"] >= 2
        )
