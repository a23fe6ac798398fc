"""Intervals for single proportions, for the difference of two, and for a rate; two-by-two tests.

`level` is in percent. Limits are on the scale 0 to 1 and are not cut at 0 and 1 where the method goes beyond (Wald,
Agresti-Coull). Sources: Brown, Cai & DasGupta 2001, Statistical Science 16:101 (BCD); Newcombe 1998, Statistics in
Medicine 17:857 (single) and 17:873 (two).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special, stats

Side = Literal["lower", "upper"]
Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval with what it is an interval of.

    Attributes:
        estimate: The point estimate.
        lower: Lower limit; 0 where an upper bound alone was asked for.
        upper: Upper limit; 1 where a lower bound alone was asked for.
        level: Confidence in percent.
        method: Name of the method.
    """

    estimate: float
    lower: float
    upper: float
    level: float
    method: str


def proportion_interval(x: int, n: int, *, method: str = "clopper-pearson", level: float = 95.0) -> Interval | None:
    """Two-sided interval for a proportion of x out of n; None where the method has no limits (logit at 0 and n).

    Raises:
        ValueError: No such method, x not within 0..n, or n not positive.
    """
    _check(x, n, level)
    if method not in METHODS:
        raise ValueError(f"unknown interval {method}; known are {', '.join(METHODS)}")
    limits = METHODS[method](x, n, (100 - level) / 100)
    return None if limits is None else Interval(x / n, *limits, level, method)


def proportion_bound(x: int, n: int, *, side: Side, level: float = 95.0) -> Interval:
    """One-sided exact bound (Clopper-Pearson): for x = 0 the upper one is "the rule of three" made exact."""
    _check(x, n, level)
    lower, upper = _clopper_pearson(x, n, 2 * (100 - level) / 100)
    method = "clopper-pearson, one-sided"
    return Interval(x / n, lower if side == "lower" else 0.0, upper if side == "upper" else 1.0, level, method)


def _check(x: int, n: int, level: float) -> None:
    if n < 1 or not 0 <= x <= n or x != int(x) or n != int(n):
        raise ValueError(f"{x} of {n} is not a count out of a sample")
    if not 0 < level < 100:
        raise ValueError(f"level is in percent, between 0 and 100, not {level}")


def _z(alpha: float) -> float:
    return float(-special.ndtri(alpha / 2))


def _wald(x: int, n: int, alpha: float) -> Limits:
    """BCD equation 1."""
    p = x / n
    half = _z(alpha) * math.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _clopper_pearson(x: int, n: int, alpha: float) -> Limits:
    """BCD section 4.2.1, by quantiles of the beta distribution."""
    lower = float(special.betaincinv(x, n - x + 1, alpha / 2)) if x > 0 else 0.0
    upper = float(special.betainccinv(x + 1, n - x, alpha / 2)) if x < n else 1.0
    return lower, upper


def _wilson(x: int, n: int, alpha: float) -> Limits:
    """BCD equation 4 (Newcombe's method 3); exactly 0 at x = 0 and 1 at x = n."""
    z, p = _z(alpha), x / n
    centre = (x + z**2 / 2) / (n + z**2)
    half = z * math.sqrt(n) / (n + z**2) * math.sqrt(p * (1 - p) + z**2 / (4 * n))
    return (0.0 if x == 0 else centre - half), (1.0 if x == n else centre + half)


def _wilson_cc(x: int, n: int, alpha: float) -> Limits:
    """Newcombe's method 4: the score interval with continuity correction."""
    z, p = _z(alpha), x / n
    low = math.sqrt(max(z**2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1), 0.0))
    high = math.sqrt(max(z**2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1), 0.0))
    lower = 0.0 if x == 0 else (2 * x + z**2 - 1 - z * low) / (2 * (n + z**2))
    upper = 1.0 if x == n else (2 * x + z**2 + 1 + z * high) / (2 * (n + z**2))
    return max(lower, 0.0), min(upper, 1.0)


def _agresti_coull(x: int, n: int, alpha: float) -> Limits:
    """BCD equation 5."""
    z = _z(alpha)
    m = n + z**2
    p = (x + z**2 / 2) / m
    half = z * math.sqrt(p * (1 - p) / m)
    return p - half, p + half


def _jeffreys(x: int, n: int, alpha: float) -> Limits:
    """BCD equation 8, quantiles of beta(x + 1/2, n - x + 1/2)."""
    a, b = x + 0.5, n - x + 0.5
    return float(special.betaincinv(a, b, alpha / 2)), float(special.betainccinv(a, b, alpha / 2))


def _jeffreys_edge(x: int, n: int, alpha: float) -> Limits:
    """BCD section 4.1.2: the same with limit 0 at x = 0 and 1 at x = n."""
    lower, upper = _jeffreys(x, n, alpha)
    return (0.0 if x == 0 else lower), (1.0 if x == n else upper)


def _mid_p(x: int, n: int, alpha: float) -> Limits:
    """Half the probability of x itself counts as more extreme: Newcombe's method 6."""

    def lower_tail(p: float) -> float:
        return float(special.bdtrc(x, n, p) + stats.binom.pmf(x, n, p) / 2) - alpha / 2

    def upper_tail(p: float) -> float:
        below = float(special.bdtr(x - 1, n, p)) if x > 0 else 0.0
        return below + float(stats.binom.pmf(x, n, p)) / 2 - alpha / 2

    return (0.0 if x == 0 else _root(lower_tail, 0, x / n)), (1.0 if x == n else _root(upper_tail, x / n, 1))


def _likelihood_ratio(x: int, n: int, alpha: float) -> Limits:
    """Proportions whose deviance is not beyond the chi-square quantile: BCD section 4.2.2."""

    def gap(p: float) -> float:
        deviance = special.rel_entr(x, n * p) + special.rel_entr(n - x, n * (1 - p))
        return float(2 * deviance) - limit

    limit = _z(alpha) ** 2
    return (0.0 if x == 0 else _root(gap, 0, x / n)), (1.0 if x == n else _root(gap, x / n, 1))


def _logit_wald(x: int, n: int, alpha: float) -> Limits | None:
    """Wald on the logit scale: BCD section 4.2.3; no limits at the edges."""
    if x in {0, n}:
        return None
    centre, half = math.log(x / (n - x)), _z(alpha) * math.sqrt(1 / x + 1 / (n - x))
    return float(special.expit(centre - half)), float(special.expit(centre + half))


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    """Root between two proportions, to the last digits of a double."""
    return float(optimize.brentq(f, max(low, 1e-300), min(high, 1 - 1e-16), xtol=1e-15, rtol=1e-14, maxiter=500))


METHODS: dict[str, Callable[[int, int, float], Limits | None]] = {
    "wald": _wald,
    "clopper-pearson": _clopper_pearson,
    "wilson": _wilson,
    "wilson-cc": _wilson_cc,
    "agresti-coull": _agresti_coull,
    "jeffreys": _jeffreys,
    "jeffreys-edge": _jeffreys_edge,
    "mid-p": _mid_p,
    "likelihood-ratio": _likelihood_ratio,
    "logit-wald": _logit_wald,
}
"""Every two-sided interval for a single proportion by name."""


def difference_interval(
    first: tuple[int, int],
    second: tuple[int, int],
    *,
    method: str = "newcombe",
    level: float = 95.0,
) -> Interval:
    """Interval for the difference of two independent proportions, each given as (x, n).

    Raises:
        ValueError: No such method, or a proportion that is not a count out of a sample.
    """
    for x, n in (first, second):
        _check(x, n, level)
    if method not in DIFFERENCE_METHODS:
        raise ValueError(f"unknown interval {method}; known are {', '.join(DIFFERENCE_METHODS)}")
    limits = DIFFERENCE_METHODS[method](*first, *second, (100 - level) / 100)
    return Interval(first[0] / first[1] - second[0] / second[1], *limits, level, method)


def _wald_difference(x1: float, n1: float, x2: float, n2: float, alpha: float) -> Limits:
    p, q = x1 / n1, x2 / n2
    half = _z(alpha) * math.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2)
    return p - q - half, p - q + half


def _newcombe(x1: int, n1: int, x2: int, n2: int, alpha: float) -> Limits:
    """Two score intervals joined: Newcombe 1998, Statistics in Medicine 17:873, method 10."""
    p, q = x1 / n1, x2 / n2
    (l1, u1), (l2, u2) = _wilson(x1, n1, alpha), _wilson(x2, n2, alpha)
    return p - q - math.hypot(p - l1, u2 - q), p - q + math.hypot(u1 - p, q - l2)


def _agresti_caffo(x1: int, n1: int, x2: int, n2: int, alpha: float) -> Limits:
    """Wald after one success and one failure were added to each arm: Agresti & Caffo 2000, Am Statistician 54:280."""
    return _wald_difference(x1 + 1, n1 + 2, x2 + 1, n2 + 2, alpha)


def _miettinen_nurminen(x1: int, n1: int, x2: int, n2: int, alpha: float) -> Limits:
    """Differences that the score test does not reject: Miettinen & Nurminen 1985, Statistics in Medicine 4:213."""
    observed, limit = x1 / n1 - x2 / n2, _z(alpha) ** 2

    def gap(delta: float) -> float:
        p2 = _restricted_risk(x1, n1, x2, n2, delta)
        p1 = p2 + delta
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * (n1 + n2) / (n1 + n2 - 1)
        return (observed - delta) ** 2 - limit * variance

    def solve(low: float, high: float) -> float:
        return float(optimize.brentq(gap, low, high, xtol=1e-15, rtol=1e-14, maxiter=500))

    lower = -1.0 if observed == -1 else solve(-1 + 1e-15, observed)
    upper = 1.0 if observed == 1 else solve(observed, 1 - 1e-15)
    return lower, upper


def _restricted_risk(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """Most likely risk of arm 2 when the risks differ by delta: the cubic of Miettinen & Nurminen, appendix 1."""
    n, x = n1 + n2, x1 + x2
    l2 = (n2 + n) * delta - n - x
    l1 = (n2 * delta - n - 2 * x2) * delta + x
    l0 = x2 * delta * (1 - delta)
    q = l2**3 / (3 * n) ** 3 - l1 * l2 / (6 * n**2) + l0 / (2 * n)
    p = math.copysign(math.sqrt(max(l2**2 / (3 * n) ** 2 - l1 / (3 * n), 0.0)), q)
    ratio = min(max(q / p**3, -1.0), 1.0) if p else 0.0
    risk = 2 * p * math.cos((math.pi + math.acos(ratio)) / 3) - l2 / (3 * n)
    return min(max(risk, 0.0, -delta), 1.0, 1 - delta)


DIFFERENCE_METHODS: dict[str, Callable[[int, int, int, int, float], Limits]] = {
    "wald": _wald_difference,
    "newcombe": _newcombe,
    "agresti-caffo": _agresti_caffo,
    "miettinen-nurminen": _miettinen_nurminen,
}
"""Every interval for the difference of two proportions by name."""


@dataclass(frozen=True, slots=True)
class TableTests:
    """Two-sided p values of a two-by-two table; None where the test does not exist (an empty margin)."""

    fisher: float
    chi_squared: float | None
    chi_squared_yates: float | None


def table_tests(first: tuple[int, int], second: tuple[int, int]) -> TableTests:
    """Fisher's exact test and the chi-squared test with and without Yates' correction; each arm is (x, n)."""
    table = np.array([[x, n - x] for x, n in (first, second)])
    exact = float(stats.fisher_exact(table).pvalue)
    if 0 in table.sum(axis=0) or 0 in table.sum(axis=1):
        return TableTests(exact, None, None)
    plain, yates = (float(stats.chi2_contingency(table, correction=c).pvalue) for c in (False, True))
    return TableTests(exact, plain, yates)


def rate_interval(events: int, time: float, *, level: float = 95.0) -> Interval:
    """Exact interval for events per unit of person-time: Garwood 1936, Biometrika 28:437.

    Raises:
        ValueError: Events are not a count, or the time is not positive.
    """
    if events < 0 or events != int(events) or not 0 < time < math.inf or not 0 < level < 100:
        raise ValueError(f"{events} events in {time} person-time at level {level} is not a rate")
    half = (100 - level) / 200
    lower = float(special.gammaincinv(events, half)) / time if events else 0.0
    upper = float(special.gammainccinv(events + 1, half)) / time
    return Interval(events / time, lower, upper, level, "garwood")
