"""An evaluation as one HTML page that needs nothing beside it: tables, faces, error maps, curves, and the audit by apparent tone."""

import html
from typing import Any

import numpy as np
from markdown_it import MarkdownIt

from ..data.splits import Split
from ..evaluation import baselines, comparison
from ..evaluation.comparison import Predictor, Trained
from . import error_bars, learning_curves, output, tables
from .faces import comparison_grid, error_maps
from .panels import Drawn

FACES = 3  # of each sort: the easiest, those in the middle, the hardest
FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head><body>{body}</body></html>
"""
STYLE = """
body { font-family: sans-serif; line-height: 1.5; max-width: 80em; margin: 2em auto; padding: 0 1em; color: #111; background: #fff }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1em 0; font-size: 0.85em }
th, td { border: 1px solid #bbb; padding: 0.25em 0.6em; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
figure { margin: 1em 0 }
"""
HEAD = """# Evaluation on the {name} split

{count} faces. In brackets: 95 % intervals, of what other people's faces might have given. *One true color per image* is told the truth: a
yardstick, nothing to beat. What each figure means and where it misleads: `docs/metrics.md` in the kit.
"""


def to_html(
    name: str,
    rows: list[dict[str, Any]],
    runs: list[Trained],
    splits: tuple[Split, Split, Split],
    audited: dict[str, Any],
) -> str:
    """The page.

    Args:
        name: of the split that was judged.
        rows: as comparison.evaluate gives them.
        runs: that were judged.
        splits: the training faces, those of validation (of the curves), and those that were judged.
        audited: as audit.audit_report gives it.
    """
    train, val, judged = splits
    compared = "\n".join(f"- {line}" for line in tables.difference_lines(rows))
    parts = [
        _text(HEAD.format(name=name, count=len(judged)) + "\n" + tables.evaluation_tables(rows)),
        _text(
            f"## Differences\n\nOf MSE, on the same faces, each against the next worse:\n\n{compared}"
        ),
        *_faces(sorted_faces(rows, runs, judged), [baselines.MeanColor.fit(train), *runs]),
        _text("## Curves"),
        _curves(runs, comparison.references(train, val)),
        _text(tables.audit_page(audited)),
        *(
            _figure(drawn)
            for drawn in (
                error_bars.errors_by_group(audited),
                error_bars.tone_in_five_lights(audited),
            )
        ),
    ]
    return FRAME.format(title=html.escape(f"Evaluation, {name}"), style=STYLE, body="".join(parts))


def _text(markdown: str) -> str:
    return MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)


def _figure(drawn: Drawn) -> str:
    return f"<figure>{output.to_html(drawn.figure, drawn.alt)}<figcaption>{html.escape(drawn.line)}</figcaption></figure>"


def sorted_faces(rows: list[dict[str, Any]], runs: list[Trained], judged: Split) -> Split:
    """The people on whom the runs together do best, those in the middle and the worst ones, by their mean MSE: three of each."""
    names = {run.name for run in runs}
    order = np.argsort(
        np.mean([row["errors"] for row in rows if row["name"] in names], axis=0), kind="stable"
    )
    middle = max((len(order) - FACES) // 2, 0)
    ranks = np.unique(
        np.concatenate(
            [
                np.arange(len(order))[part]
                for part in np.s_[:FACES, middle : middle + FACES, -FACES:]
            ]
        )
    )
    _, first = np.unique(
        judged.identities, return_index=True
    )  # one picture a person, as the errors are
    places = np.sort(first)[order[ranks]]
    return Split(judged.lab[places], judged.identities[places])


def _faces(faces: Split, shown: list[Predictor]) -> list[str]:
    said = "From left to right: the easiest faces, those in the middle, and the hardest, by the mean MSE of all runs."
    names = ", ".join(predictor.name for predictor in shown)
    grid, maps = comparison_grid(faces, shown, count=len(faces)), error_maps(faces, shown)
    return [
        _text("## Best, median and worst faces"),
        _figure(
            Drawn(
                grid,
                f"Rows of faces: true, grey input, {names}, each prediction with its MSE.",
                said,
            )
        ),
        _text("## Where they err"),
        _figure(
            Drawn(
                maps,
                f"Maps of the distance from the true color, a row each: {names}.",
                "The brighter, the farther from the true color.",
            )
        ),
    ]


def _curves(runs: list[Trained], references: dict[str, float]) -> str:
    shown = {run.name: run.history for run in runs}, references
    line = (
        "Validation MSE of the baselines: "
        + ", ".join(f"{name} {value:.1f}" for name, value in references.items())
        + "."
    )
    return _figure(
        Drawn(learning_curves.curves(*shown), learning_curves.describe_curves(*shown), line)
    )
