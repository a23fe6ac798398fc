"""Which time each quantity of a sentence belongs to."""

from kb.extract.clauses import clause_start
from kb.extract.core import Quantity
from kb.extract.line import Line
from kb.extract.runs import Run, lists
from kb.extract.times import Time
from kb.extract.tokens import words
from kb.records import BASELINE, Timepoint

_USED = ("point", "adjective", "span")
_NEXT = words("""
    at after in by the a during between within from over following of ( - patients mean , for trial study
""")


def bind_times(line: Line) -> list[tuple[Timepoint | None, str]]:
    """One (time, rule) for each quantity, in order."""
    durations = {q.first for q in line.quantities if q.fields.get("duration")}
    usable = [
        t
        for t in line.times
        if t.role in _USED and durations.isdisjoint(range(t.first, t.last)) and not _within(line, t)
    ]
    bound: list[tuple[Timepoint | None, str]] = [(None, "none")] * len(line.quantities)
    for run in line.runs:
        for member, time in zip(run.members, _again(line, run, bound) or _run(line, run, usable), strict=True):
            bound[member] = time
    _shared_after(line, bound)
    return bound


def _shared_after(line: Line, bound: list[tuple[Timepoint | None, str]]) -> None:
    """Read "12% of A and 15% of B at 1 year": the time behind the second of two like numbers is that of both."""
    for i in range(len(bound) - 2, -1, -1):
        left, right = line.quantities[i], line.quantities[i + 1]
        between = [t.text for t in line.tokens[left.last : right.first]]
        alike = left.form == right.form and left.depth == right.depth
        joined = between[-1:] in (["and"], ["vs"], ["versus"]) and not {",", ";", "("} & set(between)
        armed = any(left.last <= arm.first < right.first for arm in line.arms)
        stop = line.quantities[i + 2].first if i + 2 < len(bound) else len(line.tokens)
        behind = any(right.last <= t.first < stop and bound[i + 1][0] in t.times for t in line.times)
        if bound[i][0] is None and bound[i + 1][0] and behind and alike and joined and armed:
            bound[i] = (bound[i + 1][0], "governing")


def times_listed(line: Line, run: Run) -> bool:
    """Whether the sentence lists as many times as a row has numbers: the row is of one group, then."""
    return _listed(line, run, [time for time in line.times if time.role in _USED]) is not None


def _again(line: Line, run: Run, bound: list[tuple[Timepoint | None, str]]) -> list[tuple[Timepoint | None, str]]:
    """The times of as many numbers just before: "76% (9 months) and 71% (12 months); respective Y were 87% and 85%"."""
    count, first = len(run.members), run.members[0]
    before = bound[max(0, first - count) : first]
    told = {t.text for t in line.tokens[max(0, run.first - 8) : run.first]}
    fits = count > 1 and len(before) == count and len({time for time, _ in before}) == count
    return [(time, "inherited") for time, _ in before] if fits and told & {"respective", "corresponding"} else []


def _within(line: Line, time: Time) -> bool:
    return any(q.first <= time.first < q.last for q in line.quantities)


def _run(line: Line, run: Run, times: list[Time]) -> list[tuple[Timepoint | None, str]]:
    members = [line.quantities[i] for i in run.members]
    listed = _listed(line, run, times)
    if listed:
        return [(time, "list") for time in listed]
    after = [_after(line, q, times) for q in members]
    if run.rising and len(members) == 2:
        return _from_to(line, run, after, times)
    if len(members) > 1 and any(after[:-1]):
        before = _governing(line, run.first, times)
        return [(t.times[0], "local") if t else (before.times[0] if before else None, "governing") for t in after]
    shared = after[-1] or _governing(line, run.first, times)
    if shared is None:
        return [(None, "none")] * len(members)
    return [(_one(_ended(line, shared, times)), "local" if after[-1] else "governing")] * len(members)


def _ended(line: Line, time: Time, times: list[Time]) -> Time:
    """Read "between M0 and M36" as M36."""
    later = next((t for t in times if time.last < t.first <= time.last + 2), None)
    joined = line.tokens[time.last].text in ("and", "to") if time.last < len(line.tokens) else False
    return later if later and joined and time.times == (BASELINE,) and time.first else time


def _one(time: Time) -> Timepoint | None:
    """The one time meant by a mention: of "baseline to week 48" the later one; of a list nothing certain."""
    if len(time.times) == 1:
        return time.times[0]
    return time.times[-1] if time.times[0] == BASELINE else None


def _from_to(line: Line, run: Run, after: list[Time | None], times: list[Time]) -> list[tuple[Timepoint | None, str]]:
    """Read "from a to b (at t)".

    The first is the baseline unless a time of its own, or a comparison of arms, says otherwise.
    """
    if "absolute" in [t.text for t in line.tokens[: run.first]]:
        shared = _governing(line, run.first, times)
        return [(shared.times[-1] if shared else None, "governing")] * 2
    later = after[1] or _governing(line, run.first, [t for t in times if BASELINE not in t.times])
    first = after[0].times[0] if after[0] else BASELINE
    return [(first, "from"), (later.times[-1] if later else None, "from")]


def _listed(line: Line, run: Run, times: list[Time]) -> tuple[Timepoint, ...] | None:
    """A list of as many times as the run has numbers, in one mention or in several joined ones."""
    count = len(run.members)
    if count < 2:
        return None
    groups = lists(line.tokens, times, lambda t: (t.first, t.last), frozenset(("to", "from")))
    flat = [(g[0].first, tuple(p for t in g for p in t.times)) for g in groups]
    fitting = [(first, points) for first, points in flat if len(points) == count]
    following = [
        points for first, points in fitting if run.last <= first <= run.last + 6 or _after_twin(line, run, first)
    ]
    earlier = [points for first, points in fitting if first < run.first]
    if following or earlier:
        return following[0] if following else earlier[-1]
    return None


def _after_twin(line: Line, run: Run, first: int) -> bool:
    """Read "a, b and c in X and d, e and f in Y after 1, 3 and 12 months".

    The list after the second row is for both.
    """
    later = [other for other in line.runs if other.first >= run.last and other.last <= first]
    return (
        bool(later) and all(len(other.members) == len(run.members) for other in later) and first - later[-1].last <= 8
    )


def _after(line: Line, quantity: Quantity, times: list[Time]) -> Time | None:
    """A time right after the number: "13.9 at 1 year", "5 of 8 patients at the 5-year follow-up"."""
    for time in times:
        if time.first >= quantity.last:
            between = [t.text for t in line.tokens[quantity.last : time.first]]
            if between[:3] == [",", "respectively", ","]:
                between = between[3:]
            joined = all(text in _NEXT for text in between) and bool(between) and between[0] != ","
            return time if joined and len(between) <= 4 else None
    return None


def _governing(line: Line, place: int, times: list[Time]) -> Time | None:
    """The time that the clause names.

    The last before the number, else the first after it, else the sentence's opening.
    """
    if not times:
        return None
    start = clause_start(line.tokens, place)
    times = [
        t
        for t in times
        if not (
            t.times[0] == BASELINE
            and len(t.times) == 1
            and t.first
            and line.tokens[t.first - 1].text == "from"
            and abs(place - t.last) > 2
        )
    ]
    before = [t for t in times if start <= t.first < place]
    if before:
        return before[-1]
    opening = [t for t in times if t.first < min(place, 6) and not _taken(line, t, start)]
    if opening:
        return opening[0]
    earlier = [t for t in times if t.first < place and BASELINE not in t.times and not _taken(line, t, start)]
    if earlier:
        return earlier[-1]
    stop = next((i for i in range(place, len(line.tokens)) if line.tokens[i].text == ";"), len(line.tokens))
    later = [q.first for q in line.quantities if q.first > place]
    after = [t for t in times if place <= t.first < stop and not any(first < t.first for first in later)]
    return after[0] if after else _only(line, place, times)


def _taken(line: Line, time: Time, start: int) -> bool:
    """Whether a time stands right before the bracket of another number, in a clause that is over."""
    return time.last < start and line.tokens[time.last].text == "("


def _only(line: Line, place: int, times: list[Time]) -> Time | None:
    """The one time of the sentence, if it stands after all numbers of one kind: "5% in A and 8% in B at 2 years"."""
    if len(times) != 1 or len(times[0].times) != 1 or times[0].first < place:
        return None
    if any(t.text == ";" for t in line.tokens[place : times[0].first]):
        return None
    forms = {q.form for q in line.quantities if place <= q.first < times[0].first}
    return times[0] if len(forms) == 1 or len(line.tokens) - times[0].last < 3 else None
