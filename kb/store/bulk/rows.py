"""Documents as rows for the bulk path, pure: tuples in the order of the columns below, small to send between processes.

What depends on what is stored already (ids of people, ends of links) is left open here and filled in by bulk.py.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from importlib.metadata import version
from operator import attrgetter
from typing import Any, NamedTuple

from ingest.files.pubmed_bulk import Chunk, documents_in, fingerprint, pmid_of
from ingest.queries import Selection
from ingest.records import Document, Identifier, Tombstone
from kb.store.document_rows import document_id, document_row, name_of, person_row, section_rows, slug

Rows = list[tuple[Any, ...]]
#: The stored document that an identifier means: its id if there is none, and the (scheme, slug) to look for, in order.
Target = tuple[str, tuple[tuple[str, str], ...]]

#: Child tables whose columns are document, position and the fields of the record.
LISTS = ("mesh_headings", "keywords", "publication_types", "grants", "notices")


class DocumentRows(NamedTuple):
    """All rows of one document.

    people: rows of table people. authorships: position, key of the person, role, valid, affiliations.
    links: target, kind, source, score, title. references: position, text, target, method.
    heard: what the document says of what happened to it, where it says something.
    """

    id: str
    document: tuple[Any, ...]
    sections: Rows
    identifiers: Rows
    people: Rows
    authorships: Rows
    lists: tuple[Rows, ...]
    registrations: Rows
    links: Rows
    references: Rows
    heard: Document | None
    print: bytes


@dataclass(frozen=True, slots=True)
class Again:
    """A document that is stored already, and may have changed, with the hash of its record's bytes."""

    document: Document
    bytes_hash: bytes


Entry = DocumentRows | Again | Tombstone


def entries_of(
    chunk: Chunk, payload: str, known: frozenset[str] = frozenset(), selection: Selection | None = None
) -> Iterator[Entry]:
    """What a chunk holds, in order: rows of new documents, and of `known` ids the document itself.

    Of what a selection leaves out nothing comes, but every deletion does. Raises BadPayload where the chunk is broken.
    """
    prints = {f"pmid-{pmid}": fingerprint(record) for record in chunk.records if (pmid := pmid_of(record))}
    seen: set[str] = set()
    for one in kept_in(chunk, selection):
        if isinstance(one, Tombstone):
            yield one
            continue
        name = name_of(one)
        bytes_hash = prints.get(name, b"")
        yield Again(one, bytes_hash) if name in known or name in seen else rows_of(name, one, payload, bytes_hash)
        seen.add(name)


def kept_in(chunk: Chunk, selection: Selection | None) -> Iterator[Document | Tombstone]:
    """What a selection keeps of a chunk, in order. Raises BadPayload where the chunk is broken."""
    for one in documents_in(chunk):
        if isinstance(one, Tombstone) or selection is None or selection.keeps(one):
            yield one


def rows_of(name: str, document: Document, payload: str, bytes_hash: bytes) -> DocumentRows:
    """One document as rows."""
    row = document_row(name, document, payload)
    people = [tuple(person_row(person).values()) for person in document.people]
    return DocumentRows(
        name,
        tuple(row.values()),
        [tuple(one.values()) for one in section_rows(name, document.sections)],
        [(name, one.scheme, one.value, slug(one.value)) for one in document.identifiers],
        people,
        [
            (i, people[i][0], person.role, int(person.valid), "\n".join(person.affiliations))
            for i, person in enumerate(document.people)
        ],
        tuple([_listed(name, getattr(document, table)) for table in LISTS]),
        [(name, *_values(one)) for one in document.registrations],
        [(target_of(link.target), link.kind, link.source, link.score, link.title) for link in document.links],
        list(_references(document)),
        _heard(document) if document.notices or row["retracted"] else None,
        print_of(bytes_hash, row["content_sha256"]) if bytes_hash else b"",
    )


def _heard(document: Document) -> Document:
    """What of a document says what happened to it, and nothing else of it."""
    return Document(
        document.source, document.kind, publication_types=document.publication_types, notices=document.notices
    )


def _listed(name: str, records: tuple[Any, ...]) -> Rows:
    if not records:
        return []
    values = _face(records[0].__class__)
    return [(name, i, *values(one)) for i, one in enumerate(records)]


def print_of(bytes_hash: bytes, content_sha256: str) -> bytes:
    """What tells that a record is unchanged: its bytes, what it said, and the version that read it."""
    return hashlib.sha256(bytes_hash + content_sha256.encode() + _version()).digest()[:16]


@lru_cache(maxsize=1 << 12)
def target_of(identifiers: tuple[Identifier, ...]) -> Target:
    """What identifiers mean: at least one of them. Most are one PMID, and asked for by a link and by its reference."""
    if len(identifiers) == 1 and identifiers[0].scheme == "pmid":
        number = slug(identifiers[0].value)
        return f"pmid-{number}", (("pmid", number),)
    return document_id(identifiers, ""), tuple((i.scheme, slug(i.value)) for i in identifiers)


def columns_of(table: str, kind: type) -> tuple[str, ...]:
    """The columns of a child table in the order of its rows here."""
    first = ("document",) if table == "registrations" else ("document", "position")
    return (*first, *(field.name for field in fields(kind)))


def _references(document: Document) -> Iterator[tuple[Any, ...]]:
    for position, reference in enumerate(document.references):
        target = target_of(reference.identifiers) if reference.identifiers else None
        yield position, reference.text, target, reference.identifiers[0].scheme if target else None


def _values(record: Any) -> Iterable[Any]:
    values: Iterable[Any] = _face(record.__class__)(record)
    return values


@cache
def _face(kind: Any) -> Any:
    return attrgetter(*(field.name for field in fields(kind)))


@cache
def _version() -> bytes:
    return version("evidence-kb").encode()
