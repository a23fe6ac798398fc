"""Thousands of new documents at a time: the same rows as documents.py writes, copied from an image table by table.

Full-text search would cost most. Its triggers make a segment for every statement, so those of new rows are put aside
and the new rows are indexed in one statement, all within the caller's transaction: whoever reads sees all or nothing,
and a transaction that is killed leaves triggers and index as they were.
"""

from functools import cache
from typing import Any

from sqlite_utils import Database

from kb.store.bulk.parsed import New
from kb.store.bulk.rows import TABLES
from kb.store.changes import Told, note_events
from kb.store.payloads import now

#: Table -> its place in the counts of an image; the ends of links are looked up from others. Documents come first.
_COPIED = {table: place for place, table in enumerate(TABLES) if table != "ends"}
_PRINTED = "on conflict (document) do update set print = excluded.print"
_CONFLICTS = {
    "identifiers": "on conflict do nothing",
    "people": "on conflict (key) do nothing",
    "registrations": "on conflict do nothing",
    "record_prints": _PRINTED,
}
# As documents._resolve finds it: among what is stored before this document or with it, the first identifier that leads
# to a document, there the PubMed record, then the first by name; else the id that it will have.
_END = """coalesce((select i.document from {image}.ends e cross join main.identifiers i cross join main.documents d
  where e.number = x.ends and i.scheme = e.scheme and i.slug = e.slug and d.id = i.document
  and d.rowid <= (select o.rowid from main.documents o where o.id = x.document)
  order by e.place, i.document like 'pmid-%' desc, i.document limit 1), x.otherwise)"""
_SPECIAL = {
    "documents": f"""insert into main.documents ({", ".join(TABLES["documents"])}, payload)
        select x.*, :payload from {{chosen}}""",
    "authorships": """insert into main.authorships (document, position, person, role, valid, affiliations)
        select x.document, x.position, (select p.id from main.people p where p.key = x.person), x.role, x.valid,
        x.affiliations from {chosen}""",
    "links": """insert into main.links (from_document, to_document, kind, source, score, title, first_seen, last_seen)
        with ended as materialized
          (select x.document, {end} as found, x.kind, x.source, x.score, x.title from {chosen})
        select *, :seen_at, :seen_at from ended where found <> document
        on conflict (from_document, to_document, kind, source) do update set last_seen = excluded.last_seen,
        score = coalesce(excluded.score, links.score), title = coalesce(excluded.title, links.title)""",
    "references_text": """insert into main.references_text (document, position, text, matched_document, method, score)
        select x.document, x.position, x.text, case when x.ends is not null then {end} end, x.method,
        case when x.ends is not null then 1.0 end from {chosen}""",
}
#: Table with full-text search → the columns that are searched.
_SEARCHED = {"documents": ("title", "journal"), "sections": ("text",)}
#: Bytes of new words that full-text search collects before it writes them; SQLite's default is 1 MB.
_HASH_SIZE, _USUAL_HASH_SIZE = 64 << 20, 1 << 20


class DeferredSearch:
    """While it is open, new rows are written without full-text search; when it is closed they are indexed in one go.

    Opened and closed within one transaction of the caller's; it is rolled back, triggers and all, where something
    fails. Rows that are indexed may change meanwhile, others not: who changes a document says so before.
    """

    def __init__(self, db: Database) -> None:
        """Nothing is put off yet."""
        self._db = db
        self._triggers: list[tuple[str, str]] = []
        self._marks: dict[str, int] = {}

    def open(self) -> None:
        """Put the triggers of new rows aside, if they are not already."""
        if self._triggers:
            return
        sql = "select name, sql from sqlite_master where type = 'trigger' and name = ?"
        for table in _SEARCHED:
            self._triggers += self._db.execute(sql, [f"{table}_ai"]).fetchall()
            self._marks[table] = self._db.execute(f"select coalesce(max(rowid), 0) from {table}").fetchone()[0]
        for name, _ in self._triggers:
            self._db.execute(f'drop trigger "{name}"')

    def before_change(self, document: str) -> None:
        """Close it if the document is among what waits: an index cannot forget words that it was not told yet."""
        if self._triggers:
            row = self._db.execute("select rowid from documents where id = ?", [document]).fetchone()
            if row and row[0] > self._marks["documents"]:
                self.close()

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


def save_new(db: Database, image: str, new: New, payload: str, run: str) -> None:
    """Write new documents that are not stored yet, in their order, from the image that hangs beside the database."""
    given = {"payload": payload, "seen_at": now()}
    for table, place in _COPIED.items():
        _copy(db, table, image, {**given, "after": new.after[place], "upto": new.upto[place]})
    for one in new.heard:
        note_events(db, one.id, one.document, None, Told({}, ()), run)


def keep_print(db: Database, name: str, print_: bytes) -> None:
    """Remember the bytes that a document was last made from."""
    db.execute(f"insert into record_prints (document, print) values (?, ?) {_PRINTED}", [name, print_])


def _copy(db: Database, table: str, image: str, given: dict[str, Any]) -> None:
    db.execute(_statement(table, image), given)


@cache
def _statement(table: str, image: str) -> str:
    """The rows of an image's table after one and up to another, as the database has them."""
    chosen = f"{image}.{table} x where x.rowid > :after and x.rowid <= :upto"
    if table in _SPECIAL:
        return _SPECIAL[table].format(chosen=chosen, end=_END.format(image=image))
    columns = ", ".join(TABLES[table])
    return f"insert into main.{table} ({columns}) select {columns} from {chosen} {_CONFLICTS.get(table, '')}"


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
