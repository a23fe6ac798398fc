"""Certainty as people rated it: appended beside the decisions, copied into the served table."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kb.records import Estimate
from kb.store.connection import open_decisions
from kb.store.decisions import said_at
from kb.store.payloads import now
from kb.store.rows import Row, insert

CERTAINTIES = ("high", "moderate", "low", "very low")


def record_rating(path: Path, estimate: Estimate, certainty: str, reason: str, by: str) -> None:
    """Append a rating of the estimate as its numbers are now to the file beside the database at path."""
    row = {
        "id": uuid4().hex, "estimate": estimate.id, "certainty": certainty, "reason": reason, "k": estimate.k,
        "value": estimate.estimate, "ci_low": estimate.ci_low, "ci_high": estimate.ci_high, "rated_by": by,
        "rated_at": now(),
    }  # fmt: skip
    with closing(open_decisions(path)) as db, db.atomic():
        insert(db, "certainty_ratings", [row])


def ratings_at(path: Path) -> list[dict[str, Any]]:
    """All ratings beside the database at path, oldest first; empty where there is no file yet."""
    return said_at(path, "certainty_ratings")


def serve_ratings(db: Database, rows: Iterable[Row]) -> None:
    """Make the served table of ratings exactly these rows."""
    db.execute("delete from ratings")
    insert(db, "ratings", rows)
