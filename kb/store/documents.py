"""Documents and all that comes with them: one function a table, one transaction a payload (the caller's)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from ingest.records import Document, Identifier, Link, Person, Section, Tombstone
from kb.store.changes import Told, event, note_changes, note_events, told
from kb.store.document_rows import document_id, document_row, identifier_rows, name_of, person_row, section_rows, slug
from kb.store.payloads import now
from kb.store.rows import Row, as_row, fetch, insert, replace_children, upsert

#: A poorer source never overwrites what a richer one said of the same document.
RICHNESS = {
    "sheet": 9, "jats": 9, "ctgov": 9, "pubmed-xml": 9, "medline": 8, "pubmed-page": 7, "pubmed-abstract": 6, "ris": 5,
    "pubmed-summary": 4, "pubmed-csv": 3, "pmid-list": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a document: its id, and whether it was new, changed or unchanged."""

    id: str
    state: str


def save_document(db: Database, document: Document, payload: str, run: str) -> Saved:
    """Store a document and everything it says; old sections stay, no longer current.

    A document that a richer source already gave keeps that record and gains the links and identifiers.
    """
    name = name_of(document)
    row = document_row(name, document) | {"payload": payload}
    before = fetch(db, "select * from documents where id = ?", [name])
    if before and before[0]["withdrawn"] and document.kind != "sheet":
        _revive(db, name, run)
    if before and before[0]["content_sha256"] == row["content_sha256"]:
        save_links(db, name, document.links)
        return Saved(name, "unchanged")
    if before and _poorer(document, before[0]):
        _add_from_poorer(db, name, document)
        return Saved(name, "unchanged")
    was = told(db, name) if before else Told({}, ())
    upsert(db, "documents", ["id"], [row])
    new_text = _save_sections(db, name, document.sections)
    _save_children(db, name, document)
    if before:
        note_changes(db, before[0], row, was, run, new_text=new_text)
    note_events(db, name, document, before[0] if before else None, was, run)
    return Saved(name, "changed" if before else "new")


def bury(db: Database, tombstone: Tombstone, run: str, into: str | None = None) -> bool:
    """Mark a document that its source deleted or merged; the row and its notes stay. False if it is not here."""
    name = f"pmid-{tombstone.pmid}"
    known = fetch(db, "select id from documents where id = ? and withdrawn = 0", [name])
    if known:
        db.execute("update documents set withdrawn = 1 where id = ?", [name])
        words = f"PubMed merged this record into PMID {into}" if into else "PubMed deleted this record"
        event(db, run, name, "withdrawal", words)
    return bool(known)


def keep_sheets(db: Database, names: Iterable[str]) -> None:
    """Only these sheets belong to the topic now; the others stay stored and are read no more."""
    db.execute(
        "update documents set withdrawn = (id not in (select value from json_each(?))) where kind = 'sheet'",
        [json.dumps(list(names))],
    )


def assign_studies(db: Database) -> None:
    """Give every document the study whose publication it is, and every early link its document's final id."""
    db.execute(
        "update documents set study = (select y.id from studies y where y.pmid = documents.pmid "
        "or lower(y.doi) = lower(documents.doi) order by y.id limit 1) where kind <> 'sheet' and (study is not null "
        "or pmid in (select pmid from studies) or lower(doi) in (select lower(doi) from studies))"
    )
    db.execute(
        "update or ignore links set to_document = (select i.document from identifiers i where i.scheme = 'doi' "
        "and 'doi-' || i.slug = links.to_document limit 1) where to_document in "
        "(select 'doi-' || slug from identifiers where scheme = 'doi' and document not like 'doi-%')"
    )


def _revive(db: Database, name: str, run: str) -> None:
    """A record that its source gives again is withdrawn no more."""
    db.execute("update documents set withdrawn = 0 where id = ?", [name])
    event(db, run, name, "withdrawal", "the record is there again", "withdrawn")


def _add_from_poorer(db: Database, name: str, document: Document) -> None:
    _save_identifiers(db, name, document)
    # the identifiers may be those that a reference waits for
    db.execute("delete from matchings where document = ?", [name])
    save_links(db, name, document.links)
    if not fetch(db, "select 1 from references_text where document = ? limit 1", [name]):
        _save_references(db, name, document)


def _poorer(document: Document, before: Row) -> bool:
    old, new = RICHNESS.get(before["source"], 0), RICHNESS.get(document.source, 0)
    return new < old or (new == old and document.version < before["version"])


def _save_sections(db: Database, name: str, sections: tuple[Section, ...]) -> bool:
    rows = section_rows(name, sections)
    known = {row["id"] for row in fetch(db, "select id from sections where document = ? and current = 1", [name])}
    if known == {row["id"] for row in rows}:
        return False
    db.execute("update sections set current = 0 where document = ? and current = 1", [name])
    insert(db, "sections", rows, "on conflict (id) do update set current = 1")
    return bool(known)


def _save_children(db: Database, name: str, document: Document) -> None:
    _save_identifiers(db, name, document)
    _save_people(db, name, document.people)
    for table in ("mesh_headings", "keywords", "publication_types", "grants", "notices"):
        records = getattr(document, table)
        rows = ({"document": name, "position": i, **as_row(record)} for i, record in enumerate(records))
        replace_children(db, table, name, rows)
    replace_children(db, "registrations", name, ())
    rows = ({"document": name, **as_row(record)} for record in document.registrations)
    insert(db, "registrations", rows, "on conflict do nothing")
    save_links(db, name, document.links)
    _save_references(db, name, document)


def _save_identifiers(db: Database, name: str, document: Document) -> None:
    insert(db, "identifiers", identifier_rows(name, document.identifiers), "on conflict do nothing")


def _save_people(db: Database, name: str, people: tuple[Person, ...]) -> None:
    authorships = []
    for position, person in enumerate(people):
        authorships.append({
            "document": name, "position": position, "person": _person(db, person), "role": person.role,
            "valid": int(person.valid), "affiliations": "\n".join(person.affiliations),
        })  # fmt: skip
    replace_children(db, "authorships", name, authorships)


def _person(db: Database, person: Person) -> int:
    row = person_row(person)
    insert(db, "people", [row], "on conflict do nothing")
    return int(db.execute("select id from people where key = ?", [row["key"]]).fetchone()[0])


def _resolve(db: Database, identifiers: tuple[Identifier, ...]) -> str | None:
    """The stored document with one of these identifiers, else the id it will have, else None."""
    for i in identifiers:
        # the PubMed record, where there is one, rather than a full text of the same article
        sql = """select document from identifiers where scheme = ? and slug = ?
        order by document like 'pmid-%' desc, document limit 1"""
        if row := db.execute(sql, [i.scheme, slug(i.value)]).fetchone():
            return str(row[0])
    return document_id(identifiers, "") if identifiers else None


def save_links(db: Database, name: str, links: Iterable[Link]) -> None:
    """Store the edges of a document; one that is known is seen again, and a score once given stays."""
    rows, seen_at = [], now()
    for link in links:
        target = _resolve(db, link.target)
        if target and target != name:
            rows.append({
                "from_document": name, "to_document": target, "kind": link.kind, "source": link.source,
                "score": link.score, "title": link.title, "first_seen": seen_at, "last_seen": seen_at,
            })  # fmt: skip
    fresh = (
        "do update set last_seen = excluded.last_seen, score = coalesce(excluded.score, links.score), "
        "title = coalesce(excluded.title, links.title)"
    )
    insert(db, "links", rows, f"on conflict (from_document, to_document, kind, source) {fresh}")


def _save_references(db: Database, name: str, document: Document) -> None:
    rows = []
    for position, reference in enumerate(document.references):
        target = _resolve(db, reference.identifiers)
        rows.append({
            "document": name, "position": position, "text": reference.text, "matched_document": target,
            "method": reference.identifiers[0].scheme if target else None, "score": 1.0 if target else None,
        })  # fmt: skip
    # a richer record may come without the reference list that a poorer one printed
    if rows:
        replace_children(db, "references_text", name, rows)
