"""Kaplan-Meier curves with their intervals, quantiles and restricted means: R's ``survfit``.

S is the survival curve, h the root of the cumulative variance sum(d / (n * (n - d))) of Greenwood 1926. Intervals:
plain on S, log on log S, log-log on log(-log S) (Kalbfleisch and Prentice 1980, p. 15), logit and arcsin (Borgan and
Liestoel 1990, Scand J Stat 17:35). Where an interval is not defined (S of 0; S of 1 on log-log, logit and arcsin) it is
NaN.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.records import Dropped, FloatArray
from analysis.survival.subjects import IntArray, RiskTable, read_subjects, risk_table

SAME = np.sqrt(np.finfo(np.float64).eps)
"""Two heights of a curve closer than this are the same step; R's survfit uses the same tolerance for quantiles."""


@dataclass(frozen=True, slots=True)
class Quantile:
    """The time by which a share of subjects had the event; None where the curve or its limit stays above."""

    share: float
    time: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean survival up to a time, with its standard error."""

    until: float
    mean: float
    se: float


@dataclass(frozen=True, slots=True)
class CurveAt:
    """The curve read at one time; std_err and limits are NaN where they are not defined."""

    time: float
    n_risk: int
    survival: float
    std_err: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class Stratum:
    """The Kaplan-Meier curve of one group, at every time of an event or censoring.

    Attributes:
        group: Name of the group; None without groups.
        n: Subjects.
        events: Events.
        median: Median survival with its limits.
        time: The distinct times (m).
        n_risk: At risk just before each time (m).
        n_event: Events at each time (m).
        n_censor: Censorings at each time (m).
        survival: Survival just after each time (m).
        std_err: Its Greenwood standard error (m), NaN where survival is 0.
        cumulative_hazard: Nelson-Aalen (m).
        ci_low: Lower limit (m).
        ci_high: Upper limit (m).
    """

    group: str | None
    n: int
    events: int
    median: Quantile
    time: FloatArray
    n_risk: IntArray
    n_event: IntArray
    n_censor: IntArray
    survival: FloatArray
    std_err: FloatArray
    cumulative_hazard: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """Curves of all groups.

    Attributes:
        conf_type: plain, log, log-log, logit or arcsin.
        level: Confidence level in percent.
        strata: One curve a group, in order of their names.
        dropped: Rows left out, with reasons.
    """

    conf_type: str
    level: float
    strata: tuple[Stratum, ...]
    dropped: tuple[Dropped, ...]


def km(
    time: ArrayLike,
    status: ArrayLike,
    group: Sequence[object] | None = None,
    *,
    conf_type: str = "log-log",
    level: float = 95,
) -> KaplanMeier:
    """Estimate survival by group (Kaplan and Meier 1958, J Am Stat Assoc 53:457).

    Args:
        time: Time to event or censoring, from 0.
        status: 1 for an event, 0 for censored.
        group: Group of each subject, or None.
        conf_type: plain, log, log-log, logit or arcsin.
        level: Confidence level in percent.

    Raises:
        ValueError: The interval is unknown or the columns cannot be read.
        NotEstimable: No row can be used.
    """
    if conf_type not in _INTERVALS:
        raise ValueError(f"conf_type is one of {', '.join(_INTERVALS)}, not {conf_type}")
    subjects = read_subjects(time, status, group)
    table = risk_table(subjects)
    strata = tuple(
        _stratum(None if group is None else label, table, column, conf_type, level)
        for column, label in enumerate(subjects.labels)
    )
    return KaplanMeier(conf_type, level, strata, subjects.dropped)


def quantile(stratum: Stratum, share: float) -> Quantile:
    """Read the time by which a share of subjects had the event, with the limits of Brookmeyer and Crowley 1982.

    Where the curve runs level exactly at 1 - share, the middle of that step is taken, as in R.
    """
    curves = (stratum.survival, stratum.ci_low, stratum.ci_high)
    return Quantile(share, *(_crossing(stratum.time, curve, share) for curve in curves))


def restricted_mean(stratum: Stratum, until: float) -> RestrictedMean:
    """Integrate the curve from 0 to a time (Klein and Moeschberger 2003, Survival Analysis, section 4.5)."""
    inside = stratum.time < until
    steps = np.concatenate(([0.0], stratum.time[inside], [until]))
    areas = np.diff(steps) * np.concatenate(([1.0], stratum.survival[inside]))
    later = np.cumsum(areas[:0:-1])[::-1]
    d, n = stratum.n_event[inside], stratum.n_risk[inside]
    survivors = n > d  # after the last survivor no area is left, so the term is 0
    variance = np.sum(later[survivors] ** 2 * (d / (n * np.maximum(n - d, 1)))[survivors])
    return RestrictedMean(until, float(areas.sum()), float(np.sqrt(variance)))


def read_at(stratum: Stratum, times: Sequence[float]) -> tuple[CurveAt, ...]:
    """Read a curve at given times; before the first time everybody lives, after the last the last value stands."""
    at = np.searchsorted(stratum.time, times, side="right") - 1
    n_risk = [int(np.sum((stratum.n_event + stratum.n_censor)[stratum.time >= time])) for time in times]
    columns = (stratum.survival, stratum.std_err, stratum.ci_low, stratum.ci_high)
    start = (1.0, 0.0, 1.0, 1.0)
    rows = [start if i < 0 else tuple(float(column[i]) for column in columns) for i in at]
    return tuple(CurveAt(float(time), n, *row) for time, n, row in zip(times, n_risk, rows, strict=True))


def _stratum(label: str | None, table: RiskTable, column: int, conf_type: str, level: float) -> Stratum:
    own = (table.n_event[:, column] + table.n_censor[:, column]) > 0
    time, n = table.time[own], table.n_risk[own, column]
    d, censored = table.n_event[own, column], table.n_censor[own, column]
    survival = np.cumprod((n - d) / n)
    with np.errstate(divide="ignore"):
        h = np.sqrt(np.cumsum(d / (n * (n - d).astype(np.float64))))
    h[survival == 0] = np.nan
    z = float(special.ndtri(0.5 + level / 200))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = _INTERVALS[conf_type](survival, z * h)
    low[survival == 0], high[survival == 0] = np.nan, np.nan
    limits = (np.maximum(low, 0), np.minimum(high, 1))
    median = Quantile(0.5, *(_crossing(time, curve, 0.5) for curve in (survival, *limits)))
    counts = (time, n, d, censored)
    return Stratum(label, int(n[0]), int(d.sum()), median, *counts, survival, survival * h, np.cumsum(d / n), *limits)


def _crossing(time: FloatArray, curve: FloatArray, share: float) -> float | None:
    """Find where a falling curve reaches 1 - share; None if it never does."""
    level = 1 - share
    fallen = curve <= level + SAME  # never true of NaN
    if not fallen.any():
        return None
    # Limits on the log scale may rise again late; like R we take the time whose limit is the nearest below the level.
    height = curve[fallen].max()
    first = np.flatnonzero(fallen & (curve >= height - SAME))[0]
    if abs(height - level) > SAME:
        return float(time[first])
    below = np.flatnonzero(curve < height - SAME)
    return float((time[first] + (time[below[0]] if below.size else time[-1])) / 2)


def _plain(s: FloatArray, zh: FloatArray) -> tuple[FloatArray, FloatArray]:
    return s - zh * s, s + zh * s


def _log(s: FloatArray, zh: FloatArray) -> tuple[FloatArray, FloatArray]:
    return s * np.exp(-zh), s * np.exp(zh)


def _log_log(s: FloatArray, zh: FloatArray) -> tuple[FloatArray, FloatArray]:
    inner = np.where(s < 1, s, np.nan)
    shift = np.exp(-zh / np.log(inner))
    return inner**shift, inner ** (1 / shift)


def _logit(s: FloatArray, zh: FloatArray) -> tuple[FloatArray, FloatArray]:
    inner = np.where(s < 1, s, np.nan)
    x, half = special.logit(inner), zh / (1 - inner)
    return special.expit(x - half), special.expit(x + half)


def _arcsin(s: FloatArray, zh: FloatArray) -> tuple[FloatArray, FloatArray]:
    inner = np.where(s < 1, s, np.nan)
    x, half = np.arcsin(np.sqrt(inner)), zh / 2 * np.sqrt(inner / (1 - inner))
    return np.sin(np.maximum(0, x - half)) ** 2, np.sin(np.minimum(np.pi / 2, x + half)) ** 2


_INTERVALS: dict[str, Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}
