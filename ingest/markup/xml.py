"""One safe, streaming way to read XML: a few record elements at a time, memory flat.

    opened = open_xml(stream, "pubmed24n0001.xml.gz")
    opened.root                                   # "PubmedArticleSet"
    for node in records(opened, ("PubmedArticle",)): ...

Entities are never expanded, DTDs and the network never touched, and a document that declares entities
of its own is refused unread: no source of ours does, only attacks do.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from lxml import etree

from ingest.errors import BadPayload, HostilePayload, Truncated, UnknownFormat
from ingest.markup.payload import HEAD, Readable, chunks
from ingest.markup.text import Element

_BLANK = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|\s+)*", re.DOTALL)
_DOCTYPE = re.compile(rb"""<!DOCTYPE(?:[^"'\[>]|"[^"]*"|'[^']*')*""", re.IGNORECASE)
_SUBSET_END = re.compile(rb"\]\s*>")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
# libxml2: XML_ERR_RESOURCE_LIMIT, XML_ERR_ENTITY_LOOP, XML_ERR_NAME_TOO_LONG
_LIMITS = frozenset({114, 89, 110})
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class OpenedXml:
    """A document whose prolog was judged: the local name of its root and all its bytes."""

    name: str
    root: str
    chunks: Iterator[bytes]


def open_xml(stream: Readable, name: str) -> OpenedXml:
    """Look at the prolog, refuse what is hostile, name the root.

    Raises:
        UnknownFormat: not XML.
        HostilePayload: the DOCTYPE declares entities, or the prolog has no end.
        EmptyPayload, Truncated, BadPayload: from `payload.chunks`.
    """
    pieces = chunks(stream, name)
    head = next(pieces)
    root = root_name(head, name)
    if root is None:
        raise UnknownFormat(f"{name}: not XML")
    return OpenedXml(name, root, chain((head,), pieces))


def root_name(head: bytes, name: str) -> str | None:
    """The local name of the root element; None where the head is not XML.

    Raises:
        HostilePayload: the DOCTYPE declares entities, or 64 KB pass without a root.
    """
    plain = _without_mark(head)
    place = _after(_BLANK, plain, 0)
    place = _after(_BLANK, plain, _after_doctype(plain, place, name))
    root = _ROOT.match(plain, place)
    if root is None and plain.startswith((b"<!", b"<?"), place) and len(head) >= HEAD:
        raise HostilePayload(f"{name}: refused, no root element in the first {HEAD >> 10} KB")
    return root[1].decode("ascii", "replace") if root else None


def records(opened: OpenedXml, tags: tuple[str, ...]) -> Iterator[Element]:
    """Each finished element of one of the tags; it is emptied as soon as the next one is asked for.

    The tags must not nest in each other. What was complete before a fault is given before the fault is raised.

    Raises:
        Truncated: the document stops before its end; says after how many records.
        HostilePayload: nesting deeper than 256 or a text longer than 10 MB (libxml2's own limits).
        BadPayload: not well-formed; says where.
    """
    parser = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    count = 0
    for fault in _steps(parser, opened):
        for node in _finished(parser):
            yield node
            count += 1
            _forget(node)
        if fault is not None:
            raise type(fault)(f"{fault}, after {count} complete records")


def _finished(parser: etree.XMLPullParser) -> Iterator[Element]:
    for _, node in parser.read_events():
        if isinstance(node, etree._Element):  # noqa: SLF001 - the only name of this type
            yield node


def _steps(parser: etree.XMLPullParser, opened: OpenedXml) -> Iterator[BadPayload | None]:
    """Feed the parser; None after each piece, a fault where it has to stop."""
    at_end = False
    try:
        for piece in opened.chunks:
            parser.feed(piece)
            yield None
        at_end = True
        parser.close()
        yield None
    except etree.XMLSyntaxError as fault:
        yield _judged(fault, opened.name, at_end=at_end)
    except BadPayload as fault:
        # A gzip that is cut: libxml2 still holds back the last piece it was fed.
        with suppress(etree.XMLSyntaxError):
            parser.close()
        yield fault


def _judged(fault: etree.XMLSyntaxError, name: str, *, at_end: bool) -> BadPayload:
    if getattr(fault, "code", None) in _LIMITS:
        return HostilePayload(f"{name}: refused, {_one_line(fault)}")
    if at_end:
        return Truncated(f"{name}: stops before its end ({_one_line(fault)})")
    return BadPayload(f"{name}: not well-formed XML ({_one_line(fault)})")


def _one_line(fault: etree.XMLSyntaxError) -> str:
    return " ".join(str(fault.msg).split())


def _forget(node: Element) -> None:
    """Empty the element and drop its elder siblings, so that memory does not grow with the file."""
    node.clear()
    parent = node.getparent()
    if parent is not None:
        while node.getprevious() is not None:
            del parent[0]


def _without_mark(head: bytes) -> bytes:
    """Without byte order mark, and UTF-16 squeezed to its ASCII letters: enough to read a prolog."""
    for mark in _MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"")


def _after(pattern: re.Pattern[bytes], text: bytes, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place


def _after_doctype(plain: bytes, place: int, name: str) -> int:
    doctype = _DOCTYPE.match(plain, place)
    if doctype is None:
        return place
    if plain[doctype.end() : doctype.end() + 1] != b"[":
        return doctype.end() + 1
    end = _SUBSET_END.search(plain, doctype.end())
    # Looked for in all of the head: a "]>" inside a comment must not hide what follows it.
    if end is None or b"<!ENTITY" in plain[doctype.end() :]:
        raise HostilePayload(f"{name}: refused, its DOCTYPE declares entities of its own")
    return end.end()
