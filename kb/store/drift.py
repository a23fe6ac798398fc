"""What people say of what has drifted: appended beside the decisions, copied into the served table."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kb.store.connection import open_decisions
from kb.store.decisions import said_at
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert

SET_ASIDE, OPEN_AGAIN = "set aside", "open again"


def record_drift_decision(path: Path, said: Row) -> None:
    """Append what a person says of a drifted place to the file beside the database; id and time are given here."""
    with closing(open_decisions(path)) as db, db.atomic():
        insert(db, "drift_decisions", [{**said, "id": uuid4().hex, "decided_at": now()}])


def drift_decisions_at(path: Path) -> list[dict[str, Any]]:
    """All of them beside the database at path, oldest first; empty where there is no file yet."""
    return said_at(path, "drift_decisions")


def serve_set_aside(db: Database, rows: Iterable[Row]) -> None:
    """Make the served table exactly these rows, in their order."""
    db.execute("delete from set_aside")
    insert(db, "set_aside", rows)


def gone(db: Database, name: str) -> dict[str, Any] | None:
    """What has drifted under this id, of a figure or, where its text is not stored, of a decision; None for nothing."""
    rows = fetch(db, "select * from drifted_figures where id = ?", [name])
    return rows[0] if rows else None
