"""Speaking figures → effects. One study, arm (or contrast), outcome, window and measure give one effect.

Where several ways lead to it, the printed change or contrast goes before the computed one, and one with a variance
before one without. What a way gives is in sizes.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations

from kb.evidence.sizes import (
    Numbers,
    Speaker,
    mean_change,
    printed_change,
    printed_contrast,
    proportion,
    two_groups,
)
from kb.evidence.speaking import BASES
from kb.evidence.standing import BASELINE, main_arms
from kb.records import Effect, Reading, Standing, StudyFacts
from kb.vocabulary import Outcome, Topic, Vocabulary

#: Grounds on which a figure stands as people decided it, by how many people the topic asks for.
REVIEWED = {1: ("adjudicated", "two reviewers", "one reviewer"), 2: ("adjudicated", "two reviewers")}
LOOKED_AT = REVIEWED[1]

Cells = Mapping[tuple[str, str, str], list[Speaker]]
Found = tuple[str, str, Numbers, tuple[tuple[Speaker, str], ...]]


def all_effects(
    readings: Mapping[str, Reading], standings: Mapping[str, Standing], studies: Mapping[str, StudyFacts],
    vocabulary: Vocabulary, topic: Topic, doubtful: frozenset[str],
) -> list[Effect]:  # fmt: skip
    """Every effect of the topic's outcomes, in order of id."""
    by_study: dict[tuple[str, str], list[Speaker]] = defaultdict(list)
    for standing in standings.values():
        if standing.speaks and standing.study_arm:
            speaker = Speaker(readings[standing.figure], standing)
            by_study[(standing.study, speaker.figure.outcome or "")].append(speaker)
    effects: list[Effect] = []
    for (study, name), speakers in by_study.items():
        outcome = vocabulary.named(name)
        if outcome and outcome.id in topic.outcomes and study in studies:
            effects += study_effects(speakers, studies[study], outcome, topic, doubtful)
    return sorted(effects, key=lambda e: e.id)


def study_effects(
    speakers: Iterable[Speaker], study: StudyFacts, outcome: Outcome, topic: Topic, doubtful: frozenset[str]
) -> list[Effect]:
    """The effects of one study on one outcome: each arm alone, then each contrast."""
    unsorted: dict[tuple[str, str, str], list[Speaker]] = defaultdict(list)
    for s in speakers:
        unsorted[(s.standing.study_arm or "", s.standing.window or "", s.figure.kind)].append(s)
    cells = dict(sorted(unsorted.items()))  # a printed change comes before the means
    found = [*_printed(cells, study, outcome), *_single(cells, study, outcome, topic)]
    found += _contrasts(cells, study, outcome, topic)
    return [_effect(study, outcome, *one, doubtful, topic.reviewers_needed) for one in one_each(found)]


def one_each(found: Iterable[Found]) -> list[Found]:
    """One for each arm, window and measure: the first with a variance, else the first."""
    best: dict[tuple[str, str, str], Found] = {}
    for one in found:
        arm, window, numbers, _ = one
        known = best.setdefault((arm, window, numbers.measure), one)
        if known[2].vi is None and numbers.vi is not None:
            best[(arm, window, numbers.measure)] = one
    return list(best.values())


def _single(cells: Cells, study: StudyFacts, outcome: Outcome, topic: Topic) -> Iterator[Found]:
    r, sizes = topic.assumed_r.value, {a.name: a.n for a in study.arms}
    for (arm, window, kind), speakers in cells.items():
        if window == BASELINE or " vs " in arm:
            continue
        for s in speakers:
            if outcome.type != "continuous" and kind == "proportion" and (share := proportion(s, outcome, sizes[arm])):
                yield arm, window, share, ((s, "events"),)
            elif outcome.type == "continuous" and kind == "change" and (change := printed_change(s)):
                yield arm, window, change, ((s, "printed"),)
            elif outcome.type == "continuous" and kind == "mean":
                yield from _before_after(cells, arm, window, s, r)


def _before_after(cells: Cells, arm: str, window: str, after: Speaker, r: float) -> Iterator[Found]:
    for before in cells.get((arm, BASELINE, "mean"), ()):
        if numbers := mean_change(before, after, r):
            yield arm, window, numbers, ((before, "baseline"), (after, "follow-up"))


def _contrasts(cells: Cells, study: StudyFacts, outcome: Outcome, topic: Topic) -> Iterator[Found]:
    asked = {(c.intervention, c.control) for c in topic.comparisons if c.control}
    classes = {a.name: a.intervention_class for a in main_arms(study)}
    for a, b in permutations(classes, 2):
        if (classes[a], classes[b]) in asked:
            for (arm, window, kind), speakers in cells.items():
                if arm == a and window != BASELINE:
                    others = cells.get((b, window, kind), ())
                    yield from _between(f"{a} vs {b}", window, speakers, others, outcome)


def _between(
    name: str, window: str, ours: Iterable[Speaker], theirs: Iterable[Speaker], outcome: Outcome
) -> Iterator[Found]:
    for x in ours:
        for y in theirs:
            if numbers := two_groups(x, y, outcome):
                yield name, window, numbers, ((x, "experimental"), (y, "control"))


def _printed(cells: Cells, study: StudyFacts, outcome: Outcome) -> Iterator[Found]:
    sizes = {a.name: a.n for a in study.arms}
    for (arm, window, kind), speakers in cells.items():
        if kind == "effect" and " vs " in arm:
            ns = [sizes[name] for name in arm.split(" vs ")]
            both = None if None in ns else sum(n or 0 for n in ns)
            for s in speakers:
                if numbers := printed_contrast(s, outcome, both):
                    yield arm, window, numbers, ((s, "printed"),)


def _effect(
    study: StudyFacts, outcome: Outcome, arm: str, window: str, numbers: Numbers,
    used: tuple[tuple[Speaker, str], ...], doubtful: frozenset[str], needed: int,
) -> Effect:  # fmt: skip
    said = [d for d in (*(s.standing.derived for s, _ in used), numbers.derived) if d]
    groups = [next(a for a in study.arms if a.name == name) for name in arm.split(" vs ")]
    slug = "-".join(f"{study.id} {arm} {outcome.id} {window} {numbers.measure}".lower().replace("/", " ").split())
    return Effect(
        id=slug,
        outcome=outcome.id,
        study=study.id,
        arm=arm,
        cohort=used[0][0].standing.cohort,
        intervention_class=" vs ".join(group.intervention_class for group in groups),
        design=study.design or "unknown",
        window=window,
        months=used[-1][0].standing.months,
        measure=numbers.measure,
        yi=numbers.yi,
        vi=numbers.vi,
        estimate=numbers.estimate,
        ci_low=numbers.ci_low,
        ci_high=numbers.ci_high,
        scale=numbers.scale,
        ni=numbers.ni,
        basis=max((s.standing.basis for s, _ in used), key=BASES.index),
        doubtful=any(s.reading.id in doubtful for s, _ in used),
        part=any(group.role == "other" for group in groups),
        derived="; ".join(dict.fromkeys(said)) or None,
        figures=tuple((s.reading.id, role) for s, role in used),
        reviewed=reviewed_as([s.standing.basis for s, _ in used], needed),
    )


def reviewed_as(bases: Sequence[str], needed: int) -> str:
    """Whether people, as many as the topic asks for, decided on figures that stand on these grounds."""
    if all(basis in REVIEWED[needed] for basis in bases):
        return "reviewed"
    return "partly reviewed" if any(basis in LOOKED_AT for basis in bases) else "unreviewed"
