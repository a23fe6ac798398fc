"""What plots share: scales from numbers to pixels, axes whose labels do not collide, headings, counts under an axis."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.plots import svg
from analysis.plots.svg import Element

MARGIN = 8.0  # clear space around every plot, pixels
NARROW = 520.0  # below this natural width labels stand above what they name, pixels
#: Positions further out than this are drawn as arrows: their differences would lose all meaning in a float.
DRAWABLE = 1e12
TICK_GAP = 8.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def holds(self, other: "Box") -> bool:
        """Whether the other lies wholly inside."""
        return self.x <= other.x and other.right <= self.right and self.y <= other.y and other.bottom <= self.bottom

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share more than an edge (a millionth of a pixel is rounding)."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return across > 1e-6 and down > 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from numbers (low … high) to pixels (start … end); y scales run from the bottom up."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixel of a value; values outside are put on the nearer end."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies within the scale; false for nan."""
        return self.low <= value <= self.high


def drawable(values: Iterable[float | None]) -> list[float]:
    """The values that have a place on a scale."""
    return [value for value in values if value is not None and abs(value) < DRAWABLE]


def span(values: Sequence[float], *, pad: float = 0.04, empty: tuple[float, float] = (0.0, 1.0)) -> tuple[float, float]:
    """Lowest and highest value with a margin; never so close that a float could not tell ticks between them apart."""
    if not values:
        return empty
    low, high = min(values), max(values)
    largest = max(abs(low), abs(high))
    room = (high - low) * pad if high - low > 1e-9 * max(largest, 1.0) else max(largest * 0.1, 0.5)
    return low - room, high + room


def nice_step(width: float, count: int) -> float:
    """The step 1, 2 or 5 times a power of ten that cuts a width into at most about so many parts."""
    raw = width / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= raw * 0.999), 10 * power)


def nice_ticks(low: float, high: float, count: int = 6) -> tuple[float, ...]:
    """Round numbers within low … high; low must be below high."""
    step = nice_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{i * step:.12g}") for i in range(first, last + 1))


def tick_decimals(ticks: Sequence[float]) -> int:
    """Fewest decimals that tell the ticks apart and print each exactly, at most six."""
    return next((d for d in range(6) if all(abs(round(t, d) - t) < 1e-9 * max(1, abs(t)) for t in ticks)), 6)


def tick_labels(ticks: Sequence[float], *, each: bool = False) -> tuple[str, ...]:
    """Labels with common decimals, or each with as few as it needs (log axes)."""
    common = tick_decimals(ticks)
    return tuple(svg.number(t, tick_decimals((t,)) if each else common) for t in ticks)


def clear_labels(centres: Sequence[float], labels: Sequence[str], size: float = svg.SMALL) -> tuple[bool, ...]:
    """Which centred labels can be printed left to right without touching the one before."""
    shown: list[bool] = []
    edge = -math.inf
    for centre, label in zip(centres, labels, strict=True):
        half = svg.text_width(label, size) / 2
        shown.append(centre - half >= edge)
        edge = centre + half + TICK_GAP if shown[-1] else edge
    return tuple(shown)


def x_axis(
    scale: Scale, ticks: Sequence[float], labels: Sequence[str], y: float, label: str, *, beyond: float = 0
) -> tuple[Element, ...]:
    """A horizontal axis at y: rule, ticks, their labels, its name below; takes 38 pixels under y.

    The rule goes beyond the scale's ends by so many pixels.
    """
    centres = [scale(tick) for tick in ticks]
    printed = clear_labels(centres, labels)
    middle, room = (scale.start + scale.end) / 2, abs(scale.end - scale.start)
    return (
        svg.line(scale.start - beyond, y, scale.end + beyond, y, opacity=0.6),
        *(svg.line(x, y, x, y + 5, opacity=0.6) for x in centres),
        *(
            svg.text(x, y + 18, words, size=svg.SMALL, anchor="middle")
            for x, words, show in zip(centres, labels, printed, strict=True)
            if show
        ),
        _name(label, middle, y + 35, room),
    )


def _name(label: str, x: float, y: float, room: float) -> Element:
    short = svg.fit(label, room, svg.SMALL)
    return svg.text(x, y, short, size=svg.SMALL, anchor="middle", opacity=svg.MUTED, full=label)


def y_axis(scale: Scale, ticks: Sequence[float], labels: Sequence[str], x: float, right: float) -> tuple[Element, ...]:
    """A vertical axis left of x: faint lines to the right edge and right-aligned labels."""
    return tuple(
        part
        for tick, words in zip(ticks, labels, strict=True)
        for part in (
            svg.line(x, scale(tick), right, scale(tick), opacity=0.14),
            svg.text(x - 7, scale(tick) + 4, words, size=svg.SMALL, anchor="end"),
        )
    )


def heading(title: str, width: float, y: float = MARGIN) -> tuple[tuple[Element, ...], float]:
    """The title as up to three bold lines from y on, and the y below it; hidden from readers who have <title>."""
    lines = svg.wrap(title, width - 2 * MARGIN, 15, lines=3, bold=True)
    drawn = (svg.text(MARGIN, y + 14 + 19 * i, words, size=15, bold=True, full=title) for i, words in enumerate(lines))
    return (svg.node("g", *drawn, aria_hidden="true"),), y + 19 * len(lines) + 10


def paragraph(words: str, y: float, width: float, *, most: int = 4) -> tuple[tuple[Element, ...], float]:
    """Muted lines of text across a plot of a width, their top at y; and the y below them."""
    broken = svg.wrap(words, width - 2 * MARGIN, svg.SMALL, lines=most)
    drawn = (
        svg.text(MARGIN, y + 12 + 16 * i, each, size=svg.SMALL, opacity=svg.MUTED, full=words)
        for i, each in enumerate(broken)
    )
    return tuple(drawn), y + 16 * len(broken) + (2 if broken else 0)


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row of counts under a time axis, which is also the legend of its series."""

    label: str
    key: tuple[Element, ...]  # drawn around (0, 0), 28 pixels wide
    counts: tuple[tuple[float, str], ...]  # time and what is printed there


def lanes(centres: Sequence[float], labels: Sequence[str], size: float = svg.SMALL) -> tuple[int, ...]:
    """For centred labels the line each is printed in, so that none touches another of its line."""
    edges: list[float] = []
    chosen: list[int] = []
    for centre, label in zip(centres, labels, strict=True):
        half = svg.text_width(label, size) / 2
        lane = next((i for i, edge in enumerate(edges) if centre - half >= edge), len(edges))
        edges[lane : lane + 1] = [centre + half + 4]
        chosen.append(lane)
    return tuple(chosen)


def count_rows(
    rows: Sequence[CountRow], scale: Scale, y: float, *, caption: str, label_width: float, width: float
) -> tuple[tuple[Element, ...], float]:
    """Rows of counts aligned with a time axis, labels left of it (above, where label_width is 0); and the y below."""
    drawn: list[Element] = [svg.text(MARGIN, y + 12, caption, size=svg.SMALL, opacity=svg.MUTED)]
    y += 20
    for row in rows:
        parts, y = _count_row(row, scale, y, label_width, width)
        drawn += parts
    return tuple(drawn), y


def _count_row(row: CountRow, scale: Scale, y: float, label_width: float, width: float) -> tuple[list[Element], float]:
    beside = label_width > 0
    room = (label_width if beside else width - 2 * MARGIN) - 36
    names = svg.wrap(row.label, room, svg.SMALL, lines=2)
    drawn = [
        svg.node("g", *row.key, transform=f"translate({svg.length(MARGIN + 14)} {svg.length(y + 10)})"),
        *(svg.text(MARGIN + 34, y + 14 + 15 * i, each, size=svg.SMALL, full=row.label) for i, each in enumerate(names)),
    ]
    top = y if beside else y + 15 * len(names) + 2
    counts, below = _aligned(row, scale, top) if beside or _fits(row, scale) else _listed(row, width, top)
    return drawn + counts, max(below, y + 15 * len(names)) + 7


def _fits(row: CountRow, scale: Scale) -> bool:
    return max(lanes([scale(time) for time, _ in row.counts], [words for _, words in row.counts]), default=0) == 0


def _aligned(row: CountRow, scale: Scale, top: float) -> tuple[list[Element], float]:
    """Each count under its time, in a second line where the first is taken."""
    centres = [scale(time) for time, _ in row.counts]
    chosen = lanes(centres, [words for _, words in row.counts])
    drawn = [
        svg.text(x, top + 14 + 15 * lane, words, size=svg.SMALL, anchor="middle")
        for x, (_, words), lane in zip(centres, row.counts, chosen, strict=True)
    ]
    return drawn, top + 15 * (max(chosen, default=-1) + 1)


def _listed(row: CountRow, width: float, top: float) -> tuple[list[Element], float]:
    """Counts one after the other, each with its time; non-breaking spaces keep the two together."""
    pairs = (f"{time:g}: {count}".replace(" ", "\N{NO-BREAK SPACE}") for time, count in row.counts)
    words = "\N{NO-BREAK SPACE}· ".join(pairs)
    broken = svg.wrap(words, width - 2 * MARGIN - 34, svg.SMALL, lines=2 + len(row.counts))
    drawn = [svg.text(MARGIN + 34, top + 14 + 15 * i, each, size=svg.SMALL) for i, each in enumerate(broken)]
    return drawn, top + 15 * len(broken)
