"""Rows that can be made again: replaced as a whole, never edited."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from kb.store.rows import Row, fetch, insert, upsert

Tables = Mapping[str, Sequence[Row]]
#: Rows by table and by what they say.
Parts = dict[str, dict[tuple[Any, ...], Row]]

#: Children before parents, as foreign keys want it.
DERIVED = (
    "reanalyses", "certainty_inputs", "estimates_over_r", "estimate_effects", "estimates", "effect_figures", "effects",
    "standings", "verdicts",
)  # fmt: skip

#: Tables between two others: their parents name the run.
LINKING = ("effect_figures", "estimate_effects")

#: What follows from one study alone, parents first, beside its standings and verdicts.
OF_STUDIES = ("effects", "effect_figures", "reanalyses")

_INSIDE = "in (select value from json_each(?))"


def replace_readings(db: Database, readings: Sequence[Row], figures: Iterable[Row]) -> None:
    """Replace the figures of these documents; a row of readings says what each was read with."""
    names = json.dumps([row["document"] for row in readings])
    for table in ("verdicts", "standings", "effect_figures"):
        db.execute(f"delete from {table} where figure in (select id from figures where document {_INSIDE})", [names])
    db.execute(f"delete from figures where document {_INSIDE}", [names])
    upsert(db, "readings", ["document"], [{**row, "weighed": 0} for row in readings])
    insert(db, "figures", figures)


def clear(db: Database, tables: Sequence[str] = DERIVED) -> None:
    """Empty derived tables."""
    for table in tables:
        db.execute(f"delete from {table}")


def replace_weighed(db: Database, studies: Sequence[str], tables: Tables, run: str) -> set[str]:
    """Replace what follows from these studies; returns the outcomes on which they say something else than before.

    Effects are written, and the estimates that they fed removed, only where effects or reanalyses differ.
    """
    names = json.dumps(list(studies))
    figures = f"select figure from standings where study {_INSIDE}"
    db.execute(f"delete from verdicts where figure in ({figures})", [names])
    db.execute(f"delete from standings where study {_INSIDE}", [names])
    save_all(db, {table: tables[table] for table in ("standings", "verdicts")}, run)
    before, after = _by_outcome(_stored(db, names)), _by_outcome(tables)
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    outcomes = {outcome for _, outcome in changed}
    clear_estimates(db, outcomes)
    for study, outcome in sorted(changed):
        _replace_effects(db, study, outcome, after.get((study, outcome), {}), run)
    return outcomes


def clear_estimates(db: Database, outcomes: Iterable[str]) -> None:
    """Remove the estimates of these outcomes and what hangs on them."""
    names = json.dumps(sorted(outcomes))
    for table in ("certainty_inputs", "estimates_over_r", "estimate_effects"):
        db.execute(f"delete from {table} where estimate in (select id from estimates where outcome {_INSIDE})", [names])
    db.execute(f"delete from estimates where outcome {_INSIDE}", [names])


def outcomes_of(db: Database, studies: Iterable[str]) -> set[str]:
    """Outcomes on which these studies have effects."""
    rows = fetch(db, f"select distinct outcome from effects where study {_INSIDE}", [json.dumps(list(studies))])
    return {row["outcome"] for row in rows}


def save_all(db: Database, tables: Tables, run: str) -> None:
    """Fill derived tables, parents first; every row names its run, the rows of LINKING by their parents."""
    for table, rows in tables.items():
        insert(db, table, rows if table in LINKING else [{**row, "run": run} for row in rows])


def _stored(db: Database, names: str) -> Tables:
    rows = f"select * from {{}} where study {_INSIDE}"
    own = {table: fetch(db, rows.format(table), [names]) for table in ("effects", "reanalyses")}
    made = f"select * from effect_figures where effect in (select id from effects where study {_INSIDE})"
    return {**own, "effect_figures": fetch(db, made, [names])}


def _by_outcome(tables: Tables) -> dict[tuple[str, str], Parts]:
    """Rows by study and outcome, then by table and by what they say, the run left out."""
    found: dict[tuple[str, str], Parts] = defaultdict(lambda: defaultdict(dict))
    place = {row["id"]: (row["study"], row["outcome"]) for row in tables["effects"]}
    for table in OF_STUDIES:
        for row in tables[table]:
            said = {key: value for key, value in row.items() if key != "run"}
            key = place[row["effect"]] if table == "effect_figures" else (row["study"], row["outcome"])
            found[key][table][tuple(sorted(said.items()))] = said
    return found


def _replace_effects(db: Database, study: str, outcome: str, parts: Parts, run: str) -> None:
    of = "where study = ? and outcome = ?"
    db.execute(f"delete from effect_figures where effect in (select id from effects {of})", [study, outcome])
    for table in ("effects", "reanalyses"):
        db.execute(f"delete from {table} {of}", [study, outcome])
    save_all(db, {table: list(parts.get(table, {}).values()) for table in OF_STUDIES}, run)
