"""Effect sizes of correlations: ri between two measurements in ni persons."""

import numpy as np
from scipy import special

from analysis.effects.measure import Effect, weighted_mean
from analysis.records import FloatArray

SERIES_FROM = 30.0
"""From this c on the series of 2F1 at z <= 1 ends within 200 terms; below it scipy is exact, far above it overflows."""


def hypergeometric(a: float, b: float, c: FloatArray, z: FloatArray) -> FloatArray:
    """Gauss's 2F1(a, b; c; z) for 0 <= z <= 1 and c > a + b, also where c is large."""
    total = term = np.ones_like(z)
    for k in range(200):
        term = term * (a + k) * (b + k) / ((c + k) * (1 + k)) * z
        total = total + term
    return np.where(c >= SERIES_FROM, total, special.hyp2f1(a, b, c, z))


def olkin_pratt(ri: FloatArray, ni: FloatArray) -> FloatArray:
    """Correlation without bias, NaN for n <= 4: Olkin & Pratt 1958, Ann Math Stat 29:201, equation 2.3."""
    return np.where(ni > 4, ri * hypergeometric(0.5, 0.5, (ni - 2) / 2, 1 - ri**2), np.nan)


def _large_sample(y: FloatArray, ni: FloatArray, vtype: str) -> FloatArray:
    """Borenstein 2009 (The Handbook of Research Synthesis), equation 12.27; AV at the weighted mean of y."""
    rho = weighted_mean(y, ni) if vtype == "AV" else y
    return np.where(ni > 3, (1 - rho**2) ** 2 / (ni - 1), np.nan)


def correlation(ri: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Raw correlation."""
    return ri, _large_sample(ri, ni, vtype)


def unbiased_correlation(ri: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Correlation without bias; vtype UB gives its unbiased variance.

    Source of UB: Hedges 1989, J Applied Psychology 74:469, with the exact series in place of its first terms.
    """
    y = olkin_pratt(ri, ni)
    if vtype == "UB":
        left = 1 - ri**2
        return y, y**2 - 1 + (ni - 3) / (ni - 2) * left * hypergeometric(1.0, 1.0, ni / 2, left)
    return y, _large_sample(y, ni, vtype)


def fisher_z(ri: FloatArray, ni: FloatArray) -> Effect:
    """Fisher's z with variance 1 / (n - 3): Fisher 1921, Metron 1:3."""
    return np.arctanh(ri), np.where(ni > 3, 1 / (ni - 3), np.nan)
