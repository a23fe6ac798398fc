"""Open a database: make it, recognise it, bring its schema up to date, refuse what is not ours."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from kb import migrations
from kb.errors import CannotWrite, DatabaseMissing, KbError, NotOurDatabase

#: Milliseconds that a writer waits for another: a refresh writes in short transactions, so this is ample.
BUSY_TIMEOUT_MS = 30_000


def create_database(path: Path) -> Database:
    """Create the database, or bring an existing one of ours up to date.

    Raises:
        NotOurDatabase: the file belongs to another program.
        CannotWrite: the folder refuses.
    """
    new = not path.exists() or path.stat().st_size == 0
    db = _connect(path, migrations.APPLICATION_ID, new=new)
    return _up_to_date(db, path, migrations.evidence, migrations.APPEND_ONLY)


def open_database(path: Path) -> Database:
    """Open an existing database for reading and writing.

    Raises:
        DatabaseMissing: there is no such file.
        NotOurDatabase: it belongs to another program or lost its protection.
        CannotWrite: it cannot be written.
    """
    if not path.exists():
        raise DatabaseMissing(f"{path}: no such database; make it with: evidence-kb init {path}")
    db = _connect(path, migrations.APPLICATION_ID, new=False)
    return _up_to_date(db, path, migrations.evidence, migrations.APPEND_ONLY)


def decisions_path(path: Path) -> Path:
    """``evidence.reviews.db`` for ``evidence.db``: beside the database and never served."""
    return path.with_name(f"{path.stem}.reviews.db")


def open_decisions(path: Path) -> Database:
    """Open (and if need be create) the file of decisions beside the database at path."""
    place = decisions_path(path)
    new = not place.exists()
    if new:
        make_private(place)
    db = _connect(place, migrations.DECISIONS_ID, new=new)
    return _up_to_date(db, place, migrations.decisions, migrations.APPEND_ONLY_DECISIONS)


def make_private(place: Path) -> None:
    """An empty file for its owner alone: it will hold answers that others must not see yet. Raises CannotWrite."""
    try:
        place.touch(mode=0o600)
    except OSError as error:
        raise CannotWrite(f"{place}: cannot be made ({error.strerror}); check the folder") from error


def open_backup(path: Path) -> Database:
    """Open a copy of a file of decisions. Raises NotOurDatabase, CannotWrite."""
    db = _connect(path, migrations.DECISIONS_ID, new=False)
    return _up_to_date(db, path, migrations.decisions, migrations.APPEND_ONLY_DECISIONS)


def _connect(path: Path, application_id: int, *, new: bool) -> Database:
    try:
        db = Database(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000))
    except sqlite3.OperationalError as error:
        raise CannotWrite(f"{path}: cannot be opened ({error}); check the folder and its permissions") from error
    try:
        _recognise(db, path, application_id, new=new)
    except KbError:
        db.close()
        raise
    return db


def _recognise(db: Database, path: Path, application_id: int, *, new: bool) -> None:
    try:
        found = db.execute("pragma application_id").fetchone()[0]
        tables = db.execute("select count(*) from sqlite_master").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise CannotWrite(f"{path}: cannot be opened ({error}); check the folder and its permissions") from error
    except sqlite3.DatabaseError as error:
        raise NotOurDatabase(f"{path}: not an SQLite database ({error}); nothing was touched") from error
    if found != application_id and (tables or not new):
        raise NotOurDatabase(f"{path}: made by another program; choose another path, nothing was touched")


def _up_to_date(db: Database, path: Path, steps: Migrations, protected: tuple[str, ...]) -> Database:
    try:
        _prepare(db, steps)
    except sqlite3.OperationalError as error:
        db.close()
        raise CannotWrite(f"{path}: cannot be written ({error}); check the folder and its permissions") from error
    if missing := migrations.missing_triggers(db, protected):
        db.close()
        raise NotOurDatabase(f"{path}: append-only protection is missing ({', '.join(missing)}); restore a backup")
    return db


def _prepare(db: Database, steps: Migrations) -> None:
    db.execute("pragma foreign_keys = on")
    if steps.pending(db):
        db.enable_wal()
        application_id = migrations.APPLICATION_ID if steps is migrations.evidence else migrations.DECISIONS_ID
        db.execute(f"pragma application_id = {application_id}")
        steps.apply(db)
    if steps is migrations.evidence and not migrations.views_current(db):
        with db.atomic():
            migrations.make_views(db)
