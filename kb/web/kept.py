"""A site that is quick over millions of rows: slow answers are kept until the database changes, permissions read once.

Datasette counts the rows of a table and of each facet again for every page, which over a million rows is nearly all of
a page's time. Whatever took long has the same answer until somebody writes, so it is answered from memory till then;
the first page after that asks again, of the tables that lie under our views where these have the same rows (lean.py).
"""

import time
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.plugins import pm

from kb.web.lean import lean

#: Seconds from which on an answer is kept.
LONG = 0.02
#: Rows of all answers that are kept at most: anybody can ask for anything.
MOST_ROWS = 50_000
#: Bytes of the index of SQLite's write-ahead log that every commit changes (sqlite.org/walformat.html, 2.1).
HEADER = 48

#: Sizes and times of the database's file and of its write-ahead log, and the header of the log's index.
State = tuple[tuple[int, int] | bytes | None, ...]


class Kept(Database):  # type: ignore[misc]  # Datasette has no types
    """A database that answers again from memory what took long, until its file changes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """As Datasette's."""
        super().__init__(*args, **options)
        self.state: State = ()
        self.answers: dict[Hashable, Results | QueryInterrupted] = {}
        self.rows = 0

    async def execute(self, sql: str, params: Any = None, *args: Any, **options: Any) -> Results:
        """The results of a query, as Datasette's; raises QueryInterrupted."""
        state, asked = state_of(Path(self.path)), key_of(sql, params, args, options)
        if state != self.state:
            self.forget(state)
        if asked not in self.answers:
            return await self._answer(asked, lean(sql) if not params else sql, params, *args, **options)
        found = self.answers[asked]
        if isinstance(found, QueryInterrupted):
            raise found
        return found

    def forget(self, state: State) -> None:
        """Begin anew with the database as it is now."""
        self.state, self.answers, self.rows = state, {}, 0

    async def _answer(self, asked: Hashable, *query: Any, **options: Any) -> Results:
        """What takes too long takes too long again until the database changes, so that is kept too."""
        state, start = self.state, time.perf_counter()
        try:
            found = await super().execute(*query, **options)
        except QueryInterrupted as error:
            self._keep(state, asked, error, 0)
            raise
        if time.perf_counter() - start >= LONG:
            self._keep(state, asked, found, len(found.rows))
        return found

    def _keep(self, state: State, asked: Hashable, found: Results | QueryInterrupted, rows: int) -> None:
        """Keep an answer, unless what it was asked of is gone meanwhile."""
        if state != self.state:
            return
        if self.rows + rows > MOST_ROWS:
            self.forget(state)
        self.answers[asked] = found
        self.rows += rows + 1


class Site(Datasette):  # type: ignore[misc]  # Datasette has no types
    """Datasette that reads once who may see which table.

    For each page, Datasette 0.65 copies all words of metadata.yml four times to find that out, which is longer than
    all the rest of a page about one row.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """As Datasette's."""
        super().__init__(*args, **options)
        self.rules: dict[tuple[str, str], list[Any]] = {}

    def _table_permission_allows(self, database: str, table: str) -> list[Any]:
        """The ``allow`` blocks of a table, as Datasette's; read again each time where a plugin may have others."""
        if pm.hook.get_metadata.get_hookimpls():
            found: list[Any] = super()._table_permission_allows(database, table)
            return found
        if (database, table) not in self.rules:
            self.rules[database, table] = super()._table_permission_allows(database, table)
        return self.rules[database, table]


def key_of(sql: str, params: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> Hashable:
    """What is asked, and how."""
    given = tuple(params.items()) if isinstance(params, Mapping) else tuple(params or ())
    return sql, given, args, tuple(options.items())


def state_of(path: Path) -> State:
    """What is another after every write: the log's index tells of each commit, the files' times of all else."""
    log, index = (path.with_name(f"{path.name}-{one}") for one in ("wal", "shm"))
    return _file(path), _file(log), _header(index)


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _header(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(HEADER)
    except FileNotFoundError:
        return None
