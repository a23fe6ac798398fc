"""Rows that can be made again: replaced as a whole, never edited."""

from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils import Database

from kb.store.rows import Row, insert

#: Children before parents, as foreign keys want it.
DERIVED = (
    "reanalyses", "certainty_inputs", "estimates_over_r", "estimate_effects", "estimates", "effect_figures", "effects",
    "standings", "verdicts",
)  # fmt: skip

#: Tables between two others: their parents name the run.
LINKING = ("effect_figures", "estimate_effects")


def replace_readings(db: Database, readings: Mapping[str, str], figures: Iterable[Row]) -> None:
    """Replace the figures of these documents (document → key of what it was read with)."""
    for document in readings:
        for table in ("verdicts", "standings", "effect_figures"):
            db.execute(f"delete from {table} where figure in (select id from figures where document = ?)", [document])
        db.execute("delete from figures where document = ?", [document])
    db.conn.executemany("insert or replace into readings (document, key) values (?, ?)", list(readings.items()))
    insert(db, "figures", figures)


def clear(db: Database, tables: Sequence[str] = DERIVED) -> None:
    """Empty derived tables."""
    for table in tables:
        db.execute(f"delete from {table}")


def save_all(db: Database, tables: Mapping[str, Sequence[Row]], run: str) -> None:
    """Fill derived tables, parents first; every row names its run, the rows of LINKING by their parents."""
    for table, rows in tables.items():
        insert(db, table, rows if table in LINKING else [{**row, "run": run} for row in rows])
