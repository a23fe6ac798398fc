"""``/-/screen`` and ``/-/screen/<document>``: one record after the other, first title and abstract, then full text.

Who screens sees nothing of another's decision before as many have decided as the topic asks for: what is not disclosed
stands in no table of the database, and of the file of decisions this page reads only the person's own.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from analysis.agreement import Agreement, agreement
from kb.errors import NotTaken
from kb.evidence.screening import FULL_TEXT, RETRIEVALS, STAGES, TITLE_ABSTRACT, independent, people, settle
from kb.records import Vote
from kb.stages import screening
from kb.stages.topic import topic_of
from kb.store.rows import Row, fetch
from kb.store.screening import Kept, kept_at
from kb.vocabulary import Topic
from kb.web import screening as queries
from kb.web.act import Done
from kb.web.people import ADJUDICATE, ROLES, Person
from kb.web.show import Asked, Page, Problem

ASSETS = ("screen.css", "screen.js")
STAGE_WORDS = {TITLE_ABSTRACT: "Title and abstract", FULL_TEXT: "Full text"}
SAID = {"include": "Included", "exclude": "Excluded", "unsure": "Not sure", **{r: r.capitalize() for r in RETRIEVALS}}
#: Characters of the longest note, and of a title in a message.
LONGEST_NOTE, LINE = 4000, 80


@dataclass(frozen=True, slots=True)
class Record:
    """A record as a screener reads it. texts are the abstract's sections; mine are the person's own decisions on it."""

    row: Row
    id: str
    title: str
    texts: tuple[Row, ...]
    headings: tuple[Row, ...]
    kinds: tuple[str, ...]
    sources: tuple[Row, ...]
    twins: tuple[Row, ...]
    full_texts: tuple[Row, ...]
    mine: tuple[Kept, ...]
    shown: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What may be decided now: role reviewer or adjudicator; None where nothing, and why."""

    role: str | None
    why: str | None
    retrieval: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far two screeners agree at one stage, before either knew the other's decision."""

    stage: str
    people: str
    found: Agreement


@dataclass(frozen=True, slots=True)
class ScreenPage:
    """Everything on a page of screening; record None where nothing waits."""

    topic: Topic
    stage: str
    stages: dict[str, str]
    record: Record | None
    form: Form
    counts: dict[str, Row]
    last: tuple[Kept, str] | None
    conflicts: tuple[Row, ...]
    agreed: tuple[Agreed, ...]
    ranking: Row | None
    unseen: Row | None
    said: dict[str, str]
    person: Person
    alone: bool


def queue(db: Database, asked: Asked) -> Page:
    """The next record of a stage for whoever asks."""
    stage = asked.query.get("stage") or TITLE_ABSTRACT
    if stage not in STAGES:
        raise Problem(400, f"stage must be {' or '.join(STAGES)}.")
    own = _own(db, asked)
    rows = fetch(db, queries.NEXT[stage], {"mine": _mine(db, own, stage)})
    path = "/-/screen" if stage == TITLE_ABSTRACT else f"/-/screen?stage={stage}"
    return _page(db, asked, stage, own, rows[0]["document"] if rows else None, path)


def record(db: Database, asked: Asked) -> Page:
    """One record, whoever has decided what of it: the place to decide anew, or to settle a conflict."""
    found = fetch(db, queries.RECORD, {"id": asked.names["id"]})
    if not found:
        raise Problem(404, f"There is no record {asked.names['id'][:120]} to screen.")
    stage = asked.query.get("stage") or (FULL_TEXT if found[0]["title_abstract"] == "include" else TITLE_ABSTRACT)
    if stage not in STAGES:
        raise Problem(400, f"stage must be {' or '.join(STAGES)}.")
    name = found[0]["document"]
    return _page(db, asked, stage, _own(db, asked), name, f"/-/screen/{name}")


def _person(asked: Asked) -> Person:
    if asked.person is None:  # the route asks for a role, so this is a site that lets in who has no name
        raise Problem(401, "Nobody is signed in. This page is for reviewers.")
    return asked.person


def _own(db: Database, asked: Asked) -> list[Kept]:
    """What the person has decided so far, oldest first; a copy without its file of decisions has nothing."""
    file = fetch(db, "select file from pragma_database_list where name = 'main'")[0]["file"]
    name = _person(asked).name
    return [one for one in kept_at(Path(file)) if one.vote.reviewer == name] if file else []


def _mine(db: Database, own: Iterable[Kept], stage: str) -> str:
    """The records that the person has decided on at a stage, as a JSON list."""
    ids = json.dumps([one.document for one in own if one.stage == stage])
    return json.dumps([row["record"] for row in fetch(db, queries.WORKS, {"ids": ids})])


def _page(db: Database, asked: Asked, stage: str, own: Sequence[Kept], name: str | None, path: str) -> Page:
    topic, person = topic_of(db), _person(asked)
    found = _record(db, name, own) if name else None
    context = ScreenPage(
        topic=topic,
        stage=stage,
        stages=STAGE_WORDS,
        record=found,
        form=_form(found, stage, topic, person) if found else Form(None, None, retrieval=False),
        counts={one: fetch(db, queries.COUNTS[one], {"mine": _mine(db, own, one)})[0] for one in STAGES},
        last=_last(db, own),
        conflicts=tuple(fetch(db, queries.CONFLICTS)),
        agreed=tuple(agreed(fetch(db, queries.VOTES), topic.reviewers_needed)),
        ranking=next(iter(fetch(db, queries.RANKING)), None),
        unseen=next(iter(fetch(db, queries.UNSEEN)), None),
        said=SAID,
        person=person,
        alone=name is not None and path.startswith("/-/screen/"),
    )
    title = f"{found.title[:LINE]}: screening" if context.alone and found else f"Screening: {STAGE_WORDS[stage]}"
    return Page("kb/screen.html", title, path, context, assets=ASSETS)


def _record(db: Database, name: str, own: Sequence[Kept]) -> Record:
    row = fetch(db, queries.RECORD, {"id": name})[0]
    key = {"id": name}
    twins = fetch(db, queries.TWINS, key)
    names = {name, *(twin["document"] for twin in twins)}
    printed = fetch(db, queries.PRINTED, key)
    return Record(
        row=row,
        id=name,
        title=row["title"] or (printed[0]["title"] if printed else name),
        texts=tuple(fetch(db, queries.TEXTS, key)),
        headings=tuple(fetch(db, queries.HEADINGS, key)),
        kinds=tuple(kind["text"] for kind in fetch(db, queries.KINDS, key)),
        sources=tuple(fetch(db, queries.SOURCES, key)),
        twins=tuple(twins),
        full_texts=tuple(fetch(db, queries.FULL_TEXTS, key)),
        mine=tuple(one for one in own if one.document in names),
        shown=tuple(fetch(db, queries.SHOWN, key)),
    )


def _form(found: Record, stage: str, topic: Topic, person: Person) -> Form:
    """Who may still decide, by what may be seen; the stage that writes asks again."""
    said = [vote_of(row) for row in found.shown if row["stage"] == stage]
    outcome = settle(said, stage, topic.reviewers_needed)
    if stage == FULL_TEXT and found.row["title_abstract"] != "include":
        return Form(None, "Full text comes after title and abstract are included.", retrieval=False)
    retrieval = stage == FULL_TEXT
    if outcome.state is None or person.name in people(said):
        return Form("reviewer", None, retrieval)
    settles = outcome.state == "conflict" or any(vote.role == "adjudicator" for vote in said)
    if settles and ADJUDICATE in ROLES[person.role]:
        return Form("adjudicator", None, retrieval)
    return Form(None, "This record has all the decisions it needs.", retrieval)


def vote_of(row: Row) -> Vote:
    """A served decision as a vote."""
    return Vote(row["reviewer"], row["decision"], row["reason"], row["role"])


def _last(db: Database, own: Sequence[Kept]) -> tuple[Kept, str] | None:
    """The person's newest decision and the title of its record: the one that one might want to undo."""
    newest = max((one for one in own if one.stage in STAGES), key=lambda one: one.at, default=None)
    return None if newest is None else (newest, _title(db, newest.document))


def agreed(rows: Iterable[Row], needed: int) -> Iterable[Agreed]:
    """Agreement at each stage of each two people who screened together."""
    if needed < 2:
        return
    pairs: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    ordered = sorted(rows, key=lambda row: (row["stage"] != TITLE_ABSTRACT, row["record"]))
    for _, group in groupby(ordered, key=lambda row: (row["stage"], row["record"])):
        votes = list(group)
        first = independent([vote_of(row) for row in votes], needed)
        if first is not None:
            one, other = sorted(first[:2], key=lambda vote: vote.reviewer)
            key = (votes[0]["stage"], one.reviewer, other.reviewer)
            pairs.setdefault(key, []).append((one.decision, other.decision))
    for (stage, first_name, second_name), answers in pairs.items():
        yield Agreed(STAGE_WORDS[stage], f"{first_name} and {second_name}", agreement(answers))


def act(db: Database, path: Path, asked: Asked, person: Person) -> Done:
    """Keep what a screener decided on a record and lead on to the next one."""
    return _kept(db, path, asked, person, "reviewer")


def settle_conflict(db: Database, path: Path, asked: Asked, person: Person) -> Done:
    """Keep what an adjudicator says where screeners disagree."""
    return _kept(db, path, asked, person, "adjudicator")


def _kept(db: Database, path: Path, asked: Asked, person: Person, role: str) -> Done:
    """An answer is ``include``, ``unsure``, ``exclude/<reason>`` or one of RETRIEVALS. Raises Problem."""
    topic, name, stage = topic_of(db), asked.names["id"], asked.form.get("stage", "")
    decision, _, reason = asked.form.get("answer", "").partition("/")
    note = _note(asked)
    try:
        if decision in RETRIEVALS:
            new = screening.retrieve(db, path, topic, name, decision, person.name, note)
        else:
            vote = Vote(person.name, decision, reason or None, role)
            new = screening.decide(db, path, topic, name, stage, vote, note)
    except NotTaken as error:
        raise Problem(409, f"Nothing was kept: {error}.") from error
    back = "/-/screen" if stage == TITLE_ABSTRACT else f"/-/screen?stage={FULL_TEXT}"
    words = f"{SAID[decision]}{f' ({reason})' if reason else ''}: {_title(db, name)}"
    return Done(back, words) if new else Done(back, f"{words}. That was kept already.", "warning")


def _note(asked: Asked) -> str | None:
    note = asked.form.get("note", "").replace("\r\n", "\n").strip() or None
    if note is not None and len(note) > LONGEST_NOTE:
        raise Problem(400, f"The note is too long: {len(note)} characters, and {LONGEST_NOTE} are kept.")
    return note


def _title(db: Database, name: str) -> str:
    rows = fetch(db, "select title from documents where id = ?", [name])
    title: str = (rows[0]["title"] if rows else None) or name
    return title if len(title) <= LINE else f"{title[: LINE - 1]}…"


def rank(db: Database, _path: Path, _asked: Asked, _person: Person) -> Done:
    """Learn the order again from what is settled now."""
    new = screening.rank_again(db)
    rows: list[dict[str, Any]] = fetch(db, queries.RANKING)
    if not rows:
        return Done(
            "/-/screen", "Nothing to learn from yet: it takes a settled inclusion and a settled exclusion.", "warning"
        )
    words = f"{rows[0]['included']} included and {rows[0]['excluded']} excluded records"
    if not new:
        return Done("/-/screen", f"The order is learned from {words} already.", "warning")
    return Done("/-/screen", f"{rows[0]['ranked']} records are ranked by what {words} have in common.")
