"""Sentences that tie two things: "X was associated with Y (HR ...)", "X improved Y by ...", "X had a higher Y"."""

from typing import NamedTuple

from kb.extract import frames
from kb.extract.clauses import VERBS, Span, clause_start, past_opener
from kb.extract.core import Quantity
from kb.extract.details import word
from kb.extract.line import Line
from kb.extract.tokens import words

_LINKS = {
    "associated": "with",
    "predictor": "of",
    "predictors": "of",
    "factor": "for",
    "factors": "for",
    "protective": "against",
    "predictive": "of",
    "linked": "to",
    "related": "to",
    "predicted": "",
    "determinant": "of",
    "determinants": "of",
    "predict": "",
}
_RISK = words("risk odds hazard likelihood risks probability incidence chance hazards")
_ACTS = words("""
    yielded produced prevented improved increased reduced decreased lowered prolonged raised improves increases
    reduces decreases induced shortened delayed
""")
_NO_OBJECT = words("from by in to with significantly at (")
_HAS = words("""
    had showed exhibited demonstrated experienced achieved displayed showing has have reported developed
""")
_NOBODY = words("""
    we patients participants subjects they there it results analysis treatment study studies group groups arm
    both all overall authors individuals women men median mean rate change this these trial no none
    response responses survival outcome outcomes differences
""")


class Link(NamedTuple):
    """Token spans of the thing and of the outcome it is tied to; either may be missing."""

    thing: Span | None
    outcome: Span | None


def find_link(line: Line, quantity: Quantity, blocked: set[int]) -> Link | None:
    """The tie that holds for an effect, or None."""
    tokens = line.tokens
    start = clause_start(tokens, quantity.first)
    stop = next(
        (i for i in range(quantity.last, len(tokens)) if tokens[i].text in (";", "whereas", "while")), len(tokens)
    )
    spots = [i for i in range(start, stop) if _is_link(line, i)]
    before = [i for i in spots if i < quantity.first]
    if before:
        first = before[0]
        return Link(_subject(line, start, first), _object(line, before[-1], blocked))
    bare = [i for i in range(start, quantity.first) if tokens[i].text in ("associated", "related", "protective")]
    if bare:
        return Link(_subject(line, start, bare[0]), None)
    if spots:
        return Link(next(frames.before_bracket(tokens, quantity.first, set()), None), _object(line, spots[0], blocked))
    return None


def _is_link(line: Line, i: int) -> bool:
    tokens = line.tokens
    text = tokens[i].text
    follow = _LINKS.get(text)
    if follow is not None:
        return (
            not follow
            or word(tokens, i + 1) == follow
            or (word(tokens, i + 1) in ("inversely", "independently") and word(tokens, i + 2) == follow)
        )
    if text == "likely" and word(tokens, i + 1) == "to":
        return True
    return text in _RISK and word(tokens, i + 1) in ("of", "for")


def _object(line: Line, spot: int, blocked: set[int]) -> Span | None:
    free = blocked - {i for arm in line.arms for i in range(arm.first, arm.last)}
    if line.tokens[spot].text == "likely":
        return next(frames.after(line.tokens, spot + 3, free), None)
    place = spot + 1 + (word(line.tokens, spot + 1) in ("with", "of", "for", "against", "to"))
    return next(frames.after(line.tokens, place, free), None)


def _subject(line: Line, start: int, verb: int) -> Span | None:
    """The thing before the verb: its first noun phrase; of "patients with X" it is X."""
    first = past_opener(line.tokens, start, verb)
    for arm in line.arms:
        if first <= arm.first < verb and arm.first - first < 3:
            return None
    return next(frames.pieces(line.tokens, first, verb, set()), None)


def agent(line: Line, quantity: Quantity) -> Span | None:
    """Who did or had what was measured: X in "X improved Y by 3", "X showed a Y of 3".

    None for "patients" and outcomes.
    """
    tokens = line.tokens
    start = past_opener(tokens, clause_start(tokens, quantity.first), quantity.first)
    verb = next((i for i in range(start + 1, quantity.first) if tokens[i].text in VERBS), None)
    if verb is None or tokens[verb].text not in (_ACTS | _HAS):
        return None
    passive = word(tokens, verb - 1) in ("was", "were") or word(tokens, verb + 1) in _NO_OBJECT | VERBS
    if passive or (tokens[verb].text in _ACTS and verb + 1 >= quantity.first):
        return None
    span = next(frames.pieces(tokens, start, verb, set()), None)
    if (
        span is None
        or span[1] - span[0] > 4
        or any(t.value is not None for t in tokens[span[0] : span[1]])
        or tokens[span[0]].text in _NOBODY
        or tokens[span[1] - 1].text in _NOBODY
    ):
        return None
    if any(n.first < span[1] and span[0] < n.last for n in line.named):
        return None
    return span
