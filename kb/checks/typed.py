"""The integrity checks on numbers typed by hand: decimals count, so everything arrives as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.integrity.consistency import denominators, largest_sd_on_scale, percent_of, sd_outlier
from analysis.integrity.granularity import debit, grim, grimmer, possible_on_scale
from analysis.integrity.printed import read_printed
from analysis.integrity.recompute import paired_reach
from kb.checks.spread import FEWEST, look_like_se, out_of_line
from kb.records import Verdict


@dataclass(frozen=True, slots=True)
class TypedNumbers:
    """What the options of verify hold, as typed; scale is LO:HI, pre and post are M,SD."""

    mean: str | None = None
    sd: str | None = None
    n: int | None = None
    scale: str | None = None
    percent: str | None = None
    n_max: int | None = None
    events: int | None = None
    pre: str | None = None
    post: str | None = None
    p_value: str | None = None


def verify_typed(typed: TypedNumbers) -> dict[str, Any]:
    """The contract's ``{checks: [{check, verdict, reason}], denominators: [[k, n], …]}``.

    Raises ValueError, in words for the user, where numbers are missing or cannot be read.
    """
    verdicts = [*_mean(typed), *_percent(typed), *_paired(typed)]
    pairs = denominators(typed.percent, typed.n_max) if typed.percent and typed.n_max else ()
    if typed.percent and typed.n_max:
        words = ", ".join(f"{k}/{n}" for k, n in pairs) or "none"
        verdicts.append(_verdict("denominators possible", f"n ≤ {typed.n_max}: {words}", passed=bool(pairs)))
    if not verdicts:
        raise ValueError(
            "nothing to check: give --mean and --n, --percent with --n or --n-max, or --pre, --post, --n and --p"
        )
    checks = [{"check": v.check, "verdict": v.verdict, "reason": v.reason} for v in verdicts]
    return {"checks": checks, "denominators": [list(pair) for pair in pairs]}


def _verdict(check: str, reason: str, *, passed: bool) -> Verdict:
    return Verdict(check, "passed" if passed else "impossible", reason)


def _mean(t: TypedNumbers) -> Iterator[Verdict]:
    if t.mean is None:
        return
    if t.n is None:
        raise ValueError("--mean needs --n")
    found = grim(t.mean, t.n)
    totals = ", ".join(map(str, found.totals[:5])) or "none"
    if not found.informative:
        yield Verdict("GRIM", "not applicable", f"mean {t.mean} of n = {t.n}: too few decimals to tell")
    else:
        yield _verdict("GRIM", f"totals of {t.n} whole numbers that give {t.mean}: {totals}", passed=found.possible)
    if t.sd is not None:
        yield from _spread(t, t.mean, t.sd, t.n)


def _spread(t: TypedNumbers, mean: str, sd: str, n: int) -> Iterator[Verdict]:
    if n < 2:
        raise ValueError("--sd needs an --n of at least 2")
    if read_printed(sd).value < 0:
        raise ValueError(f"an SD cannot be negative: {sd}")
    squares = grimmer(mean, sd, n)
    words = "a sum of squares exists" if squares.possible else "no sum of squares fits"
    yield _verdict("GRIMMER", f"mean {mean}, SD {sd}, n = {n}: {words}", passed=squares.possible)
    if t.scale is None:
        return
    low, high = _pair(t.scale, ":", "--scale LO:HI of whole numbers")
    yield from _on_scale(mean, sd, n, low, high)
    found = possible_on_scale(mean, sd, n, int(low), int(high))
    bounds = f"SD between {found.sd_min:.4g} and {found.sd_max:.4g}" if found.sd_max is not None else "no total fits"
    yield _verdict("exact possibility", f"{n} whole numbers on {low}–{high}: {bounds}", passed=found.possible)


def _on_scale(mean: str, sd: str, n: int, low: str, high: str) -> Iterator[Verdict]:
    value, bottom, top = float(read_printed(mean)), float(low), float(high)
    inside = bottom <= value <= top
    yield _verdict("value on scale", f"{low} ≤ {mean} ≤ {high}", passed=inside)
    largest = largest_sd_on_scale(mean, n, bottom, top)
    if largest is not None:
        words = f"SD {sd}; with mean {mean} on {low}–{high} and n = {n} at most {largest:.4g}"
        yield _verdict("SD possible on scale", words, passed=sd_outlier(sd, largest=largest).possible is True)
    if (bottom, top) == (0, 1):
        ones = debit(mean, sd, n).events
        shown = " or ".join(map(str, ones[:5])) or "no number of"
        yield _verdict("DEBIT", f"{n} zeros and ones with this mean and SD: {shown} ones", passed=bool(ones))


def _percent(t: TypedNumbers) -> Iterator[Verdict]:
    if t.percent is None:
        return
    if t.n is None and t.n_max is None:
        raise ValueError("--percent needs --n or --n-max")
    if t.n is not None:
        found = percent_of(t.percent, t.n, k=t.events)
        counts = " or ".join(map(str, found.counts)) or "no count"
        sum_ = f"{t.events}/{t.n} = {found.recomputed:.4g} %; " if t.events is not None else ""
        yield _verdict("percent fits fraction", f"{sum_}{t.percent} % of {t.n} is {counts}", passed=found.possible)
    if t.events is not None and t.n is not None:
        yield _verdict("events within n", f"{t.events} of {t.n}", passed=t.events <= t.n)


def _paired(t: TypedNumbers) -> Iterator[Verdict]:
    if t.pre is None and t.post is None:
        return
    if t.pre is None or t.post is None or t.n is None:
        raise ValueError("a paired comparison needs --pre M,SD, --post M,SD and --n")
    before, after = _pair(t.pre, ",", "--pre M,SD"), _pair(t.post, ",", "--post M,SD")
    reach = paired_reach(*before, *after, n=t.n, p=t.p_value)
    yield from _beside(before[1], after[1], t.n)
    words = f"paired t test over all correlations: p from {reach.p_smallest:.2g} to {reach.p_largest:.2g}"
    if reach.consistent is None:
        yield Verdict("p within reach of a paired t test", "not applicable", words + "; no p to compare with")
        return
    rank = "" if reach.consistent else f"; a rank test could ({reach.p_rank_test:.2g})" if reach.rank_test_could else ""
    verdict = "passed" if reach.consistent else "doubtful"
    yield Verdict("p within reach of a paired t test", verdict, f"{words}, printed {t.p_value}{rank}")


def _beside(before: str, after: str, n: int) -> Iterator[Verdict]:
    """The smaller of the two SDs against the larger: out of line, or a standard error?"""
    small, large = sorted((before, after), key=float)
    if float(small) <= 0:
        return
    yield out_of_line(small, [float(large)], "the SD at the other time")
    if n >= FEWEST:
        yield look_like_se(small, n, [float(large)], "at the other time")


def _pair(text: str, mark: str, form: str) -> tuple[str, str]:
    first, found, second = text.partition(mark)
    if not found or not first.strip() or not second.strip():
        raise ValueError(f"{text!r} is not {form}")
    return first.strip(), second.strip()
