"""Subgroups of an estimate as the rows of a table, with what the test between them says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.evidence.subgroups import KINDS, Split, Subgroup, split
from kb.records import Estimate, StudyFacts
from kb.web.words import interval, p_words, plural, scaled

#: Studies that one question to subgroups asks for (Cochrane Handbook 6.5, 10.11.5.1).
ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A subgroup with its numbers in words."""

    group: Subgroup
    value: str
    bounds: str


@dataclass(frozen=True, slots=True)
class Told:
    """The subgroups of an estimate; test says whether they differ, caution how much that means."""

    kind: str
    lines: tuple[Line, ...]
    test: str
    caution: str | None


def by_subgroups(estimates: Iterable[Estimate], kind: str, studies: Mapping[str, StudyFacts]) -> dict[str, Told]:
    """The subgroups of each estimate that pools two studies or more, by its id."""
    splits = {e.id: (e, split(e, kind, studies)) for e in estimates}
    return {name: _told(e, found) for name, (e, found) in splits.items() if found is not None}


def _told(estimate: Estimate, found: Split) -> Told:
    lines = tuple(
        Line(g, scaled(g.estimate, estimate.scale), interval(g.ci_low, g.ci_high, estimate.scale)) for g in found.groups
    )
    few = f"{plural(estimate.k, 'study')} can hardly show a difference between subgroups: fewer than {ENOUGH}."
    return Told(KINDS[found.kind], lines, _test(found), few if estimate.k < ENOUGH else None)


def _test(found: Split) -> str:
    if found.q is None or found.df is None:
        return f"All studies are in one group ({found.groups[0].name}), so there is nothing to compare."
    return f"Test for a difference between the groups: Q = {found.q:.2f}, df = {found.df}, p {_sign(found.p)}."


def _sign(p: float | None) -> str:
    words = p_words(p)
    return words if words.startswith("<") else f"= {words}"
