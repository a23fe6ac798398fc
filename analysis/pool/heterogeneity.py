"""How much the studies differ: Q, I2, H2, and confidence intervals for tau2 that carry over to I2 and H2."""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from analysis.pool.tau2 import FIXED, Problem, projector, solve_q
from analysis.records import FloatArray

# Newton's method on a convex function from the right; the saddle point need only be near.
_SADDLE_STEPS = 10


class Interval(NamedTuple):
    """Both ends of a confidence interval."""

    low: float
    high: float


class Heterogeneity(NamedTuple):
    """Q, I2, H2 and intervals; intervals are None where they were not asked for or there is no tau2."""

    vt: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_p: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2_ci_low: float | None
    i2_ci_high: float | None
    h2_ci_low: float | None
    h2_ci_high: float | None


def heterogeneity(
    problem: Problem, method: str, tau2: float, weights: FloatArray | None, level: float | None
) -> Heterogeneity:
    """Describe the heterogeneity that goes with an estimate of tau2.

    Args:
        problem: Estimates, variances, moderators.
        method: The estimator of tau2; equal-effects methods take I2 and H2 from Q, GENQ its own interval.
        tau2: The estimate.
        weights: The fixed weights of GENQ.
        level: Confidence level in percent, None for no intervals.

    Returns:
        The description.
    """
    df = problem.k - problem.p
    m = problem.moments(0.0)
    # Typical sampling variance: Higgins and Thompson 2002, Stat Med 21:1539, eq 9; with moderators P centres.
    vt = df / m.tr1 if df > 0 else 0.0
    q_p = float(chdtrc(df, m.q1)) if df > 0 else 1.0
    if method in FIXED:
        return Heterogeneity(vt, *fixed_i2_h2(m.q1, df), m.q1, df, q_p, None, None, None, None, None, None)
    described = Heterogeneity(vt, i2(tau2, vt), h2(tau2, vt), m.q1, df, q_p, None, None, None, None, None, None)
    if level is None or df == 0:
        return described
    if method == "GENQ" and weights is not None:
        low, high = generalised_q_interval(problem, weights, level)
    else:
        low, high = q_profile(problem, level)
    return described._replace(
        tau2_ci_low=low,
        tau2_ci_high=high,
        i2_ci_low=i2(low, vt),
        i2_ci_high=i2(high, vt),
        h2_ci_low=h2(low, vt),
        h2_ci_high=h2(high, vt),
    )


def i2(tau2: float, vt: float) -> float:
    """I2 in percent: the share of tau2 in the total variance of a typical study."""
    return 100.0 * tau2 / (tau2 + vt) if tau2 > 0.0 else 0.0


def h2(tau2: float, vt: float) -> float:
    """H2: the total over the sampling variance of a typical study; 1 without heterogeneity."""
    return 1.0 + tau2 / vt if tau2 > 0.0 else 1.0


def fixed_i2_h2(q: float, df: int) -> tuple[float, float]:
    """I2 (percent) and H2 from Q alone, as metafor reports them without tau2; H2 may be below 1."""
    if df == 0:
        return 0.0, 1.0
    return (max(0.0, 100.0 * (q - df) / q) if q > 0.0 else 0.0), q / df


def q_profile(problem: Problem, level: float) -> Interval:
    """Q-profile interval for tau2 (Viechtbauer 2007, Stat Med 26:37).

    Args:
        problem: Estimates, variances, moderators, with k > p.
        level: Confidence level in percent.

    Returns:
        The interval; (0, 0) where even tau2 = 0 makes Q too small, which happens when studies agree too well.
    """
    df, alpha = problem.k - problem.p, 1.0 - level / 100.0
    upper_tail, lower_tail = float(chdtri(df, alpha / 2.0)), float(chdtri(df, 1.0 - alpha / 2.0))
    return Interval(solve_q(problem, upper_tail), solve_q(problem, lower_tail))


def generalised_q_interval(problem: Problem, a: FloatArray, level: float) -> Interval:
    """Interval for tau2 from the exact distribution of Q with fixed weights a (Jackson 2013, Res Synth Methods 4:220).

    Args:
        problem: Estimates, variances, moderators, with k > p.
        a: The k fixed weights.
        level: Confidence level in percent.

    Returns:
        The interval; (0, 0) where even tau2 = 0 makes Q too small.
    """
    P = projector(problem, a)
    q = float(problem.y @ P @ problem.y)
    tail = (1.0 - level / 100.0) / 2.0

    def below(tau2: float) -> float:
        """The probability of a Q no larger than the one seen."""
        root = np.sqrt(problem.v + tau2)
        lambdas = np.linalg.eigvalsh(P * root[:, None] * root)[problem.p :].astype(np.float64)
        return quadratic_form_cdf(q, lambdas)

    def limit(probability: float) -> float:
        """The tau2 at which ``below`` has fallen to this probability."""
        if q <= 0.0 or below(0.0) <= probability:
            return 0.0
        low = high = float(problem.v.min())
        while below(high) > probability:
            high *= 4.0
        while below(low) < probability:
            low /= 4.0
        if low == high:
            return low
        log_tau2 = brentq(lambda x: below(math.exp(x)) - probability, math.log(low), math.log(high), xtol=1e-14)
        return math.exp(float(log_tau2))

    return Interval(limit(1.0 - tail), limit(tail))


def quadratic_form_cdf(x: float, lambdas: FloatArray) -> float:
    """P(sum of lambda_i chi2_1 <= x) for positive lambdas, to about 1e-12.

    The Laplace transform z^-1 prod (1 + 2 lambda_i z)^-1/2 has its singularities on the negative real axis, so it is
    inverted by the trapezoidal rule on a parabola around that axis (Weideman and Trefethen 2007, Math Comp 76:1341,
    section 3). Ours goes through the saddle point c of the integrand and bends in proportion to the saddle's width, so
    that one term and a thousand terms are both served.

    Args:
        x: The point, positive.
        lambdas: The weights of the chi-squared variables.

    Returns:
        The probability.
    """
    ratio = lambdas / x
    c = 1.0 + 0.5 * lambdas.size
    for _ in range(_SADDLE_STEPS):
        g = ratio / (1.0 + 2.0 * ratio * c)
        c -= (c - 1.0 - c * float(g.sum())) / (1.0 - float((g / (1.0 + 2.0 * ratio * c)).sum()))
    curvature = math.sqrt(1.0 / (c * c) + 2.0 * float((g * g).sum()))
    bend = 0.05 * curvature
    # 0.17 c keeps the pole at z = 0 away to 1e-16; beyond the last node the integrand is below e^-40 of its peak.
    h = min(0.17 * c, 0.5 / curvature)
    last = max(math.sqrt(40.0 / bend), 12.0 / curvature)
    v = h * (np.arange(math.ceil(last / h)) + 0.5)
    z = c - bend * v * v + 1j * v
    log_transform = -0.5 * np.log1p(2.0 * np.outer(z, ratio)).sum(axis=1)
    # The nodes below the real axis are the conjugates of these, which doubles the real part; dz = (i - 2 bend v) dv.
    return float(h / math.pi * (np.exp(z + log_transform) / z * (1.0 + 2j * bend * v)).real.sum())
