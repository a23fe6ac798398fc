"""``/-/estimate/<id>``: the walk back from an estimate to the payloads, and the script that reproduces it."""

from dataclasses import dataclass

from sqlite_utils import Database

from kb.errors import NothingThere
from kb.evidence.pools import SETS
from kb.evidence.rscript import r_script
from kb.records import Estimate
from kb.stages.topic import topic_of
from kb.store.rows import Row, fetch
from kb.store.weighed import estimate_of, estimates_of
from kb.vocabulary import Outcome, vocabulary_of
from kb.web import queries
from kb.web.pages.outcome import Shown, groups
from kb.web.reading import labels_of, one
from kb.web.show import Asked, Page, Problem
from kb.web.since import Ground, snapshot
from kb.web.words import interval, scaled, window_words


@dataclass(frozen=True, slots=True)
class EstimatePage:
    """Everything on an estimate's page."""

    outcome: Outcome
    title: str
    shown: Shown
    meaning_of_set: str
    others: tuple[Estimate, ...]
    over_r: tuple[Row, ...]
    made: Row
    script: str
    protocol: str
    seen: str


def page(db: Database, asked: Asked) -> Page:
    """A stored estimate by its id."""
    estimate = _stored(db, asked)
    topic = topic_of(db)
    outcome = vocabulary_of(topic).by_id(estimate.outcome)
    group = groups(db, [estimate], outcome, topic, labels_of(db, asked), stored=True)[0]
    context = EstimatePage(
        outcome=outcome,
        title=group.title,
        shown=group.shown[0],
        meaning_of_set=SETS[estimate.set],
        others=tuple(e for e in estimates_of(db, outcome.id) if _same_question(e, estimate) and e.id != estimate.id),
        over_r=tuple(_at_r(row, estimate.scale) for row in fetch(db, queries.OVER_R, {"id": estimate.id})),
        made=one(db, queries.MADE, {"id": estimate.id}, ""),
        script=r_script(estimate),
        protocol=topic.protocol_version,
        seen=snapshot(db),
    )
    title = f"{outcome.title}, {window_words(estimate.window)}: {group.title}"
    ground = Ground("estimate", estimate.id)
    return Page("kb/estimate.html", title, f"/-/estimate/{estimate.id}", context, ground=ground)


def _at_r(row: Row, scale: str) -> Row:
    bounds = interval(row["ci_low"], row["ci_high"], scale)
    return {**row, "value": scaled(row["value"], scale), "bounds": bounds}


def script(db: Database, asked: Asked) -> Page:
    """The R script of an estimate, as a file."""
    estimate = _stored(db, asked)
    return Page("kb/script.txt.html", estimate.id, "", r_script(estimate), content_type="text/plain; charset=utf-8")


def _stored(db: Database, asked: Asked) -> Estimate:
    try:
        return estimate_of(db, asked.names["id"])
    except NothingThere as error:
        raise Problem(404, f"There is no estimate {asked.names['id'][:120]}.") from error


def _same_question(a: Estimate, b: Estimate) -> bool:
    return (a.comparison, a.window, a.measure) == (b.comparison, b.window, b.measure)
