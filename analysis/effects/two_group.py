"""Effect sizes of two groups with means and standard deviations: m1i, sd1i, n1i against m2i, sd2i, n2i.

Sources: Borenstein 2009 (The Handbook of Research Synthesis, ch. 12) unless another is named.
"""

import math

import numpy as np
from scipy import special

from analysis.effects.measure import Effect, bias_factor, fisher, weighted_mean
from analysis.effects.two_by_two import COX_SNELL, LOGISTIC_SD
from analysis.records import FloatArray


def pooled_sd(sd1i: FloatArray, sd2i: FloatArray, n1i: FloatArray, n2i: FloatArray) -> FloatArray:
    """Square root of the pooled within-group variance (equation 12.11)."""
    return np.sqrt(((n1i - 1) * sd1i**2 + (n2i - 1) * sd2i**2) / (n1i + n2i - 2))


def mean_difference(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
) -> Effect:
    """Raw mean difference; vtype LS or UB (equation 12.5), HO with one variance for both groups (12.3)."""
    if vtype == "HO":
        return m1i - m2i, pooled_sd(sd1i, sd2i, n1i, n2i) ** 2 * (1 / n1i + 1 / n2i)
    return m1i - m2i, sd1i**2 / n1i + sd2i**2 / n2i


def _standardised(
    d: FloatArray,
    *,
    df: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    n: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Hedges' g and its variance; n is the size of the sample that gave the standard deviation.

    LS: Hedges 1982, Psychological Bulletin 92:490, equation 8; UB: Hedges 1983, Psychological Bulletin 93:388,
    equation 9; LS2: Borenstein 2009, equation 12.17; AV: LS at the sample-size weighted mean of g.
    """
    j = bias_factor(df) if correct else np.ones_like(d)
    g = j * d
    base = 1 / n1i + 1 / n2i
    if vtype == "LS2":
        return g, j**2 * (base + d**2 / (2 * n))
    if vtype == "UB":
        return g, base + (1 - (df - 2) / (df * j**2)) * g**2
    if vtype == "AV":
        return g, base + weighted_mean(g, n1i + n2i) ** 2 / (2 * n)
    return g, base + g**2 / (2 * n)


def standardised_difference(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Standardised mean difference over the pooled SD: Hedges 1981, J Educational Statistics 6:107."""
    d = (m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i)
    return _standardised(d, df=n1i + n2i - 2, n1i=n1i, n2i=n2i, n=n1i + n2i, vtype=vtype, correct=correct)


def glass_difference(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Mean difference over the SD of group 2 (Glass), both groups with one variance: Hedges 1981."""
    d = (m1i - m2i) / sd2i
    return _standardised(d, df=n2i - 1, n1i=n1i, n2i=n2i, n=n2i, vtype=vtype, correct=correct)


def glass_difference_heteroscedastic(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    correct: bool,
) -> Effect:
    """The same without one variance for both: Bonett 2008, Psychological Methods 13:99, equation 12."""
    j = bias_factor(n2i - 1) if correct else 1.0
    g = j * (m1i - m2i) / sd2i
    return g, sd1i**2 / sd2i**2 / (n1i - 1) + 1 / (n2i - 1) + g**2 / (2 * (n2i - 1))


def standardised_difference_heteroscedastic(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Mean difference over the root of the average variance: Bonett 2009, Psychological Methods 14:225, equation 5.

    vtype LS divides by n - 1 as Bonett does, LS2 by n, LS3 by n for the means and n - 1 for the SDs.
    """
    s = np.sqrt((sd1i**2 + sd2i**2) / 2)
    j = bias_factor(n1i + n2i - 2) if correct else 1.0
    g = j * (m1i - m2i) / s
    means = (n1i - 1, n2i - 1) if vtype == "LS" else (n1i, n2i)
    spreads = (n1i, n2i) if vtype == "LS2" else (n1i - 1, n2i - 1)
    of_means = (sd1i**2 / means[0] + sd2i**2 / means[1]) / s**2
    return g, of_means + g**2 * (sd1i**4 / spreads[0] + sd2i**4 / spreads[1]) / (8 * s**4)


def ratio_of_means(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
    correct: bool,
) -> Effect:
    """Log ratio of means: Hedges et al. 1999, Ecology 80:1150, equation 1.

    The bias correction is Lajeunesse 2015, Ecology 96:2056, equation 8 (metafor's default since 5.0). HO takes one
    variance for both groups; AV and AVHO average the coefficients of variation over studies (Nakagawa et al. 2023,
    Ecology Letters 26:232).
    """
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    y = np.log(m1i / m2i) + (cv1**2 / n1i - cv2**2 / n2i) / 2 * correct
    if vtype == "HO":
        return y, pooled_sd(sd1i, sd2i, n1i, n2i) ** 2 * (1 / (n1i * m1i**2) + 1 / (n2i * m2i**2))
    if vtype == "AV":
        return y, weighted_mean(cv1, n1i) ** 2 / n1i + weighted_mean(cv2, n2i) ** 2 / n2i
    if vtype == "AVHO":
        both = weighted_mean((n1i * cv1 + n2i * cv2) / (n1i + n2i), n1i + n2i)
        return y, both**2 * (1 / n1i + 1 / n2i)
    return y, cv1**2 / n1i + cv2**2 / n2i


def variability_ratio(
    *,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    correct: bool,
) -> Effect:
    """Log ratio of standard deviations: Nakagawa et al. 2015, Methods Ecol Evol 6:143, equations 9 and 10."""
    h1, h2 = 1 / (2 * (n1i - 1)), 1 / (2 * (n2i - 1))
    return np.log(sd1i / sd2i) + (h1 - h2) * correct, h1 + h2


def variation_ratio(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    correct: bool,
) -> Effect:
    """Log ratio of coefficients of variation: Nakagawa et al. 2015, equations 11 and 12 without the correlation term.

    Mean and SD of normal data are independent. The bias of both logs is corrected (metafor since 5.0).
    """
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    h1, h2 = 1 / (2 * (n1i - 1)), 1 / (2 * (n2i - 1))
    bias = h1 - h2 - (cv1**2 / n1i - cv2**2 / n2i) / 2
    return np.log(cv1) - np.log(cv2) + bias * correct, h1 + h2 + cv1**2 / n1i + cv2**2 / n2i


def _scaled_difference(d: FloatArray, n1i: FloatArray, n2i: FloatArray, factor: float) -> Effect:
    """A log odds ratio out of Cohen's d (uncorrected, as in metafor)."""
    return factor * d, factor**2 * (1 / n1i + 1 / n2i + d**2 / (2 * (n1i + n2i)))


def d_to_odds_ratio_normal(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
) -> Effect:
    """Log odds ratio from a standardised difference, normal outcome (Cox & Snell 1989)."""
    return _scaled_difference((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i, COX_SNELL)


def d_to_odds_ratio_logistic(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
) -> Effect:
    """Log odds ratio from a standardised difference, logistic outcome (Hasselblad & Hedges 1995)."""
    return _scaled_difference((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i, LOGISTIC_SD)


def _point_biserial(d: FloatArray, n1i: FloatArray, n2i: FloatArray, vtype: str) -> Effect:
    n = n1i + n2i
    h = (n - 2) / n1i + (n - 2) / n2i
    r = d / np.sqrt(d**2 + h)
    if vtype == "CS":
        return r, (1 - r**2) ** 2 * (n * r**2 / (4 * n1i * n2i) + (2 - 3 * r**2) / (2 * n))
    return r, h**2 / (h + d**2) ** 3 * (1 / n1i + 1 / n2i + d**2 / (2 * n))


def _biserial(d: FloatArray, n1i: FloatArray, n2i: FloatArray) -> Effect:
    n = n1i + n2i
    p, q = n1i / n, n2i / n
    z = special.ndtri(q)
    f = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    r = np.sqrt(p * q) / f * _point_biserial(d, n1i, n2i, "LS")[0]
    # a sample can give |r| > 1; the variance is then taken at 1
    s = np.clip(r, -1, 1)
    return r, (p * q / f**2 - (1.5 + (1 - p * z / f) * (1 + q * z / f)) * s**2 + s**4) / (n - 1)


def point_biserial(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
) -> Effect:
    """Point-biserial correlation; vtype LS or ST with fixed group sizes, CS with random ones.

    Sources: Jacobs & Viechtbauer 2017, Research Synthesis Methods 8:161; CS is Tate 1954, Ann Math Stat 25:603.
    """
    return _point_biserial((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i, vtype)


def biserial(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
) -> Effect:
    """Biserial correlation with Soper's variance: Soper 1914, Biometrika 10:384; Jacobs & Viechtbauer 2017."""
    return _biserial((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i)


def fisher_point_biserial(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
    vtype: str,
) -> Effect:
    """Fisher's z of the point-biserial correlation."""
    return fisher(*_point_biserial((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i, vtype))


def fisher_biserial(
    *,
    m1i: FloatArray,
    m2i: FloatArray,
    sd1i: FloatArray,
    sd2i: FloatArray,
    n1i: FloatArray,
    n2i: FloatArray,
) -> Effect:
    """Fisher's z of the biserial correlation."""
    return fisher(*_biserial((m1i - m2i) / pooled_sd(sd1i, sd2i, n1i, n2i), n1i, n2i))
