"""Sums that a reader does on printed figures: percentages, spreads, intervals, survivors. Each record holds the sum.

Numbers come as text, because their decimals say how far they were rounded.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scipy import special

from analysis.integrity.printed import Printed, integers_between, read_printed, root


@dataclass(frozen=True)
class PercentOf:
    """A printed percentage against n persons.

    Attributes:
        possible: Some whole number of persons gives it, and the reported number, if there is one, is among them.
        counts: The whole numbers that give the printed percentage.
        recomputed: 100 k / n for the reported number, else for the nearest whole number.
    """

    possible: bool
    counts: tuple[int, ...]
    recomputed: float


@dataclass(frozen=True)
class SdOrSe:
    """A printed spread read both ways.

    Attributes:
        implied_sd: The SD if the printed value is a standard error: value * sqrt(n).
        implied_se: The standard error if the printed value is an SD: value / sqrt(n).
        typical_sd: Geometric mean of the SDs it is compared with; None without any.
        looks_like_se: The value lies closer to the typical SD, as a ratio, when read as a standard error; None without
            a typical SD.
    """

    implied_sd: float
    implied_se: float
    typical_sd: float | None
    looks_like_se: bool | None


@dataclass(frozen=True)
class SdOutlier:
    """A printed SD against the other SDs of its table and the largest SD that its scale allows.

    Attributes:
        ratio: The SD divided by the largest of the others, or by the smallest if it lies below; 1 if it lies between.
            None without others.
        largest: The largest SD on the scale; None without a scale.
        possible: Not larger than the largest SD of the scale, within rounding; None without a scale.
        suspicious: The ratio is above `limit` or below 1 / `limit`; None without others.
    """

    ratio: float | None
    largest: float | None
    possible: bool | None
    suspicious: bool | None


@dataclass(frozen=True)
class SdRatio:
    """Two SDs compared.

    Attributes:
        ratio: Larger divided by smaller; infinite when only one is 0.
        equal: Both are printed alike.
        p: Two-sided p of the variance ratio F test for independent normal samples; None if an SD is 0.
    """

    ratio: float
    equal: bool
    p: float | None


@dataclass(frozen=True)
class Centring:
    """Whether an estimate lies in the middle of its interval, on the scale on which the interval was made.

    Attributes:
        inside: The estimate is within its own interval.
        centred: Some numbers that round to the printed ones are centred.
        midpoint: The middle of the printed limits: arithmetic mean, or geometric mean on the log scale.
        midpoint_low: The smallest middle that rounding allows.
        midpoint_high: The largest middle that rounding allows.
    """

    inside: bool
    centred: bool
    midpoint: float
    midpoint_low: float
    midpoint_high: float


@dataclass(frozen=True)
class SurvivorsAndDeaths:
    """Survivors at one time against deaths counted over at least as long.

    Attributes:
        possible: The deaths until then are not more than those of the longer time.
        deaths_until: n minus the survivors.
    """

    possible: bool
    deaths_until: int


def percent_of(percent: str, n: int, *, k: int | None = None) -> PercentOf:
    """Compare a printed percentage with k of n persons, or with any whole number of n persons.

    Raises:
        ValueError: The percentage is no number, n is below 1, or k is outside 0 to n.
    """
    if n < 1:
        raise ValueError(f"a percentage needs n of at least 1, got {n}")
    if k is not None and not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is not a fraction")
    printed = read_printed(percent)
    counts = _counts(printed, n)
    shown = k if k is not None else min(max(round(printed.value * n / 100), 0), n)
    return PercentOf(bool(counts) if k is None else k in counts, counts, 100 * shown / n)


def denominators(percent: str, n_max: int) -> tuple[tuple[int, int], ...]:
    """List the fractions k / n with n up to n_max that round to a bare percentage, by n and k.

    72.0 % of at most 41 patients can only be 18 of 25.

    Raises:
        ValueError: The percentage is no number.
    """
    printed = read_printed(percent)
    return tuple((k, n) for n in range(1, n_max + 1) for k in _counts(printed, n))


def largest_sd_on_scale(mean: str, n: int, low: float, high: float) -> float | None:
    """Give the largest SD (divisor n - 1) of n values on a scale with this mean: all at the two ends.

    Bhatia and Davis 2000, Am Math Mon 107:353, with n / (n - 1) for the sample SD. None if the mean is off the scale.

    Raises:
        ValueError: The mean is no number or n is below 2.
    """
    _at_least(n, 2)
    value = read_printed(mean).value
    room = (value - Fraction(low)) * (Fraction(high) - value)
    return None if room < 0 else root(room * n / (n - 1))


def sd_or_se(spread: str, n: int, *, others: Sequence[float] = ()) -> SdOrSe:
    """Read a printed spread as SD and as standard error, against SDs of the same measure from elsewhere.

    Raises:
        ValueError: The spread is no positive number, n is below 1, or one of the others is not positive.
    """
    _at_least(n, 1)
    value = float(read_printed(spread))
    if value <= 0 or any(sd <= 0 for sd in others):
        raise ValueError("a spread that is compared must be above 0")
    typical = math.exp(math.fsum(map(math.log, others)) / len(others)) if others else None
    looks = None if typical is None else _nearer_as_se(value, n, typical)
    return SdOrSe(value * math.sqrt(n), value / math.sqrt(n), typical, looks)


def sd_outlier(
    sd: str,
    *,
    others: Sequence[float] = (),
    largest: float | None = None,
    limit: float = 4,
) -> SdOutlier:
    """Compare an SD with the other SDs of its table and with the largest one possible on the scale.

    Args:
        sd: The SD as printed.
        others: SDs of the same measure in other arms or at other times.
        largest: The largest SD on the scale, see `largest_sd_on_scale`.
        limit: The ratio from which an SD is suspicious. A quarter or four times is beyond what sampling gives from
            about n = 8 (variance ratio of 16; F test p < 0.01) and catches a slipped digit, which makes ten times.

    Raises:
        ValueError: The SD is no number, or one of the others is not positive.
    """
    printed = read_printed(sd)
    if any(other <= 0 for other in others):
        raise ValueError("an SD to compare with must be above 0")
    ratio = _ratio_outside(float(printed), others) if others else None
    return SdOutlier(
        ratio=ratio,
        largest=largest,
        possible=None if largest is None else float(printed.low) <= largest,
        suspicious=None if ratio is None else not 1 / limit <= ratio <= limit,
    )


def sd_ratio(first: str, n1: int, second: str, n2: int) -> SdRatio:
    """Compare two printed SDs, with the F test of their variances (Fisher 1924).

    For two times of the same patients the p is only a guide, because the samples are not independent.

    Raises:
        ValueError: An SD is no number or negative, or an n is below 2.
    """
    _at_least(min(n1, n2), 2)
    s1, s2 = read_printed(first), read_printed(second)
    if s1.value < 0 or s2.value < 0:
        raise ValueError("an SD cannot be negative")
    (small, df_small), (large, df_large) = sorted([(float(s1), n1 - 1), (float(s2), n2 - 1)])
    equal = (s1.value, s1.decimals) == (s2.value, s2.decimals)
    if small == 0:
        return SdRatio(math.inf if large else 1.0, equal, None)
    upper = float(special.fdtrc(df_large, df_small, (large / small) ** 2))
    return SdRatio(large / small, equal, min(1.0, 2 * min(upper, 1 - upper)))


def ci_centring(estimate: str, ci_low: str, ci_high: str, *, log: bool = False) -> Centring:
    """Compare an estimate with the middle of its interval, within the rounding of all three numbers.

    Only for symmetric intervals: not for proportions, exact, Kaplan-Meier or credible intervals.

    Args:
        estimate: The estimate as printed.
        ci_low: The lower limit as printed.
        ci_high: The upper limit as printed.
        log: The interval was made on the log scale, as for ratios.

    Raises:
        ValueError: A number cannot be read, or a limit is not above 0 on the log scale.
    """
    point, low, high = read_printed(estimate), read_printed(ci_low), read_printed(ci_high)
    if log and low.value < 0:
        raise ValueError(f"{ci_low} has no logarithm")
    middle = _geometric_mean if log else _arithmetic_mean
    smallest, largest = middle(low.low, high.low), middle(low.high, high.high)
    return Centring(
        inside=low.low <= point.high and point.low <= high.high,
        centred=smallest <= float(point.high) and float(point.low) <= largest,
        midpoint=middle(low.value, high.value),
        midpoint_low=smallest,
        midpoint_high=largest,
    )


def survivors_and_deaths(n: int, survivors: int, deaths: int) -> SurvivorsAndDeaths:
    """Compare survivors of n persons at one time with the deaths over the same or a longer time.

    Raises:
        ValueError: Survivors or deaths are outside 0 to n.
    """
    if not (0 <= survivors <= n and 0 <= deaths <= n):
        raise ValueError(f"survivors {survivors} and deaths {deaths} must lie in 0 to {n}")
    return SurvivorsAndDeaths(n - survivors <= deaths, n - survivors)


def _at_least(n: int, least: int) -> None:
    if n < least:
        raise ValueError(f"n must be at least {least}, got {n}")


def _counts(percent: Printed, n: int) -> tuple[int, ...]:
    low = max(percent.low * n / 100, Fraction(0))
    high = min(percent.high * n / 100, Fraction(n))
    return tuple(integers_between(low, high))


def _nearer_as_se(value: float, n: int, typical: float) -> bool:
    as_sd, as_se = abs(math.log(value / typical)), abs(math.log(value * math.sqrt(n) / typical))
    return as_se < as_sd


def _ratio_outside(sd: float, others: Sequence[float]) -> float:
    return sd / min(max(sd, min(others)), max(others))


def _arithmetic_mean(low: Fraction, high: Fraction) -> float:
    return float((low + high) / 2)


def _geometric_mean(low: Fraction, high: Fraction) -> float:
    return root(max(low, Fraction(0)) * max(high, Fraction(0)))
