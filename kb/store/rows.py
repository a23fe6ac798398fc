"""Rows in and out of tables: named columns, bound values, many at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlite_utils import Database

Row = Mapping[str, Any]


def as_row(record: Any) -> dict[str, Any]:
    """A record whose fields are columns, as a row; dataclasses.asdict copies each value and is ten times slower."""
    return {name: getattr(record, name) for name in _columns(record.__class__)}


@cache
def _columns(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def insert(db: Database, table: str, rows: Iterable[Row], on_conflict: str = "") -> None:
    """Insert rows that all have the keys of the first; on_conflict is SQL after the values.

    One prepared statement for all rows: sqlite-utils' insert_all inspects each row and is several times slower.
    """
    batch = list(rows)
    if batch:
        columns = list(batch[0])
        names = ", ".join(f'"{c}"' for c in columns)
        marks = ", ".join("?" for _ in columns)
        sql = f'insert into "{table}" ({names}) values ({marks}) {on_conflict}'
        db.conn.executemany(sql, [[row[c] for c in columns] for row in batch])


def upsert(db: Database, table: str, key: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert, or update the row of that key in place (so that full-text triggers fire)."""
    batch = list(rows)
    if batch:
        changes = ", ".join(f'"{c}" = excluded."{c}"' for c in batch[0] if c not in key)
        keys = ", ".join(f'"{c}"' for c in key)
        insert(
            db, table, batch, f"on conflict ({keys}) do update set {changes}" if changes else "on conflict do nothing"
        )


def replace_children(db: Database, table: str, document: str, rows: Iterable[Row]) -> None:
    """Make a document's rows of a child table exactly these, in its key's order; what is the same is not touched."""
    batch = list(rows)
    columns = ", ".join(f'"{column}"' for column in batch[0]) if batch else "1"
    before = db.execute(f'select {columns} from "{table}" where document = ?', [document]).fetchall()
    if before != [tuple(row.values()) for row in batch]:
        db.execute(f'delete from "{table}" where document = ?', [document])
        insert(db, table, batch)


def fetch(db: Database, sql: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
    """All rows of a query as dictionaries."""
    cursor = db.execute(sql, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
