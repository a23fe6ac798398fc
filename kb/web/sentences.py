"""An estimate in plain words, made from its numbers: what it means, and how sure it is. It claims no cause."""

import math
from dataclasses import dataclass

from kb.evidence.sizes import ASSUMED, SURVIVORS
from kb.records import Estimate
from kb.vocabulary import Outcome
from kb.web.words import interval, measure_words, p_words, plural, scaled, window_words

#: I² in percent from which studies are said to differ (Higgins 2003, BMJ 327:557: 50 moderate, 75 high).
DIFFER, DIFFER_MUCH = 50, 75
FEW_STUDIES = 5
#: Level of a single study's own interval, which is shown as it is.
OWN_LEVEL = 95
SET_WORDS = {
    "with-secondary": "It includes figures read in somebody else's review.",
    "with-machine": "It includes figures that only the machine has read.",
    "without-doubtful": "It leaves out figures that a check doubts.",
    "low-risk": "It leaves out studies of which a domain is judged at high risk of bias, or none could be judged.",
}


@dataclass(frozen=True, slots=True)
class Plain:
    """What an estimate means, and how sure it is."""

    meaning: str
    certainty: str


def plain(estimate: Estimate, outcome: Outcome, comparison: str) -> Plain:
    """An estimate in two short paragraphs; comparison is the topic's title of what it compares."""
    if estimate.estimate is None:
        return Plain(_nothing(estimate, outcome), _reviewed(estimate))
    tell = {"points": _points, "percent": _percent, "ratio": _ratio}[estimate.scale]
    meaning = tell(estimate, outcome, sides_of(comparison, estimate))
    return Plain(f"{meaning} {_importance(estimate, outcome)}".strip(), certainty(estimate))


def when(window: str) -> str:
    """``5 years after the start`` or what else the window is."""
    words = window_words(window)
    return f"over the {words}" if "follow-up" in words else f"at {words}"


def patients(estimate: Estimate) -> int:
    """How many patients the pooled effects have together."""
    return sum(s.effect.ni or 0 for s in estimate.shares if s.weight is not None)


def sides_of(comparison: str, estimate: Estimate) -> str:
    """``rituximab against placebo``: the title of a comparison without its designs, else the classes themselves."""
    said = comparison.partition(",")[0]
    if " against " not in said:
        return estimate.intervention_class.replace(" vs ", " against ").replace("-", " ")
    return said if said[:2].isupper() else said[0].lower() + said[1:]


def _source(estimate: Estimate) -> str:
    n = patients(estimate)
    studies = "one study" if estimate.k == 1 else f"{estimate.k} studies together"
    return f"{studies} ({plural(n, 'patient')})" if n else studies


def _bounds(estimate: Estimate) -> str:
    words = interval(estimate.ci_low, estimate.ci_high, estimate.scale)
    level = OWN_LEVEL if estimate.k == 1 else estimate.level
    return f"{level:g}\N{NO-BREAK SPACE}% interval {words}" if estimate.ci_low is not None else words


def _points(estimate: Estimate, outcome: Outcome, sides: str) -> str:
    value = estimate.estimate or 0.0
    size = scaled(abs(value), "points")
    unit = outcome.unit or "points"
    way = "lower" if value < 0 else "higher"
    if estimate.comparison and " vs " in estimate.intervention_class:
        first, _, second = sides.partition(" against ")
        return (
            f"In {_source(estimate)}, the mean {_inside(outcome)} {when(estimate.window)} was {size} {unit} {way} "
            f"with {first} than with {second} ({_bounds(estimate)}). {_excludes(estimate, 0)}"
        )
    said = (
        f"In {_source(estimate)}, the mean {_inside(outcome)} {when(estimate.window)} was {size} {unit} {way} than "
        f"at baseline ({_bounds(estimate)}). This is a change after treatment, never the effect of it."
    )
    return " ".join([said, *_rests_on(estimate)])


def _rests_on(estimate: Estimate) -> list[str]:
    """Whose means were taken and which correlation was assumed, a sentence each."""
    notes: dict[str, None] = {}
    for effect in (s.effect for s in estimate.shares if s.weight is not None):
        for note in (effect.derived or "").split("; "):
            if note.startswith(SURVIVORS):
                notes[f"It is the {note}." if estimate.k == 1 else f"{effect.study}: {note}."] = None
            elif note.startswith(ASSUMED):
                notes[f"{note[0].upper()}{note[1:]}."] = None
    return list(notes)


def _percent(estimate: Estimate, outcome: Outcome, _: str) -> str:
    pooled = [s.effect for s in estimate.shares if s.weight is not None]
    counted = ""
    if len(pooled) == 1 and pooled[0].ni:
        counted = f" ({round(pooled[0].estimate * pooled[0].ni / 100)} of {pooled[0].ni})"
    words = (
        f"{outcome.title}, {when(estimate.window)}: {scaled(estimate.estimate, 'percent')}{counted} "
        f"in {_source(estimate)}; {_bounds(estimate)}."
    )
    if estimate.estimate == 0 and estimate.ci_high is not None:
        most = scaled(estimate.ci_high, "percent")
        words += f" None seen does not mean none possible: up to {most} fits these numbers."
    return f"{words} There is no comparison in it."


def _ratio(estimate: Estimate, outcome: Outcome, sides: str) -> str:
    return (
        f"In {_source(estimate)}, the {measure_words(estimate.measure)} for {_inside(outcome)}, {sides}, "
        f"{when(estimate.window)}, was {scaled(estimate.estimate, 'ratio')} ({_bounds(estimate)}); 1 would mean no "
        f"difference. {_excludes(estimate, 1)}"
    )


def _inside(outcome: Outcome) -> str:
    """The title in the middle of a sentence."""
    title = outcome.title
    return title if title[:2].isupper() else title[0].lower() + title[1:]


def _excludes(estimate: Estimate, null: float) -> str:
    low, high = estimate.ci_low, estimate.ci_high
    if low is None or high is None:
        return ""
    if low <= null <= high:
        return "The interval allows a difference either way, or none."
    return f"The interval lies wholly {'below' if high < null else 'above'} {null:g}."


def _importance(estimate: Estimate, outcome: Outcome) -> str:
    """Against the smallest change that matters to patients, where the outcome has one."""
    if estimate.scale != "points" or outcome.mcid is None or estimate.estimate is None:
        return ""
    least = f"the smallest change that patients notice ({outcome.mcid.value:g} {outcome.unit or ''}".strip() + ")"
    if abs(estimate.estimate) < outcome.mcid.value:
        return f"It is smaller than {least}."
    ends = [x for x in (estimate.ci_low, estimate.ci_high) if x is not None]
    beyond = ends and all(math.copysign(1, x) == math.copysign(1, estimate.estimate) for x in ends)
    if beyond and min(map(abs, ends)) >= outcome.mcid.value:
        return f"The whole interval is larger than {least}."
    return f"It is larger than {least}, but the interval reaches below that."


def certainty(estimate: Estimate) -> str:
    """How much the estimate can carry: number of studies, their agreement, controls, review."""
    said = [_studies(estimate), SET_WORDS.get(estimate.set, "")]
    if " vs " not in estimate.intervention_class:
        said.append("Without a control group nobody can tell what would have happened otherwise.")
    if any(s.effect.doubtful for s in estimate.shares if s.weight is not None):
        said.append("A check doubts one of its figures.")
    if left := sum(s.weight is None for s in estimate.shares):
        said.append(f"Left out with a reason: {plural(left, 'result')}.")
    return " ".join(filter(None, [*said, _reviewed(estimate)]))


def _studies(estimate: Estimate) -> str:
    if estimate.k == 1:
        said = "It rests on a single study; nothing was pooled."
        own = f" Its interval is the study's own, at {OWN_LEVEL} % and not at {estimate.level:g} %."
        return said if estimate.level == OWN_LEVEL else said + own
    i2 = estimate.i2 or 0.0
    differ = "differ much" if i2 >= DIFFER_MUCH else "differ" if i2 >= DIFFER else "agree as far as can be seen"
    words = f"The studies {differ} (I² {scaled(i2, 'percent')}, p of Q {p_words(estimate.q_p)})."
    if estimate.k < FEW_STUDIES:
        words += f" With {estimate.k} studies their spread is hardly known."
    if estimate.pi_low is not None:
        ahead = interval(estimate.pi_low, estimate.pi_high, estimate.scale)
        words += f" A further study would be expected to lie in {ahead}."
    return words


def _reviewed(estimate: Estimate) -> str:
    if estimate.reviewed == "reviewed":
        return "Every figure behind it was confirmed by people."
    whole = "No person has confirmed" if estimate.reviewed == "unreviewed" else "People have confirmed only some of"
    return f"{whole} the figures behind it yet: {estimate.reviewed}."


def _nothing(estimate: Estimate, outcome: Outcome) -> str:
    reasons = sorted({s.left_out for s in estimate.shares if s.left_out})
    why = "; ".join(reasons) or "no figure speaks"
    return f"Nothing can be pooled on {_inside(outcome)} {when(estimate.window)}: {why}. Results are shown as they are."
