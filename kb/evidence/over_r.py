"""Pooled changes at every correlation of the topic's range, where papers print none and one had to be assumed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kb.evidence.effects import all_effects
from kb.evidence.pools import Model, with_numbers
from kb.evidence.reanalysis import correlations_of
from kb.records import Effect, Estimate, Reading, Standing, StudyFacts
from kb.vocabulary import Topic, Vocabulary


@dataclass(frozen=True, slots=True)
class OverR:
    """A stored estimate pooled again with r assumed between baseline and follow-up; numbers on the reader's scale."""

    estimate: str
    r: float
    k: int
    value: float
    ci_low: float
    ci_high: float
    tau2: float
    i2: float


def over_r(
    estimates: Iterable[Estimate], readings: Mapping[str, Reading], standings: Mapping[str, Standing],
    studies: Mapping[str, StudyFacts], vocabulary: Vocabulary, topic: Topic,
) -> list[OverR]:  # fmt: skip
    """Every estimate that pools two changes or more from printed means, at each correlation; its set stays the same."""
    asked = [e for e in estimates if e.k > 1 and any(rests_on_r(x) for x in pooled_in(e))]
    used = {figure for e in asked for x in pooled_in(e) if rests_on_r(x) for figure, _ in x.figures}
    those = {name: standings[name] for name in used}
    found: list[OverR] = []
    for r in correlations_of(topic) if asked else ():
        changed = {x.id: x for x in all_effects(readings, those, studies, vocabulary, topic.assuming(r), frozenset())}
        found += at_r(asked, r, changed)
    return found


def at_r(estimates: Iterable[Estimate], r: float, changed: Mapping[str, Effect]) -> Iterator[OverR]:
    """The estimates with some of their effects (by id) as they are at r."""
    for e in estimates:
        effects = [changed.get(x.id, x) if rests_on_r(x) else x for x in pooled_in(e)]
        again = with_numbers(e, effects, Model(e.method, e.test, e.level))
        numbers = (again.estimate, again.ci_low, again.ci_high, again.tau2, again.i2)
        if None not in numbers:
            yield OverR(e.id, r, e.k, *(float(x or 0.0) for x in numbers))


def pooled_in(estimate: Estimate) -> list[Effect]:
    """The effects that have a weight."""
    return [s.effect for s in estimate.shares if s.weight is not None]


def rests_on_r(effect: Effect) -> bool:
    """Whether its variance was computed with an assumed correlation: it was made from two printed means."""
    return {role for _, role in effect.figures} == {"baseline", "follow-up"}
