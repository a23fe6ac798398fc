"""What the missing could have done: bounds for everybody who entered, from the moments of those who remained.

Means of survivors are not means of all. On a bounded scale the missing lie somewhere between its ends, so the mean of
all, the change, and the baseline of the survivors lie between exact bounds. Means should be given as exactly as they
are known: `analysis.integrity.granularity.exact_mean` recovers 766 / 41 from a printed 18.68.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """A closed range of values."""

    low: float
    high: float


@dataclass(frozen=True)
class AttritionBounds:
    """Bounds at one follow-up, in units of the scale. A change is follow-up minus baseline.

    Attributes:
        mean_all: Mean of all n at follow-up, when the missing lie anywhere on the scale.
        change_all: Change of all n, from best to worst case.
        mean_all_without_change: Mean of all n when the missing had the baseline mean.
        baseline_remaining: Baseline mean of those who remained, from the range of the scale alone.
        baseline_missing_given_sd: Baseline mean of the missing, from scale and baseline SD; None without an SD or
            without anybody missing.
        baseline_remaining_given_sd: Baseline mean of those who remained, from scale and baseline SD; None without.
        change_remaining: Change of those who remained, from the range of the scale alone.
        change_remaining_given_sd: The same from scale and baseline SD; None without an SD.
    """

    mean_all: Range
    change_all: Range
    mean_all_without_change: float
    baseline_remaining: Range
    baseline_missing_given_sd: Range | None
    baseline_remaining_given_sd: Range | None
    change_remaining: Range
    change_remaining_given_sd: Range | None


def attrition_bounds(
    *,
    n: int,
    mean_baseline: float,
    n_remaining: int,
    mean_remaining: float,
    scale: tuple[float, float],
    sd_baseline: float | None = None,
) -> AttritionBounds:
    """Bound means and changes for all n persons when only some were measured again.

    Args:
        n: Persons at baseline.
        mean_baseline: Their mean, as exactly as known.
        n_remaining: Persons with follow-up.
        mean_remaining: Their mean at follow-up.
        scale: The smallest and the largest value of the scale.
        sd_baseline: SD of all n at baseline (divisor n - 1).

    Raises:
        ValueError: More remained than entered, nobody remained, a mean is off the scale, or the SD is negative.
    """
    _check(n, n_remaining, scale, (mean_baseline, mean_remaining))
    missing = n - n_remaining
    low, high = ((n_remaining * mean_remaining + missing * end) / n for end in scale)
    anywhere = subset_mean(n, mean_baseline, n_remaining, scale)
    spread = None if sd_baseline is None else subset_mean(n, mean_baseline, n_remaining, scale, sd=sd_baseline)
    gone = None
    if sd_baseline is not None and missing:
        gone = subset_mean(n, mean_baseline, missing, scale, sd=sd_baseline)
    return AttritionBounds(
        mean_all=Range(low, high),
        change_all=Range(low - mean_baseline, high - mean_baseline),
        mean_all_without_change=(n_remaining * mean_remaining + missing * mean_baseline) / n,
        baseline_remaining=anywhere,
        baseline_missing_given_sd=gone,
        baseline_remaining_given_sd=spread,
        change_remaining=_change(mean_remaining, anywhere),
        change_remaining_given_sd=None if spread is None else _change(mean_remaining, spread),
    )


def subset_mean(n: int, mean: float, m: int, scale: tuple[float, float], *, sd: float | None = None) -> Range:
    """Bound the mean of m of n persons from the mean of all and the ends of the scale, and from the SD if it is known.

    With an SD the mean of a subset lies within sd * sqrt((n - 1) / n) * sqrt((n - m) / m) of the mean of all (Samuelson
    1968, J Am Stat Assoc 63:1522, for m = 1; the general case by Cauchy-Schwarz).

    Raises:
        ValueError: m is outside 1 to n, the mean is off the scale, or the SD is negative.
    """
    _check(n, m, scale, (mean,))
    others = n - m
    low = max(scale[0], (n * mean - others * scale[1]) / m)
    high = min(scale[1], (n * mean - others * scale[0]) / m)
    if sd is None:
        return Range(low, high)
    if sd < 0:
        raise ValueError(f"an SD cannot be negative: {sd}")
    reach = sd * math.sqrt((n - 1) / n) * math.sqrt(others / m)
    # The complement has its own ends of the scale, which the range above already holds.
    return Range(max(low, mean - reach), min(high, mean + reach))


def _change(mean_after: float, before: Range) -> Range:
    return Range(mean_after - before.high, mean_after - before.low)


def _check(n: int, m: int, scale: tuple[float, float], means: tuple[float, ...]) -> None:
    if not 1 <= m <= n:
        raise ValueError(f"{m} of {n} persons: a subset needs 1 to n")
    for mean in means:
        if not scale[0] <= mean <= scale[1]:
            raise ValueError(f"the mean {mean} is off the scale {scale[0]} to {scale[1]}")
