"""What several pages ask of the database: names of studies, one row or a 404, figures in words."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from kb.evidence.sizes import followed
from kb.stages.topic import topic_of
from kb.store.readings import figure_of
from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.plots import Labels
from kb.web.show import Asked, Problem
from kb.web.words import months_words, spoken

VERDICT_ORDER = ("impossible", "doubtful", "passed", "not applicable")


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that speaks, as a line of a table: row is of the view evidence.

    survivors: whose mean it is, where fewer were followed than there were at baseline.
    """

    row: Row
    words: str
    time: str
    study: str
    survivors: str | None


def one(db: Database, sql: str, params: Mapping[str, Any], missing: str) -> dict[str, Any]:
    """The only row of a query. Raises Problem 404 with the line given."""
    rows = fetch(db, sql, dict(params))
    if not rows:
        raise Problem(404, missing)
    return rows[0]


def labels_of(db: Database, asked: Asked) -> Labels:
    """Names of studies as the pages print them."""
    return Labels({row["id"]: row["title"] for row in fetch(db, queries.STUDIES)}, asked.base)


def comparison_titles(db: Database) -> dict[str, str]:
    """Titles of the topic's comparisons by id."""
    return {c.id: c.title for c in topic_of(db).comparisons}


def told(db: Database, rows: Iterable[Row], labels: Labels) -> tuple[Told, ...]:
    """Rows of the view evidence with their numbers in words."""
    listed = list(rows)
    ids = json.dumps([row["figure"] for row in listed])
    figures = {row["id"]: figure_of(row) for row in fetch(db, queries.PLACES, {"ids": ids})}
    first = {_group(row): row["n"] for row in listed if row["kind"] == "mean" and row["months"] == 0}
    return tuple(
        Told(
            row,
            spoken(figures[row["figure"]], row["n"], row["events"], row["percent"]),
            months_words(row["months"]),
            labels.study(row["study"]),
            _survivors(row, first.get(_group(row))),
        )
        for row in listed
    )


def _group(row: Row) -> tuple[str, str | None, str]:
    return row["study"], row["arm"], row["outcome"]


def _survivors(row: Row, at_baseline: int | None) -> str | None:
    """What a mean of fewer than at baseline is a mean of."""
    n = row["n"]
    fewer = row["kind"] == "mean" and n is not None and at_baseline is not None and n < at_baseline
    return followed(n, at_baseline) if fewer and at_baseline else None
