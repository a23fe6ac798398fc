"""Effect sizes of one group measured twice (or of matched pairs): m1i, sd1i and m2i, sd2i, correlation ri, ni pairs.

The sign is time 1 minus time 2, and SMCR and SMCRH divide by sd1i: give the baseline as time 1 to standardise by it.
A change score's own SD can be given as sd1i with sd2i = 0 and ri = 0 (MC and SMCC).
"""

import numpy as np

from analysis.effects.correlations import olkin_pratt
from analysis.effects.measure import Effect, bias_factor
from analysis.records import FloatArray


def sd_of_change(sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray) -> FloatArray:
    """SD of the difference of two correlated measurements."""
    return np.sqrt(sd1i**2 + sd2i**2 - 2 * ri * sd1i * sd2i)


def mean_change(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
) -> Effect:
    """Raw mean change."""
    return m1i - m2i, sd_of_change(sd1i, sd2i, ri) ** 2 / ni


def change_over_sd_of_change(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Mean change over the SD of the change: Gibbons et al. 1993, J Educational Statistics 18:271, equation 21.

    LS has n where Gibbons has n - 1; LS2 multiplies the uncorrected variance by the squared factor; UB is
    Viechtbauer 2007, J Educational and Behavioral Statistics 32:39, equation 26.
    """
    df = ni - 1
    d = (m1i - m2i) / sd_of_change(sd1i, sd2i, ri)
    j = bias_factor(df) if correct else np.ones_like(d)
    g = j * d
    if vtype == "LS2":
        return g, j**2 * (1 / ni + d**2 / (2 * ni))
    if vtype == "UB":
        return g, 1 / ni + (1 - (df - 2) / (df * j**2)) * g**2
    return g, 1 / ni + g**2 / (2 * ni)


def change_over_raw_sd(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Mean change over sd1i: Becker 1988, Br J Math Stat Psychol 41:257, equation 13.

    LS2 multiplies the uncorrected variance by the squared factor; UB is Viechtbauer 2007, equation 37.
    """
    df = ni - 1
    d = (m1i - m2i) / sd1i
    j = bias_factor(df) if correct else np.ones_like(d)
    g = j * d
    if vtype == "LS2":
        return g, j**2 * (2 * (1 - ri) / ni + d**2 / (2 * ni))
    if vtype == "UB":
        return g, 2 * (1 - olkin_pratt(ri, ni)) / ni + (1 - (df - 2) / (df * j**2)) * g**2
    return g, 2 * (1 - ri) / ni + g**2 / (2 * ni)


def change_over_raw_sd_heteroscedastic(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Mean change over sd1i without one variance for both times: Bonett 2008, Psychological Methods 13:99, equation 13.

    vtype LS divides by n - 1 as Bonett does, LS2 by n.
    """
    g = (bias_factor(ni - 1) if correct else 1.0) * (m1i - m2i) / sd1i
    n = ni if vtype == "LS2" else ni - 1
    return g, sd_of_change(sd1i, sd2i, ri) ** 2 / (sd1i**2 * n) + g**2 / (2 * n)


def _factor_of_average_sd(ri: FloatArray, ni: FloatArray, *, correct: bool) -> FloatArray:
    """Hedges' factor with the 2(n - 1) / (1 + r^2) degrees of freedom of two correlated variances (Cousineau 2020)."""
    return bias_factor(2 * (ni - 1) / (1 + ri**2)) if correct else np.ones_like(ri)


def change_over_average_sd(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    correct: bool,
) -> Effect:
    """Mean change over the root of the average variance: Cousineau 2020, Quant Methods Psychol 16:418, equation 2."""
    g = _factor_of_average_sd(ri, ni, correct=correct) * (m1i - m2i) / np.sqrt((sd1i**2 + sd2i**2) / 2)
    return g, 2 * (1 - ri) / ni + g**2 * (1 + ri**2) / (4 * ni)


def change_over_average_sd_heteroscedastic(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """The same without one variance for both times: Bonett 2008, equation 10; LS2 has n for n - 1."""
    s = np.sqrt((sd1i**2 + sd2i**2) / 2)
    g = _factor_of_average_sd(ri, ni, correct=correct) * (m1i - m2i) / s
    n = ni if vtype == "LS2" else ni - 1
    fourth = sd1i**4 + sd2i**4 + 2 * ri**2 * sd1i**2 * sd2i**2
    return g, sd_of_change(sd1i, sd2i, ri) ** 2 / (s**2 * n) + g**2 * fourth / (8 * s**4 * n)


def _variance_of_log_ratio(cv1: FloatArray, cv2: FloatArray, ri: FloatArray, ni: FloatArray) -> FloatArray:
    """Variance of the log ratio of two correlated means: Lajeunesse 2011, Ecology 92:2049, equation 6."""
    return (cv1**2 + cv2**2 - 2 * ri * cv1 * cv2) / ni


def ratio_of_means(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    correct: bool,
) -> Effect:
    """Log ratio of the two means: Lajeunesse 2011; bias of each log corrected (metafor's default since 5.0)."""
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    return np.log(m1i / m2i) + (cv1**2 - cv2**2) / (2 * ni) * correct, _variance_of_log_ratio(cv1, cv2, ri, ni)


def variability_ratio(sd1i: FloatArray, sd2i: FloatArray, ri: FloatArray, ni: FloatArray) -> Effect:
    """Log ratio of the two SDs; Nakagawa et al. 2015, Methods Ecol Evol 6:143, made dependent by (1 - r^2)."""
    return np.log(sd1i / sd2i), (1 - ri**2) / (ni - 1)


def variation_ratio(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    ri: FloatArray,
    ni: FloatArray,
    correct: bool,
) -> Effect:
    """Log ratio of the two coefficients of variation, the difference of the two ratios above."""
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    y = np.log(cv1) - np.log(cv2) - (cv1**2 - cv2**2) / (2 * ni) * correct
    return y, (1 - ri**2) / (ni - 1) + _variance_of_log_ratio(cv1, cv2, ri, ni)
