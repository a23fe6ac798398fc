"""``/-/review/agreement``: how far two readers agree, which conflicts are open, what awaits whom."""

from collections import Counter
from dataclasses import dataclass

from sqlite_utils import Database

from analysis.agreement import Agreement, agreement
from kb.evidence.deciding import Case, independent, of_two, settle_answers, shown
from kb.stages.deciding import cases_at
from kb.stages.topic import topic_of
from kb.store.rows import fetch
from kb.web.review import queries
from kb.web.review.state import figures_at, path_of
from kb.web.show import Asked, Page
from kb.web.words import spoken


@dataclass(frozen=True, slots=True)
class Two:
    """Two people, how far their answers agree, and how often a correction was the same."""

    names: tuple[str, str]
    agreement: Agreement
    same: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """An open conflict: the figure and who says what."""

    figure: str | None
    words: str
    outcome: str | None
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How many figures one reviewer has answered, and how many still await an answer of this person."""

    name: str
    answered: int
    awaits: int


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Agreement by pair of people, open conflicts, what awaits whom."""

    needed: int
    two: tuple[Two, ...]
    conflicts: tuple[Conflict, ...]
    loads: tuple[Load, ...]
    states: tuple[tuple[str, int], ...]
    figures: int


def page(db: Database, _: Asked) -> Page:
    """From disclosed answers; of the others only how many figures each person has answered."""
    needed = topic_of(db).reviewers_needed
    found = cases_at(db, path_of(db))
    open_ = [case for case in found if shown(case, needed)]
    figures = _figures(db)
    context = AgreementPage(
        needed=needed,
        two=tuple(_two(open_)) if needed == 2 else (),
        conflicts=tuple(_conflicts(db, open_)),
        loads=tuple(_loads(found, open_, figures)),
        states=tuple(sorted(Counter(settle_answers(case.decisions).state for case in open_).items())),
        figures=figures,
    )
    return Page("kb/review/agreement.html", "Agreement", "/-/review/agreement", context, assets=("review.css",))


def _figures(db: Database) -> int:
    return int(fetch(db, queries.TALLY, {"away": "[]"})[0]["listed"])


def _two(open_: list[Case]) -> list[Two]:
    pairs = of_two(pair for case in open_ if (pair := independent(case)) is not None)
    return [
        Two(names, agreement([pair.answers for pair in group]), sum(pair.same for pair in group))
        for names, group in pairs.items()
    ]


def _conflicts(db: Database, open_: list[Case]) -> list[Conflict]:
    torn = [case for case in open_ if settle_answers(case.decisions).state == "conflict"]
    at = figures_at(db, torn)
    return [
        Conflict(
            next(iter(at.get((case.section, case.figure), ())), None),
            spoken(case.figure),
            case.figure.outcome,
            tuple({d.reviewer: (d.reviewer, d.decision) for d in case.decisions}.values()),
        )
        for case in torn
    ]


def _loads(found: list[Case], open_: list[Case], figures: int) -> list[Load]:
    """Totals over everything: a filter could narrow them down to one figure and give away whether it was answered."""
    settled = [case for case in open_ if settle_answers(case.decisions).state != "unsure" and not case.added]
    names = sorted({s.decision.reviewer for case in found for s in case.said})
    loads = []
    for name in names:
        answered = [case for case in found if not case.added and name in case.people]
        done = len(answered) + sum(name not in case.people for case in settled)
        loads.append(Load(name, len(answered), max(0, figures - done)))
    return loads
