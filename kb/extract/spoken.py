"""Text -> the sentences that may hold results: each with its numbers, before anything is bound.

Most sentences hold none, so each test here comes before what costs more than it: a number before tokens, tokens before
quantities, quantities before arms and outcomes.
"""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from kb.extract.core import Quantity
from kb.extract.distractors import distraction, questions
from kb.extract.line import Line
from kb.extract.negated import find_negated
from kb.extract.normalise import lower, normalise
from kb.extract.quantities import find_quantities
from kb.extract.samples import is_whole
from kb.extract.times import find_times
from kb.extract.tokens import Token, lex
from kb.extract.visits import NAMED, visits
from kb.extract.zones import Sentence, sentences
from kb.records import Timepoint

_READ = ("results", "conclusion")
# a sentence without any of these holds no number and no absent event
_NUMERIC = re.compile(
    r"\d|\b(?:no|none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven"
    r"|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b"
)
# a sentence without any of these holds no number, no absent event, no arm and no end point
_WORTH = re.compile(
    r"\d|%|\b(?:no|none|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|group|arm|random"
    r"|assign|allocat|receiv|treated|without|placebo|control|versus|vs|cohort|endpoint|outcome|underg|those)"
    r"|(?:teen|ty|ty-one)\b"
)
_END_POINT = re.compile(r"end point(?<=\bend point)")


@lru_cache(maxsize=1 << 15)
def _is_numeric(chunk: str) -> bool:
    """Whether what stands between two spaces may be a number or an absent event; most has been seen before."""
    return _NUMERIC.search(chunk) is not None


@lru_cache(maxsize=1 << 15)
def _is_worth(chunk: str) -> bool:
    """Whether what stands between two spaces is worth a look at the sentence."""
    return _WORTH.search(chunk) is not None


class Spoken(NamedTuple):
    """A sentence with numbers that may be results, arms and outcomes not yet sought.

    absent: events that it says did not happen. whole: the whole that it begins with ("Of 140 patients, ...").
    """

    line: Line
    absent: list[Quantity]
    whole: Quantity | None

    def is_empty(self) -> bool:
        """Whether no figure can come of it."""
        return not self.line.quantities and not self.absent


class Text:
    """One passage, normalised and cut into sentences; the tokens of a sentence are made when they are asked for."""

    def __init__(self, text: str, zone: str | None) -> None:
        """Normalise and split."""
        self.raw = text
        self.plain = normalise(text)
        self.lowered = lower(self.plain)
        self.sentences: list[Sentence] = sentences(self.plain, self.lowered, zone)
        self._lexed: dict[int, list[Token]] = {}

    @property
    def tokens(self) -> list[list[Token]]:
        """The tokens of every sentence, none where there is nothing to read."""
        return [self.tokens_of(sentence) for sentence in self.sentences]

    def tokens_of(self, sentence: Sentence) -> list[Token]:
        """The tokens of one of the sentences."""
        start, end, _ = sentence
        if start not in self._lexed:
            chunks = self.lowered[start:end].split(" ")
            worth = any(map(_is_worth, chunks)) or _END_POINT.search(self.lowered, start, end)
            self._lexed[start] = lex(self.lowered, start, end) if worth else []
        return self._lexed[start]

    @cached_property
    def spoken(self) -> list[Spoken]:
        """The sentences of results and conclusion that hold a number, or a "no" or "none"."""
        lowered = self.lowered
        read = [s for s in self.sentences if s.zone in _READ and any(map(_is_numeric, lowered[s[0] : s[1]].split(" ")))]
        named = visits(self.tokens) if read and NAMED.search(lowered) else {}
        return [said for sentence in read if (said := _said(self.plain, sentence, self.tokens_of(sentence), named))]


def _said(plain: str, sentence: Sentence, tokens: list[Token], named: Mapping[str, Timepoint]) -> Spoken | None:
    times = find_times(tokens, named)
    quantities = find_quantities(tokens, times)
    said = {token.text for token in tokens}
    negated = "no" in said or "none" in said
    if not quantities and not negated:
        return None
    line = Line(plain, sentence.zone, tokens, times, quantities, [], [], [])
    absent = find_negated(tokens) if negated else []
    taken = {i for q in absent for i in range(q.first, q.last)}
    asked = questions(said) if quantities else []
    kept = [q for q in quantities if q.first not in taken and not distraction(line, q, asked)]
    whole = next((q for q in quantities if is_whole(line, q)), None) if kept else None
    return Spoken(Line(plain, sentence.zone, tokens, times, kept, [], [], []), absent, whole)
