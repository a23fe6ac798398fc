"""Stored figures and studies as records: what checks and evidence work on."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from kb.records import ArmFacts, Decision, Figure, PValue, Reading, StudyFacts, Timepoint
from kb.store.rows import Row, fetch

#: Columns of the table figures that are fields of the record of the same name.
SAME = (
    "kind", "quote", "start", "end", "outcome", "arm", "value", "unit", "sd", "se", "iqr_low", "iqr_high", "range_low",
    "range_high", "ci_low", "ci_high", "ci_level", "n", "events", "percent", "effect_measure", "confidence", "unbound",
)  # fmt: skip

FIGURES = """select f.*, s.text as section_text, s.sha256 as section_sha256, coalesce(d.study, d.id) as study,
  (select said from decided_figures p where p.figure = f.id) as said
from documents d join figures f on f.document = d.id join sections s on s.id = f.section
where d.withdrawn = 0 and f.drifted = 0 and (d.study in (select value from json_each(:studies))
  or d.id in (select value from json_each(:studies)) and d.study is null)
order by f.id"""

ARMS = """select a.*, coalesce(a.cohort, y.cohort, y.id) as of from arms a join studies y on y.id = a.study
order by a.study, a.role desc, a.name"""


def figure_of(row: Row) -> Figure:
    """The record of a row of the table figures."""
    time, p = row["timepoint"], row["p_op"]
    return Figure(
        **{key: row[key] for key in SAME},
        timepoint=_timepoint(time) if time else None,
        p_value=PValue(p, row["p_value"]) if p else None,
    )


def figure_columns(figure: Figure) -> dict[str, Any]:
    """The inverse of figure_of: the columns of the table figures that come from the record."""
    return {
        **{key: getattr(figure, key) for key in SAME},
        "timepoint": str(figure.timepoint) if figure.timepoint else None,
        "months": figure.months,
        "p_op": figure.p_value.op if figure.p_value else None,
        "p_value": figure.p_value.value if figure.p_value else None,
    }


def as_judged(reading: Mapping[str, Any]) -> str:
    """What a person judges in a reading, as one text to compare: all of its JSON but the reader's own confidence."""
    return json.dumps({k: v for k, v in reading.items() if k != "confidence"}, sort_keys=True)


#: What people said of a reading, by its place and its JSON.
Said = Mapping[tuple[Any, ...], Sequence[Decision]]


def said_of(decisions: Iterable[Row]) -> Said:
    """What people said, by place and by the reading that was judged.

    Where the machine reads the place differently now, a decision waits to be confirmed again.
    """
    said: dict[tuple[Any, ...], list[Decision]] = defaultdict(list)
    for d in decisions:
        place = (d["section_sha256"], d["start"], d["end"], as_judged(json.loads(d["reading"])))
        correction = Figure.from_json(json.loads(d["correction"])) if d["correction"] else None
        said[place].append(Decision(d["decision"], d["reviewer"], d["role"], correction))
    return said


def readings_by_study(db: Database, studies: Iterable[str], said: Said) -> dict[str, list[Reading]]:
    """The figures of these studies (or documents, where no study is known) as readings, by study."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for row in fetch(db, FIGURES, {"studies": json.dumps(list(studies))}):
        figure = figure_of(row)
        place = (row["section_sha256"], row["start"], row["end"], as_judged(figure.as_json()))
        found[row["study"]].append(
            Reading(
                id=row["id"],
                figure=figure,
                study=row["study"],
                document=row["document"],
                section_text=row["section_text"],
                reader=row["reader"],
                secondary=bool(row["secondary"]),
                estimator=row["estimator"],
                decisions=tuple(said.get(place, ())),
                said=row["said"],
            )
        )
    return dict(found)


def studies_by_id(db: Database) -> dict[str, StudyFacts]:
    """What the sheets say of each study; retracted if one of its documents is."""
    arms: dict[str, list[ArmFacts]] = defaultdict(list)
    for row in fetch(db, ARMS):
        arms[row["study"]].append(
            ArmFacts(
                row["name"],
                row["intervention"],
                row["intervention_class"],
                row["role"],
                row["n"],
                row["of"],
                tuple(row["aliases"].splitlines()),
            )
        )
    risk: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in fetch(db, "select study, domain, judgement from risk_of_bias order by study, instrument, domain"):
        risk[row["study"]].append((row["domain"], row["judgement"]))
    retracted = {row["study"] for row in fetch(db, "select distinct study from documents where retracted = 1")}
    return {
        row["id"]: StudyFacts(
            row["id"],
            row["design"],
            row["role"],
            row["cohort"] or row["id"],
            row["year"],
            row["id"] in retracted,
            tuple(arms[row["id"]]),
            row["made_from"],
            tuple(risk[row["id"]]),
        )
        for row in fetch(db, "select * from studies order by id")
    }


def _timepoint(text: str) -> Timepoint | None:
    if text == "baseline":
        return Timepoint.from_json("baseline")
    value, unit = text.split(" ", 1)
    return Timepoint(float(value), unit)
