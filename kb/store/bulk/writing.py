"""Thousands of new documents at a time: the same rows as documents.py writes, in one statement a table.

Full-text search is what costs most. Its triggers make a segment for every row, so they are put aside while rows are
written and the new rows are indexed in one statement, all within the caller's transaction: whoever reads sees all or
nothing, and a transaction that is killed leaves triggers and index as they were.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any

from sqlite_utils import Database

from ingest.records import Grant, Keyword, MeshHeading, Notice, PublicationType, TrialRegistration
from kb.store.bulk.rows import LISTS, DocumentRows, Target, columns_of
from kb.store.changes import Told, note_events
from kb.store.payloads import now

_KINDS = dict(zip(LISTS, (MeshHeading, Keyword, PublicationType, Grant, Notice), strict=True))
_DOCUMENT = (
    "id", "source", "kind", "pmid", "doi", "pmcid", "title", "vernacular_title", "year", "published", "electronic",
    "revised", "journal", "volume", "issue", "pages", "language", "status", "version", "copyright",
    "conflict_of_interest", "retracted", "withdrawn", "payload", "content_sha256",
)  # fmt: skip
_SECTION = ("id", "document", "position", "kind", "label", "text", "language", "sha256", "current")
_PERSON = ("id", "key", "name", "last_name", "fore_name", "initials", "suffix", "orcid", "collective")
_LINK = ("from_document", "to_document", "kind", "source", "score", "title", "first_seen", "last_seen")
_SEEN_AGAIN = """on conflict (from_document, to_document, kind, source) do update set last_seen = excluded.last_seen,
  score = coalesce(excluded.score, links.score), title = coalesce(excluded.title, links.title)"""
#: Table with full-text search → the columns that are searched.
_SEARCHED = {"documents": ("title", "journal"), "sections": ("text",)}
#: Bytes of new words that full-text search collects before it writes them; SQLite's default is 1 MB.
_HASH_SIZE, _USUAL_HASH_SIZE = 64 << 20, 1 << 20

#: Rows in one statement.
_TOGETHER = 32

Key = tuple[str, str]


class DeferredSearch:
    """While it is open, rows are written without full-text search; when it is closed they are indexed in one go.

    Opened and closed within one transaction of the caller's; it is rolled back, triggers and all, where something
    fails. What needs the triggers (an update of a document) closes it first.
    """

    def __init__(self, db: Database) -> None:
        """Nothing is put aside yet."""
        self._db = db
        self._triggers: list[tuple[str, str]] = []
        self._marks: dict[str, int] = {}

    def open(self) -> None:
        """Put the triggers aside, if they are not already."""
        if self._triggers:
            return
        sql = "select name, sql from sqlite_master where type = 'trigger' and tbl_name = ? and sql like '%_fts%'"
        for table in _SEARCHED:
            self._triggers += self._db.execute(sql, [table]).fetchall()
            self._marks[table] = self._db.execute(f"select coalesce(max(rowid), 0) from {table}").fetchone()[0]
        for name, _ in self._triggers:
            self._db.execute(f'drop trigger "{name}"')

    def close(self) -> None:
        """Index the new rows and bring the triggers back."""
        if not self._triggers:
            return
        for table, searched in _SEARCHED.items():
            columns = ", ".join(("rowid", *searched))
            self._configure(table, _HASH_SIZE)
            self._db.execute(
                f"insert into {table}_fts ({columns}) select {columns} from {table} where rowid > ?",
                [self._marks[table]],
            )
            self._configure(table, _USUAL_HASH_SIZE)
        for _, sql in self._triggers:
            self._db.execute(sql)
        self._triggers.clear()

    def _configure(self, table: str, size: int) -> None:
        self._db.execute(f"insert into {table}_fts ({table}_fts, rank) values ('hashsize', ?)", [size])


def save_new(db: Database, batch: Sequence[DocumentRows], run: str) -> None:
    """Write documents that are not stored yet, in their order; no id twice."""
    seen_at = now()
    _insert(db, "documents", _DOCUMENT, [one.document for one in batch])
    _insert(db, "sections", _SECTION, chain.from_iterable(one.sections for one in batch))
    people = _people(db, batch)
    _insert(
        db, "authorships", ("document", "position", "person", "role", "valid", "affiliations"),
        ((one.id, position, people[key], *rest) for one in batch for position, key, *rest in one.authorships),
    )  # fmt: skip
    for place, table in enumerate(LISTS):
        _insert(db, table, columns_of(table, _KINDS[table]), chain.from_iterable(one.lists[place] for one in batch))
    _insert(
        db, "registrations", columns_of("registrations", TrialRegistration),
        chain.from_iterable(one.registrations for one in batch), "on conflict do nothing",
    )  # fmt: skip
    # links are resolved in the order of the documents: what comes later is not known yet
    links, references = _resolved(batch, _Identifiers(db, batch), seen_at)
    identifiers = chain.from_iterable(one.identifiers for one in batch)
    _insert(db, "identifiers", ("document", "scheme", "value", "slug"), identifiers, "on conflict do nothing")
    _insert(db, "links", _LINK, links, _SEEN_AGAIN)
    columns = ("document", "position", "text", "matched_document", "method", "score")
    _insert(db, "references_text", columns, references)
    _insert(db, "record_prints", ("document", "print"), ((one.id, one.print) for one in batch if one.print), _PRINTED)
    for one in batch:
        if one.heard is not None:
            note_events(db, one.id, one.heard, None, Told({}, ()), run)


_PRINTED = "on conflict (document) do update set print = excluded.print"


def keep_print(db: Database, name: str, print_: bytes) -> None:
    """Remember the bytes that a document was last made from."""
    _insert(db, "record_prints", ("document", "print"), [(name, print_)], _PRINTED)


def settle(db: Database, payload: str) -> None:
    """What documents.assign_studies does, for the documents of one payload: their studies, and early links to them."""
    db.execute(
        "update documents set study = (select y.id from studies y where y.pmid = documents.pmid "
        "or lower(y.doi) = lower(documents.doi) order by y.id limit 1) where payload = ? and kind <> 'sheet' and "
        "(study is not null or pmid in (select pmid from studies) or lower(doi) in (select lower(doi) from studies))",
        [payload],
    )
    db.execute(
        "update or ignore links set to_document = (select i.document from identifiers i where i.scheme = 'doi' "
        "and 'doi-' || i.slug = links.to_document limit 1) where to_document in (select 'doi-' || i.slug "
        "from documents d join identifiers i on i.document = d.id where d.payload = ? and i.scheme = 'doi' "
        "and i.document not like 'doi-%')",
        [payload],
    )


def _insert(
    db: Database, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], on_conflict: str = ""
) -> None:
    several, single = _statements(table, tuple(columns), on_conflict)
    left = iter(rows)
    while len(some := list(islice(left, _TOGETHER))) == _TOGETHER:
        db.conn.execute(several, list(chain.from_iterable(some)))
    db.conn.executemany(single, some)


@cache
def _statements(table: str, columns: tuple[str, ...], on_conflict: str) -> tuple[str, str]:
    """For many rows at once and for one: many open the table and its indexes once.

    "or fail", because whoever fails rolls all of the transaction back: SQLite need not remember each statement's pages.
    """
    names, marks = ", ".join(f'"{c}"' for c in columns), f"({', '.join('?' for _ in columns)})"
    several, single = (
        f'insert or fail into "{table}" ({names}) values {", ".join([marks] * rows)} {on_conflict}'
        for rows in (_TOGETHER, 1)
    )
    return several, single


def _people(db: Database, batch: Sequence[DocumentRows]) -> dict[str, int]:
    """The id of each person by the key; who is new gets the next id, in order."""
    rows = {row[0]: row for one in batch for row in reversed(one.people)}
    first = {row[0]: None for one in batch for row in one.people}
    sql = "select key, id from people where key in (select value from json_each(?))"
    found: dict[str, int] = dict(db.execute(sql, [json.dumps(list(first))]).fetchall())
    new = [key for key in first if key not in found]
    highest = db.execute("select coalesce(max(id), 0) from people").fetchone()[0]
    found.update(zip(new, range(highest + 1, highest + 1 + len(new)), strict=True))
    _insert(db, "people", _PERSON, ((found[key], *rows[key]) for key in new))
    return found


class _Identifiers:
    """Which stored document an identifier means, as documents._resolve finds it, for a whole batch in few queries."""

    def __init__(self, db: Database, batch: Sequence[DocumentRows]) -> None:
        wanted: dict[str, set[str]] = defaultdict(set)
        for keys in _keys(batch):
            for scheme, slug in keys:
                wanted[scheme].add(slug)
        self._best: dict[Key, str] = {}
        sql = """select scheme, slug, document from identifiers
        where scheme = ? and slug in (select value from json_each(?))"""
        for scheme, slugs in wanted.items():
            for row in db.execute(sql, [scheme, json.dumps(sorted(slugs))]):
                self.add(*row)

    def add(self, scheme: str, slug: str, document: str) -> None:
        """One more document with that identifier: the PubMed record wins, then the first by name."""
        key = (scheme, slug)
        before = self._best.get(key)
        if before is None or _rank(document) < _rank(before):
            self._best[key] = document

    def resolve(self, target: Target | None) -> str | None:
        """The stored document with one of the identifiers, else the id that it will have."""
        if target is None:
            return None
        default, keys = target
        for key in keys:
            if found := self._best.get(key):
                return found
        return default


def _keys(batch: Sequence[DocumentRows]) -> Iterable[tuple[Key, ...]]:
    for one in batch:
        yield from (link[0][1] for link in one.links)
        yield from (reference[2][1] for reference in one.references if reference[2])


def _rank(document: str) -> tuple[bool, str]:
    return not document.startswith("pmid-"), document


def _resolved(
    batch: Sequence[DocumentRows], known: _Identifiers, seen_at: str
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    links: list[tuple[Any, ...]] = []
    references: list[tuple[Any, ...]] = []
    for one in batch:
        for document, scheme, _, slug in one.identifiers:
            known.add(scheme, slug, document)
        for target, *rest in one.links:
            end = known.resolve(target)
            if end and end != one.id:
                links.append((one.id, end, *rest, seen_at, seen_at))
        for position, text, target, method in one.references:
            end = known.resolve(target)
            references.append((one.id, position, text, end, method, 1.0 if end else None))
    return links, references
