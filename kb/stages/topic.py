"""The topic that a database was made for."""

from sqlite_utils import Database

from kb.errors import NothingThere
from kb.store.rows import fetch
from kb.vocabulary import Topic, load_topic


def has_topic(db: Database) -> bool:
    """Whether the database was made for a topic."""
    return bool(fetch(db, "select 1 from topics"))


def topic_of(db: Database) -> Topic:
    """The topic that the database was made for. Raises NothingThere, VocabularyError."""
    rows = fetch(db, "select place from topics")
    if not rows:
        raise NothingThere("this database has no topic; run: evidence-kb init DB")
    return load_topic(rows[0]["place"])
