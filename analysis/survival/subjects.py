"""Times to an event or to the end of follow-up, one subject a row, read and sorted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.records import Dropped, FloatArray, NotEstimable

IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Subjects:
    """Subjects in order of time, events before censorings at the same time.

    Attributes:
        time: Time to event or censoring (n).
        event: 1 for an event, 0 for censored (n).
        group: Index into labels (n).
        labels: Names of the groups in order; one empty name without groups.
        dropped: Rows left out, with reasons.
    """

    time: FloatArray
    event: IntArray
    group: IntArray
    labels: tuple[str, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class RiskTable:
    """Counts at each distinct time.

    Attributes:
        time: The distinct times, ascending (m).
        n_risk: Subjects at risk just before it, by group (m x groups).
        n_event: Events at it (m x groups).
        n_censor: Censorings at it (m x groups).
    """

    time: FloatArray
    n_risk: IntArray
    n_event: IntArray
    n_censor: IntArray


def read_subjects(time: ArrayLike, status: ArrayLike, group: Sequence[object] | None = None) -> Subjects:
    """Read times, status (1 event, 0 censored) and group names.

    Raises:
        ValueError: The columns have different lengths or hold something that is not a number.
        NotEstimable: No row can be used.
    """
    t, s = (np.atleast_1d(np.array(column, dtype=np.float64)) for column in (time, status))
    names = [""] * t.size if group is None else [_name(value) for value in group]
    if not t.size == s.size == len(names):
        raise ValueError(f"columns have different lengths: time {t.size}, status {s.size}, group {len(names)}")
    whys = _faults(t, s, names)
    rows = np.flatnonzero(whys == "")
    if rows.size == 0:
        raise NotEstimable("no row can be used")
    rows = rows[np.lexsort((-s[rows], t[rows]))]
    labels = _in_order({names[row] for row in rows})
    index = np.array([labels.index(names[row]) for row in rows], dtype=np.int64)
    dropped = tuple(Dropped(int(row) + 1, str(whys[row])) for row in np.flatnonzero(whys != ""))
    return Subjects(t[rows], s[rows].astype(np.int64), index, labels, dropped)


def risk_table(subjects: Subjects) -> RiskTable:
    """Count who is at risk, has an event or is censored at each distinct time, by group."""
    times, at = np.unique(subjects.time, return_inverse=True)
    shape = (times.size, len(subjects.labels))
    events, ends = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(events, (at, subjects.group), subjects.event)
    np.add.at(ends, (at, subjects.group), 1)
    n_risk = np.cumsum(ends[::-1], axis=0)[::-1]
    return RiskTable(times, n_risk, events, ends - events)


def _name(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _faults(time: FloatArray, status: FloatArray, names: list[str]) -> NDArray[np.str_]:
    """Say why each row is left out; an empty text where it is not."""
    nameless = np.array([name == "" for name in names]) & any(names)
    faults = {
        "time is missing": ~np.isfinite(time),
        "time is negative": time < 0,
        "status is missing": np.isnan(status),
        "status is neither 0 nor 1": (status != 0) & (status != 1),
        "group is missing": nameless,
    }
    return np.select(list(faults.values()), list(faults), "")


def _in_order(names: set[str]) -> tuple[str, ...]:
    """Sort group names, as numbers where all of them are."""
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(sorted(names))
