"""Trajectory: an outcome's mean over months, one line a study or arm, with the number of patients at every point."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from analysis.plots import svg
from analysis.plots.frame import (
    MARGIN,
    NARROW,
    CountRow,
    Scale,
    count_rows,
    drawable,
    heading,
    nice_ticks,
    paragraph,
    span,
    tick_labels,
    x_axis,
    y_axis,
)
from analysis.plots.svg import INK, LEAST, MUTED, SERIES_COLOURS, SERIES_DASHES, SERIES_SHAPES, SMALL, Element

#: Colour, marker and dash of a series.
Look = tuple[str, str, str | None]
RADIUS = 4.2
INSET = 18.0  # between the frame and the first and last time, pixels
DODGE = 7.0  # between series at the same month, so that their bars stay apart, pixels
MOST_BAND = 0.2  # share of the width that names of bands may take
MOST_TICKS = 9  # with more different months than this, round months are printed instead


@dataclass(frozen=True, slots=True)
class TrajectoryPoint:
    """A mean at a time, in the outcome's unit; low and high are the ends of its bar (mean ± SD, or an interval)."""

    months: float
    mean: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    href: str | None = None
    survivors_only: bool = False


@dataclass(frozen=True, slots=True)
class TrajectorySeries:
    """One study or arm, its points in order of time."""

    label: str
    points: tuple[TrajectoryPoint, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A named stretch of the scale, for instance a grade of severity."""

    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True)
class Measure:
    """The outcome's scale: its ends, the smallest change that matters to patients (MCID) with its source."""

    label: str
    low: float | None = None
    high: float | None = None
    mcid: float | None = None
    mcid_source: str | None = None
    better: Literal["lower", "higher"] | None = None
    bands: tuple[Band, ...] = ()
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Chart:
    """The frame of a chart over time: both scales, and the width of the labels left of it (0: labels stand above)."""

    x: Scale
    y: Scale
    label_width: float


def value_limits(series: Sequence[TrajectorySeries], measure: Measure) -> tuple[float, float]:
    """Lowest and highest value drawn: all points and bars, within the scale, down to its end where that is near."""
    points = [point for each in series for point in each.points]
    low, high = span(drawable(v for point in points for v in (point.mean, point.low, point.high)))
    low = low if measure.low is None else max(low, measure.low)
    high = high if measure.high is None else min(high, measure.high)
    if measure.low is not None and low - measure.low < 2 * (high - low):
        low = measure.low
    return (low, high) if low < high else span([low])


def month_ticks(series: Sequence[TrajectorySeries]) -> tuple[float, ...]:
    """The months at which something was measured, or round ones where those are many."""
    months = sorted({point.months for each in series for point in each.points})
    if len(months) <= MOST_TICKS:
        return tuple(months)
    width = months[-1] - min(months[0], 0)
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if width / s <= MOST_TICKS), 240)
    return tuple(float(m) for m in range(0, math.floor(months[-1]) + 1, step))


def chart(
    labels: Sequence[str],
    times: Sequence[float],
    values: tuple[float, float],
    *,
    width: float,
    top: float,
    right: float,
) -> Chart:
    """The frame of a chart over time whose upper edge is at top; right is kept free beyond the plot."""
    narrow = width < NARROW
    widest = max((svg.text_width(label, SMALL) for label in labels), default=0) + 44
    label_width = 0.0 if narrow else min(max(widest, 90), 0.27 * width)
    left = MARGIN + max(label_width, 34) + 18
    first, last = min([0.0, *times]), max(times, default=1.0)
    last = last if last > first else first + 1
    height = 230 if narrow else 300
    return Chart(Scale(first, last, left, width - MARGIN - right), Scale(*values, top + height, top), label_width)


def series_key(i: int, *, hollow: bool = False) -> tuple[Element, ...]:
    """Line and marker of the i-th series around (0, 0), as the legend shows them."""
    colour, shape, dash = look(i)
    return (
        svg.line(-14, 0, -7, 0, colour=colour, width=2, dash=dash),
        svg.line(7, 0, 14, 0, colour=colour, width=2, dash=dash),
        svg.marker(shape, 0, 0, RADIUS, colour, hollow=hollow),
    )


def look(i: int) -> Look:
    """Colour, marker and dash of the i-th series; no two of the first 210 share all three."""
    return (
        SERIES_COLOURS[i % len(SERIES_COLOURS)],
        SERIES_SHAPES[i % len(SERIES_SHAPES)],
        SERIES_DASHES[i % len(SERIES_DASHES)],
    )


def trajectory(
    series: Sequence[TrajectorySeries],
    *,
    plot_id: str,
    title: str,
    description: str,
    measure: Measure,
    bars: str = "Bars: mean ± SD.",
    time_label: str = "Months since baseline",
    width: float = 860,
    show_title: bool = True,
) -> str:
    """Means over time as SVG.

    Args:
        series: studies or arms in the order of the legend.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        measure: the outcome's scale.
        bars: what the bars show.
        time_label: name of the time axis.
        width: natural width in pixels; below 520 the legend stands above its counts.
        show_title: False where the page has the title already.

    Raises:
        ValueError: a link is unsafe, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    label, y = paragraph(measure.label, y, width)
    ticks = month_ticks(series)
    labels = [each.label for each in series]
    names = min(max((svg.text_width(each.label, LEAST) for each in measure.bands), default=0.0), MOST_BAND * width)
    right = (44 if measure.mcid else 14) + names
    frame = chart(labels, ticks, value_limits(series, measure), width=width, top=y + 10, right=right)
    inner = Scale(frame.x.low, frame.x.high, frame.x.start + INSET, frame.x.end - INSET)
    shifted = [Chart(_shift(inner, i, len(series)), frame.y, 0) for i in range(len(series))]
    rows = [CountRow(each.label, series_key(i), _counts(each, measure)) for i, each in enumerate(series)]
    below, beside = frame.y.start + 48, frame.label_width
    counts, y = count_rows(rows, inner, below, caption="Mean (n) at each point", label_width=beside, width=width)
    notes, y = paragraph(_notes(series, measure, bars), y + 4, width)
    return svg.document(
        *top,
        *label,
        *_bands(measure, frame, width),
        *_grid(frame, inner, ticks, time_label),
        *(_mcid(measure, frame, width - MARGIN - 20) if measure.mcid else ()),
        *(part for i, each in enumerate(series) for part in _draw(each, look(i), shifted[i], measure)),
        *counts,
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, y + MARGIN),
        kind="trajectory narrow" if width < NARROW else "trajectory",
    )


def _shift(scale: Scale, i: int, count: int) -> Scale:
    """The time scale of the i-th series, moved a little so that its bars stand beside those of the others."""
    by = (i - (count - 1) / 2) * min(DODGE, 28 / count)
    return Scale(scale.low, scale.high, scale.start + by, scale.end + by)


def _grid(frame: Chart, inner: Scale, ticks: Sequence[float], time_label: str) -> tuple[Element, ...]:
    values = nice_ticks(frame.y.low, frame.y.high)
    times = x_axis(inner, ticks, tick_labels(ticks, each=True), frame.y.start, time_label, beyond=INSET)
    return (*y_axis(frame.y, values, tick_labels(values), frame.x.start, frame.x.end), *times)


def _bands(measure: Measure, frame: Chart, width: float) -> tuple[Element, ...]:
    """Named stretches of the scale as faint stripes, their names right of the plot."""
    found: list[Element] = []
    for i, band in enumerate(measure.bands):
        upper, lower = frame.y(band.high), frame.y(band.low)
        if lower - upper < LEAST + 4:
            continue
        shade = 0.08 if i % 2 else 0.03
        found += [
            svg.rect(frame.x.start, upper, frame.x.end - frame.x.start, lower - upper, fill_opacity=shade),
            _band_label(band.label, frame.x.end + 6, (upper + lower) / 2 + 4, width),
        ]
    return tuple(found)


def _band_label(label: str, x: float, y: float, width: float) -> Element:
    short = svg.fit(label, MOST_BAND * width, LEAST)
    return svg.text(x, y, short, size=LEAST, opacity=MUTED, full=label)


def _mcid(measure: Measure, frame: Chart, x: float) -> tuple[Element, ...]:
    """A bracket as high as the MCID, right of everything else."""
    size = min(abs(measure.mcid or 0), frame.y.high - frame.y.low)
    middle = (frame.y.low + frame.y.high) / 2
    upper, lower = frame.y(middle + size / 2), frame.y(middle - size / 2)
    return (
        svg.polyline(((x - 5, upper), (x, upper), (x, lower), (x - 5, lower)), stroke=INK, stroke_width=1.5),
        svg.text(x, upper - 7, "MCID", size=LEAST, anchor="middle", opacity=MUTED),
    )


def _counts(series: TrajectorySeries, measure: Measure) -> tuple[tuple[float, str], ...]:
    return tuple((point.months, _words(point, measure)) for point in series.points)


def _words(point: TrajectoryPoint, measure: Measure) -> str:
    return svg.number(point.mean, measure.decimals) + ("" if point.n is None else f" ({point.n})")


def _notes(series: Sequence[TrajectorySeries], measure: Measure, bars: str) -> str:
    points = [point for each in series for point in each.points]
    found = [bars] if any(point.low is not None or point.high is not None for point in points) else []
    found += ["Hollow points: survivors only."] if any(point.survivors_only for point in points) else []
    if measure.low is not None and measure.high is not None:
        better = f", {measure.better} is better" if measure.better else ""
        found.append(f"Scale {measure.low:g}–{measure.high:g}{better}.")
    if measure.mcid is not None:
        source = f" ({measure.mcid_source})" if measure.mcid_source else ""
        found.append(f"MCID: smallest change that matters to patients, {measure.mcid:g}{source}.")
    return " ".join(found) if series else "No study to show"


def _draw(series: TrajectorySeries, look: Look, frame: Chart, measure: Measure) -> list[Element]:
    """A series: the line between its points, their bars, and the points themselves as links."""
    colour, _, dash = look
    points = [point for point in series.points if drawable((point.mean,))]
    spots = [(frame.x(point.months), frame.y(point.mean)) for point in points]
    lines = [svg.line(*_shortened(a, b), colour=colour, width=2, dash=dash) for a, b in pairwise(spots)]
    bars = [part for point, spot in zip(points, spots, strict=True) for part in _bar(point, spot, frame, colour)]
    marks = [
        _point(point, spot, look, f"{series.label}, {point.months:g} months: {_words(point, measure)}")
        for point, spot in zip(points, spots, strict=True)
    ]
    return [*lines, *bars, *marks]


def _point(point: TrajectoryPoint, spot: tuple[float, float], look: Look, words: str) -> Element:
    colour, shape, _ = look
    target = svg.node("circle", cx=spot[0], cy=spot[1], r=12, fill="none", pointer_events="all")
    drawn = svg.marker(shape, *spot, RADIUS, colour, hollow=point.survivors_only)
    return svg.link(point.href, words, svg.node("title", words), target, drawn)


def _shortened(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float, float, float]:
    """The stretch between two points that leaves their markers free, so that hollow ones stay empty."""
    away = math.dist(a, b)
    part = min((RADIUS + 2.5) / away, 0.5) if away else 0.5
    dx, dy = (b[0] - a[0]) * part, (b[1] - a[1]) * part
    return a[0] + dx, a[1] + dy, b[0] - dx, b[1] - dy


def _bar(point: TrajectoryPoint, spot: tuple[float, float], frame: Chart, colour: str) -> list[Element]:
    """Both arms of the bar."""
    low = [] if point.low is None else _arm(point.low, -1, spot, frame.y, colour)
    return low if point.high is None else low + _arm(point.high, 1, spot, frame.y, colour)


def _arm(bound: float, side: int, spot: tuple[float, float], scale: Scale, colour: str) -> list[Element]:
    """An arm down (side -1) or up (1) to its bound: capped, or with an arrow where it leaves the plot or has no end."""
    x, y = spot
    edge = scale.high if side > 0 else scale.low
    beyond = math.isnan(bound) or (bound - edge) * side > 0
    tip, start = scale(edge if beyond else bound), y - side * (RADIUS + 2)
    stem = [svg.line(x, start, x, tip, colour=colour, width=1.2)] if (start - tip) * side > 0 else []
    if beyond:
        return [*stem, svg.arrowhead(x, tip, (0, -side), colour)]
    return [*stem, svg.line(x - 4, tip, x + 4, tip, colour=colour, width=1.2)]
