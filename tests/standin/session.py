"""A database of ours, the stand-in and our client on one virtual clock: what a test of pull and refresh works with."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.services.addresses import Services
from kb.cli import fetching
from kb.stages.fetching.pulling import Wish, pull
from kb.stages.fetching.refreshing import Refreshed, refresh
from kb.store.connection import open_database
from kb.store.history import Run
from tests.standin.client import VirtualClock, virtual_client
from tests.standin.server import StandIn

#: What must be the same after a calm and an interrupted run: everything but times, runs and row numbers.
CONTENT = {
    "documents": "id, source, kind, pmid, doi, pmcid, title, year, electronic, copyright, retracted, withdrawn, study",
    "sections": "id, document, position, kind, label, text, current",
    "identifiers": "document, scheme, value",
    "authorships": "document, position, role, (select key from people where people.id = person)",
    "mesh_headings": "*",
    "notices": "*",
    "registrations": "*",
    "links": "from_document, to_document, kind, source, score, title",
    "references_text": "*",
    "changes": 'document, field, "before", "after"',
    "events": "document, event, state, text",
    "requests": "what, id, state, seed, most, came",
    "screenings": "id, document, stage, decision, source",
    "full_texts": "pmcid, document, state, licence, free, version",
    "citation_counts": "document, citations, relative_citation_ratio",
    "registry_entries": "*",
    "duplicates": "*",
    "absences": "document, times >= 2",
    "registry_notices": "*",
}


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table's rows in order of their values."""
    with closing(sqlite3.connect(path)) as db:
        rows = {name: db.execute(f"select {columns} from {name}").fetchall() for name, columns in CONTENT.items()}
    return {name: sorted(found, key=repr) for name, found in rows.items()}


class Session:
    """Each call opens the database and a client anew, as a command does."""

    def __init__(self, path: Path, standin: StandIn, clock: VirtualClock, **settings: Any) -> None:
        """`settings` go to the client."""
        self.path, self.standin, self.clock, self.settings = path, standin, clock, settings
        self.services = Services(**standin.urls)

    def pull(self, *seeds: str, wish: Wish | None = None, **around: Any) -> Run:
        """Pull seeds; `similar`, `citers`, `references` as on the command line."""
        with (
            closing(open_database(self.path)) as db,
            virtual_client(self.path.parent, self.clock, **self.settings) as client,
        ):
            return pull(db, wish or Wish(seeds, **around), client, self.services)

    def refresh(self, day: int | None = None) -> Refreshed:
        """Refresh, on that day."""
        if day is not None:
            self.standin.day = day
        with (
            closing(open_database(self.path)) as db,
            virtual_client(self.path.parent, self.clock, **self.settings) as client,
        ):
            return refresh(db, client, self.services)

    def command(self, monkeypatch: pytest.MonkeyPatch, name: str, *words: str) -> Result:
        """Run `pull` or `refresh` as on the command line, on this clock."""
        monkeypatch.setattr(fetching, "client", lambda _: virtual_client(self.path.parent, self.clock, **self.settings))
        (chosen,) = (one for one in fetching.COMMANDS if one.name == name)
        return CliRunner(env=self.standin.environment).invoke(chosen, [str(self.path), *words])

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql, values).fetchall()

    def column(self, sql: str, *values: Any) -> list[Any]:
        """The first column of a query."""
        return [row[0] for row in self.rows(sql, *values)]

    def one(self, sql: str, *values: Any) -> Any:
        """The single value of a query."""
        ((value,),) = self.rows(sql, *values)
        return value

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """What is stored, without times, runs and row numbers."""
        return content(self.path)

    def asked(self, *endpoints: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """Each request as (path, parameters), in order."""
        return [(entry.path, entry.params) for entry in self.standin.log.of(*endpoints)]

    def ids_asked(self, endpoint: str) -> Iterable[str]:
        """Every id that was sent to an endpoint, as often as it was sent."""
        return [one for entry in self.standin.log.of(endpoint) for one in entry.all("id")]
