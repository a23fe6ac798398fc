"""The two arms that head a list of pairs: "(A vs B) 12 versus 15 min", "events (A/B) were rash (40%/30%)"."""

from kb.extract.clauses import VERBS
from kb.extract.details import word
from kb.extract.line import Context, Line
from kb.extract.tokens import words

_OPEN = frozenset("(;,:")
_WEIGHED = frozenset(("vs", "versus"))
_NEUTRAL = words("and or per with without by at in of on yes no year years month months week weeks events n mean sd se")


def heading(line: Line, place: int, context: Context) -> tuple[str, str] | None:
    """The nearest pair of arms before a place that stands alone in a bracket or before a colon."""
    tokens = line.tokens
    for i in range(place - 1, 0, -1):
        text = tokens[i].text
        pair = None
        if text in _WEIGHED and i > 1:
            pair = _around(line, i)
        elif "/" in text and tokens[i - 1].text == "(" and word(tokens, i + 1) == ")":
            left, _, right = line.words(i, i + 1).partition("/")
            pair = (left, right) if left.isalpha() and right.isalpha() and len(text) > len("a/b") else None
        if pair:
            return _known(pair[0], context), _known(pair[1], context)
    return None


def _around(line: Line, i: int) -> tuple[str, str] | None:
    """The words on both sides of "vs", back to a bracket or comma and on to a closing bracket or a colon."""
    tokens = line.tokens
    right = i + 1 + (word(tokens, i + 1) == ".")
    first, last = i, right
    while first > 0 and i - first < 5 and _is_name(line, first - 1):
        first -= 1
    while last < len(tokens) and last - right < 5 and _is_name(line, last):
        last += 1
    closed = word(tokens, last) == ":" or (word(tokens, last) == ")" and word(tokens, first - 1) == "(")
    if first == i or last == right or first == 0 or tokens[first - 1].text not in _OPEN or not closed:
        return None
    return line.words(first, i), line.words(right, last)


def _is_name(line: Line, i: int) -> bool:
    token = line.tokens[i]
    return token.kind == "w" and token.value is None and token.text not in VERBS and token.text not in _NEUTRAL


def _known(label: str, context: Context) -> str:
    """The article's own label: of "A" in "(A vs B)" it is "group A"."""
    return next((arm for arm in context.arms if len(label) == 1 and arm.split()[-1] == label), label)
