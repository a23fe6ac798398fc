"""Before and after in one group, over the whole range of the correlation that nobody reports.

A change is follow-up minus baseline, so an improvement of a symptom score is negative. Standardised changes are given
as falls (baseline minus follow-up), as metafor's escalc gives them with the baseline as time 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from analysis.effects.escalc import escalc
from analysis.integrity.recompute import PairedAtR, paired_t, read_p

DEFAULT_CORRELATIONS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Estimate:
    """An estimate with its standard error and normal interval."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class ChangeAtR:
    """The change for one assumed correlation.

    Attributes:
        r: Correlation of baseline and follow-up.
        change: Mean change (MC), follow-up minus baseline, normal interval.
        t_low: Lower limit of the t interval of the mean change.
        t_high: Its upper limit.
        t: Paired t statistic.
        p: Its two-sided p.
        sd_change: SD of the change.
        smcr: Fall over the baseline SD (Becker 1988).
        smcrh: The same without one variance for both times (Bonett 2008).
        smcc: Fall over the SD of the change (Gibbons 1993).

    A standardised change is None where its measure does not exist, as smcc where the SD of the change is 0.
    """

    r: float
    change: Estimate
    t_low: float
    t_high: float
    t: float
    p: float
    sd_change: float
    smcr: Estimate | None
    smcrh: Estimate | None
    smcc: Estimate | None


@dataclass(frozen=True)
class AllowedCorrelations:
    """The correlations for which a paired t test gives the printed p."""

    low: float
    high: float


@dataclass(frozen=True)
class Responders:
    """The share of patients whose change reaches a clinically important one.

    Attributes:
        normal: The share if changes are normally distributed.
        at_least: The smallest share under any distribution with this mean and SD (Cantelli 1928).
        at_most: The largest such share.
    """

    normal: float
    at_least: float
    at_most: float


def change_over_r(
    m_pre: float,
    sd_pre: float,
    m_post: float,
    sd_post: float,
    *,
    n: int,
    rs: Sequence[float] = DEFAULT_CORRELATIONS,
    level: float = 95,
) -> tuple[ChangeAtR, ...]:
    """Give the change and the standardised changes for each assumed correlation.

    Raises:
        ValueError: n is below 3, an SD is not positive, or a correlation is outside -1 to 1.
    """
    if n < 3 or sd_pre <= 0 or sd_post <= 0:
        raise ValueError(f"a change needs n of at least 3 and SDs above 0, got n = {n}, SDs {sd_pre} and {sd_post}")
    columns: dict[str, float | Sequence[float]]
    columns = {"m1i": m_pre, "sd1i": sd_pre, "m2i": m_post, "sd2i": sd_post, "ri": rs, "ni": n}
    standardised = [_estimates(measure, columns, level) for measure in ("SMCR", "SMCRH", "SMCC")]
    tests = [paired_t(m_pre, sd_pre, m_post, sd_post, n=n, r=r, level=level) for r in rs]
    return tuple(_change_at_r(test, level, *row) for test, *row in zip(tests, *standardised, strict=True))


def correlations_allowed_by_p(
    m_pre: float, sd_pre: float, m_post: float, sd_post: float, *, n: int, p: str
) -> AllowedCorrelations | None:
    """Find the correlations for which the paired t test gives the printed p; None if there are none.

    t**2 = n * d**2 / (sd_pre**2 + sd_post**2 - 2 * r * sd_pre * sd_post) is solved for r at both ends of the interval
    of numbers that print as p.

    Raises:
        ValueError: n is below 2, an SD is not positive, p cannot be read, or the means are equal, so that p is 1 for
            every correlation.
    """
    if n < 2 or sd_pre <= 0 or sd_post <= 0 or m_pre == m_post:
        raise ValueError("correlations from a p need n of at least 2, SDs above 0 and two different means")
    smallest, largest = _p_interval(p)
    t_low, t_high = _size_of_t(largest, n - 1), _size_of_t(smallest, n - 1)
    squares, product = sd_pre**2 + sd_post**2, 2 * sd_pre * sd_post
    needed = n * (m_post - m_pre) ** 2
    low = (squares - needed / t_low**2) / product if t_low > 0 else -math.inf
    high = (squares - needed / t_high**2) / product if math.isfinite(t_high) else math.inf
    if low > 1 or high < -1:
        return None
    return AllowedCorrelations(max(low, -1.0), min(high, 1.0))


def responders(change: float, sd_change: float, mcid: float) -> Responders:
    """Give the share of patients who fall by at least the minimal clinically important difference.

    Args:
        change: Mean change, follow-up minus baseline.
        sd_change: SD of the change.
        mcid: The important fall, a positive number in units of the scale.

    Raises:
        ValueError: The SD or the important fall is not positive.
    """
    if sd_change <= 0 or mcid <= 0:
        raise ValueError(f"responders need an SD and an important fall above 0, got {sd_change} and {mcid}")
    gap = -mcid - change  # negative where the mean patient does not reach the important fall
    bound = sd_change**2 / (sd_change**2 + gap**2)
    normal = float(special.ndtr(gap / sd_change))
    return Responders(normal, 0.0, bound) if gap < 0 else Responders(normal, 1 - bound, 1.0)


def _change_at_r(
    test: PairedAtR, level: float, smcr: Estimate | None, smcrh: Estimate | None, smcc: Estimate | None
) -> ChangeAtR:
    return ChangeAtR(
        r=test.r,
        change=_estimate(test.mean_change, test.sd_change / math.sqrt(test.df + 1), level),
        t_low=test.ci_low,
        t_high=test.ci_high,
        t=test.t,
        p=test.p,
        sd_change=test.sd_change,
        smcr=smcr,
        smcrh=smcrh,
        smcc=smcc,
    )


def _estimates(measure: str, columns: dict[str, float | Sequence[float]], level: float) -> list[Estimate | None]:
    """Give one estimate per correlation, None where the measure does not exist."""
    effects = escalc(measure, columns)
    pairs = zip(effects.yi.tolist(), effects.vi.tolist(), strict=True)
    return [None if math.isnan(y) else _estimate(y, math.sqrt(v), level) for y, v in pairs]


def _estimate(y: float, se: float, level: float) -> Estimate:
    half = float(special.ndtri(0.5 + level / 200)) * se
    return Estimate(y, se, y - half, y + half)


def _size_of_t(p: float, df: int) -> float:
    return abs(float(special.stdtrit(df, p / 2))) if p > 0 else math.inf


def _p_interval(text: str) -> tuple[float, float]:
    """Give the smallest and the largest p that print like this."""
    reported = read_p(text)
    if reported.op == "=":
        return max(float(reported.value.low), 0.0), min(float(reported.value.high), 1.0)
    return (0.0, float(reported.value)) if reported.op.startswith("<") else (float(reported.value), 1.0)
