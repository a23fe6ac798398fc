"""An XML node -> its text, verbatim: the markup goes, every character stays.

    text_of(<p>CO<sub>2</sub> fell by 3 <i>vs</i> 5</p>)  ->  "CO2 fell by 3 vs 5"

Nothing is stripped, joined with spaces or normalised, so a figure found in the text can be pointed at.
"""

import html
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml gives its element type no public name


def text_of(node: Element) -> str:
    """All character data below the node in document order; comments and processing instructions are not text."""
    if len(node) == 0:
        return node.text or ""
    return "".join(_pieces(node))


def text_or_none(node: Element | None) -> str | None:
    """The node's text without the white space around it; None where there is no node or no text."""
    if node is None:
        return None
    text = node.text if len(node) == 0 else text_of(node)
    return (text.strip() or None) if text else None


def text_without(node: Element, left_out: frozenset[str]) -> str:
    """As `text_of`, without the content of elements whose local name is in `left_out` (their tails stay)."""
    return "".join(_pieces(node, left_out))


def local_name(node: Element) -> str:
    """The tag without its namespace."""
    return str(node.tag).rpartition("}")[2]


def _pieces(node: Element, left_out: frozenset[str] = frozenset()) -> Iterator[str]:
    if node.text:
        yield node.text
    for child in node:
        tag: object = child.tag  # a string for an element, else the function that makes such a node
        if tag is etree.Entity:
            # Declared only by the external DTD, which is never loaded: HTML knows most of their names.
            yield html.unescape(child.text or "")
        elif isinstance(tag, str) and (not left_out or local_name(child) not in left_out):
            yield from _pieces(child, left_out)
        if child.tail:
            yield child.tail
