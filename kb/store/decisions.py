"""People's decisions: appended to a file of their own, copied into the served tables only where they may be seen."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kb.errors import KbError
from kb.store.connection import decisions_path, make_private, open_backup, open_decisions
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert


def record_decision(db: Database, decision: Row) -> str:
    """Append a decision on a figure; id and time are given here, never by the caller. Returns the id."""
    return _append(db, "decisions", decision)


def record_screening(db: Database, decision: Row) -> str:
    """Append a screening decision on a document; id and time are given here. Returns the id."""
    return _append(db, "screening_decisions", decision)


def decisions_at(path: Path) -> list[dict[str, Any]]:
    """All decisions of the file beside the database at path, oldest first; empty where there is no file yet."""
    return said_at(path, "decisions")


def said_at(path: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table of that file, oldest first; empty where there is no file yet."""
    if not decisions_path(path).exists():
        return []
    with closing(open_decisions(path)) as db:
        return fetch(db, f"select * from {table} order by rowid")


def back_up(path: Path, target: Path) -> int:
    """Copy the decisions beside the database at path to a new file, whole and consistent; returns how many there are.

    Raises KbError if the target exists: decisions are never overwritten.
    """
    if target.exists():
        raise KbError(f"{target}: exists already; choose another name, decisions are never overwritten")
    make_private(target)
    with closing(open_decisions(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.conn.backup(copy)
        return count(source)


def restore(path: Path, backup: Path) -> int:
    """Put a backup's decisions beside the database at path; returns how many there are.

    Raises KbError if decisions are there already, NotOurDatabase if the file is no backup of ours.
    """
    with closing(open_backup(backup)) as source, closing(open_decisions(path)) as target:
        if any(held(target) for held in (count, screenings, ratings, finished, looked_at)):
            raise KbError(
                f"{decisions_path(path)}: holds decisions already; move it away first, decisions are never overwritten"
            )
        source.conn.backup(target.conn)
        return count(source)


def count(decisions: Database) -> int:
    """How many decisions on figures an open file of decisions holds."""
    return int(decisions.execute("select count(*) from decisions").fetchone()[0])


def screenings(decisions: Database) -> int:
    """How many decisions on articles an open file of decisions holds."""
    return int(decisions.execute("select count(*) from screening_decisions").fetchone()[0])


def ratings(decisions: Database) -> int:
    """How many ratings of certainty an open file of decisions holds."""
    return int(decisions.execute("select count(*) from certainty_ratings").fetchone()[0])


def finished(decisions: Database) -> int:
    """How many texts an open file of decisions says that people read to the end."""
    return int(decisions.execute("select count(*) from finished_texts").fetchone()[0])


def looked_at(decisions: Database) -> int:
    """How often people have said something of what drifted, in an open file of decisions."""
    return int(decisions.execute("select count(*) from drift_decisions").fetchone()[0])


def serve_reviews(db: Database, rows: Iterable[Row]) -> None:
    """Make the served table of reviews exactly these rows."""
    db.execute("delete from reviews")
    insert(db, "reviews", rows)


def serve_as_said(db: Database, decision: Row) -> None:
    """Let the served copy of a decision that was moved to a new text say what was judged, and where."""
    db.execute(
        'update reviews set section_sha256 = :section_sha256, start = :start, "end" = :end, reading = :reading, '
        "correction = :correction where id = :id",
        dict(decision),
    )


def mark_drifted(db: Database, decision: str, figure: str | None) -> None:
    """Serve a decision as drifted: what it quotes is not in the text any more; figure is what was judged."""
    db.execute("update reviews set state = 'drifted', figure = ? where id = ?", [figure, decision])


def _append(db: Database, table: str, decision: Row) -> str:
    name = uuid4().hex
    with db.atomic():
        insert(db, table, [{**decision, "id": name, "decided_at": now()}])
    return name
