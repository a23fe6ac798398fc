"""The walk back: estimate → effects with weights → figures → sections → payloads."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from kb.records import Effect, Estimate
from kb.store.readings import figure_of
from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.plots import Labels
from kb.web.words import interval, scaled, spoken


@dataclass(frozen=True, slots=True)
class Place:
    """A figure with the place that it was read at."""

    id: str
    role: str
    words: str
    quote: str
    section: str
    document: str
    payload: str
    fetched_at: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One effect of an estimate: what it says, its weight or why it was left out, and where it comes from."""

    effect: Effect
    study: str
    value: str
    bounds: str
    vi: str
    weight: str
    left_out: str | None
    places: tuple[Place, ...]


def walk_back(db: Database, estimates: Iterable[Estimate], labels: Labels) -> dict[str, tuple[Step, ...]]:
    """The steps of each estimate, by its id, read in one go."""
    wanted = list(estimates)
    ids = {figure for e in wanted for s in e.shares for figure, _ in s.effect.figures}
    rows: dict[str, Row] = {row["id"]: row for row in fetch(db, queries.PLACES, {"ids": json.dumps(sorted(ids))})}
    return {e.id: tuple(_steps(e, rows, labels)) for e in wanted}


def _steps(estimate: Estimate, rows: dict[str, Row], labels: Labels) -> Iterable[Step]:
    for share in estimate.shares:
        effect = share.effect
        yield Step(
            effect=effect,
            study=labels.study(effect.study),
            value=scaled(effect.estimate, effect.scale),
            bounds=interval(effect.ci_low, effect.ci_high, effect.scale),
            vi="–" if effect.vi is None else f"{effect.vi:.4g}",
            weight="–" if share.weight is None else f"{share.weight:.1f}\N{NO-BREAK SPACE}%",
            left_out=share.left_out,
            places=tuple(_place(rows[figure], role) for figure, role in effect.figures if figure in rows),
        )


def _place(row: Row, role: str) -> Place:
    words = spoken(figure_of(row), row["joined_n"], row["joined_events"], row["joined_percent"])
    return Place(
        id=row["id"],
        role=role,
        words=words,
        quote=row["quote"],
        section="our statement" if row["section_kind"] == "statement" else row["section_label"] or row["section_kind"],
        document=row["document_id"],
        payload=row["payload"],
        fetched_at=row["fetched_at"],
    )
