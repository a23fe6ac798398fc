"""Clauses that say who: "who were taking X", "randomised to Y". They name a group; what became of it follows."""

from kb.extract.clauses import STATE, VERBS
from kb.extract.tokens import Token, words

#: What people are given or do as their treatment, in the form that follows "who were" or the people themselves.
TREATED = words("""
    taking receiving given treated using assigned allocated randomised randomized undergoing managed prescribed
    administered offered exposed
""")
_WHO = words("who that")
_AUXILIARY = words("were was had have been being are is")
_GIVEN = TREATED | words("received took used")
_OF_WHOM = _GIVEN | words("underwent had")
_FINITE = VERBS | {"did"}
_REACH = 16  # words between the number and the verb that says what became of the group


def past_who(tokens: list[Token], i: int, blocked: set[int]) -> int:
    """The place after a clause that says who, the place itself where there is none.

    Of "(46%) who were taking moss improved" the place of "improved"; another group in between is stepped over:
    "who were taking moss and 23 (24%) who were taking fern improved".
    """
    at = i
    while _says_who(tokens, at):
        verb = _finite(tokens, at + 1, blocked)
        if verb is None:
            return i
        at = verb
    return at


def _says_who(tokens: list[Token], i: int) -> bool:
    if i >= len(tokens):
        return False
    if tokens[i].text in TREATED:
        return True
    if tokens[i].text not in _WHO:
        return False
    later = (t.text for t in tokens[i + 1 : i + 4] if t.text not in _AUXILIARY)
    return next(later, None) in _OF_WHOM


def _finite(tokens: list[Token], i: int, blocked: set[int]) -> int | None:
    """The verb of the main clause, or the "who" of the next group; None where the clause ends before."""
    given = level = 0
    for j in range(i, min(len(tokens), i + _REACH)):
        text = tokens[j].text
        level += (text == "(") - (text == ")")
        if level < 0 or text in (".", ";", ","):
            return None
        if text in _GIVEN:
            given = j
        elif level or j in blocked:
            continue
        elif text in _WHO or (j > i + 1 and text in _FINITE and (text not in STATE or j - given > 1)):
            return j
    return None
