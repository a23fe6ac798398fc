"""What was said of a text that changed since, at its place in the text that stands now, or marked as drifted.

A machine reads the new text anew. What it cannot make again is moved by its exact quote: what another reader proposed
and what a person decided. A figure of an old text that is quoted nowhere in the new one stays where it stood, in the
old section, as drifted: it is shown and speaks nowhere.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from kb.extract.anchor import Place, Quote, anchor
from kb.extract.gate import Accepted, judge_json
from kb.records import Figure
from kb.stages.figure_rows import figure_row
from kb.stages.proposals import Proposal, judge
from kb.store.changes import note_once
from kb.store.decisions import mark_drifted, serve_as_said
from kb.store.rows import Row, fetch, insert

#: Those that stand now first, then the latest.
SECTIONS = "select *, rowid as came from sections where document = ? order by current desc, came desc"
JUDGED = "select *, rowid as came from sections where sha256 in (select value from json_each(?)) order by came desc"

#: How a figure that has drifted is noted among the changes: the field, and the words after.
DRIFTED = ("figure", "drifted: the text does not say this any more")

#: Sections of one version of a document → their figures, as many lists as sections.
Read = Callable[[Sequence[Row]], Sequence[Sequence[Figure]]]


@dataclass(frozen=True, slots=True)
class Texts:
    """The sections of a document: those that stand now, and those that stood before, the latest first."""

    current: Sequence[Row]
    former: Sequence[Row]

    def place(self, words: str, start: int, old: Row | None) -> Place | None:
        """Where a quote of an old section (None: of one that is not stored) stands now; None where it has drifted."""
        alike = [one for one in self.current if old is None or one["kind"] == old["kind"]]
        quote = Quote(words, start, old["text"] if old else None)
        return anchor(quote, {one["id"]: one["text"] for one in alike}, _successor(old, alike))

    def versions(self) -> Iterator[list[Row]]:
        """What the document said before, version by version, as the order in which its sections came tells."""
        newest = max((one["came"] for one in self.former), default=0)
        standing = {one["position"]: one for one in self.current if one["came"] < newest}
        last = -1
        for one in reversed(self.former):
            if one["position"] <= last:
                yield [standing[at] for at in sorted(standing)]
            standing[one["position"]] = one
            last = one["position"]
        if self.former:
            yield [standing[at] for at in sorted(standing)]


def texts_of(db: Database, document: str) -> Texts:
    """All that a document says and said."""
    rows = fetch(db, SECTIONS, [document])
    return Texts([one for one in rows if one["current"]], [one for one in rows if not one["current"]])


def _successor(old: Row | None, alike: Sequence[Row]) -> str | None:
    """The section that took the old one's place: under the same heading, else at the same position."""
    if old is None:
        return None
    for key in ("label", "position"):
        if found := next((one["id"] for one in alike if one[key] is not None and one[key] == old[key]), None):
            return str(found)
    return None


def drifted(db: Database, document: str, read: Read) -> Iterator[dict[str, Any]]:
    """Rows of what the machine finds in a document's former texts and what is quoted nowhere in its text now."""
    texts = texts_of(db, document)
    for version in texts.versions():
        for section, figures in zip(version, read(version), strict=True):
            for figure in figures if not section["current"] else ():
                if texts.place(figure.quote, figure.start, section) is None:
                    yield figure_row(document, section["id"], figure, "machine", drifted=True)


def proposed(db: Database, document: str, proposal: Proposal) -> dict[str, Any] | None:
    """The row of a proposed figure: where it stands now, else as drifted where it stood; None if it never stood."""
    judged = judge(db, document, proposal)
    if isinstance(judged, Accepted):
        return figure_row(document, judged.section, judged.figure, "proposed")
    texts = texts_of(db, document)
    for old in texts.former:
        stood = judge_json(proposal.figure, {old["id"]: old["text"]})
        if proposal.section in (None, old["id"]) and isinstance(stood, Accepted):
            return _moved(document, stood.figure, old, texts)
    return None


def _moved(document: str, figure: Figure, old: Row, texts: Texts) -> dict[str, Any]:
    """The row of a figure of an old section; the gate judges it once more where its quote stands now."""
    place = texts.place(figure.quote, figure.start, old)
    if place is not None:
        text = next(one["text"] for one in texts.current if one["id"] == place.section)
        there = judge_json(figure.as_json() | {"start": place.start, "end": place.end}, {place.section: text})
        if isinstance(there, Accepted):
            return figure_row(document, there.section, there.figure, "proposed")
    return figure_row(document, old["id"], figure, "proposed", drifted=True)


def note_drifted(db: Database, rows: Sequence[Row], run: str) -> None:
    """Note, once each, which figures of these are quoted no more."""
    for row in rows:
        if row["drifted"]:
            field, words = DRIFTED
            note_once(db, run, row["document"], (field, row["quote"], words))


def as_they_stand(db: Database, decisions: Sequence[Row]) -> list[dict[str, Any]]:
    """Decisions with place, reading and correction moved to the text that stands now; a drifted one stays as it is."""
    judged = fetch(db, JUDGED, [json.dumps(sorted({d["section_sha256"] for d in decisions}))])
    current = {one["sha256"] for one in judged if one["current"]}
    return [dict(d) if d["section_sha256"] in current else _decision(db, d, judged) for d in decisions]


def _decision(db: Database, d: Row, judged: Sequence[Row]) -> dict[str, Any]:
    old = _old_section(d, judged)
    texts = texts_of(db, old["document"] if old else _document_named(d))
    place = texts.place(d["quote"], d["start"], old)
    told = {key: _told(d[key], d, old, texts, place) for key in ("reading", "correction") if d[key]}
    if place is None or None in told.values():
        return dict(d)
    sha256 = next(one["sha256"] for one in texts.current if one["id"] == place.section)
    return {**d, **told, "section_sha256": sha256, "start": place.start, "end": place.end}


def _document_named(d: Row) -> str:
    """The document of the figure that was judged; a hint, for its row may be gone."""
    return str(d["figure"] or "").rpartition(".")[0]


def _old_section(d: Row, judged: Sequence[Row]) -> Row | None:
    """The section that was judged; the same text may stand in several documents."""
    same = [one for one in judged if one["sha256"] == d["section_sha256"]]
    return next((one for one in same if one["document"] == _document_named(d)), same[0] if same else None)


def _told(figure: str, d: Row, old: Row | None, texts: Texts, place: Place | None) -> str | None:
    """A figure's JSON with its place in the new text: the decision's, or one of its own where it quotes other words."""
    said = json.loads(figure)
    if said.get("quote", d["quote"]) != d["quote"]:
        place = texts.place(said["quote"], said.get("start", 0), old)
    return None if place is None else json.dumps({**said, "start": place.start, "end": place.end}, ensure_ascii=False)


def tell_moved(db: Database, decisions: Sequence[Row], standing: Sequence[Row], run: str) -> None:
    """Let the served copies of moved decisions say what was judged; mark the drifted and keep their figures.

    decisions as they were said, standing as they stand, in the same order; what is not served stays unsaid.
    """
    served = {row["id"] for row in fetch(db, "select id from reviews")}
    judged = fetch(db, JUDGED, [json.dumps(sorted({d["section_sha256"] for d in decisions}))])
    current = {one["sha256"] for one in judged if one["current"]}
    for said, now in zip(decisions, standing, strict=True):
        if said["id"] in served and said["section_sha256"] not in current:
            if said["section_sha256"] != now["section_sha256"]:
                serve_as_said(db, said)
            else:
                mark_drifted(db, said["id"], _kept(db, said, _old_section(said, judged), run))


def _kept(db: Database, d: Row, old: Row | None, run: str) -> str | None:
    """The drifted figure that a decision speaks of, kept under the id it had; None where its text is not stored."""
    if old is None:
        return None
    sql = 'select id from figures where section = ? and start = ? and "end" = ? order by id <> ?, rowid limit 1'
    if found := fetch(db, sql, [old["id"], d["start"], d["end"], d["figure"]]):
        return str(found[0]["id"])
    place = {"quote": d["quote"], "start": d["start"], "end": d["end"]}
    figure = Figure.from_json({**json.loads(d["reading"]), **place})
    row = figure_row(old["document"], old["id"], figure, "reviewer", drifted=True)
    name = d["figure"] if _document_named(d) == old["document"] else row["id"]
    insert(db, "figures", [row | {"id": name, "run": run}])
    note_drifted(db, [row], run)
    return str(name)
