"""An estimate as files: its effects with the numbers they were made from in metafor's columns, and its R script."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.evidence.rscript import r_script
from kb.export.cells import cells_of, write_table
from kb.frames import frame
from kb.records import Effect, Estimate, Share

#: Columns of one estimate's CSV before the raw numbers, with their words.
COLUMNS = {
    "study": "Id of the study",
    "arm": 'An arm, or "A vs B"',
    "cohort": "Id of the group of patients; one row of each cohort is in the pool",
    "measure": "Name of the effect measure as metafor has it",
    "yi": "Effect on the measure's analysis scale; empty where that is infinite",
    "vi": "Sampling variance of yi; empty where the paper allows none",
    "weight": "Share in the pool, in percent; empty where left out",
    "left_out": "Why the row is shown and not pooled; empty where it is in the pool",
    "estimate": "The effect as a reader wants it, see scale",
    "ci_low": "Lower 95 % limit as a reader wants it",
    "ci_high": "Upper 95 % limit as a reader wants it",
    "scale": "How to read estimate and limits, one of points, percent (0 to 100), ratio",
    "months": "Months since baseline; empty where no time is given",
    "design": "Design of the study",
    "basis": "Weakest ground among the figures behind the row",
    "doubtful": "1 if a check doubts a figure behind the row",
    "derived": "Which numbers were joined, computed or assumed, and how",
    "figures": "Ids of the figures behind the row, each with its role, with a blank between",
}
#: Raw numbers by metafor's names; only the columns that some row of the estimate has are written.
RAW = {
    "xi": "Patients with the event",
    "ni": "Patients of the single group",
    "ai": "Patients with the event in the experimental arm",
    "bi": "Patients without the event in the experimental arm",
    "ci": "Patients with the event in the control arm",
    "di": "Patients without the event in the control arm",
    "m1i": "Mean of the experimental arm, or after treatment",
    "sd1i": "Its standard deviation",
    "n1i": "Patients of the experimental arm",
    "m2i": "Mean of the control arm, or before treatment",
    "sd2i": "Its standard deviation",
    "n2i": "Patients of the control arm",
    "ri": "Correlation of before and after that vi rests on; assumed unless derived says otherwise",
}
#: What estimates.csv says of each estimate.
SUMMARY = (
    "id", "comparison", "outcome", "measure", "intervention_class", "design", "window", "set", "role", "method",
    "test", "level", "k", "scale", "estimate", "ci_low", "ci_high", "beta", "se", "p", "tau2", "i2", "q", "q_p",
    "pi_low", "pi_high", "pi_distribution", "reviewed", "assumptions",
)  # fmt: skip

Numbers = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Input:
    """The numbers of a figure that can enter an effect, with what was joined to it."""

    kind: str
    value: float | None
    sd: float | None
    n: int | None
    events: int | None


def inputs_of(path: Path) -> dict[str, Input]:
    """The numbers of every figure by id; an SE with its n counts as an SD."""
    return {row["figure"]: _input(row) for row in cells_of(frame(path, "evidence"))}


def raw_numbers(effect: Effect, inputs: Mapping[str, Input]) -> Numbers:
    """What metafor's escalc would take for this effect; nothing where the paper prints only the effect itself."""
    roles = {role: inputs[figure] for figure, role in effect.figures if figure in inputs}
    if effect.vi is None:
        return {}
    if set(roles) == {"events"}:
        return {"xi": roles["events"].events, "ni": roles["events"].n}
    if set(roles) == {"baseline", "follow-up"}:
        return _before_after(effect, roles["baseline"], roles["follow-up"])
    if set(roles) == {"experimental", "control"}:
        return _two_groups(roles["experimental"], roles["control"])
    return {}


def rows_of(estimate: Estimate, inputs: Mapping[str, Input]) -> list[dict[str, Any]]:
    """One row an effect: those in the pool first, in the order of the R script, then those left out."""
    return [{**_said(share), **raw_numbers(share.effect, inputs)} for share in estimate.shares]


def columns_of(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fixed columns and those raw numbers that some row has."""
    there = {key for row in rows for key in row}
    return (*COLUMNS, *(name for name in RAW if name in there))


def summary(estimate: Estimate) -> dict[str, Any]:
    """The estimate's own row of estimates.csv."""
    return {name: getattr(estimate, name) for name in SUMMARY}


def file_names(found: Sequence[Estimate]) -> dict[str, str]:
    """Estimate id → a file name that every file system takes; two ids never share one."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for estimate in found:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", estimate.id).lstrip(".-") or "estimate"
        alternatives = (stem, *(f"{stem}-{i}" for i in range(2, len(found) + 2)))
        names[estimate.id] = next(name for name in alternatives if name.casefold() not in taken)
        taken.add(names[estimate.id].casefold())
    return names


def write(stem: Path, estimate: Estimate, inputs: Mapping[str, Input]) -> None:
    """Write the CSV and the R script of one estimate; stem is the path without the ending."""
    rows = rows_of(estimate, inputs)
    write_table(stem.with_name(f"{stem.name}.csv"), columns_of(rows), rows)
    stem.with_name(f"{stem.name}.R").write_text(r_script(estimate), encoding="utf-8")


def _input(row: Mapping[str, Any]) -> Input:
    sd = row["sd"]
    if sd is None and row["se"] is not None and row["n"]:
        sd = row["se"] * math.sqrt(row["n"])
    return Input(row["kind"], row["value"], sd, row["n"], row["events"])


def _said(share: Share) -> dict[str, Any]:
    effect = share.effect
    said = {name: getattr(effect, name) for name in COLUMNS if hasattr(effect, name)}
    return {
        **said, "weight": share.weight, "left_out": share.left_out, "doubtful": int(effect.doubtful),
        "yi": effect.yi if math.isfinite(effect.yi) else None,
        "figures": " ".join(f"{role}={figure}" for figure, role in effect.figures),
    }  # fmt: skip


def _before_after(effect: Effect, before: Input, after: Input) -> Numbers:
    return {
        "m1i": after.value, "sd1i": after.sd, "m2i": before.value, "sd2i": before.sd, "ni": effect.ni,
        "ri": _correlation(effect, before.sd, after.sd),
    }  # fmt: skip


def _correlation(effect: Effect, sd_before: float | None, sd_after: float | None) -> float | None:
    """The r that gives the stored vi: n·vi = sd₁² + sd₂² − 2·r·sd₁·sd₂ (metafor's escalc, measure MC)."""
    if not sd_before or not sd_after or not effect.ni or effect.vi is None:
        return None
    return round((sd_before**2 + sd_after**2 - effect.ni * effect.vi) / (2 * sd_before * sd_after), 10)


def _two_groups(x: Input, y: Input) -> Numbers:
    if x.kind != "proportion":
        return {"m1i": x.value, "sd1i": x.sd, "n1i": x.n, "m2i": y.value, "sd2i": y.sd, "n2i": y.n}
    return {"ai": x.events, "bi": _rest(x), "n1i": x.n, "ci": y.events, "di": _rest(y), "n2i": y.n}


def _rest(group: Input) -> int | None:
    return None if group.n is None or group.events is None else group.n - group.events
