"""Which p the printed numbers of a comparison can give: two arms' means, two fractions, an effect with its interval.

Each answer is a range, because the numbers are rounded and more than one test is usual.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from analysis.convert import quantile
from analysis.integrity.printed import Printed, read_printed
from analysis.integrity.recompute import Group, p_of_t, pooled_t, read_p, welch_t

#: How far a likelihood-ratio, score or log-rank statistic may lie from the one of the printed interval. Asymptotically
#: they agree; with the small samples of trials they part by some percent (Agresti 2013, Categorical Data Analysis 1.3).
OTHER_TESTS = 0.15

#: The same for a small statistic, in standard errors: a continuity correction moves it by about as much.
OTHER_TESTS_Z = 0.25

#: Fewest degrees of freedom considered for the t interval of a mean difference.
FEWEST_DF = 8

#: Stands for 0 where a rounded limit could be 0 and is divided by or put on the log scale.
TINY = 1e-12


@dataclass(frozen=True)
class Reach:
    """The range of p, two-sided, and whether the printed one lies in it (None without a printed one).

    Attributes:
        p_min: The smallest p that some usual test gives, rounding considered.
        p_max: The largest such p.
        consistent: Some p between them rounds to, or satisfies, the printed one.
        one_sided: The same for half of each p; None without a printed one.
    """

    p_min: float
    p_max: float
    consistent: bool | None
    one_sided: bool | None


def means_reach(first: tuple[str, str, int], second: tuple[str, str, int], p: str | None = None) -> Reach:
    """Two groups as (mean, SD, n): the p of Welch's and of the pooled t test within rounding (Handbook 6.5.2.3).

    Raises:
        ValueError: A number cannot be read, a group has fewer than 2 persons, or an SD is negative.
    """
    m1, m2, s1, s2 = (read_printed(text) for text in (first[0], second[0], first[1], second[1]))
    gap, slack = abs(m1.value - m2.value), m1.half + m2.half
    found = []
    for distance, end in ((float(gap + slack), "low"), (max(float(gap - slack), 0.0), "high")):
        a, b = Group(distance, _spread(s1, end), first[2]), Group(0.0, _spread(s2, end), second[2])
        found += [welch_t(a, b).p, pooled_t(a, b).p]
    return _reach(min(found), max(found), p)


def fractions_reach(events1: int, n1: int, events2: int, n2: int, p: str | None = None) -> Reach:
    """Two groups as events of n: Pearson's chi-squared with and without Yates's correction, and Fisher's exact test.

    Raises:
        ValueError: A fraction is not between 0 and 1, or p is not a p.
    """
    if not (0 <= events1 <= n1 and 0 <= events2 <= n2 and n1 and n2):
        raise ValueError(f"{events1}/{n1} and {events2}/{n2} are not two fractions")
    table = np.array([[events1, n1 - events1], [events2, n2 - events2]])
    if not 0 < events1 + events2 < n1 + n2:
        return _reach(1.0, 1.0, p)
    found = [float(stats.chi2_contingency(table, correction=yates).pvalue) for yates in (False, True)]
    found.append(float(stats.fisher_exact(table).pvalue))
    return _reach(min(found), min(max(found), 1.0), p)


def interval_reach(
    estimate: str, ci_low: str, ci_high: str, p: str | None = None, *, log: bool = False, level: float = 95.0
) -> Reach:
    """An effect with its interval: the p of its distance from no effect (0, or 1 for a ratio) in standard errors.

    Altman and Bland 2011, BMJ 343:d2304. A ratio is taken on the log scale. A difference may have a t interval of
    FEWEST_DF degrees of freedom or more. The statistic may differ by OTHER_TESTS, or by OTHER_TESTS_Z if that is more.

    Raises:
        ValueError: A number cannot be read, the limits are not in order, or a ratio's number is not positive.
    """
    point, low, high = (read_printed(text) for text in (estimate, ci_low, ci_high))
    ends = [_distance(point, low, high, rounding, log=log) for rounding in (-1, 0, 1)]
    freedoms = (math.inf,) if log else (math.inf, FEWEST_DF)
    found = []
    for distance, df in product(ends, freedoms):
        statistic = distance * quantile(level, None if df == math.inf else df)
        room = max(statistic * OTHER_TESTS, OTHER_TESTS_Z)
        found += [p_of_t(statistic + room, df), p_of_t(max(statistic - room, 0.0), df)]
    return _reach(min(found), max(found), p)


def _reach(p_min: float, p_max: float, p: str | None) -> Reach:
    if p is None:
        return Reach(p_min, p_max, None, None)
    printed = read_p(p)
    return Reach(p_min, p_max, printed.admits(p_min, p_max), printed.admits(p_min / 2, p_max / 2))


def _spread(sd: Printed, end: str) -> float:
    return max(float(sd.low if end == "low" else sd.high), 0.0)


def _distance(point: Printed, low: Printed, high: Printed, rounding: int, *, log: bool) -> float:
    """Give the distance from no effect in half widths of the interval; rounding -1 makes it small, 1 large."""
    if float(low) >= float(high):
        raise ValueError(f"{low.text} to {high.text} is not an interval")
    if log and min(float(point), float(low)) <= 0:
        raise ValueError(f"{point.text} ({low.text} to {high.text}) is not a ratio with its interval")
    direction = 1 if float(point) >= (1 if log else 0) else -1
    moves = (rounding * direction, rounding, -rounding)
    values = [float(x.value + move * x.half) for x, move in zip((point, low, high), moves, strict=True)]
    centre, bottom, top = [math.log(max(value, TINY)) for value in values] if log else values
    return max(direction * centre, 0.0) / max((top - bottom) / 2, TINY)
