"""The booth: trials are fair and the same everywhere, and every answer is kept.

A voter who returns continues.
"""

import itertools
from collections import Counter

import numpy as np
import pytest
from helpers import tiny_config

from colorkit import __version__, color
from colorkit.data import splits
from colorkit.errors import KitError
from colorkit.evaluation import baselines, booth, votes
from colorkit.evaluation.booth import Booth
from colorkit.runs import Run, start

FACES = [str(number) for number in range(50)]


# the trials


def test_trials_are_the_same_on_every_machine():
    """So these stand here as another machine drew them."""
    drawn = booth.draw(["1", "2", "3", "4"], ["CNN", "GAN"], 4, 0)
    assert [tuple(trial) for trial in drawn] == EXPECTED
    assert (
        booth.draw(np.array(["4", "3", "2", "1", "1"]), {"GAN": None, "CNN": None}, 9, 0) == drawn
    )


EXPECTED = [
    (1, "GAN", "2", "right"),
    (2, "CNN", "1", "right"),
    (3, "GAN", "3", "left"),
    (4, "CNN", "4", "left"),
]


def test_another_seed_is_another_draw():
    draws = [booth.draw(FACES, ["CNN", "GAN"], 20, seed) for seed in (0, 1, "Anna")]
    for part in ("model", "face", "truth"):
        assert len({tuple(getattr(trial, part) for trial in drawn) for drawn in draws}) == 3


@pytest.mark.parametrize("models", [1, 2, 3, 4])
@pytest.mark.parametrize("count", [1, 2, 7, 20, 50])
@pytest.mark.parametrize("seed", [0, "Anna"])
def test_models_and_sides_are_balanced_and_no_face_comes_again(models, count, seed):
    labels = [f"model {number}" for number in range(models)]
    drawn = booth.draw(FACES, labels, count, seed)
    assert [trial.number for trial in drawn] == list(range(1, count + 1))
    assert len({trial.face for trial in drawn}) == count
    turns = Counter(trial.model for trial in drawn)
    assert max(turns.values()) - min(turns[label] for label in labels) <= 1
    for own in (drawn, *([trial for trial in drawn if trial.model == label] for label in labels)):
        left = sum(trial.truth == "left" for trial in own)
        assert abs(2 * left - len(own)) <= 1


def test_the_side_of_the_truth_can_t_be_foreseen():
    """Not from the side before, nor from the model: over many voters each follows each."""
    steps = Counter()
    for seed in range(100):
        drawn = booth.draw(FACES, ["CNN", "GAN"], 20, seed)
        steps += Counter(
            (one.truth, one.model, two.truth) for one, two in itertools.pairwise(drawn)
        )
    assert len(steps) == 8
    assert 180 < min(steps.values()) <= max(steps.values()) < 300  # 237.5 on average


def test_nothing_to_judge_is_refused():
    for faces, models, count in ((FACES, [], 20), ([], ["CNN"], 20), (FACES, ["CNN"], 0)):
        with pytest.raises(KitError, match="expected at least one face and one model"):
            booth.draw(faces, models, count, 0)


# voting


@pytest.fixture
def enter(train, tmp_path):
    """Come to the booth, on the first or another day."""
    predictors = {"grey": baselines.Grey(), "mean color": baselines.MeanColor.fit(train)}

    def enter(voter=None, faces=train, predictors=predictors, data="0123456789abcdef", count=6):
        return Booth(faces, predictors, tmp_path / "votes.csv", data, voter, count)

    return enter


def test_a_pair_is_the_true_picture_and_the_model_s_of_the_same_face(enter, train):
    own, seen = enter("Anna"), set()
    while trial := own.trial:
        place = list(train.identities).index(trial.face)
        L, ab = (
            train.L[place],
            np.zeros(2) if trial.model == "grey" else baselines.MeanColor.fit(train).color,
        )
        pictures = {
            "true": train.rgb[place],
            "model": color.compose(L, np.broadcast_to(ab, (112, 112, 2))),
        }
        truth, other = own.pair if trial.truth == "left" else own.pair[::-1]
        np.testing.assert_array_equal(truth, pictures["true"])
        np.testing.assert_array_equal(other, pictures["model"])
        seen.add((trial.model, trial.truth))
        own.answer("left", 1)
    assert len(seen) == 4


def test_an_answer_is_in_the_file_with_all_that_is_known_of_it(enter):
    own = enter("Anna")
    trial = own.trial
    own.answer("left", 2.3456)
    (vote,) = votes.read(own.path)
    assert vote == votes.Vote(
        "Anna",
        own.ballot,
        1,
        trial.model,
        trial.face,
        trial.truth,
        "left",
        2.35,
        __version__,
        "0123456789ab",
    )
    assert own.trial == own.trials[1]


def test_who_comes_again_goes_on(enter):
    for number in range(1, 7):
        own = enter("Anna")
        assert own.trial.number == number
        own.answer("left", 1)
    assert enter("Anna").trial is None
    assert [vote.trial for vote in enter("Anna").votes] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(KitError, match="all trials are answered"):
        enter("Anna").answer("left", 1)


def test_a_pseudonym_is_found_again(enter):
    first = enter()
    assert first.voter.startswith("voter ")
    assert enter().voter != first.voter  # nothing was answered: nobody is known
    booth.vote_by_rule(enter(booth.MORE_COLORFUL))
    first.answer("left", 1)
    again = enter()
    assert (again.voter, again.trial.number) == (first.voter, 2)


def test_voters_don_t_meet_each_other_s_votes(enter):
    enter("Anna").answer("left", 1)
    assert enter("Ben").votes == []
    assert enter("Ben").trials != enter("Anna").trials


def test_other_faces_models_or_data_are_another_ballot(enter, train):
    own = enter("Anna")
    own.answer("left", 1)
    others = [
        enter("Anna", faces=splits.Split(train.lab[5:], train.identities[5:])),
        enter("Anna", predictors={"grey": baselines.Grey()}),
        enter("Anna", data="another"),
        enter("Anna", count=5),
    ]
    assert len({one.ballot for one in (own, *others)}) == 5
    assert all(one.votes == [] for one in others)
    assert enter("Anna").votes == own.votes  # and the old one's are kept


@pytest.mark.slow
def test_a_model_that_learned_more_is_another_ballot(enter, train, val, home):
    run = start(tiny_config("cnn"), "smoke", home)
    run.train(train, val, epochs=1)
    first = enter("Anna", predictors={"CNN": run})
    assert enter("Anna", predictors={"CNN": Run(run.folder)}).ballot == first.ballot
    run.train(train, val, epochs=2)
    assert enter("Anna", predictors={"CNN": run}).ballot != first.ballot


def test_of_an_identity_the_first_picture_is_shown(enter, train):
    twice = splits.Split(train.lab[[0, 1, 2, 3]], np.array(["a", "b", "a", "b"]))
    own = enter("Anna", faces=twice)
    assert sorted(trial.face for trial in own.trials) == ["a", "b"]
    left, right = own.pair
    truth = left if own.trial.truth == "left" else right
    np.testing.assert_array_equal(truth, twice.rgb["ab".index(own.trial.face)])


@pytest.mark.parametrize("side", ["Left", "", "l"])
def test_no_side_is_no_answer(enter, side):
    own = enter("Anna")
    with pytest.raises(KitError, match='say "left" or "right"'):
        own.answer(side, 1)
    assert not own.path.exists()


def test_an_answer_that_can_t_be_kept_is_not_given(enter, tmp_path):
    own = enter("Anna")
    own.path = tmp_path / "room" / "votes.csv"
    own.path.parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(KitError, match="can't be written"):
        own.answer("left", 1)
    assert (own.trial.number, own.votes) == (1, [])
    own.path.parent.unlink()
    own.answer("left", 1)
    assert (own.trial.number, len(votes.read(own.path))) == (2, 1)


@pytest.mark.parametrize("name", ["", " ", "=1+1", "rule: mine", "a\nb", "x" * 61, "../a"])
def test_names_that_none_can_have(enter, name):
    with pytest.raises(KitError, match="is not a voter's name"):
        enter(name)


# rules


def test_a_rule_votes_for_the_more_colorful(enter):
    own = enter(booth.MORE_COLORFUL, count=12)
    booth.vote_by_rule(own)
    assert own.trial is None
    assert all(vote.by_rule and vote.seconds == 0 for vote in own.votes)
    grey = [vote for vote in own.votes if vote.model == "grey"]
    assert len(grey) == 6
    assert all(vote.right for vote in grey)  # whatever has color has more than grey
    assert votes.results(own.votes)[0].said == votes.CAN_TELL


def test_a_rule_goes_on_too_and_adds_nothing_when_all_is_answered(enter):
    enter(booth.MORE_COLORFUL).answer("left", 0)
    for _ in range(2):
        own = enter(booth.MORE_COLORFUL)
        booth.vote_by_rule(own)
        assert len(own.votes) == len(votes.read(own.path)) == 6
