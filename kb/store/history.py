"""What happened: one row a command, written when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from uuid import uuid4

from sqlite_utils import Database

from kb.store.payloads import now
from kb.store.rows import insert


@dataclass(slots=True)
class Run:
    """A command at work: its id is known from the start, its row is written at the end."""

    id: str
    command: str
    started_at: str
    vocabulary_sha256: str | None = None
    requested: int = 0
    returned: int = 0
    absent: int = 0
    failed: int = 0
    messages: list[str] = field(default_factory=list)


@contextmanager
def recorded(db: Database, command: str, vocabulary_sha256: str | None = None) -> Iterator[Run]:
    """Run the body as one command of that name; its row says whether it ended well."""
    started = now()
    run = Run(f"{started[:19].replace(':', '')}-{command}-{uuid4().hex[:8]}", command, started, vocabulary_sha256)
    ok = False
    try:
        yield run
        ok = run.failed == 0
    finally:
        _write(db, run, ok=ok)


def _write(db: Database, run: Run, *, ok: bool) -> None:
    row = {
        "id": run.id, "command": run.command, "started_at": run.started_at, "finished_at": now(), "ok": int(ok),
        "version": version("evidence-kb"), "vocabulary_sha256": run.vocabulary_sha256, "requested": run.requested,
        "returned": run.returned, "absent": run.absent, "failed": run.failed,
        "message": "\n".join(run.messages) or None,
    }  # fmt: skip
    with db.atomic():
        insert(db, "runs", [row])
