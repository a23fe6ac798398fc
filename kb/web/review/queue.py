"""``/-/review``: what awaits the reader, what matters most first; filters by study, outcome and state."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlite_utils import Database

from kb.store.readings import figure_of
from kb.store.rows import Row, fetch
from kb.web.reading import labels_of
from kb.web.review import queries
from kb.web.review.state import CONFLICT, DONE, MINE, SETTLE, Known, known, path_of, reviewer_of
from kb.web.show import Asked, Page
from kb.web.words import months_words, spoken

AT_ONCE = 50
PATH = "/-/review"

#: What may be listed: its name, and the states of the figures in it; awaiting is what has none but settle.
SHOWN = {
    "awaiting": ("awaiting me", ()),
    "mine": ("answered by me, others still open", (MINE,)),
    "conflict": ("in conflict", (SETTLE, CONFLICT)),
    "done": ("settled", (DONE,)),
    "all": ("all", ()),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is listed: figures of a study, on an outcome, in a state."""

    study: str = ""
    outcome: str = ""
    show: str = "awaiting"

    @property
    def query(self) -> str:
        """As the end of an address, empty for the plain queue."""
        said = {"study": self.study, "outcome": self.outcome, "show": self.show}
        kept = {key: value for key, value in said.items() if value and value != "awaiting"}
        return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One figure of the list, in words."""

    id: str
    study: str
    study_id: str
    outcome: str
    arm: str
    time: str
    words: str
    quote: str
    why: tuple[str, ...]
    state: str | None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The list, what it was asked for, and how much awaits the reader."""

    waiting: tuple[Waiting, ...]
    tally: Row
    filters: Filters
    shown: Mapping[str, str]
    studies: tuple[tuple[str, str], ...]
    outcomes: tuple[str, ...]
    needed: int
    page: int
    pages: int
    settles: bool
    drifted: int


def filters_in(query: Mapping[str, str]) -> Filters:
    """The filters that a query names; an unknown state is what awaits."""
    show = query.get("show", "")
    return Filters(query.get("study", ""), query.get("outcome", ""), show if show in SHOWN else "awaiting")


def filters_of(form: Mapping[str, str]) -> Filters:
    """The filters that a form carries on; its own field outcome is the figure's."""
    return Filters(form.get("of_study", ""), form.get("of_outcome", ""))


def asked_of(db: Database, found: Known, filters: Filters) -> dict[str, Any]:
    """The parameters of the queue's questions."""
    states = SHOWN[filters.show][1]
    away = found.named(MINE, CONFLICT, DONE) if filters.show == "awaiting" else "[]"
    only = set(json.loads(found.named(*states))) if states else None
    if filters.study:
        inside = {row["figure"] for row in fetch(db, queries.OF_STUDY, {"study": filters.study})}
        only = inside if only is None else inside & only
    listed = None if only is None else json.dumps(sorted(only))
    return {"outcome": filters.outcome, "away": away, "only": listed, "settle": found.named(SETTLE)}


def tally(db: Database, wanted: dict[str, Any]) -> dict[str, Any]:
    """How many figures are listed, and how many of them for which reason."""
    sql = queries.TALLY_FILTERED if wanted["outcome"] else queries.TALLY
    counts = fetch(db, sql if wanted["only"] is None else queries.TALLY_CHOSEN, wanted)[0]
    return {**counts, **fetch(db, queries.FEEDING, wanted)[0], "to_settle": len(json.loads(wanted["settle"]))}


def listed(db: Database, wanted: Mapping[str, Any], offset: int) -> list[dict[str, Any]]:
    """One page of the list."""
    sql = queries.IDS if wanted["only"] is None else queries.CHOSEN_IDS
    ids = [row["id"] for row in fetch(db, sql, {**wanted, "limit": AT_ONCE, "offset": offset})]
    return fetch(db, queries.ROWS, {"ids": json.dumps(ids)})


def next_after(db: Database, found: Known, filters: Filters, here: str) -> str | None:
    """The figure that awaits after this one; the first one at the end, None where no other awaits."""
    wanted = asked_of(db, found, Filters(filters.study, filters.outcome))
    # answered already, it still has its place in the queue
    away = json.dumps([id_ for id_ in json.loads(wanted["away"]) if id_ != here])
    sql = queries.IDS if wanted["only"] is None else queries.CHOSEN_IDS
    waiting = db.conn.execute(sql, {**wanted, "away": away, "limit": -1, "offset": 0})
    first = None
    passed = False
    for (id_,) in waiting:
        if passed:
            return str(id_)
        passed = id_ == here
        first = first or (None if passed else str(id_))
    return first


def number_in(query: Mapping[str, str]) -> int:
    """The page of a list that a query asks for, from 1."""
    said = query.get("page", "1")
    return max(1, int(said)) if said.isdecimal() and len(said) < 7 else 1


def page(db: Database, asked: Asked) -> Page:
    """The queue of whoever asks."""
    filters = filters_in(asked.query)
    found = known(db, path_of(db), reviewer_of(asked.person))
    at = number_in(asked.query)
    wanted = asked_of(db, found, filters)
    counted = tally(db, wanted)
    labels = labels_of(db, asked)
    rows = listed(db, wanted, (at - 1) * AT_ONCE)
    context = QueuePage(
        waiting=tuple(_waiting(row, labels.study(row["study"]), found) for row in rows),
        tally=counted,
        filters=filters,
        shown={key: words for key, (words, _) in SHOWN.items()},
        studies=tuple((row["id"], labels.study(row["id"])) for row in fetch(db, queries.STUDIES)),
        outcomes=tuple(row["outcome"] for row in fetch(db, queries.OUTCOMES)),
        needed=found.needed,
        page=at,
        pages=-(-counted["listed"] // AT_ONCE),
        settles=found.reviewer.may_settle,
        drifted=fetch(db, queries.DRIFTED_TALLY)[0]["open"],
    )
    return Page("kb/review/queue.html", "Review", PATH, context, assets=("review.css",))


def _waiting(row: Row, study: str, found: Known) -> Waiting:
    figure = figure_of(row)
    return Waiting(
        id=row["id"],
        study=study,
        study_id=row["study"],
        outcome=row["outcome"] or "outcome not bound",
        arm=row["study_arm"] or row["arm"] or "group not named",
        time=months_words(row["joined_months"]),
        words=spoken(figure, row["joined_n"], row["joined_events"], row["joined_percent"]),
        quote=row["quote"],
        why=tuple(_why(row, found.states.get(row["id"]))),
        state=found.states.get(row["id"]),
    )


def _why(row: Row, state: str | None) -> Iterator[str]:
    """Why it matters, as words for badges."""
    if state == SETTLE:
        yield "to settle"
    if row["fed"]:
        yield f"feeds {row['fed']} estimate{'s' if row['fed'] > 1 else ''}"
    if row["impossible"] is not None:
        yield "impossible" if row["impossible"] else "doubtful"
    if row["basis"] == "conflict":
        yield "readers disagree"
    if row["reader"] == "reviewer":
        yield "added"
