"""Named questions to a figure in its context, each answered with the sum shown. Checks advise; people decide.

A check is a function and a row of CHECKS. It gets the figure, what its outcome is and what else its study
says, and answers passed, doubtful, impossible (arithmetic only) or not applicable; None means that the
question does not arise for this kind of figure, and no row is made.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from analysis.integrity.consistency import denominators, largest_sd_on_scale, percent_of, sd_outlier
from analysis.integrity.granularity import grim, grimmer, possible_on_scale
from kb.checks.arms import p_fits_fractions, p_fits_means
from kb.checks.beside import (
    n_never_grows,
    p_within_reach,
    sheet_agrees_with_text,
    survivors_and_deaths_fit,
    survivors_within_treated,
)
from kb.checks.context import Context, verdict
from kb.checks.intervals import (
    decimals_alike,
    estimate_within,
    interval_centred,
    level_possible,
    limits_in_order,
    p_fits_interval,
)
from kb.checks.printed import not_plain
from kb.checks.spread import debit_check, mean_and_sd_in_two_arms, sd_beside_others, sd_not_se, sd_repeated
from kb.checks.statistic import p_fits_statistic
from kb.checks.study import baselines_agree, enrolment_registered, outcome_registered
from kb.records import Verdict

#: "23 % (n = 45)": authors mean the 45 who were counted as often as the group that they belong to.
COUNT_IN_BRACKETS = re.compile(r"\bn\s*=\s*\d", re.IGNORECASE)

Question = Callable[[Context], Verdict | None]


@dataclass(frozen=True, slots=True)
class Check:
    """A named question; source is the paper or rule that it comes from."""

    name: str
    ask: Question
    source: str


def judge(context: Context) -> list[Verdict]:
    """All verdicts on one figure, in the order of CHECKS."""
    answers = (check.ask(context) for check in CHECKS)
    return [answer for answer in answers if answer is not None]


def span_holds(c: Context) -> Verdict:
    """The quote stands where the figure says it does."""
    f = c.figure
    held = c.reading.section_text[f.start : f.end] == f.quote
    return verdict(
        "span holds", f"characters {f.start}–{f.end} are {f.quote!r}" if held else "the quote is not there", passed=held
    )


def percent_fits_fraction(c: Context) -> Verdict | None:
    """A printed percentage is what its printed fraction gives, at the printed decimals."""
    f = c.figure
    printed = f.printed("percent")
    if printed is None or f.n is None or f.n < 1 or not 0 <= (f.events or 0) <= f.n:
        return None
    found = percent_of(printed, f.n, k=f.events)
    if f.events is None:
        if not found.counts and COUNT_IN_BRACKETS.search(f.quote):
            return Verdict(
                "percent fits fraction", "not applicable", f"n = {f.n} may be those counted, not the group's size"
            )
        words = (
            f"of {f.n}, {printed} % is {' or '.join(map(str, found.counts))}"
            if found.counts
            else f"no count of {f.n} gives {printed} %"
        )
        return verdict("percent fits fraction", words, passed=bool(found.counts))
    return verdict(
        "percent fits fraction",
        f"{f.events}/{f.n} = {found.recomputed:.4g} %, printed {printed} %",
        passed=found.possible,
    )


def denominators_possible(c: Context) -> Verdict | None:
    """Which denominators a bare percentage allows, up to the size of its arm."""
    f = c.figure
    printed = f.printed("percent")
    if printed is None or f.n is not None or f.events is not None or not c.arm_n or _is_curve(c):
        return None
    pairs = denominators(printed, c.arm_n)
    shown = ", ".join(f"{k}/{n}" for k, n in pairs[:8]) + (", …" if len(pairs) > 8 else "")
    words = f"{printed} % with n ≤ {c.arm_n}: {shown}" if pairs else f"no fraction with n ≤ {c.arm_n} gives {printed} %"
    return verdict("denominators possible", words, passed=bool(pairs))


def events_within_n(c: Context) -> Verdict | None:
    """No more events than patients."""
    f = c.figure
    if f.events is None or f.n is None:
        return None
    return verdict("events within n", f"{f.events} of {f.n}", passed=f.events <= f.n)


def value_on_scale(c: Context) -> Verdict | None:
    """A mean, a median or a percentage lies on its outcome's scale; a change within its width."""
    f = c.figure
    if f.kind == "proportion":
        return (
            None
            if f.percent is None
            else verdict("value on scale", f"0 ≤ {f.percent:g} ≤ 100", passed=0 <= f.percent <= 100)
        )
    if f.value is None or c.outcome is None or c.outcome.scale is None or f.kind == "effect":
        return None
    if c.outcome.type != "continuous" and f.unit != "%":
        return None  # a median survival is a time, not a percentage
    low, high = c.outcome.scale
    if f.kind == "change":
        return verdict("value on scale", f"|{f.value:g}| ≤ {high - low:g}", passed=abs(f.value) <= high - low)
    return verdict("value on scale", f"{low:g} ≤ {f.value:g} ≤ {high:g}", passed=low <= f.value <= high)


def grim_check(c: Context) -> Verdict | None:
    """A mean of whole numbers is a total divided by n (Brown & Heathers 2017)."""
    if (numbers := _whole_number_mean(c)) is None:
        return None
    mean, _, n, informative = numbers
    found = grim(mean, n)
    if word := not_plain(c.reading):
        return Verdict("GRIM", "not applicable", f"{word}: no plain mean of whole numbers")
    if not informative:
        return Verdict("GRIM", "not applicable", f"mean {mean} of n = {n}: too few decimals to tell")
    total = (
        f"{found.totals[0]}/{n} = {found.totals[0] / n:.4f}"
        if found.totals
        else f"no total of {n} whole numbers gives {mean}"
    )
    return verdict("GRIM", total, passed=found.possible)


def grimmer_check(c: Context) -> Verdict | None:
    """An SD of whole numbers has a whole sum of squares of the right parity (Anaya 2016; Allard 2018)."""
    if (numbers := _whole_number_mean(c)) is None:
        return None
    mean, sd, n, informative = numbers
    if sd is None or not informative or not_plain(c.reading):
        return None
    found = grimmer(mean, sd, n)
    return verdict(
        "GRIMMER",
        f"mean {mean}, SD {sd}, n = {n}: {'a sum of squares exists' if found.possible else 'no sum of squares fits'}",
        passed=found.possible,
    )


def exact_possibility(c: Context) -> Verdict | None:
    """Whether n whole numbers on the scale have this mean and SD: exact, by search."""
    numbers = _whole_number_mean(c)
    if numbers is None or c.outcome is None or c.outcome.scale is None:
        return None
    mean, sd, n, informative = numbers
    if sd is None or not informative or not_plain(c.reading):
        return None
    low, high = map(int, c.outcome.scale)
    found = possible_on_scale(mean, sd, n, low, high)
    words = f"{n} whole numbers on {low}–{high} with mean {mean} and SD {sd}: "
    bounds = (
        f" (SD between {found.sd_min:.2f} and {found.sd_max:.2f})"
        if found.sd_max is not None and found.sd_min is not None
        else ""
    )
    return verdict(
        "exact possibility", words + ("exist" if found.possible else "do not exist") + bounds, passed=found.possible
    )


def sd_on_scale(c: Context) -> Verdict | None:
    """No SD of n values is larger than with all of them at the ends of the scale."""
    n, mean, sd = c.standing.n, c.figure.printed("value"), c.figure.printed("sd")
    if c.figure.kind != "mean" or mean is None or sd is None or n is None or n < 2:
        return None
    if c.outcome is None or c.outcome.scale is None:
        return None
    low, high = c.outcome.scale
    largest = largest_sd_on_scale(mean, n, low, high)
    if largest is None:
        return None
    words = f"SD {sd}; with mean {mean} on {low:g}–{high:g} and n = {n} at most {largest:.4g}"
    return verdict("SD possible on scale", words, passed=sd_outlier(sd, largest=largest).possible is True)


def _is_curve(c: Context) -> bool:
    return c.reading.estimator == "kaplan-meier" or (c.outcome is not None and c.outcome.type == "survival")


def _whole_number_mean(c: Context) -> tuple[str, str | None, int, bool] | None:
    """Mean and SD as printed, n, and whether the decimals have any power; None where patients' values are not whole."""
    f = c.figure
    mean, n = f.printed("value"), f.n
    if f.kind != "mean" or c.outcome is None or not c.outcome.integer or mean is None or n is None or n < 2:
        return None
    decimals = len(mean.partition(".")[2])
    return mean, f.printed("sd"), n, 10**decimals > n


CHECKS: tuple[Check, ...] = (
    Check("span holds", span_holds, "promise 1 of the design"),
    Check("events within n", events_within_n, "arithmetic"),
    Check("percent fits fraction", percent_fits_fraction, "arithmetic, at the printed decimals"),
    Check("denominators possible", denominators_possible, "arithmetic, at the printed decimals"),
    Check("value on scale", value_on_scale, "the outcome's range"),
    Check("GRIM", grim_check, "Brown & Heathers 2017, Soc Psychol Personal Sci 8:363"),
    Check("GRIMMER", grimmer_check, "Anaya 2016, PeerJ Preprints 4:e2400v1; Allard 2018"),
    Check("exact possibility", exact_possibility, "enumeration of whole numbers on the scale"),
    Check("SD possible on scale", sd_on_scale, "Bhatia & Davis 2000, Am Math Mon 107:353"),
    Check("DEBIT", debit_check, "Heathers & Brown 2019, doi 10.31234/osf.io/5vb3u"),
    Check("SD beside the others", sd_beside_others, "Cochrane Handbook 6.5.2.10: an SD out of line is checked"),
    Check("SD, not SE", sd_not_se, "Cochrane Handbook 6.5.2.2: standard errors taken for SDs"),
    Check("SD repeated", sd_repeated, "repeated numbers, a note"),
    Check("mean and SD in two arms", mean_and_sd_in_two_arms, "repeated numbers, Carlisle 2017, Anaesthesia 72:944"),
    Check("limits in order", limits_in_order, "arithmetic"),
    Check("level of the interval", level_possible, "arithmetic"),
    Check("estimate within interval", estimate_within, "arithmetic"),
    Check("interval centred", interval_centred, "Cochrane Handbook 6.3: symmetric intervals, ratios on the log scale"),
    Check("decimals of the interval", decimals_alike, "a note on a likely slip"),
    Check("p fits interval", p_fits_interval, "Altman & Bland 2011, BMJ 343:d2304"),
    Check("p fits its statistic", p_fits_statistic, "Nuijten 2016, Behav Res Methods 48:1205"),
    Check("p fits two means", p_fits_means, "Welch's and the pooled t test, Cochrane Handbook 6.5.2.3"),
    Check("p fits two fractions", p_fits_fractions, "Pearson's, Yates's and Fisher's tests"),
    Check("one baseline", baselines_agree, "a paper agrees with itself"),
    Check("registered enrolment", enrolment_registered, "ICMJE: trials are registered before they enrol"),
    Check("registered outcome", outcome_registered, "ICMJE: outcomes are registered before they are measured"),
    Check("survivors within treated", survivors_within_treated, "arithmetic"),
    Check("survivors and deaths fit", survivors_and_deaths_fit, "arithmetic, across the study's figures"),
    Check("p within reach of a paired t test", p_within_reach, "the t test over all correlations"),
    Check("n never grows", n_never_grows, "follow-up loses patients, it does not gain them"),
    Check("sheet agrees with text", sheet_agrees_with_text, "double extraction, Cochrane Handbook 5.5"),
)
