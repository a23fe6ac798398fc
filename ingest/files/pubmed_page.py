"""A PubMed page saved as text -> one Document: what a reader gets by copying the page or printing it.

The page is a head (title, journal line, authors, ids), the abstract, and blocks under PubMed's own
headings (Similar articles, Cited by, References, …). Abstract paragraphs are kept character for
character; a printed label ("Results: …") becomes the section's label.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.errors import UnknownFormat
from ingest.files.page_blocks import HEADINGS, NOTICES, cited, entries, items, mesh_heading, printed_reference
from ingest.markup.payload import Readable, read_text
from ingest.printed.identifiers import distinct, distinct_links, identifier, is_trial_registry, ncts_in, registrations
from ingest.printed.labels import Citation, author, citation, grant, notice, paragraphs
from ingest.printed.names import from_citation
from ingest.records import (
    Document,
    Identifier,
    Keyword,
    Link,
    Person,
    PublicationDate,
    PublicationType,
    Reference,
    Section,
    TrialRegistration,
)

SOURCE = "pubmed-page"

_IDS = re.compile(r"\b(PMID|PMCID|DOI):\s*(\S+)")
_PMID_LINE = re.compile(r"^(?:[-•*]\s*)?PMID:\s*\d+", re.MULTILINE)
_MARKS = re.compile(r"[\d#*†‡§¶\u200b ]+$")
_REGISTRATION = re.compile(r"\bregist", re.IGNORECASE)
_COPYRIGHT = re.compile(r"^(?:©|\(c\) |copyright\b)", re.IGNORECASE)
_YEAR = re.compile(r"[^\d]{1,20}((?:19|20)\d\d)\b")
_KEYWORDS = re.compile(r"^Key ?words?: ", re.IGNORECASE)
# Words of the page's own buttons and headings.
_BUTTONS = re.compile(r"^(?:Affiliations?|Actions|Expand|Item in Clipboard|Full text links|Authors?)$")


def is_page(text: str) -> bool:
    """Whether a text (or its first part) looks like a PubMed page: a line of ids and one of PubMed's headings."""
    lines = {line.strip() for line in text.splitlines()}
    return _PMID_LINE.search(text) is not None and not HEADINGS.keys().isdisjoint(lines)


def abstract_span(text: str) -> tuple[int, int]:
    """Where the abstract stands in a page's text: from its heading to the page's next one, all where there is none."""
    start, end, inside = 0, len(text), False
    position = 0
    for line in text.splitlines(keepends=True):
        name = line.strip()
        if inside and name in HEADINGS and name != "Abstract":
            end = position
            break
        position += len(line)
        if name == "Abstract" and not inside:
            start, inside = position, True
    return start, end


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """The one Document of a page saved as text.

    Raises:
        UnknownFormat: no line with a PMID, or none of PubMed's headings.
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    if not is_page(text):
        raise UnknownFormat(f"{name}: not a PubMed page (no PMID line, or no heading such as Abstract)")
    yield read_page(text)


def read_page(text: str) -> Document:
    """The Document of a page's text."""
    head, blocks = _parted(text.split("\n"))
    title = _title(head)
    lines = blocks.get("abstract", [])
    abstract = paragraphs(line for line in lines if _is_paragraph(line))
    kept = (*((Section("title", None, title),) if title else ()), *abstract)
    references = tuple(printed_reference(entry) for entry in entries(blocks.get("references", [])))
    place = _citation(head)
    rights = next((line for line in lines if _COPYRIGHT.match(line)), None)
    return Document(
        source=SOURCE,
        kind="article",
        title=title,
        identifiers=distinct(_identifiers(head)),
        journal_abbreviation=place.journal,
        published=place.published or _copyright_year(rights),
        volume=place.volume,
        issue=place.issue,
        pages=place.pages,
        copyright=rights,
        conflict_of_interest="\n".join(blocks.get("conflict", [])) or None,
        sections=kept,
        people=tuple(_people(head, title)),
        mesh_headings=tuple(mesh_heading(line) for line in items(blocks.get("mesh", []))),
        keywords=tuple(_keywords(lines)),
        publication_types=tuple(PublicationType(line) for line in items(blocks.get("types", []))),
        grants=tuple(grant(line) for line in items(blocks.get("grants", []))),
        registrations=registrations(
            _stated(abstract, blocks.get("data", [])),
            (part.text for part in kept),
        ),
        links=distinct_links(_links(blocks, references)),
        references=references,
        notices=tuple(
            notice(kind, " ".join(entry.split("\n")))
            for kind in NOTICES
            for entry in entries(blocks.get(kind, []))
        ),
    )  # fmt: skip


def _parted(lines: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The lines before the first heading, and those under each heading by our name for it.

    Blank lines and the white space at the edges of a line belong to the page's layout and go.
    """
    head: list[str] = []
    blocks: dict[str, list[str]] = {}
    current = head
    for line in filter(None, (line.strip() for line in lines)):
        heading = HEADINGS.get(line)
        if heading is not None:
            current = blocks.setdefault(heading, [])
        else:
            current.append(line)
    return head, blocks


def _title(head: list[str]) -> str | None:
    """The line that stands twice (above and below the ids), else the one after the journal line, else the first."""
    lines = [line for line in head if not _BUTTONS.match(line)]
    twice = next((line for place, line in enumerate(lines) if line in lines[place + 1 :]), None)
    if twice:
        return twice
    after = next((place + 1 for place, line in enumerate(lines) if _is_citation(line)), 0)
    return next((line for line in lines[after:] if not _IDS.search(line)), None)


def _is_citation(line: str) -> bool:
    """A year alone may stand in a title; a volume, pages or a DOI behind it make it a place."""
    found = citation(line)
    return found.published is not None and bool(found.volume or found.pages or "doi:" in line.lower())


def _citation(head: list[str]) -> Citation:
    """The journal line, where the page has one; copied from a browser, the journal has a line of its own."""
    place = next((place for place, line in enumerate(head) if _is_citation(line)), None)
    if place is None:
        return Citation()
    found = citation(head[place])
    return replace(found, journal=found.journal or (head[place - 1] if place else None))


def _copyright_year(rights: str | None) -> PublicationDate | None:
    """The year of the copyright, all that a page without a journal line says of when it was published."""
    found = _YEAR.match(rights or "")
    return PublicationDate(f"© {found[1]}", int(found[1])) if found else None


def _identifiers(head: list[str]) -> Iterator[Identifier | None]:
    kinds = {"PMID": "pubmed", "PMCID": "pmc", "DOI": "doi"}
    for line in head:
        for kind, value in _IDS.findall(line):
            yield identifier(kinds[kind], value)


def _people(head: list[str], title: str | None) -> Iterator[Person]:
    """The authors' line: the first after the title, names parted by commas, each followed by marks."""
    place = head.index(title) + 1 if title in head else len(head)
    line = next(iter(head[place : place + 1]), "")
    if "," not in line or _IDS.search(line) or _BUTTONS.match(line) or line == title:
        return
    for printed in line.rstrip(".").split(","):
        words = _MARKS.sub("", printed.strip())
        if words:
            yield _person(words)


def _person(words: str) -> Person:
    parts = from_citation(words)
    if parts.initials:
        return author(words)
    fore, _, last = words.rpartition(" ")
    return Person(words, last, fore or None)


def _is_paragraph(line: str) -> bool:
    return not _KEYWORDS.match(line) and not _COPYRIGHT.match(line)


def _keywords(lines: list[str]) -> Iterator[Keyword]:
    for line in lines:
        found = _KEYWORDS.match(line)
        if found:
            for word in line[found.end() :].strip().removesuffix(".").split(";"):
                if word.strip():
                    yield Keyword(word.strip())


def _stated(abstract: tuple[Section, ...], data: list[str]) -> Iterator[TrialRegistration]:
    """Numbers under a label of their own ("Trial registration") and those in Associated data."""
    for part in abstract:
        if part.label and _REGISTRATION.search(part.label):
            for number in ncts_in(part.text):
                yield TrialRegistration("ClinicalTrials.gov", number)
    for line in items(data):
        bank, slash, accession = line.partition("/")
        if slash and is_trial_registry(bank):
            yield TrialRegistration(bank, accession)


def _links(blocks: dict[str, list[str]], references: tuple[Reference, ...]) -> Iterator[Link]:
    for kind in ("similar", "cited_by"):
        for entry in entries(blocks.get(kind, [])):
            target, title = cited(entry)
            if target:
                yield Link(kind, target, SOURCE, title=title)
    for reference in references:
        if reference.identifiers:
            yield Link("cites", reference.identifiers, SOURCE)
