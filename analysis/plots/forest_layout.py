"""The geometry of a forest plot: lines placed in boxes, as a table where there is room, else words above intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from analysis.plots import svg
from analysis.plots.axis import Interval
from analysis.plots.frame import MARGIN, NARROW, Box
from analysis.plots.svg import LEAST, SMALL

Kind = Literal["study", "aside", "pooled", "prediction", "heading", "model", "empty"]
ACROSS = ("heading", "model", "empty")  # lines of words alone, over the whole width
GUTTER = 14.0  # between columns, pixels
LEAST_PLOT = 130.0  # a plot narrower than this cannot be read, pixels
WANTED_PLOT = 300.0  # labels longer than their share take only what the plot has beyond this, pixels
MOST_CELL = 110.0  # a text column is never wider, pixels
STEP = 16.0  # from one line of text to the next, pixels
NOTE_STEP = 14.0
INTERVAL_ROOM = 20.0  # what an interval takes under its words in a narrow plot, pixels


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the plot says, already in words; interval is on the model's scale."""

    kind: Kind
    label: str
    note: str = ""
    interval: Interval = (None, None, None)
    estimate: str = ""
    bounds: str = ""
    weight: str = ""
    size: float = 1.0
    cells: tuple[str, ...] = ()
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A line in its box: wrapped label, note and small print, the first baseline, the height of its interval."""

    line: Line
    box: Box
    label: tuple[str, ...]
    note: tuple[str, ...]
    small: tuple[str, ...]
    baseline: float
    centre: float


@dataclass(frozen=True, slots=True)
class Columns:
    """Edges of the table's columns: labels end at label_right; all others are right-aligned at their edge."""

    label_right: float
    cells: tuple[float, ...]
    plot: tuple[float, float]
    figures: tuple[float, float, float | None]  # estimate, bounds, weight; no weight, no column


@dataclass(frozen=True, slots=True)
class ForestLayout:
    """Where everything stands; columns is None in a narrow plot."""

    width: float
    height: float
    columns: Columns | None
    plot: tuple[float, float]
    axis: float
    lines: tuple[Placed, ...]

    @property
    def strips(self) -> tuple[tuple[float, float], ...]:
        """Top and bottom of each stretch where a vertical guide crosses no words."""
        free = [each for each in self.lines if each.line.kind not in ACROSS]
        if self.columns is None:
            return tuple((each.centre - 9, each.centre + 9) for each in free)
        found: list[tuple[float, float]] = []
        for each in free:
            joined = bool(found) and found[-1][1] == each.box.y
            top = found.pop()[0] if joined else each.box.y
            found.append((top, each.box.bottom))
        return tuple(found)


def forest_columns(lines: Sequence[Line], headers: Sequence[str], names: Sequence[str], width: float) -> Columns | None:
    """Edges of the table's columns, or None where the plot between them would get too narrow.

    Args:
        lines: what stands in the rows.
        headers: of the text columns.
        names: headers of label, estimate, bounds and weight.
        width: of the whole plot, pixels.
    """
    if width < NARROW:
        return None
    rows = [line for line in lines if line.kind not in ACROSS]
    weighted = any(row.weight for row in rows)
    right = width - MARGIN
    bounds = right - (_widest(names[3], [row.weight for row in rows]) + GUTTER if weighted else 0)
    estimate = bounds - _widest(names[2], [row.bounds for row in rows]) - GUTTER
    plot_right = estimate - _widest(names[1], [row.estimate for row in rows]) - GUTTER
    cells = [
        min(_widest(head, [row.cells[i] for row in rows if i < len(row.cells)]), MOST_CELL)
        for i, head in enumerate(headers)
    ]
    spare = plot_right - sum(cells) - GUTTER * len(cells) - WANTED_PLOT
    label = min(_widest(names[0], [row.label for row in rows]), max(0.28 * width, spare)) + MARGIN
    edges = tuple(accumulate(cells, lambda edge, cell: edge + GUTTER + cell, initial=label))
    plot = (edges[-1] + GUTTER + 6, plot_right - 6)
    if plot[1] - plot[0] < LEAST_PLOT:
        return None
    return Columns(label, edges[1:], plot, (estimate, bounds, right if weighted else None))


def _widest(header: str, words: Sequence[str]) -> float:
    return max(svg.text_width(header, SMALL, bold=True), *(svg.text_width(each, bold=True) for each in words), 24.0)


def forest_layout(
    lines: Sequence[Line], headers: Sequence[str], columns: Columns | None, *, width: float, top: float, foot: float,
) -> ForestLayout:  # fmt: skip
    """Lines in boxes one below the other from top on, and the axis beneath, which takes foot pixels."""
    y = top
    placed: list[Placed] = []
    for line in lines:
        placed.append(_place(line, headers, columns, width, y))
        y = placed[-1].box.bottom
    plot = columns.plot if columns else (MARGIN + 10, width - MARGIN - 10)
    return ForestLayout(width, y + foot, columns, plot, y + 6, tuple(placed))


def _place(line: Line, headers: Sequence[str], columns: Columns | None, width: float, y: float) -> Placed:
    if line.kind in ACROSS:
        return _place_across(line, width, y)
    return _place_above(line, headers, width, y) if columns is None else _place_beside(line, columns, width, y)


def _place_across(line: Line, width: float, y: float) -> Placed:
    """Words alone over the whole width."""
    size, most = (SMALL, 6) if line.kind == "model" else (svg.SIZE, 2)
    room = width - 2 * MARGIN
    label = svg.wrap(line.label, room, size, lines=most, bold=line.kind == "heading")
    above = 14.0 if line.kind == "heading" else 4.0
    box = Box(MARGIN, y, room, above + STEP * len(label) + 6)
    return Placed(line, box, label, (), (), y + above + 12, box.bottom)


def _place_beside(line: Line, columns: Columns, width: float, y: float) -> Placed:
    """A row of the table: figures and interval stand at the height of the label's middle."""
    room = columns.label_right - MARGIN
    label = svg.wrap(line.label, room, bold=line.kind == "pooled")
    note = svg.wrap(line.note, room, LEAST, lines=3)
    words = STEP * max(len(label), 1)
    height = words + NOTE_STEP * len(note) + (16 if line.kind == "pooled" else 10)
    top = y + (height - words - NOTE_STEP * len(note)) / 2
    return Placed(line, Box(MARGIN, y, width - 2 * MARGIN, height), label, note, (), top + 12, top + 7.5)


def _place_above(line: Line, headers: Sequence[str], width: float, y: float) -> Placed:
    """Words, then the interval under them; the figures stand right of the label's first line."""
    bold = line.kind == "pooled"
    whole = width - 2 * MARGIN
    room = whole - svg.text_width(figures(line), bold=bold) - GUTTER
    label = svg.wrap(line.label, room, bold=bold)
    small = svg.wrap(small_words(line, headers), whole, SMALL, lines=3)
    note = svg.wrap(line.note, whole, LEAST, lines=3)
    words = 8 + STEP * max(len(label), 1) + STEP * len(small) + NOTE_STEP * len(note)
    box = Box(MARGIN, y, whole, words + INTERVAL_ROOM)
    return Placed(line, box, label, note, small, y + 19, y + words + INTERVAL_ROOM / 2 - 1)


def figures(line: Line) -> str:
    """Estimate and bounds in one phrase, as a narrow plot prints them."""
    bare = not line.estimate or line.bounds in ("", "no interval")
    return ", ".join(filter(None, (line.estimate, line.bounds))) if bare else f"{line.estimate} ({line.bounds})"


def small_words(line: Line, headers: Sequence[str]) -> str:
    """Text columns and weight in one phrase, as a narrow plot prints them."""
    cells = [f"{header} {cell}" for header, cell in zip(headers, line.cells, strict=False) if cell]
    return " · ".join([*cells, *([f"weight {line.weight}"] if line.weight else [])])
