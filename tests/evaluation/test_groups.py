import numpy as np
import pytest

from colorkit.evaluation import groups, metrics, statistics
from colorkit.evaluation.groups import Measured

ORDER = ("a", "b", "c")


def make_measured(errors, reference=None) -> Measured:
    errors = np.asarray(errors, float)
    return Measured(
        errors,
        np.full(len(errors), 100.0) if reference is None else np.asarray(reference, float),
        errors / 10,
    )


def name_people(count: int, start: int = 0) -> np.ndarray:
    return np.arange(start, start + count).astype(str)


def test_the_pictures_of_a_person_count_once_in_each_group():
    identities, labels = np.array(["1", "2", "1", "1"]), np.array(["a", "a", "a", "b"])
    found, group_of = groups.people_of(make_measured([10, 40, 20, 70]), labels, identities)
    assert sorted(zip(group_of, found.errors, found.distances, strict=True)) == [
        ("a", 15, 1.5),
        ("a", 40, 4),
        ("b", 70, 7),
    ]


def test_a_row_for_each_group_that_has_faces():
    errors = np.array([10.0, 20, 30, 40, 50, 7, 9])
    labels = np.array(["b"] * 5 + ["a"] * 2)
    small, large = groups.by_group(make_measured(errors), labels, name_people(7), ORDER)
    assert (small.group, small.people, small.pictures) == ("a", 2, 2)
    assert small.mse == (8, None, None)
    assert small.skill == (pytest.approx(0.92), None, None)
    assert small.delta_e == (pytest.approx(0.8), None, None)
    assert (large.group, large.people) == ("b", 5)
    assert large.mse == (30, *statistics.bootstrap(errors[:5]))
    assert large.skill == pytest.approx(metrics.skill_with_interval(errors[:5], np.full(5, 100)))
    assert large.skill.value == pytest.approx(0.7)
    assert large.delta_e == pytest.approx((3, *statistics.bootstrap(errors[:5] / 10)))


def test_no_skill_where_a_group_had_no_training_face():
    (row,) = groups.by_group(
        make_measured([1, 2], [np.nan, np.nan]), np.array(["a", "a"]), name_people(2), ORDER
    )
    assert row.skill is None
    assert row.mse.value == 1.5


def test_more_pictures_of_the_same_people_do_not_narrow_an_interval():
    errors, labels = np.random.default_rng(0).normal(60, 20, 12), np.array(["a"] * 12)
    (once,) = groups.by_group(make_measured(errors), labels, name_people(12), ORDER)
    (often,) = groups.by_group(
        make_measured(np.tile(errors, 9)), np.tile(labels, 9), np.tile(name_people(12), 9), ORDER
    )
    assert often.pictures == 9 * once.pictures
    assert (often.group, often.people) == (once.group, once.people)
    for quantity in ("mse", "skill", "delta_e"):
        assert getattr(often, quantity) == pytest.approx(getattr(once, quantity))


def test_groups_that_differ_are_called_unequal():
    stream = np.random.default_rng(0)
    errors = np.concatenate(
        [stream.normal(60, 10, 40), stream.normal(75, 10, 40), stream.normal(60, 10, 40)]
    )
    labels = np.repeat(ORDER, 40)
    found = groups.spread_over_groups(make_measured(errors), labels, name_people(120), "mse")
    assert found.highest == ("b", pytest.approx(errors[40:80].mean()))
    assert found.difference == pytest.approx(found.highest.value - found.lowest.value)
    assert found.difference > found.by_chance
    assert found.unequal
    assert found.p == 1 / 1001  # none of the deals


def test_chance_is_called_unequal_as_seldom_as_it_says():
    """In 5 of 100 sets of faces; of 300, in 15, give or take 11. Errors of faces are skewed."""
    stream, labels = np.random.default_rng(0), np.repeat(ORDER, [6, 20, 14])
    called = [
        groups.spread_over_groups(
            make_measured(stream.gamma(2, 30, 40)), labels, name_people(40), "mse"
        ).unequal
        for _ in range(300)
    ]
    assert 4 <= sum(called) <= 26


def test_people_are_dealt_not_pictures():
    """Five pictures of a person resemble each other.

    Dealt one by one, they would make any two groups differ.
    """
    stream, labels = np.random.default_rng(0), np.repeat(ORDER, 8)
    called = 0
    for _ in range(100):
        errors = np.repeat(stream.normal(60, 20, 24), 5) + stream.normal(0, 2, 120)
        called += groups.spread_over_groups(
            make_measured(errors), np.repeat(labels, 5), np.repeat(name_people(24), 5), "mse"
        ).unequal
    assert called <= 12


def test_equal_skill_on_groups_of_unequal_difficulty():
    stream = np.random.default_rng(0)
    reference = np.concatenate([stream.uniform(40, 60, 30), stream.uniform(90, 110, 30)])
    of = (
        make_measured(0.8 * reference + stream.normal(0, 2, 60), reference),
        np.repeat(["a", "b"], 30),
        name_people(60),
    )
    assert groups.spread_over_groups(*of, "mse").unequal
    assert not groups.spread_over_groups(*of, "skill").unequal
    assert groups.spread_over_groups(*of, "skill").highest[1] == pytest.approx(0.2, abs=0.02)


def test_unequal_skill_on_groups_of_equal_difficulty():
    errors = np.repeat([50.0, 80.0], 20) + np.random.default_rng(0).normal(0, 5, 40)
    found = groups.spread_over_groups(
        make_measured(errors), np.repeat(["a", "b"], 20), name_people(40), "skill"
    )
    assert found.unequal
    assert [found.lowest.group, found.highest.group] == ["b", "a"]


def test_small_groups_and_those_without_training_faces_take_no_part():
    errors = np.concatenate([np.full(6, 50.0), np.full(6, 51.0), np.full(4, 500.0)])
    reference = np.concatenate([np.full(6, 100.0), np.full(10, np.nan)])
    of = (make_measured(errors, reference), np.repeat(ORDER, [6, 6, 4]), name_people(16))
    found = groups.spread_over_groups(*of, "mse")
    assert (found.lowest, found.highest) == (("a", 50), ("b", 51))
    assert groups.spread_over_groups(*of, "skill") is None


def test_equal_values_are_no_evidence():
    found = groups.spread_over_groups(
        make_measured(np.full(30, 64.1)), np.repeat(ORDER, 10), name_people(30), "mse"
    )
    assert found.p == 1
    assert not found.unequal
