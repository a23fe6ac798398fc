"""Questions to an estimate and its interval: order, estimate inside, estimate in the middle, p of the same size."""

import math

from analysis.integrity.consistency import Centring, ci_centring
from analysis.integrity.printed import read_printed
from analysis.integrity.reach import interval_reach
from kb.checks.context import Context, verdict
from kb.checks.printed import CONFIDENCE, CREDIBLE, printed_p, sentence, signed
from kb.records import Figure, Verdict

RATIOS = frozenset({"HR", "RR", "OR", "IRR", "SIR", "SMR", "ROM"})

#: Measures with usual intervals that are not symmetric: exact and profile-likelihood ones, differences of proportions.
NOT_SYMMETRIC = frozenset({"OR", "SIR", "SMR", "IRR", "RD", "NNT"})

#: How far from the middle, as a share of the half width, exact and score intervals of middling samples lie.
OFF_CENTRE = 0.1

#: Pairs of limits of a figure and their names.
LIMITS = (("ci", "interval"), ("iqr", "interquartile range"), ("range", "range"))


def limits_in_order(c: Context) -> Verdict | None:
    """The lower limit is not above the upper one."""
    found = _printed_limits(c.figure)
    if not found:
        return None
    for name, low, high in found:
        if float(low) > float(high):
            by_size = float(low) < 0 and float(high) < 0
            words = f"{name} {low} to {high}" + (": falls, printed by their size" if by_size else "")
            return verdict("limits in order", words, passed=by_size)
    name, low, high = found[0]
    return Verdict("limits in order", "passed", f"{name} {low} to {high}")


def level_possible(c: Context) -> Verdict | None:
    """The level of an interval lies between 0 and 100 %; with another one no variance can be had from it."""
    level = c.figure.ci_level
    return None if level is None else verdict("level of the interval", f"{level:g} %", passed=0 < level < 100)


def estimate_within(c: Context) -> Verdict | None:
    """An estimate lies within its interval, a median within its quartiles; the sign of a fall may be left out."""
    f = c.figure
    point = signed(f, "percent") if f.kind == "proportion" and f.percent is not None else signed(f, "value")
    found = [limits for limits in _printed_limits(f) if f.kind != "mean" or limits[0] != "interquartile range"]
    if point is None or not found:
        return None
    for name, low, high in found:
        if not _inside(point, low, high) and not (f.kind == "change" and _inside(_turned(point), low, high)):
            words = f"{point} is outside its {name} {low} to {high}"
            if _of_the_difference(c, low, high):
                return Verdict("estimate within interval", "not applicable", f"{words}; it is the difference's")
            return Verdict("estimate within interval", "impossible", words)
    name, low, high = found[0]
    return Verdict("estimate within interval", "passed", f"{low} ≤ {point} ≤ {high} ({name})")


def interval_centred(c: Context) -> Verdict | None:
    """An estimate in the middle of its symmetric interval: of the logs for a ratio, within rounding (Handbook 6.3)."""
    f = c.figure
    point, low, high = (signed(f, key) for key in ("value", "ci_low", "ci_high"))
    if f.kind not in ("effect", "change", "mean") or point is None or low is None or high is None:
        return None
    log = f.effect_measure in RATIOS
    if not _inside(point, low, high) or float(low) >= float(high) or (log and float(low) <= 0):
        return None
    found = ci_centring(point, low, high, log=log)
    way = f"√({low} × {high})" if log else f"({low} + {high}) / 2"
    words = f"{way} = {found.midpoint:.4g}, printed {point}"
    if found.centred or _nearly(found, float(point), float(low), float(high), log=log):
        return Verdict("interval centred", "passed", words)
    if reason := _not_symmetric(c):
        return Verdict("interval centred", "not applicable", f"{words}; {reason}")
    return Verdict("interval centred", "doubtful", words)


def decimals_alike(c: Context) -> Verdict | None:
    """Limits that differ in decimals and in significant digits: a hint at a slip (Lee 2023), so only a note."""
    uneven = [
        f"{name} {low} to {high}"
        for name, low, high in _printed_limits(c.figure)
        if _decimals(low) != _decimals(high) and _significant(low) != _significant(high)
    ]
    if not uneven:
        return None
    return Verdict("decimals of the interval", "passed", f"{', '.join(uneven)}: decimals differ, worth a look")


def p_fits_interval(c: Context) -> Verdict | None:
    """An effect's p and its interval say the same, whichever usual test was made (Altman & Bland 2011)."""
    f, p = c.figure, printed_p(c.figure)
    point, low, high = (signed(f, key) for key in ("value", "ci_low", "ci_high"))
    if f.kind != "effect" or p is None or point is None or low is None or high is None:
        return None
    if reason := _no_p_from_interval(c):
        return Verdict("p fits interval", "not applicable", reason)
    log = f.effect_measure in RATIOS
    if not _inside(point, low, high) or float(low) >= float(high) or (log and float(low) <= 0):
        return None
    level = f.ci_level if f.ci_level and 50 <= f.ci_level < 100 else 95.0
    found = interval_reach(point, low, high, p, log=log, level=level)
    words = f"{point} ({low} to {high}) gives p from {found.p_min:.2g} to {found.p_max:.2g}, printed {p}"
    if not found.consistent and found.one_sided:
        return Verdict("p fits interval", "passed", f"{words}: fits as a one-sided p")
    return verdict("p fits interval", words, passed=found.consistent is True, otherwise="doubtful")


def _of_the_difference(c: Context, low: str, high: str) -> bool:
    """Whether two percentages of one sentence differ by an amount within the limits; then it is their interval."""
    mine = c.figure.percent
    differences = [
        abs(mine - r.figure.percent)
        for r, _ in c.siblings
        if mine is not None and r.figure.percent is not None and r.figure.outcome == c.figure.outcome
        and r.reader == c.reading.reader and sentence(r) == sentence(c.reading) and r.figure.arm != c.figure.arm
    ]  # fmt: skip
    return any(float(low) <= difference <= float(high) for difference in differences)


def _printed_limits(figure: Figure) -> list[tuple[str, str, str]]:
    """Name, lower and upper limit of each interval that is printed."""
    found = []
    for key, name in LIMITS:
        low, high = signed(figure, f"{key}_low"), signed(figure, f"{key}_high")
        if low is not None and high is not None:
            found.append((name, low, high))
    return found


def _inside(point: str, low: str, high: str) -> bool:
    first, last = sorted((low, high), key=float)
    return _not_above(first, point) and _not_above(point, last)


def _not_above(first: str, second: str) -> bool:
    """Whether the first may be at most the second; rounding to the same decimals keeps the order."""
    if _decimals(first) == _decimals(second):
        return float(first) <= float(second)
    return read_printed(first).low <= read_printed(second).high


def _turned(number: str) -> str:
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"


def _nearly(found: Centring, point: float, low: float, high: float, *, log: bool) -> bool:
    """Whether the estimate is off the middle by less than OFF_CENTRE of the half width."""
    if not log:
        return abs(point - found.midpoint) <= OFF_CENTRE * (high - low) / 2
    return abs(math.log(point / found.midpoint)) <= OFF_CENTRE * math.log(high / low) / 2


def _not_symmetric(c: Context) -> str | None:
    """Why an interval need not have its estimate in the middle; None if there is no reason."""
    f = c.figure
    if c.reading.estimator == "kaplan-meier" or _of_survival_times(c):
        return "an interval of a survival curve or of medians is not symmetric"
    if word := CREDIBLE.search(sentence(c.reading)):
        return f"{word.group(0)}: such an interval need not be symmetric"
    if f.effect_measure not in RATIOS and not CONFIDENCE.search(sentence(c.reading)):
        return "the text does not call it a confidence interval"
    percent = f.unit == "%" and c.outcome is None
    if f.effect_measure in NOT_SYMMETRIC or percent or (f.kind == "effect" and f.effect_measure is None):
        return "exact, profile-likelihood and Newcombe intervals are not centred"
    return None


def _no_p_from_interval(c: Context) -> str | None:
    """Why the p of an effect does not follow from its interval; None if it does."""
    if c.figure.effect_measure in ("NNT", None) or _of_survival_times(c):
        return "no p follows from this kind of effect"
    said = sentence(c.reading)
    if CREDIBLE.search(said) or not (c.figure.effect_measure in RATIOS or CONFIDENCE.search(said)):
        return "the text does not call it a confidence interval"
    return None


def _of_survival_times(c: Context) -> bool:
    survival = c.outcome is not None and c.outcome.type == "survival"
    return survival and c.figure.effect_measure not in RATIOS


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _significant(text: str) -> int:
    return len(text.removeprefix("-").replace(".", "").lstrip("0"))
