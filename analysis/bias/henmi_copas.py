"""Henmi and Copas' interval: the equal-effects mean with an interval that allows for heterogeneity."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc

from analysis.pool.fit import Fit
from analysis.records import FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class HenmiCopas:
    """Equal-effects mean, its standard error under heterogeneity, interval, and the DerSimonian-Laird tau2 used."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    tau2: float


# Gauss-Legendre nodes for the integral over the standardised mean, from its lower limit to 12 standard deviations.
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(200)
_FAR = 12.0


def hc(fit: Fit) -> HenmiCopas:
    """Henmi and Copas 2010, Stat Med 29:2969, section 3: small studies with bias weigh less than in random effects.

    Args:
        fit: A pool without moderators; only its data and level are used.

    Returns:
        The mean with its interval.

    Raises:
        NotEstimable: With a single row.
        ValueError: With moderators.
    """
    if fit.p != 1 or not fit.intercept:
        raise ValueError("this is defined for models without moderators")
    if fit.k == 1:
        raise NotEstimable("one row has no heterogeneity")
    w = 1.0 / fit.vi
    w1 = float(w.sum())
    w2, w3, w4 = (float((w**n).sum()) / w1 for n in (2, 3, 4))
    df = fit.k - 1
    mean = float(w.dot(fit.yi)) / w1
    tau2 = max(0.0, (float((w * (fit.yi - mean) ** 2).sum()) - df) / (w1 - w2))
    vr = 1.0 + tau2 * w2
    se = math.sqrt(vr / w1)
    # Without heterogeneity w1 / w2 may be k, so the test statistic is bounded only by the tails.
    moments = _Moments(df, tau2, vr, w1, w2, w3, w4)
    alpha = 1.0 - fit.level / 100.0
    t = float(brentq(lambda x: moments.tail(x) - alpha / 2.0, 1e-8, 10.0, xtol=1e-14))
    half = math.sqrt(vr) * t * se
    return HenmiCopas(mean, se, mean - half, mean + half, tau2)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Conditional moments of Q given the standardised mean; w2 .. w4 are sums of powers of the weights over w1."""

    df: int
    tau2: float
    vr: float
    w1: float
    w2: float
    w3: float
    w4: float

    def tail(self, x: float) -> float:
        """Upper tail probability of the pivot at x: gamma approximation of Q, integrated over the normal mean."""
        r = x + (_FAR - x) * 0.5 * (_NODES + 1.0)
        mean, variance = self._conditional(self.vr * r * r)
        limit = (self.w1 / self.w2 - 1.0) * ((r / x) ** 2 - 1.0) + self.df
        below = gammainc(mean * mean / variance, np.maximum(0.0, limit) * mean / variance)
        density = np.exp(-0.5 * r * r) / math.sqrt(2.0 * math.pi)
        return float((_NODE_WEIGHTS * below * density).sum()) * (_FAR - x) * 0.5

    def _conditional(self, rr: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of Q where the squared mean is rr."""
        w1, w2, w3, w4, t, vr = self.w1, self.w2, self.w3, self.w4, self.tau2, self.vr
        shift = rr / vr**2 - 1.0 / vr
        skew = w3 - w2 * w2
        mean = self.df + t * (w1 - w2) + t * t * shift * skew
        variance = (
            2.0 * self.df
            + 4.0 * t * (w1 - w2)
            + 2.0 * t**2 * (w1 * w2 - 2.0 * w3 + w2 * w2)
            + 4.0 * t**2 * shift * skew
            + 4.0 * t**3 * shift * (w4 - 2.0 * w2 * w3 + w2**3)
            + 2.0 * t**4 * (1.0 / vr**2 - 2.0 * rr / vr**3) * skew**2
        )
        return mean, variance
