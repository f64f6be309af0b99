"""Define the rules that decide on the report's claims.

They were written before the runs. What was sharpened after the first ones is said in its place.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from colorkit import evaluation, plots

from . import statistics
from .results import Results
from .statistics import Difference

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "cannot tell"
SIMILAR = 0.1  # what differs by no more than this share is called similar
OPPOSITE = {"lower": "higher", "higher": "lower"}
MODELS = ("cnn", "resnet", "gan")

Run = dict[str, Any]  # a run's JSON, as measures.measure gives it
Judge = Callable[[Results], "Finding"]


class Finding(NamedTuple):
    """What was measured, and what it means for a claim."""

    measured: str
    verdict: str


def verdict(difference: Difference, claimed: str) -> str:
    """Decide whether a difference goes the claimed way, "lower" or "higher", beyond chance."""
    return _decide(fails=difference.said == OPPOSITE[claimed], holds=difference.said == claimed)


def _decide(fails: bool, holds: bool) -> str:
    if fails:
        return FAILS
    return HOLDS if holds else OPEN


def _by_face(results: Results, quantity: str, one: str, other: str) -> Difference:
    """Compare two conditions in a quantity of the test faces."""
    return statistics.by_face(results.faces(one, quantity), results.faces(other, quantity))


def compared(quantity: str, one: str, other: str, claimed: str, unit: str = "") -> Judge:
    """Return a rule for one quantity of the test faces of two conditions.

    Args:
        quantity: key of a run's JSON.
        one, other: the conditions.
        claimed: how `one` is said to be, "lower" or "higher" than `other`.
        unit: unit of the quantity, written after it.
    """

    def judge(results: Results) -> Finding:
        found = _by_face(results, quantity, one, other)
        measured = f"{quantity} of {one} less that of {other}: {found}{unit}"
        return Finding(measured, verdict(found, claimed))

    return judge


def by_run(value: Callable[[Run], float], what: str, one: str, other: str, claimed: str) -> Judge:
    """Return a rule for a quantity of whole runs of two conditions.

    Args:
        value: function that computes the quantity.
        what: the quantity in words.
        one, other: the conditions.
        claimed: how `one` is said to be, "lower" or "higher" than `other`.
    """

    def judge(results: Results) -> Finding:
        found = statistics.by_run(results.runs(one, value), results.runs(other, value))
        return Finding(f"{what}, {one} less {other}: {found}", verdict(found, claimed))

    return judge


def gap(run: Run) -> float:
    """Compute overfitting: validation MSE minus training MSE, after the last epoch."""
    last = run["history"][-1]
    return last["val_mse"] - last["mse"]


def roughness(run: Run) -> float:
    """Compute how uneven a curve is: the mean change of slope of the validation MSE, unsigned."""
    curve = [record["val_mse"] for record in run["history"]]
    return float(np.abs(np.diff(curve, n=2)).mean())


def speed(run: Run) -> float:
    """Compute how soon a curve falls: the mean validation MSE over all epochs."""
    return float(np.mean([record["val_mse"] for record in run["history"]]))


def seconds(run: Run) -> float:
    """Compute the seconds of an epoch; the first, which compiles the steps, is left out."""
    return float(np.median(run["seconds"][1:]))


def last_layer(results: Results) -> Finding:
    """Judge whether a convolution as last layer is worse than dense layers."""
    conv = _by_face(results, "mse", "cnn, conv", "cnn")
    relu = _by_face(results, "mse", "cnn, relu", "cnn")
    measured = f"MSE less that of the dense head: convolution {conv}; with a ReLU on it {relu}"
    return Finding(measured, verdict(conv, "higher"))


def dropout_is_no_help(results: Results) -> Finding:
    """Judge whether dropout leaves the MSE no lower, at either place."""
    found = {
        place: _by_face(results, "mse", f"resnet, few, dropout {place}", "resnet, few")
        for place in ("at the bottleneck", "in the decoder")
    }
    said = {difference.said for difference in found.values()}
    differences = "; ".join(f"{place} {difference}" for place, difference in found.items())
    return Finding(
        f"MSE less that without dropout: {differences}",
        _decide(fails="lower" in said, holds=said == {"higher"}),
    )


def tanh_is_worse(results: Results) -> Finding:
    """Judge whether a tanh head is worse than a linear one in the same units."""
    equal = _by_face(results, "mse", "resnet, tanh", "resnet")
    naive = _by_face(results, "mse", "gan, tanh, naive lambda", "gan, tanh")
    measured = (
        f"MSE, tanh less linear, same units: {equal}; in the GAN, lambda 0.1 on a*/128 less 0.1 in "
        f"CIELAB units: {naive}"
    )
    return Finding(measured, verdict(equal, "higher"))


def lambda_hides_the_judge(results: Results) -> Finding:
    """Judge whether the GAN with lambda 1 is "extremely similar" to the model without a judge.

    It must be as near to that model as the model is to itself with another seed. (Sharpened: an
    interval that holds 0 had been enough, however wide. Now its upper end must lie below a tenth of
    the seeds' distance.)
    """
    far = np.asarray(results.distances("gan, lambda 1", "resnet"))
    seeds = np.mean(results.distances_of_seeds("resnet"))
    mean = float(np.mean(far) - seeds)
    found = Difference(mean, None, statistics.over_seeds(far - seeds))
    pull = [run["history"][-1]["g_ratio"] for run in results.of("gan, lambda 1")]
    measured = (
        "distance of the predictions of the GAN at lambda 1 from ResNet-50's, less that of "
        f"ResNet-50 from itself with other seeds ({seeds:.2f}): {found}; the judge pulls "
        f"{np.mean(pull):.3f} times as hard as the color loss"
    )
    low, high = found.seeds or (-np.inf, np.inf)
    return Finding(measured, _decide(fails=low > 0, holds=high < SIMILAR * seeds))


def smaller_lambda_is_better(results: Results) -> Finding:
    """Judge whether lambda 0.1 gives more color than 1 without a higher MSE."""
    parts = []
    for name in ("gan, lambda 1", "gan", "gan, lambda 0.01", "gan, lambda 0.001"):
        mean_mse = results.faces(name, "mse").mean()
        mean_vivid = results.faces(name, "colorfulness").mean()
        parts.append(f"{name}: MSE {mean_mse:.1f}, colorfulness {mean_vivid:.1f}")
    mse = _by_face(results, "mse", "gan", "gan, lambda 1")
    vivid = _by_face(results, "colorfulness", "gan", "gan, lambda 1")
    worse = mse.said == "higher" or vivid.said == "lower"
    measured = f"{'; '.join(parts)}. 0.1 less 1: MSE {mse}, colorfulness {vivid}"
    return Finding(measured, _decide(fails=worse, holds=vivid.said == "higher"))


def twice_as_long(results: Results) -> Finding:
    """Judge whether an epoch of the GAN takes 1.5 to 2.5 times as long as ResNet-50's."""
    ratio = results.runs("gan", seconds) / results.runs("resnet", seconds)
    low, high = statistics.over_seeds(ratio) or (np.nan, np.nan)
    said = f"{ratio.mean():.2f} (seeds {low:.2f} to {high:.2f})"
    measured = f"seconds an epoch, GAN to ResNet-50: {said}"
    if any(run["processes"] > 1 for run in results.of("gan") + results.of("resnet")):
        return Finding(f"{measured}, but several runs shared the machine", OPEN)
    outside = high < 1.5 or low > 2.5
    return Finding(measured, _decide(fails=outside, holds=low > 1.5 and high < 2.5))


def smooth_and_uneven(results: Results) -> Finding:
    """Judge whether the GAN's curve is rougher than the two others."""
    gan = results.runs("gan", roughness)
    found = {
        name: statistics.by_run(gan, results.runs(name, roughness)) for name in ("cnn", "resnet")
    }
    said = {difference.said for difference in found.values()}
    differences = "; ".join(f"{name}: {value}" for name, value in found.items())
    return Finding(
        f"mean change of slope of the validation MSE, GAN less {differences}",
        _decide(fails="lower" in said, holds=said == {"higher"}),
    )


def hair_like_skin(results: Results) -> Finding:
    """Judge whether all models color hair less than half as far from skin as it truly is."""
    true, shown = results.true_hair_from_skin
    true = true[shown]  # (faces that show hair,)
    parts, decided = [], []
    for name in MODELS:
        predicted = results.faces(name, "hair_from_skin")[:, shown]  # (seeds, faces)
        half = np.broadcast_to(0.5 * true, predicted.shape)
        parts.append(f"{name} {predicted.mean() / true.mean():.0%}")
        decided.append(verdict(statistics.by_face(predicted, half), "lower"))
    measured = (
        f"color of hair from color of skin, as a share of the true distance ({true.mean():.1f}, "
        f"{shown.sum()} faces): {', '.join(parts)}"
    )
    return Finding(measured, decided[0] if len(set(decided)) == 1 else OPEN)


def more_faces_help(results: Results) -> Finding:
    """Judge whether all faces give a lower MSE than an eighth of them."""
    names = (
        "cnn, an eighth of the faces",
        "cnn, a quarter of the faces",
        "cnn, half the faces",
        "cnn, all faces",
    )
    counts = [results.of(name)[0]["config"]["images"] for name in names]
    mses = [
        f"{count}: {results.faces(name, 'mse').mean():.1f}"
        for count, name in zip(counts, names, strict=True)
    ]
    found = _by_face(results, "mse", names[-1], names[0])
    measured = (
        f"MSE by number of faces, as many steps for all: {', '.join(mses)}; {counts[-1]} less "
        f"{counts[0]}: {found}"
    )
    return Finding(measured, verdict(found, "lower"))


def alike_in_number_only(results: Results) -> Finding:
    """Judge whether the models have similar MSEs, and yet predict different colors."""
    mses = {name: results.faces(name, "mse").mean() for name in MODELS}
    spread = (max(mses.values()) - min(mses.values())) / min(mses.values())
    pairs = (("cnn", "resnet"), ("cnn", "gan"), ("resnet", "gan"))
    between = {pair: np.mean(results.distances(*pair)) for pair in pairs}
    own = {name: np.mean(results.distances_of_seeds(name)) for name in MODELS}
    different = all(
        distance > max(own[one], own[other]) for (one, other), distance in between.items()
    )
    distances = [f"{one} from {other} {value:.1f}" for (one, other), value in between.items()]
    measured = (
        f"MSE {_listed(mses)} (spread {spread:.0%}); distance of predictions "
        f"{', '.join(distances)}; from itself with another seed {_listed(own)}"
    )
    return Finding(measured, HOLDS if spread <= SIMILAR and different else FAILS)


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in values.items())


def most_vivid(results: Results) -> Finding:
    """Judge whether the GAN is more colorful than the two others."""
    found = {name: _by_face(results, "colorfulness", "gan", name) for name in ("cnn", "resnet")}
    said = {difference.said for difference in found.values()}
    own = results.faces("gan", "colorfulness").mean()
    differences = "; ".join(f"{name}: {value}" for name, value in found.items())
    measured = (
        f"colorfulness of the GAN {own:.1f}, in truth {results.true_colorfulness:.1f}; less that "
        f"of {differences}"
    )
    return Finding(measured, _decide(fails="lower" in said, holds=said == {"higher"}))


def equal_for_all(by: str) -> Judge:
    """Return a rule that fails where all models serve groups of faces differently, beyond chance.

    They may differ in MSE, or in skill against the group's own mean color. (Skill was added when
    the audit had shown what MSE hides: that faces of one group are harder than another's.)
    """

    def judge(results: Results) -> Finding:
        labels, reference = results.groups(by)
        people = np.arange(len(labels))
        parts, unequal = [], []
        for name in MODELS:
            errors = results.faces(name, "mse").mean(axis=0)  # (faces,)
            measured = evaluation.Measured(errors, reference, np.zeros(len(errors)))
            mse = evaluation.spread_over_groups(measured, labels, people, "mse")
            skill = evaluation.spread_over_groups(measured, labels, people, "skill")
            parts.append(
                f"{name}: mse {plots.groups_verdict(mse, 'mse')}; "
                f"skill {plots.groups_verdict(skill, 'skill')}"
            )
            unequal.append((mse.unequal, skill.unequal))
        in_all = np.all(unequal, axis=0)  # (2,): of mse, of skill
        said = f"by {by}, mean of the seeds. {'. '.join(parts)}"
        return Finding(said, FAILS if in_all.any() else OPEN)

    return judge
