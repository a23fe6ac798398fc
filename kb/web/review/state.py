"""What each figure waits for, as one person may know it: from disclosed answers and this person's own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from kb.evidence.deciding import Case, plain, settle_answers, shown
from kb.records import Figure
from kb.stages.deciding import cases_at
from kb.stages.reviewing import Reviewer, settles
from kb.stages.topic import topic_of
from kb.store.readings import figure_of
from kb.store.rows import fetch
from kb.web.people import ADJUDICATE, ROLES, Person

#: Figures of sections with these hashes (JSON).
FIGURES = """select f.*, s.sha256 as section_sha256 from sections s join figures f on f.section = s.id
where s.sha256 in (select value from json_each(?)) and f.drifted = 0"""

#: States of a figure for one person: what awaits an answer is in none of the others.
SETTLE, CONFLICT, MINE, DONE = "settle", "conflict", "mine", "done"


@dataclass(frozen=True, slots=True)
class Known:
    """What a person may know: the cases by figure, the state of those that do not simply await an answer.

    everything is all that was said, shown or not: for the stages alone.
    """

    needed: int
    reviewer: Reviewer
    everything: Sequence[Case]
    cases: dict[str, Case]
    states: dict[str, str]

    def named(self, *states: str) -> str:
        """Ids of the figures in these states, as a JSON list for SQL."""
        return json.dumps(sorted(id_ for id_, state in self.states.items() if state in states))


def path_of(db: Database) -> Path:
    """The file that a connection reads."""
    return Path(db.execute("pragma database_list").fetchone()[2])


def reviewer_of(person: Person | None) -> Reviewer:
    """The person as the stages know one; nobody for nobody."""
    return Reviewer("") if person is None else Reviewer(person.name, may_settle=ADJUDICATE in ROLES[person.role])


def known(db: Database, path: Path, reviewer: Reviewer) -> Known:
    """What the person may know now."""
    needed = topic_of(db).reviewers_needed
    found = cases_at(db, path)
    at = figures_at(db, found)
    cases: dict[str, Case] = {}
    states: dict[str, str] = {}
    for case in found:
        state = state_of(case, reviewer, needed)
        for id_ in at.get((case.section, case.figure), ()) if state else ():
            cases[id_] = case
            states[id_] = state or ""
    return Known(needed, reviewer, found, cases, {id_: state for id_, state in states.items() if state != "open"})


def state_of(case: Case, reviewer: Reviewer, needed: int) -> str | None:
    """What a case is to one person; open where it is shown and awaits an answer, None where nothing may be known."""
    inside = reviewer.name in case.people
    if not shown(case, needed):
        return MINE if inside else None
    settled = settle_answers(case.decisions).state
    if settled == "conflict":
        return SETTLE if settles(case, reviewer, needed) else CONFLICT
    return "open" if settled == "unsure" and not inside else DONE


def figures_at(db: Database, found: Iterable[Case]) -> dict[tuple[str, Figure], Sequence[str]]:
    """Ids of the figures that cases speak of, by section and reading; the same text may stand in several documents."""
    ids: dict[tuple[str, Figure], list[str]] = {}
    for row in fetch(db, FIGURES, [json.dumps(sorted({case.section for case in found}))]):
        ids.setdefault((row["section_sha256"], plain(figure_of(row))), []).append(row["id"])
    return dict(ids)
