"""Documents and all that comes with them: one function a table, one transaction a payload (the caller's)."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from ingest.records import Document, Identifier, Link, Person, Section, Tombstone
from kb.store.changes import Told, event, is_retracted, note_changes, note_events, told
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert, replace_children, upsert

#: A poorer source never overwrites what a richer one said of the same document.
RICHNESS = {
    "sheet": 9, "jats": 9, "ctgov": 9, "pubmed-xml": 9, "medline": 8, "pubmed-page": 7, "pubmed-abstract": 6, "ris": 5,
    "pubmed-summary": 4, "pubmed-csv": 3, "pmid-list": 1,
}  # fmt: skip

#: Schemes in the order in which they name a document.
NAMING = ("pmid", "sheet", "pmcid", "doi", "nct", "bookaccession")
#: A full text is another document of the study than its PubMed record, so its own identifiers name it first.
NAMING_FULL_TEXT = ("pmcid", "doi", "pmid")

#: White space in dumped JSON, and where a string begins or ends with it.
_SPACE, _EDGE = re.compile(r"(?:\\[nrt]|\s)+"), re.compile(r'(?<=") | (?=")')
#: What no reader of the record would call a change of it: PubMed touches DateRevised in maintenance.
_NOT_CONTENT = ("revised", "unknown_tags")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a document: its id, and whether it was new, changed or unchanged."""

    id: str
    state: str


def document_id(identifiers: Iterable[Identifier], fallback: str, naming: Sequence[str] = NAMING) -> str:
    """``pmid-38206544``, ``doi-10.1007_s10067-…``, ``sheet-…``: stable and safe in a URL."""
    named = {i.scheme: i.value for i in reversed(list(identifiers))}
    for scheme in naming:
        if value := named.get(scheme):
            return f"{scheme}-{_slug(value)}"
    return f"title-{hashlib.sha256(fallback.encode()).hexdigest()[:12]}"


def section_sha256(label: str | None, text: str) -> str:
    """The version of a section: the hash of its label and text."""
    return hashlib.sha256(f"{label or ''}\n{text}".encode()).hexdigest()


def save_document(db: Database, document: Document, payload: str, run: str) -> Saved:
    """Store a document and everything it says; old sections stay, no longer current.

    A document that a richer source already gave keeps that record and gains the links and identifiers.
    """
    naming = NAMING_FULL_TEXT if document.kind == "full text" else NAMING
    name = document_id(document.identifiers, document.title or json.dumps(asdict(document), default=str), naming)
    row = _document_row(name, document, payload)
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
    save_links(db, name, document.links)
    if not fetch(db, "select 1 from references_text where document = ? limit 1", [name]):
        _save_references(db, name, document)


def _poorer(document: Document, before: Row) -> bool:
    old, new = RICHNESS.get(before["source"], 0), RICHNESS.get(document.source, 0)
    return new < old or (new == old and document.version < before["version"])


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", value.lower().replace("/", "_")).strip("-")


def _document_row(name: str, document: Document, payload: str) -> dict[str, Any]:
    published = document.published or document.electronic
    return {
        "id": name,
        "source": document.source,
        "kind": document.kind,
        "pmid": document.identifier("pmid"),
        "doi": document.identifier("doi"),
        "pmcid": document.identifier("pmcid"),
        "title": document.title,
        "vernacular_title": document.vernacular_title,
        "year": published.year if published else None,
        "published": document.published.raw if document.published else None,
        "electronic": document.electronic.raw if document.electronic else None,
        "revised": document.revised.raw if document.revised else None,
        "journal": document.journal or document.journal_abbreviation,
        "volume": document.volume,
        "issue": document.issue,
        "pages": document.pages,
        "language": ", ".join(document.languages) or None,
        "status": document.status,
        "version": document.version,
        "copyright": document.copyright,
        "conflict_of_interest": document.conflict_of_interest,
        "retracted": int(is_retracted(document)),
        "withdrawn": 0,
        "payload": payload,
        "content_sha256": content_sha256(document),
    }


def content_sha256(document: Document) -> str:
    """What a record says, as a hash: the same whatever its white space and its date of revision."""
    content = {key: value for key, value in asdict(document).items() if key not in _NOT_CONTENT}
    words = _SPACE.sub(" ", json.dumps(content, sort_keys=True, default=str))
    return hashlib.sha256(_EDGE.sub("", words).encode()).hexdigest()


def _save_sections(db: Database, name: str, sections: tuple[Section, ...]) -> bool:
    rows = []
    for position, section in enumerate(sections):
        sha256 = section_sha256(section.label, section.text)
        rows.append({
            "id": f"{name}.{position}.{sha256[:12]}", "document": name, "position": position, "kind": section.kind,
            "label": section.label, "text": section.text, "language": section.language, "sha256": sha256, "current": 1,
        })  # fmt: skip
    known = {row["id"] for row in fetch(db, "select id from sections where document = ? and current = 1", [name])}
    db.execute("update sections set current = 0 where document = ? and current = 1", [name])
    insert(db, "sections", rows, "on conflict (id) do update set current = 1")
    return bool(known) and known != {row["id"] for row in rows}


def _save_children(db: Database, name: str, document: Document) -> None:
    _save_identifiers(db, name, document)
    _save_people(db, name, document.people)
    for table in ("mesh_headings", "keywords", "publication_types", "grants", "notices"):
        records = getattr(document, table)
        rows = ({"document": name, "position": i, **asdict(record)} for i, record in enumerate(records))
        replace_children(db, table, name, rows)
    replace_children(db, "registrations", name, ())
    rows = ({"document": name, **asdict(record)} for record in document.registrations)
    insert(db, "registrations", rows, "on conflict do nothing")
    save_links(db, name, document.links)
    _save_references(db, name, document)


def _save_identifiers(db: Database, name: str, document: Document) -> None:
    rows = (
        {"document": name, "scheme": i.scheme, "value": i.value, "slug": _slug(i.value)} for i in document.identifiers
    )
    insert(db, "identifiers", rows, "on conflict do nothing")


def _save_people(db: Database, name: str, people: tuple[Person, ...]) -> None:
    authorships = []
    for position, person in enumerate(people):
        authorships.append({
            "document": name, "position": position, "person": _person(db, person), "role": person.role,
            "valid": int(person.valid), "affiliations": "\n".join(person.affiliations),
        })  # fmt: skip
    replace_children(db, "authorships", name, authorships)


def _person(db: Database, person: Person) -> int:
    printed = (person.last_name, person.fore_name, person.initials, person.suffix)
    key = person.orcid or "|".join([person.name, *(part or "" for part in printed)])
    row = {
        "key": key, "name": person.name, "last_name": person.last_name, "fore_name": person.fore_name,
        "initials": person.initials, "suffix": person.suffix, "orcid": person.orcid,
        "collective": int(person.collective),
    }  # fmt: skip
    insert(db, "people", [row], "on conflict do nothing")
    return int(db.execute("select id from people where key = ?", [key]).fetchone()[0])


def _resolve(db: Database, identifiers: tuple[Identifier, ...]) -> str | None:
    """The stored document with one of these identifiers, else the id it will have, else None."""
    for i in identifiers:
        # the PubMed record, where there is one, rather than a full text of the same article
        sql = """select document from identifiers where scheme = ? and slug = ?
        order by document like 'pmid-%' desc, document limit 1"""
        if row := db.execute(sql, [i.scheme, _slug(i.value)]).fetchone():
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
