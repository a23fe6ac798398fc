"""Text -> tokens: words (hyphens inside), numbers with their value, single signs. The alphabet of the grammar."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


def words(text: str) -> frozenset[str]:
    """A set of words, written as one text."""
    return frozenset(text.split())


@dataclass(slots=True)
class Token:
    """One lower-cased word ("w"), number ("n") or sign ("o") and its place in the whole text.

    Never changed once made, but not frozen: a frozen one takes four times as long to make, a tuple three times as long
    to ask for a field, and reading does little else.
    """

    kind: str
    text: str
    start: int
    end: int
    value: float | None = None


def holds(tokens: Iterable[Token], texts: frozenset[str]) -> bool:
    """Whether one of the tokens is one of the words; a loop, which is quicker than a set or any() of a few tokens."""
    for token in tokens:  # noqa: SIM110 - see above
        if token.text in texts:
            return True
    return False


_LEX = re.compile(
    r"([^\W\d_][^\W_]*(?:[-/'][^\W_]+)*)"
    r"|(\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    r"|(\+/-|[<>]=|--|[^\s])"
)
_WORD, _NUMBER = 1, 2  # the groups of the pattern

_ONES = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
NUMBER_WORDS = {word: float(i) for i, word in enumerate(_ONES.split())}
NUMBER_WORDS |= {word: 20.0 + 10 * i for i, word in enumerate(_TENS.split())}
NUMBER_WORDS |= {
    f"{ten}-{one}": NUMBER_WORDS[ten] + NUMBER_WORDS[one] for ten in _TENS.split() for one in _ONES.split()[1:10]
}
_ALIKE = {"v": "vs", "percent": "%"}
_SAME = {"+/-": "±", "--": "-", "<=": "≤", ">=": "≥", "[": "(", "]": ")", "{": "(", "}": ")"}


def lex(lowered: str, start: int, end: int) -> list[Token]:
    """The tokens of lowered[start:end]; places count from the beginning of the whole text."""
    tokens: list[Token] = []
    place = start
    for chunk in lowered[start:end].split(" "):
        for kind, text, first, last, value in _parts(chunk):
            tokens.append(Token(kind, text, place + first, place + last, value))
        place += len(chunk) + 1
    return tokens


@lru_cache(maxsize=1 << 14)
def _parts(chunk: str) -> tuple[tuple[str, str, int, int, float | None], ...]:
    """The tokens of what stands between two spaces; most of it has been seen before in the same corpus."""
    return tuple(_part(found) for found in _LEX.finditer(chunk))


def _part(found: re.Match[str]) -> tuple[str, str, int, int, float | None]:
    text, (first, last) = found[0], found.span()
    if found.lastindex == _WORD:
        return "w", _ALIKE.get(text, text), first, last, NUMBER_WORDS.get(text)
    if found.lastindex == _NUMBER:
        return "n", text, first, last, float(text.replace(",", ""))
    return "o", _SAME.get(text, text), first, last, None
