"""RIS (Zotero, EndNote, Mendeley, PubMed by way of them) -> Documents.

Tags differ by program: a title is TI or T1, a journal T2, JO or JF, an abstract AB or N2, a year PY or Y1;
the first one that is there counts.
"""

import re
from collections.abc import Iterator

from ingest.errors import UnknownFormat
from ingest.markup.payload import Readable, read_text
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, identifier, pmcid, pmid, registrations
from ingest.printed.labels import sections
from ingest.printed.names import from_inverted, full_name
from ingest.printed.tagged import Field, ris_records
from ingest.records import Document, Identifier, Keyword, Person, PublicationDate, Section

_FIRST = re.compile(r"^TY {1,2}- \w+\s*$", re.MULTILINE)
_DATE_FILLER = re.compile(r"(?:/undefined|/)+$")
_PUBMED_URL = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov/|/)(\d+)")
_PMC_URL = re.compile(r"/(PMC\d+)")
_PMID_NOTE = re.compile(r"\bPMID:\s*(\d+)")
_BOOKS = frozenset({"BOOK", "CHAP", "EBOOK", "ECHAP", "EDBOOK"})
_ROLES = {"AU": "author", "A1": "author", "A2": "editor", "ED": "editor"}
_READ = frozenset({
    "TY", "TI", "T1", "CT", "BT", "TT", "T2", "JF", "JO", "JA", "J1", "J2", "AB", "N2", "PY", "Y1", "DA", "DO", "VL",
    "IS", "SP", "EP", "LA", "SN", "KW", "AN", "C2", "UR", "L1", "L2", "LK", "N1", "ID", *_ROLES,
})  # fmt: skip
_LEFT_OUT = frozenset({"Y2", "DB", "DP", "PB", "CY", "M1", "M3", "ST", "ET", "AD", "L4", "C1", "C7", "U1", "CN", "SE"})


def looks_like(text: str) -> bool:
    """Whether a text holds the first line of a RIS record."""
    return _FIRST.search(text) is not None


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """Every record of a RIS file.

    Raises:
        UnknownFormat: no line "TY  - …".
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    if not looks_like(text):
        raise UnknownFormat(f"{name}: not RIS (no record that begins with a line TY  - …)")
    for record in ris_records(text):
        yield read_record(record)


def read_record(fields: list[Field]) -> Document:
    """The Document of one record's tagged values."""
    title = _first(fields, "TI", "T1", "CT", "BT")
    abstract = _first(fields, "AB", "N2")
    kept = ((Section("title", None, title),) if title else ()) + (tuple(sections(abstract)) if abstract else ())
    return Document(
        source="ris",
        kind="book" if _first(fields, "TY") in _BOOKS else "article",
        title=title,
        vernacular_title=_first(fields, "TT"),
        identifiers=distinct(_identifiers(fields)),
        journal=_first(fields, "T2", "JF", "JO"),
        journal_abbreviation=_first(fields, "J2", "JA", "J1", "JO"),
        issn=(_first(fields, "SN") or "").partition(" ")[0] or None,
        volume=_first(fields, "VL"),
        issue=_first(fields, "IS"),
        pages="-".join(filter(None, (_first(fields, "SP"), _first(fields, "EP")))) or None,
        published=_date(_first(fields, "DA", "PY", "Y1")),
        languages=tuple(value for tag, value in fields if tag == "LA" and value),
        sections=kept,
        people=tuple(_person(value, _ROLES[tag]) for tag, value in fields if tag in _ROLES and value),
        keywords=tuple(Keyword(value) for tag, value in fields if tag == "KW" and value),
        registrations=registrations((), (part.text for part in kept)),
        unknown_tags=tuple(tag for tag, _ in fields if tag not in _READ and tag not in _LEFT_OUT),
    )


def _first(fields: list[Field], *tags: str) -> str | None:
    """The first value under the first of the tags that has one."""
    return next((value for tag in tags for one, value in fields if one == tag and value), None)


def _date(value: str | None) -> PublicationDate | None:
    """RIS fills dates up with slashes ("2019/10//") and Zotero with the word undefined."""
    return None if value is None else read_date(_DATE_FILLER.sub("", value))


def _identifiers(fields: list[Field]) -> Iterator[Identifier | None]:
    for tag, value in fields:
        if tag == "AN" and (number := pmid(value)):
            yield Identifier("pmid", number)
        elif tag == "C2" and (free := pmcid(value)):
            yield Identifier("pmcid", free)
        elif tag == "DO":
            yield identifier("doi", value)
        elif tag in {"UR", "L1", "L2", "LK", "N1", "ID"}:
            yield from _named_in(value)


def _named_in(value: str) -> Iterator[Identifier | None]:
    """A PMID, PMCID or DOI in an address or a note."""
    for kind, pattern in (("pubmed", _PUBMED_URL), ("pmc", _PMC_URL), ("pubmed", _PMID_NOTE)):
        found = pattern.search(value)
        if found:
            yield identifier(kind, found[1])
    if "doi.org/" in value:
        yield identifier("doi", value.strip())


def _person(value: str, role: str) -> Person:
    if "," not in value:
        return Person(value, collective=True, role=role)
    parts = from_inverted(value)
    return Person(
        full_name(parts.last_name, parts.fore_name, parts.suffix), parts.last_name, parts.fore_name, None, parts.suffix,
        role=role,
    )  # fmt: skip
