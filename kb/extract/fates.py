"""What became of people, and what is ranked: outcomes that the verb of the sentence names.

"More women were admitted to X (13% vs 5%)", "more women delivered (57%)", "X was the most common cause (35%)".
"""

from collections.abc import Iterator

from kb.extract.clauses import BREAKS, PREPOSITIONS, STATE, VERBS, Span, clause_start, open_bracket, past_opener
from kb.extract.details import PERSONS, word
from kb.extract.frames import pieces, trimmed
from kb.extract.tokens import Token, words


def undergone(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """What became of people: "admitted to X" in "more women were admitted to X (13% vs 5%)"."""
    start = past_opener(tokens, clause_start(tokens, place), place)
    verb = next((i for i in range(start + 1, place - 1) if tokens[i].text in ("were", "was")), None)
    if verb is None or tokens[verb + 1].text in _NO_FATE or not tokens[verb + 1].text.endswith(("ed", "en")):
        return
    if not any(tokens[i].text in PERSONS for i in range(start, verb)):
        return
    last = verb + 2
    while last < min(place, verb + 8) and not (
        last in blocked or tokens[last].kind != "w" or tokens[last].text in _FATE_ENDS or tokens[last].text in BREAKS
    ):
        last += 1
    last -= tokens[last - 1].text in PREPOSITIONS
    yield verb + 1, last


def intransitive(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """The verb itself, where people are the subject and nothing else is named: "more women delivered (57%)"."""
    start = past_opener(tokens, clause_start(tokens, place), place)
    verb = next((i for i in range(start + 1, place) if tokens[i].text in VERBS and i not in blocked), None)
    if verb is None or tokens[verb].text in STATE or not any(tokens[i].text in PERSONS for i in range(start, verb)):
        return
    if tokens[verb].text in _FATES:
        yield verb, verb + 1


_FATES = words("""
    delivered died survived relapsed responded improved worsened failed recovered progressed discontinued withdrew
    healed recurred
""")
_FATE_ENDS = words("than with in among compared versus vs at after within by during and or on")
_NO_FATE = words("""
    observed found compared associated treated seen noted reported randomized randomised assigned allocated included
    enrolled given evaluated assessed analyzed analysed followed increased decreased reduced improved then even often
""")


def ranked_first(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """X in "X was the most common cause (35%)": what is ranked is named before the verb."""
    opened = open_bracket(tokens, place)
    if opened is None:
        return
    start = clause_start(tokens, place)
    for i in range(start + 1, opened - 2):
        if tokens[i].text in ("was", "were") and word(tokens, i + 1) == "the" and word(tokens, i + 2) in _MOST:
            yield from pieces(tokens, past_opener(tokens, start, i), i, blocked)
            return


def concerning(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """X in "With respect to X, moss was superior to fern (34% vs 31%)"."""
    opened = [t.text for t in tokens[:3]]
    first = next((len(said) for said in _CONCERNING if tuple(opened[: len(said)]) == said), None)
    comma = next((i for i in range(first or 0, place) if tokens[i].text == ","), None)
    people = opened[:1] == ["for"] and any(t.text in PERSONS for t in tokens[: comma or 0])
    if first is not None and comma is not None and not people:
        yield from pieces(tokens, first, comma, blocked)


_CONCERNING = (
    ("with", "respect", "to"), ("with", "regard", "to"), ("in", "terms", "of"), ("in", "regard", "to"),
    ("regarding",), ("concerning",), ("as", "for"), ("as", "to"), ("for",),
)  # fmt: skip


def listed_in(tokens: list[Token], place: int, blocked: set[int]) -> Iterator[Span]:
    """X in "complications included X in 4 patients", "the examination revealed X in 107"."""
    if word(tokens, place - 1) != "in":
        return
    first = place - 1
    while first > 0 and tokens[first - 1].kind == "w" and tokens[first - 1].text not in VERBS and first not in blocked:
        first -= 1
    if word(tokens, first - 1) in _LISTING:
        span = trimmed(tokens, first, place - 1)
        if span and not tokens[span[1] - 1].text.endswith(("ed", "en")):
            yield span


_LISTING = words("""
    included includes include revealed showed demonstrated disclosed detected identified comprised found confirmed
    noted
""")
_MOST = words("most commonest main leading second predominant next major primary")


def is_about_before(tokens: list[Token], place: int) -> bool:
    """Read "the difference was no longer significant (HR 0.9)", "gave a similar estimate (HR 0.9)".

    The outcome is that of what was said before.
    """
    opened = open_bracket(tokens, place)
    if opened is None:
        return False
    start = past_opener(tokens, clause_start(tokens, place), opened)
    verb = next((i for i in range(start, opened) if tokens[i].text in VERBS or tokens[i].text in _CONFIRM), opened)
    head = tokens[verb - 1].text if verb > start else ""
    told = any(t.text in ("in", "of", "for", "between") for t in tokens[start:verb])
    object_ = tokens[opened - 1].text
    same = object_ in _GENERAL and bool({"similar", "same", "comparable", "consistent"} & _texts(tokens, verb, opened))
    turned = next((i for i in range(verb, opened) if tokens[i].text in ("after", "when", "upon", "excluding")), opened)
    said = bool({"for", "on", "in", "with", "of"} & _texts(tokens, verb, turned))
    return verb < opened and ((head in _GENERAL and not told and not said) or same)


def _texts(tokens: list[Token], first: int, last: int) -> set[str]:
    return {t.text for t in tokens[first:last]}


_CONFIRM = words("gave remained remains persisted confirmed held")
_GENERAL = words("""
    difference differences association associations effect effects benefit advantage estimate estimates result results
    finding findings trend
""")
