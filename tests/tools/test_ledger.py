"""The ledger: when a difference is more than chance, and what each claim's rule decides.

Most runs are made up; one is real, and tiny.
"""

import json

import numpy as np
import pytest
from helpers import KIT, link_folder
from scipy import stats

from colorkit.data import splits
from colorkit.runs.run import Run
from tools.ledger import claims, conditions, judges, measures, page, results, statistics, training

pytestmark = pytest.mark.newest

STREAM = np.random.default_rng(0)
FACES = 60
DEMO = conditions.SIZES["demo"]


# statistics


def test_the_interval_over_seeds_is_that_of_student():
    values = [3.0, 4.5, 4.0]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert statistics.over_seeds(values) == pytest.approx((expected.low, expected.high))
    assert statistics.over_seeds([3.0]) is None


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ([-5, -5.2, -4.9], "lower"),
        ([5, 5.2, 4.9], "higher"),
        ([-5, 4, -6], "cannot tell"),
        ([-5], "cannot tell"),
    ],
)
def test_seeds_must_agree(seeds, said):
    """Each seed's faces differ by about the same; what varies is the training."""
    faces = STREAM.gamma(2, 30, FACES)
    other = np.array([faces for _ in seeds])
    one = other + np.array(seeds)[:, None] + STREAM.normal(0, 0.5, (len(seeds), FACES))
    assert statistics.by_face(one, other).said == said


def test_faces_must_agree_too():
    """All seeds say the same, of a difference that a single face makes."""
    other = np.tile(STREAM.gamma(2, 30, FACES), (3, 1))
    one = other.copy()
    one[:, 0] -= np.array([300, 301, 302])
    found = statistics.by_face(one, other)
    assert found.seeds[1] < 0
    assert found.faces[1] == 0
    assert found.said == "cannot tell"


# rules


def make_run(name: str, seed: int, **changes) -> dict:
    """Make up a run's numbers, as `measures.measure` gives them; some can be shifted."""
    stream = np.random.default_rng([seed, 7])
    faces = np.random.default_rng(1).gamma(2, 30, FACES)
    epochs = conditions.CONDITIONS[name].epochs(DEMO)
    curve = [70 - 2 * epoch + changes.get("rough", 0) * (-1) ** epoch for epoch in range(epochs)]
    return {
        "processes": 1,
        "config": {"images": conditions.CONDITIONS[name].images(DEMO)},
        "machine": {"device": "CPU", "cores": 2},
        "seconds": [changes.get("seconds", 5.0) + 0.01 * seed] * epochs,
        "history": [
            {
                "epoch": e,
                "mse": v - changes.get("gap", 3) - 0.1 * seed,
                "val_mse": v + 0.1 * seed,
                "g_ratio": 0.1,
            }
            for e, v in enumerate(curve, 1)
        ],
        "mse": (faces + changes.get("mse", 0) + stream.normal(0, 0.3, FACES)).tolist(),
        "colorfulness": (20 + changes.get("vivid", 0) + stream.normal(0, 0.3, FACES)).tolist(),
        "hair_from_skin": (changes.get("hair", 9) + stream.normal(0, 0.3, FACES)).tolist(),
        "blocks": (changes.get("color", 0) + stream.normal(0, 1, (4, 8, 8, 2))).tolist(),
    }


class Faces:
    """A test split of which only what is true matters."""

    identities = np.array([str(number) for number in range(FACES)])


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """Return a function that makes results whose numbers are shifted by condition."""

    def make(
        changes: dict[str, dict], only: tuple[str, ...] = tuple(conditions.CONDITIONS)
    ) -> results.Results:
        for name in only:
            for seed in conditions.SEEDS:
                path = results.file_of(tmp_path, "demo", name, seed)
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(measures.compact(make_run(name, seed, **changes.get(name, {}))))
        found = results.Results(tmp_path, "demo", Faces(), Faces())
        shown = np.arange(FACES) % 2 == 0
        vars(found).update(
            true_hair_from_skin=(np.full(FACES, 20.0), shown),
            true_colorfulness=30.0,
            baselines={"grey": (130.0, 0.0)},
        )
        labels, reference = np.array(["dark", "light"] * (FACES // 2)), np.full(FACES, 80.0)
        monkeypatch.setattr(results.Results, "groups", lambda self, by: (labels, reference))
        return found

    return make


NOTHING, FEW = {}, "cnn, few, no normalization"
RULES = {  # number of the claim, from 1: shifts by which it holds, and by which it doesn't
    1: ({"cnn, conv": {"mse": 3}}, {"cnn, conv": {"mse": -3}}),
    2: ({FEW: {"gap": 20}}, {"cnn, few": {"gap": 20}}),
    3: ({"resnet, few": {"gap": 20}}, {"cnn, few": {"gap": 20}}),
    4: ({"resnet, few": {"mse": -3}}, {"resnet, few, dropout in the decoder": {"mse": -3}}),
    5: ({"resnet, tanh": {"mse": 3}}, {"resnet, tanh": {"mse": -3}}),
    7: (NOTHING, {"gan, lambda 1": {"color": 8}}),
    8: ({"gan": {"vivid": 3}}, {"gan": {"mse": 3}}),
    9: ({"gan": {"mse": -3}}, {"gan": {"mse": 3}}),
    10: ({"gan, same batch": {"rough": 5}}, {"gan": {"rough": 5}}),
    11: ({"gan, sparse": {"mse": -3}}, {"gan, sparse": {"mse": 3}}),
    12: ({"gan": {"seconds": 10}}, {"gan": {"seconds": 20}}),
    13: ({"resnet": {"mse": -3}}, {"resnet": {"mse": 3}}),
    14: ({"gan": {"rough": 5}}, {"cnn": {"rough": 5}}),
    15: (
        {name: {"hair": 4} for name in ("cnn", "resnet", "gan")},
        {name: {"hair": 16} for name in ("cnn", "resnet", "gan")},
    ),
    16: ({"cnn, all faces": {"mse": -3}}, {"cnn, all faces": {"mse": 3}}),
    17: ({"cnn": {"color": 5}, "gan": {"color": -5}}, {"cnn": {"mse": 30}}),
    18: ({"gan": {"vivid": 3}}, {"gan": {"vivid": -3}}),
}


@pytest.mark.parametrize("number", RULES)
@pytest.mark.parametrize("side", [0, 1], ids=["holds", "fails"])
def test_every_rule_decides_both_ways(ledger, number, side):
    claim = claims.CLAIMS[number - 1]
    finding = claim.judge(ledger(RULES[number][side]))
    assert finding.verdict == (judges.HOLDS, judges.FAILS)[side], finding.measured
    assert any(character.isdigit() for character in finding.measured)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 9, 10, 11, 13, 14, 16, 18])
def test_where_nothing_differs_nothing_is_claimed(ledger, number):
    assert claims.CLAIMS[number - 1].judge(ledger(NOTHING)).verdict == judges.OPEN


def test_slower_is_slower(ledger):
    """Claim 6 is about the whole curve."""
    found = ledger(NOTHING)
    for run in found.of("gan, L1"):
        for record in run["history"]:
            record["val_mse"] += 9
    assert claims.CLAIMS[5].judge(found).verdict == judges.HOLDS


def test_groups_that_are_served_alike_prove_no_equality(ledger):
    found = ledger(NOTHING)
    for claim in claims.CLAIMS[18:]:
        assert claim.judge(found).verdict in (judges.OPEN, judges.FAILS)
    for name in ("cnn", "resnet", "gan"):
        for run in found.of(name):
            run["mse"] = [error + 80 * (place % 2) for place, error in enumerate(run["mse"])]
    assert [claim.judge(found).verdict for claim in claims.CLAIMS[18:]] == [judges.FAILS] * 2


def test_groups_of_harder_faces_may_be_served_worse_at_equal_errors(ledger, monkeypatch):
    """MSE is alike; but to one group its own mean color would have done as well."""
    found = ledger(NOTHING)
    labels, _reference = found.groups("age")
    mine = np.where(labels == "dark", 60.0, 200.0)
    monkeypatch.setattr(results.Results, "groups", lambda self, by: (labels, mine))
    assert claims.CLAIMS[19].judge(found).verdict == judges.FAILS


@pytest.mark.slow
def test_groups_are_those_of_the_kit_s_own_faces(train, val):
    found = results.Results(results.Path("x"), "demo", train, val)
    for by in ("drawn tone", "age"):
        labels, reference = found.groups(by)
        assert labels.shape == reference.shape == (len(val),)
    assert set(labels) <= {name for *_, name in results.AGES}


# the page


def rows_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| ") and line[2].isdigit()]


def test_what_is_not_there_yet_is_said(ledger):
    text = page.markdown({"demo": ledger(NOTHING, only=("cnn", "cnn, conv", "cnn, relu"))})
    rows = rows_of(text)
    assert len(claims.CLAIMS) == 20
    assert len(rows) == 2 * 20
    assert ["not tested yet" in row for row in rows] == [False, *[True] * 19] * 2
    assert "9, " in rows[20]
    assert {line.count("|") for line in rows[:20]} == {4}
    assert {line.count("|") for line in rows[20:]} == {8}
    assert "Made on CPU, 2 cores, one run at a time" in text
    assert "| grey | all | none | 130.0 | 0.0 |" in text  # no table without its baselines
    assert ["Encoder untrained" in row for row in rows[20:23]] == [
        False,
        False,
        True,
    ]  # claims about the CNN alone, and not


def test_two_sizes_stand_side_by_side(ledger):
    found = ledger(NOTHING)
    assert {
        line.count("|") for line in rows_of(page.markdown({"demo": found, "class": found}))[:20]
    } == {5}


def test_runs_that_shared_a_machine_time_nothing(ledger):
    found = ledger({"gan": {"seconds": 10}})
    assert claims.CLAIMS[11].judge(found).verdict == judges.HOLDS
    for run in found.of("gan"):
        run["processes"] = 2
    assert claims.CLAIMS[11].judge(found).verdict == judges.OPEN


def test_every_condition_is_used_and_every_claim_s_conditions_are_there():
    used = {name for claim in claims.CLAIMS for name in claim.conditions}
    assert used == set(conditions.CONDITIONS)
    files = [
        results.file_of(results.Path("x"), "demo", name, 0).name for name in conditions.CONDITIONS
    ]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("size", conditions.SIZES.values(), ids=conditions.SIZES)
def test_every_run_of_a_size_sees_as_many_faces(size):
    assert {
        condition.images(size) * condition.epochs(size)
        for condition in conditions.CONDITIONS.values()
    } == {size.seen}


@pytest.mark.slow
def test_the_page_is_what_the_committed_runs_say(all_data):
    """It says so for both sizes; the test faces are prepared again from the kit's own."""
    faces = [splits.load_split(all_data, name) for name in ("train", "test")]
    there = {
        size: results.Results(KIT / "benchmarks" / "ledger", size, *faces)
        for size in conditions.SIZES
    }
    assert page.markdown(there) == (KIT / "docs" / "ledger.md").read_text(encoding="utf-8")
    assert all(results.has(name) for results in there.values() for name in conditions.CONDITIONS)


# a real run


TINY = conditions.Size("smoke", seen=8, main=8, few=8, most=8)


@pytest.fixture
def tiny(data, home, monkeypatch, capfd):
    """A ledger of one condition and one seed; eight faces, one epoch."""
    home.mkdir()
    link_folder(home / "data", data)
    monkeypatch.setattr(training, "SEEDS", (0,))
    monkeypatch.setattr(training, "CONDITIONS", {"cnn": conditions.CONDITIONS["cnn"]})
    monkeypatch.setitem(conditions.SIZES, "tiny", TINY)
    return home


@pytest.mark.slow
def test_a_run_gives_all_that_the_rules_ask_for(tiny, val, tmp_path):
    assert training.train_one("tiny", "cnn", 0, tiny, tmp_path, 1, float("inf")).startswith("MSE ")
    found = json.loads(results.file_of(tmp_path, "tiny", "cnn", 0).read_bytes())
    assert make_run("cnn", 0).keys() <= found.keys()
    assert (found["size"], found["condition"], found["seed"], found["processes"]) == (
        "tiny",
        "cnn",
        0,
        1,
    )
    faces = {
        len(found[name])
        for name in ("mse", "accuracy", "delta_e", "colorfulness", "hair_from_skin")
    }
    assert faces == {len(splits.load_split(tiny / "data", "test"))}
    assert np.shape(found["blocks"])[1:] == (8, 8, 2)
    assert isinstance(Run(tiny / "runs" / "tiny-cnn-0"), Run)


def test_a_run_is_not_begun_after_the_end(tiny, tmp_path):
    assert training.train_one("tiny", "cnn", 0, tiny, tmp_path, 1, end=0) == "left for another time"
    assert not list(tmp_path.rglob("*.json"))


def test_blocks_are_means():
    ab = np.zeros((1, 112, 112, 2), np.float32)
    ab[0, 14:28, :14] = (3, -4)
    found = measures.blocks(ab)
    assert found[0, 1, 0].tolist() == [3, -4]
    assert np.abs(found).sum() == 7


def test_hair_from_skin_of_a_face_in_two_colors():
    lab = np.zeros((1, 112, 112, 3), np.float32)
    lab[..., 0] = 50
    lab[:, :18, :, 1:] = (10, 0)
    lab[:, 18:, :, 1:] = (10, 12)
    assert measures.hair_from_skin(lab) == pytest.approx([12])
