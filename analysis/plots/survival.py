"""Survival curve: steps with intervals and censoring marks, and the numbers at risk under the time axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.plots import svg
from analysis.plots.frame import (
    MARGIN,
    NARROW,
    CountRow,
    count_rows,
    heading,
    nice_ticks,
    paragraph,
    tick_labels,
    x_axis,
    y_axis,
)
from analysis.plots.svg import Element
from analysis.plots.trajectory import Chart, chart, look


@dataclass(frozen=True, slots=True)
class SurvivalSeries:
    """One curve: survival (0–1) from each time on, 1 before the first; bounds alike; at_risk holds (time, number)."""

    label: str
    times: tuple[float, ...]
    survival: tuple[float, ...]
    ci_low: tuple[float | None, ...] = ()
    ci_high: tuple[float | None, ...] = ()
    censored: tuple[float, ...] = ()
    at_risk: tuple[tuple[float, int], ...] = ()


def steps(times: Sequence[float], values: Sequence[float], end: float) -> tuple[tuple[float, float], ...]:
    """Corners of the step function that starts at (0, 1), takes each value at its time and runs to the end.

    Raises:
        ValueError: times and values differ in number.
    """
    corners = [(0.0, 1.0)]
    for time, value in zip(times, values, strict=True):
        corners += [(time, corners[-1][1]), (time, value)]
    return (*corners, (max(end, corners[-1][0]), corners[-1][1]))


def level(series: SurvivalSeries, time: float) -> float:
    """Survival at a time: the value of the last step not after it."""
    return next((s for t, s in zip(reversed(series.times), reversed(series.survival), strict=True) if t <= time), 1.0)


def survival_curve(
    series: Sequence[SurvivalSeries],
    *,
    plot_id: str,
    title: str,
    description: str,
    time_label: str = "Months",
    value_label: str = "Survival (%)",
    note: str = "Shaded: 95% confidence interval. Upright marks: censored.",
    low: float = 0.0,
    width: float = 860,
    show_title: bool = True,
) -> str:
    """Survival curves as SVG.

    Args:
        series: curves in the order of the legend.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        time_label: name of the time axis, with its unit and time zero.
        value_label: name of the upright axis.
        note: what shades and marks mean.
        low: lower end of the upright axis, 0–1; what lies below is cut.
        width: natural width in pixels; below 520 the legend stands above its counts.
        show_title: False where the page has the title already.

    Raises:
        ValueError: times and values of a curve differ in number, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    label, y = paragraph(value_label, y, width)
    times = [t for each in series for t in (*each.times, *each.censored, *(at for at, _ in each.at_risk))]
    frame = chart([each.label for each in series], [0, *times], (100 * low, 100), width=width, top=y + 10, right=14)
    rows = [CountRow(s.label, _key(i), tuple((t, str(n)) for t, n in s.at_risk)) for i, s in enumerate(series)]
    below, beside = frame.y.start + 48, frame.label_width
    counts, y = count_rows(rows, frame.x, below, caption="At risk", label_width=beside, width=width)
    notes, y = paragraph(note if series else "No study to show", y + 4, width)
    return svg.document(
        *top,
        *label,
        *_grid(frame, series, time_label),
        *(part for i, each in enumerate(series) for part in _draw(i, each, frame)),
        *counts,
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, y + MARGIN),
        kind="survival narrow" if width < NARROW else "survival",
    )


def _grid(frame: Chart, series: Sequence[SurvivalSeries], time_label: str) -> tuple[Element, ...]:
    values = nice_ticks(frame.y.low, frame.y.high, 5)
    asked = sorted({time for each in series for time, _ in each.at_risk})
    ticks = tuple(asked) if 1 < len(asked) < 12 else nice_ticks(frame.x.low, frame.x.high)
    return (
        *y_axis(frame.y, values, tick_labels(values), frame.x.start, frame.x.end),
        *x_axis(frame.x, ticks, tick_labels(ticks), frame.y.start, time_label),
    )


def _key(i: int) -> tuple[Element, ...]:
    colour, _, dash = look(i)
    return (svg.line(-14, 0, 14, 0, colour=colour, width=2.2, dash=dash),)


def _draw(i: int, series: SurvivalSeries, frame: Chart) -> list[Element]:
    colour, _, dash = look(i)
    end = max((*series.times, *series.censored), default=0.0)
    words = f"{series.label}: {svg.number(100 * level(series, end), 1)} % at {end:g}"
    path = _pixels(steps(series.times, series.survival, end), frame)
    curve = svg.polyline(path, stroke=colour, stroke_width=2.2, stroke_dasharray=dash)
    marks = [
        svg.line(frame.x(time), y - 5, frame.x(time), y + 5, colour=colour, width=1.3)
        for time in series.censored
        for y in [frame.y(100 * level(series, time))]
    ]
    return [*_shade(series, end, frame, colour), svg.node("g", svg.node("title", words), curve, *marks)]


def _shade(series: SurvivalSeries, end: float, frame: Chart, colour: str) -> list[Element]:
    """The interval as a pale band over the times at which both bounds are known."""
    known = [
        (t, low, high)
        for t, low, high in zip(series.times, series.ci_low, series.ci_high, strict=False)
        if low is not None and high is not None and low <= high
    ]
    if not known:
        return []
    times, lows, highs = zip(*known, strict=True)
    last = end if len(known) == len(series.times) else times[-1]
    outline = [*steps(times, highs, last), *reversed(steps(times, lows, last))]
    return [svg.polygon(_pixels(outline, frame), fill=colour, fill_opacity=0.13)]


def _pixels(corners: Sequence[tuple[float, float]], frame: Chart) -> list[tuple[float, float]]:
    return [(frame.x(time), frame.y(100 * value)) for time, value in corners]
