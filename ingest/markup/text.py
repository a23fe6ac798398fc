"""An XML node -> its text, verbatim: the markup goes, every character stays.

    text_of(<p>CO<sub>2</sub> fell by 3 <i>vs</i> 5</p>)  ->  "CO2 fell by 3 vs 5"

Nothing is stripped, joined with spaces or normalised, so a figure found in the text can be pointed at.
"""

import html
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml gives its element type no public name


def children_of(node: Element) -> list[Element]:
    """The children as a list: lxml makes it as a slice in half the time that it takes to begin an iteration."""
    found: list[Element] = node[:]  # type: ignore[index,assignment]  # lxml's stubs know no slices
    return found


def text_of(node: Element) -> str:
    """All character data below the node in document order; comments and processing instructions are not text."""
    if len(node) == 0:
        return node.text or ""
    pieces: list[str] = []
    _gather(node, pieces, frozenset())
    return "".join(pieces)


def text_or_none(node: Element | None) -> str | None:
    """The node's text without the white space around it; None where there is no node or no text."""
    if node is None:
        return None
    text = node.text if len(node) == 0 else text_of(node)
    return (text.strip() or None) if text else None


def text_without(node: Element, left_out: frozenset[str]) -> str:
    """As `text_of`, without the content of elements whose local name is in `left_out` (their tails stay)."""
    pieces: list[str] = []
    _gather(node, pieces, left_out)
    return "".join(pieces)


def local_name(node: Element) -> str:
    """The tag without its namespace."""
    return str(node.tag).rpartition("}")[2]


def _gather(node: Element, pieces: list[str], left_out: frozenset[str]) -> None:
    """Add the node's texts to the pieces, in order."""
    if text := node.text:
        pieces.append(text)
    for child in children_of(node):
        tag: object = child.tag  # a string for an element, else the function that makes such a node
        if tag is etree.Entity:
            # Declared only by the external DTD, which is never loaded: HTML knows most of their names.
            pieces.append(html.unescape(child.text or ""))
        elif isinstance(tag, str) and (not left_out or local_name(child) not in left_out):
            _gather(child, pieces, left_out)
        if tail := child.tail:
            pieces.append(tail)
