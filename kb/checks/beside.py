"""Questions to a figure beside the other figures of its study."""

import math

from analysis.integrity.consistency import survivors_and_deaths
from analysis.integrity.recompute import paired_reach
from kb.checks.arms import compares_arms
from kb.checks.context import Context, verdict
from kb.checks.printed import modelled, printed_p
from kb.records import BASELINE as BASELINE_TIME
from kb.records import Figure, Reading, Standing, Verdict

BASELINE = str(BASELINE_TIME)


def survivors_within_treated(c: Context) -> Verdict | None:
    """No more survivors, or patients measured later, than were treated."""
    n = c.standing.n
    if n is None or c.arm_n is None or c.figure.kind == "effect":
        return None
    return verdict("survivors within treated", f"{n} of {c.arm_n} treated", passed=n <= c.arm_n)


def n_never_grows(c: Context) -> Verdict | None:
    """The number measured does not grow over follow-up, within one reader, outcome and arm."""
    f = c.figure
    if f.n is None or f.timepoint is None or f.kind not in ("mean", "median"):
        return None
    earlier = [
        r.figure.n
        for r, s in c.siblings
        if _same_arm_and_reader(c, r, s) and r.figure.outcome == f.outcome
        and r.figure.n and r.figure.timepoint and r.figure.timepoint.months < f.timepoint.months
    ]  # fmt: skip
    if not earlier:
        return None
    least = min(earlier)
    return verdict(
        "n never grows",
        f"n = {f.n} at {f.timepoint}, least n before: {least}",
        passed=f.n <= least,
        otherwise="doubtful",
    )


def survivors_and_deaths_fit(c: Context) -> Verdict | None:
    """Who was no longer alive at a time is among the deaths counted by a later one (ASTIS in two reviews is not)."""
    f, alive, n = c.figure, c.figure.events, c.figure.n
    if f.outcome != "overall survival" or f.kind != "proportion" or alive is None or n is None or alive > n:
        return None
    later = [
        (r.figure.events, str(r.figure.timepoint or "in all"))
        for r, s in c.siblings
        if r.figure.outcome == "death" and r.figure.n == n and r.figure.events is not None and r.figure.events <= n
        and s.study_arm == c.standing.study_arm and (s.months is None or s.months >= (c.standing.months or math.inf))
    ]  # fmt: skip
    if not later:
        return None
    deaths, when = min(later)
    found = survivors_and_deaths(n, alive, deaths)
    words = f"{n} − {alive} = {found.deaths_until} not alive, {deaths} deaths counted {when}"
    return verdict("survivors and deaths fit", words, passed=found.possible, otherwise="doubtful")


def p_within_reach(c: Context) -> Verdict | None:
    """Whether a paired t test of this mean against baseline can give the printed p at any correlation (Zhang 2017)."""
    printed, after, n = printed_p(c.figure), _moments(c.figure), c.standing.n
    if printed is None or after is None or c.figure.kind != "mean" or c.standing.window == BASELINE:
        return None
    if n is None or n < 2:
        return None
    before = [
        moments
        for r, s in c.siblings
        if _same_arm_and_reader(c, r, s) and r.figure.outcome == c.figure.outcome and s.window == BASELINE
        and r.figure.kind == "mean" and (moments := _moments(r.figure))
    ]  # fmt: skip
    if not before:
        return None
    reach = paired_reach(*before[0], *after, n=n, p=printed)
    words = f"paired t test over all correlations: p from {reach.p_smallest:.2g} to {reach.p_largest:.2g}, p {printed}"
    rank = "; a rank test could" if reach.rank_test_could and not reach.consistent else ""
    passed = reach.consistent is not False
    if not passed and (word := modelled(c.reading)):
        return Verdict("p within reach of a paired t test", "not applicable", f"{words}; {word}: a model's p")
    if not passed and compares_arms(c):
        return Verdict("p within reach of a paired t test", "not applicable", f"{words}, which may compare the groups")
    return verdict("p within reach of a paired t test", words + rank, passed=passed, otherwise="doubtful")


def _moments(figure: Figure) -> tuple[str, str] | None:
    mean, sd = figure.printed("value"), figure.printed("sd")
    return None if mean is None or sd is None else (mean, sd)


def sheet_agrees_with_text(c: Context) -> Verdict | None:
    """Double extraction: what a person keyed into the sheet against what the machine read in the text."""
    if c.reading.reader != "sheet":
        return None
    mine = c.figure
    read = [r for r, s in c.siblings if r.reader == "machine" and _same_place(c, r, s)]
    if not read:
        return Verdict("sheet agrees with text", "not applicable", "no text of the paper with this result is here")
    agreeing = [r for r in read if mine.agrees_with(r.figure)]
    other = (agreeing or read)[0]
    words = f"sheet {mine.quote!r}, text {other.figure.quote!r}"
    if c.made_from == "abstract":
        words += "; the sheet was made from this abstract, so this checks the transcription, not the paper"
    return verdict("sheet agrees with text", words, passed=bool(agreeing), otherwise="doubtful")


def _same_place(c: Context, reading: Reading, standing: Standing) -> bool:
    mine, theirs = c.figure, reading.figure
    same = (mine.outcome, mine.kind, c.standing.study_arm) == (theirs.outcome, theirs.kind, standing.study_arm)
    return same and _time(c.standing) == _time(standing)


def _time(standing: Standing) -> float | None:
    return None if standing.months is None else round(standing.months, 1)


def _same_arm_and_reader(c: Context, reading: Reading, standing: Standing) -> bool:
    mine = (c.reading.reader, c.standing.study_arm, c.figure.arm)
    return mine == (reading.reader, standing.study_arm, reading.figure.arm)
