"""Which format a payload is, told by its content, and who reads it: one row a format.

    for one in read_documents(stream, "anything.txt"): ...

File names are never looked at: reviewers rename files, services send none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.errors import UnknownFormat
from ingest.files import jats, medline, pmid_list, pubmed_csv, pubmed_page, pubmed_text, pubmed_xml, ris
from ingest.markup.payload import Readable, Replayed, head_of, plain_head
from ingest.markup.xml import root_name
from ingest.records import Document, Tombstone

Reader = Callable[[Readable, str], Iterator[Document | Tombstone]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name, in the user's words, with its sign (root of the XML, or what the text looks like)."""

    name: str
    words: str
    read: Reader
    roots: frozenset[str] = frozenset()
    looks_like: Callable[[str], bool] = lambda _: False


# The first that recognises the head reads the payload: an export that begins with "1. " may hold a page's headings.
FORMATS = (
    Format("pubmed-xml", "PubMed XML", pubmed_xml.iter_documents, frozenset(pubmed_xml.ROOTS)),
    Format("medline", "MEDLINE (.nbib)", medline.iter_documents, looks_like=medline.looks_like),
    Format("ris", "RIS", ris.iter_documents, looks_like=ris.looks_like),
    Format("pubmed-csv", "PubMed CSV", pubmed_csv.iter_documents, looks_like=pubmed_csv.looks_like),
    Format(
        "pubmed-abstract", "PubMed Abstract (text)", pubmed_text.abstract_documents,
        looks_like=pubmed_text.looks_like_abstracts,
    ),
    Format(
        "pubmed-summary", "PubMed Summary (text)", pubmed_text.summary_documents,
        looks_like=pubmed_text.looks_like_summaries,
    ),
    Format("pubmed-page", "a PubMed page as text", pubmed_page.iter_documents, looks_like=pubmed_page.is_page),
    Format("pmid-list", "a list of PMIDs", pmid_list.iter_documents, looks_like=pmid_list.looks_like),
    Format("jats", "JATS full text of PMC", jats.iter_documents, jats.ROOTS),
)  # fmt: skip


def recognise(head: bytes, name: str = "payload") -> str:
    """The name of the format whose payload begins so (64 KB are enough; gzip is looked into).

    Raises:
        UnknownFormat: none of ours.
        HostilePayload: XML whose DOCTYPE declares entities.
    """
    return _format(head, name).name


def read_documents(stream: Readable, name: str) -> Iterator[Document | Tombstone]:
    """Every Document (and deletion) of a payload in any format we know; `name` is for messages only.

    Raises:
        EmptyPayload: nothing in it.
        UnknownFormat: no reader recognises it; the message says what is accepted.
        Truncated, HostilePayload, BadPayload: as the reader of that format finds; what came before is given.
    """
    head = head_of(stream, name)
    yield from _format(head, name).read(Replayed(head, stream), name)


def _format(head: bytes, name: str) -> Format:
    plain = plain_head(head)
    root = root_name(plain, name)
    text = "" if root else _text(plain)
    for one in FORMATS:
        if root in one.roots or (text and one.looks_like(text)):
            return one
    accepted = ", ".join(one.words for one in FORMATS)
    found = f"XML with root <{root}>" if root else "content"
    raise UnknownFormat(f"{name}: {found} of no format known here; accepted are {accepted} (each also as .gz)")


def _text(plain: bytes) -> str:
    """The head as text with plain line ends, a character cut at its end left out; empty for binary."""
    encoding = "utf-16" if plain.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = plain.decode(encoding, "ignore")
    if "\0" in text:
        return ""
    return re.sub(r"\r\n?", "\n", text)
