"""New documents as rows of the bulk path, pure: tuples in the order of the columns below, table by table.

What depends on what is stored already (ids of people, ends of links) is left open here and filled in by writing.py.
"""

import hashlib
from dataclasses import fields
from functools import cache, lru_cache
from importlib.metadata import version
from operator import attrgetter
from typing import Any

from ingest.records import (
    Document,
    Grant,
    Identifier,
    Keyword,
    Link,
    MeshHeading,
    Notice,
    Person,
    PublicationType,
    Reference,
    TrialRegistration,
)
from kb.store.document_rows import document_id, document_row, identifier_rows, person_row, section_rows, slug

Row = tuple[Any, ...]
#: The stored document that identifiers mean: its id if there is none, and the (scheme, slug) to look for, in order.
Target = tuple[str, tuple[tuple[str, str], ...]]

#: Child tables whose columns are document, position and the fields of the record.
LISTS = {
    "mesh_headings": MeshHeading, "keywords": Keyword, "publication_types": PublicationType, "grants": Grant,
    "notices": Notice,
}  # fmt: skip


def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


#: Table -> its columns here. A person is named by the key. The end of a link or a reference is the id that it has
#: unless a stored document is found (`otherwise`), and what to look for in `ends`, under this number and in this order.
TABLES: dict[str, tuple[str, ...]] = {
    "documents": (
        "id", "source", "kind", "pmid", "doi", "pmcid", "title", "vernacular_title", "year", "published", "electronic",
        "revised", "journal", "volume", "issue", "pages", "language", "status", "version", "copyright",
        "conflict_of_interest", "retracted", "withdrawn", "content_sha256",
    ),
    "sections": ("id", "document", "position", "kind", "label", "text", "language", "sha256", "current"),
    "identifiers": ("document", "scheme", "value", "slug"),
    "people": ("key", "name", "last_name", "fore_name", "initials", "suffix", "orcid", "collective"),
    "authorships": ("document", "position", "person", "role", "valid", "affiliations"),
    **{table: ("document", "position", *_names(kind)) for table, kind in LISTS.items()},
    "registrations": ("document", *_names(TrialRegistration)),
    "links": ("document", "otherwise", "ends", "kind", "source", "score", "title"),
    "references_text": ("document", "position", "text", "otherwise", "ends", "method"),
    "ends": ("number", "place", "scheme", "slug"),
    "record_prints": ("document", "print"),
}  # fmt: skip


class Collected:
    """The rows of some new documents, in their order."""

    def __init__(self) -> None:
        """No document yet."""
        self.rows: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._people: set[str] = set()
        self._ends: dict[Target, int] = {}

    def add(self, name: str, document: Document, bytes_hash: bytes) -> None:
        """One more document under its id."""
        rows, row = self.rows, document_row(name, document)
        rows["documents"].append(tuple(row.values()))
        rows["sections"] += [tuple(one.values()) for one in section_rows(name, document.sections)]
        rows["identifiers"] += [tuple(one.values()) for one in identifier_rows(name, document.identifiers)]
        self._add_people(name, document.people)
        for table in LISTS:
            if records := getattr(document, table):
                values = _face(records[0].__class__)
                rows[table] += [(name, i, *values(one)) for i, one in enumerate(records)]
        rows["registrations"] += [(name, *_face(TrialRegistration)(one)) for one in document.registrations]
        self._add_links(name, document.links)
        self._add_references(name, document.references)
        if bytes_hash:
            rows["record_prints"].append((name, print_of(bytes_hash, row["content_sha256"])))

    def counts(self) -> tuple[int, ...]:
        """How many rows each table has by now, in the order of TABLES."""
        return tuple(map(len, self.rows.values()))

    def _add_people(self, name: str, people: tuple[Person, ...]) -> None:
        authorships, seen = self.rows["authorships"], self._people
        for position, person in enumerate(people):
            row = tuple(person_row(person).values())
            key = row[0]
            if key not in seen:
                seen.add(key)
                self.rows["people"].append(row)
            affiliations = "\n".join(person.affiliations)
            authorships.append((name, position, key, person.role, int(person.valid), affiliations))

    def _add_links(self, name: str, links: tuple[Link, ...]) -> None:
        for link in links:
            end = self._end(link.target)
            self.rows["links"].append((name, *end, link.kind, link.source, link.score, link.title))

    def _add_references(self, name: str, references: tuple[Reference, ...]) -> None:
        listed = self.rows["references_text"]
        for position, one in enumerate(references):
            if one.identifiers:
                listed.append((name, position, one.text, *self._end(one.identifiers), one.identifiers[0].scheme))
            else:
                listed.append((name, position, one.text, None, None, None))

    def _end(self, identifiers: tuple[Identifier, ...]) -> tuple[str, int]:
        """What a link or a reference ends at without a stored document, and the number of what to look for."""
        target = target_of(identifiers)
        number = self._ends.get(target)
        if number is None:
            number = self._ends[target] = len(self._ends)
            self.rows["ends"] += [(number, place, *key) for place, key in enumerate(target[1])]
        return target[0], number


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


@cache
def _face(kind: Any) -> Any:
    return attrgetter(*_names(kind))


@cache
def _version() -> bytes:
    return version("evidence-kb").encode()
