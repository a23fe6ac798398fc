"""Cluster-robust inference, for several effects of one cohort: metafor's ``robust``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import fdtrc

from analysis.pool.fit import Coefficient, Fit, critical_value, two_sided_p
from analysis.records import FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class RobustFit:
    """A model with cluster-robust tests.

    Attributes:
        coefficients: One record a coefficient; the estimates are those of the model.
        vb: p x p cluster-robust covariance matrix.
        clusters: Number of clusters.
        df: Degrees of freedom of t: clusters - p.
        adjustment: CR0 or CR1.
        qm: F statistic for the moderators (for a plain pool, for the mean).
        qm_df: Its degrees of freedom.
        qm_p: Its p value.
    """

    coefficients: tuple[Coefficient, ...]
    vb: FloatArray
    clusters: int
    df: int
    adjustment: str
    qm: float
    qm_df: tuple[int, int]
    qm_p: float


def robust(fit: Fit, cluster: Sequence[object], *, adjustment: Literal["CR0", "CR1"] = "CR1") -> RobustFit:
    """Sandwich covariance with residuals summed within clusters, t and F with clusters - p degrees of freedom.

    Hedges, Tipton and Johnson 2010, Res Synth Methods 1:39, eq 6; CR1 multiplies by clusters / (clusters - p).

    Args:
        fit: The model, fitted as if all rows were independent.
        cluster: The cluster of each of the k rows of the model, such as the cohort.
        adjustment: CR0 for no small-sample factor, CR1 with it.

    Returns:
        The robust tests.

    Raises:
        NotEstimable: If there are no more clusters than coefficients.
        ValueError: If cluster has not one entry for each row of the model.
    """
    if len(cluster) != fit.k:
        raise ValueError(f"{len(cluster)} clusters named for {fit.k} rows")
    names = [str(c) for c in cluster]
    member = np.array([[float(name == one) for name in names] for one in sorted(set(names))])
    n = len(member)
    df = n - fit.p
    if df < 1:
        raise NotEstimable(f"{n} clusters cannot test {fit.p} coefficients")
    aX = fit.X * fit.weights[:, None]
    bread = np.linalg.solve(fit.X.T @ aX, aX.T)
    scores = member @ (bread * (fit.yi - fit.X @ fit.beta)).T
    vb = scores.T @ scores * (n / df if adjustment == "CR1" else 1.0)
    qm, m = _wald(fit, vb)
    return RobustFit(_coefficients(fit, vb, df), vb, n, df, adjustment, qm, (m, df), float(fdtrc(m, df, qm)))


def _coefficients(fit: Fit, vb: FloatArray, df: int) -> tuple[Coefficient, ...]:
    critical = critical_value(fit.level, df)
    made = []
    for c, variance in zip(fit.coefficients, vb.diagonal(), strict=True):
        se = math.sqrt(variance)
        stat = c.estimate / se if se > 0.0 else math.copysign(math.inf, c.estimate)
        low, high = c.estimate - critical * se, c.estimate + critical * se
        made.append(Coefficient(c.name, c.estimate, se, stat, two_sided_p(stat, df), low, high))
    return tuple(made)


def _wald(fit: Fit, vb: FloatArray) -> tuple[float, int]:
    first = 1 if fit.intercept and fit.p > 1 else 0
    b = fit.beta[first:]
    return float(b @ np.linalg.solve(vb[first:, first:], b)) / b.size, int(b.size)
