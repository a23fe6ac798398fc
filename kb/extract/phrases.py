"""A table of phrases matched word by word in one pass: the cost does not grow with the number of phrases."""

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from kb.extract.tokens import Token, lex

T = TypeVar("T")
_HEAD = (
    3  # phrases are filed under the first letters of their first word, so that plurals and prefixes are found there too
)


class Match(NamedTuple, Generic[T]):
    """A phrase found at tokens first:last and what it stands for."""

    first: int
    last: int
    meaning: T


class _Entry(NamedTuple, Generic[T]):
    """A phrase, the letters that its first word begins with, and its meaning."""

    stem: str
    words: tuple[str, ...]
    meaning: T


class Phrases(Generic[T]):
    """Phrases -> meanings, looked up by first word; the longest wins.

    A plural s at the end is allowed; a trailing * makes the last word a prefix.
    """

    _by_first: dict[str, list[_Entry[T]]]

    def __init__(self, phrases: Iterable[tuple[str, T]], base: "Phrases[T] | None" = None) -> None:
        """Lex each phrase as the text itself is lexed, hyphens opened; the phrases of base come after them."""
        by_first: dict[str, list[_Entry[T]]] = {}
        for phrase, meaning in phrases:
            words = opened(phrase.lower().removesuffix("*"))
            if words:
                stem = words[0]
                if phrase.endswith("*"):
                    words = (*words[:-1], words[-1] + "*")
                by_first.setdefault(stem[:_HEAD], []).append(_Entry(stem, words, meaning))
        known = base._by_first if base else {}  # noqa: SLF001 - the same class
        for first, entries in by_first.items():
            by_first[first] = sorted(entries + known.get(first, []), key=lambda entry: -len(entry.words))
        self._by_first = {**known, **by_first}

    def find(self, tokens: list[Token]) -> list[Match[T]]:
        """All matches from left to right, without overlap."""
        found: list[Match[T]] = []
        for i, entries in self._spots(tokens):
            if not found or i >= found[-1].last:
                found += _matches(tokens, i, entries)[:1]
        return found

    def every(self, tokens: list[Token]) -> list[Match[T]]:
        """All matches, overlapping ones too."""
        return [match for i, entries in self._spots(tokens) for match in _matches(tokens, i, entries)]

    def _spots(self, tokens: list[Token]) -> list[tuple[int, list[_Entry[T]]]]:
        """Where a phrase may begin, and the phrases whose first word begins like the token's."""
        filed, found = self._by_first, []
        for i, start in enumerate([token.text[:_HEAD] for token in tokens]):
            head = start.partition("-")[0] if "-" in start else start
            if head in filed:
                text = tokens[i].text
                near = [entry for entry in filed[head] if text.startswith(entry.stem)]
                if near:
                    found.append((i, near))
        return found


def _matches(tokens: list[Token], i: int, entries: list[_Entry[T]]) -> list[Match[T]]:
    words, ends = _window(tokens, i, len(entries[0].words))  # the longest comes first
    found = []
    for _, phrase, meaning in entries:
        n = len(phrase)
        if len(words) >= n and words[: n - 1] == phrase[:-1] and _same(words[n - 1], phrase[-1]) and ends[n - 1]:
            found.append(Match(i, ends[n - 1], meaning))
    return found


def _same(word: str, wanted: str) -> bool:
    if wanted[-1] == "*":
        return word.startswith(wanted[:-1])
    return word == wanted or (word[-1:] == "s" and word[:-1] == wanted)


def _window(tokens: list[Token], i: int, most: int) -> tuple[tuple[str, ...], list[int]]:
    """The next words, hyphenated ones opened; for each the token position after it, 0 inside a hyphenated word."""
    words: list[str] = []
    ends: list[int] = []
    while i < len(tokens) and len(words) < most:
        parts = _parts(tokens[i].text)
        words += parts
        ends += [0] * (len(parts) - 1) + [i + 1]
        i += 1
    return tuple(words), ends


def _parts(word: str) -> list[str]:
    return [part for part in word.split("-") if part] if "-" in word and len(word) > 1 else [word]


def opened(phrase: str) -> tuple[str, ...]:
    """The words of a phrase as they are compared."""
    return tuple(part for token in lex(phrase, 0, len(phrase)) for part in _parts(token.text))
