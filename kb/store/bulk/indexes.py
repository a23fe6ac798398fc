"""Indexes that a large load does without, made again at its end from sorted rows.

Each new row goes to another page of an index over names, headings or hashes. Once the index is larger than the cache,
that is a page read and a page written twice for every row. Nothing that is loaded looks into these indexes. Where a
load is killed they are missing until the next load or build has made them: searches and facets by these columns are
slow meanwhile, and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlite_utils import Database

#: Name → the index, as kb/schema has it (a test compares).
PUT_OFF = {
    "people_last_name": "people(last_name)",
    "mesh_headings_descriptor": "mesh_headings(descriptor)",
    "references_text_matched": "references_text(matched_document)",
    "links_by_kind": "links(kind, source, to_document)",
    "sections_sha256": "sections(sha256)",
}
#: New records from which a load is large, where no more are stored.
LARGE = 100_000


@contextmanager
def whole(db: Database) -> Iterator[None]:
    """Whatever happens inside, the indexes are there afterwards, unless the program is killed."""
    try:
        yield
    finally:
        make(db)


def put_off(db: Database, coming: int) -> bool:
    """Do without them if so many coming records are many, beside those that are stored; returns whether."""
    stored: int = db.execute("select count(*) from documents").fetchone()[0]
    large = coming >= max(LARGE, stored)
    if large:
        with db.atomic():
            for name in PUT_OFF:
                db.execute(f"drop index if exists {name}")
    return large


def make(db: Database) -> None:
    """Make those that are missing, each in a transaction of its own."""
    for name, place in PUT_OFF.items():
        db.execute(f"create index if not exists {name} on {place}")
