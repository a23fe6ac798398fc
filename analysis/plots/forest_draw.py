"""Marks of a forest plot: squares, whiskers, arrows, diamonds, guides and the table's words, at the places laid out."""

import math
from collections.abc import Sequence

from analysis.plots import svg
from analysis.plots.axis import Axis, axis_ticks, position, reader_position
from analysis.plots.forest_layout import ACROSS, NOTE_STEP, STEP, Columns, ForestLayout, Line, Placed, figures
from analysis.plots.frame import MARGIN, Scale, x_axis
from analysis.plots.svg import BLUE, GREYED, INK, LEAST, MUTED, SMALL, Element

SIDE = 13.0  # side of the heaviest study's square, pixels


def draw_header(
    columns: Columns | None, headers: Sequence[str], names: Sequence[str], y: float, width: float,
) -> tuple[Element, ...]:  # fmt: skip
    """Names of the columns over a rule; y is the top of the 28 pixels they take."""
    edges = (*columns.cells, *columns.figures) if columns else (width - MARGIN,)
    words = (*headers, *names[1:]) if columns else (f"{names[1]} ({names[2]})",)
    return (
        svg.text(MARGIN, y + 15, names[0], size=SMALL, bold=True),
        *(_head(head, edge, y + 15) for head, edge in zip(words, edges, strict=True) if edge is not None),
        svg.line(MARGIN, y + 23, width - MARGIN, y + 23, opacity=0.6),
    )


def _head(words: str, edge: float, y: float) -> Element:
    return svg.text(edge, y, svg.fit(words, 170, SMALL, bold=True), size=SMALL, anchor="end", bold=True, full=words)


def draw_guides(layout: ForestLayout, scale: Scale, axis: Axis) -> tuple[Element, ...]:
    """The null line, and a dashed line down from the top to the pooled estimate; neither crosses words."""
    found: list[Element] = []
    pooled = next((each for each in layout.lines if each.line.kind == "pooled"), None)
    null = None if axis.null is None else reader_position(axis, axis.null)
    for top, bottom in layout.strips:
        if null is not None and scale.holds(null):
            found.append(svg.line(scale(null), top, scale(null), bottom, opacity=0.55, width=1.2))
        if pooled and pooled.line.interval[0] is not None and top < pooled.centre:
            x = scale(position(axis, pooled.line.interval[0]))
            found.append(svg.line(x, top, x, min(bottom, pooled.centre), colour=BLUE, dash="3 3"))
    return tuple(found)


def draw_axis(layout: ForestLayout, scale: Scale, axis: Axis) -> tuple[Element, ...]:
    """The axis under the lines, with the two sides of the null named at its ends."""
    start, end, y = scale.start, scale.end, layout.axis + 53
    ticks, labels = axis_ticks(axis, scale.low, scale.high, 6 if end - start > 220 else 4)
    room = (end - start) / 2 - 4
    left = () if axis.left is None else (_side(f"← {axis.left}", start, y, None, room),)
    right = () if axis.right is None else (_side(f"{axis.right} →", end, y, "end", room),)
    return (*x_axis(scale, ticks, labels, layout.axis, axis.label), *left, *right)


def _side(words: str, x: float, y: float, anchor: str | None, room: float) -> Element:
    return svg.text(x, y, svg.fit(words, room, SMALL), size=SMALL, anchor=anchor, opacity=MUTED, full=words)


def draw_line(placed: Placed, layout: ForestLayout, scale: Scale, axis: Axis) -> Element:
    """Words and interval of one line."""
    line = placed.line
    greyed = GREYED if line.kind == "aside" else None
    beside = _above(placed, greyed) if layout.columns is None else _beside(placed, layout.columns, greyed)
    words = [*_label(placed, greyed), *beside]
    if line.kind in ACROSS:
        return svg.node("g", *words, class_=line.kind)
    tip = svg.node("title", ": ".join(filter(None, (line.label, figures(line)))))
    marks = svg.node("g", tip, *_marks(placed, scale, axis))
    return svg.node("g", *words, marks, class_=line.kind)


def _label(placed: Placed, greyed: float | None) -> list[Element]:
    """Label, linked where the line has an address, and the note under it."""
    line, y = placed.line, placed.baseline
    linked = line.href is not None
    bold, size = line.kind in ("pooled", "heading"), SMALL if line.kind == "model" else svg.SIZE
    faint = MUTED if line.kind in ("model", "empty", "prediction") else greyed
    label = [
        svg.text(MARGIN, y + STEP * i, words, size=size, bold=bold, opacity=faint, full=line.label, underlined=linked)
        for i, words in enumerate(placed.label)
    ]
    under = y + STEP * max(len(placed.label), 1) + STEP * len(placed.small) - 2
    note = [
        svg.text(MARGIN, under + NOTE_STEP * i, words, size=LEAST, opacity=greyed or MUTED, full=line.note)
        for i, words in enumerate(placed.note)
    ]
    return [svg.link(line.href, line.label, *label), *note]


def _beside(placed: Placed, columns: Columns, greyed: float | None) -> list[Element]:
    """The figures of a row of the table, right-aligned in their columns."""
    line = placed.line
    bold, opacity = line.kind == "pooled", MUTED if line.kind == "prediction" else greyed
    last = zip((line.estimate, line.bounds, line.weight), columns.figures, strict=True)
    figures_ = [
        svg.text(edge, placed.baseline, words, anchor="end", bold=bold, opacity=opacity)
        for words, edge in last
        if words and edge is not None
    ]
    starts = (columns.label_right, *columns.cells)
    cells = [
        svg.text(right, placed.baseline, svg.fit(words, right - left), anchor="end", opacity=opacity, full=words)
        for words, left, right in zip(line.cells, starts, columns.cells, strict=False)
        if words
    ]
    return cells + figures_


def _above(placed: Placed, greyed: float | None) -> list[Element]:
    """The figures right of the label, and the small print under it, in a narrow plot."""
    line = placed.line
    if line.kind in ACROSS:
        return []
    right, bold = placed.box.right, line.kind == "pooled"
    opacity = MUTED if line.kind == "prediction" else greyed
    under = placed.baseline + STEP * max(len(placed.label), 1)
    small = [
        svg.text(MARGIN, under + STEP * i, words, size=SMALL, opacity=greyed or MUTED)
        for i, words in enumerate(placed.small)
    ]
    return [svg.text(right, placed.baseline, figures(line), anchor="end", bold=bold, opacity=opacity), *small]


def _marks(placed: Placed, scale: Scale, axis: Axis) -> list[Element]:
    line, y = placed.line, placed.centre
    if line.kind == "pooled":
        return _diamond(line, y, scale, axis)
    if line.kind == "prediction":
        return _whisker(line, y, scale, axis, colour=BLUE, width=2.6, dash="5 3")
    opacity = GREYED if line.kind == "aside" else None
    whisker = _whisker(line, y, scale, axis, colour=INK, width=1.4, opacity=opacity)
    return [*whisker, *_square(line, y, scale, axis)]


def _whisker(
    line: Line, y: float, scale: Scale, axis: Axis, *,
    colour: str, width: float, dash: str | None = None, opacity: float | None = None,
) -> list[Element]:  # fmt: skip
    """The interval as a line, with an arrow where it goes on beyond the frame or its end is unknown."""
    _, low, high = line.interval
    if low is None and high is None:
        return []
    (start, cut_low), (stop, cut_high) = _end(low, axis, scale, -1), _end(high, axis, scale, 1)
    found = [svg.line(start, y, stop, y, colour=colour, width=width, dash=dash, opacity=opacity)]
    found += [svg.arrowhead(start, y, (-1, 0), colour, opacity=opacity)] if cut_low else []
    return found + ([svg.arrowhead(stop, y, (1, 0), colour, opacity=opacity)] if cut_high else [])


def _end(bound: float | None, axis: Axis, scale: Scale, side: int) -> tuple[float, bool]:
    """Pixel of a bound, and whether it is cut there."""
    edge = scale.high if side > 0 else scale.low
    if bound is None or math.isnan(bound):
        return scale(edge), True
    place = position(axis, bound)
    return scale(place), (place - edge) * side > 0


def _square(line: Line, y: float, scale: Scale, axis: Axis) -> list[Element]:
    """The estimate, its area by weight; hollow where the study is not in the pool; absent where it has no place."""
    estimate = line.interval[0]
    if estimate is None or not scale.holds(position(axis, estimate)):
        return []
    side, x = max(SIDE * line.size, 5.0), scale(position(axis, estimate))
    if line.bounds == "no interval":
        return [svg.marker("circle", x, y, 4, BLUE, hollow=True)]
    corner = (x - side / 2, y - side / 2, side, side)
    if line.kind == "aside":
        return [svg.rect(*corner, fill="none", stroke=INK, stroke_width=1.4, stroke_opacity=GREYED)]
    return [svg.rect(*corner, fill=BLUE)]


def _diamond(line: Line, y: float, scale: Scale, axis: Axis) -> list[Element]:
    estimate, low, high = line.interval
    if estimate is None or not scale.holds(position(axis, estimate)):
        return _whisker(line, y, scale, axis, colour=BLUE, width=3)
    (start, cut_low), (stop, cut_high) = _end(low, axis, scale, -1), _end(high, axis, scale, 1)
    x = scale(position(axis, estimate))
    found = [svg.polygon(((start, y), (x, y - 8), (stop, y), (x, y + 8)), fill=BLUE)]
    found += [svg.arrowhead(start, y, (-1, 0), BLUE)] if cut_low else []
    return found + ([svg.arrowhead(stop, y, (1, 0), BLUE)] if cut_high else [])
