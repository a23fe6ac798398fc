"""Comparing survival curves: the log-rank test and its weighted relatives, R's ``survdiff``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.records import Dropped, FloatArray, NotEstimable
from analysis.survival.subjects import read_subjects, risk_table


@dataclass(frozen=True, slots=True)
class LogRank:
    """A test that all groups share one hazard.

    Attributes:
        rho: Weight exponent: 0 log-rank (Mantel 1966), 1 Peto and Peto 1972 in the form of Harrington and Fleming 1982.
        groups: Names of the groups (g).
        observed: Weighted events (g).
        expected: Weighted events if the hazards were one (g).
        variance: Covariance of observed - expected (g x g).
        chi2: Test statistic.
        df: Groups with expected events, minus 1.
        p: By chi-squared.
        dropped: Rows left out, with reasons.
    """

    rho: float
    groups: tuple[str, ...]
    observed: FloatArray
    expected: FloatArray
    variance: FloatArray
    chi2: float
    df: int
    p: float
    dropped: tuple[Dropped, ...]


def logrank(time: ArrayLike, status: ArrayLike, group: Sequence[object], *, rho: float = 0) -> LogRank:
    """Compare survival between groups, with weights S(t-)**rho (Harrington and Fleming 1982, Biometrika 69:553).

    Raises:
        ValueError: The columns cannot be read.
        NotEstimable: There is only one group, nobody had an event, or no row can be used.
    """
    subjects = read_subjects(time, status, group)
    if len(subjects.labels) < 2:
        raise NotEstimable("a comparison needs at least two groups")
    table = risk_table(subjects)
    some = table.n_event.sum(axis=1) > 0
    if not some.any():
        raise NotEstimable("nobody had an event")
    n, d = table.n_risk[some].astype(np.float64), table.n_event[some].astype(np.float64)
    at_risk, events = n.sum(axis=1), d.sum(axis=1)
    before = np.concatenate(([1.0], np.cumprod(1 - events / at_risk)[:-1]))
    weight = before**rho
    observed, expected = weight @ d, (weight * events / at_risk) @ n
    variance = _variance(n, weight**2 * events * (at_risk - events) / np.maximum(at_risk - 1, 1))
    chi2, df = _statistic(observed - expected, variance, expected > 0)
    p = float(special.chdtrc(df, chi2))
    return LogRank(rho, subjects.labels, observed, expected, variance, chi2, df, p, subjects.dropped)


def _variance(n: FloatArray, spread: FloatArray) -> FloatArray:
    """Sum the multivariate hypergeometric covariances over event times."""
    share = n / n.sum(axis=1, keepdims=True)
    variance: FloatArray = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    return variance


def _statistic(surplus: FloatArray, variance: FloatArray, used: FloatArray) -> tuple[float, int]:
    """Give the quadratic form over all groups but one that expected events."""
    rows = np.flatnonzero(used)[1:]
    if rows.size == 0:
        raise NotEstimable("only one group was at risk when events happened")
    solved = np.linalg.solve(variance[np.ix_(rows, rows)], surplus[rows])
    return float(surplus[rows] @ solved), rows.size
