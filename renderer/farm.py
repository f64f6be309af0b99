"""Rendering a range of identities: several processes, resumable, each picture and its record whole or absent."""

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


class Job(NamedTuple):
    """What to render: pictures 0 to `images` - 1 of one identity, in one pose or each in its own."""

    out: pathlib.Path
    head: pathlib.Path
    identity: int
    images: int
    same_pose: bool
    samples: int

    def missing(self) -> list[int]:
        """Pictures that are not there yet; a picture is written after its record, so that it vouches for both."""
        return [k for k in range(self.images) if not self.path(k).exists()]

    def path(self, image: int) -> pathlib.Path:
        """Where a picture goes; its record lies beside it."""
        return self.out / str(self.identity) / f"{image}.webp"


def render(jobs: list[Job], processes: int) -> None:
    """Render what is missing of the jobs, with a progress line. Interrupted, it goes on where it stopped when called again."""
    todo = [job for job in jobs if job.missing()]
    done, total = sum(job.images - len(job.missing()) for job in jobs), sum(job.images for job in jobs)
    context = multiprocessing.get_context("spawn")
    # A worker is replaced now and then: Blender keeps some of what every scene leaves behind.
    with context.Pool(processes, initializer=_quiet, maxtasksperchild=40) as pool, tqdm(total=total, initial=done, unit="picture") as bar:
        for count in pool.imap_unordered(run, todo):
            bar.update(count)


def _quiet() -> None:
    """Blender reports every sample on the standard output: not in a worker."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def run(job: Job) -> int:
    """Render the missing pictures of one identity; return how many."""
    from .figure import Figure  # Blender is loaded in the workers only
    from .scene import photograph

    missing = job.missing()
    head = Head(job.head)
    person = draw_person(head, job.identity)
    figure = Figure(head, person)
    for image in missing:
        pose, light = draw_pose(job.identity, 0 if job.same_pose else image), draw_light(job.identity, image)
        rgb, shares = photograph(figure, pose, light, job.samples)
        coded, data = cv2.imencode(".webp", rgb[..., ::-1], LOSSLESS)
        assert coded
        files.write_json(job.path(image).with_suffix(".json"), record(image, person, pose, light, shares))
        files.write_bytes(job.path(image), data.tobytes())
    return len(missing)


def record(image: int, person, pose, light, shares: dict[str, float]) -> dict:
    """One row of the ground truth: what was drawn for this picture, in the order of the table's columns."""

    def color(rgb) -> str:
        return "#" + "".join(f"{round(float(c) * 255):02x}" for c in rgb)

    yaw, pitch, roll = (round(float(a) * 57.29578, 1) for a in pose.head)
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
    """The record beside a picture."""
    return json.loads(path.with_suffix(".json").read_text())
