"""Risk of bias as a traffic light: a symbol and a colour for each study and domain, with the support as tooltip."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from analysis.plots import svg
from analysis.plots.frame import MARGIN, NARROW, Box, heading, paragraph
from analysis.plots.svg import BLACK, GREEN, INK, MUTED, ORANGE, PURPLE, SMALL, VERMILLION, YELLOW, Element

RADIUS = 10.0
CELL = 30.0  # least width of a domain's column, pixels
#: Judgement -> symbol and fill. RoB 2: low, some concerns, high. ROBINS-I: low, moderate, serious, critical,
#: no information. MINORS items: adequate, inadequate, not reported. A fill of None is left open.
JUDGEMENTS = MappingProxyType(
    {
        "low": ("+", GREEN),
        "adequate": ("+", GREEN),
        "some concerns": ("–", YELLOW),
        "moderate": ("–", YELLOW),
        "inadequate": ("–", YELLOW),
        "serious": ("×", ORANGE),
        "high": ("×", VERMILLION),
        "not reported": ("×", VERMILLION),
        "critical": ("!", PURPLE),
        "no information": ("?", None),
        "not assessable": ("?", None),
    },
)


@dataclass(frozen=True, slots=True)
class Domain:
    """A column: what stands over it, and its whole name for the key below."""

    short: str
    name: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """A judgement, one of JUDGEMENTS, and what it rests on."""

    judgement: str
    support: str | None = None


@dataclass(frozen=True, slots=True)
class BiasRow:
    """A study's judgements in the order of the domains; None where a domain does not apply."""

    label: str
    assessments: tuple[Assessment | None, ...]
    href: str | None = None


@dataclass(frozen=True, slots=True)
class BiasLayout:
    """A box for each study's words and for each of its cells, and the y below the last."""

    labels: tuple[Box, ...]
    cells: tuple[tuple[Box, ...], ...]
    bottom: float


def bias_layout(rows: Sequence[BiasRow], domains: Sequence[Domain], *, width: float, top: float) -> BiasLayout:
    """Labels beside the cells where both have room, otherwise above them."""
    widths = [max(CELL, svg.text_width(each.short, SMALL, bold=True) + 12) for each in domains]
    longest = max((svg.text_width(row.label) for row in rows), default=0.0)
    room = width - 2 * MARGIN
    beside = room - sum(widths) >= min(longest, 120.0) + 10
    label = min(longest, room - sum(widths) - 10) if beside else room
    left = MARGIN + (label + 10 if beside else 0)
    squeeze = min(1.0, room / sum(widths)) if widths and not beside else 1.0
    edges = [left + squeeze * sum(widths[:i]) for i in range(len(widths))]
    step, down = (28.0, 0.0) if beside else (54.0, 20.0)
    tops = [top + step * i for i in range(len(rows))]
    return BiasLayout(
        tuple(Box(MARGIN, y, label, 28.0 if beside else 20.0) for y in tops),
        tuple(tuple(Box(x, y + down, squeeze * w, 28.0) for x, w in zip(edges, widths, strict=True)) for y in tops),
        top + step * len(rows),
    )


def traffic_light(
    rows: Sequence[BiasRow],
    domains: Sequence[Domain],
    *,
    plot_id: str,
    title: str,
    description: str,
    width: float = 760,
    show_title: bool = True,
) -> str:
    """Risk of bias of studies by domain as SVG.

    Args:
        rows: the studies; as many assessments each as there are domains.
        domains: the columns, the overall judgement among them if there is one.
        plot_id: unique in the page.
        title: heading and accessible name.
        description: for screen readers.
        width: natural width in pixels; labels stand above the symbols where there is no room beside.
        show_title: False where the page has the title already.

    Raises:
        KeyError: a judgement is not one of JUDGEMENTS.
        ValueError: a row has another number of assessments, a link is unsafe, or the id is no identifier.
    """
    top, y = heading(title, width) if show_title else ((), MARGIN)
    layout = bias_layout(rows, domains, width=width, top=y + 28)
    legend, end = _legend(rows, layout.bottom + 12, width)
    names = [f"{each.short}: {each.name}" for each in domains if each.short != each.name]
    notes, end = paragraph("; ".join(names) if rows else "No study to show", end + 4, width, most=12)
    return svg.document(
        *top,
        *_header(domains, layout, y, width),
        *(_row(row, domains, box, cells) for row, box, cells in zip(rows, layout.labels, layout.cells, strict=True)),
        *legend,
        *notes,
        plot_id=plot_id,
        title=title,
        description=description,
        size=(width, end + MARGIN),
        kind="bias narrow" if width < NARROW else "bias",
    )


def _header(domains: Sequence[Domain], layout: BiasLayout, y: float, width: float) -> list[Element]:
    found = [svg.line(MARGIN, y + 23, width - MARGIN, y + 23, opacity=0.6)]
    for domain, cell in zip(domains, layout.cells[0] if layout.cells else (), strict=False):
        short = svg.fit(domain.short, cell.width, SMALL, bold=True)
        middle = cell.x + cell.width / 2
        found.append(svg.text(middle, y + 15, short, size=SMALL, bold=True, anchor="middle", full=domain.name))
    return found


def _row(row: BiasRow, domains: Sequence[Domain], box: Box, cells: Sequence[Box]) -> Element:
    short = svg.fit(row.label, box.width)
    baseline = box.bottom - (9 if box.height >= 28 else 5)
    name = svg.text(box.x, baseline, short, full=row.label, underlined=row.href is not None)
    lights = [
        _light(cell.x + cell.width / 2, cell.y + 14, each, f"{row.label}, {domain.name}")
        for each, domain, cell in zip(row.assessments, domains, cells, strict=True)
    ]
    return svg.node("g", svg.link(row.href, row.label, name), *lights)


def _light(x: float, y: float, assessment: Assessment | None, what: str) -> Element:
    if assessment is None:
        return svg.node("g", svg.node("title", f"{what}: does not apply"), svg.line(x - 4, y, x + 4, y, opacity=0.5))
    words = ". ".join(filter(None, (f"{what}: {assessment.judgement}", assessment.support)))
    return svg.node("g", svg.node("title", words), *_symbol(x, y, assessment.judgement))


def _symbol(x: float, y: float, judgement: str) -> tuple[Element, ...]:
    """The symbol in its disc; black on every fill, in the page's colour where the disc is open."""
    symbol, fill = JUDGEMENTS[judgement]
    disc = svg.node("circle", cx=x, cy=y, r=RADIUS, fill=fill or "none", stroke=INK, stroke_width=0.8)
    look = {"text_anchor": "middle", "font_weight": "bold", "font_size": "15"}
    return disc, svg.node("text", symbol, x=x, y=y + 5, fill=BLACK if fill else None, **look)


def _legend(rows: Sequence[BiasRow], y: float, width: float) -> tuple[list[Element], float]:
    """The judgements that occur, in the order of JUDGEMENTS."""
    used = {each.judgement for row in rows for each in row.assessments if each}
    found: list[Element] = []
    x = MARGIN
    for judgement in (each for each in JUDGEMENTS if each in used):
        room = 28 + svg.text_width(judgement, SMALL) + 16
        x, y = (x, y) if x + room <= width or x == MARGIN else (MARGIN, y + 26)
        found += [*_symbol(x + RADIUS, y + RADIUS, judgement)]
        found.append(svg.text(x + 26, y + 14, judgement, size=SMALL, opacity=MUTED))
        x += room
    return found, y + (28 if used else 0)
