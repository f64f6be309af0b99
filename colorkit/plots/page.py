"""Write an evaluation as one HTML page that needs no other file.

It shows tables, faces, error maps, curves, and the audit by apparent tone.
"""

import html
from collections.abc import Sequence

import numpy as np
from markdown_it import MarkdownIt

from ..data.splits import Split
from ..evaluation import baselines, comparison
from ..evaluation.audit import AuditReport
from ..evaluation.comparison import Evaluated, Predictor, Trained
from . import error_bars, learning_curves, output, tables
from .faces import comparison_grid, error_maps
from .panels import Drawn

FACES = 3  # of each sort: the easiest, those in the middle, the hardest
FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>\
<body>{body}</body></html>
"""
STYLE = """
body { font-family: sans-serif; line-height: 1.5; max-width: 80em; margin: 2em auto; \
padding: 0 1em; color: #111; background: #fff }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1em 0; \
font-size: 0.85em }
th, td { border: 1px solid #bbb; padding: 0.25em 0.6em; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
figure { margin: 1em 0 }
"""
HEAD = """# Evaluation on the {name} split

{count} faces. In brackets: 95 % intervals, within which other people's faces might have put each
number. *One true color per image* knows the truth: it is a yardstick, not a rival. What each number
means and where it misleads: `docs/metrics.md` in the kit.
"""


def to_html(
    name: str,
    rows: list[Evaluated],
    runs: Sequence[Trained],
    splits: tuple[Split, Split, Split],
    audited: AuditReport,
) -> str:
    """Write the page.

    Args:
        name: name of the judged split.
        rows: results of evaluation.evaluate.
        runs: the runs among them.
        splits: training faces, validation faces (for the curves), and judged faces.
        audited: result of evaluation.audit_report.
    """
    train, val, judged = splits
    head = HEAD.format(name=name, count=len(judged))
    compared = "\n".join(f"- {line}" for line in tables.difference_lines(rows))
    differences = (
        f"## Differences\n\nOf MSE, on the same faces, each against the next worse:\n\n{compared}"
    )
    shown = [baselines.MeanColor.fit(train), *runs]
    parts = [
        _text(f"{head}\n{tables.evaluation_tables(rows)}"),
        _text(differences),
        *_faces(sorted_faces(rows, runs, judged), shown),
        _text("## Curves"),
        _curves(runs, comparison.references(train, val)),
        _text(tables.audit_page(audited)),
        _figure(error_bars.errors_by_group(audited)),
        _figure(error_bars.tone_in_five_lights(audited)),
    ]
    return FRAME.format(title=html.escape(f"Evaluation, {name}"), style=STYLE, body="".join(parts))


def _text(markdown: str) -> str:
    """Turn Markdown into HTML; HTML in it stays text."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)


def _figure(drawn: Drawn) -> str:
    image = output.to_html(drawn.figure, drawn.alt)
    return f"<figure>{image}<figcaption>{html.escape(drawn.line)}</figcaption></figure>"


def sorted_faces(rows: list[Evaluated], runs: Sequence[Trained], judged: Split) -> Split:
    """Choose the people on whom the runs together do best, medium and worst: three of each.

    Args:
        rows: results of evaluation.evaluate.
        runs: the runs whose mean MSE decides.
        judged: judged faces.
    """
    names = {run.name for run in runs}
    errors = [row.errors for row in rows if row.name in names]
    order = np.argsort(np.mean(errors, axis=0), kind="stable")  # people, easiest first
    ranks = _chosen_ranks(len(order))
    # one picture a person, as the errors are; in order of first appearance
    _, first = np.unique(judged.identities, return_index=True)
    places = np.sort(first)[order[ranks]]
    return Split(judged.lab[places], judged.identities[places])


def _chosen_ranks(people: int) -> np.ndarray:
    """Return the first, the middle and the last ranks; each once, where there are few people."""
    ranks = np.arange(people)
    middle = max((people - FACES) // 2, 0)
    parts = [ranks[:FACES], ranks[middle : middle + FACES], ranks[-FACES:]]
    return np.unique(np.concatenate(parts))


def _faces(faces: Split, shown: Sequence[Predictor]) -> list[str]:
    names = ", ".join(predictor.name for predictor in shown)
    grid = Drawn(
        comparison_grid(faces, shown, count=len(faces)),
        f"Rows of faces: true, grey input, {names}, each prediction with its MSE.",
        "From left to right: the easiest faces, those in the middle, and the hardest, by the mean "
        "MSE of all runs.",
    )
    maps = Drawn(
        error_maps(faces, shown),
        f"Maps of the distance from the true color, a row each: {names}.",
        "The brighter, the farther from the true color.",
    )
    return [
        _text("## Best, median and worst faces"),
        _figure(grid),
        _text("## Where they err"),
        _figure(maps),
    ]


def _curves(runs: Sequence[Trained], references: dict[str, float]) -> str:
    histories = {run.name: run.history for run in runs}
    figure = learning_curves.curves(histories, references)
    alt = learning_curves.describe_curves(histories, references)
    errors = ", ".join(f"{name} {value:.1f}" for name, value in references.items())
    return _figure(Drawn(figure, alt, f"Validation MSE of the baselines: {errors}."))
