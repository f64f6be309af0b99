"""Kill a training process without warning, start it again, and so on until it is done.

Nothing may be lost, and nothing may differ. Sometimes the machine is lost with the process, and
only Drive's copy is left. CI kills some models once. `make torture` kills all of them, more than a
hundred times, and counts the kills that hit the writing of a checkpoint.
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

from colorkit.runs.checkpoints import Store
from colorkit.runs.places import NAME, Place

# processes that import TensorFlow
pytestmark = [pytest.mark.slow, pytest.mark.newest, pytest.mark.needs("signals")]
VICTIM = Path(__file__).with_name("victim.py")
EPOCHS = 5
# Kills a model; there are five models.
FEW = 1
MANY = 34
# The models that are killed in CI: one network, two, and two with an average.
SOME = ("cnn", "gan", "averaged")
LIMIT = 300  # seconds: a process that takes longer hangs
LOST = 0.2  # how often the machine is lost with the process
PART = ".ckpt-*.part"
BEGINS = re.compile(r"run: (?:starts|resumes at epoch (\d+)(?: after segment (\d+))?|(finished)), ")
EPOCH = re.compile(rf"^epoch (\d+)/{EPOCHS}: ", re.MULTILINE)


class Victim:
    """One process that trains the run in a room."""

    def __init__(self, data: Path, room: Path, model: str):
        self.room = room
        self.log = room / "log"
        command = [sys.executable, "-u", str(VICTIM), str(data), str(room), model, str(EPOCHS)]
        variables = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(KIT), str(KIT / "tests")]),
            "CUDA_VISIBLE_DEVICES": "",
        }
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=variables
            )

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until(self, condition) -> bool:
        """Wait for a condition; return False if the process ended before it came true."""
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
        """Find out whether a checkpoint is being written, on either side."""
        return any(list(side.glob(PART)) for side in list_sides(self.room))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def began(self) -> Place:
        """The place that its first line names."""
        epoch, segment, finished = BEGINS.search(self.printed).groups()
        return Place(EPOCHS) if finished else Place(int(epoch or 1) - 1, int(segment or 0))

    @property
    def epochs(self) -> list[int]:
        """The epochs that it says it has done."""
        return [int(number) for number in EPOCH.findall(self.printed)]


def list_sides(room: Path) -> list[Path]:
    """List the run's folders: on the machine, if it has one, and on Drive."""
    return [*(room / "machine" / "runs").glob("run-*"), room / "drive" / "MyDrive" / "run"]


def find_newest(folder: Path) -> Place:
    return Store(folder).newest() or Place(0)


def read_latest(room: Path) -> Place:
    """Read which checkpoint Drive's pointer names; it was read back there."""
    pointer = room / "drive" / "MyDrive" / "run" / "LATEST"
    if not pointer.exists():
        return Place(0)
    epochs, segments = NAME.fullmatch(pointer.read_text(encoding="utf-8")).groups()
    return Place(int(epochs), int(segments))


@dataclasses.dataclass
class Story:
    """What a run went through.

    Attributes:
        room: folder of the machine's disk and of Drive.
        processes: number of its processes.
        kills: number of those that were killed.
        while_writing: number of kills that hit the writing of a checkpoint.
        lost: number of kills with which the machine was lost.
    """

    room: Path
    processes: int = 0
    kills: int = 0
    while_writing: int = 0
    lost: int = 0


def train_straight(data: Path, room: Path, model: str) -> float:
    """Train without a kill.

    Returns:
        The seconds from the first line to that of the first epoch. A kill comes after 0 to twice
        that.
    """
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
    """Wait for the moment of the kill: any moment, or one in the writing of a checkpoint.

    Returns:
        False if the process ended before.
    """
    if not victim.wait_until(victim.has_begun):
        return False
    if chance.random() < 0.5:
        instant = time.monotonic() + chance.uniform(0, 2 * seconds)
        return victim.wait_until(lambda: time.monotonic() >= instant)
    for _ in range(chance.randint(1, 5)):  # one of the next five checkpoints
        if not victim.wait_until(lambda: not victim.writes()):
            return False
        if not victim.wait_until(victim.writes):
            return False
    time.sleep(chance.uniform(0, 0.01))
    return True


def train_with_kills(
    data: Path, room: Path, model: str, kills: int, seconds: float, chance: random.Random
) -> Story:
    """Train to the end, with at most this many kills.

    Each process must begin with what the one before it had stored last.
    """
    room.mkdir()
    story = Story(room)
    safe = Place(0)
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
        # An epoch that it said it had done must be stored.
        claimed = Place(max(victim.epochs, default=0))
        if chance.random() < LOST:
            shutil.rmtree(room / "machine")
            story.lost += 1
            claimed = read_latest(room)
        safe = max(find_newest(side) for side in list_sides(room))
        assert safe >= claimed


def load_result(room: Path) -> tuple[dict[str, bytes], list[dict]]:
    """Load the last checkpoint's arrays as bytes, and the run's history."""
    machine, drive = list_sides(room)
    assert find_newest(machine) == find_newest(drive) == Place(EPOCHS)
    assert not list(room.rglob(PART))
    saved = Store(machine).load(Place(EPOCHS))
    arrays = {name: array.tobytes() for name, array in saved.arrays.items()}
    return arrays, saved.state["journal"]["history"]


def kill_often(data: Path, room: Path, model: str, kills: int) -> list[Story]:
    """Kill a model's training this many times, in as many runs as that takes.

    Each run must end as if nothing had happened.
    """
    chance = random.Random(f"{model} {kills}")
    room.mkdir()
    seconds = train_straight(data, room / "straight", model)
    arrays, history = load_result(room / "straight")
    stories: list[Story] = []
    while (left := kills - sum(story.kills for story in stories)) > 0:
        place = room / f"run-{len(stories)}"
        story = train_with_kills(data, place, model, min(left, 2 * EPOCHS), seconds, chance)
        found, records = load_result(story.room)
        assert found.keys() == arrays.keys()
        assert [name for name in arrays if found[name] != arrays[name]] == []
        assert records == history
        stories.append(story)
    return stories


@pytest.fixture(
    scope="module",
    params=[(FEW, SOME), pytest.param((MANY, tuple(CONFIGS)), marks=pytest.mark.torture)],
    ids=["few", "many"],
)
def all_stories(request, data, tmp_path_factory) -> dict[str, list[Story]]:
    """Kill each model, two at a time: a process needs one core while it starts."""
    kills, models = request.param
    room = tmp_path_factory.mktemp("kill")
    with ThreadPoolExecutor(2) as pool:
        stories = pool.map(lambda model: kill_often(data, room / model, model, kills), models)
        return dict(zip(models, stories, strict=True))


def test_killed_and_started_again_a_run_ends_as_if_nothing_had_been(all_stories):
    """`kill_often` asserts that it does. Here: there were kills, and they hit where it hurts."""
    for model, stories in all_stories.items():
        total = {
            name: sum(getattr(story, name) for story in stories)
            for name in ("processes", "kills", "while_writing", "lost")
        }
        print(f"\n{model}: {len(stories)} runs, {total}")
        if total["kills"] != FEW:
            assert total["kills"] == MANY
            assert total["while_writing"] >= 5
            assert total["lost"] >= 2
