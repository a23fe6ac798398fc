"""Questions to a p that compares two groups, asked of their printed numbers."""

from analysis.integrity.reach import Reach, fractions_reach, means_reach
from analysis.integrity.recompute import paired_reach
from kb.checks.context import Context, verdict
from kb.checks.printed import modelled, printed_p, signed
from kb.records import Reading, Standing, Verdict

Pair = tuple[Reading, Standing]


def p_fits_means(c: Context) -> Verdict | None:
    """Two groups' means with SD and n reach the p that is printed with both, by Welch's or the pooled t test."""
    if c.figure.kind not in ("mean", "change") or (other := _other_arm(c)) is None:
        return None
    first, second, p = _moments(c.reading, c.standing), _moments(*other), printed_p(c.figure)
    if first is None or second is None or p is None:
        return None
    if (no := _not_askable(c, other)) is not None:
        return Verdict("p fits two means", "not applicable", no)
    found = means_reach(first, second, p)
    words = f"t test of {_mean(first)} against {_mean(second)}: {_range(found, p)}"
    if found.consistent is False and _within_groups(c, other, p):
        return Verdict("p fits two means", "not applicable", f"{words}; it may compare each group with its baseline")
    rank = "" if found.consistent else "; a rank test or a model could"
    return verdict("p fits two means", words + rank, passed=found.consistent is True, otherwise="doubtful")


def p_fits_fractions(c: Context) -> Verdict | None:
    """Two groups' k of n reach the p that is printed with both, by a chi-squared or Fisher's exact test."""
    if c.figure.kind != "proportion" or (other := _other_arm(c)) is None:
        return None
    p, mine, theirs = printed_p(c.figure), c.standing, other[1]
    if p is None or not _countable(mine) or not _countable(theirs):
        return None
    if c.outcome is not None and c.outcome.type == "survival":
        return Verdict("p fits two fractions", "not applicable", "survival is compared by a log-rank test")
    if (no := _not_askable(c, other)) is not None:
        return Verdict("p fits two fractions", "not applicable", no)
    found = fractions_reach(mine.events or 0, mine.n or 0, theirs.events or 0, theirs.n or 0, p)
    words = f"{mine.events}/{mine.n} against {theirs.events}/{theirs.n}, chi-squared and Fisher: {_range(found, p)}"
    return verdict("p fits two fractions", words, passed=found.consistent is True, otherwise="doubtful")


def compares_arms(c: Context) -> bool:
    """Whether the same p is printed with another group's figure of this outcome and time."""
    return bool(_others_with_p(c))


def _others_with_p(c: Context) -> list[Pair]:
    f = c.figure
    if f.outcome is None or f.p_value is None or f.arm is None:
        return []
    return [
        (r, s)
        for r, s in c.siblings
        if r.figure.arm not in (None, f.arm) and r.figure.p_value == f.p_value and r.document == c.reading.document
        and (r.reader, r.figure.outcome, r.figure.kind) == (c.reading.reader, f.outcome, f.kind)
        and r.figure.timepoint == f.timepoint and r.section_text == c.reading.section_text
    ]  # fmt: skip


def _other_arm(c: Context) -> Pair | None:
    """The one other group that the p is printed with; None if there is none, or several (a p over all groups)."""
    found = _others_with_p(c)
    return found[0] if len(found) == 1 else None


def _not_askable(c: Context, other: Pair) -> str | None:
    word = modelled(c.reading) or modelled(other[0])
    return f"{word}: the p comes from a model or another design" if word else None


def _moments(reading: Reading, standing: Standing) -> tuple[str, str, int] | None:
    mean, sd, n = signed(reading.figure, "value"), reading.figure.printed("sd"), standing.n
    return None if mean is None or sd is None or n is None or n < 2 else (mean, sd, n)


def _countable(standing: Standing) -> bool:
    n, k = standing.n, standing.events
    return bool(n) and k is not None and 0 <= k <= (n or 0)


def _within_groups(c: Context, other: Pair, p: str) -> bool:
    """Whether both groups reach the p against their own baselines."""
    return all(_against_baseline(c, r, s, p) for r, s in ((c.reading, c.standing), other))


def _against_baseline(c: Context, reading: Reading, standing: Standing, p: str) -> bool:
    now = _moments(reading, standing)
    before = [
        then
        for r, s in c.siblings
        if r.figure.months == 0 and (r.figure.outcome, r.figure.arm) == (reading.figure.outcome, reading.figure.arm)
        and (then := _moments(r, s)) is not None
    ]  # fmt: skip
    if now is None or not before or reading.figure.months == 0:
        return False
    (m1, s1, _), (m2, s2, n) = before[0], now
    return paired_reach(m1, s1, m2, s2, n=n, p=p).consistent is True


def _mean(moments: tuple[str, str, int]) -> str:
    mean, sd, n = moments
    return f"{mean} ± {sd} (n = {n})"


def _range(found: Reach, p: str) -> str:
    return f"p from {found.p_min:.2g} to {found.p_max:.2g}, printed {p}"
