"""Text -> tokens: words (hyphens inside), numbers with their value, single signs. The alphabet of the grammar."""

import re
from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """A set of words, written as one text."""
    return frozenset(text.split())


class Token(NamedTuple):
    """One lower-cased word ("w"), number ("n") or sign ("o") and its place in the whole text."""

    kind: str
    text: str
    start: int
    end: int
    value: float | None = None


_LEX = re.compile(
    r"([^\W\d_][^\W_]*(?:[-/'][^\W_]+)*)"
    r"|(\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    r"|(\+/-|[<>]=|--|[^\s])"
)

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
    add, numbers, alike, signs = tokens.append, NUMBER_WORDS.get, _ALIKE.get, _SAME.get
    for found in _LEX.finditer(lowered, start, end):
        word, kind = found[0], found.lastindex
        first, last = found.span()
        if kind == 1:
            add(Token("w", alike(word, word), first, last, numbers(word)))
        elif kind == 2:
            add(Token("n", word, first, last, float(word.replace(",", ""))))
        else:
            add(Token("o", signs(word, word), first, last, None))
    return tokens
