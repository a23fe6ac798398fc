"""Hazard ratios between groups: Cox's proportional hazards with group indicators, R's ``coxph(~ factor(group))``."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.records import Dropped, FloatArray, NotEstimable
from analysis.survival.subjects import RiskTable, read_subjects, risk_table

LARGEST = 25.0
"""A log hazard ratio beyond this is running off to infinity: exp(25) is 7e10."""


@dataclass(frozen=True, slots=True)
class HazardRatios:
    """Log hazard ratios of every group against the first.

    Attributes:
        ties: efron or breslow.
        groups: Names of the groups; the first is the reference.
        coefficients: Log hazard ratios (groups - 1).
        se: Their standard errors.
        covariance: Their covariance matrix.
        loglik_null: Partial log-likelihood of equal hazards.
        loglik: Partial log-likelihood at the estimate.
        score_test: Score test of equal hazards (chi-squared with groups - 1 degrees of freedom).
        dropped: Rows left out, with reasons.
    """

    ties: str
    groups: tuple[str, ...]
    coefficients: FloatArray
    se: FloatArray
    covariance: FloatArray
    loglik_null: float
    loglik: float
    score_test: float
    dropped: tuple[Dropped, ...]


def hazard_ratios(time: ArrayLike, status: ArrayLike, group: Sequence[object], *, ties: str = "efron") -> HazardRatios:
    """Fit Cox's model for groups (Cox 1972; ties by Efron 1977 or Breslow 1974).

    Raises:
        ValueError: The columns cannot be read or the ties are neither efron nor breslow.
        NotEstimable: There is only one group, or a group without events has no finite hazard ratio.
    """
    if ties not in ("efron", "breslow"):
        raise ValueError(f"ties are efron or breslow, not {ties}")
    subjects = read_subjects(time, status, group)
    if len(subjects.labels) < 2:
        raise NotEstimable("a hazard ratio needs at least two groups")
    table = risk_table(subjects)
    silent = [subjects.labels[i] for i in np.flatnonzero(table.n_event.sum(axis=0) == 0)]
    if silent:
        raise NotEstimable(f"no events in {', '.join(silent)}: the hazard ratio is not finite")
    beta = np.zeros(len(subjects.labels) - 1)
    null, score, information = _partial(table, beta, efron=ties == "efron")
    score_test = float(score @ np.linalg.solve(information, score))
    loglik, done = null, False
    while not done:
        beta, loglik, done = _newton(table, beta, loglik, efron=ties == "efron")
        if np.abs(beta).max() > LARGEST:
            raise NotEstimable("the hazard ratio is not finite: the groups' events do not overlap in time")
    covariance: FloatArray = np.asarray(np.linalg.inv(_partial(table, beta, efron=ties == "efron")[2]), np.float64)
    se = np.sqrt(np.diag(covariance))
    return HazardRatios(ties, subjects.labels, beta, se, covariance, null, loglik, score_test, subjects.dropped)


def _newton(table: RiskTable, beta: FloatArray, loglik: float, *, efron: bool) -> tuple[FloatArray, float, bool]:
    """Take one Newton step, halved until the likelihood does not fall."""
    _, score, information = _partial(table, beta, efron=efron)
    step = np.linalg.solve(information, score)
    for halvings in range(30):
        tried = beta + step / 2**halvings
        reached = _partial(table, tried, efron=efron)[0]
        if reached >= loglik - 1e-12 * abs(loglik):
            break
    return tried, reached, bool(np.all(np.abs(tried - beta) < 1e-11 * (1 + np.abs(tried))))


def _partial(table: RiskTable, beta: FloatArray, *, efron: bool) -> tuple[float, FloatArray, FloatArray]:
    """Partial log-likelihood with score and information; groups are the only covariates."""
    risk = np.exp(np.concatenate(([0.0], beta)))
    loglik, score = 0.0, np.zeros(beta.size)
    information = np.zeros((beta.size, beta.size))
    for n, d in zip(table.n_risk, table.n_event, strict=True):
        events = int(d.sum())
        loglik += float(d[1:] @ beta)
        score += d[1:]
        for died in range(events):
            # Efron removes the average of those who died together, one after the other.
            at_risk = (n - (died / events if efron else 0.0) * d) * risk
            total = float(at_risk.sum())
            share = at_risk[1:] / total
            loglik -= math.log(total)
            score -= share
            information += np.diag(share) - np.outer(share, share)
    return loglik, score, information
