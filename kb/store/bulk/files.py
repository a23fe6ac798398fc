"""How far a bulk file came: written in the transaction that writes its records, so a killed run goes on behind them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from sqlite_utils import Database

from kb.store.rows import fetch

#: Bytes of the database that stay in memory while thousands of rows are written: indexes are hit all over.
CACHE_KB = 64 << 10
#: Pages (4 kB) that the write-ahead log may hold before it is copied back, instead of 1,000.
LOG_PAGES = 64_000


def begin(db: Database, payload: str, rule: str, run: str) -> int | None:
    """Open a file for loading; returns how many records of it are done, or None if all are."""
    # one statement that writes first: a transaction that began with a read could not wait for another writer
    db.execute(
        "insert into bulk_files (payload, rule, version, state, run) values (?, ?, ?, 'open', ?) on conflict do update "
        "set run = excluded.run, state = case state when 'done' then 'done' else 'open' end, reason = null",
        [payload, rule, version("evidence-kb"), run],
    )
    sql = "select records, state from bulk_files where payload = ? and rule = ? and version = ?"
    row = fetch(db, sql, [payload, rule, version("evidence-kb")])[0]
    return None if row["state"] == "done" else row["records"]


def advance(db: Database, payload: str, rule: str, records: int) -> None:
    """So many records of the file are done."""
    _set(db, payload, rule, "records = ?", records)


def finish(db: Database, payload: str, rule: str) -> None:
    """All of the file is done."""
    _set(db, payload, rule, "state = ?", "done")


def fail(db: Database, payload: str, rule: str, reason: str) -> None:
    """The file is broken behind what is done."""
    _set(db, payload, rule, "state = 'broken', reason = ?", reason)


def records_of(db: Database, payload: str, rule: str) -> int:
    """How many records of the file are done."""
    sql = "select records from bulk_files where payload = ? and rule = ? and version = ?"
    return int(fetch(db, sql, [payload, rule, version("evidence-kb")])[0]["records"])


@contextmanager
def tuned(db: Database) -> Iterator[None]:
    """This connection set for writing much.

    A commit survives the death of the program at once and that of the machine a little later; the file stays whole
    either way, and what was lost is loaded again.
    """
    usual = {name: db.execute(f"pragma {name}").fetchone()[0] for name in _TUNED}
    # millions of rows that come and go make the collector look for cycles, and they have none
    collecting = gc.isenabled()
    gc.disable()
    try:
        _apply(db, _TUNED)
        yield
    finally:
        _apply(db, usual)
        if collecting:
            gc.enable()


# What is checked row by row elsewhere holds here by construction: children are written with their documents.
_TUNED = {"synchronous": 1, "cache_size": -CACHE_KB, "wal_autocheckpoint": LOG_PAGES, "foreign_keys": 0}


def _apply(db: Database, settings: dict[str, int]) -> None:
    for name, value in settings.items():
        db.execute(f"pragma {name} = {value}").fetchall()


def _set(db: Database, payload: str, rule: str, change: str, value: object) -> None:
    db.execute(
        f"update bulk_files set {change} where payload = ? and rule = ? and version = ?",
        [value, payload, rule, version("evidence-kb")],
    )
