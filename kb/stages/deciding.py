"""Kept decisions → what may be seen of them, the figures that they made, and what they say of every figure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kb.evidence.deciding import Case, Said, cases, made, plain, settle_answers, shown
from kb.records import Decision, Figure
from kb.stages.anchoring import as_they_stand
from kb.stages.figure_rows import figure_row
from kb.store.decisions import decisions_at
from kb.store.readings import as_judged, figure_of
from kb.store.reviewing import finished_at, sections_with, serve_figures
from kb.store.rows import Row, fetch

FIGURES_OF_SECTION = "select * from figures where section = ? and reader <> 'reviewer' order by rowid"


@dataclass(frozen=True, slots=True)
class Heard:
    """Decisions that may be seen: the rows to show, and those that figures are weighed with."""

    shown: Sequence[Row]
    voices: Sequence[Row]


def cases_at(db: Database, path: Path) -> list[Case]:
    """Everything that was said beside the database at path, shown or not, gathered by reading."""
    return cases(said_in(as_they_stand(db, decisions_at(path))), finished_at(path))


def said_in(rows: Iterable[Row]) -> Iterator[Said]:
    """Rows of decisions as records, in their order."""
    for row in rows:
        correction = Figure.from_json(json.loads(row["correction"])) if row["correction"] else None
        decision = Decision(row["decision"], row["reviewer"], row["role"], correction)
        yield Said(row["id"], row["section_sha256"], judged_in(row), decision, row["note"], row["decided_at"])


def judged_in(row: Row) -> Figure:
    """The reading that a decision judged, at its place."""
    place = {key: row[key] for key in ("quote", "start", "end")}
    return Figure.from_json({**json.loads(row["reading"]), **place})


def hear(db: Database, path: Path, standing: Sequence[Row], needed: int, run: str) -> Heard:
    """Make the figures of people exactly those that disclosed decisions ask for, and say what is heard of each figure.

    standing: all decisions, at their places in the texts of now. The caller holds the transaction.
    """
    rows = {row["id"]: row for row in standing}
    open_ = [case for case in cases(said_in(rows.values()), finished_at(path)) if shown(case, needed)]
    _serve_figures(db, open_, run)
    at = {s.id: case for case in open_ for s in case.said}
    seen = [row if not at[id_].added else {**row, **_place(at[id_].figure)} for id_, row in rows.items() if id_ in at]
    voices = [row for row in seen if not at[row["id"]].added]
    return Heard(seen, voices + [voice for case in open_ for voice in _voices(case)])


def _place(figure: Figure) -> dict[str, Any]:
    """The columns of a decision that name a place and a reading; twins of an added figure stand at the first one's."""
    said = {"quote": figure.quote, "start": figure.start, "end": figure.end}
    return {**said, "reading": json.dumps(figure.as_json())}


def _voices(case: Case) -> Iterator[Row]:
    """What is said of the figure that people made, as rows of decisions."""
    if (found := made(case)) is not None:
        figure, decisions = found
        for d in decisions:
            said = {"decision": d.decision, "reviewer": d.reviewer, "role": d.role, "correction": None}
            yield {"id": case.said[-1].id, "section_sha256": case.section, **_place(figure), **said}


def _serve_figures(db: Database, open_: Sequence[Case], run: str) -> None:
    where = sections_with(db, (case.section for case in open_))
    figures: dict[str, Row] = {}
    decided: dict[str, Row] = {}
    for case in open_:
        if (found := made(case)) is not None and not _withdrawn(case):
            for section in where.get(case.section, ()):
                row, judged = _row(db, section, case.figure, found[0])
                figures.setdefault(row["id"], {**row, "run": run})
                said = {"figure": row["id"], "judged": judged, "said": _words(case, found[0]), "run": run}
                decided.setdefault(row["id"], said)
    serve_figures(db, figures, decided)


def _withdrawn(case: Case) -> bool:
    """Whether nobody holds to an added figure any more, and no adjudicator had to say so."""
    settled = settle_answers(case.decisions)
    return case.added and settled.answer == "reject" and settled.ground != "adjudicated"


def _row(db: Database, section: Row, judged: Figure, figure: Figure) -> tuple[dict[str, Any], str | None]:
    """The row of a figure that people made, and the id of the figure that it was corrected from, if it is there."""
    row = figure_row(section["document"], section["id"], figure, "reviewer")
    here = fetch(db, FIGURES_OF_SECTION, [section["id"]])
    if figure is judged or not (same := [f for f in here if plain(figure_of(f)) == plain(judged)]):
        return row, None
    return {**row, **{key: same[0][key] for key in ("place", "secondary", "estimator")}}, same[0]["id"]


def _words(case: Case, figure: Figure) -> str:
    settled = settle_answers(case.decisions)
    who = {"adjudicated": "an adjudicator"}.get(settled.ground or "", settled.ground or "a reviewer")
    if case.added:
        return f"added by {'a reviewer' if settled.ground is None else who}"
    return f"corrected by {who} ({', '.join(difference(case.figure, figure))})"


def difference(before: Figure, after: Figure) -> list[str]:
    """What a correction changes, key by key: ``value 13.9 → 13.95``; places are left out."""
    a, b = before.as_json(), after.as_json()
    keys = [k for k in {**a, **b} if k not in ("start", "end", "confidence") and a.get(k) != b.get(k)]
    return [f"{key} {_said(a.get(key))} → {_said(b.get(key))}" for key in keys]


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(
            str(part) for part in (value.get("op"), value.get("value"), value.get("unit")) if part is not None
        )
    return "none" if value is None else str(value)


def key_of(figure: Figure) -> str:
    """What is judged in a figure, as one text to compare."""
    return as_judged(figure.as_json())
