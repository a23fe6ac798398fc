"""Questions to a standard deviation: is it one, does it fit the others, can zeros and ones have it?"""

import math

from analysis.integrity.consistency import sd_or_se, sd_outlier
from analysis.integrity.granularity import debit
from kb.checks.context import Context, verdict
from kb.records import Figure, Reading, Standing, Verdict

#: How many times smaller than the others a spread must be before it is taken for a standard error: an SD that
#: differs so much by chance is rare from n = 8 on (F test of a variance ratio of 9: p < 0.01).
MUCH_SMALLER = 3.0

#: Fewest patients: with fewer, an SD and a standard error are too close to be told apart.
FEWEST = 8

#: Digits of a number from which its repetition is worth a note.
TELLING = 3


def sd_not_se(c: Context) -> Verdict | None:
    """An SD much smaller than its study's others, or than usual, that fits them as a standard error (Jordan 2015)."""
    sd, n, others = _sd(c.figure), c.standing.n, _other_sds(c)
    usual = [c.outcome.usual_sd.value] if c.outcome is not None and c.outcome.usual_sd is not None else []
    known = [(sds, name) for sds, name in ((others, "the study's other SDs"), (usual, "elsewhere")) if sds]
    if sd is None or not known:
        return None
    if n is None or n < FEWEST:
        return Verdict("SD, not SE", "not applicable", "too few patients, or their number is not known")
    answers = [look_like_se(sd, n, sds, name) for sds, name in known]
    return next((one for one in answers if one.verdict == "doubtful"), answers[0])


def look_like_se(sd: str, n: int, others: list[float], name: str) -> Verdict:
    """The verdict on an SD against others; name says where these are from."""
    found = sd_or_se(sd, n, others=others)
    typical = found.typical_sd or float(sd)
    doubt = bool(found.looks_like_se) and typical / float(sd) >= MUCH_SMALLER
    words = f"SD {sd}; {name} about {typical:.3g}"
    if doubt:
        words += f"; as a standard error it would be an SD of {sd} × √{n} = {found.implied_sd:.3g}"
    return verdict("SD, not SE", words, passed=not doubt, otherwise="doubtful")


def out_of_line(sd: str, others: list[float], name: str) -> Verdict:
    """The verdict on an SD four times the largest, or a quarter of the smallest, of others."""
    shown = ", ".join(f"{other:.4g}" for other in sorted(others))
    found = sd_outlier(sd, others=others)
    words = f"SD {sd}; {name}: {shown}"
    return verdict("SD beside the others", words, passed=not found.suspicious, otherwise="doubtful")


def sd_beside_others(c: Context) -> Verdict | None:
    """An SD at least four times the largest, or a quarter of the smallest, of the study's other SDs (Sircar 2018)."""
    sd, others = _sd(c.figure), _other_sds(c)
    if sd is None or not others:
        return None
    return out_of_line(sd, others, "the study's other SDs of this outcome")


def sd_repeated(c: Context) -> Verdict | None:
    """The same SD to the last digit at another time of the same group: possible, so only a note."""
    sd = _sd(c.figure)
    if sd is None or _digits(sd) < TELLING:
        return None
    again = [
        f"{r.figure.timepoint or 'another place'}" + (f" (n = {s.n})" if s.n else "")
        for r, s in _other_cells(c)
        if r.figure.arm == c.figure.arm and r.figure.printed("sd") == sd
    ]
    if not again:
        return None
    return Verdict("SD repeated", "passed", f"SD {sd} again at {', '.join(again)}: possible, worth a look")


def mean_and_sd_in_two_arms(c: Context) -> Verdict | None:
    """Mean and SD to the last digit alike in two groups at one time: by chance rare, by copying frequent."""
    mean, sd = c.figure.printed("value"), _sd(c.figure)
    if mean is None or sd is None or min(_digits(mean), _digits(sd)) < TELLING:
        return None
    twins = [
        r.figure.arm or "another group"
        for r, _ in _other_cells(c)
        if r.figure.arm != c.figure.arm and r.figure.timepoint == c.figure.timepoint
        and (r.figure.printed("value"), r.figure.printed("sd")) == (mean, sd)
    ]  # fmt: skip
    if not twins:
        return None
    return Verdict("mean and SD in two arms", "doubtful", f"{mean} and SD {sd} also in {', '.join(twins)}")


def debit_check(c: Context) -> Verdict | None:
    """Mean and SD of zeros and ones belong together: SD² = n/(n − 1) · mean · (1 − mean)."""
    f, n = c.figure, c.standing.n
    mean, sd = f.printed("value"), f.printed("sd")
    if f.kind != "mean" or c.outcome is None or c.outcome.type not in ("proportion", "event"):
        return None
    if mean is None or sd is None or n is None or n < 2 or f.value is None or not 0 <= f.value <= 1:
        return None
    found = debit(mean, sd, n)
    words = f"{n} zeros and ones with mean {mean} and SD {sd}: "
    shown = f"{found.events[0]} ones" if found.events else "no number of ones gives both"
    return verdict("DEBIT", words + shown, passed=found.possible)


def _sd(figure: Figure) -> str | None:
    """The SD of a mean as printed, if it is above 0."""
    return figure.printed("sd") if figure.kind == "mean" and (figure.sd or 0) > 0 else None


def _other_cells(c: Context) -> list[tuple[Reading, Standing]]:
    """The reader's means with an SD of the same outcome in other groups or at other times, in the same unit."""
    f = c.figure
    if not c.same_thing:
        return []
    return [
        (r, s)
        for r, s in c.siblings
        if r.figure.outcome == f.outcome and r.reader == c.reading.reader
        and r.figure.unit == f.unit and (r.figure.arm, r.figure.timepoint) != (f.arm, f.timepoint)
        and _sd(r.figure) is not None
    ]  # fmt: skip


def _other_sds(c: Context) -> list[float]:
    """The other SDs. Without a scale an SD may grow with the mean: then the nearer of both is compared."""
    sd, bounded = c.figure.sd, c.outcome is not None and c.outcome.scale is not None
    found: list[float] = []
    if not sd:
        return found
    for reading, _ in _other_cells(c):
        other = reading.figure.sd or sd
        grown = other if bounded else _grown(other, reading.figure.value, c.figure.value)
        found.append(min(other, grown, key=lambda one: abs(math.log(one / sd))))
    return found


def _grown(sd: float, mean: float | None, to: float | None) -> float:
    """An SD in proportion to its mean."""
    return sd * abs(to / mean) if mean and to else sd


def _digits(text: str) -> int:
    return len(text.replace(".", "").lstrip("0"))
