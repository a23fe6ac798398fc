"""What goes from a parsing process to the writer: rows as a small SQLite database, packed to bytes.

The writer hangs it beside its own database and copies table by table, one statement each, without a value of it
passing through Python: the single writer is what bounds a load.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import chain

from kb.store.bulk.rows import TABLES, Row

#: Images that one transaction may read. SQLite holds ten databases at once, and an image stays until the commit.
PLACES = 8
#: Rows in one statement.
_TOGETHER = 32


def pack(rows: Mapping[str, Sequence[Row]]) -> bytes:
    """Rows of TABLES -> an image; of no rows at all nothing."""
    if not any(rows.values()):
        return b""
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(_empty())
        for table in TABLES:
            _insert(db, table, rows[table])
        db.commit()
        return db.serialize()


@contextmanager
def places(db: sqlite3.Connection) -> Iterator[list[str]]:
    """Names under which images can be hung beside the database, outside of any transaction."""
    names = [f"image{number}" for number in range(PLACES)]
    for name in names:
        db.execute(f"attach ':memory:' as {name}")
    try:
        yield names
    finally:
        for name in names:
            db.execute(f"detach {name}")


def _insert(db: sqlite3.Connection, table: str, rows: Sequence[Row]) -> None:
    several, single = _statements(table)
    whole = len(rows) - len(rows) % _TOGETHER
    for start in range(0, whole, _TOGETHER):
        db.execute(several, list(chain.from_iterable(rows[start : start + _TOGETHER])))
    db.executemany(single, rows[whole:])


@cache
def _statements(table: str) -> tuple[str, str]:
    """For many rows at once, which costs a quarter less a row, and for one."""
    marks = f"({', '.join('?' * len(TABLES[table]))})"
    return f"insert into {table} values {', '.join([marks] * _TOGETHER)}", f"insert into {table} values {marks}"


@cache
def _empty() -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        for table, columns in TABLES.items():
            # columns without a type keep what they are given; ends are looked up, all else is read from end to end
            key = ", primary key (number, place)) without rowid" if table == "ends" else ")"
            db.execute(f"create table {table} ({', '.join(columns)}{key}")
        return db.serialize()
