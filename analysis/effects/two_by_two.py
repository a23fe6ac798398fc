"""Effect sizes of two-by-two tables: ai, bi events and non-events in group 1, ci, di in group 2.

The matched measures read the same four cells as a paired table (ai both, bi only the first, ci only the second time).
Sources: Fleiss & Berlin 2009 (The Handbook of Research Synthesis, ch. 13) for RR, OR, RD and PHI; others by name below.
"""

import math

import numpy as np
from scipy import special

from analysis.effects.measure import Effect, fisher, weighted_mean
from analysis.records import FloatArray

COX_SNELL = 1.65
"""Log odds ratio over standardised difference, normal outcome: Cox & Snell 1989, Analysis of Binary Data, p. 21."""
LOGISTIC_SD = math.pi / math.sqrt(3)
"""Standard deviation of the logistic distribution: Hasselblad & Hedges 1995, Psychological Bulletin 117:167."""


def risk_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Log risk ratio; vtype LS, or AV with the average risk of each arm (metafor's since 5.0)."""
    n1, n2 = ai + bi, ci + di
    y = np.log(ai / n1) - np.log(ci / n2)
    if vtype == "LS":
        return y, 1 / ai - 1 / n1 + 1 / ci - 1 / n2
    p1, p2 = weighted_mean(ai / n1, n1), weighted_mean(ci / n2, n2)
    return y, (1 - p1) / (p1 * n1) + (1 - p2) / (p2 * n2)


def odds_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Log odds ratio; Woolf's variance (1955, Annals of Human Genetics 19:251), or AV with the average risks."""
    y = np.log(ai / bi) - np.log(ci / di)
    if vtype == "LS":
        return y, 1 / ai + 1 / bi + 1 / ci + 1 / di
    n1, n2 = ai + bi, ci + di
    p1, p2 = weighted_mean(ai / n1, n1), weighted_mean(ci / n2, n2)
    return y, 1 / (p1 * (1 - p1) * n1) + 1 / (p2 * (1 - p2) * n2)


def risk_difference(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Risk difference; vtype LS (binomial), UB (n - 1 in the denominator) or AV (average risks)."""
    n1, n2 = ai + bi, ci + di
    p1, p2 = ai / n1, ci / n2
    y = p1 - p2
    if vtype == "UB":
        return y, p1 * (1 - p1) / (n1 - 1) + p2 * (1 - p2) / (n2 - 1)
    if vtype == "AV":
        q1, q2 = weighted_mean(p1, n1), weighted_mean(p2, n2)
        return y, q1 * (1 - q1) / n1 + q2 * (1 - q2) / n2
    return y, p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2


def arcsine_difference(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Difference of arcsine square roots: Rücker et al. 2009, Statistics in Medicine 28:721."""
    n1, n2 = ai + bi, ci + di
    return np.arcsin(np.sqrt(ai / n1)) - np.arcsin(np.sqrt(ci / n2)), 1 / (4 * n1) + 1 / (4 * n2)


def peto(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Log odds ratio by observed minus expected: Yusuf et al. 1985, Prog Cardiovasc Dis 27:335."""
    n1, n2, events, others = ai + bi, ci + di, ai + ci, bi + di
    n = n1 + n2
    variance = events * others * (n1 / n) * (n2 / n) / (n - 1)
    return (ai - events * n1 / n) / variance, 1 / variance


def phi(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Phi coefficient; vtype LS or CS for one sample classified twice (Yule 1912, JRSS 75:603), ST for two samples."""
    n1, n2, m1, m2 = ai + bi, ci + di, ai + ci, bi + di
    y = (ai * di - bi * ci) / np.sqrt(n1 * n2 * m1 * m2)
    if vtype == "ST":
        return y, _phi_stratified(ai / n1, ci / n2, n1, n2)
    n = n1 + n2
    rows, cols = (n1 - n2) / np.sqrt(n1 * n2), (m1 - m2) / np.sqrt(m1 * m2)
    return y, (1 - y**2 + y * (1 + y**2 / 2) * rows * cols - 0.75 * y**2 * (rows**2 + cols**2)) / n


def _phi_stratified(p1: FloatArray, p2: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Variance of phi by the delta method when only the group sizes are fixed.

    phi = (p1 - p2) sqrt(w / (m (1 - m))) with w = n1 n2 / n^2 and m the mean risk; its slope in each risk follows.
    """
    n = n1 + n2
    m = (n1 * p1 + n2 * p2) / n
    root = np.sqrt(n1 * n2 / (n**2 * m * (1 - m)))
    bend = (p1 - p2) * (1 - 2 * m) / (2 * m * (1 - m))
    slope1, slope2 = root * (1 - bend * n1 / n), root * (-1 - bend * n2 / n)
    return slope1**2 * p1 * (1 - p1) / n1 + slope2**2 * p2 * (1 - p2) / n2


def fisher_phi(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Fisher's z of phi; here z does not make the variance constant."""
    return fisher(*phi(ai, bi, ci, di, vtype))


def yule_q(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Yule's Q: Yule 1912, JRSS 75:593."""
    y = (ai * di - bi * ci) / (ai * di + bi * ci)
    return y, (1 - y**2) ** 2 * (1 / ai + 1 / bi + 1 / ci + 1 / di) / 4


def yule_y(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Yule's Y: Yule 1912, JRSS 75:593."""
    concordant, discordant = np.sqrt(ai * di), np.sqrt(bi * ci)
    y = (concordant - discordant) / (concordant + discordant)
    return y, (1 - y**2) ** 2 * (1 / ai + 1 / bi + 1 / ci + 1 / di) / 16


def probit_difference(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Standardised difference by probits: Sánchez-Meca et al. 2003, Psychological Methods 8:448, equations 20-21."""
    n1, n2 = ai + bi, ci + di
    p1, p2 = ai / n1, ci / n2
    z1, z2 = special.ndtri(p1), special.ndtri(p2)
    v1, v2 = p1 * (1 - p1) * np.exp(z1**2) / n1, p2 * (1 - p2) * np.exp(z2**2) / n2
    return z1 - z2, 2 * math.pi * (v1 + v2)


def odds_ratio_to_d_logistic(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Standardised difference from the log odds ratio, logistic outcome (Hasselblad & Hedges 1995)."""
    y, v = odds_ratio(ai, bi, ci, di, vtype)
    return y / LOGISTIC_SD, v / LOGISTIC_SD**2


def odds_ratio_to_d_normal(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray, vtype: str) -> Effect:
    """Standardised difference from the log odds ratio, normal outcome (Cox & Snell 1989)."""
    y, v = odds_ratio(ai, bi, ci, di, vtype)
    return y / COX_SNELL, v / COX_SNELL**2


def matched_risk_difference(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Risk at the first minus the second time in one group: Newcombe 1998, Statistics in Medicine 17:2635."""
    n = ai + bi + ci + di
    p, q = bi / n, ci / n
    return p - q, (p + q - (p - q) ** 2) / n


def matched_risk_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Log ratio of the two marginal risks: Zou 2007, Clinical Trials 4:25."""
    del di
    return np.log((ai + bi) / (ai + ci)), (bi + ci) / ((ai + bi) * (ai + ci))


def matched_odds_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Log ratio of the two marginal odds: Becker & Balagtas 1993, Biometrics 49:997."""
    n = ai + bi + ci + di
    first, second, p, q = (ai + bi) / n, (ai + ci) / n, bi / n, ci / n
    spread = p + q - (p - q) ** 2
    y = special.logit(first) - special.logit(second)
    return y, spread / (n * first * (1 - first) * second * (1 - second))


def matched_conditional_odds_ratio(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Log ratio of the discordant cells: Curtin et al. 2002, Statistics in Medicine 21:2145."""
    del ai, di
    return np.log(bi / ci), 1 / bi + 1 / ci


def matched_peto(ai: FloatArray, bi: FloatArray, ci: FloatArray, di: FloatArray) -> Effect:
    """Peto's log odds ratio of the discordant cells: Curtin et al. 2002, Statistics in Medicine 21:2145."""
    del ai, di
    return 2 * (bi - ci) / (bi + ci), 4 / (bi + ci)
