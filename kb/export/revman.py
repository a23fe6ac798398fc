"""Estimates → data rows with the columns of Review Manager, one file for each kind of data.

Review Manager compares two groups; a single group's effect goes in as generic inverse variance. Rows are those in the
pool; a set is a column, because Review Manager wants one row a study: filter on it first.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kb.export.cells import write_table
from kb.export.estimates import Input, raw_numbers
from kb.records import Effect, Estimate

PLACE = {
    "Comparison": "Id of the topic's comparison",
    "Outcome": "Id of the outcome",
    "Subgroup": "Time window",
    "Set": "Which figures were let in; filter on one, as main",
    "Study": "Id of the study",
}
DICHOTOMOUS = {
    "Experimental events": "Patients with the event in the experimental arm",
    "Experimental total": "Patients of the experimental arm",
    "Control events": "Patients with the event in the control arm",
    "Control total": "Patients of the control arm",
}
CONTINUOUS = {
    "Experimental mean": "Mean of the experimental arm",
    "Experimental SD": "Standard deviation of the experimental arm",
    "Experimental total": "Patients of the experimental arm",
    "Control mean": "Mean of the control arm",
    "Control SD": "Standard deviation of the control arm",
    "Control total": "Patients of the control arm",
}
GENERIC = {
    "Arm": 'An arm, or "A vs B"',
    "Effect measure": "Name of the measure as metafor has it",
    "Estimate": "Effect on the measure's analysis scale (log for ratios, logit for PLO)",
    "SE": "Standard error of the estimate",
    "Total": "Patients behind the effect",
}
#: File → its columns with their words.
FILES = {
    "dichotomous.csv": PLACE | DICHOTOMOUS,
    "continuous.csv": PLACE | CONTINUOUS,
    "generic-inverse-variance.csv": PLACE | GENERIC,
}
#: metafor's columns in the order of Review Manager's.
COUNTS = ("ai", "n1i", "ci", "n2i")
MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")


def write(folder: Path, found: Sequence[Estimate], inputs: Mapping[str, Input]) -> None:
    """Write the three files; one without rows has its header alone."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in FILES}
    for estimate in found:
        for share in estimate.shares:
            if share.weight is not None:
                for name, row in _rows(share.effect, inputs):
                    rows[name].append(_place(estimate, share.effect) | row)
    for name, columns in FILES.items():
        write_table(folder / name, tuple(columns), rows[name])


def _rows(effect: Effect, inputs: Mapping[str, Input]) -> list[tuple[str, dict[str, Any]]]:
    """Every effect as generic inverse variance; a contrast also by its counts or means."""
    raw = raw_numbers(effect, inputs)
    se = math.sqrt(effect.vi) if effect.vi is not None else None
    generic = (effect.arm, effect.measure, effect.yi, se, effect.ni)
    rows: list[tuple[str, dict[str, Any]]] = [
        ("generic-inverse-variance.csv", dict(zip(GENERIC, generic, strict=True)))
    ]
    for name, columns, keys in (("dichotomous.csv", DICHOTOMOUS, COUNTS), ("continuous.csv", CONTINUOUS, MEANS)):
        if all(raw.get(key) is not None for key in keys):
            rows.append((name, dict(zip(columns, (raw[key] for key in keys), strict=True))))
    return rows


def _place(estimate: Estimate, effect: Effect) -> dict[str, Any]:
    values = (estimate.comparison, estimate.outcome, estimate.window, estimate.set, effect.study)
    return dict(zip(PLACE, values, strict=True))
