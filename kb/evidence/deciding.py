"""What people's answers to one reading come to: who has to answer before they are shown, and what stands then.

A case is everything said of one reading at one place. It is shown once as many people have answered as the topic asks
for; answers given after that were given knowingly and count for the outcome, not for agreement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from kb.records import Decision, Figure

ACCEPTING = ("accept", "adjudicate", "add")
#: Somebody had marked a whole text as read, without the figure that another one added there.
MISSED = "missed"
REJECTING = ("reject", "correct", MISSED)


@dataclass(frozen=True, slots=True)
class Said:
    """One kept decision: the place (sha256 of the section, and the figure's start and end) and the reading judged."""

    id: str
    section: str
    figure: Figure
    decision: Decision
    note: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A reading at its place and what was said of it, oldest first.

    missed: who marked the text as read, or marked another figure at that place, without the added figure.
    """

    section: str
    figure: Figure
    said: tuple[Said, ...]
    missed: tuple[str, ...] = ()

    @property
    def added(self) -> bool:
        """Whether a person put the figure there."""
        return any(s.decision.decision == "add" for s in self.said)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The answers in order; whoever missed an added figure did so before answering anything else."""
        return (*(Decision(MISSED, name, "reviewer") for name in self.missed), *(s.decision for s in self.said))

    @property
    def people(self) -> frozenset[str]:
        """Who has answered."""
        return frozenset(d.reviewer for d in self.decisions)


@dataclass(frozen=True, slots=True)
class Settled:
    """What the answers come to.

    state: agreed, conflict, or unsure (nobody has said more). ground is the basis on which an agreed answer stands:
    adjudicated, two reviewers, one reviewer. answer is accept, reject or correct; correction goes with correct.
    """

    state: str
    ground: str | None = None
    answer: str | None = None
    correction: Figure | None = None


def plain(figure: Figure) -> Figure:
    """What a person judges in a figure: everything but the reader's own confidence and its complaints."""
    return replace(figure, confidence=None, unbound=None)


def settle_answers(decisions: Sequence[Decision]) -> Settled:
    """The last word of an adjudicator; else everybody's newest answer, where they are one; "unsure" is none."""
    final = [d for d in decisions if d.role == "adjudicator" and d.decision != "unsure"]
    last = final[-1:] or [d for d in {d.reviewer: d for d in decisions}.values() if d.decision != "unsure"]
    answers = {_answer(d) for d in last}
    if not answers:
        return Settled("unsure")
    if len(answers) > 1:
        return Settled("conflict")
    ground = "adjudicated" if final else "two reviewers" if len(last) >= 2 else "one reviewer"
    return Settled("agreed", ground, *answers.pop())


def _answer(decision: Decision) -> tuple[str, Figure | None]:
    if decision.decision in ACCEPTING:
        return "accept", None
    if decision.decision == "correct":
        return "correct", plain(decision.correction) if decision.correction else None
    return "reject", None


def cases(said: Iterable[Said], finished: Mapping[str, frozenset[str]]) -> list[Case]:
    """Decisions in order, gathered by the reading that they speak of.

    The same figure added twice at overlapping places is one case, at the first one's place. finished: by section, who
    marked its text as read.
    """
    groups: dict[tuple[str, Figure], list[Said]] = defaultdict(list)
    for one in said:
        groups[_key(one, groups)].append(one)
    found = [Case(section, figure, tuple(group)) for (section, figure), group in groups.items()]
    return [replace(case, missed=_missed(case, found, finished)) if case.added else case for case in found]


def _key(one: Said, known: Mapping[tuple[str, Figure], Sequence[Said]]) -> tuple[str, Figure]:
    key = (one.section, plain(one.figure))
    if one.decision.decision != "add" or key in known:
        return key
    twins = (k for k, group in known.items() if group[0].decision.decision == "add" and _twins(key, k))
    return next(twins, key)


def _twins(a: tuple[str, Figure], b: tuple[str, Figure]) -> bool:
    return a[0] == b[0] and _overlap(a[1], b[1]) and _without_place(a[1]) == _without_place(b[1])


def _without_place(figure: Figure) -> Figure:
    return replace(figure, quote="", start=0, end=0)


def _overlap(a: Figure, b: Figure) -> bool:
    return a.start < b.end and b.start < a.end


def _missed(case: Case, all_cases: Sequence[Case], finished: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Who answered for that place without the figure: by another added figure there, or by finishing the text."""
    beside = {
        s.decision.reviewer
        for other in all_cases
        if other is not case and other.section == case.section and _overlap(case.figure, other.figure)
        for s in other.said
        if s.decision.decision == "add"
    }
    added = {s.decision.reviewer for s in case.said if s.decision.decision == "add"}
    return tuple(sorted((beside | finished.get(case.section, frozenset())) - added))


def shown(case: Case, needed: int) -> bool:
    """Whether as many people have answered as the topic asks for."""
    return len(case.people) >= needed


def made(case: Case) -> tuple[Figure, tuple[Decision, ...]] | None:
    """The figure that people put in the place of the one judged, or added, with the answers for and against it.

    A correction stands once it is agreed or adjudicated; an added figure stands in its place whatever is said of it.
    """
    if case.added:
        return case.figure, case.decisions
    settled = settle_answers(case.decisions)
    if settled.answer != "correct" or settled.correction is None:
        return None
    for_it = [d for d in case.decisions if _answer(d) == ("correct", settled.correction)]
    return settled.correction, tuple(replace(d, decision="accept", correction=None) for d in for_it)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people's answers to one case, each given without knowing the other's."""

    first: str
    second: str
    answers: tuple[str, str]
    same: bool


def independent(case: Case) -> Pair | None:
    """The answers of the first two people at the moment when the second gave his first; None until then, or for adds.

    first and second are in the order of their names, so that all pairs of two people can be counted together.
    """
    newest: dict[str, Decision] = {}
    for one in case.said:
        newest[one.decision.reviewer] = one.decision
        if len(newest) == 2:
            break
    if case.added or len(newest) < 2:
        return None
    a, b = (newest[name] for name in sorted(newest))
    return Pair(a.reviewer, b.reviewer, (_answer_word(a), _answer_word(b)), _answer_word(a) == _answer_word(b) and (
        _answer(a) == _answer(b)
    ))  # fmt: skip


def _answer_word(decision: Decision) -> str:
    return decision.decision if decision.decision == "unsure" else _answer(decision)[0]


def of_two(pairs: Iterable[Pair]) -> dict[tuple[str, str], list[Pair]]:
    """The pairs of answers by the two people who gave them."""
    found: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[(pair.first, pair.second)].append(pair)
    return dict(sorted(found.items()))
