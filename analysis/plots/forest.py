"""Forest plot: each study with its interval, the pool below, what was left out and comparators beside.

The plot is laid out in two steps, so that its geometry can be tested: ``forest_layout`` places lines of words in
boxes, ``forest`` draws them. In a wide plot every line is a row of a table; in a narrow one the words of a line stand
above its interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.plots import svg
from analysis.plots.axis import Axis, limits, written
from analysis.plots.forest_draw import draw_axis, draw_guides, draw_header, draw_line
from analysis.plots.forest_layout import Line, forest_columns, forest_layout
from analysis.plots.frame import MARGIN, Scale, heading

State = Literal["included", "left out", "comparator", "no interval"]
LEFT_OUT, COMPARATORS = "Left out of the pool", "Comparators, not pooled"


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A study in a forest plot, its numbers on the model's scale.

    weight is in percent (0–100). columns holds the words under the plot's headers. state says how it takes part:
    ``included``; ``left out`` (greyed, with its reason); ``comparator`` (beside, never pooled); ``no interval`` (in
    its place but without bounds). An infinite or nan bound is drawn as an arrow.
    """

    label: str
    estimate: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    weight: float | None = None
    columns: tuple[str, ...] = ()
    href: str | None = None
    state: State = "included"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Pooled:
    """The pool of the included rows, on the model's scale; model is the line that names τ², I² and the test."""

    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float | None = None
    pi_high: float | None = None
    label: str = "Pooled"
    pi_label: str = "Prediction interval"
    model: str | None = None
    href: str | None = None


def forest_lines(rows: Sequence[ForestRow], pooled: Pooled | None, axis: Axis) -> tuple[Line, ...]:
    """The lines of a plot from top to bottom.

    Raises:
        ValueError: a pool stands over fewer than two included studies, which a diamond would misrepresent.
    """
    if pooled is not None and sum(row.state == "included" for row in rows) < 2:
        raise ValueError("a pool needs at least two included studies; one study is shown as itself")
    largest = max((row.weight for row in rows if row.weight and row.state == "included"), default=0.0)
    main = [_study(row, axis, largest) for row in rows if row.state in ("included", "no interval")]
    found = main or [Line("empty", "No study to show")]
    found += [] if pooled is None else _pooled(pooled, axis)
    for state, name in (("left out", LEFT_OUT), ("comparator", COMPARATORS)):
        beside = [_study(row, axis, largest) for row in rows if row.state == state]
        found += [Line("heading", name), *beside] if beside else []
    return tuple(found)


def _study(row: ForestRow, axis: Axis, largest: float) -> Line:
    bare = row.ci_low is None and row.ci_high is None
    share = (row.weight / largest) ** 0.5 if row.weight and row.state == "included" else 0.65
    return Line(
        kind="aside" if row.state == "left out" else "study",
        label=row.label,
        note=row.reason or "",
        interval=(row.estimate, row.ci_low, row.ci_high),
        estimate="not given" if row.estimate is None else written(axis, row.estimate),
        bounds="no interval" if bare else _bounds(axis, row.ci_low, row.ci_high),
        weight="" if row.weight is None else f"{svg.number(row.weight, 1)} %",
        size=share,
        cells=row.columns,
        href=row.href,
    )


def _bounds(axis: Axis, low: float | None, high: float | None) -> str:
    return " to ".join("?" if bound is None else written(axis, bound) for bound in (low, high))


def _pooled(pooled: Pooled, axis: Axis) -> list[Line]:
    interval = (pooled.estimate, pooled.ci_low, pooled.ci_high)
    words = _bounds(axis, pooled.ci_low, pooled.ci_high)
    found = [Line("pooled", pooled.label, "", interval, written(axis, pooled.estimate), words, href=pooled.href)]
    if pooled.pi_low is not None and pooled.pi_high is not None:
        outer = (pooled.estimate, pooled.pi_low, pooled.pi_high)
        bounds = _bounds(axis, pooled.pi_low, pooled.pi_high)
        found.append(Line("prediction", pooled.pi_label, "", outer, bounds=bounds))
    return [*found, Line("model", pooled.model)] if pooled.model else found


def forest(
    rows: Sequence[ForestRow],
    pooled: Pooled | None,
    *,
    plot_id: str,
    title: str,
    description: str,
    axis: Axis,
    headers: Sequence[str] = (),
    names: tuple[str, str, str, str] = ("Study", "Estimate", "95% CI", "Weight"),
    width: float = 860,
    show_title: bool = True,
) -> str:
    """A forest plot as SVG.

    Args:
        rows: the studies in the order they are shown.
        pooled: the pool of the included rows; None draws no diamond.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        axis: label, null line, transform and ticks in the reader's units.
        headers: of the rows' text columns.
        names: headers of study, estimate, interval and weight.
        width: natural width in pixels; below 520, or where the columns leave no room, labels stand above intervals.
        show_title: False where the page has the title already.

    Raises:
        ValueError: pooled is given with fewer than two included rows, a link is unsafe, or the id is no identifier.
    """
    lines = forest_lines(rows, pooled, axis)
    columns = forest_columns(lines, headers, names, width)
    top, y = heading(title, width) if show_title else ((), MARGIN)
    foot = 84 if axis.left or axis.right else 64
    layout = forest_layout(lines, headers, columns, width=width, top=y + 28, foot=foot if rows else MARGIN)
    scale = Scale(*limits(axis, (line.interval for line in lines)), *layout.plot)
    return svg.document(
        *top,
        *draw_guides(layout, scale, axis),
        *draw_header(columns, headers, names, y, width),
        *(draw_line(each, layout, scale, axis) for each in layout.lines),
        *(draw_axis(layout, scale, axis) if rows else ()),
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, layout.height),
        kind="forest" if columns else "forest narrow",
    )
