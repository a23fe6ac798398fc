"""The two arms that a title or an aim lays side by side: "A versus B in adults", "a trial comparing A with B"."""

from kb.extract.details import word
from kb.extract.names import label_start, label_text, noun_phrase
from kb.extract.tokens import Token, words

_EARLY = 6  # sentences in which a text says what it compares
_MOST = 4  # words of a label
DOSE_UNITS = frozenset(("mg", "μg", "g", "mg/kg", "iu", "mcg", "ml"))
_OPENERS = words(
    "the a an effect effects efficacy safety effectiveness use of and either outcomes outcome results benefit benefits"
)
_NO_SIDE = words("""
    that those other others it them treatment treatments therapy groups patients two three each results both all any
    outcome outcomes effect effects efficacy
""")


def versus(tokens: list[Token], text: str) -> list[str]:
    """Read "A versus B" in a title: the word before and the word after."""
    for i, token in enumerate(tokens):
        if token.text in ("versus", "vs") and i > 0:
            j = i + 1 + (word(tokens, i + 1) == ".")
            first, last = label_start(tokens, text, i, max(0, i - 3)), noun_phrase(tokens, text, j)
            sides = [(first, i), (j, min(last, j + 3))]
            return [label_text(tokens, text, a, b) for a, b in sides if a < b]
    return []


def compared_at_first(sentences: list[list[Token]], text: str) -> list[str]:
    """The two sides that the first sentences compare, none if they are not two."""
    for tokens in sentences[:_EARLY]:
        for i, token in enumerate(tokens):
            tried = token.text == "of" and word(tokens, i - 1) in ("trial", "study")
            if token.text in _COMPARING or tried:
                sides = _sides(tokens, text, i + 1, _OR if tried else _WITH)
                if sides:
                    return sides
    first = versus(sentences[0], text) if sentences else []
    return first if len(first) > 1 and not any(set(side.lower().split()) & _NO_SIDE for side in first) else []


_COMPARING = words("compare comparing compares compared comparison")


_WITH = words("with versus vs to and")
_OR = words("or versus vs")


def _sides(tokens: list[Token], text: str, i: int, joints: frozenset[str]) -> list[str]:
    """A and B of "(of) A (x mg) with B", both short."""
    while word(tokens, i) in _OPENERS:
        i += 1
    last = noun_phrase(tokens, text, i)
    joint = past_bracket(tokens, last)
    joint = joint if word(tokens, joint) in joints else past_doses(tokens, joint)
    if last == i or word(tokens, joint) not in joints:
        return []
    begun = joint + 1 + (word(tokens, joint + 1) in (".", "the", "a"))
    end = noun_phrase(tokens, text, begun)
    spans = [(i, last), (begun, end)]
    plain = all(0 < b - a <= _MOST and not {t.text for t in tokens[a:b]} & _NO_SIDE for a, b in spans)
    return [label_text(tokens, text, a, b) for a, b in spans] if plain else []


def past_bracket(tokens: list[Token], j: int) -> int:
    """The place after a bracket, the place itself where none opens."""
    if word(tokens, j) != "(":
        return j
    while j < len(tokens) and tokens[j].text != ")":
        j += 1
    return j + 1


def past_doses(tokens: list[Token], i: int) -> int:
    """Past "10 mg/day", ", 5 mg/d", "per day orally for 3 years" where an alternative follows that; else the place."""
    j = i
    while j < min(len(tokens), i + 14) and (
        tokens[j].kind == "n" or tokens[j].text in _DOSING or tokens[j].text.split("/")[0] in DOSE_UNITS
    ):
        j += 1
    j = past_bracket(tokens, j)
    return j if word(tokens, j) in ("or", "versus", "vs") and j < i + 30 else i


_DOSING = words("""
    , / - per day daily twice once thrice a orally intravenously subcutaneously for every week weeks weekly month months
    monthly year years cycle cycles qd bid tid po iv in tablets capsules capsule tablet at the of
""")
