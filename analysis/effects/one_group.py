"""Effect sizes of single groups: a proportion (xi of ni) or a mean (mi, sdi, ni)."""

import math

import numpy as np
from scipy import special

from analysis.effects.measure import Effect, bias_factor, weighted_mean
from analysis.records import FloatArray


def proportion(xi: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Raw proportion; vtype LS (binomial), UB (n - 1 in the denominator) or AV (average proportion)."""
    p = xi / ni
    if vtype == "UB":
        return p, p * (1 - p) / (ni - 1)
    if vtype == "AV":
        m = weighted_mean(p, ni)
        return p, m * (1 - m) / ni
    return p, p * (1 - p) / ni


def log_proportion(xi: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Log proportion, variance by the delta method; AV at the average proportion."""
    x = ni * weighted_mean(xi / ni, ni) if vtype == "AV" else xi
    return np.log(xi / ni), 1 / x - 1 / ni


def logit_proportion(xi: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Log odds, variance by the delta method; AV at the average proportion."""
    x = ni * weighted_mean(xi / ni, ni) if vtype == "AV" else xi
    return np.log(xi / (ni - xi)), 1 / x + 1 / (ni - x)


def probit_proportion(xi: FloatArray, ni: FloatArray) -> Effect:
    """Probit of the proportion, variance by the delta method."""
    p = xi / ni
    z = special.ndtri(p)
    return z, 2 * math.pi * p * (1 - p) * np.exp(z**2) / ni


def arcsine_proportion(xi: FloatArray, ni: FloatArray) -> Effect:
    """Arcsine of the square root of the proportion."""
    return np.arcsin(np.sqrt(xi / ni)), 1 / (4 * ni)


def double_arcsine(xi: FloatArray, ni: FloatArray) -> Effect:
    """Freeman-Tukey double arcsine, halved: Freeman & Tukey 1950, Annals of Mathematical Statistics 21:607."""
    one, other = np.sqrt(xi / (ni + 1)), np.sqrt((xi + 1) / (ni + 1))
    return (np.arcsin(one) + np.arcsin(other)) / 2, 1 / (4 * ni + 2)


def mean(mi: FloatArray, sdi: FloatArray, ni: FloatArray, vtype: str) -> Effect:
    """Raw mean; vtype LS, or HO with one variance for all studies."""
    if vtype == "HO":
        return mi, weighted_mean(sdi**2, ni - 1) / ni
    return mi, sdi**2 / ni


def standardised_mean(mi: FloatArray, sdi: FloatArray, ni: FloatArray, *, correct: bool) -> Effect:
    """Mean over standard deviation with Hedges' factor (n - 1 degrees of freedom)."""
    g = (bias_factor(ni - 1) if correct else 1.0) * mi / sdi
    return g, 1 / ni + g**2 / (2 * ni)


def log_mean(mi: FloatArray, sdi: FloatArray, ni: FloatArray) -> Effect:
    """Log mean, variance by the delta method."""
    return np.log(mi), sdi**2 / (ni * mi**2)


def log_variation(mi: FloatArray, sdi: FloatArray, ni: FloatArray, *, correct: bool) -> Effect:
    """Log coefficient of variation: Nakagawa et al. 2015, Methods Ecol Evol 6:143, equation 27 without correlation."""
    h = 1 / (2 * (ni - 1))
    return np.log(sdi / mi) + h * correct, h + sdi**2 / (ni * mi**2)


def log_sd(sdi: FloatArray, ni: FloatArray, *, correct: bool) -> Effect:
    """Log standard deviation: Raudenbush & Bryk 1987, J Educational Statistics 12:241, equation 5."""
    h = 1 / (2 * (ni - 1))
    return np.log(sdi) + h * correct, h
