"""The training panel's pictures: what is drawn, and that the line below says the same."""

import numpy as np
import pytest

from colorkit.plots import training_pictures
from colorkit.training import turns

WEIGHTS = [1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]


@pytest.mark.parametrize(
    ("cut", "learns_from", "states", "numbers"),
    [
        (
            5,
            None,
            "frozen frozen frozen frozen frozen",
            "4 x 4 places of 2,048 features; 0.00 of its 15.00 million",
        ),
        (
            5,
            1,
            "learns learns learns learns learns",
            "4 x 4 places of 2,048 features; 15.00 of its 15.00 million",
        ),
        (
            4,
            3,
            "frozen frozen learns learns cut-off",
            "7 x 7 places of 1,024 features; 7.00 of its 10.00 million",
        ),
        (
            2,
            1,
            "learns learns cut-off cut-off cut-off",
            "28 x 28 places of 256 features; 3.00 of its 3.00 million",
        ),
    ],
)
def test_stages(cut, learns_from, states, numbers):
    drawn = training_pictures.stages(WEIGHTS, cut, learns_from)
    (axis,) = drawn.figure.axes
    assert [bar.get_height() for bar in axis.patches] == [1, 2, 3, 4, 5]
    labels = [text.get_text().split("\n")[0].replace(" ", "-") for text in axis.texts[::2]]
    assert " ".join(labels) == states
    hatched = [bool(bar.get_hatch()) for bar in axis.patches]
    assert hatched == [state == "learns" for state in states.split()]  # not by color alone
    assert drawn.line == f"The encoder ends with {numbers} weights learn."
    sizes = [text.get_text().split("\n")[1] for text in axis.texts[1::2]]
    assert sizes == [f"{side} x {side} places" for side in (56, 28, 14, 7, 4)]


@pytest.mark.parametrize(
    "schedule", [("epoch", 1, 2), ("epoch", 3, 2), ("step", 1, 2), ("nogan", 1, 2)]
)
def test_turns_are_drawn_where_they_are_taken(schedule):
    name, d_every, pretrain = schedule
    order = [turns.of_epoch(name, epoch, d_every, pretrain) for epoch in range(4)]
    drawn = training_pictures.turns_and_terms(order, lambda_l2=0.1, error=70)
    spans = {"generator": 0.0, "judge": 0.0}
    for box in drawn.figure.axes[0].patches:
        spans["judge" if box.get_y() < 1 else "generator"] += box.get_width()
    learns = {
        "generator": ("generator", "pretraining", "both"),
        "judge": ("discriminator", "both"),
    }
    for who, own in learns.items():
        shares = [sum(turn in own for turn in passes) / len(passes) for passes in order]
        assert spans[who] == pytest.approx(sum(shares))
    judged = sum(turn in ("discriminator", "both") for passes in order for turn in passes)
    assert f"has 4 passes over the data, the judge {judged}. " in drawn.line


def test_the_terms_are_those_of_the_line():
    order = [["generator", "discriminator"]] * 20
    drawn = training_pictures.turns_and_terms(order, lambda_l2=0.01, error=70)
    lengths = [bar.get_width() for bar in drawn.figure.axes[1].patches]
    assert lengths == pytest.approx([np.log(2), 0.7])
    assert drawn.line.endswith(
        "At lambda 0.01 and an error of 70 the L2 term is 0.70: 1.0 times a cross-entropy of 0.69."
    )
    assert drawn.figure.axes[0].get_xlabel() == "epoch, the first 12 of 20"
