"""Effect sizes of event counts over person-time: xi in ti, or x1i in t1i against x2i in t2i.

Source of the two-group measures: Rothman, Greenland & Lash 2008, Modern Epidemiology, ch. 14; the square root
difference is Bagos & Nikolopoulos 2009, International Journal of Biostatistics 5:21.
"""

import numpy as np

from analysis.effects.measure import Effect
from analysis.records import FloatArray


def rate_ratio(x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effect:
    """Log incidence rate ratio."""
    return np.log(x1i / t1i) - np.log(x2i / t2i), 1 / x1i + 1 / x2i


def rate_difference(x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effect:
    """Incidence rate difference."""
    return x1i / t1i - x2i / t2i, x1i / t1i**2 + x2i / t2i**2


def root_rate_difference(x1i: FloatArray, x2i: FloatArray, t1i: FloatArray, t2i: FloatArray) -> Effect:
    """Difference of the square roots of the rates."""
    return np.sqrt(x1i / t1i) - np.sqrt(x2i / t2i), 1 / (4 * t1i) + 1 / (4 * t2i)


def rate(xi: FloatArray, ti: FloatArray) -> Effect:
    """Raw incidence rate."""
    return xi / ti, xi / ti**2


def log_rate(xi: FloatArray, ti: FloatArray) -> Effect:
    """Log incidence rate."""
    return np.log(xi / ti), 1 / xi


def root_rate(xi: FloatArray, ti: FloatArray) -> Effect:
    """Square root of the rate."""
    return np.sqrt(xi / ti), 1 / (4 * ti)


def freeman_tukey_rate(xi: FloatArray, ti: FloatArray) -> Effect:
    """Freeman-Tukey rate, halved: Freeman & Tukey 1950, Annals of Mathematical Statistics 21:607."""
    return (np.sqrt(xi / ti) + np.sqrt((xi + 1) / ti)) / 2, 1 / (4 * ti)
