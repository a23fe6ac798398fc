"""The text of a JATS article: abstracts, body, tables and captions as Sections.

Each heading is one Section (its own paragraphs, without those of the headings below it), labelled with
the path of headings. Inside a paragraph characters stay as they are; only a line break of the file's
layout becomes a space, as JATS defines it. A table is caption, rows and notes by newlines, cells by tabs.
"""

import html
import re
from collections.abc import Iterator

from lxml import etree

from ingest.markup.text import Element, local_name
from ingest.records import Section

PATH = " > "

_LAYOUT = re.compile(r"[ \t\r]*\n[ \t\r\n]*")
_SPACES = re.compile(r"[ \t\r\n]+")
_FLOATS = frozenset({"table-wrap", "table-wrap-group", "fig", "fig-group", "supplementary-material"})
_SILENT = _FLOATS | {"tex-math", "graphic", "media", "object-id", "institution-id"}
# Elements that stand in lines of their own, inside a paragraph too.
_BLOCKS = frozenset({
    "p", "list", "list-item", "disp-quote", "disp-formula", "disp-formula-group", "boxed-text", "def-list", "def-item",
    "def", "title", "statement", "verse-group", "verse-line", "speech", "preformat", "caption", "sec",
})  # fmt: skip
_LINE = "\u2028"  # marks the edge of a block until all is joined; XML text of ours does not hold it


def flowing_text(node: Element, silent: frozenset[str] = _SILENT) -> str:
    """The text of an element, blocks inside it by newlines; floats, pictures and TeX twins of formulas left out."""
    lines = _LAYOUT.sub(" ", "".join(_pieces(node, silent))).split(_LINE)
    return "\n".join(line.strip(" ") for line in lines if line.strip())


def child(node: Element, name: str) -> Element | None:
    """The first child with that local name; articles come with and without a namespace."""
    return next(node.iterchildren(f"{{*}}{name}"), None)


def abstracts(meta: Element) -> Iterator[Section]:
    """The abstract by its headings; graphical, plain-language and translated ones are of kind other."""
    for node in meta.iterchildren("{*}abstract", "{*}trans-abstract"):
        plain = local_name(node) == "abstract" and node.get("abstract-type") in {None, "structured"}
        kind = "abstract" if plain else "other"
        yield from _parts(node, (), kind, node.get("{http://www.w3.org/XML/1998/namespace}lang"))


def body_sections(article: Element) -> Iterator[Section]:
    """The body by its headings with its tables and captions in place, then the floats kept apart from it."""
    for name in ("body", "floats-group"):
        node = child(article, name)
        if node is not None:
            yield from _parts(node, (), "body", None)


def _parts(node: Element, path: tuple[str, ...], kind: str, language: str | None) -> Iterator[Section]:
    """A container's own text as one Section, then its floats, then the containers below it."""
    inner = [one for one in node if _is(one, {"sec", "boxed-text"})]
    own = [one for one in node if one not in inner and isinstance(one.tag, str) and not _is(one, _SKIPPED | _FLOATS)]
    text = "\n".join(filter(None, (flowing_text(one) for one in own)))
    if text:
        yield Section(kind, PATH.join(path) or None, text, language)
    for one in node:
        if one not in inner:
            yield from _floats(one)
    for one in inner:
        heading = _heading(one)
        yield from _parts(one, (*path, heading) if heading else path, kind, language)


_SKIPPED = frozenset({"title", "label", "sec-meta", "caption", "object-id", "graphic"})


def _is(node: Element, names: frozenset[str] | set[str]) -> bool:
    return isinstance(node.tag, str) and local_name(node) in names


def _heading(node: Element) -> str | None:
    caption = child(node, "caption")
    title = child(node, "title") if caption is None else child(caption, "title")
    return (_SPACES.sub(" ", flowing_text(title)) or None) if title is not None else None


def _floats(node: Element) -> Iterator[Section]:
    """Tables and figures in an element, those inside its paragraphs too."""
    for one in node.iter("{*}table-wrap", "{*}fig"):
        label = child(one, "label")
        name = None if label is None else _SPACES.sub(" ", flowing_text(label)).rstrip(".: ") or None
        kind, text = ("table", _table(one)) if _is(one, {"table-wrap"}) else ("other", _caption(one))
        if text:
            yield Section(kind, name, text)


def _caption(node: Element) -> str:
    caption = child(node, "caption")
    return "" if caption is None else flowing_text(caption)


def _table(node: Element) -> str:
    rows = [row for table in node.iter("{*}table") for row in _rows(table)]
    notes = [flowing_text(foot) for foot in node.iterchildren("{*}table-wrap-foot")]
    lines = (_caption(node), *("\t".join(row) for row in rows), *notes)
    return "\n".join(line for line in lines if line.strip())


def _rows(table: Element) -> Iterator[list[str]]:
    """The rows on a grid: a cell over several columns or rows fills the others with empty cells."""
    held: dict[int, int] = {}
    for row in table.iter("{*}tr"):
        cells: list[str] = []
        for cell in row.iterchildren("{*}td", "{*}th"):
            _skip_held(cells, held)
            width = _span(cell, "colspan")
            for column in range(len(cells), len(cells) + width):
                held[column] = _span(cell, "rowspan") - 1
            cells += [_SPACES.sub(" ", flowing_text(cell)).strip(), *[""] * (width - 1)]
        _skip_held(cells, held)
        yield cells


def _skip_held(cells: list[str], held: dict[int, int]) -> None:
    while held.get(len(cells), 0) > 0:
        held[len(cells)] -= 1
        cells.append("")


def _span(cell: Element, name: str) -> int:
    """At least 1; at most 1000, as browsers have it: a typing error must not fill the memory."""
    value = cell.get(name, "1")
    return min(max(int(value), 1), 1000) if value.isdecimal() else 1


def _pieces(node: Element, silent: frozenset[str]) -> Iterator[str]:
    block = _is(node, _BLOCKS)
    if block:
        yield _LINE
    if node.text:
        yield node.text
    for one in node:
        tag: object = one.tag
        if tag is etree.Entity:
            yield html.unescape(one.text or "")
        elif isinstance(tag, str):
            name = local_name(one)
            if name == "break":
                yield " "
            elif name not in silent:
                yield from _pieces(one, silent)
        if one.tail:
            yield one.tail
    if block:
        yield _LINE
