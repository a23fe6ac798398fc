"""SVG as a small tree: elements are built from numbers and words, and escaped in one place when they are written.

A plot is meant to stand inside a page: it takes the page's text colour (``currentColor``), so dark mode needs
nothing; it has no script, no style attribute, no font file, no request. Lengths are in CSS pixels, y grows downwards.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

# Okabe & Ito (2008), Color Universal Design. The four that keep 3:1 against white and against near-black come first;
# yellow and black serve only inside an outline.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
INK = "currentColor"
SERIES_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, INK)
SERIES_SHAPES = ("circle", "square", "triangle", "diamond", "wedge", "hexagon")
SERIES_DASHES = (None, "7 3", "2 3", "9 3 2 3", "4 2", "1 2", "12 3")

# Metrics of Helvetica, which Arial and Liberation Sans share, make the measured widths true.
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
SIZE, SMALL, LEAST = 13.0, 12.0, 11.0
MUTED = 0.72  # opacity of secondary text: 4.5:1 or better for page text from #333 on white to #ccc on near-black
GREYED = 0.65
# Adobe Font Metrics of Helvetica, printable ASCII in order, in thousandths of an em.
_ASCII_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
    556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
    556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
    500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_WIDTHS = dict(zip(map(chr, range(32, 127)), _ASCII_WIDTHS, strict=True))
_OTHER_WIDTHS = {"\N{HORIZONTAL ELLIPSIS}": 1000, "\N{EM DASH}": 1000, "\N{PER MILLE SIGN}": 1000}
_BOLD = 1.08
# What XML 1.0 (5th ed., production 2, Char) does not allow, together with the C1 controls that it discourages.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_CORNERS = {"square": (4, 45), "triangle": (3, -90), "diamond": (4, 0), "wedge": (3, 90), "hexagon": (6, 0)}
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")
_HREF = re.compile(r"(https?://|/(?!/)|\./|\.\./|[#?])[^\s\x00-\x1f\\]*\Z")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Element:
    """A node of the tree; a child that is a str is text and is escaped when written."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple["Element | str", ...]


def node(name: str, *children: Element | str, **attributes: str | float | None) -> Element:
    """An element; ``stroke_width=1`` writes ``stroke-width="1"``, ``class_`` writes ``class``, None is left out."""
    written = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    return Element(name, tuple((key, _attribute(value)) for key, value in written), children)


def render(element: Element) -> str:
    """The tree as markup: the only place where words become markup."""
    attributes = "".join(f' {key}="{clean(value)}"' for key, value in element.attributes)
    inside = "".join(clean(child) if isinstance(child, str) else render(child) for child in element.children)
    return f"<{element.name}{attributes}>{inside}</{element.name}>" if inside else f"<{element.name}{attributes}/>"


def clean(words: str) -> str:
    """Words escaped for element content and quoted attributes; what XML cannot carry becomes U+FFFD."""
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", words), quote=True)


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else length(value)


def length(value: float) -> str:
    """A coordinate with at most two decimals. Raises ValueError for one that is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"a coordinate must be finite, not {value}")
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def number(value: float, decimals: int) -> str:
    """A number for reading: fixed decimals, a true minus, ∞ and ?, powers of ten where the decimals do not reach."""
    if math.isnan(value):
        return "?"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    fixed = f"{value:.{decimals}f}"
    too_small = value != 0 and float(fixed) == 0
    if abs(value) < 1e6 and not (too_small and abs(value) < 1e-4):
        shown = f"{value:.1g}" if too_small else fixed
        return shown.lstrip("-") if value == 0 else shown.replace("-", "−")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.replace('-', '−')}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def text_width(words: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Width of words in pixels when set in the font stack of the plots."""
    return sum(map(_character_width, words)) * size / 1000 * (_BOLD if bold else 1)


def _character_width(character: str) -> int:
    if (known := _WIDTHS.get(character) or _OTHER_WIDTHS.get(character)) is not None:
        return known
    if unicodedata.combining(character):
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WF" else 620


def fit(words: str, width: float, size: float = SIZE, *, bold: bool = False) -> str:
    """Words cut to a width with an ellipsis where they do not fit."""
    if text_width(words, size, bold=bold) <= width:
        return words
    kept = words
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrap(words: str, width: float, size: float = SIZE, *, lines: int = 2, bold: bool = False) -> tuple[str, ...]:
    """Words broken into at most so many lines of a width; the last one is cut with an ellipsis if it must be."""
    found: list[str] = []
    rest = re.split(r"[ \t\r\n]+", words.strip(" \t\r\n")) if words.strip() else []
    while rest and len(found) < lines - 1:
        taken = _taken(rest, width, size, bold=bold)
        found.append(fit(" ".join(rest[:taken]), width, size, bold=bold))
        rest = rest[taken:]
    return (*found, fit(" ".join(rest), width, size, bold=bold)) if rest else tuple(found)


def _taken(rest: Sequence[str], width: float, size: float, *, bold: bool) -> int:
    """How many of the words fit in one line; at least one."""
    taken = 1
    while taken < len(rest) and text_width(" ".join(rest[: taken + 1]), size, bold=bold) <= width:
        taken += 1
    return taken


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = SIZE,
    anchor: str | None = None,
    bold: bool = False,
    opacity: float | None = None,
    full: str | None = None,
    underlined: bool = False,
) -> Element:
    """One line of text on its baseline; ``full`` gives what was cut away as a tooltip."""
    inside: tuple[Element | str, ...] = (words,) if full is None or full == words else (node("title", full), words)
    return node(
        "text",
        *inside,
        x=x,
        y=y,
        font_size=None if size == SIZE else size,
        text_anchor=anchor,
        font_weight="bold" if bold else None,
        fill_opacity=opacity,
        text_decoration="underline" if underlined else None,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, *, colour: str = INK, width: float = 1, dash: str | None = None,
    opacity: float | None = None,
) -> Element:  # fmt: skip
    """A straight stroke."""
    return node(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width, stroke_dasharray=dash,
        stroke_opacity=opacity,
    )  # fmt: skip


def rect(x: float, y: float, width: float, height: float, **attributes: str | float | None) -> Element:
    """A rectangle from its top left corner."""
    return node("rect", x=x, y=y, width=width, height=height, **attributes)


def polygon(points: Iterable[tuple[float, float]], **attributes: str | float | None) -> Element:
    """A closed shape through points."""
    return node("polygon", points=_points(points), **attributes)


def polyline(points: Iterable[tuple[float, float]], **attributes: str | float | None) -> Element:
    """An open line through points."""
    return node("polyline", points=_points(points), fill="none", **attributes)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{length(x)},{length(y)}" for x, y in points)


def marker(shape: str, x: float, y: float, radius: float, colour: str, *, hollow: bool = False) -> Element:
    """A point of a series: circle, square, triangle, diamond, wedge or hexagon of about equal area."""
    fill = "none" if hollow else colour
    if shape == "circle":
        return node("circle", cx=x, cy=y, r=radius, fill=fill, stroke=colour, stroke_width=1.6)
    corners, turn = _CORNERS[shape]
    reach = radius * math.sqrt(2 * math.pi / (corners * math.sin(2 * math.pi / corners)))
    angles = (math.radians(turn + 360 * i / corners) for i in range(corners))
    outline = ((x + reach * math.cos(a), y + reach * math.sin(a)) for a in angles)
    return polygon(outline, fill=fill, stroke=colour, stroke_width=1.6)


def arrowhead(x: float, y: float, step: tuple[int, int], colour: str, *, opacity: float | None = None) -> Element:
    """A filled tip at (x, y) that points along a unit step: the interval goes on beyond the frame."""
    dx, dy = step
    back_x, back_y = x - 7 * dx, y - 7 * dy
    corners = ((x, y), (back_x - 4 * dy, back_y - 4 * dx), (back_x + 4 * dy, back_y + 4 * dx))
    return polygon(corners, fill=colour, fill_opacity=opacity, class_="clipped")


def link(href: str | None, label: str | None, *children: Element) -> Element:
    """Children inside a link that the keyboard reaches; without an address just a group.

    Raises:
        ValueError: the address is neither a path, a query, a fragment nor http(s).
    """
    if href is None:
        return node("g", *children)
    if not _HREF.match(href):
        raise ValueError(f"a link goes to a path or to http(s), not to {href!r}")
    return node("a", *children, href=href, aria_label=label)


def document(*parts: Element, plot_id: str, title: str, description: str, size: tuple[float, float], kind: str) -> str:
    """A whole plot with its title and description for screen readers.

    The plot is never enlarged: it fills the width it is given down from its natural size, so that text keeps the size
    it was set in. A plot with links is a group with that name, because the contents of an image are hidden from
    assistive technology and a link may not be; one without links is an image.

    Args:
        parts: what is drawn, in pixels of the natural size.
        plot_id: unique in the page; the ids of title and description grow from it.
        title: name of the plot, also shown by the plots as their heading.
        description: what the plot shows, in a sentence or two.
        size: natural width and height in pixels.
        kind: which plot it is; becomes a class beside ``plot``.

    Raises:
        ValueError: the id is not a plain identifier.
    """
    if not _ID.match(plot_id):
        raise ValueError(f"an id is a letter, then letters, digits, dots, hyphens or underscores, not {plot_id!r}")
    root = node(
        "svg",
        node("title", title, id=f"{plot_id}-title"),
        node("desc", description, id=f"{plot_id}-desc"),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        id=plot_id,
        class_=f"plot {kind}",
        role="group" if any(map(_has_link, parts)) else "img",
        aria_labelledby=f"{plot_id}-title",
        aria_describedby=f"{plot_id}-desc",
        viewBox=f"0 0 {length(size[0])} {length(size[1])}",
        width="100%",
        height=size[1],
        preserveAspectRatio="xMinYMin meet",
        font_family=FONT,
        font_size=SIZE,
        fill=INK,
    )
    return render(root)


def _has_link(element: Element) -> bool:
    return element.name == "a" or any(_has_link(child) for child in element.children if isinstance(child, Element))
