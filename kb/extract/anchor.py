"""Where a quote of an old text stands in the new one, by its exact characters; pure, and never a guess.

A quote that stands once is there. One that stands several times is where most of its old surroundings are; where that
does not tell, and the new text has it as often as the old one, it keeps its turn. Anything else has drifted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kb.records import NUMBER

#: Characters on either side of a quote that are compared: about two sentences.
AROUND = 200
#: So many of them, about two words, tell two places apart.
CLEAR = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Characters of a section: ``sections[section][start:end]`` is the quote."""

    section: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote, and the text that it was taken from: ``text[start:start + len(words)] == words``.

    text is None where that text is not stored; start says nothing then.
    """

    words: str
    start: int = 0
    text: str | None = None


def anchor(quote: Quote, sections: Mapping[str, str], home: str | None = None) -> Place | None:
    """The place of a quote in new sections (text by id), None where it has drifted.

    home is the section that took the old one's place: it is looked at first, and the others only if it has the quote
    not at all.
    """
    if home is not None and home in sections and (found := _found(quote, {home: sections[home]})):
        return _chosen(quote, found, sections)
    return _chosen(quote, _found(quote, sections), sections)


def occurrences(words: str, text: str) -> list[int]:
    """Where the words stand as a whole: "12.5" is not in "112.5", "12.57" or "x12.5"."""
    numbers = [found.span() for found in NUMBER.finditer(text)]
    return [
        at for at in _everywhere(words, text) if not any(_through(text, cut, numbers) for cut in (at, at + len(words)))
    ]


def _everywhere(words: str, text: str) -> list[int]:
    found, at = [], text.find(words) if words else -1
    while at >= 0:
        found.append(at)
        at = text.find(words, at + 1)
    return found


def _found(quote: Quote, sections: Mapping[str, str]) -> list[tuple[str, int]]:
    """Every place of the quote; a part of a word or number, if it was one where it was taken from."""
    part = quote.text is not None and quote.start not in occurrences(quote.words, quote.text)
    look = _everywhere if part else occurrences
    return [(name, at) for name, text in sections.items() for at in look(quote.words, text)]


def _through(text: str, cut: int, numbers: list[tuple[int, int]]) -> bool:
    """Whether a cut at this place goes through a word or a number."""
    inside = any(start < cut < end for start, end in numbers)
    return inside or (text[cut - 1 : cut].isalnum() and text[cut : cut + 1].isalnum())


def _chosen(quote: Quote, places: list[tuple[str, int]], sections: Mapping[str, str]) -> Place | None:
    best: tuple[str, int] | None = None
    if len(places) == 1:
        best = places[0]
    elif places and quote.text is not None:
        best = _by_surroundings(quote, quote.text, places, sections) or _by_turn(quote, quote.text, places)
    return Place(best[0], best[1], best[1] + len(quote.words)) if best else None


def _by_surroundings(
    quote: Quote, text: str, places: list[tuple[str, int]], sections: Mapping[str, str]
) -> tuple[str, int] | None:
    """The place that shares most characters with the old one's surroundings; None where that is not clear."""
    end = quote.start + len(quote.words)
    before, after = text[max(0, quote.start - AROUND) : quote.start], text[end : end + AROUND]
    shared = []
    for name, at in places:
        there, stop = sections[name], at + len(quote.words)
        left = _alike(before[::-1], there[max(0, at - AROUND) : at][::-1])
        shared.append(left + _alike(after, there[stop : stop + AROUND]))
    most = max(shared)
    return places[shared.index(most)] if most >= CLEAR and shared.count(most) == 1 else None


def _by_turn(quote: Quote, text: str, places: list[tuple[str, int]]) -> tuple[str, int] | None:
    """The place with the old one's turn among as many."""
    old = occurrences(quote.words, text)
    return places[old.index(quote.start)] if len(old) == len(places) and quote.start in old else None


def _alike(one: str, other: str) -> int:
    """How many characters two texts share from their beginning."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
