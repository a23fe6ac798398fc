"""``/-/changes`` and its Atom feed (RFC 4287): what refreshes changed, newest first."""

import hashlib
import re
from dataclasses import dataclass
from itertools import groupby

from sqlite_utils import Database

from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.show import Asked, Page

MOST, MOST_IN_FEED = 200, 50
ATOM = "application/atom+xml; charset=utf-8"
#: What XML 1.0 does not allow (5th edition, production 2).
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: A feed without entries was never updated; the format wants a time all the same.
NEVER = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Day:
    """What changed on one day (UTC)."""

    date: str
    changes: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """The feed: ids name the topic and hash what changed, so they stay the same on every host and in every copy."""

    id: str
    entries: tuple[Row, ...]
    updated: str
    root: str


def page(db: Database, _: Asked) -> Page:
    """The newest changes by day."""
    rows = fetch(db, queries.CHANGED, {"limit": MOST})
    days = tuple(Day(date, tuple(group)) for date, group in groupby(rows, key=lambda r: r["noticed_at"][:10]))
    return Page("kb/changes.html", "What changed", "/-/changes", days)


def feed(db: Database, asked: Asked) -> Page:
    """The newest changes for a feed reader."""
    rows = fetch(db, queries.CHANGED, {"limit": MOST_IN_FEED})
    # what was noticed twice in one moment is one entry: an id stands once in a feed (RFC 4287, 4.1.1)
    entries = {_id(row): {k: _sayable(v) for k, v in row.items()} for row in rows}
    topics = fetch(db, "select id from topics")
    updated = rows[0]["noticed_at"] if rows else NEVER
    context = Feed(
        id=f"urn:evidence-kb:changes:{topics[0]['id'] if topics else ''}",
        entries=tuple({**entry, "id": name} for name, entry in entries.items()),
        updated=updated,
        root=f"{asked.origin}{asked.base}",
    )
    return Page("kb/changes.atom.html", "What changed", "", context, content_type=ATOM)


def _sayable(words: object) -> str | None:
    """Words without the characters that XML 1.0 cannot carry."""
    return None if words is None else NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(words))


def _id(row: Row) -> str:
    words = "\0".join(str(row[key]) for key in ("noticed_at", "document", "what", "before", "after"))
    return hashlib.sha256(words.encode()).hexdigest()[:32]
