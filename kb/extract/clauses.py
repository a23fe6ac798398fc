"""Clauses: where one begins, what opens it, which bracket is open, and the verbs that hold them."""

from kb.extract.details import PERSONS, word
from kb.extract.tokens import Token, words

Span = tuple[int, int]


VERBS = words("""
    was were is are be been had has have having showed show shows shown demonstrated did achieved achieve
    achieving reached reaching attained developed develop developing experienced experiencing exhibited occurred
    occurring decreased increased improved reduced declined rose fell dropped remained ranged averaged reported
    reports observed met yielded resulted led became differed survived died suffered presented showing changed
    differ differs affect affected alter influence improve reduce produced prevented went received receiving
    underwent required estimated gained lost maintained favored favoured compared decreasing increasing
    improving lowered raised relapsed responded appeared seemed revealed found noted continued constituted
    accounted could would may tended identified detected recorded emerged totalled included comprised
    represented delivered underwent lasted yielding giving showing corresponding indicating reflecting
    required needed persisted progressed recovered worsened discontinued withdrew healed recurred ameliorated amounted
    passed diminished climbed doubled halved stabilised stabilized deteriorated normalised normalized
    plateaued attenuated prevents supervened happened comprises averaging reaching regressed subsided resolved lessened
""")


STATE = words("""
    was were is are be been being had has have did could would may remained seemed appeared
""")


_OPENERS = words("""
    after at in of among during following compared overall by using for within over on from with when although
    while whereas regarding to despite under similarly furthermore moreover additionally however conversely also
    finally across between as since based until through relative throughout notably likewise specifically
    importantly respectively both comparing using adjusting excluding considering
""")


BREAKS = words("while whilst whereas but although though however which who whom that where because")


PREPOSITIONS = words("""
    in for with among at by than from to on after during between versus vs within over under as per via through
    across without before into
""")


AMOUNTS = words("""
    increase decrease reduction improvement decline rise fall drop change gain loss difference
""")


HEADS = words("""
    change changes reduction reductions difference differences improvement improvements increase decrease
    decline number incidence rate rates risk prevalence proportion percentage frequency odds ratio percent
    majority need
""")  # fmt: skip


_LATEST: dict[str, tuple[list[Token], dict[int, int]]] = {}


def clause_start(tokens: list[Token], place: int) -> int:
    """The token after the last ";" or clause-breaking conjunction before a place.

    Brackets in between are stepped over. What was found in the latest sentence is kept: a number's is asked for by all
    that bind it.
    """
    held = _LATEST.get("sentence")
    if held is None or held[0] is not tokens:
        held = _LATEST["sentence"] = tokens, {}
    if place not in held[1]:
        held[1][place] = _clause_start(tokens, place)
    return held[1][place]


def _clause_start(tokens: list[Token], place: int) -> int:
    level = 0
    outer = _outermost(tokens, place)
    for i in range(outer - 1, -1, -1):
        text = tokens[i].text
        if text not in _TURNS:
            continue
        level += (text == ")") - (text == "(")
        if level > 0:
            continue
        if text == "but" and word(tokens, i + 1) == "not" and not any(t.text in VERBS for t in tokens[i:place]):
            continue  # "reduced X (...) but not Y (...)" keeps its subject
        if text == ":" and i and tokens[i - 1].kind == "w" and any(t.text in VERBS for t in tokens[i + 2 : outer]):
            return i + 1
        if text == ";" or (i and _turns(tokens, i)):
            return i + 1
        if text == "," and (_opens_clause(tokens, i + 1, place) or _new_subject(tokens, i + 1, place)):
            return i + 1 + (word(tokens, i + 1) == "and")
        if text == "," and word(tokens, i + 1) == "with" and any(t.text in VERBS for t in tokens[i + 3 : place]):
            return i + 2
        if text == "and" and _opens_clause(tokens, i, place):
            return i + 1
    return 0


def _turns(tokens: list[Token], i: int) -> bool:
    """Whether a conjunction begins a clause: "but", "because", "although" inside a sentence, "showed that"."""
    text = tokens[i].text
    if text in ("although", "though"):
        return i > 3
    return text in _OPPOSING or (text == "that" and tokens[i - 1].text in _TELLING)


_OPPOSING = words("while whilst whereas but because")
_TURNS = words("( ) ; : , whilst while whereas but because although though and that")
_TELLING = words("""
    indicate indicates indicated show shows showed shown demonstrate demonstrates demonstrated reveal reveals revealed
    found find suggest suggests suggested confirm confirms confirmed noted observed
""")


def _outermost(tokens: list[Token], place: int) -> int:
    """The place itself, or the outermost bracket that is open there."""
    level = 0
    for i in range(place - 1, -1, -1):
        text = tokens[i].text
        if text == ")":
            level += 1
        elif text == "(" and level == 0:
            place = i
        elif text == "(":
            level -= 1
    return place


def _opens_clause(tokens: list[Token], i: int, place: int) -> bool:
    """Whether a new subject and verb begin here: a verb stands before the number and another one before this point."""
    if word(tokens, i) != "and":
        return False
    ahead = next((j for j in range(i + 2, min(place, i + 14)) if tokens[j].text in VERBS), None)
    if ahead is None or word(tokens, i + 1) in _OPENERS or any(t.text == "," for t in tokens[i + 1 : ahead]):
        return False
    return any(t.text in VERBS for t in tokens[:i])


def _new_subject(tokens: list[Token], i: int, place: int) -> bool:
    """Whether ", rates of X were ..." begins a clause of its own after a complete one."""
    if word(tokens, i) in _OPENERS or word(tokens, i) in ("and", "or", "which", "with", "respectively") or i >= place:
        return False
    verb = next((j for j in range(i + 1, min(place, i + 10)) if tokens[j].text in VERBS), None)
    if verb is None or any(t.text in (",", "(", ")") for t in tokens[i:verb]):
        return False
    return any(t.text in VERBS for t in tokens[:i])


def among(tokens: list[Token], place: int) -> Span | None:
    """The part of the cohort that opens the sentence: X in "Among X, ..."."""
    if word(tokens, 0) not in ("among", "amongst"):
        return _part(tokens, place)
    comma = next((i for i in range(1, min(place, 9)) if tokens[i].text == ","), None)
    first = 1 + (word(tokens, 1) in ("the", "all", "these"))
    if comma is None or comma - first < 2 or any(t.value is not None or t.kind == "o" for t in tokens[first:comma]):
        return None
    return first, comma


def _part(tokens: list[Token], place: int) -> Span | None:
    """X in "Of the patients X, ...": what is said of those of whom a share is reported."""
    if word(tokens, 0) not in ("of", "in", "for"):
        return None
    people = next((i for i in range(1, min(place, 5)) if tokens[i].text in PERSONS), None)
    comma = next((i for i in range(1, min(place, 12)) if tokens[i].text == ","), None)
    if people is None or comma is None or comma - people < 2 or any(t.value is not None for t in tokens[:people]):
        return None
    first = people + 1 + (tokens[people + 1].text in ("who", "with", "that"))
    plain = all(t.kind == "w" and t.value is None for t in tokens[first:comma])
    return (first, comma) if first < comma and plain else None


def past_opener(tokens: list[Token], start: int, place: int) -> int:
    """Past "After two months," or "In the X group,"; what is between the commas is not the subject."""
    while start < place and tokens[start].text in _OPENERS:
        comma = next(
            (i for i in range(start, place) if tokens[i].text == "," and not _in_bracket(tokens, start, i)), None
        )
        if comma is None or any(tokens[i].text in ("was", "were") for i in range(start, comma)):
            break
        start = comma + 1
    return start


def _in_bracket(tokens: list[Token], start: int, i: int) -> bool:
    return sum((t.text == "(") - (t.text == ")") for t in tokens[start:i]) > 0


def open_bracket(tokens: list[Token], place: int) -> int | None:
    """The innermost bracket that is open at a place."""
    level = 0
    for i in range(place - 1, -1, -1):
        text = tokens[i].text
        if text == ")":
            level += 1
        elif text == "(":
            level -= 1
            if level < 0:
                return i
    return None


def matching(tokens: list[Token], close: int) -> int | None:
    """The bracket that a closing one belongs to."""
    level = 0
    for i in range(close, -1, -1):
        level += (tokens[i].text == ")") - (tokens[i].text == "(")
        if level == 0:
            return i
    return None
