"""docs/ledger.md, made of the claims and of the runs that are there."""

from .claims import CLAIMS, Claim
from .conditions import CONDITIONS, SEEDS
from .results import Results

HEAD = """# The ledger: claimed against measured

The report that the course re-creates makes claims of which it gives no number. Here each meets an experiment of stated size. Made by
`make ledger` from the runs in `benchmarks/ledger/`; the rules that decide are in `tools/ledger/judges.py`, written before the runs.

**How to read it.** In every run a model sees 1,920 faces in all (where there are fewer, the same ones several times), in batches of 16, on
CPU cores, and is measured on the 200 test faces of the kit. Each condition is trained with the seeds {seeds}. "Faces a to b" is the 95 %
interval of a difference if other faces had been measured (bootstrap over identities), "seeds a to b" if other seeds had been trained
(Student's t). A claim *holds*, or *does not hold*, where neither contains 0; else one *cannot tell*. Three seeds make the second interval
wide: much that looks like a result in a single run ends as "cannot tell".
"""
TABLE = "| no. | the report says | section | measured | verdict | runs, minutes | left open |\n|---:|---|---|---|---|---|---|\n"


def markdown(results: Results) -> str:
    """The whole page."""
    rows = "".join(_row(number, claim, results) for number, claim in enumerate(CLAIMS, 1))
    return f"{HEAD.format(seeds=', '.join(map(str, SEEDS)))}\n{TABLE}{rows}\n{_conditions(results)}"


def _row(number: int, claim: Claim, results: Results) -> str:
    missing = [name for name in claim.conditions if not results.has(name)]
    if missing:
        cells = [f"not yet: {', '.join(missing)}", "not tested yet", ""]
    else:
        found = claim.judge(results)
        minutes = sum(sum(run["seconds"]) for name in claim.conditions for run in results.of(name)) / 60
        cells = [found.measured, f"**{found.verdict}**", f"{len(claim.conditions) * len(SEEDS)}, {minutes:.0f}"]
    return f"| {' | '.join([str(number), claim.said, claim.section, *cells, claim.open])} |\n"


def _conditions(results: Results) -> str:
    """What each condition is and what became of it."""
    lines = [
        "## The conditions",
        "",
        "| condition | faces x epochs | settings | test MSE of each seed | colorfulness |",
        "|---|---|---|---|---|",
    ]
    for name, condition in CONDITIONS.items():
        settings = ", ".join(f"{key}={value}" for key, value in condition.settings.items()) or "the kit's own"
        mses = colorful = "not yet"
        if results.has(name):
            mses = ", ".join(f"{value:.1f}" for value in results.faces(name, "mse").mean(axis=1))
            colorful = f"{results.faces(name, 'colorfulness').mean():.1f}"
        lines.append(f"| {name} | {condition.images} x {condition.epochs} | {settings} | {mses} | {colorful} |")
    return "\n".join([*lines, ""])
