"""``/-/outcome/<id>``: what the studies say of one outcome, by a model that the address can change."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlite_utils import Database

from kb.evidence.pools import SETS as SET_MEANINGS
from kb.evidence.rscript import r_script
from kb.evidence.subgroups import KINDS
from kb.records import Estimate
from kb.stages.modelling import model
from kb.stages.topic import topic_of
from kb.store.readings import studies_by_id
from kb.store.rows import Row, fetch
from kb.store.weighed import estimates_of
from kb.vocabulary import Outcome, Topic, vocabulary_of
from kb.web import queries
from kb.web.pages.choices import METHODS, TESTS, Chosen, chosen, selected
from kb.web.plots import Labels, Plot, course_plot, forest_plot, funnel_plot
from kb.web.reading import Told, labels_of, one, told
from kb.web.sentences import Plain, patients, plain
from kb.web.show import Asked, Page
from kb.web.since import NAME, Ground, snapshot
from kb.web.subgrouped import Told as Subgrouped
from kb.web.subgrouped import by_subgroups
from kb.web.walk import Step, walk_back
from kb.web.words import SETS, interval, measure_words, months_words, p_words, scaled, window_words

#: Figures listed on the page, known studies first; the table of the view has them all.
MOST = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """One estimate with everything that explains it.

    url and sure are None where the model is the reader's own; then script is the R script that reproduces it.
    split is None where no subgroups were asked for or fewer than two studies are pooled.
    """

    estimate: Estimate
    when: str
    measure: str
    value: str
    bounds: str
    patients: int
    q_p: str
    plain: Plain
    plot: Plot | None
    funnel: Plot | None
    steps: tuple[Step, ...]
    url: str | None
    sure: Row | None
    split: Subgrouped | None
    script: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """The estimates of one comparison."""

    id: str
    title: str
    role: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Reanalyses of one study, arm and time: what its printed numbers allow to compute."""

    study: str
    study_id: str
    arm: str
    time: str
    analysis: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Everything on an outcome page."""

    outcome: Outcome
    topic: Topic
    chosen: Chosen
    methods: dict[str, str]
    tests: dict[str, str]
    sets: dict[str, tuple[str, str]]
    kinds: dict[str, str]
    windows: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    elsewhere: int
    course: Plot | None
    figures: tuple[Told, ...]
    counts: Row
    allowed: tuple[Allowed, ...]
    labels: Labels
    permalink: str
    built: str | None


def page(db: Database, asked: Asked) -> Page:
    """An outcome by its id."""
    row = one(db, queries.OUTCOME, asked.names, f"There is no outcome {asked.names['id'][:80]}.")
    topic = topic_of(db)
    vocabulary = vocabulary_of(topic)
    outcome = vocabulary.by_id(row["id"])
    wish = chosen(asked.query, topic)
    everything = estimates_of(db, outcome.id) if wish.default else model(db, outcome, topic, vocabulary, wish.choice)
    context = _context(db, asked, outcome, topic, wish, everything)
    ground = Ground("outcome", outcome.id)
    return Page("kb/outcome.html", outcome.title, f"/-/outcome/{outcome.id}", context, ground=ground)


def _context(
    db: Database, asked: Asked, outcome: Outcome, topic: Topic, wish: Chosen, everything: list[Estimate]
) -> OutcomePage:
    labels = labels_of(db, asked)
    estimates = selected(everything, wish)
    speaking = fetch(db, queries.SPEAKING_OF_OUTCOME, {"name": outcome.name, "limit": MOST})
    runs = fetch(db, queries.LAST_RUN)
    path = f"{asked.base}/-/outcome/{outcome.id}"
    return OutcomePage(
        outcome=outcome,
        topic=topic,
        chosen=wish,
        methods=METHODS,
        tests=TESTS,
        sets={name: (SETS[name], meaning) for name, meaning in SET_MEANINGS.items()},
        kinds=KINDS,
        windows=tuple((f"{w.months:g}", months_words(w.months)) for w in topic.windows),
        groups=groups(db, estimates, outcome, topic, labels, stored=wish.default, kind=wish.subgroup),
        elsewhere=len(_questions(everything) - _questions(estimates)),
        course=course_plot(speaking, outcome, labels, f"{outcome.title} over time"),
        figures=told(db, speaking, labels),
        counts=one(db, queries.COUNTS_OF_OUTCOME, {"name": outcome.name}, ""),
        allowed=allowed(fetch(db, queries.REANALYSES, {"outcome": outcome.id}), outcome, labels),
        labels=labels,
        permalink=f"{asked.origin}{path}?{wish.query()}&{NAME}={snapshot(db)}",
        built=runs[0]["finished_at"] if runs else None,
    )


def _questions(estimates: Iterable[Estimate]) -> set[tuple[str, str, str]]:
    return {(e.comparison, e.window, e.measure) for e in estimates}


def groups(
    db: Database, estimates: Sequence[Estimate], outcome: Outcome, topic: Topic, labels: Labels, *, stored: bool,
    kind: str | None = None,
) -> tuple[Group, ...]:  # fmt: skip
    """Estimates by comparison, evidence first; comparators stand beside the evidence of their window and measure."""
    splits = by_subgroups(estimates, kind, studies_by_id(db)) if kind else {}
    steps = walk_back(db, estimates, labels)
    sure = certainties(db, estimates) if stored else {}
    comparisons = {c.id: c for c in topic.comparisons}
    ordered = sorted(estimates, key=lambda e: (e.role != "evidence", e.comparison, _time(e), e.measure))
    found = []
    alone = all(e.role == "comparator" for e in estimates)
    for name, group in groupby(ordered, key=lambda e: e.comparison):
        comparison = comparisons[name]
        shown = []
        for e in group:
            title = f"{comparison.title}, {window_words(e.window)}"
            drawn = alone or e.role == "evidence" or e.k > 1
            forest = forest_plot(e, _beside(e, estimates), outcome, labels, title) if drawn else None
            url = f"/-/estimate/{e.id}" if stored else None
            funnel = funnel_plot(e, outcome, labels, title)
            said = plain(e, outcome, comparison.title)
            shown.append(_shown(e, said, steps[e.id], url, forest, funnel, sure.get(e.id), splits.get(e.id)))
        found.append(Group(name, comparison.title, comparison.role, tuple(shown)))
    return tuple(found)


def _time(estimate: Estimate) -> float:
    number = estimate.window.partition(" ")[0]
    return float(number) if number.isdigit() else float("inf")


def _beside(estimate: Estimate, estimates: Iterable[Estimate]) -> list[Estimate]:
    if estimate.role != "evidence":
        return []
    place = (estimate.window, estimate.measure)
    return [e for e in estimates if e.role == "comparator" and (e.window, e.measure) == place]


def certainties(db: Database, estimates: Iterable[Estimate]) -> dict[str, Row]:
    """How sure each of these stored estimates is, by its id: a row of the view certainty."""
    ids = json.dumps([e.id for e in estimates])
    return {row["estimate"]: row for row in fetch(db, queries.CERTAINTY, {"ids": ids})}


def _shown(
    e: Estimate, said: Plain, steps: tuple[Step, ...], url: str | None, plot: Plot | None, funnel: Plot | None,
    sure: Row | None, split: Subgrouped | None,
) -> Shown:  # fmt: skip
    return Shown(
        estimate=e,
        when=window_words(e.window),
        measure=measure_words(e.measure),
        value=scaled(e.estimate, e.scale),
        bounds=interval(e.ci_low, e.ci_high, e.scale),
        patients=patients(e),
        q_p=p_words(e.q_p),
        plain=said,
        plot=plot,
        funnel=funnel,
        steps=steps,
        url=url,
        sure=sure,
        split=split,
        script=None if url else r_script(e),
    )


#: Reanalyses whose numbers are not in the outcome's unit; a correlation is printed like a ratio.
SCALES = {"responders": "percent", "allowed correlations": "ratio"}


def allowed(rows: Iterable[Row], outcome: Outcome, labels: Labels) -> tuple[Allowed, ...]:
    """Reanalyses as tables: one a study, arm, time and kind of analysis."""
    own = "points" if outcome.type == "continuous" else "percent"
    keys = ("study", "arm", "months", "analysis")
    found = []
    for (study, arm, months, analysis), group in groupby(rows, key=lambda r: tuple(r[k] for k in keys)):
        told = tuple(_reanalysis(row, SCALES.get(analysis, own)) for row in group)
        found.append(Allowed(labels.study(study), study, arm, months_words(months), analysis, told))
    return tuple(found)


def _reanalysis(row: Row, scale: str) -> dict[str, str]:
    value = "" if row["estimate"] is None else scaled(row["estimate"], scale)
    return {
        "parameter": row["parameter"],
        "note": row["note"].replace("-", "−") if row["analysis"] == "correlation" else row["note"],
        "value": value,
        "bounds": interval(row["ci_low"], row["ci_high"], scale),
    }
