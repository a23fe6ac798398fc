"""``/-/dictionary``: the words of every view, table and column, the usual questions, and how to get at the data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from kb.store.rows import fetch
from kb.web.settings import DATABASE_NAME, words_of_site
from kb.web.show import Asked, Page

#: Kind and name, as SQLite has them.
NAMED = "select type, name from sqlite_master where type in ('table', 'view') order by name"


@dataclass(frozen=True, slots=True)
class Described:
    """A view or a table with the words of each column."""

    name: str
    words: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A canned query; params are the names that its address takes."""

    name: str
    title: str
    words: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Everything on the page; rows is how many rows an answer holds at most."""

    views: tuple[Described, ...]
    tables: tuple[Described, ...]
    questions: tuple[Question, ...]
    rows: int
    origin: str


def page(db: Database, asked: Asked) -> Page:
    """The dictionary of the database that is served."""
    words = words_of_site()["databases"][DATABASE_NAME]["tables"]
    named = fetch(db, NAMED)
    context = Dictionary(
        views=_described(words, {row["name"] for row in named if row["type"] == "view"}),
        tables=_described(words, {row["name"] for row in named if row["type"] == "table"}),
        questions=tuple(_question(name, said) for name, said in asked.queries.items()),
        rows=asked.most_rows,
        origin=asked.origin,
    )
    return Page("kb/dictionary.html", "Data dictionary", "/-/dictionary", context)


def _described(tables: Mapping[str, Any], wanted: set[str]) -> tuple[Described, ...]:
    """In the order of metadata.yml, which puts first what is asked first."""
    return tuple(
        Described(name, said["description"].strip(), tuple(said.get("columns", {}).items()))
        for name, said in tables.items()
        if name in wanted and not said.get("hidden")
    )


def _question(name: str, said: Mapping[str, Any]) -> Question:
    return Question(name, said.get("title", name), said.get("description", ""), tuple(said.get("params", ())))
