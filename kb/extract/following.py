"""What follows a number: "12 (5%) achieved X", "of patients had X", "33% stated that ..."."""

from collections.abc import Iterator

from kb.extract.clauses import BREAKS, PREPOSITIONS, STATE, VERBS, Span, open_bracket
from kb.extract.details import PEOPLE, PERSONS, word
from kb.extract.frames import trimmed
from kb.extract.relatives import past_who
from kb.extract.tokens import Token, words


def after(tokens: list[Token], last: int, blocked: set[int]) -> Iterator[Span]:
    """What follows the number: "12 (5%) achieved X", "of patients had X", "partial remission", "patients died"."""
    i = last
    i += word(tokens, i) == "of"
    i = _past_bracket(tokens, i)
    while (
        word(tokens, i) in ("the", "all", "our", "these")
        or word(tokens, i) in PEOPLE
        or (word(tokens, i + 1) in PERSONS and word(tokens, i) not in STATE)
        or i in blocked
        or (word(tokens, i) in _BRIDGE and _blocked_soon(i, blocked))
    ):
        i += 1
    i = _past_with(tokens, past_who(tokens, i, blocked), blocked)
    if word(tokens, i) in _SAYING and word(tokens, i + 1) == "that":
        yield i, _said_end(tokens, i + 2)
        return
    passive = word(tokens, i) in STATE
    while i < len(tokens) and (
        tokens[i].text in VERBS
        or tokens[i].text
        in ("a", "an", "the", "at", "least", "not", "significantly", "one", "or", "more", "also", "who")
    ):
        ended = tokens[i].text in _ENDED and (i + 1 >= len(tokens) or tokens[i + 1].text in _ENDS)
        if tokens[i].text in _ALONE or ended or (tokens[i].text == "did" and word(tokens, i + 1) == "not"):
            yield i, _past_cause(tokens, i, blocked)
            return
        i += 1
    if passive and tokens[i : i + 1] and tokens[i].text in _ABLE and word(tokens, i + 1) in ("to", "of"):
        yield i, _said_end(tokens, i + 2)
        return
    i += passive and word(tokens, i) in _BEING and i + 1 not in blocked
    begun, i = i, _phrase_end(tokens, i, blocked)
    span = (begun, i) if passive and i == begun + 1 else trimmed(tokens, begun, i)
    if span:
        yield (span[0] - (word(tokens, span[0] - 1) == "no"), span[1])


def across(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """What follows the bracket that holds a number right after people: "half of the patients (51%) were on X"."""
    opened = open_bracket(tokens, place)
    if not opened or tokens[opened - 1].text not in PERSONS | _PARTS:
        return
    close = next((i for i in range(place, min(len(tokens), place + 40)) if tokens[i].text == ")"), len(tokens))
    if (word(tokens, close + 1) in VERBS or word(tokens, close + 1) == "who") and (
        opened < _NEAR or tokens[opened - 2].text in _WHOLE
    ):
        yield from after(tokens, close + 1, blocked)


_PARTS = words("half majority most third quarter")
_WHOLE = words("of the most all more fewer many")
_NEAR = 4  # a subject this near to the beginning of a sentence stands for all of it


def _past_with(tokens: list[Token], i: int, blocked: set[int]) -> int:
    """Past "with no plaques" in "patients with no plaques suffered from X"; the place itself where no verb follows."""
    if word(tokens, i) not in ("with", "without"):
        return i
    for j in range(i + 2, min(len(tokens), i + 9)):
        if tokens[j].kind != "w" or tokens[j].text in BREAKS or tokens[j].text in _SPLITTING or j in blocked:
            return i
        if tokens[j].text in VERBS and tokens[j].text not in _PARTICIPLES:
            return j
    return i


_SPLITTING = words("and or vs versus compared than")
_PARTICIPLES = words("having being receiving required reported observed compared reduced increased improved treated")


def _past_bracket(tokens: list[Token], i: int) -> int:
    """Past a bracket between people and their verb: "seven patients (three on moss) were able to work"."""
    opened = i + (word(tokens, i) in PEOPLE)
    if word(tokens, opened) != "(":
        return i
    close = next((j for j in range(opened, min(len(tokens), opened + 16)) if tokens[j].text == ")"), opened)
    return close + 1 if word(tokens, close + 1) in VERBS else i


_BEING = words("on in under off")
_ABLE = words("able unable likely willing capable considered deemed judged free")
_SAYING = words("stated agreed reported felt believed thought indicated said considered")


def _said_end(tokens: list[Token], i: int) -> int:
    """The end of what people said: up to a sign or a word that opens another clause."""
    last = i
    while last < min(len(tokens), i + 10) and tokens[last].kind == "w" and tokens[last].text not in BREAKS:
        last += 1
    return last


def _phrase_end(tokens: list[Token], begun: int, blocked: set[int]) -> int:
    """Where the phrase ends that begins after a number."""
    last = begun
    while last < len(tokens) and not _after_edge(tokens, last, blocked, begun):
        last += 1
    return last


def _past_cause(tokens: list[Token], i: int, blocked: set[int]) -> int:
    """Past "died", "did not improve", "died of X"."""
    if tokens[i].text == "did":
        return _denied(tokens, i + 3, blocked)
    if tokens[i].text != "died" or word(tokens, i + 1) not in ("of", "from"):
        return i + 1
    last = _phrase_end(tokens, i + 2, blocked)
    return last if last > i + 2 else i + 1


def _denied(tokens: list[Token], i: int, blocked: set[int]) -> int:
    """Past "did not improve", "did not need X"."""
    if i >= len(tokens) or tokens[i].text in ("to", "a", "an", "the", "any"):
        i += 1
    last = i
    while last < len(tokens) and not _after_edge(tokens, last, blocked, i) and tokens[last].text not in ("or", "with"):
        last += 1
    return min(len(tokens), last)


_ALONE = words("died survived relapsed responded")
_ENDED = words("improved worsened failed recovered progressed")
_ENDS = words(", . ; and or following after during within at by with on while whereas compared")
_BRIDGE = words("""
    and in with receiving on , treated the of for ( ) vs versus compared who received group
""")
_LEAVING = PREPOSITIONS - {"with"}


def _blocked_soon(i: int, blocked: set[int]) -> bool:
    return bool({i + 1, i + 2} & blocked)


def _after_edge(tokens: list[Token], i: int, blocked: set[int], begun: int) -> bool:
    token = tokens[i]
    if i in blocked or i > begun + 8:
        return True
    if token.kind == "o":
        return token.text not in ("/", "-", "+", "≥", "≤", "%")
    return (
        token.text in BREAKS
        or token.text in _LEAVING
        or (token.text in ("and", "respectively", "with") and i > begun)
        or token.text in VERBS
    )
