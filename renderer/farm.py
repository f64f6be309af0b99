"""Render a range of identities in several processes.

The work can be resumed; each picture and its record is whole or absent.
"""

import json
import multiprocessing
import os
import pathlib
from typing import NamedTuple

import cv2
from tqdm import tqdm

from colorkit import files

from .head import Head
from .identity import draw_person
from .shot import draw_light, draw_pose

LOSSLESS = [cv2.IMWRITE_WEBP_QUALITY, 101]
DEGREES = 57.29578  # in a radian
# Blender keeps some of what every scene leaves behind: replace a worker after so many identities.
IDENTITIES_PER_WORKER = 40


class Job(NamedTuple):
    """Say what to render: pictures 0 to `images` - 1 of one identity.

    They show one pose, or each its own.
    """

    out: pathlib.Path
    head: pathlib.Path
    identity: int
    images: int
    same_pose: bool
    samples: int

    def missing(self) -> list[int]:
        """List the pictures that are not there yet.

        A picture is written after its record, so its presence vouches for both.
        """
        return [image for image in range(self.images) if not self.path(image).exists()]

    def path(self, image: int) -> pathlib.Path:
        """Return the path of a picture; its record lies beside it."""
        return self.out / str(self.identity) / f"{image}.webp"


def render(jobs: list[Job], processes: int) -> None:
    """Render what is missing from the jobs, with a progress bar.

    After an interruption, another call continues where this one stopped.
    """
    todo = [job for job in jobs if job.missing()]
    total = sum(job.images for job in jobs)
    done = sum(job.images - len(job.missing()) for job in jobs)
    context = multiprocessing.get_context("spawn")
    workers = context.Pool(
        processes,
        initializer=_silence,
        maxtasksperchild=IDENTITIES_PER_WORKER,
    )
    with workers, tqdm(total=total, initial=done, unit="picture") as bar:
        for count in workers.imap_unordered(run, todo):
            bar.update(count)


def _silence() -> None:
    """Silence the standard output of a worker, where Blender would report every sample."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run(job: Job) -> int:
    """Render the missing pictures of one identity; return how many."""
    from .figure import Figure  # only workers load Blender
    from .scene import photograph

    missing = job.missing()
    head = Head(job.head)
    person = draw_person(head, job.identity)
    figure = Figure(head, person)
    for image in missing:
        pose = draw_pose(job.identity, 0 if job.same_pose else image)
        light = draw_light(job.identity, image)
        rgb, shares = photograph(figure, pose, light, job.samples)
        coded, data = cv2.imencode(".webp", rgb[..., ::-1], LOSSLESS)
        assert coded
        path = job.path(image)
        files.write_json(path.with_suffix(".json"), record(image, person, pose, light, shares))
        files.write_bytes(path, data.tobytes())
    return len(missing)


def record(image: int, person, pose, light, shares: dict[str, float]) -> dict:
    """Return one row of the ground truth: what was drawn for this picture, in column order."""

    def color(rgb) -> str:
        return "#" + "".join(f"{round(float(c) * 255):02x}" for c in rgb)

    yaw, pitch, roll = (round(float(angle) * DEGREES, 1) for angle in pose.head)
    return dict(
        identity=person.identity,
        image=image,
        monk_tone=person.tone,
        skin_albedo=color(person.skin),
        age=round(float(person.age)),
        body="male" if person.male else "female",
        hair_style=person.hair_style,
        hair_family=person.hair_color,
        hair_color=color(person.hair),
        eye_family=person.eye_color,
        eye_color=color(person.eyes),
        beard=person.beard,
        make_up=int(person.make_up),
        accessory=person.accessory,
        expression=pose.expression,
        head_yaw=yaw,
        head_pitch=pitch,
        head_roll=roll,
        environment=light.environment,
        mixed_with=light.second if light.mix else "",
        tint=color(light.tint),
        white_balance=round(light.balance, 3),
        lamp=color(light.lamp_color) if light.lamp else "",
        lamp_power=round(light.lamp_power) if light.lamp else 0,
        background=light.background,
        **{f"share_{name}": round(share, 4) for name, share in shares.items()},
    )


def load_record(path: pathlib.Path) -> dict:
    """Load the record beside a picture."""
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
