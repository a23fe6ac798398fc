"""What was weighed, back as records: speaking figures with their standings, effects, estimates."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields

from sqlite_utils import Database

from kb.errors import NothingThere
from kb.records import Effect, Estimate, Reading, Share, Standing
from kb.store.readings import figure_of
from kb.store.rows import Row, fetch

STANDING = tuple(f.name for f in fields(Standing))
EFFECT = tuple(f.name for f in fields(Effect) if f.name != "figures")
ESTIMATE = tuple(f.name for f in fields(Estimate) if f.name != "shares")

#: A figure and its standing have columns of the same name, so the standing's get a prefix.
SPEAKING = f"""select f.*, s.text as section_text, {", ".join(f't."{c}" as "standing_{c}"' for c in STANDING)}
from standings t cross join figures f on f.id = t.figure join sections s on s.id = f.section
where t.speaks = 1 and t.study_arm is not null and +t.outcome = ? order by f.id"""

DOUBTFUL = """select distinct v.figure from json_each(?) f cross join verdicts v on v.figure = f.value
where v.verdict in ('doubtful', 'impossible')"""

SHARES = """select l.estimate as of, l.weight, l.left_out, x.* from estimate_effects l
join effects x on x.id = l.effect join estimates m on m.id = l.estimate where m.{column} = ?
order by l.estimate, l.weight is null, x.id"""

FIGURES_OF_EFFECTS = """select ef.effect, ef.figure, ef.role from effects x join effect_figures ef on ef.effect = x.id
where x.outcome = ? order by ef.effect, ef.role = 'control', ef.role, ef.figure"""

USED = """select distinct ef.effect, ef.figure, ef.role from effect_figures ef
join estimate_effects l on l.effect = ef.effect join estimates m on m.id = l.estimate where m.{column} = ?
order by ef.effect, ef.role = 'control', ef.role, ef.figure"""


def speaking_of(db: Database, outcome: str) -> tuple[dict[str, Reading], dict[str, Standing]]:
    """The figures that speak for a known arm on an outcome (by its name) and their standings, both by figure id."""
    readings, standings = {}, {}
    for row in fetch(db, SPEAKING, [outcome]):
        standing = Standing(**{c: row[f"standing_{c}"] for c in STANDING if c != "speaks"}, speaks=True)
        standings[row["id"]] = standing
        readings[row["id"]] = Reading(
            row["id"], figure_of(row), standing.study, row["document"], row["section_text"], row["reader"],
            bool(row["secondary"]), row["estimator"],
        )  # fmt: skip
    return readings, standings


def doubtful_among(db: Database, figures: Iterable[str]) -> frozenset[str]:
    """Those of these figures that a check doubts, by their ids."""
    return frozenset(row["figure"] for row in fetch(db, DOUBTFUL, [json.dumps(list(figures))]))


def effects_of(db: Database, outcome: str) -> list[Effect]:
    """The stored effects on an outcome (by its id), in order of id."""
    figures: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in fetch(db, FIGURES_OF_EFFECTS, [outcome]):
        figures[row["effect"]].append((row["figure"], row["role"]))
    rows = fetch(db, "select * from effects where outcome = ? order by id", [outcome])
    return [_effect(row, figures[row["id"]]) for row in rows]


def estimates_of(db: Database, outcome: str) -> list[Estimate]:
    """The stored estimates of an outcome (by its id), in order of id."""
    return _estimates(db, "outcome", outcome)


def estimate_of(db: Database, name: str) -> Estimate:
    """One stored estimate. Raises NothingThere."""
    found = _estimates(db, "id", name)
    if not found:
        raise NothingThere(f"no estimate {name}")
    return found[0]


def _estimates(db: Database, column: str, value: str) -> list[Estimate]:
    figures: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in fetch(db, USED.format(column=column), [value]):
        figures[row["effect"]].append((row["figure"], row["role"]))
    shares: dict[str, list[Share]] = defaultdict(list)
    for row in fetch(db, SHARES.format(column=column), [value]):
        shares[row["of"]].append(Share(_effect(row, figures[row["id"]]), row["weight"], row["left_out"]))
    rows = fetch(db, f"select * from estimates where {column} = ? order by id", [value])
    return [Estimate(**{c: row[c] for c in ESTIMATE}, shares=tuple(shares[row["id"]])) for row in rows]


def _effect(row: Row, figures: Sequence[tuple[str, str]]) -> Effect:
    yi = math.nan if row["yi"] is None else row["yi"]
    read = {"yi": yi, "doubtful": bool(row["doubtful"]), "part": bool(row["part"])}
    return Effect(**{**{c: row[c] for c in EFFECT}, **read}, figures=tuple(figures))
