"""What review keeps beside the decisions themselves: finished texts, figures that people made, moved estimates."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from kb.store.connection import decisions_path, open_decisions
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert

#: An estimate's numbers that a decision may move.
NUMBERS = ("k", "value", "ci_low", "ci_high", "reviewed")

#: Where decisions are heard: the current sections with these hashes (JSON), of documents that still stand.
SECTIONS = """select s.id, s.sha256, s.document from sections s join documents d on d.id = s.document
where s.current = 1 and d.withdrawn = 0 and s.sha256 in (select value from json_each(?)) order by s.id"""

FIGURE = """select f.*, s.sha256 as section_sha256, s.text as section_text, coalesce(d.study, d.id) as study, p.judged
from figures f join sections s on s.id = f.section join documents d on d.id = f.document
left join decided_figures p on p.figure = f.id where f.id = ?"""


def finish_texts(path: Path, document: str, sections: Iterable[str], reviewer: str) -> None:
    """Append that the reviewer read these sections (by sha256) of a document to their end."""
    rows = [
        {
            "id": uuid4().hex, "document": document, "section_sha256": section, "reviewer": reviewer,
            "finished_at": now(),
        }
        for section in sections
    ]  # fmt: skip
    with closing(open_decisions(path)) as db, db.atomic():
        insert(db, "finished_texts", rows)


def finished_at(path: Path) -> dict[str, frozenset[str]]:
    """By section (its sha256), who read it to its end."""
    if not decisions_path(path).exists():
        return {}
    found: dict[str, set[str]] = defaultdict(set)
    with closing(open_decisions(path)) as db:
        for row in fetch(db, "select section_sha256, reviewer from finished_texts"):
            found[row["section_sha256"]].add(row["reviewer"])
    return {section: frozenset(names) for section, names in found.items()}


def sections_with(db: Database, hashes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The current sections with these sha256, by it."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in fetch(db, SECTIONS, [json.dumps(sorted(set(hashes)))]):
        found[row["sha256"]].append(row)
    return found


def studies_of(db: Database, hashes: Iterable[str]) -> set[str]:
    """The studies (or documents without one) that hold texts with these sha256."""
    sql = """select coalesce(d.study, d.id) as study from sections s join documents d on d.id = s.document
    where s.sha256 in (select value from json_each(?))"""
    return {row["study"] for row in fetch(db, sql, [json.dumps(sorted(set(hashes)))])}


def figure_to_judge(db: Database, name: str) -> dict[str, Any] | None:
    """A figure with its text and study, and the figure that it was corrected from; None if there is none."""
    rows = fetch(db, FIGURE, [name])
    return rows[0] if rows else None


def serve_figures(db: Database, figures: Mapping[str, Row], decided: Mapping[str, Row]) -> None:
    """Make the figures of reader reviewer exactly these (by id), with what was done to each."""
    wanted = json.dumps(sorted(figures))
    made = "select id from figures where reader = 'reviewer' and drifted = 0"
    gone = f"{made} and id not in (select value from json_each(?))"
    for table in ("verdicts", "standings", "effect_figures"):
        db.execute(f"delete from {table} where figure in ({gone})", [wanted])
    db.execute("delete from decided_figures")
    db.execute(f"delete from figures where id in ({gone})", [wanted])
    insert(db, "figures", figures.values(), "on conflict (id) do nothing")
    insert(db, "decided_figures", decided.values())


def numbers(db: Database) -> dict[str, dict[str, Any]]:
    """What every estimate says now, by its id."""
    sql = "select id, scale, k, estimate as value, ci_low, ci_high, reviewed from estimates"
    return {row["id"]: row for row in fetch(db, sql)}


def estimates_with(db: Database, figures: Iterable[str]) -> set[str]:
    """Ids of the estimates in whose pool one of these figures is."""
    sql = """select distinct l.estimate from effect_figures ef join estimate_effects l on l.effect = ef.effect
    where l.weight is not null and ef.figure in (select value from json_each(?))"""
    return {row["estimate"] for row in fetch(db, sql, [json.dumps(sorted(figures))])}


def keep_moves(db: Database, decision: str, figure: str, rows: Iterable[Row]) -> None:
    """Append how estimates moved when a decision was disclosed."""
    insert(db, "moves", [{"decision": decision, "figure": figure, **row, "moved_at": now()} for row in rows])


def moves_of(db: Database, decision: str) -> list[dict[str, Any]]:
    """How estimates moved for a decision, main sets first."""
    sql = "select * from moves where decision = ? order by estimate not like '%.main', estimate"
    return fetch(db, sql, [decision])
