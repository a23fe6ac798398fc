"""What the numbers are about: the outcomes of the vocabulary, recognised in a sentence."""

from dataclasses import dataclass
from typing import NamedTuple

from kb.extract.phrases import Phrases
from kb.extract.tokens import Token, lex
from kb.vocabulary import Vocabulary

_NEAR = 4  # words on either side in which an "unless" word turns an outcome into another one


class Known(NamedTuple):
    """The vocabulary made ready for matching: words -> name, words -> (name, group), and what excludes."""

    words: Phrases[str]
    terms: Phrases[tuple[tuple[str, int], ...]]
    groups: dict[str, int]
    unless: dict[str, Phrases[str]]
    types: dict[str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """A vocabulary outcome recognised at tokens first:last.

    type: continuous, proportion, survival or event. unless: words beside it that make it another outcome.
    """

    first: int
    last: int
    name: str
    type: str
    unless: Phrases[str] | None = None

    def measured_in(self, unit: str | None) -> bool:
        """Whether a figure in this unit can be of this outcome (a FVC in mL is not one in % predicted)."""
        if self.unless is None or unit is None:
            return True
        words = lex(unit.replace("/", " "), 0, len(unit))
        return not self.unless.find(words)


_LATEST: dict[str, tuple[Vocabulary, Known]] = {}


def known(vocabulary: Vocabulary) -> Known:
    """The index of a vocabulary; the latest one is kept, since texts come in thousands for one vocabulary."""
    held = _LATEST.get("known")
    if held is None or held[0] is not vocabulary:
        held = _LATEST["known"] = vocabulary, _known(vocabulary)
    return held[1]


def _known(vocabulary: Vocabulary) -> Known:
    outcomes = [(o.name, o.type, o.words, o.together, o.unless) for o in vocabulary.outcomes]
    terms: dict[str, tuple[tuple[str, int], ...]] = {}
    for name, _, _, groups, _ in outcomes:
        for i, term in ((i, term) for i, group in enumerate(groups) for term in group):
            terms[term] = (*terms.get(term, ()), (name, i))
    return Known(
        Phrases([(phrase, name) for name, _, words, _, _ in outcomes for phrase in words]),
        Phrases(terms.items()),
        {name: len(groups) for name, _, _, groups, _ in outcomes if groups},
        {name: Phrases([(phrase, phrase) for phrase in unless]) for name, _, _, _, unless in outcomes if unless},
        {name: kind for name, kind, _, _, _ in outcomes},
    )


def find_named(tokens: list[Token], vocabulary: Known) -> list[Named]:
    """The vocabulary's outcomes in a sentence, from left to right; what says more covers what says less."""
    together = _together(tokens, vocabulary)
    covered = {i for named in together for i in range(named.first, named.last)}
    single = [
        Named(m.first, m.last, m.meaning, vocabulary.types[m.meaning], vocabulary.unless.get(m.meaning))
        for m in vocabulary.words.find(tokens)
    ]
    found = [
        named
        for named in single
        if covered.isdisjoint(range(named.first, named.last)) or named.name not in vocabulary.groups
    ]
    found = [named for named in found if not covered.issuperset(range(named.first, named.last))]
    return sorted(
        (named for named in found + together if not _excluded(tokens, named, vocabulary)),
        key=lambda named: (named.first, named.last, named.name),
    )


def _excluded(tokens: list[Token], named: Named, vocabulary: Known) -> bool:
    phrases = vocabulary.unless.get(named.name)
    if phrases is None:
        return False
    first, last = max(0, named.first - _NEAR), min(len(tokens), named.last + _NEAR)
    while any(t.text == ";" for t in tokens[first : named.first]):
        first += 1
    return bool(phrases.find(tokens[first:last]))


def _together(tokens: list[Token], vocabulary: Known) -> list[Named]:
    """Outcomes known by words of several groups, one of each within a clause."""
    found, start = [], 0
    matches = vocabulary.terms.every(tokens) if vocabulary.groups else []
    if not matches:
        return []
    stops = [i for i, token in enumerate(tokens) if token.text == ";"] + [len(tokens)]
    for stop in stops:
        places: dict[str, dict[int, tuple[int, int]]] = {}
        for match in matches:
            if start <= match.first < stop:
                for name, group in match.meaning:
                    places.setdefault(name, {}).setdefault(group, (match.first, match.last))
        for name, groups in places.items():
            if len(groups) == vocabulary.groups[name]:
                first, last = min(a for a, _ in groups.values()), max(b for _, b in groups.values())
                found.append(Named(first, last, name, vocabulary.types[name], vocabulary.unless.get(name)))
        start = stop + 1
    return found
