"""``/``: the question, the seed study, what is known of each outcome, and what lies around it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from kb.stages.topic import topic_of
from kb.store.rows import Row, fetch
from kb.vocabulary import Topic
from kb.web import queries
from kb.web.plots import Labels
from kb.web.reading import Told, labels_of, one, told
from kb.web.show import Asked, Page
from kb.web.since import Ground
from kb.web.words import SETS, interval, measure_words, scaled, window_words

KINDS = {"similar": "similar articles", "cited_by": "articles that cite it", "cites": "articles that it cites"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the table of findings."""

    row: Row
    title: str
    when: str
    measure: str
    value: str
    bounds: str
    set: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one outcome."""

    id: str
    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page."""

    topic: Topic
    seed: Row | None
    seed_figures: tuple[Told, ...]
    known: tuple[Known, ...]
    beside: tuple[Row, ...]
    studies: tuple[Row, ...]
    neighbourhood: tuple[Row, ...]
    counts: Row
    retracted: tuple[Row, ...]
    labels: Labels
    last_run: Row | None


def page(db: Database, asked: Asked) -> Page:
    """The overview of the topic."""
    topic = topic_of(db)
    labels = labels_of(db, asked)
    found = fetch(db, queries.FINDINGS)
    seed = next(iter(fetch(db, queries.TOPIC_SEED, {"pmids": json.dumps(topic.seeds)})), None)
    speaking = fetch(db, queries.SPEAKING_OF_STUDY, {"study": seed["id"]}) if seed else []
    runs = fetch(db, queries.LAST_RUN)
    outcomes = fetch(db, queries.OUTCOMES)
    known = tuple(_known(row, found, topic) for row in outcomes)
    context = Overview(
        topic=topic,
        seed=seed,
        seed_figures=told(db, speaking, labels),
        known=tuple(sorted((k for k in known if k.findings), key=lambda k: topic.outcomes.index(k.id))),
        beside=tuple(row for row in outcomes if row["id"] not in {k.id for k in known if k.findings}),
        studies=tuple(fetch(db, queries.STUDIES)),
        neighbourhood=tuple({**row, "words": KINDS[row["kind"]]} for row in fetch(db, queries.NEIGHBOURHOOD)),
        counts=one(db, queries.COUNTS, {}, ""),
        retracted=tuple(fetch(db, queries.RETRACTED)),
        labels=labels,
        last_run=runs[0] if runs else None,
    )
    return Page("kb/overview.html", topic.title, "/", context, ground=Ground("everything"))


def _known(outcome: Row, found: Sequence[Row], topic: Topic) -> Known:
    titles = {c.id: c.title for c in topic.comparisons}
    rows = [row for row in found if row["outcome"] == outcome["id"] and row["role"] == "evidence"]
    return Known(outcome["id"], outcome["title"], tuple(_finding(row, titles) for row in rows))


def _finding(row: Row, titles: dict[str, str]) -> Finding:
    return Finding(
        row=row,
        title=titles.get(str(row["comparison"]), ""),
        when=window_words(row["window"]),
        measure=measure_words(row["measure"]),
        value=scaled(row["estimate"], row["scale"]),
        bounds=interval(row["ci_low"], row["ci_high"], row["scale"]),
        set=SETS[row["set"]],
    )
