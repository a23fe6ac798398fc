"""The integrity checks on numbers typed by hand: decimals count, so everything arrives as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.granularity import grim, grimmer, possible_on_scale
from analysis.integrity import denominators, percent_of
from analysis.recompute import paired_reach
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
    squares = grimmer(mean, sd, n)
    yield _verdict("GRIMMER", f"mean {mean}, SD {sd}, n = {n}: sum of squares", passed=squares.possible)
    if t.scale is None:
        return
    low, high = _pair(t.scale, ":", "--scale LO:HI of whole numbers")
    found = possible_on_scale(mean, sd, n, int(low), int(high))
    bounds = f"SD between {found.sd_min:.4g} and {found.sd_max:.4g}" if found.sd_max is not None else "no total fits"
    yield _verdict("exact possibility", f"{n} whole numbers on {low}–{high}: {bounds}", passed=found.possible)


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
    words = f"paired t test over all correlations: p from {reach.p_smallest:.2g} to {reach.p_largest:.2g}"
    if reach.consistent is None:
        yield Verdict("p within reach of a paired t test", "not applicable", words + "; no p to compare with")
        return
    rank = "" if reach.consistent else f"; a rank test could ({reach.p_rank_test:.2g})" if reach.rank_test_could else ""
    verdict = "passed" if reach.consistent else "doubtful"
    yield Verdict("p within reach of a paired t test", verdict, f"{words}, printed {t.p_value}{rank}")


def _pair(text: str, mark: str, form: str) -> tuple[str, str]:
    first, found, second = text.partition(mark)
    if not found or not first.strip() or not second.strip():
        raise ValueError(f"{text!r} is not {form}")
    return first.strip(), second.strip()
