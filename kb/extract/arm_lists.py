"""A list of arms beside a row of numbers: "12 and 15% for A and B", "in A and B was 12 and 15%, respectively"."""

from itertools import pairwise

from kb.extract.clauses import VERBS
from kb.extract.details import PEOPLE, word
from kb.extract.line import Line
from kb.extract.listed import listed
from kb.extract.names import GROUP, Arm, noun_phrase, same
from kb.extract.runs import Run, lists


def list_beside(line: Line, run: Run, count: int) -> list[Arm] | None:
    """A list of as many arms as the run has numbers: after it ("for A and B"), else before it."""
    if count < 2 or any(run.first <= arm.first < run.last for arm in line.arms):
        return None
    groups = lists(line.tokens, line.arms, lambda arm: (arm.first, arm.last))
    following = [
        g for g in groups if g[0].first >= run.last and (g[0].first - run.last <= 4 or _closing(line, run, g[-1].last))
    ]
    if following and len(following[0]) == count:
        return following[0]
    if listed(line, run):
        return None
    named = _respectively(line, run, count) or _before_verb(line, run, count)
    if named:
        return named
    return _list_before(run, groups, count)


def _list_before(run: Run, groups: list[list[Arm]], count: int) -> list[Arm] | None:
    """The last list of as many arms before a row, or all arms before it together."""
    earlier = [g for g in groups if g[-1].last <= run.first]
    fitting = [g for g in earlier if len(g) == count]
    flat = _unlike([arm for g in earlier for arm in g])
    fits = len(flat) == count and (run.versus or count > 2)
    return fitting[-1] if fitting else flat if fits else None


def _closing(line: Line, run: Run, place: int) -> bool:
    """Whether ", respectively" follows, with no other number between the run and it."""
    near = [t.text for t in line.tokens[place : place + 3]]
    return "respectively" in near and _alike(line, run, place)


def _alike(line: Line, run: Run, stop: int) -> bool:
    """Whether all rows up to a place have as many numbers as this one."""
    return all(len(other.members) == len(run.members) for other in line.runs if run.last <= other.first < stop)


def _respectively(line: Line, run: Run, count: int) -> list[Arm] | None:
    """Arms that nothing else declares: "17 and 23% for losartan and captopril, respectively"."""
    tokens = line.tokens
    stop = next((i for i in range(run.last, min(run.last + 18, len(tokens))) if tokens[i].text == "respectively"), None)
    lead = max(
        (i for i in range(run.last, stop or 0) if tokens[i].text in ("for", "in", "with", "of", "among")), default=None
    )
    if stop is None or lead is None or stop - lead < 3 or not _alike(line, run, stop):
        return None
    if any(lead <= t.first < stop for t in line.times) or any(lead <= n.first < stop for n in line.named):
        return None
    found, i = [], lead + 1
    while i < stop:
        last = noun_phrase(tokens, line.text, i)
        last -= last > i + 1 and tokens[last - 1].text in GROUP
        if last > i and last <= stop:
            found.append(Arm(i, last, line.words(i, last), True))
        i = max(last, i + 1)
    return found if len(found) == count else None


def _before_verb(line: Line, run: Run, count: int) -> list[Arm] | None:
    """Read "survival in patients with early and late disease was 80% and 60%, respectively"."""
    tokens = line.tokens
    verb = run.first - 1
    if word(tokens, verb) not in ("was", "were") or "respectively" not in [
        t.text for t in line.tokens[run.last : run.last + 4]
    ]:
        return None
    people = max((i for i in range(verb) if tokens[i].text in PEOPLE), default=None)
    if people is None or word(tokens, people - 1) not in ("in", "for", "of", "among") or verb - people > 14:
        return None
    first = people + 1 + (word(tokens, people + 1) in ("with", "without", "receiving", "on", "treated"))
    cuts = [i for i in range(first, verb) if tokens[i].text in (",", "and")]
    edges = [first - 1, *(i for i in cuts if i + 1 not in cuts), verb]
    spans = [(a + 1, b - (tokens[b - 1].text == ",")) for a, b in pairwise(edges)]
    plain = all(t.value is None and t.text not in VERBS for t in tokens[first:verb])
    named = any(n.first < verb and first < n.last for n in line.named)
    fits = len(spans) == count and plain and not named and all(a < b for a, b in spans)
    return [Arm(a, b, line.words(a, b), True) for a, b in spans] if fits else None


def _unlike(arms: list[Arm]) -> list[Arm]:
    found: list[Arm] = []
    for arm in arms:
        if not any(same(arm.label, other.label) for other in found):
            found.append(arm)
    return found
