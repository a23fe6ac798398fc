"""The views as pandas DataFrames, for notebooks, exports and reports: absent is <NA>, never NaN by accident."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from kb.errors import DatabaseMissing, NothingThere, NotOurDatabase

#: The contract's views: what a meta-analyst asks for.
VIEWS = (
    "evidence", "figures_to_review", "doubtful_figures", "drifted_figures", "double_extraction", "mrss_over_time",
    "survival", "adverse_events", "forest_rows", "summary_of_findings", "certainty", "overlaps", "literature",
    "what_changed", "prisma_flow",
)  # fmt: skip


def frame(path: Path | str, name: str) -> pd.DataFrame:
    """One view or table of a database as a DataFrame with nullable types.

    Raises:
        DatabaseMissing: there is no such file.
        NotOurDatabase: it is no SQLite database.
        NothingThere: it has no view or table of that name.
    """
    if not Path(path).exists():
        raise DatabaseMissing(f"{path}: no such database")
    with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            names = connection.execute("select name from sqlite_master where type in ('table', 'view')").fetchall()
        except sqlite3.DatabaseError as error:
            raise NotOurDatabase(f"{path}: not an SQLite database ({error})") from error
        if name not in {row[0] for row in names}:
            raise NothingThere(f"{path}: no view or table {name!r}; the views are {', '.join(VIEWS)}")
        return pd.read_sql_query(f'select * from "{name}"', connection, dtype_backend="numpy_nullable")
