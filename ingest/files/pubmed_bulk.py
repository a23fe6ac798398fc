"""A bulk file of PubMed XML in chunks of whole records, so that several processes can read one file.

    for chunk in split(stream, "pubmed26n0001.xml.gz"):       # one process: cheap, no XML is parsed
        for one in documents_in(chunk): ...                   # any process: Documents and Tombstones, in order

The chunks hold every byte of the file, and each is a document of its own: the file's prolog, some records, an end. What
`documents_in` gives over all chunks is what `ingest.files.pubmed_xml.iter_documents` gives of the whole file.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from lxml import etree

from ingest.errors import BadPayload, HostilePayload, UnknownFormat
from ingest.files.pubmed_xml import ROOTS, documents_of, iter_documents
from ingest.markup.payload import Readable
from ingest.markup.xml import open_xml
from ingest.records import Document, Tombstone

#: Records in a chunk: a MB of XML, a fortieth of a second of parsing.
CHUNK = 100
#: Sets of which bulk files are made. A file with another root is one record, or not ours.
SETS = ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet")
# A record has about 10 kB; the longest known (thousands of investigators) a few MB.
_LONGEST = 64 << 20
_PMID = re.compile(rb"<PMID[^>]*>\s*(\d+)\s*</PMID>")
_DELETES = re.compile(rb"\s*<DeleteCitation\b")
_SKIPPED = rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
_CLOSED = re.compile(rb"\s*>")
_REVISED = (b"<DateRevised>", b"</DateRevised>")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records of a file as they stand in it, with what makes a document of them.

    name: of the file, for messages. first: how many records of the file come before. prolog: up to the root's start
    tag. closing: the root's end tag, or all that follows the last record of the file.
    """

    name: str
    first: int
    prolog: bytes
    records: tuple[bytes, ...]
    closing: bytes

    def of(self, records: tuple[bytes, ...]) -> "Chunk":
        """The same place in the file with only these of its records."""
        return replace(self, records=records)


def split(stream: Readable, name: str, size: int = CHUNK) -> Iterator[Chunk]:
    """The file in chunks of `size` records; the last holds what remains, perhaps no record at all.

    Raises:
        UnknownFormat: not a set of PubMed records in an encoding that extends ASCII.
        EmptyPayload, Truncated, HostilePayload, BadPayload: see `ingest.markup.payload.chunks`; what came whole before
            the fault was given.
    """
    opened = open_xml(stream, name)
    if opened.root not in SETS:
        raise UnknownFormat(f"{name}: XML, but <{opened.root}> is not a set of PubMed records")
    start = re.compile(rb"<%b\b[^>]*>" % opened.root.encode())
    head = next(opened.chunks)
    found = start.search(head)
    if found is None or b"\0" in head:
        raise UnknownFormat(f"{name}: PubMed XML in an encoding that cannot be split; save it as UTF-8")
    prolog, closing = head[: found.end()], b"</%b>" % opened.root.encode()
    cut = _Cut(ROOTS[opened.root])
    taken, waiting, fault = 0, cut.more(head[found.end() :]), None
    while True:
        while len(waiting) >= size:
            yield Chunk(name, taken, prolog, tuple(waiting[:size]), closing)
            taken, waiting = taken + size, waiting[size:]
        try:
            waiting += cut.more(next(opened.chunks))
        except StopIteration:
            break
        except BadPayload as broken:
            fault = broken
            break
    if fault is not None:
        yield Chunk(name, taken, prolog, tuple(waiting), closing)
        raise type(fault)(f"{fault}, after {taken + len(waiting)} complete records")
    yield Chunk(name, taken, prolog, tuple(waiting), cut.rest)


def documents_in(chunk: Chunk) -> Iterator[Document | Tombstone]:
    """Every record of a chunk; deletions come as Tombstones.

    Raises:
        Truncated, HostilePayload, BadPayload: see `ingest.markup.xml`; records before the fault are given.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    whole = b"".join((chunk.prolog, *chunk.records, chunk.closing))
    try:
        root = etree.fromstring(whole, parser)
    except etree.XMLSyntaxError:
        # the streaming reader gives what stands before the fault, and judges the fault
        yield from iter_documents(BytesIO(whole), chunk.name)
        return
    tags = ROOTS[str(root.tag)]
    for node in root:
        if node.tag in tags:
            yield from documents_of(node)


def pmid_of(record: bytes) -> str | None:
    """The PMID of one record, unparsed; None for a deletion or where there is none."""
    if _DELETES.match(record):
        return None
    found = _PMID.search(record)
    return found[1].decode() if found else None


def deleted_in(record: bytes) -> list[str]:
    """The PMIDs that one record deletes, unparsed: none unless it is a DeleteCitation."""
    return [found.decode() for found in _PMID.findall(record)] if _DELETES.match(record) else []


def fingerprint(record: bytes) -> bytes:
    """A hash of a record's bytes without its DateRevised, which maintenance touches: equal means unchanged."""
    start, end = (record.find(tag) for tag in _REVISED)
    words = record if start < 0 or end < start else record[:start] + record[end:]
    return hashlib.sha256(words.strip()).digest()


class _Cut:
    """Cuts bytes after each end tag of a record; end tags in comments and CDATA are none."""

    def __init__(self, tags: tuple[str, ...]) -> None:
        self.rest = b""
        names = "|".join(tags).encode()
        self._ends_with = [b"</%b" % tag.encode() for tag in tags]
        self._careful = re.compile(rb"%b|(?P<end></(?:%b)\s*>)" % (_SKIPPED, names), re.DOTALL)

    def more(self, piece: bytes) -> list[bytes]:
        """The records that are whole now. Raises HostilePayload where one has no end."""
        text = self.rest + piece
        ends = self._ends(text)
        places = [0, *ends]
        self.rest = text[places[-1] :]
        if len(self.rest) > _LONGEST:
            raise HostilePayload(f"no record ends within {_LONGEST >> 20} MB")
        return [text[start:end] for start, end in zip(places, ends, strict=False)]

    def _ends(self, text: bytes) -> list[int]:
        if not _opens(text, b"!") and not _opens(text, b"?"):
            return sorted(end for tag in self._ends_with for end in _after_each(tag, text))
        # what opens a comment and does not close it yet waits for more
        opened = max(text.rfind(b"<!"), text.rfind(b"<?"))
        upto = len(text) if self._careful.match(text, opened) else opened
        return [found.end() for found in self._careful.finditer(text, 0, upto) if found["end"]]


def _opens(text: bytes, sign: bytes) -> bool:
    """Whether the sign stands behind a "<": one byte is looked for many times faster than two, and it is rare."""
    place = text.find(sign)
    while place >= 0:
        if text[place - 1 : place] == b"<":
            return True
        place = text.find(sign, place + 1)
    return False


def _after_each(tag: bytes, text: bytes) -> Iterator[int]:
    """The places behind this end tag, white space and ">". A pattern would look at every byte, `find` skips most."""
    place = text.find(tag)
    while place >= 0:
        if closed := _CLOSED.match(text, place + len(tag)):
            yield closed.end()
        place = text.find(tag, place + 1)
