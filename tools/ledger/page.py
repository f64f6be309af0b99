"""docs/ledger.md, made of the claims and of the runs that are there."""

from colorkit import profiles

from .claims import CLAIMS, Claim
from .conditions import CONDITIONS, SEEDS, SIZES
from .judges import Finding
from .results import Results

ENCODER = {True: "learns too", False: "stays frozen, unless a condition says fine_tune"}
UNTRAINED = "Encoder untrained, not ImageNet's."

HEAD = """# The ledger: claimed against measured

The report that the course re-creates makes claims of which it gives no number. Here each meets an experiment of stated size. Made by
`make ledger` from the runs in `benchmarks/ledger/`, which it trains where they are missing; those of class size by `KERAS_BACKEND=jax
python -m tools.ledger --size class --processes 12`. The rules that decide are in `tools/ledger/judges.py` and were written before the
runs. Two were sharpened after the first runs of class size: 7 took "no difference found" for "alike" without asking how wide the interval
was, and 19 and 20 asked for MSE alone, which hides that faces of one group are harder. At class size that turned no verdict; at demo size
it turned 7 from *holds* to *cannot tell*, and 19 from *cannot tell* to *does not hold*.

**How to read it.** Every run of a size sees as many faces in all (where there are fewer, the same ones more often), and is measured on
the 200 test faces of the kit. Each condition is trained with the seeds {seeds}. "Faces a to b" is the 95 % interval of a difference if
other faces had been measured (bootstrap over identities), "seeds a to b" if other seeds had been trained (Student's t). A claim *holds*,
or *does not hold*, where neither contains 0; else one *cannot tell*. Three seeds make the second interval wide: much that looks like a
result in a single run ends as "cannot tell".

For 19 and 20 (groups) see [the audit](audit.md): the two groups farthest apart are held against 1,000 random groupings, and a claim does
not hold where all three models are unequal, in MSE or in skill.

ImageNet's weights could not be had where the runs were made, so ResNet-50's encoder, which is the GAN's too, starts untrained in all of
them. Rows about these two leave open what it would do with those weights. Runs of demo size were made partly on a CPU (all with seed 0,
and the two of row 12), partly on a GPU; each says so in its file, with the versions of what computed it.
Other work shared the CPU's cores at the time, so row 12's ratio is rough; class runs of seed 0 were 10 at a time, not 12.
"""
TABLE = "| no. | the report says | section | measured | verdict | runs, minutes | left open |\n|---:|---|---|---|---|---|---|\n"


def markdown(sizes: dict[str, Results]) -> str:
    """The whole page."""
    parts = [
        HEAD.format(seeds=", ".join(map(str, SEEDS))),
        _summary(sizes),
        *(_of_size(results) for results in sizes.values()),
    ]
    return "\n".join(parts)


def _summary(sizes: dict[str, Results]) -> str:
    """Every claim with its verdict at each size."""
    lines = [
        "## Verdicts",
        "",
        f"| no. | the report says | {' | '.join(sizes)} |",
        "|---:|---|" + "---|" * len(sizes),
    ]
    for number, claim in enumerate(CLAIMS, 1):
        verdicts = [
            finding.verdict if (finding := _finding(claim, results)) else "not tested yet"
            for results in sizes.values()
        ]
        lines.append(f"| {number} | {claim.said} | {' | '.join(verdicts)} |")
    return "\n".join([*lines, ""])


def _of_size(results: Results) -> str:
    """What was measured at one size, claim by claim, and the conditions."""
    size, profile = SIZES[results.size], profiles.get(SIZES[results.size].profile)
    head = (
        f"## Measured at {results.size} size\n\n"
        f"A run sees {size.seen:,} faces in all, {size.main:,} different ones if nothing else is said, in batches of "
        f"{profile.batch_size}. ResNet-50's encoder {ENCODER[profile.fine_tune]}. {_machines(results)}\n\n"
    )
    rows = "".join(_row(number, claim, results) for number, claim in enumerate(CLAIMS, 1))
    return f"{head}{TABLE}{rows}\n{_conditions(results)}"


def _machines(results: Results) -> str:
    """On what the runs were made."""
    there = [run for name in CONDITIONS if results.has(name) for run in results.of(name)]
    found = {(run["machine"]["device"], run["machine"]["cores"], run["processes"]) for run in there}
    if not found:
        return ""
    said = [
        f"{device}, {cores} cores, {'one run' if count == 1 else f'up to {count} runs'} at a time"
        for device, cores, count in sorted(found)
    ]
    return f"Made on {'; on '.join(said)}."


def _finding(claim: Claim, results: Results) -> Finding | None:
    """What the runs show; None where some are missing."""
    return claim.judge(results) if all(results.has(name) for name in claim.conditions) else None


def _row(number: int, claim: Claim, results: Results) -> str:
    finding = _finding(claim, results)
    if finding is None:
        missing = [name for name in claim.conditions if not results.has(name)]
        cells = [f"not yet: {', '.join(missing)}", "not tested yet", ""]
    else:
        minutes = (
            sum(sum(run["seconds"]) for name in claim.conditions for run in results.of(name)) / 60
        )
        cells = [
            finding.measured,
            f"**{finding.verdict}**",
            f"{len(claim.conditions) * len(SEEDS)}, {minutes:.0f}",
        ]
    untrained = (
        [UNTRAINED] if any(CONDITIONS[name].model != "cnn" for name in claim.conditions) else []
    )
    left = " ".join([*untrained, *([claim.open] if claim.open else [])])
    return f"| {' | '.join([str(number), claim.said, claim.section, *cells, left])} |\n"


def _conditions(results: Results) -> str:
    """What each condition is and what became of it, below the baselines."""
    size = SIZES[results.size]
    lines = [
        f"The conditions at {results.size} size:",
        "",
        "| condition | faces x epochs | settings | test MSE of each seed | colorfulness |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | all | none | {mse:.1f} | {vivid:.1f} |"
            for name, (mse, vivid) in results.baselines.items()
        ),
    ]
    for name, condition in CONDITIONS.items():
        settings = (
            ", ".join(f"{key}={value}" for key, value in condition.settings.items())
            or "the kit's own"
        )
        mses = colorful = "not yet"
        if results.has(name):
            mses = ", ".join(f"{value:.1f}" for value in results.faces(name, "mse").mean(axis=1))
            colorful = f"{results.faces(name, 'colorfulness').mean():.1f}"
        lines.append(
            f"| {name} | {condition.images(size)} x {condition.epochs(size)} | {settings} | {mses} | {colorful} |"
        )
    return "\n".join([*lines, ""])
