"""PubMed's CSV exports -> Documents: the new site's (2020 on) and the old one's.

The old one has no column PMID: it stands in the URL and among the Identifiers.
"""

import csv
import re
from collections.abc import Iterator

from ingest.errors import BadPayload, UnknownFormat
from ingest.markup.payload import Readable, read_text
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, identifier
from ingest.printed.labels import authors, citation, identifiers_in
from ingest.records import Document, Identifier, Person, Section

SOURCE = "pubmed-csv"
_NEW = ("PMID", "Title", "Authors", "Citation")
_OLD = ("Title", "URL", "Description", "Details")
_NOBODY = "[No authors listed]"
_URL = re.compile(r"/pubmed/(\d+)")

Row = dict[str, str]


def looks_like(text: str) -> bool:
    """Whether the first line names the columns of one of PubMed's CSV exports."""
    return _kind(text) is not None


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """A Document a row.

    Raises:
        UnknownFormat: the columns are not PubMed's.
        BadPayload: a row that csv cannot read; says which line.
        EmptyPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    kind = _kind(text)
    if kind is None:
        raise UnknownFormat(f"{name}: not a PubMed CSV (its first line does not name PubMed's columns)")
    read = _new_row if kind == _NEW else _old_row
    rows = csv.DictReader(text.split("\n"), strict=True)
    try:
        for row in rows:
            yield read({column: (value or "").strip() for column, value in row.items() if isinstance(column, str)})
    except csv.Error as fault:
        raise BadPayload(f"{name}: line {rows.reader.line_num}: {fault}") from None


def _kind(text: str) -> tuple[str, ...] | None:
    columns = tuple(word.strip('" ') for word in text.partition("\n")[0].split(","))
    return next((known for known in (_NEW, _OLD) if columns[: len(known)] == known), None)


def _new_row(row: Row) -> Document:
    return _document(
        row,
        line=row["Citation"],
        people=_people(row["Authors"]),
        found=(
            identifier("pubmed", row["PMID"]),
            identifier("doi", row.get("DOI", "")),
            identifier("pmc", row.get("PMCID", "")),
            identifier("mid", row.get("NIHMS ID", "")),
        ),
        journal=row.get("Journal/Book") or None,
        year=row.get("Publication Year", ""),
    )


def _old_row(row: Row) -> Document:
    url = _URL.search(row["URL"])
    return _document(
        row,
        line=row["Details"],
        people=_people(row["Description"]),
        found=(
            identifier("pubmed", url[1] if url else row.get("EntrezUID", "")),
            *identifiers_in(row.get("Identifiers", "").replace("|", " ")),
            *identifiers_in(row["Details"]),
        ),
        journal=None,
        year=row.get("ShortDetails", ""),
    )


def _document(
    row: Row,
    *,
    line: str,
    people: tuple[Person, ...],
    found: tuple[Identifier | None, ...],
    journal: str | None,
    year: str,
) -> Document:
    place = citation(line)
    title = row["Title"] or None
    return Document(
        source=SOURCE,
        kind="article",
        title=title,
        identifiers=distinct(found),
        journal_abbreviation=place.journal or journal,
        volume=place.volume,
        issue=place.issue,
        pages=place.pages,
        published=place.published or read_date(year),
        sections=(Section("title", None, title),) if title else (),
        people=people,
        people_complete="et al" not in row.get("Description", ""),
    )


def _people(line: str) -> tuple[Person, ...]:
    return () if line == _NOBODY else authors(line)
