"""How a GAN's epoch is planned: the schedules of turns, and how long passes are cut."""

import pytest
from tiny_gans import (
    make_light_gan,
)

from colorkit.training import segments
from colorkit.training.gan import GAN

SCHEDULES = [
    {"schedule": "epoch"},
    {"schedule": "epoch", "d_every": 3},
    {"schedule": "step"},
    {"schedule": "batch"},
    {"schedule": "nogan", "pretrain": 2},
]
GENERATOR = ("generator", "pretraining", "both")  # the turns in which it learns


def list_turns(planner: GAN, epochs: int) -> list[list[str]]:
    plans = [planner.plan(epoch, 1) for epoch in range(epochs)]
    return [[segment.turn for segment in plan] for plan in plans]


@pytest.mark.parametrize("options", SCHEDULES, ids=str)
def test_every_schedule_gives_the_generator_one_pass_an_epoch(monkeypatch, options):
    monkeypatch.setattr(segments, "BATCHES", 2)
    planner = make_light_gan(**options)
    for epoch in range(6):
        plan = [segment for segment in planner.plan(epoch, 5) if segment.turn in GENERATOR]
        covered = [index for each in plan for index in range(each.start, each.stop)]
        assert covered == [0, 1, 2, 3, 4]


def test_by_epoch_the_discriminator_follows_every_pass_of_the_generator():
    assert list_turns(make_light_gan(schedule="epoch"), 3) == [["generator", "discriminator"]] * 3


def test_with_d_every_it_follows_only_so_many():
    alone, followed = ["generator"], ["generator", "discriminator"]
    assert list_turns(make_light_gan(d_every=3), 7) == [
        alone,
        alone,
        followed,
        alone,
        alone,
        followed,
        alone,
    ]


@pytest.mark.parametrize("schedule", ["step", "batch"])
def test_by_step_and_by_batch_both_learn_in_every_leg(schedule):
    assert list_turns(make_light_gan(schedule=schedule), 2) == [["both"]] * 2


@pytest.mark.parametrize("pretrain", [1, 3])
def test_nogan_pretrains_then_teaches_the_discriminator_once_then_both(pretrain):
    planned = list_turns(make_light_gan(schedule="nogan", pretrain=pretrain), 6)
    assert (
        planned == ([["pretraining"]] * pretrain + [["discriminator", "both"]] + [["both"]] * 5)[:6]
    )


@pytest.mark.parametrize(
    ("options", "epoch", "order"),
    [
        ({"schedule": "epoch"}, 0, ("generator", "discriminator")),
        ({"schedule": "step"}, 0, ("both",)),
        ({"schedule": "nogan", "pretrain": 1}, 0, ("pretraining",)),
        ({"schedule": "nogan", "pretrain": 1}, 1, ("discriminator", "both")),
    ],
)
def test_a_long_pass_is_cut_into_legs(options, epoch, order):
    assert make_light_gan(**options).plan(epoch, 250) == [
        segment for turn in order for segment in segments.cut_segments(turn, 250)
    ]
    assert len(segments.cut_segments("both", 250)) == 3
