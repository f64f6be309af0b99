"""Results can still be read by key, as copies of lessons from before the move do."""

import pytest

from colorkit.evaluation import audit, comparison, hint_curve, robustness
from colorkit.evaluation.keyed import Keyed
from colorkit.evaluation.statistics import Estimate

POINT = robustness.DamagePoint(4.0, Estimate(50.0, 45.0, 55.0), Estimate(0.2), Estimate(3.0))


def test_a_key_gives_its_field_and_warns():
    with pytest.warns(DeprecationWarning, match=r'expected .mse, got \["mse"\]'):
        assert POINT["mse"][0] == 50.0


def test_a_key_that_is_not_a_field_is_a_key_error():
    with pytest.raises(KeyError, match="errors"):
        POINT["errors"]


@pytest.mark.parametrize(
    "result",
    [
        comparison.Evaluated,
        audit.AuditReport,
        audit.GroupingAudit,
        audit.PredictorAudit,
        robustness.DamageCurve,
        robustness.ErrorGrowth,
        robustness.PlateChange,
        hint_curve.HintPoint,
    ],
)
def test_what_lessons_indexed_has_keys(result):
    assert issubclass(result, Keyed)
