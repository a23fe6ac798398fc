"""``/-/review/<figure>``: one figure in its whole text, what the checks say of it, and the form to decide with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from kb.errors import NotTaken
from kb.evidence.deciding import Case, Said, settle_answers, shown
from kb.records import Figure
from kb.stages.deciding import difference, key_of
from kb.stages.reviewing import Answer, Kept, judge, settles
from kb.stages.topic import topic_of
from kb.store.readings import figure_of
from kb.store.rows import Row, fetch
from kb.vocabulary import Vocabulary, vocabulary_of
from kb.web import queries as asked_elsewhere
from kb.web.act import Done
from kb.web.pages.figure import BASES, READ
from kb.web.people import Person
from kb.web.reading import labels_of, one
from kb.web.review import queries
from kb.web.review.forms import Fields, figure_in, values_of
from kb.web.review.moved import Moved, in_short, moved
from kb.web.review.queue import PATH, Filters, filters_in, filters_of, next_after
from kb.web.review.state import known, path_of, reviewer_of
from kb.web.review.texts import Term, Text, terms_in, texts_of
from kb.web.show import Asked, Page
from kb.web.words import months_words, printed, spoken, window_words

#: What is said where another program held the database longer than we wait.
LATE = "Your decision is kept. Another program is writing to the database, so the estimates follow with the next one."


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything on the page of a figure under review."""

    row: Row
    figure: Figure
    words: str
    time: str
    window: str
    study: str
    texts: tuple[Text, ...]
    terms: tuple[Term, ...]
    mesh: tuple[Row, ...]
    read: tuple[tuple[str, str], ...]
    basis: str
    verdicts: tuple[Row, ...]
    same: tuple[Row, ...]
    mine: tuple["Line", ...]
    others: tuple["Line", ...]
    state: str
    needed: int
    people: int
    settling: bool
    corrected: tuple[Row, ...]
    moves: tuple[Moved, ...]
    fields: Fields
    judged: str
    after: str
    note: str
    following: str | None
    filters: Filters
    error: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One answer in words: who, what, and what a correction changes."""

    reviewer: str
    role: str
    decision: str
    changes: tuple[str, ...]
    note: str | None
    at: str


def page(db: Database, asked: Asked, error: str | None = None) -> Page:
    """A figure by its id; a sent form that could not be kept is shown again as it was typed, with the reason."""
    wanted = _judged_from(db, asked.names["id"])
    row = one(db, asked_elsewhere.FIGURE, {"id": wanted}, f"There is no figure {wanted[:80]}.")
    found = known(db, path_of(db), reviewer_of(asked.person))
    figure = figure_of(row)
    case = found.cases.get(row["id"]) or Case("", figure, ())
    vocabulary = vocabulary_of(topic_of(db))
    texts = texts_of(db, row["document"], row["id"])
    mine = [s for s in case.said if s.decision.reviewer == found.reviewer.name]
    open_ = shown(case, found.needed)
    filters = filters_of(asked.form) if asked.form else filters_in(asked.query)
    context = OnePage(
        row=row,
        figure=figure,
        words=spoken(figure, row["joined_n"], row["joined_events"], row["joined_percent"]),
        time=months_words(row["months"]),
        window=window_words(row["window"]),
        study=labels_of(db, asked).study(row["standing_study"] or row["document_study"] or row["document"]),
        texts=texts,
        terms=terms_in(texts, vocabulary, row["outcome"]),
        mesh=tuple(fetch(db, queries.MESH, {"document": row["document"], "study": row["document_study"]})),
        read=tuple((name, _shown(figure, key)) for key, name in READ if getattr(figure, key) is not None),
        basis=BASES.get(row["basis"] or "", row["basis"] or "not weighed"),
        verdicts=tuple(fetch(db, asked_elsewhere.VERDICTS, row)),
        same=tuple(_same(db, row)),
        mine=tuple(_line(s, figure) for s in mine),
        others=tuple(_line(s, figure) for s in case.said if s not in mine) if open_ else (),
        state="drifted" if row["drifted"] else _state(case, open_=open_, inside=bool(mine)),
        needed=found.needed,
        people=len(case.people) if open_ else 0,
        settling=settles(case, found.reviewer, found.needed),
        corrected=tuple(fetch(db, queries.CORRECTED, row)),
        moves=moved(db, fetch(db, queries.MOVES, row)) if open_ else (),
        fields=_fields(db, row, vocabulary, asked.form if error and "kind" in asked.form else values_of(figure)),
        judged=key_of(figure),
        after=mine[-1].id if mine else "",
        note=asked.form.get("note", "") if error else "",
        following=next_after(db, found, filters, row["id"]),
        filters=filters,
        error=error,
    )
    title = f"Review: {context.words}"
    return Page("kb/review/one.html", title, f"{PATH}/{wanted}", context, 422 if error else 200, assets=("review.css",))


def act(db: Database, path: Path, asked: Asked, person: Person) -> Done | Page:
    """Keep the answer of the form and lead on to the next figure; what cannot be kept is shown again with why."""
    reviewer, form = reviewer_of(person), asked.form
    filters = filters_of(form)
    decision = form.get("decision", "")
    try:
        correction = _correction(db, asked) if decision == "correct" else None
        answer = Answer(
            asked.names["id"], decision, form.get("judged", ""), form.get("after", ""), form.get("note"), correction
        )  # fmt: skip
        # before the answer moves anything: a figure that now disagrees with another has another place in the queue
        found = known(db, path, reviewer)
        following = next_after(db, found, filters, answer.figure)
        kept = judge(db, path, reviewer, answer, found.everything)
    except NotTaken as error:
        return page(db, asked, error=str(error))
    to = f"{PATH}/{following}{filters.query}" if following else f"{PATH}{filters.query}"
    return done(db, to, decision, kept)


def done(db: Database, to: str, what: str, kept: Kept) -> Done:
    """Where the reviewer is led, and what became of the decision."""
    if kept.late:
        return Done(to, f"Kept: {what}. {LATE}", "warning")
    if not kept.shown:
        return Done(to, f"Kept: {what}. It is shown to nobody else, and moves nothing, until the others have answered.")
    return Done(to, f"Kept: {what}. {in_short(moved(db, kept.moves))}")


def _correction(db: Database, asked: Asked) -> Mapping[str, object]:
    """The correction of the form. Raises NotTaken."""
    row = one(db, asked_elsewhere.FIGURE, {"id": asked.names["id"]}, f"There is no figure {asked.names['id'][:80]}.")
    return figure_in(asked.form, vocabulary_of(topic_of(db)), row["outcome"])


def _judged_from(db: Database, figure: str) -> str:
    """The figure that this one corrects, else itself."""
    rows = fetch(db, queries.JUDGED_FROM, {"id": figure})
    return str(rows[0]["judged"]) if rows and rows[0]["judged"] else figure


def _shown(figure: Figure, key: str) -> str:
    value = getattr(figure, key)
    if key in ("confidence", "ci_level"):
        return f"{value:g}"
    return printed(figure, key) if isinstance(value, float | int) else str(value)


def _same(db: Database, row: Row) -> Iterator[Row]:
    """Other readings of the same result, each with its numbers in words: the sheet beside the machine."""
    asked = {"study": row["standing_study"], "arm": row["study_arm"] or row["arm"]}
    others = fetch(
        db, asked_elsewhere.SAME_RESULT, {**asked, **{k: row[k] for k in ("outcome", "kind", "window", "id")}}
    )
    for other in others:
        figure = one(db, asked_elsewhere.FIGURE, {"id": other["figure"]}, "")
        yield {**other, "words": spoken(figure_of(figure)), "reader": figure["reader"], "place": figure["place"]}


def _line(said: Said, figure: Figure) -> Line:
    d = said.decision
    changes = tuple(difference(figure, d.correction)) if d.correction else ()
    return Line(d.reviewer, d.role, d.decision, changes, said.note, said.at[:16].replace("T", " "))


def _state(case: Case, *, open_: bool, inside: bool) -> str:
    """What the figure waits for, as its reader may know it."""
    if not open_:
        return "waits for others" if inside else "awaits you"
    settled = settle_answers(case.decisions)
    if settled.state == "conflict":
        return "conflict"
    if settled.state == "unsure":
        return "nobody is sure"
    return f"settled: {settled.answer} ({settled.ground})"


def _fields(db: Database, row: Row, vocabulary: Vocabulary, values: Mapping[str, str]) -> Fields:
    outcomes = tuple(sorted({o.name for o in vocabulary.outcomes} | {row["outcome"]} - {None}, key=str.casefold))
    arms = tuple(r["name"] for r in fetch(db, queries.ARMS, {"study": row["standing_study"]}))
    return Fields(values, outcomes, arms)
