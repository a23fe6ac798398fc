"""A reviewer looks at what has drifted and sets it aside: nothing is left to do there, and nothing is forgotten.

A figure, or a decision, has drifted where the text of today does not say what it quotes. It speaks nowhere, whatever
anybody says; so one reviewer's word is enough, and everybody sees it at once with its reason. Should the text come
back, the figure and the decisions on it stand again as they did.
"""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from kb.errors import NothingThere, NotTaken
from kb.stages.reviewing import LONGEST_NOTE, PATIENCE_MS, Reviewer
from kb.store.drift import OPEN_AGAIN, SET_ASIDE, drift_decisions_at, gone, record_drift_decision, serve_set_aside

PLACE = ("figure", "section_sha256", "start", "end", "quote")


def decide(db: Database, path: Path, reviewer: Reviewer, name: str, decision: str, reason: str) -> bool:
    """Keep that a person sets aside what drifted under this id, or opens it again, and why.

    Returns whether it is shown already; where another program writes, it is with the next build.

    Raises:
        NothingThere: nothing has drifted under that id.
        NotTaken: it cannot be kept as it came; nothing was written.
    """
    row = gone(db, name)
    if row is None:
        raise NothingThere(f"nothing that has drifted under {name[:80]}")
    if decision not in (SET_ASIDE, OPEN_AGAIN):
        raise NotTaken(f"{decision[:40]!r} is no answer; say {SET_ASIDE} or {OPEN_AGAIN}")
    if (row["state"] == SET_ASIDE) == (decision == SET_ASIDE):
        raise NotTaken(f"it is {row['state']} already; nothing was added")
    if not reason.strip():
        raise NotTaken("say the reason: others will want to know why nothing is left to do here")
    if len(reason) > LONGEST_NOTE:
        raise NotTaken(f"the reason has {len(reason):,} characters; {LONGEST_NOTE:,} are the most")
    said = {key: row[key] for key in PLACE}
    record_drift_decision(path, {**said, "decision": decision, "reason": reason.strip(), "reviewer": reviewer.name})
    return _show(db, path)


def _show(db: Database, path: Path) -> bool:
    """Serve all that was said; False where another program holds the database longer than we wait."""
    db.execute(f"pragma busy_timeout = {PATIENCE_MS}")
    try:
        with db.conn:  # commits, or rolls back
            db.conn.execute("begin immediate")
            serve_set_aside(db, drift_decisions_at(path))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
