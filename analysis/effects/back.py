"""From the scale of an effect size back to the scale of the data.

Every function takes a number or an array on the analysis scale. Those that need a sample size take it as `n`, those
that need a person-time as `t`; the usual choice over several studies is the harmonic mean (Miller 1978).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.records import FloatArray


def _array(y: ArrayLike) -> FloatArray:
    return np.asarray(y, dtype=np.float64)


def identity(y: ArrayLike) -> FloatArray:
    """Nothing to do: the measure is on the scale of the data."""
    return _array(y)


def exp(y: ArrayLike) -> FloatArray:
    """A ratio, a rate or a mean from its log."""
    return np.exp(_array(y))


def tanh(y: ArrayLike) -> FloatArray:
    """A correlation from Fisher's z."""
    return np.tanh(_array(y))


def logistic(y: ArrayLike) -> FloatArray:
    """A proportion from its logit."""
    return special.expit(_array(y))


def normal(y: ArrayLike) -> FloatArray:
    """A proportion from its probit."""
    return special.ndtr(_array(y))


def sine_squared(y: ArrayLike) -> FloatArray:
    """A proportion from its arcsine square root; values beyond 0 and pi/2 give 0 and 1."""
    return np.sin(np.clip(_array(y), 0, np.pi / 2)) ** 2


def square(y: ArrayLike) -> FloatArray:
    """A rate from its square root; values below zero give 0."""
    return np.maximum(_array(y), 0) ** 2


def double_arcsine(y: ArrayLike, n: float) -> FloatArray:
    """A proportion from the halved double arcsine at sample size n: Miller 1978, American Statistician 32:138.

    Values beyond what 0 of n and n of n give become 0 and 1.
    """
    low = np.arcsin(np.sqrt(1 / (n + 1))) / 2
    high = (np.arcsin(np.sqrt(n / (n + 1))) + np.pi / 2) / 2
    angle = 2 * np.clip(_array(y), low, high)
    sine = np.sin(angle)
    inside = 1 - (sine + (sine - 1 / sine) / n) ** 2
    p = (1 - np.sign(np.cos(angle)) * np.sqrt(np.maximum(inside, 0))) / 2
    return np.where(_array(y) <= low, 0.0, np.where(_array(y) >= high, 1.0, p))


def freeman_tukey_rate(y: ArrayLike, t: float) -> FloatArray:
    """A rate from the halved Freeman-Tukey rate at person-time t; below what no event gives it is 0.

    With y = (sqrt(x/t) + sqrt((x+1)/t)) / 2 the two roots differ by 1/(2 t y), so sqrt(x/t) = y - 1/(4 t y).
    """
    values = _array(y)
    safe = np.maximum(values, 1 / (2 * np.sqrt(t)))
    return np.asarray((safe - 1 / (4 * t * safe)) ** 2, dtype=np.float64)


def harmonic_mean(sizes: ArrayLike) -> float:
    """The sample size (or person-time) that stands for several."""
    return float(1 / np.mean(1 / _array(sizes)))
