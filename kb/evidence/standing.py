"""Where a figure belongs, and what can be joined to it. Nothing is joined in silence: derived says what and how."""

from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process, utils

from analysis.integrity.consistency import denominators, percent_of
from kb.records import ArmFacts, Reading, Standing, StudyFacts
from kb.vocabulary import Outcome, Topic

#: rapidfuzz score from which an arm's label in a text is taken for the arm of the sheet.
SAME_ARM = 88

#: Window of figures that are given for the whole follow-up, without a time.
WHOLE = "follow-up"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Joined:
    """Numbers of a proportion after joining, with the words that say what was done."""

    n: int | None
    events: int | None
    percent: float | None
    derived: str | None


def stand(reading: Reading, study: StudyFacts, outcome: Outcome | None, topic: Topic) -> Standing:
    """The standing of one figure, before it is known which figures speak."""
    figure = reading.figure
    arm = arm_of(figure.arm, study)
    contrast = contrast_of(figure.arm, study) if figure.kind == "effect" else None
    arms = contrast or ((arm,) if arm else ())
    joined = join_numbers(reading, None if contrast else arm, largest_n(arm, study), outcome)
    return Standing(
        figure=reading.id,
        study=study.id,
        study_arm=" vs ".join(a.name for a in arms) or None,
        cohort=arms[0].cohort if arms else study.cohort or study.id,
        design=study.design,
        intervention=" vs ".join(a.intervention for a in arms) or None,
        intervention_class=" vs ".join(a.intervention_class for a in arms) or None,
        window=window_of(reading, topic),
        months=figure.months,
        n=joined.n,
        events=joined.events,
        percent=joined.percent,
        derived="; ".join(filter(None, [reading.said, joined.derived])) or None,
        basis="primary sheet" if reading.keyed else "machine",
        speaks=False,
    )


def window_of(reading: Reading, topic: Topic) -> str | None:
    """``baseline``, the name of the topic's window, ``follow-up`` without a time, None outside all windows."""
    time = reading.figure.timepoint
    if time is None:
        return WHOLE
    if time.months == 0:
        return BASELINE
    window = topic.window_of(time.months)
    return window.name if window else None


def main_arms(study: StudyFacts) -> tuple[ArmFacts, ...]:
    """The groups that were treated or compared; a role of "other" is a part of one (patients with lung disease)."""
    return tuple(arm for arm in study.arms if arm.role != "other")


def arm_of(label: str | None, study: StudyFacts) -> ArmFacts | None:
    """The study's arm that a label means; without a label the only one there is; None where it cannot be told."""
    mains = main_arms(study)
    if label is None:
        return mains[0] if len(mains) == 1 else None
    names = {name: arm for arm in reversed(study.arms) for name in (*arm.aliases, arm.intervention, arm.name)}
    if not names:
        return None
    best = process.extractOne(
        label, names.keys(), scorer=fuzz.token_sort_ratio, processor=utils.default_process, score_cutoff=SAME_ARM
    )
    return names[best[0]] if best else None


def contrast_of(label: str | None, study: StudyFacts) -> tuple[ArmFacts, ArmFacts] | None:
    """The two arms of an "A vs B"; for a bare label of a two-arm study, that arm against the other."""
    sides = [arm_of(side.strip(), study) for side in (label or "").split(" vs ")]
    if len(sides) == 2 and sides[0] and sides[1] and sides[0] != sides[1]:
        return sides[0], sides[1]
    mains = main_arms(study)
    if len(sides) == 1 and sides[0] in mains and len(mains) == 2:
        return sides[0], next(arm for arm in mains if arm != sides[0])
    return None


def largest_n(arm: ArmFacts | None, study: StudyFacts) -> int | None:
    """The size of the arm; of a part whose size is not printed, the size of the only arm that it can be a part of."""
    if arm and arm.n:
        return arm.n
    mains = main_arms(study)
    return mains[0].n if len(mains) == 1 else None


def join_numbers(reading: Reading, arm: ArmFacts | None, n_max: int | None, outcome: Outcome | None) -> Joined:
    """n, events and percent of a figure, completed where arithmetic or the arm's size allows only one answer."""
    figure = reading.figure
    joined = Joined(figure.n, figure.events, figure.percent, None)
    if figure.kind != "proportion":
        return _join_arm_size(joined, arm)
    if joined.n is None and joined.events is not None:
        joined = _join_arm_size(joined, arm if _fits(joined, arm) else None)
    if joined.n and joined.events is None and joined.percent is not None:
        joined = _only_count(joined, reading)
    curve = reading.estimator == "kaplan-meier" or (outcome is not None and outcome.type == "survival")
    if joined.n is None and joined.events is None and joined.percent is not None and n_max and not curve:
        joined = _only_denominator(joined, reading, n_max)
    return joined


def _join_arm_size(joined: Joined, arm: ArmFacts | None) -> Joined:
    if joined.n is not None or arm is None or arm.n is None:
        return joined
    return replace(joined, n=arm.n, derived=f"n = {arm.n} joined from the size of the arm {arm.name}")


def _fits(joined: Joined, arm: ArmFacts | None) -> bool:
    if arm is None or not arm.n or joined.events is None or joined.events > arm.n:
        return False
    return joined.percent is None or abs(100 * joined.events / arm.n - joined.percent) <= 0.5


def _only_count(joined: Joined, reading: Reading) -> Joined:
    printed = reading.figure.printed("percent")
    if printed is None or joined.n is None:
        return joined
    counts = percent_of(printed, joined.n).counts
    if len(counts) != 1:
        return joined
    return replace(
        joined, events=counts[0], derived=f"events = {counts[0]}: the only count of {joined.n} that gives {printed} %"
    )


def _only_denominator(joined: Joined, reading: Reading, n_max: int) -> Joined:
    printed = reading.figure.printed("percent")
    found = denominators(printed, n_max) if printed else ()
    if len(found) != 1:
        return joined
    events, n = found[0]
    words = f"{events}/{n} recovered: the only fraction with n ≤ {n_max} that gives {printed} %"
    return replace(joined, events=events, n=n, derived=words)
