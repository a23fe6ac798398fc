"""How estimates moved because of a decision, in words: before → after."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from kb.store.rows import Row, fetch
from kb.web.reading import comparison_titles
from kb.web.review import queries
from kb.web.words import SETS, interval, measure_words, plural, scaled, window_words

NOWHERE = "not there"
#: Estimates that a message names; the figure's page has all.
IN_MESSAGE = 2


@dataclass(frozen=True, slots=True)
class Moved:
    """One estimate before and after a decision."""

    estimate: str
    title: str
    set: str
    before: str
    after: str
    reviewed: tuple[str, str]
    here: bool
    changed: bool


def moved(db: Database, rows: Iterable[Row]) -> tuple[Moved, ...]:
    """Rows of the table moves in words; what did not move says so."""
    listed = list(rows)
    ids = json.dumps([row["estimate"] for row in listed])
    there = {row["id"] for row in fetch(db, queries.THERE, {"ids": ids})}
    titles = comparison_titles(db)
    outcomes = {row["id"]: row["title"] for row in fetch(db, queries.OUTCOME_TITLES)}
    return tuple(_moved(row, row["estimate"] in there, titles, outcomes) for row in listed)


def _moved(row: Row, here: bool, titles: Mapping[str, str], outcomes: Mapping[str, str]) -> Moved:
    # the id names the question, so that an estimate that is gone can still be named
    comparison, outcome, window, measure, set_ = row["estimate"].split(".")
    when = window_words(window.replace("-", " ") if window.endswith("months") else window)
    before, after = _side(row, "before"), _side(row, "after")
    return Moved(
        estimate=row["estimate"],
        title=f"{outcomes.get(outcome, outcome)}, {when}: {titles.get(comparison, comparison)}",
        set=f"{SETS[set_]}, {measure_words(measure.upper())}",
        before=before,
        after=after,
        reviewed=(row["reviewed_before"] or NOWHERE, row["reviewed_after"] or NOWHERE),
        here=here,
        changed=before != after,
    )


def _side(row: Row, side: str) -> str:
    k, value = row[f"k_{side}"], row[f"value_{side}"]
    if k is None:
        return NOWHERE
    if value is None:
        return "nothing pooled"
    bounds = interval(row[f"ci_low_{side}"], row[f"ci_high_{side}"], row["scale"])
    return f"{scaled(value, row['scale'])} ({bounds}; {'1 study' if k == 1 else f'{k} studies'})"


def in_short(found: Sequence[Moved]) -> str:
    """The first few that moved, in one line for a message."""
    changed = [one for one in found if one.changed]
    if not changed:
        relabelled = sum(one.reviewed[0] != one.reviewed[1] for one in found)
        labels = f"; how far it is reviewed changed for {plural(relabelled, 'estimate')}" if relabelled else ""
        return f"No estimate moved{labels}."
    told = "; ".join(f"{one.title} ({one.set}) {one.before} → {one.after}" for one in changed[:IN_MESSAGE])
    more = len(changed) - IN_MESSAGE
    return f"{plural(len(changed), 'estimate')} moved: {told}{f'; and {more} more' if more > 0 else ''}."
