"""Sentences that tie two things: "X was associated with Y (HR ...)", "X improved Y by ...", "X had a higher Y"."""

from typing import NamedTuple

from kb.extract import following, frames
from kb.extract.clauses import BREAKS, PREPOSITIONS, VERBS, Span, clause_start, open_bracket, past_opener
from kb.extract.core import Quantity
from kb.extract.details import word
from kb.extract.line import Line
from kb.extract.tokens import holds, words

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
    "association": "with",
    "avert": "",
    "prevent": "",
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
_LEADS_TO = frozenset((("resulted", "in"), ("led", "to"), ("results", "in")))
_DOES = _ACTS | _HAS | {"resulted", "led", "gave"}
_NOT_OBJECT = _NO_OBJECT | VERBS
_NOBODY = words("""
    we patients participants subjects they there it results analysis treatment study studies group groups arm
    both all overall authors individuals women men median mean rate change this these trial no none
    response responses survival outcome outcomes differences majority most half patient participant subject
    person individual child
""")


class Link(NamedTuple):
    """Token spans of the thing and of the outcome it is tied to; either may be missing.

    shared: the outcome holds for all things of a list ("risk factors for X were A (...), B (...)").
    """

    thing: Span | None
    outcome: Span | None
    shared: bool = False


def find_link(line: Line, quantity: Quantity, blocked: set[int]) -> Link | None:
    """The tie that holds for an effect, or None."""
    tokens = line.tokens
    start = clause_start(tokens, quantity.first)
    stop = next(
        (i for i in range(quantity.last, len(tokens)) if tokens[i].text in (";", "whereas", "while")), len(tokens)
    )
    spots = [i for i in range(start, stop) if _is_link(line, i)]
    before = [i for i in spots if i < quantity.first]
    listed = _factors(line, quantity, before, blocked) or _between(line, quantity, start, blocked)
    if listed:
        return listed
    if before:
        first = before[0]
        return Link(_subject(line, start, first), _object(line, before[-1], blocked))
    bare = [i for i in range(start, quantity.first) if tokens[i].text in ("associated", "related", "protective")]
    if bare:
        return Link(_subject(line, start, bare[0]), None)
    if spots:
        return Link(next(frames.before_bracket(tokens, quantity.first, set()), None), _object(line, spots[0], blocked))
    return None


def _factors(line: Line, quantity: Quantity, before: list[int], blocked: set[int]) -> Link | None:
    """Read "risk factors for X were A (OR ...), B (OR ...) and C (OR ...)": the one before the bracket, and X."""
    head = next((i for i in range(quantity.first) if line.tokens[i].text == ":"), None)
    head = None if head is None or open_bracket(line.tokens, head) is not None else head
    told = [i for i in before if head is not None and i < head] if quantity.depth else []
    thing = next(frames.before_bracket(line.tokens, quantity.first, set()), None) if told else None
    if told and thing and thing[0] > (head or 0):
        return Link(thing, _object(line, told[-1], blocked), shared=True)
    spot = next((i for i in before if line.tokens[i].text in _NAMED_FACTORS), None)
    if spot is None or not quantity.depth:
        return None
    verb = next((i for i in range(spot + 2, quantity.first) if line.tokens[i].text in _EQUALS), None)
    thing = next(frames.before_bracket(line.tokens, quantity.first, set()), None)
    if verb is None or thing is None or thing[0] <= verb or any(t.text in VERBS for t in line.tokens[:spot]):
        return None
    return Link(thing, _object(line, spot, blocked), shared=True)


_NAMED_FACTORS = words("predictor predictors factor factors determinant determinants")
_EQUALS = words("were was included are is : include")


def _between(line: Line, quantity: Quantity, start: int, blocked: set[int]) -> Link | None:
    """Read "an association between X and (the risk of) Y (HR ...)", "association of X with Y"."""
    tokens = line.tokens
    for i in range(start, quantity.first - 3):
        if tokens[i].text not in _TIED:
            continue
        lead = next((j for j in range(i + 1, min(i + 5, quantity.first)) if tokens[j].text in _PAIRED), i)
        pair = _PAIRED.get(tokens[lead].text)
        joint = next((j for j in range(lead + 2, quantity.first) if tokens[j].text == pair), None)
        if joint is None:
            continue
        free = blocked - {k for arm in line.arms for k in range(arm.first, arm.last)}
        thing = next(frames.pieces(tokens, lead + 1, joint, set()), None)
        risk = next((k for k in range(joint + 1, min(joint + 5, quantity.first)) if tokens[k].text in _RISK), joint)
        outcome = next(
            following.after(tokens, risk + 1 + (risk > joint and word(tokens, risk + 1) in ("of", "for")), free), None
        )
        return Link(_without_use(line, thing), outcome) if thing and outcome else None
    return None


_TIED = words("association associations relationship relation link")
_PAIRED = {"between": "and", "of": "with"}


def _is_link(line: Line, i: int) -> bool:
    tokens = line.tokens
    text = tokens[i].text
    follow = _LINKS.get(text)
    if text == "predicted" and tokens[i - 1].text == "%":
        return False  # "FVC % predicted"
    if follow is not None:
        return (
            not follow
            or word(tokens, i + 1) == follow
            or (follow == "of" and word(tokens, i + 1) == "for")
            or (word(tokens, i + 1) in ("inversely", "independently") and word(tokens, i + 2) == follow)
        )
    if text == "likely" and word(tokens, i + 1) == "to":
        return True
    return text in _RISK and word(tokens, i + 1) in ("of", "for")


def _object(line: Line, spot: int, blocked: set[int]) -> Span | None:
    free = blocked - {i for arm in line.arms for i in range(arm.first, arm.last)}
    if line.tokens[spot].text == "likely":
        return next(following.after(line.tokens, spot + 3, free), None)
    place = spot + 1 + (word(line.tokens, spot + 1) in ("with", "of", "for", "against", "to"))
    span = next(following.after(line.tokens, place, free), None)
    return (span[0], _coordinated(line, span[1])) if span else None


def _coordinated(line: Line, last: int) -> int:
    """The end of "A, B, and C" before a bracket: what is named together is one outcome."""
    tokens = line.tokens
    stop = next((i for i in range(last, min(last + 10, len(tokens))) if tokens[i].text == "("), last)
    between = [t.text for t in tokens[last:stop]]
    named = all(t.kind == "w" or t.text == "," for t in tokens[last:stop])
    joined = between[:1] in ([","], ["and"], ["or"]) and bool({"and", "or"} & set(between))
    plain = not any(text in VERBS or text in PREPOSITIONS or text in BREAKS for text in between)
    return stop if named and joined and plain else last


def _subject(line: Line, start: int, verb: int) -> Span | None:
    """The thing before the verb: its first noun phrase; of "patients with X" it is X."""
    first = past_opener(line.tokens, start, verb)
    for arm in line.arms:
        if first <= arm.first < verb and arm.first - first < 3:
            return None
    return _without_use(line, next(frames.pieces(line.tokens, first, verb, set()), None))


def _without_use(line: Line, span: Span | None) -> Span | None:
    """Read "use of X" as the exposure X."""
    if span and span[1] - span[0] > 2 and [t.text for t in line.tokens[span[0] : span[0] + 2]] == ["use", "of"]:
        return span[0] + 2, span[1]
    return span


def agent(line: Line, quantity: Quantity) -> Span | None:
    """Who did or had what was measured: X in "X improved Y by 3", "X showed a Y of 3".

    None for "patients" and outcomes.
    """
    tokens = line.tokens
    if not holds(tokens[: quantity.first], _DOES):
        return None
    start = past_opener(tokens, clause_start(tokens, quantity.first), quantity.first)
    verb = next((i for i in range(start + 1, quantity.first) if tokens[i].text in VERBS), None)
    if verb is None or tokens[verb].text not in _DOES:
        return None
    leads = (tokens[verb].text, word(tokens, verb + 1)) in _LEADS_TO
    passive = word(tokens, verb - 1) in ("was", "were") or (word(tokens, verb + 1) in _NOT_OBJECT and not leads)
    if passive or (tokens[verb].text in _ACTS and verb + 1 >= quantity.first):
        return None
    span = next(frames.pieces(tokens, start, verb, set()), None)
    if (
        span is None
        or word(tokens, span[0] - 1) in ("both", "all", "these")
        or span[1] - span[0] > 4
        or any(t.value is not None for t in tokens[span[0] : span[1]])
        or tokens[span[0]].text in _NOBODY
        or tokens[span[1] - 1].text in _NOBODY
    ):
        return None
    if any(n.first < span[1] and span[0] < n.last for n in line.named):
        return None
    return span
