"""Outcomes of numbers whose verb or noun is left out: ", seroma in 8%", ", mean blood loss 200 mL", "X by 6%"."""

from collections.abc import Iterator

from kb.extract import frames
from kb.extract.clauses import PREPOSITIONS, VERBS, Span
from kb.extract.core import Quantity
from kb.extract.details import PEOPLE, word
from kb.extract.line import Line
from kb.extract.runs import Run
from kb.extract.tokens import words


def verb_within(line: Line, quantity: Quantity) -> Span | None:
    """The verb inside "12 patients relapsed (30%)"."""
    if quantity.form != "count":
        return None
    return next(((i, i + 1) for i in range(quantity.first, quantity.last) if line.tokens[i].text in _FATED), None)


_FATED = words("relapsed died survived responded recovered progressed withdrew discontinued recurred")


def averaged(line: Line, quantity: Quantity, blocked: set[int]) -> Span | None:
    """X in ", mean X 200 mL" after another number: the verb stood before the first."""
    before = [q.last for q in line.quantities if q.last <= quantity.first]
    if not before or quantity.depth or quantity.form != "number":
        return None
    begun = next((i for i in range(before[-1], quantity.first) if line.tokens[i].text in ("mean", "median")), None)
    if begun is None or word(line.tokens, begun - 1) not in (",", ";", "and"):
        return None
    between = line.tokens[begun + 1 : quantity.first]
    plain = between and all(t.kind == "w" and t.text not in VERBS and t.text not in PREPOSITIONS for t in between)
    span = frames.trimmed(line.tokens, begun + 1, quantity.first) if plain else None
    return span if span and blocked.isdisjoint(range(*span)) else None


def moved_too(line: Line, run: Run, blocked: set[int]) -> Iterator[Span]:
    """Read "and the pain score by 6%" after "reduced flushes by 1.3": the verb is left out."""
    tokens, stop = line.tokens, run.first - 1
    if stop < 1 or tokens[stop].text != "by":
        return
    first = next((i for i in range(stop - 1, max(0, stop - 7), -1) if tokens[i].text in ("and", ",")), None)
    before = [q for q in line.quantities if first is not None and q.last <= first]
    if first is None or not before or tokens[first + 1].text != "the":
        return
    if any(t.text in VERBS for t in tokens[first:stop]):
        return
    span = frames.trimmed(tokens, first + 1, stop)
    if span and blocked.isdisjoint(range(*span)):
        yield span


def left_out(line: Line, quantity: Quantity) -> Iterator[Span]:
    """Read ", partial response in 14 (35%)": the phrase between two numbers whose verb stood before the first."""
    before = [q.last for q in line.quantities if q.last <= quantity.first]
    if not before or word(line.tokens, quantity.first - 1) != "in":
        return
    begun = before[-1]
    while word(line.tokens, begun) in ("of", "the", "all", "these") or word(line.tokens, begun) in PEOPLE:
        begun += 1
    between = line.tokens[begun : quantity.first - 1]
    joined = word(line.tokens, begun) in (",", ";", "and")
    if joined and quantity.depth == 0 and not any(t.text in VERBS for t in between):
        span = frames.trimmed(line.tokens, begun + 1, quantity.first - 1)
        if span and not any(t.text in PREPOSITIONS for t in line.tokens[span[0] : span[1]]):
            yield span
