"""PubMed searches asked of records in a file: the part of PubMed's query language that a topic needs.

    query = parse_query('("Scleroderma, Systemic"[Mesh] OR scleroderma[tiab]) AND stem cell*[tiab]')
    query.may_match(record)      # on the lower-cased bytes of a record: cheap, never wrongly false
    query.matches(shown_of(document))

AND, OR, NOT from left to right, brackets, phrases, a trailing *. Fields: Mesh (the descriptor itself; narrower ones,
which PubMed adds, are not known here), tiab, ti, ab, pt, and none (any of these).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ingest.errors import Misconfigured
from ingest.records import Document

_FIELDS = {
    "mesh": "mesh", "mesh terms": "mesh", "mh": "mesh", "majr": "mesh", "tiab": "text", "title/abstract": "text",
    "ti": "title", "title": "title", "ab": "text", "abstract": "text", "pt": "type", "publication type": "type",
    "tw": "any", "text word": "any", "all": "any", "all fields": "any", "": "any",
}  # fmt: skip
_TOKEN = re.compile(
    r'\s*(?:([()])|(AND|OR|NOT)\b|("[^"]*"|[^\s()"\[\]]+(?:\s+(?!AND\b|OR\b|NOT\b)[^\s()"\[\]]+)*)(?:\s*\[([^\]]*)\])?)'
)
_WORDS = re.compile(r"\w+")
_DOI = re.compile(rb'"doi"[^>]*>\s*([^<]+?)\s*<', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a document shows to a query: words with one space around each, descriptors and types in lower case."""

    title: str
    text: str
    mesh: frozenset[str]
    types: frozenset[str]


class Query(Protocol):
    """A condition on records."""

    def may_match(self, record: bytes) -> bool:
        """False only if no document made from this record, in lower case, can match."""

    def matches(self, shown: Shown) -> bool:
        """Whether the document matches."""


@dataclass(frozen=True, slots=True)
class Term:
    """A phrase in a field; with `prefix` its last word may go on."""

    phrase: str
    field: str
    prefix: bool

    def may_match(self, record: bytes) -> bool:
        """Each word stands somewhere: tags may stand between them."""
        return all(word in record for word in _ascii(self.phrase))

    def matches(self, shown: Shown) -> bool:
        """The words follow each other in the field."""
        return any(
            self._in(shown, field)
            for field in (("title", "text", "mesh", "type") if self.field == "any" else (self.field,))
        )

    def _in(self, shown: Shown, field: str) -> bool:
        if field in ("mesh", "type"):
            names = shown.mesh if field == "mesh" else shown.types
            return any(name.startswith(self.phrase) for name in names) if self.prefix else self.phrase in names
        words = shown.title if field == "title" else shown.text
        return (f" {self.phrase}" if self.prefix else f" {self.phrase} ") in words


@dataclass(frozen=True, slots=True)
class Both:
    """Two conditions joined: and, or, not (the first without the second)."""

    join: str
    one: Query
    other: Query

    def may_match(self, record: bytes) -> bool:
        """What is excluded cannot be judged before the record is parsed."""
        if self.join == "OR":
            return self.one.may_match(record) or self.other.may_match(record)
        return self.one.may_match(record) and (self.join == "NOT" or self.other.may_match(record))

    def matches(self, shown: Shown) -> bool:
        """As the join says."""
        if self.join == "OR":
            return self.one.matches(shown) or self.other.matches(shown)
        return self.one.matches(shown) and self.other.matches(shown) is (self.join == "AND")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is kept of a bulk file: hits of queries, records by PMID or DOI (lower case), who cites `cited`."""

    queries: tuple[Query, ...] = ()
    pmids: frozenset[str] = frozenset()
    dois: frozenset[str] = frozenset()
    cited: frozenset[str] = frozenset()

    def may_keep(self, record: bytes, pmid: str | None) -> bool:
        """False only if `keeps` is false for sure; on the bytes of a record, unparsed. A deletion is always kept."""
        if pmid is None or pmid in self.pmids:
            return True
        if any(b">%b<" % one.encode() in record for one in self.cited):
            return True
        if self.dois and any(found.decode("utf-8", "replace").lower() in self.dois for found in _DOI.findall(record)):
            return True
        lower = record.lower()
        return any(query.may_match(lower) for query in self.queries)

    def keeps(self, document: Document) -> bool:
        """Whether the document belongs to the topic."""
        if document.identifier("pmid") in self.pmids or (document.identifier("doi") or "").lower() in self.dois:
            return True
        if any(one.value in self.cited for link in document.links for one in link.target if one.scheme == "pmid"):
            return True
        shown = shown_of(document)
        return any(query.matches(shown) for query in self.queries)


def shown_of(document: Document) -> Shown:
    """What queries are asked of."""
    title = _normal(document.title or "")
    text = " ".join(_normal(section.text) for section in document.sections if section.kind in ("title", "abstract"))
    return Shown(
        f" {title} ", f" {text} ",
        frozenset(_normal(one.descriptor) for one in document.mesh_headings),
        frozenset(_normal(one.text) for one in document.publication_types),
    )  # fmt: skip


def parse_query(text: str) -> Query:
    """A search as PubMed writes it. Raises Misconfigured where it has a field or a form that is not known here."""
    tokens = list(_tokens(text))
    query, rest = _joined(tokens, text)
    if rest:
        raise Misconfigured(f"a bracket too many in the search: {text}")
    return query


@dataclass(frozen=True, slots=True)
class _Token:
    sign: str
    term: Term | None = None


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            raise Misconfigured(f"not understood at {text[place : place + 20]!r} in the search: {text}")
        bracket, join, phrase, field = found.groups()
        yield _Token(bracket or join or "term", _term(phrase, field, text) if phrase else None)
        place = found.end()


def _term(phrase: str, field: str | None, text: str) -> Term:
    # [tiab:~2] is nearness, [Mesh:noexp] what we do anyway
    name = (field or "").lower().removesuffix(":noexp").strip()
    if name not in _FIELDS:
        raise Misconfigured(f"the field [{field}] cannot be asked of files, in the search: {text}")
    words = phrase.strip('"').strip()
    return Term(_normal(words), _FIELDS[name], words.endswith("*"))


def _joined(tokens: list[_Token], text: str) -> tuple[Query, list[_Token]]:
    query, tokens = _single(tokens, text)
    while tokens and tokens[0].sign != ")":
        # two terms side by side mean AND
        join = tokens[0].sign if tokens[0].sign in ("AND", "OR", "NOT") else "AND"
        other, tokens = _single(tokens[1:] if tokens[0].sign == join else tokens, text)
        query = Both(join, query, other)
    return query, tokens


def _single(tokens: list[_Token], text: str) -> tuple[Query, list[_Token]]:
    if tokens and tokens[0].term is not None:
        return tokens[0].term, tokens[1:]
    if tokens and tokens[0].sign == "(":
        query, rest = _joined(tokens[1:], text)
        if rest and rest[0].sign == ")":
            return query, rest[1:]
    raise Misconfigured(f"something is missing in the search: {text}")


def _normal(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


@lru_cache(maxsize=1024)
def _ascii(phrase: str) -> tuple[bytes, ...]:
    """The words that look the same in any bytes: a letter beyond ASCII has two cases and many spellings."""
    return tuple(word.encode() for word in phrase.split() if word.isascii())
