"""Trim and fill: how many studies a symmetric funnel would lack, and the pool with their mirror images."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.pool.fit import Fit
from analysis.pool.univariate import rma_uni
from analysis.records import FloatArray, NotEstimable

Side = Literal["left", "right"]
Estimator = Literal["L0", "R0", "Q0"]


@dataclass(frozen=True, slots=True)
class TrimFill:
    """Result of trim and fill.

    Attributes:
        side: The side on which studies would be missing.
        estimator: L0, R0 or Q0.
        k0: Estimated number of missing studies.
        se_k0: Its standard error; None where it is not defined (a negative variance).
        p_k0: P value of no missing study, R0 only.
        filled_yi: The k0 estimates filled in.
        filled_vi: Their variances.
        fit: The pool with the filled studies at the end; the original one for k0 = 0.
    """

    side: Side
    estimator: Estimator
    k0: int
    se_k0: float | None
    p_k0: float | None
    filled_yi: FloatArray
    filled_vi: FloatArray
    fit: Fit


def trimfill(fit: Fit, side: Side | None = None, estimator: Estimator = "L0") -> TrimFill:
    """Duval and Tweedie 2000, Biometrics 56:455 (L0, R0) and JASA 95:89 (Q0).

    Args:
        fit: A pool without moderators.
        side: Where studies are missing; where absent, the side opposite to the one that small studies lean to, by the
            slope of a regression on the standard error with the pool's own method.
        estimator: L0, R0 or Q0.

    Returns:
        The number of missing studies and the filled pool, with the method, test and level of ``fit``.

    Raises:
        NotEstimable: With one row, where the side cannot be told, or where the estimator is not defined.
        ValueError: With moderators or fixed weights.
    """
    if fit.p != 1 or not fit.intercept or fit.fixed_weights is not None:
        raise ValueError("trim and fill is for pools without moderators and with inverse-variance weights")
    if fit.k == 1:
        raise NotEstimable("one row has no funnel")
    side = side or _side(fit)
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * fit.yi, kind="stable")
    y, v = sign * fit.yi[order], fit.vi[order]
    k0, raw, centre = _iterate(y, v, fit.method, estimator)
    se, p = _standard_error(fit.k, raw, estimator), 0.5 ** (k0 + 1) if estimator == "R0" else None
    top = slice(fit.k - k0, fit.k)
    filled_y, filled_v = sign * (2.0 * centre - y[top]), v[top]
    if k0 == 0:
        return TrimFill(side, estimator, 0, se, p, filled_y, filled_v, fit)
    yi, vi = np.concatenate((fit.yi, filled_y)), np.concatenate((fit.vi, filled_v))
    pool = rma_uni(yi, vi, method=fit.method, test=fit.test, level=fit.level)
    return TrimFill(side, estimator, k0, se, p, filled_y, filled_v, pool)


def _side(fit: Fit) -> Side:
    try:
        slope = rma_uni(fit.yi, fit.vi, mods=np.sqrt(fit.vi), method=fit.method, intervals=False).coefficients[1]
    except NotEstimable as error:
        raise NotEstimable(f"the side cannot be told ({error}); name it") from error
    return "right" if slope.estimate < 0.0 else "left"


def _iterate(y: FloatArray, v: FloatArray, method: str, estimator: Estimator) -> tuple[int, float, float]:
    """Trim, estimate the centre, count again, until the count stays: k0, k0 before rounding, the last centre."""
    k0, seen = 0, set[int]()
    while True:
        keep = y.size - k0
        centre = rma_uni(y[:keep], v[:keep], method=method, intervals=False).estimate
        raw = _missing(y - centre, estimator)
        before, k0 = k0, max(0, round(raw))
        if k0 == before:
            return k0, raw, centre
        if k0 in seen or k0 >= y.size:
            raise NotEstimable("trim and fill goes round in circles with these data")
        seen.add(k0)


def _missing(centred: FloatArray, estimator: Estimator) -> float:
    """Number of missing studies from the signed ranks of centred estimates in increasing order."""
    k = centred.size
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1.0, k + 1.0)
    if estimator == "R0":
        left = ranks[centred < 0.0]
        if left.size == 0:
            raise NotEstimable("no estimate lies on the far side of the mean")
        return float(k - left.max() - 1.0)
    s = float(ranks[centred > 0.0].sum())
    if estimator == "L0":
        return (4.0 * s - k * (k + 1)) / (2 * k - 1)
    inner = 2.0 * k * k - 4.0 * s + 0.25
    if inner < 0.0:
        raise NotEstimable("Q0 is not defined: too many estimates lie on one side of the mean")
    return k - 0.5 - math.sqrt(inner)


def _standard_error(k: int, k0: float, estimator: Estimator) -> float | None:
    """Standard error of k0 (Duval and Tweedie 2000, JASA 95:89, section 4), from k0 before rounding."""
    if estimator == "R0":
        return math.sqrt(2.0 * max(0.0, k0) + 2.0)
    terms = k * (k + 1) * (2 * k + 1) + 10 * k0**3 + 27 * k0**2 + 17 * k0 - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0
    below = (k - 0.5) ** 2 - k0 * (2 * k - k0 - 1)
    if terms < 0.0 or (estimator == "Q0" and below <= 0.0):
        return None
    root = math.sqrt(terms / 24.0)
    return 4.0 * root / (2 * k - 1) if estimator == "L0" else 2.0 * root / math.sqrt(below)
