"""What a report gives, turned into what an analysis wants; every result carries the name of its method.

Sections of the Cochrane Handbook are those of version 6.5 (Higgins et al. 2024). Medians with quartiles or ranges are
in `analysis.fivenumber`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True, slots=True)
class Converted:
    """A number that was not printed but computed from printed ones.

    Attributes:
        value: The number, in the unit of the input.
        method: How it was had and where that is described.
    """

    value: float
    method: str


@dataclass(frozen=True, slots=True)
class Moments:
    """Size, mean and SD of a group, computed and not printed.

    Attributes:
        n: Number of persons.
        mean: Mean in the unit of the input; None where only an SD can be had.
        sd: Standard deviation in the same unit.
        method: How both were had.
        notes: What to know before using them.
    """

    n: int
    mean: float | None
    sd: float
    method: str
    notes: tuple[str, ...] = ()


def sd_from_se(se: float, n: int) -> Converted:
    """SD of a group from the standard error of its mean (Handbook 6.5.2.2)."""
    _positive(se=se, n=n)
    return Converted(se * math.sqrt(n), "SD = SE sqrt(n) (Cochrane Handbook 6.5.2.2)")


def se_from_sd(sd: float, n: int) -> Converted:
    """Standard error of a mean from the SD of its group (Handbook 6.5.2.2)."""
    _positive(sd=sd, n=n)
    return Converted(sd / math.sqrt(n), "SE = SD / sqrt(n) (Cochrane Handbook 6.5.2.2)")


def quantile(level: float, df: float | None = None) -> float:
    """Two-sided quantile for a level in percent: normal, or t where degrees of freedom are given."""
    if not 0 < level < 100:
        raise ValueError(f"level is in percent, between 0 and 100, not {level}")
    p = 0.5 + level / 200
    return float(special.ndtri(p) if df is None else special.stdtrit(df, p))


def se_from_interval(
    lower: float,
    upper: float,
    *,
    level: float = 95.0,
    df: float | None = None,
    log: bool = False,
) -> Converted:
    """Standard error from a confidence interval; `log` for a ratio, whose SE is that of its log (Handbook 6.3).

    Raises:
        ValueError: The limits are not in order, or a ratio's limit is not positive.
    """
    if not lower < upper or (log and lower <= 0):
        raise ValueError(f"{lower} to {upper} is not an interval{' of a ratio' if log else ''}")
    low, high = (math.log(lower), math.log(upper)) if log else (lower, upper)
    kind = "normal quantile" if df is None else f"t quantile, {df:g} df"
    scale = "log limits" if log else "limits"
    return Converted(
        (high - low) / (2 * quantile(level, df)),
        f"SE from {level:g}% {scale}, {kind} (Cochrane Handbook 6.3)",
    )


def sd_from_interval(lower: float, upper: float, n: int, *, level: float = 95.0) -> Converted:
    """SD of a group from the interval of its mean, with the t quantile on n - 1 df (Handbook 6.5.2.2)."""
    _positive(n=n - 1)
    se = se_from_interval(lower, upper, level=level, df=n - 1)
    return Converted(se.value * math.sqrt(n), f"SD from {level:g}% interval of a mean (Cochrane Handbook 6.5.2.2)")


def t_from_p(p: float, df: float | None = None) -> Converted:
    """Absolute t (or z, without degrees of freedom) of a two-sided p value (Handbook 6.5.2.3).

    Raises:
        ValueError: p is not within 0 and 1 (0 excluded: no finite t has it).
    """
    if not 0 < p <= 1:
        raise ValueError(f"p = {p} has no finite test statistic")
    t = -float(special.ndtri(p / 2) if df is None else special.stdtrit(df, p / 2))
    return Converted(abs(t), "z from two-sided p" if df is None else f"t from two-sided p, {df:g} df")


def se_from_p(estimate: float, p: float, *, df: float | None = None) -> Converted:
    """Standard error from an estimate (a ratio as its log) and its two-sided p value (Handbook 6.3.1, 6.5.2.3).

    Raises:
        ValueError: p is 1 or the estimate is 0, from which no SE can be had.
    """
    t = t_from_p(p, df)
    if t.value == 0 or estimate == 0:
        raise ValueError(f"an estimate of {estimate} with p = {p} does not give a standard error")
    return Converted(abs(estimate) / t.value, f"SE = estimate / statistic; {t.method} (Cochrane Handbook 6.5.2.3)")


def sd_from_difference(se: float, n1: int, n2: int) -> Converted:
    """Common SD of two groups from the standard error of their mean difference (Handbook 6.5.2.3)."""
    _positive(se=se, n1=n1, n2=n2)
    return Converted(
        se / math.sqrt(1 / n1 + 1 / n2),
        "average SD of two groups from the SE of their difference (Handbook 6.5.2.3)",
    )


def correlation_from_sds(sd1: float, sd2: float, sd_change: float) -> Converted:
    """Correlation of two times from their SDs and the SD of the change (Handbook 6.5.2.8).

    Raises:
        ValueError: No correlation gives these three SDs.
    """
    _positive(sd1=sd1, sd2=sd2, sd_change=sd_change)
    r = (sd1**2 + sd2**2 - sd_change**2) / (2 * sd1 * sd2)
    if abs(r) > 1:
        raise ValueError(f"SDs {sd1:g}, {sd2:g} and {sd_change:g} of the change would need a correlation of {r:.3f}")
    return Converted(r, "correlation from three SDs (Cochrane Handbook 6.5.2.8)")


def sd_of_change(sd1: float, sd2: float, r: float) -> Converted:
    """SD of the change for an assumed correlation (Handbook 6.5.2.8).

    Raises:
        ValueError: r is not a correlation.
    """
    _positive(sd1=sd1, sd2=sd2)
    if abs(r) > 1:
        raise ValueError(f"r = {r} is not a correlation")
    value = math.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2)
    return Converted(value, f"SD of change with an assumed r = {r:g} (Cochrane Handbook 6.5.2.8)")


def combined(groups: Sequence[tuple[int, float, float]]) -> Moments:
    """Size, mean and SD of subgroups (n, mean, SD) taken together (Handbook 6.5.2.10).

    Exact: the same as from the individual values, for any number of groups.

    Raises:
        ValueError: No group, a group without persons, or a negative SD.
    """
    if not groups or any(n < 1 or sd < 0 for n, _, sd in groups):
        raise ValueError("subgroups want n of 1 or more and an SD that is not negative")
    total = sum(n for n, _, _ in groups)
    mean = math.fsum(n * m for n, m, _ in groups) / total
    squares = math.fsum((n - 1) * sd**2 + n * (m - mean) ** 2 for n, m, sd in groups)
    sd = math.sqrt(squares / (total - 1)) if total > 1 else 0.0
    return Moments(total, mean, sd, f"{len(groups)} subgroups combined (Cochrane Handbook 6.5.2.10)")


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is a positive number, not {value}")
