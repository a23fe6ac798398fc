"""From figures to yi and vi: one function a way. Analysis scale for pooling, the reader's numbers for showing.

A before–after change is "change after", never "effect of". Where a paper prints no variance vi is None: the effect is
shown beside the others and never pooled, and derived says why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from analysis.convert import sd_from_se, se_from_interval, se_from_sd
from analysis.effects.escalc import escalc
from analysis.proportions import proportion_interval
from kb.records import Figure, Reading, Standing
from kb.vocabulary import Outcome

#: Measures of a printed contrast that live on the log scale.
RATIOS = ("HR", "OR", "RR", "IRR", "SIR", "SMR")
#: Estimators whose percentage is no count over n: follow-up is not complete, or may not be.
CURVES = ("kaplan-meier", "unknown")
#: Columns of escalc, one row each.
Cells = Mapping[str, list[float] | list[int]]
Z95 = float(stats.norm.ppf(0.975))
HALF_ADDED = "0.5 added for a zero cell, for pooling only"


#: How the notes on a before–after change begin, for those who show them.
ASSUMED = "correlation of baseline and follow-up not printed"
SURVIVORS = "mean of the"


def followed(n: int, of: int) -> str:
    """Whose mean a follow-up is, where some were lost: it says nothing of the others."""
    return f"{SURVIVORS} {n} followed (of {of} at baseline)"


@dataclass(frozen=True, slots=True)
class Speaker:
    """A figure that speaks, with its standing."""

    reading: Reading
    standing: Standing

    @property
    def figure(self) -> Figure:
        """The figure itself."""
        return self.reading.figure


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a computation gave: yi and vi on the analysis scale, the reader's numbers, and what was done on the way."""

    measure: str
    yi: float
    vi: float | None
    estimate: float
    ci_low: float | None
    ci_high: float | None
    scale: str
    ni: int | None
    derived: str | None = None


def _counted(s: Speaker) -> tuple[int, int] | None:
    """Events and n of a share that was counted: complete follow-up, and no more events than patients."""
    events, n = s.standing.events, s.standing.n
    if events is None or not n or not 0 <= events <= n or s.reading.estimator in CURVES:
        return None
    return events, n


def proportion(s: Speaker, outcome: Outcome, size: int | None) -> Numbers | None:
    """A proportion with its exact (Clopper–Pearson) interval, or a percentage; None where neither can be had.

    The interval is exact only where follow-up is complete, so a curve's percentage gets none from counts.
    size is the number of patients in the arm.
    """
    if (counted := _counted(s)) is None:
        return _percentage(s, size)
    events, n = counted
    measure = (outcome.measures or {}).get("single", "PLO")
    sizes = escalc(measure, {"xi": [events], "ni": [n]})
    exact = proportion_interval(events, n)
    low, high = (100 * exact.lower, 100 * exact.upper) if exact else (None, None)
    note = HALF_ADDED if sizes.notes else None
    yi, vi = float(sizes.yi[0]), float(sizes.vi[0])
    return Numbers(measure, yi, vi, 100 * events / n, low, high, "percent", n, note)


def _percentage(s: Speaker, size: int | None) -> Numbers | None:
    """A percentage on the logit scale, its variance from a printed interval where there is one."""
    f, (events, n) = s.figure, (s.standing.events, s.standing.n)
    counted = 100 * events / n if events is not None and n else None
    percent = next((x for x in (s.standing.percent, f.value, counted) if x is not None), None)
    if percent is None:
        return None
    ni = size if n is None else n
    if f.ci_low is None or f.ci_high is None or not 0 < f.ci_low <= percent <= f.ci_high < 100 or f.ci_low == f.ci_high:
        why = "survival with incomplete or unknown follow-up" if s.reading.estimator in CURVES else "no possible count"
        return Numbers("PLO", _logit(percent), None, percent, None, None, "percent", ni, f"{why}: no variance")
    vi, how = _variance_of_interval(_logit(f.ci_low), _logit(f.ci_high), f.ci_level)
    return Numbers("PLO", _logit(percent), vi, percent, f.ci_low, f.ci_high, "percent", ni, how)


def _logit(percent: float) -> float:
    return math.log(percent / (100 - percent)) if 0 < percent < 100 else math.copysign(math.inf, percent - 50)


def _variance_of_interval(low: float, high: float, level: float | None) -> tuple[float | None, str]:
    """The squared standard error behind an interval (Cochrane Handbook 6.3), and how it was had; level in percent.

    None where the level that is printed cannot be one ("100 % CI"): a reason, no error.
    """
    at = 95.0 if level is None else level
    if not 0 < at < 100:
        return None, f"an interval of {at:g} % is none: no variance"
    return se_from_interval(low, high, level=at).value ** 2, "variance from the printed interval"


def mean_change(before: Speaker, after: Speaker, r: float) -> Numbers | None:
    """The change of a mean after treatment, its variance at the assumed correlation r.

    n is the smaller of the two, so that means of survivors are not given the weight of all.
    """
    first, last = moments(before), moments(after)
    if first is None or last is None:
        return None
    n = min(first.n, last.n)
    data: Cells = {"m1i": [last.mean], "m2i": [first.mean], "sd1i": [last.sd], "sd2i": [first.sd], "ni": [n]}
    sizes = escalc("MC", data, ri=r)
    said = [f"{ASSUMED}: r = {r:g} assumed"]
    if last.n < first.n:
        said.append(followed(last.n, first.n))
    return _wald("MC", float(sizes.yi[0]), float(sizes.vi[0]), "points", n, "; ".join(said))


def printed_change(s: Speaker) -> Numbers | None:
    """A change as the paper prints it, with the variance of its SD, SE or interval, or None."""
    value, n = s.figure.value, s.standing.n
    if value is None:
        return None
    variance, how = _variance_of_mean(s)
    if variance is None:
        return Numbers("MC", value, None, value, None, None, "points", n, how)
    return _wald("MC", value, variance, "points", n, how)


def two_groups(x: Speaker, y: Speaker, outcome: Outcome) -> Numbers | None:
    """The contrast of two arms of one study at one time, from counts or from means; None where it cannot be had."""
    if x.figure.kind == "proportion":
        return _two_counts(x, y, (outcome.measures or {}).get("contrast", "RR"))
    a, b = moments(x), moments(y)
    if x.figure.kind not in ("mean", "change") or a is None or b is None:
        return None
    data: Cells = {"m1i": [a.mean], "m2i": [b.mean], "sd1i": [a.sd], "sd2i": [b.sd], "n1i": [a.n], "n2i": [b.n]}
    return _computed("MD", data, a.n + b.n)


def _two_counts(x: Speaker, y: Speaker, wanted: str) -> Numbers | None:
    """A ratio or difference of two proportions; curves give none, and counts give no hazard ratio but a risk ratio."""
    ours, theirs = _counted(x), _counted(y)
    if ours is None or theirs is None:
        return None
    (a, n1), (c, n2) = ours, theirs
    measure = wanted if wanted in ("RR", "OR", "RD") else "RR"
    return _computed(measure, {"ai": [a], "n1i": [n1], "ci": [c], "n2i": [n2]}, n1 + n2)


def printed_contrast(s: Speaker, outcome: Outcome, size: int | None) -> Numbers | None:
    """A contrast as printed (HR, OR, RR, MD …); the variance comes from its interval. size is that of both arms."""
    f = s.figure
    measure = f.effect_measure or (outcome.measures or {}).get("contrast", "MD")
    log = measure in RATIOS
    if f.value is None or (log and f.value <= 0):
        return None
    scale, ni = "ratio" if log else "points", size if s.standing.n is None else s.standing.n
    yi = math.log(f.value) if log else f.value
    if f.ci_low is None or f.ci_high is None or f.ci_low >= f.ci_high or (log and f.ci_low <= 0):
        return Numbers(measure, yi, None, f.value, None, None, scale, ni, "no interval printed: no variance")
    low, high = (math.log(f.ci_low), math.log(f.ci_high)) if log else (f.ci_low, f.ci_high)
    vi, how = _variance_of_interval(low, high, f.ci_level)
    return Numbers(measure, yi, vi, f.value, f.ci_low, f.ci_high, scale, ni, how)


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean, SD and number of patients of one group at one time."""

    mean: float
    sd: float
    n: int


def moments(s: Speaker) -> Moments | None:
    """The moments of a figure, None where one is missing."""
    mean, sd, n = s.figure.value, spread(s), s.standing.n
    return Moments(mean, sd, n) if mean is not None and sd is not None and n else None


def spread(s: Speaker) -> float | None:
    """The SD, or the SE times √n where that is what is printed; None where neither is above 0."""
    f, n = s.figure, s.standing.n
    if f.sd is not None and f.sd > 0:
        return f.sd
    return sd_from_se(f.se, n).value if f.se is not None and f.se > 0 and n else None


def _variance_of_mean(s: Speaker) -> tuple[float | None, str]:
    f, n = s.figure, s.standing.n
    if f.se is not None and f.se > 0:
        return f.se**2, "variance from the printed standard error"
    if f.sd is not None and f.sd > 0 and n:
        return se_from_sd(f.sd, n).value ** 2, "variance from the printed SD of the change"
    if f.ci_low is not None and f.ci_high is not None and f.ci_low < f.ci_high:
        return _variance_of_interval(f.ci_low, f.ci_high, f.ci_level)
    return None, "no SD, SE or interval of the change printed: no variance"


def _computed(measure: str, data: Cells, ni: int) -> Numbers | None:
    sizes = escalc(measure, data)
    if sizes.dropped:
        return None
    yi, vi = float(sizes.yi[0]), float(sizes.vi[0])
    note = HALF_ADDED if sizes.notes else None
    if measure in RATIOS:
        half = Z95 * math.sqrt(vi)
        return Numbers(measure, yi, vi, math.exp(yi), math.exp(yi - half), math.exp(yi + half), "ratio", ni, note)
    return _wald(measure, yi, vi, "points", ni, note)


def _wald(measure: str, yi: float, vi: float, scale: str, ni: int | None, derived: str | None) -> Numbers:
    half = Z95 * math.sqrt(vi)
    return Numbers(measure, yi, vi, yi, yi - half, yi + half, scale, ni, derived)
