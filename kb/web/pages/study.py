"""``/-/study/<id>``: everything of one study; also of a document that no sheet has made a study of."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from kb.stages.topic import topic_of
from kb.store.rows import Row, fetch
from kb.vocabulary import Vocabulary, vocabulary_of
from kb.web import queries
from kb.web.passages import Piece, pieces
from kb.web.plots import Labels, Plot, bias_plot, course_plot
from kb.web.reading import Told, comparison_titles, labels_of, told
from kb.web.registry import Registration, registrations
from kb.web.show import Asked, Page, Problem
from kb.web.since import Ground
from kb.web.words import SETS, interval, scaled, window_words


@dataclass(frozen=True, slots=True)
class Bias:
    """The judgements by one instrument."""

    instrument: str
    rows: tuple[Row, ...]
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a study on one outcome, and their course over time where there is one."""

    outcome: str
    title: str
    figures: tuple[Told, ...]
    course: Plot | None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the study's documents."""

    notices: tuple[Row, ...]
    events: tuple[Row, ...]
    similar: tuple[Row, ...]
    citing: tuple[Row, ...]
    references: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a document, its figures marked."""

    row: Row
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class StudyPage:
    """Everything on a study's page; study None for a document that stands for itself."""

    id: str
    label: str
    title: str
    study: Row | None
    retracted: bool
    withdrawn: bool
    documents: tuple[Row, ...]
    passages: tuple[Passage, ...]
    arms: tuple[Row, ...]
    cohorts: tuple[Row, ...]
    sharing: tuple[Row, ...]
    bias: tuple[Bias, ...]
    results: tuple[Result, ...]
    fed: tuple[Row, ...]
    registered: tuple[Registration, ...]
    around: Around
    drifted: tuple[Row, ...]
    missing: tuple[Row, ...]
    labels: Labels


def page(db: Database, asked: Asked) -> Page:
    """A study, or a document, by its id."""
    name = asked.names["id"]
    found = fetch(db, queries.STUDY, {"id": name})
    wanted = queries.DOCUMENTS_OF_STUDY if found else queries.DOCUMENT
    documents = fetch(db, wanted, {"study": name, "id": name})
    if not found and not documents:
        raise Problem(404, f"There is no study or document {name[:120]}.")
    context = _context(db, name, found[0] if found else None, documents, labels_of(db, asked))
    # a document that belongs to a study has that study's page as its canonical place
    canonical = name if found else documents[0]["study"] or name
    title = f"{context.label}: {context.title}" if found else context.title
    return Page("kb/study.html", title, f"/-/study/{canonical}", context, ground=Ground("study", name))


def _context(
    db: Database, name: str, study: dict[str, Any] | None, documents: Sequence[Row], labels: Labels
) -> StudyPage:
    key = {"study": name, "id": name}
    titles = comparison_titles(db)
    arms, ids = fetch(db, queries.ARMS, key), [d["id"] for d in documents]
    results, vocabulary = _results(db, name, labels), vocabulary_of(topic_of(db))
    numbers = fetch(db, queries.REGISTRATIONS, {"documents": json.dumps(ids)})
    return StudyPage(
        id=name,
        label=labels.study(name),
        title=study["title"] if study else documents[0]["title"] or name,
        study=study,
        retracted=any(d["retracted"] for d in documents),
        withdrawn=bool(documents) and all(d["withdrawn"] for d in documents),
        documents=tuple(documents),
        passages=() if study else tuple(_passages(db, name)),
        arms=tuple(arms),
        cohorts=tuple(fetch(db, queries.COHORTS_OF_STUDY, key)),
        sharing=tuple(fetch(db, queries.SHARING, key)),
        bias=tuple(_bias(name, fetch(db, queries.RISK_OF_BIAS, key), labels)),
        results=results,
        fed=tuple(_fed(row, titles) for row in fetch(db, queries.FED_BY_STUDY, key)),
        registered=registrations(numbers, study, arms, (r.outcome for r in results), vocabulary),
        around=_around(db, ids),
        drifted=tuple(fetch(db, queries.DRIFTED, {"documents": json.dumps(ids)})),
        missing=tuple(fetch(db, queries.MISSING, {"documents": json.dumps(ids)})),
        labels=labels,
    )


def _passages(db: Database, document: str) -> Iterator[Passage]:
    for row in fetch(db, queries.SECTIONS, {"document": document}):
        spans = fetch(db, queries.FIGURES_OF_SECTION, {"section": row["id"]})
        yield Passage(row, tuple(pieces(row["text"], "", spans)))


def _bias(study: str, rows: Iterable[Row], labels: Labels) -> Iterable[Bias]:
    for instrument, group in groupby(rows, key=lambda r: r["instrument"]):
        judged = tuple(group)
        yield Bias(instrument, judged, bias_plot(study, judged, labels))


def _results(db: Database, study: str, labels: Labels) -> tuple[Result, ...]:
    vocabulary = vocabulary_of(topic_of(db))
    figures = told(db, fetch(db, queries.SPEAKING_OF_STUDY, {"study": study}), labels)
    groups = groupby(figures, key=lambda t: (t.row["outcome_id"], t.row["outcome_title"] or t.row["outcome"]))
    return tuple(_result(id_, title, tuple(group), vocabulary, labels) for (id_, title), group in groups)


def _result(
    outcome: str | None, title: str, figures: tuple[Told, ...], vocabulary: Vocabulary, labels: Labels
) -> Result:
    known = vocabulary.by_id(outcome) if outcome else None
    course = course_plot((t.row for t in figures), known, labels, f"{title} over time") if known else None
    return Result(outcome or "", title, figures, course)


def _fed(row: Row, titles: dict[str, str]) -> dict[str, Any]:
    return {
        **row,
        "title": titles.get(row["comparison"], row["comparison"]),
        "when": window_words(row["window"]),
        "shown": scaled(row["estimate_value"], row["scale"]),
        "bounds": interval(row["ci_low"], row["ci_high"], row["scale"]),
        "set_words": SETS[row["set"]],
    }


def _around(db: Database, documents: Sequence[str]) -> Around:
    key = {"documents": json.dumps(documents)}
    links = fetch(db, queries.LINKS, key)
    return Around(
        notices=tuple(fetch(db, queries.NOTICES, key)),
        events=tuple(fetch(db, queries.EVENTS, key)),
        similar=tuple(row for row in links if row["kind"] == "similar"),
        citing=tuple(row for row in links if row["kind"] == "cited_by"),
        references=tuple(fetch(db, queries.REFERENCES, key)),
    )
