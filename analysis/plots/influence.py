"""Influence of single studies: panels of case diagnostics, and the Baujat plot.

Baujat et al. (2002), Stat Med 21:2641: share in the heterogeneity against influence on the pooled estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.plots import svg
from analysis.plots.frame import (
    MARGIN,
    NARROW,
    Box,
    Scale,
    drawable,
    heading,
    nice_ticks,
    paragraph,
    span,
    tick_labels,
    x_axis,
    y_axis,
)
from analysis.plots.svg import BLUE, INK, LEAST, SMALL, VERMILLION, Element

ROW = 22.0  # height of a study's row, pixels
PANEL = 168.0  # least width of a panel with its printed values, pixels


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One diagnostic over all studies, None where it is undefined; beyond low or high a study stands out."""

    name: str
    values: tuple[float | None, ...]
    low: float | None = None
    high: float | None = None
    reference: float = 0.0
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class BaujatPoint:
    """A study's contribution to Cochran's Q and its squared standardised effect on the pooled estimate."""

    label: str
    contribution: float
    influence: float
    href: str | None = None


def influence(
    labels: Sequence[str],
    diagnostics: Sequence[Diagnostic],
    *,
    plot_id: str,
    title: str,
    description: str,
    width: float = 860,
    show_title: bool = True,
) -> str:
    """Panels of case diagnostics as SVG: one row a study, one panel a diagnostic, values printed beside.

    Args:
        labels: the studies.
        diagnostics: as many values each as there are labels.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        width: natural width in pixels; panels that do not fit side by side follow below.
        show_title: False where the page has the title already.

    Raises:
        ValueError: a diagnostic has another number of values, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    boxes, bottom = panels(labels, diagnostics, width=width, top=y)
    named = sorted({box.y for box in boxes})
    notes, end = paragraph(_note(labels, diagnostics), bottom, width)
    return svg.document(
        *top,
        *(part for y in named for part in _names(labels, y, boxes[0].x - MARGIN)),
        *(part for box, each in zip(boxes, diagnostics, strict=True) for part in _panel(box, each, labels)),
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, end + MARGIN),
        kind="influence narrow" if width < NARROW else "influence",
    )


def panels(
    labels: Sequence[str], diagnostics: Sequence[Diagnostic], *, width: float, top: float,
) -> tuple[tuple[Box, ...], float]:  # fmt: skip
    """A box for each diagnostic, in rows of as many as fit beside the labels, and the y below them."""
    label = min(max((svg.text_width(each, SMALL) for each in labels), default=0.0), 0.36 * width) + 14
    room = width - 2 * MARGIN - label
    across = min(max(int(room / PANEL), 1), max(len(diagnostics), 1))
    each, height = room / across, 30 + ROW * len(labels) + 14
    boxes = tuple(
        Box(MARGIN + label + each * (i % across), top + height * (i // across), each - 14, height - 14)
        for i in range(len(diagnostics))
    )
    return boxes, max((box.bottom for box in boxes), default=top) + 10


def stands_out(diagnostic: Diagnostic, value: float | None) -> bool:
    """Whether a value lies beyond the diagnostic's limits; nan and None do not."""
    low, high = diagnostic.low, diagnostic.high
    return value is not None and ((low is not None and value < low) or (high is not None and value > high))


def _names(labels: Sequence[str], y: float, room: float) -> list[Element]:
    return [
        svg.text(MARGIN, y + 30 + ROW * i + 15, svg.fit(label, room - 8, SMALL), size=SMALL, full=label)
        for i, label in enumerate(labels)
    ]


def _panel(box: Box, diagnostic: Diagnostic, labels: Sequence[str]) -> list[Element]:
    shown = [svg.number(value, diagnostic.decimals) if value is not None else "–" for value in diagnostic.values]
    text = max((svg.text_width(each, LEAST, bold=True) for each in shown), default=0) + 10
    marks = drawable((diagnostic.reference, diagnostic.low, diagnostic.high))
    low, high = span([*drawable(diagnostic.values), *marks], pad=0.06)
    scale = Scale(low, high, box.x + 4, box.right - text)
    zero = scale(diagnostic.reference)
    found = [
        svg.text(box.x, box.y + 15, svg.fit(diagnostic.name, box.width, SMALL, bold=True), size=SMALL, bold=True),
        svg.line(box.x, box.y + 23, box.right, box.y + 23, opacity=0.6),
        svg.line(zero, box.y + 26, zero, box.bottom, opacity=0.5),
    ]
    edges = [scale(limit) for limit in drawable((diagnostic.low, diagnostic.high))]
    found += [svg.line(x, box.y + 26, x, box.bottom, colour=VERMILLION, dash="4 3") for x in edges]
    for i, (label, value, words) in enumerate(zip(labels, diagnostic.values, shown, strict=True)):
        tip = svg.node("title", f"{label}, {diagnostic.name}: {words}")
        found.append(svg.node("g", tip, *_stem(diagnostic, value, words, scale, (box.right, box.y + 41 + ROW * i))))
    return found


def _stem(
    diagnostic: Diagnostic, value: float | None, words: str, scale: Scale, place: tuple[float, float],
) -> list[Element]:  # fmt: skip
    """A dot on a stem from the reference, and the value at the right edge; bold and square where it stands out."""
    right, y = place
    loud = stands_out(diagnostic, value)
    found = [svg.text(right, y + 4, words, size=LEAST, anchor="end", bold=loud)]
    if value is None or not drawable((value,)):
        return found
    colour, x = VERMILLION if loud else BLUE, scale(value)
    stem = svg.line(scale(diagnostic.reference), y, x, y, colour=colour, width=1.5)
    return [stem, svg.marker("square" if loud else "circle", x, y, 3.6, colour), *found]


def _note(labels: Sequence[str], diagnostics: Sequence[Diagnostic]) -> str:
    if not labels:
        return "No study to show"
    loud = [
        label
        for i, label in enumerate(labels)
        if any(stands_out(each, each.values[i]) for each in diagnostics if i < len(each.values))
    ]
    return f"Beyond a dashed limit (square, bold): {', '.join(loud) or 'none'}."


def baujat(
    points: Sequence[BaujatPoint],
    *,
    plot_id: str,
    title: str,
    description: str,
    width: float = 640,
    show_title: bool = True,
) -> str:
    """A Baujat plot as SVG; labels that find no free place are left to the points' tooltips.

    Args:
        points: one a study.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        width: natural width in pixels.
        show_title: False where the page has the title already.

    Raises:
        ValueError: a link is unsafe, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    label, y = paragraph("Influence on the pooled estimate", y, width)
    kept = [point for point in points if len(drawable((point.contribution, point.influence))) == 2]
    x, upright = _scales(kept, width, y + 8)
    spots = [(x(point.contribution), upright(point.influence)) for point in kept]
    area = Box(x.start, upright.end, x.end - x.start, upright.start - upright.end)
    places = label_places(spots, [point.label for point in kept], area)
    absent = [point.label for point in points if point not in kept]
    words = f"Not finite: {', '.join(absent)}." if absent else "" if points else "No study to show"
    notes, end = paragraph(words, upright.start + 48, width)
    return svg.document(
        *top,
        *label,
        *_axes(x, upright),
        *(_spot(point, spot, place) for point, spot, place in zip(kept, spots, places, strict=True)),
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, end + MARGIN),
        kind="baujat narrow" if width < NARROW else "baujat",
    )


def _scales(points: Sequence[BaujatPoint], width: float, top: float) -> tuple[Scale, Scale]:
    _, right = span([0.0, *(point.contribution for point in points)], pad=0.08)
    _, high = span([0.0, *(point.influence for point in points)], pad=0.08)
    left = MARGIN + 18 + max(svg.text_width(each, SMALL) for each in tick_labels(nice_ticks(0, high, 5)))
    bottom = top + (250 if width < NARROW else 340)
    return Scale(0, right, left, width - MARGIN - 6), Scale(0, high, bottom, top)


def _axes(x: Scale, y: Scale) -> tuple[Element, ...]:
    across, upright = nice_ticks(0, x.high, 5), nice_ticks(0, y.high, 5)
    return (
        *y_axis(y, upright, tick_labels(upright), x.start, x.end),
        *x_axis(x, across, tick_labels(across), y.start, "Contribution to heterogeneity (Q)"),
    )


def label_places(
    spots: Sequence[tuple[float, float]], labels: Sequence[str], frame: Box,
) -> tuple[Box | None, ...]:  # fmt: skip
    """A free box for each point's label: right, left, above or below, in this order; None where all are taken."""
    taken = [Box(x - 5, y - 5, 10, 10) for x, y in spots]
    chosen: dict[int, Box] = {}
    for i in sorted(range(len(spots)), key=lambda i: -spots[i][0]):
        (x, y), wide = spots[i], svg.text_width(labels[i], LEAST) + 2
        sides = ((x + 8, y - 7), (x - 8 - wide, y - 7), (x, y - 21), (x, y + 7), (x - wide, y - 21), (x - wide, y + 7))
        boxes = (Box(left, top, wide, 14) for left, top in sides)
        free = (box for box in boxes if frame.holds(box) and not any(map(box.overlaps, taken)))
        if (box := next(free, None)) is not None:
            chosen[i] = box
            taken.append(box)
    return tuple(chosen.get(i) for i in range(len(spots)))


def _spot(point: BaujatPoint, spot: tuple[float, float], place: Box | None) -> Element:
    words = (
        f"{point.label}: contribution to Q {svg.number(point.contribution, 2)}, "
        f"influence {svg.number(point.influence, 3)}"
    )
    x, y = spot
    target = svg.node("circle", cx=x, cy=y, r=12, fill="none", pointer_events="all")
    name = () if place is None else (svg.text(place.x, place.bottom - 3, point.label, size=LEAST),)
    drawn = svg.node("circle", cx=x, cy=y, r=4.2, fill=BLUE, stroke=INK, stroke_width=0.6)
    return svg.link(point.href, words, svg.node("title", words), target, drawn, *name)
