"""What a reviewer does: judge a figure, add one that was missed, finish a text, take a figure back.

A decision is appended first, to the file beside the database. Where as many people have answered as the topic asks
for, the figures and estimates follow at once, and how they moved is kept. While another program writes to the database
the estimates wait; the decision is safe.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kb.errors import NothingThere, NotTaken
from kb.evidence.deciding import Case, plain, settle_answers, shown
from kb.extract.gate import Refused, judge_json
from kb.records import Figure
from kb.stages.building import rebuild
from kb.stages.deciding import cases_at, key_of
from kb.stages.topic import topic_of
from kb.store.connection import open_decisions
from kb.store.decisions import decisions_at, record_decision
from kb.store.readings import figure_of
from kb.store.reviewing import (
    NUMBERS,
    estimates_with,
    figure_to_judge,
    finish_texts,
    keep_moves,
    moves_of,
    numbers,
    studies_of,
)
from kb.store.rows import Row, fetch

#: Milliseconds that estimates wait for another program's write to end; the decision itself does not wait.
PATIENCE_MS = 10_000

ANSWERS = ("accept", "correct", "reject", "unsure")
LONGEST_NOTE = 4000

#: The current texts of a document that figures stand in: titles and other languages hold none.
TEXTS = """select s.id, s.sha256, s.text, coalesce(d.study, d.id) as study from sections s
join documents d on d.id = s.document
where s.document = ? and s.current = 1 and d.withdrawn = 0 and s.kind in ('abstract', 'statement', 'body', 'table')
order by s.position"""

SAME_PLACE = 'select * from figures where section = ? and start = ? and "end" = ? and drifted = 0'


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, as the server knows it; may_settle: whether conflicts between others may be settled."""

    name: str
    may_settle: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer says of a figure.

    judged: what the figure said when the page was opened (key_of). after: id of the reviewer's newest decision on it
    then, empty for none. Both keep a form that is sent late, or twice, from saying what nobody meant.
    """

    figure: str
    decision: str
    judged: str
    after: str = ""
    note: str | None = None
    correction: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a decision: its id, whether it may be seen now, how estimates moved, whether they still wait."""

    id: str
    shown: bool
    moves: Sequence[Row] = ()
    late: bool = False


def case_of(found: Iterable[Case], section: str, figure: Figure) -> Case:
    """The case of a reading at its place; an empty one while nobody has answered."""
    wanted = plain(figure)
    return next((c for c in found if (c.section, c.figure) == (section, wanted)), Case(section, wanted, ()))


def settles(case: Case, reviewer: Reviewer, needed: int) -> bool:
    """Whether this answer would settle a conflict: it is open, and the reviewer is not one of those who disagree."""
    if not reviewer.may_settle or not shown(case, needed):
        return False
    if any(d.role == "adjudicator" and d.reviewer == reviewer.name for d in case.decisions):
        return True
    return reviewer.name not in case.people and settle_answers(case.decisions).state == "conflict"


def judge(db: Database, path: Path, reviewer: Reviewer, answer: Answer, known: Iterable[Case]) -> Kept:
    """Keep what a reviewer says of a figure, and let the estimates follow where it may be seen.

    known is all that was said before (cases_at).

    Raises:
        NothingThere: there is no such figure.
        NotTaken: the answer cannot be kept as it came; nothing was written.
    """
    row = _row(db, answer)
    figure = figure_of(row)
    needed = topic_of(db).reviewers_needed
    case = case_of(known, row["section_sha256"], figure)
    mine = [s for s in case.said if s.decision.reviewer == reviewer.name]
    if answer.after != (mine[-1].id if mine else ""):
        raise NotTaken("you have decided on this figure since this page was opened; nothing was added")
    role = "adjudicator" if settles(case, reviewer, needed) else "reviewer"
    if role == "adjudicator" and answer.decision == "unsure":
        raise NotTaken("a conflict is settled by accept, correct or reject; leave it open while you are not sure")
    correction = _corrected(row, figure, answer)
    said = {
        "figure": row["id"], **_place(row["section_sha256"], figure), "decision": answer.decision,
        "correction": json.dumps(correction.as_json()) if correction else None,
        "note": _note(answer.note), "reviewer": reviewer.name, "role": role,
    }  # fmt: skip
    return _keep(db, path, said, row["study"])


def add(
    db: Database, path: Path, reviewer: Reviewer, document: str, figure: Mapping[str, Any], *,
    which: int | None = None, marked: tuple[str, int] | None = None, note: str | None = None,
) -> Kept:  # fmt: skip
    """Keep a figure that the machine missed: its quote must stand in the document and hold its numbers.

    Where the quote stands at several places, which tells them apart, 1 being the first, or marked does: the section's
    id and the first character. Raises NothingThere, NotTaken.
    """
    texts = _texts(db, document)
    section, placed = _placed(figure, texts, which, marked)
    here = fetch(db, SAME_PLACE, [section["id"], placed.start, placed.end])
    if same := [row["id"] for row in here if plain(figure_of(row)) == plain(placed)]:
        raise NotTaken(f"this figure is there already: {same[0]}")
    case = case_of(cases_at(db, path), section["sha256"], placed)
    mine = [s for s in case.said if s.decision.reviewer == reviewer.name]
    if mine and mine[-1].decision.decision == "add":
        raise NotTaken("you have added this figure already")
    said = {
        "figure": None, **_place(section["sha256"], placed), "decision": "add", "correction": None,
        "note": _note(note), "reviewer": reviewer.name, "role": "reviewer",
    }  # fmt: skip
    return _keep(db, path, said, section["study"])


def take_back(db: Database, path: Path, reviewer: Reviewer, decision: str) -> Kept:
    """Reject a figure that one added oneself, by the id of that decision. Raises NothingThere."""
    mine = {d["id"]: d for d in decisions_at(path) if d["reviewer"] == reviewer.name and d["decision"] == "add"}
    if decision not in mine:
        raise NothingThere(f"no figure added by you under {decision}")
    d = mine[decision]
    said = {key: d[key] for key in ("figure", "section_sha256", "start", "end", "quote", "reading", "reviewer", "role")}
    study = next(iter(studies_of(db, [d["section_sha256"]])))
    return _keep(db, path, {**said, "decision": "reject", "correction": None, "note": None}, study)


def finish(db: Database, path: Path, reviewer: Reviewer, document: str) -> Kept:
    """Keep that the reviewer read a document to its end; what others added there may be seen then.

    Raises NothingThere.
    """
    texts = _texts(db, document)
    hashes = {text["sha256"] for text in texts}
    finish_texts(path, document, sorted(hashes), reviewer.name)
    needed = topic_of(db).reviewers_needed
    found = cases_at(db, path)
    opened = [c for c in found if c.added and c.section in hashes and shown(c, needed)]
    if not opened:
        return Kept("", shown=False)
    return _followed(db, path, opened[-1].said[-1].id, opened[-1], {texts[0]["study"], *_waiting(db, found, needed)})


def _row(db: Database, answer: Answer) -> Row:
    row = figure_to_judge(db, answer.figure)
    if row is None:
        raise NothingThere(f"no figure {answer.figure}")
    if answer.decision not in ANSWERS:
        raise NotTaken(f"{answer.decision[:40]!r} is no answer; say {', '.join(ANSWERS)}")
    if row["judged"] is not None:
        raise NotTaken(f"this figure is a correction of {row['judged']}; decide on that one")
    if row["drifted"]:
        raise NotTaken("the text does not say this any more, so there is nothing to decide on")
    if answer.judged != key_of(figure_of(row)):
        raise NotTaken("this figure is read differently now than when the page was opened; look at it again")
    return row


def _place(section: str, figure: Figure) -> dict[str, Any]:
    return {
        "section_sha256": section, "start": figure.start, "end": figure.end, "quote": figure.quote,
        "reading": json.dumps(figure.as_json()),
    }  # fmt: skip


def _note(note: str | None) -> str | None:
    if note is not None and len(note) > LONGEST_NOTE:
        raise NotTaken(f"the note has {len(note):,} characters; {LONGEST_NOTE:,} are the most")
    return (note or "").strip() or None


def _corrected(row: Row, figure: Figure, answer: Answer) -> Figure | None:
    """The figure as it should be, through the quote gate; None unless the answer is a correction."""
    if answer.decision != "correct":
        return None
    text = {"id": row["section"], "text": row["section_text"]}
    _, placed = _placed(answer.correction or {}, [text], None, (row["section"], figure.start))
    if plain(placed) == plain(figure):
        raise NotTaken("the correction says what the figure says; accept it, or change something")
    return plain(placed)


def _placed(
    figure: Mapping[str, Any], texts: Sequence[Row], which: int | None, marked: tuple[str, int] | None
) -> tuple[Row, Figure]:
    """The text that a typed figure stands in, and the figure at its place there. Raises NotTaken."""
    quote = str(figure.get("quote") or "").strip()
    if not quote:
        raise NotTaken("quote: mark or paste the words of the text that hold the number")
    places = [(text, *span) for text in texts for span in spans(quote, text["text"])]
    text, start, end = _chosen(places, which, marked)
    place = {"quote": text["text"][start:end], "start": start, "end": end}
    found = judge_json({**figure, **place}, {text["id"]: text["text"]}, text["id"])
    if isinstance(found, Refused):
        raise NotTaken(found.reason)
    return text, found.figure


def _chosen(
    places: Sequence[tuple[Row, int, int]], which: int | None, marked: tuple[str, int] | None
) -> tuple[Row, int, int]:
    """The place that is meant, of those where a quote stands. Raises NotTaken."""
    if not places:
        raise NotTaken("quote: these words do not stand in the text")
    times = f"these words stand {len(places)} times in the text"
    if which is not None and not 1 <= which <= len(places):
        raise NotTaken(f"which: {times}")
    if which is not None:
        return places[which - 1]
    meant = [p for p in places if (p[0]["id"], p[1]) == marked] or places
    if len(meant) > 1:
        raise NotTaken(f"quote: {times}; say which, 1 to {len(places)}")
    return meant[0]


def spans(quote: str, text: str) -> list[tuple[int, int]]:
    """Where words stand in a text, whatever white space is between them: pasted text has lost line breaks."""
    pattern = r"\s+".join(re.escape(word) for word in quote.split())
    return [match.span() for match in re.finditer(pattern, text)] if pattern else []


def _texts(db: Database, document: str) -> list[dict[str, Any]]:
    texts = fetch(db, TEXTS, [document])
    if not texts:
        raise NothingThere(f"no text of a document {document}")
    return texts


def _keep(db: Database, path: Path, said: Row, study: str) -> Kept:
    with closing(open_decisions(path)) as people:
        name = record_decision(people, said)
    found = cases_at(db, path)
    case = next(c for c in found if any(s.id == name for s in c.said))
    needed = topic_of(db).reviewers_needed
    if not shown(case, needed):
        return Kept(name, shown=False)
    return _followed(db, path, name, case, {study, *_waiting(db, found, needed)})


def _followed(db: Database, path: Path, decision: str, case: Case, studies: set[str]) -> Kept:
    """Let these studies' figures and estimates follow what may be seen now, and keep how they moved."""
    db.execute(f"pragma busy_timeout = {PATIENCE_MS}")
    try:
        with db.conn:  # commits, or rolls back
            db.conn.execute("begin immediate")
            before, fed = numbers(db), _fed(db, case)
            rebuild(db, path, sorted(studies))
            after = numbers(db)
            fed |= _fed(db, case)
            changed = {e for e in before.keys() | after.keys() if before.get(e) != after.get(e)}
            rows = [_move(e, before.get(e, {}), after.get(e, {})) for e in sorted(fed | changed)]
            keep_moves(db, decision, _figure_at(db, case) or "", rows)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return Kept(decision, shown=True, late=True)
    return Kept(decision, shown=True, moves=moves_of(db, decision))


def _waiting(db: Database, found: Iterable[Case], needed: int) -> set[str]:
    """Studies whose decisions may be seen and are not served yet: another program was writing when they were made."""
    served = {row["id"] for row in fetch(db, "select id from reviews")}
    waiting = {c.section for c in found if shown(c, needed) and not {s.id for s in c.said} <= served}
    return studies_of(db, waiting)


def _move(estimate: str, before: Row, after: Row) -> dict[str, Any]:
    sides = {f"{key}_{side}": row.get(key) for side, row in (("before", before), ("after", after)) for key in NUMBERS}
    return {"estimate": estimate, "scale": (after or before)["scale"], **sides}


def _fed(db: Database, case: Case) -> set[str]:
    return estimates_with(db, _figures_of(db, case))


def _figure_at(db: Database, case: Case) -> str | None:
    """The figure that was judged or added, as it is called now."""
    sql = "select f.* from figures f join sections s on s.id = f.section where s.sha256 = ? and f.start = ?"
    rows = fetch(db, sql, [case.section, case.figure.start])
    return next((row["id"] for row in rows if plain(figure_of(row)) == case.figure), None)


def _figures_of(db: Database, case: Case) -> set[str]:
    """The figure of a case and those that it was corrected to."""
    judged = _figure_at(db, case)
    rows = fetch(db, "select figure from decided_figures where judged = ?", [judged])
    return {name for name in (judged, *(row["figure"] for row in rows)) if name is not None}
