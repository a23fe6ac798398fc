"""``/-/review/text/<document>``: add a figure that the machine missed by marking its text; finish a text."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from kb.errors import NotTaken
from kb.evidence.deciding import Case, Said
from kb.stages.deciding import cases_at
from kb.stages.reviewing import Kept, add, finish, take_back
from kb.stages.topic import topic_of
from kb.store.reviewing import finished_at
from kb.store.rows import Row, fetch
from kb.vocabulary import vocabulary_of
from kb.web.act import Done
from kb.web.people import Person
from kb.web.reading import labels_of, one
from kb.web.review import queries
from kb.web.review.forms import Fields, figure_in, marked_in, which_in
from kb.web.review.one import done
from kb.web.review.queue import PATH
from kb.web.review.state import path_of, reviewer_of
from kb.web.review.texts import Term, Text, terms_in, texts_of
from kb.web.show import Asked, Page
from kb.web.words import spoken


@dataclass(frozen=True, slots=True)
class Added:
    """A figure that the reader added and that may still be taken back."""

    decision: str
    words: str
    quote: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class TextPage:
    """A document under review: its texts, the form to add a figure, the reader's own additions."""

    document: Row
    study: str
    texts: tuple[Text, ...]
    terms: tuple[Term, ...]
    fields: Fields
    note: str
    added: tuple[Added, ...]
    finished: bool
    needed: int
    error: str | None


def page(db: Database, asked: Asked, error: str | None = None) -> Page:
    """A document by its id; a sent form that could not be kept is shown again as it was typed, with the reason."""
    name = asked.names["id"]
    document = one(db, queries.DOCUMENT, {"id": name}, f"There is no document {name[:80]}.")
    topic = topic_of(db)
    vocabulary = vocabulary_of(topic)
    texts = texts_of(db, name)
    who = reviewer_of(asked.person).name
    hashes = {row["sha256"] for row in fetch(db, queries.TEXTS, {"document": name}) if row["kind"] != "title"}
    finished = finished_at(path_of(db))
    outcomes = tuple(sorted((o.name for o in vocabulary.outcomes), key=str.casefold))
    arms = tuple(row["name"] for row in fetch(db, queries.ARMS, {"study": document["study"]}))
    context = TextPage(
        document=document,
        study=labels_of(db, asked).study(document["study"] or name),
        texts=texts,
        terms=terms_in(texts, vocabulary, None),
        fields=Fields(asked.form if error else {}, outcomes, arms),
        note=asked.form.get("note", "") if error else "",
        added=tuple(_added(cases_at(db, path_of(db)), hashes, who)),
        finished=bool(hashes) and all(who in finished.get(one_hash, ()) for one_hash in hashes),
        needed=topic.reviewers_needed,
        error=error,
    )
    title = f"Review the text: {document['title'] or name}"
    status, assets = 422 if error else 200, ("review.css", "review.js")
    return Page("kb/review/text.html", title, f"{PATH}/text/{name}", context, status, assets=assets)


def act(db: Database, path: Path, asked: Asked, person: Person) -> Done | Page:
    """Add a figure, take an own one back, or finish the text; what cannot be kept is shown again with the reason."""
    reviewer, form, document = reviewer_of(person), asked.form, asked.names["id"]
    here = f"{PATH}/text/{document}"
    if form.get("do") == "finish":
        return _finished(db, here, finish(db, path, reviewer, document))
    if form.get("do") == "take back":
        return done(db, here, "taken back", take_back(db, path, reviewer, form.get("decision", "")))
    try:
        figure = figure_in(form, vocabulary_of(topic_of(db)))
        which, marked = which_in(form), marked_in(form)
        kept = add(db, path, reviewer, document, figure, which=which, marked=marked, note=form.get("note"))
    except NotTaken as error:
        return page(db, asked, error=str(error))
    return done(db, here, f"added {str(figure.get('quote'))[:60]!r}", kept)


def _finished(db: Database, here: str, kept: Kept) -> Done:
    if not kept.shown:
        return Done(here, "Kept: you found no other figure missing in this text.")
    return done(db, here, "you finished this text; what others added may be seen now", kept)


def _added(found: list[Case], hashes: set[str], who: str) -> Iterator[Added]:
    for case in found:
        mine = [s for s in case.said if s.decision.reviewer == who]
        if case.added and case.section in hashes and mine and mine[-1].decision.decision == "add":
            yield _one_added(mine[-1])


def _one_added(said: Said) -> Added:
    return Added(said.id, spoken(said.figure), said.figure.quote, said.figure.outcome)
