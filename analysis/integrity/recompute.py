"""Tests done again from what was printed: a p from its statistic, and t tests from means and SDs.

Rounding is respected: every statistic is an interval, and a p is consistent if some number in it gives the printed p.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy import special

from analysis.integrity.printed import Printed, read_printed

LEVEL_OF_SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class RecomputedP:
    """A printed p against its statistic.

    Attributes:
        p: Two-sided p of the statistic as printed (upper tail for F and chi-squared).
        p_min: Smallest p within the rounding of the statistic.
        p_max: Largest such p.
        consistent: Some p between them rounds to, or satisfies, the printed one.
        decision_error: Inconsistent, and printed and recomputed p lie on different sides of 0.05 (0.05 itself counts as
            significant, as in R package statcheck).
    """

    p: float
    p_min: float
    p_max: float
    consistent: bool
    decision_error: bool


@dataclass(frozen=True)
class Group:
    """A group as a table prints it: mean, SD (divisor n - 1) and number of persons.

    Raises:
        ValueError: The group has fewer than 2 persons or a negative SD.
    """

    mean: float
    sd: float
    n: int

    def __post_init__(self) -> None:
        """Refuse what no t test can use."""
        _group(self.n, self.sd)


@dataclass(frozen=True)
class TTest:
    """A t test from summary numbers.

    Attributes:
        difference: First mean minus second.
        se: Its standard error.
        t: difference / se; infinite or nan where the standard error is 0.
        df: Degrees of freedom.
        p: Two-sided.
    """

    difference: float
    se: float
    t: float
    df: float
    p: float


@dataclass(frozen=True)
class PairedAtR:
    """A paired t test for one assumed correlation.

    Attributes:
        r: The correlation between the two times.
        mean_change: Second time minus first.
        sd_change: SD of the change.
        t: Of the mean change.
        df: n - 1.
        p: Two-sided.
        ci_low: Lower limit of the mean change.
        ci_high: Upper limit of the mean change.
    """

    r: float
    mean_change: float
    sd_change: float
    t: float
    df: int
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class PairedReach:
    """What a paired t test can give at any correlation.

    Attributes:
        p_smallest: At r = 1, from the numbers as printed.
        p_largest: At r = -1, from the numbers as printed.
        p_smallest_rounding: The same as the smallest, when rounding helps as much as it can.
        p_largest_rounding: The same as the largest, when rounding hinders as much as it can.
        p_rank_test: Smallest exact two-sided p of a Wilcoxon signed-rank test with n pairs: 2 / 2**n.
        sd_change_smallest: SD of the change at r = 1, as printed.
        consistent: Some correlation in [-1, 1] and some numbers within rounding give the printed p; None without one.
        rank_test_could: A rank test could have given the printed p; None without one.
    """

    p_smallest: float
    p_largest: float
    p_smallest_rounding: float
    p_largest_rounding: float
    p_rank_test: float
    sd_change_smallest: float
    consistent: bool | None
    rank_test_could: bool | None


@dataclass(frozen=True)
class PrintedP:
    """A p as printed: an operator among = < > <= >= and a number."""

    op: str
    value: Printed

    def admits(self, p_min: float, p_max: float) -> bool:
        """Say whether some p of the interval rounds to, or satisfies, this one."""
        limit = float(self.value)
        if self.op == "=":
            return p_min <= float(self.value.high) and p_max >= float(self.value.low)
        if self.op in ("<", "<="):
            return p_min < limit if self.op == "<" else p_min <= limit
        return p_max > limit if self.op == ">" else p_max >= limit


def read_p(text: str) -> PrintedP:
    """Read "<0.001", "= .04", ">0.05" or "0.03".

    Raises:
        ValueError: It is not an operator and a number between 0 and 1.
    """
    stripped = text.strip().replace("≤", "<=").replace("≥", ">=")
    op = next((op for op in ("<=", ">=", "<", ">", "=") if stripped.startswith(op)), "")
    value = read_printed(stripped[len(op) :])
    if not 0 <= value.value <= 1:
        raise ValueError(f"a p lies between 0 and 1: {text!r}")
    return PrintedP(op or "=", value)


def p_of_t(t: float, df: float) -> float:
    """Give the two-sided p of a t statistic; the tail is taken without cancellation."""
    return 2 * float(special.stdtr(df, -abs(t)))


def recompute_p(kind: str, statistic: str, p: str, *, df: float | None = None, df2: float | None = None) -> RecomputedP:
    """Compute a p again from a printed statistic.

    Args:
        kind: "t", "F", "chi2", "z" or "r" (a correlation, df = n - 2).
        statistic: The statistic as printed.
        p: The p as printed, with its operator.
        df: Degrees of freedom (numerator for F); not for z.
        df2: Degrees of freedom of the denominator for F.

    Raises:
        ValueError: The kind is unknown, degrees of freedom are missing or not positive, or a number cannot be read.
    """
    tail = _tail(kind, df, df2)
    printed, reported = read_printed(statistic), read_p(p)
    nearest = 0.0 if printed.low <= 0 <= printed.high else min(abs(float(printed.low)), abs(float(printed.high)))
    farthest = max(abs(float(printed.low)), abs(float(printed.high)))
    p_min, p_max = tail(farthest), tail(nearest)
    consistent = reported.admits(p_min, p_max)
    wrong_side = not consistent and _differs_at_level(reported, p_min, p_max)
    return RecomputedP(tail(abs(float(printed))), p_min, p_max, consistent, wrong_side)


def welch_t(first: Group, second: Group) -> TTest:
    """Two independent means without equal variances (Welch 1947, with Satterthwaite's degrees of freedom)."""
    v1, v2 = first.sd**2 / first.n, second.sd**2 / second.n
    below = v1**2 / (first.n - 1) + v2**2 / (second.n - 1)
    df = (v1 + v2) ** 2 / below if below else float(first.n + second.n - 2)
    return _t_test(first.mean - second.mean, math.sqrt(v1 + v2), df)


def pooled_t(first: Group, second: Group) -> TTest:
    """Two independent means with equal variances (Student 1908)."""
    df = first.n + second.n - 2
    pooled = ((first.n - 1) * first.sd**2 + (second.n - 1) * second.sd**2) / df
    return _t_test(first.mean - second.mean, math.sqrt(pooled * (1 / first.n + 1 / second.n)), df)


def paired_t(
    m_pre: float, sd_pre: float, m_post: float, sd_post: float, *, n: int, r: float, level: float = 95
) -> PairedAtR:
    """Paired t test from the two SDs and an assumed correlation; the change is post minus pre.

    Raises:
        ValueError: n is below 2, an SD is negative, or r is outside -1 to 1.
    """
    _group(n, sd_pre)
    _group(n, sd_post)
    if not -1 <= r <= 1:
        raise ValueError(f"a correlation lies between -1 and 1, got {r}")
    # Written so that nothing cancels at r = 1 with equal SDs.
    sd_change = math.sqrt((sd_pre - sd_post) ** 2 + 2 * (1 - r) * sd_pre * sd_post)
    test = _t_test(m_post - m_pre, sd_change / math.sqrt(n), n - 1)
    half = float(special.stdtrit(n - 1, 0.5 + level / 200)) * test.se
    return PairedAtR(
        r, test.difference, sd_change, test.t, n - 1, test.p, test.difference - half, test.difference + half
    )


def paired_reach(m_pre: str, sd_pre: str, m_post: str, sd_post: str, *, n: int, p: str | None = None) -> PairedReach:
    """Say which p a paired t test can reach over all correlations from -1 to 1.

    Zhang 2017 prints 20.1 ± 3.1 and 13.8 ± 10.2 with n = 14 and p < 0.001; the smallest p over all r is 0.0055.

    Raises:
        ValueError: A number cannot be read, n is below 2, or an SD is negative.
    """
    pre, post, s1, s2 = (read_printed(text) for text in (m_pre, m_post, sd_pre, sd_post))
    ends = [paired_t(float(pre), float(s1), float(post), float(s2), n=n, r=r) for r in (1, -1)]
    least, most = _gap_range(pre, post)
    narrowest, _ = _gap_range(s1, s2)
    p_low = _t_test(most, narrowest / math.sqrt(n), n - 1).p
    p_high = _t_test(least, float(s1.high + s2.high) / math.sqrt(n), n - 1).p
    rank = 2.0 ** (1 - n)
    reported = None if p is None else read_p(p)
    return PairedReach(
        p_smallest=ends[0].p,
        p_largest=ends[1].p,
        p_smallest_rounding=p_low,
        p_largest_rounding=p_high,
        p_rank_test=rank,
        sd_change_smallest=ends[0].sd_change,
        consistent=None if reported is None else reported.admits(p_low, p_high),
        rank_test_could=None if reported is None else reported.admits(rank, 1.0),
    )


def _group(n: int, sd: float) -> None:
    if n < 2:
        raise ValueError(f"a t test needs groups of at least 2, got {n}")
    if sd < 0:
        raise ValueError(f"an SD cannot be negative: {sd}")


def _t_test(difference: float, se: float, df: float) -> TTest:
    if se == 0:
        t = math.copysign(math.inf, difference) if difference else math.nan
        return TTest(difference, se, t, df, 0.0 if difference else 1.0)
    return TTest(difference, se, difference / se, df, p_of_t(difference / se, df))


def _gap_range(a: Printed, b: Printed) -> tuple[float, float]:
    """Give the smallest and the largest distance between two rounded numbers."""
    gap, slack = abs(a.value - b.value), a.half + b.half
    return max(float(gap - slack), 0.0), float(gap + slack)


def _positive(kind: str, df: float | None) -> float:
    if df is None or df <= 0:
        raise ValueError(f"the statistic {kind} needs degrees of freedom above 0, got {df}")
    return df


def _tail(kind: str, df: float | None, df2: float | None) -> Callable[[float], float]:
    """Choose the function that gives p for the size of the statistic."""
    if kind == "z":
        return lambda z: 2 * float(special.ndtr(-z))
    if kind not in ("t", "F", "chi2", "r"):
        raise ValueError(f"unknown statistic {kind!r}: use t, F, chi2, z or r")
    nu = _positive(kind, df)
    if kind == "t":
        return lambda t: p_of_t(t, nu)
    if kind == "r":
        return lambda r: p_of_t(r * math.sqrt(nu / (1 - r * r)), nu) if r < 1 else 0.0
    if kind == "chi2":
        return lambda x: float(special.chdtrc(nu, x))
    nu2 = _positive(kind, df2)
    return lambda f: float(special.fdtrc(nu, nu2, f))


def _differs_at_level(reported: PrintedP, p_min: float, p_max: float) -> bool:
    """Say whether printed and recomputed p disagree about significance at 0.05."""
    value = float(reported.value)
    printed_significant = value <= LEVEL_OF_SIGNIFICANCE and not reported.op.startswith(">")
    all_below, all_above = p_max <= LEVEL_OF_SIGNIFICANCE, p_min > LEVEL_OF_SIGNIFICANCE
    return all_above if printed_significant else all_below
