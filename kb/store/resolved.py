"""Printed references and the documents they mean; records that may be one work. Looked up here, judged in the stage."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from ingest.duplicates import Group
from ingest.records import Identifier
from kb.store.documents import document_id
from kb.store.rows import fetch, insert

Row = dict[str, Any]
#: Id, title, year.
Title = tuple[str, str, int | None]

#: What a reference list names: not our sheets, not a full text beside its record.
_WORKS = "d.kind not in ('sheet', 'registry', 'full text') and d.source <> 'pmid-list'"


@dataclass(frozen=True, slots=True)
class Matched:
    """A reference (document, position) and the document it means: how, how surely, and what agreed (JSON)."""

    document: str
    position: int
    target: str
    method: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Described:
    """A stored document with its authors' family names and its identifiers (scheme, value)."""

    row: Row
    authors: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]


def unmatched(db: Database) -> list[Row]:
    """References without a match, of documents that a person named or that belong to a study."""
    return fetch(
        db,
        """select r.document, r.position, r.text from references_text r join documents d on d.id = r.document
        where r.matched_document is null and (d.study is not null or d.source = 'pubmed-page'
          or d.pmid in (select id from requests where what = 'record' and seed = 1))
        order by r.document, r.position""",
    )


def with_identifiers(db: Database, identifiers: Iterable[Identifier]) -> list[str]:
    """Documents that have one of these."""
    found = []
    for one in identifiers:
        sql = f"""select i.document as id from identifiers i join documents d on d.id = i.document
        where i.scheme = ? and lower(i.value) = ? and {_WORKS}"""
        found += [row["id"] for row in fetch(db, sql, [one.scheme, one.value.lower()])]
    return found


def found_by_words(db: Database, words: Sequence[str], most: int) -> list[str]:
    """Documents whose title or journal has these words, the best first."""
    if not words:
        return []
    query = " OR ".join(f'"{word}"' for word in words)
    sql = f"""select d.id from documents_fts f join documents d on d.rowid = f.rowid
    where documents_fts match ? and {_WORKS} order by f.rank, d.id limit ?"""
    return [row["id"] for row in fetch(db, sql, [query, most])]


def titles(db: Database) -> Iterator[Title]:
    """Id, title and year of every work."""
    yield from db.execute(
        f"select d.id, d.title, d.year from documents d where d.title is not null and {_WORKS} order by d.id"
    )


def described(db: Database, names: Iterable[str]) -> list[Described]:
    """These documents, each once."""
    wanted = json.dumps(list(dict.fromkeys(names)))
    inside = "in (select value from json_each(?))"
    people = _grouped(db, f"""select a.document, coalesce(p.last_name, p.name) as one from authorships a
        join people p on p.id = a.person where a.role = 'author' and a.document {inside}
        order by a.document, a.position""", wanted)  # fmt: skip
    identifiers = _grouped(
        db, f"select document, json_array(scheme, value) as one from identifiers where document {inside} order by 1, 2",
        wanted,
    )  # fmt: skip
    rows = fetch(db, f"select * from documents where id {inside} order by id", [wanted])
    return [
        Described(row, tuple(people.get(row["id"], ())), tuple(map(_pair, identifiers.get(row["id"], ()))))
        for row in rows
    ]


def id_of(identifiers: Iterable[Identifier]) -> str:
    """The id that a document with these identifiers has, or will have."""
    return document_id(identifiers, "")


def save_matches(db: Database, found: Iterable[Matched]) -> None:
    """Store what references mean, with the evidence."""
    db.conn.executemany(
        "update references_text set matched_document = ?, method = ?, score = ?, evidence = ? "
        "where document = ? and position = ?",
        [(one.target, one.method, one.score, one.evidence, one.document, one.position) for one in found],
    )


def follow_identifiers(db: Database) -> None:
    """A reference matched by a DOI follows it to the record that has it and came later."""
    db.execute(
        "update references_text set matched_document = (select i.document from identifiers i where i.scheme = 'doi' "
        "and 'doi-' || i.slug = matched_document order by i.document limit 1) where matched_document like 'doi-%' "
        "and matched_document in (select 'doi-' || slug from identifiers where scheme = 'doi' "
        "and document not like 'doi-%')"
    )


def save_duplicates(db: Database, found: Iterable[Group]) -> None:
    """Make the table of possible duplicates exactly these pairs."""
    db.execute("delete from duplicates")
    pairs = {tuple(sorted((pair.one, pair.other))): pair for group in found for pair in group.pairings}
    insert(db, "duplicates", ({
        "one": one, "other": other, "kind": pair.kind, "score": pair.score, "evidence": json.dumps(dict(pair.fields)),
    } for (one, other), pair in sorted(pairs.items())))  # fmt: skip


def _grouped(db: Database, sql: str, wanted: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in fetch(db, sql, [wanted]):
        found.setdefault(row["document"], []).append(row["one"])
    return found


def _pair(text: str) -> tuple[str, str]:
    scheme, value = json.loads(text)
    return scheme, value
