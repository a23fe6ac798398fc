"""A document's whole text with all its figures marked, and what the vocabulary finds in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlite_utils import Database

from kb.store.rows import Row, fetch
from kb.vocabulary import Vocabulary
from kb.web.passages import Piece, pieces
from kb.web.review import queries


@dataclass(frozen=True, slots=True)
class Text:
    """One section, cut where its figures stand."""

    id: str
    kind: str
    label: str | None
    pieces: tuple[Piece, ...]
    ours: bool


@dataclass(frozen=True, slots=True)
class Term:
    """An outcome of the vocabulary and the words by which it stands in a text."""

    outcome: str
    title: str
    words: tuple[str, ...]
    here: bool


def texts_of(db: Database, document: str, here: str = "") -> tuple[Text, ...]:
    """Every text of a document in order, the figure here highlighted."""
    spans: dict[str, list[Row]] = {}
    for row in fetch(db, queries.SPANS, {"document": document}):
        spans.setdefault(row["section"], []).append(row)
    rows = fetch(db, queries.TEXTS, {"document": document})
    return tuple(_text(row, here, spans.get(row["id"], [])) for row in rows)


def _text(row: Row, here: str, spans: list[Row]) -> Text:
    cut = tuple(pieces(row["text"], here, spans))
    return Text(row["id"], row["kind"], row["label"], cut, ours=row["kind"] == "statement")


def terms_in(texts: Iterable[Text], vocabulary: Vocabulary, outcome: str | None) -> tuple[Term, ...]:
    """The outcomes that these texts name, by any of their words."""
    whole = "\n".join("".join(piece.text for piece in text.pieces) for text in texts)
    return tuple(_terms(whole, vocabulary, outcome))


def _terms(whole: str, vocabulary: Vocabulary, outcome: str | None) -> Iterator[Term]:
    for one in vocabulary.outcomes:
        found = {match.group().casefold(): match.group() for match in _pattern((one.name, *one.words)).finditer(whole)}
        if found:
            yield Term(one.id, one.title, tuple(found.values()), here=one.name == outcome)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})s?\b", re.IGNORECASE)
