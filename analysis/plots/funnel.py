"""Funnel plot with contours of significance: each study's estimate against its standard error.

Contours after Peters et al. (2008), J Clin Epidemiol 61:991: shaded by the two-sided p of a z test against the null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from analysis.plots import svg
from analysis.plots.axis import Axis, axis_ticks, limits, position, reader_position, written
from analysis.plots.frame import (
    MARGIN,
    NARROW,
    Scale,
    drawable,
    heading,
    nice_ticks,
    paragraph,
    tick_labels,
    x_axis,
    y_axis,
)
from analysis.plots.svg import BLUE, MUTED, SMALL, Element

LEVELS = (0.01, 0.05, 0.1)  # drawn one over the other, so each next one is darker
SHADE = 0.075
NAMES = ("p ≤ 0.01", "0.01 < p ≤ 0.05", "0.05 < p ≤ 0.10", "p > 0.10")


@dataclass(frozen=True, slots=True)
class FunnelPoint:
    """A study's estimate and standard error on the model's scale; filled ones were imputed by trim and fill."""

    label: str
    estimate: float
    se: float
    href: str | None = None
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Both scales of a scatter; a standard error of 0 is at the top."""

    x: Scale
    y: Scale


def funnel_frame(points: Sequence[FunnelPoint], pooled: float | None, axis: Axis, *, width: float, top: float) -> Frame:
    """Scales that hold every point and the pseudo interval of 95 % at the largest standard error."""
    largest = max(drawable(point.se for point in points), default=1.0) * 1.06 or 1.0
    edges = [] if pooled is None else [(pooled, pooled - 1.96 * largest, pooled + 1.96 * largest)]
    low, high = limits(axis, [*((point.estimate, None, None) for point in points), *edges])
    bottom = top + (260 if width < NARROW else 340)
    left = MARGIN + 18 + max(svg.text_width(each, SMALL) for each in tick_labels(nice_ticks(0, largest, 5)))
    return Frame(Scale(low, high, left, width - MARGIN - 6), Scale(0, largest, top, bottom))


def funnel(
    points: Sequence[FunnelPoint],
    pooled: float | None,
    *,
    plot_id: str,
    title: str,
    description: str,
    axis: Axis,
    width: float = 640,
    show_title: bool = True,
) -> str:
    """A funnel plot as SVG; contours are drawn around the axis' null line, a dashed funnel around the pool.

    Args:
        points: one a study; points without a finite place are left to the note.
        pooled: the pooled estimate on the model's scale, if there is one.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        axis: label, null and transform in the reader's units; percent transforms have no contours.
        width: natural width in pixels.
        show_title: False where the page has the title already.

    Raises:
        ValueError: a link is unsafe, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    label, y = paragraph("Standard error", y, width)
    frame = funnel_frame(points, pooled, axis, width=width, top=y + 8)
    contours = _contours(frame, axis)
    key, y = _key(frame.y.end + (52 if axis.label else 34), width, shown=bool(contours))
    notes, y = paragraph(_notes(points, pooled, axis), y, width)
    inside = svg.node("g", *contours, *_funnel(frame, pooled, axis), clip_path=f"url(#{plot_id}-clip)")
    return svg.document(
        *top,
        *label,
        _clip(plot_id, frame),
        inside,
        *_axes(frame, axis),
        *(_point(point, frame, axis) for point in points),
        *key,
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, y + MARGIN),
        kind="funnel narrow" if width < NARROW else "funnel",
    )


def _clip(plot_id: str, frame: Frame) -> Element:
    area = svg.rect(frame.x.start, frame.y.start, frame.x.end - frame.x.start, frame.y.end - frame.y.start)
    return svg.node("defs", svg.node("clipPath", area, id=f"{plot_id}-clip"))


def _axes(frame: Frame, axis: Axis) -> tuple[Element, ...]:
    ticks = nice_ticks(0, frame.y.high, 5)
    places, labels = axis_ticks(axis, frame.x.low, frame.x.high, 6 if frame.x.end > NARROW else 4)
    return (
        *y_axis(frame.y, ticks, tick_labels(ticks), frame.x.start, frame.x.end),
        *x_axis(frame.x, places, labels, frame.y.end, axis.label),
    )


def _wedge(frame: Frame, centre: float, z: float) -> list[tuple[float, float]]:
    """The triangle centre ± z·se down to the lower edge; it may reach beyond the frame and is clipped."""
    per_unit = (frame.x.end - frame.x.start) / (frame.x.high - frame.x.low)
    x, half = frame.x.start + (centre - frame.x.low) * per_unit, z * frame.y.high * per_unit
    return [(x - half, frame.y.end), (x, frame.y.start), (x + half, frame.y.end)]


def _contours(frame: Frame, axis: Axis) -> list[Element]:
    if axis.null is None or axis.transform.endswith("percent"):
        return []
    null = reader_position(axis, axis.null)
    z = [NormalDist().inv_cdf(1 - p / 2) for p in LEVELS]
    return [svg.polygon(_wedge(frame, null, each), fill_opacity=SHADE) for each in z]


def _funnel(frame: Frame, pooled: float | None, axis: Axis) -> list[Element]:
    if pooled is None or not drawable((pooled,)):
        return []
    centre = position(axis, pooled)
    down = svg.line(frame.x(centre), frame.y.start, frame.x(centre), frame.y.end, colour=BLUE, width=1.5)
    if axis.transform.endswith("percent"):
        return [down]
    return [svg.polyline(_wedge(frame, centre, 1.96), stroke=BLUE, stroke_width=1.5, stroke_dasharray="5 3"), down]


def _point(point: FunnelPoint, frame: Frame, axis: Axis) -> Element:
    if not drawable((position(axis, point.estimate),)) or not drawable((point.se,)):
        return svg.node("g")
    x, y = frame.x(position(axis, point.estimate)), frame.y(point.se)
    words = f"{point.label}: {written(axis, point.estimate)}, standard error {svg.number(point.se, 3)}"
    target = svg.node("circle", cx=x, cy=y, r=12, fill="none", pointer_events="all")
    drawn = svg.marker("circle", x, y, 4.2, BLUE, hollow=point.filled)
    return svg.link(point.href, words, svg.node("title", words), target, drawn)


def _key(y: float, width: float, *, shown: bool) -> tuple[tuple[Element, ...], float]:
    """Swatches of the contours, in as many lines as they need."""
    found: list[Element] = []
    x = MARGIN
    for i, name in enumerate(NAMES if shown else ()):
        room = 24 + svg.text_width(name, SMALL) + 18
        x, y = (x, y) if x + room <= width or x == MARGIN else (MARGIN, y + 20)
        shade = 1 - (1 - SHADE) ** i
        found += [
            svg.rect(x, y, 18, 13, fill_opacity=shade, stroke=svg.INK, stroke_opacity=0.4, stroke_width=0.8),
            svg.text(x + 24, y + 11, name, size=SMALL, opacity=MUTED),
        ]
        x += room
    return tuple(found), y + (22 if shown else 0)


def _notes(points: Sequence[FunnelPoint], pooled: float | None, axis: Axis) -> str:
    if not points:
        return "No study to show"
    absent = [p.label for p in points if not drawable((position(axis, p.estimate),)) or not drawable((p.se,))]
    found = [f"{len(points) - len(absent)} points."]
    found += ["Hollow: imputed by trim and fill."] if any(point.filled for point in points) else []
    found += [] if pooled is None else [f"Line: pooled estimate {written(axis, pooled)}, with 95 % limits dashed."]
    found += [f"Without a finite place: {', '.join(absent)}."] if absent else []
    return " ".join(found)
