"""A small PubMed query: words, "phrases", fields in brackets, AND OR NOT from left to right, parentheses.

What is not found is dropped and the rest runs; an unknown field becomes All Fields; a DOI that is not found falls
back to its pieces. All three are what the service does.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.standin.articles import Article

_WORDS = r'[^\s()\[\]"]+'
_TOKEN = re.compile(
    r'\(|\)|\b(?:AND|OR|NOT)\b|"[^"]*"(?:\s*\[[^\]]*\])?'
    # words before a field are one phrase, also without quotes
    rf"|{_WORDS}(?:\s+(?!(?:AND|OR|NOT)\b){_WORDS})*\s*\[[^\]]*\]|{_WORDS}|\[[^\]]*\]"
)
_WORD = re.compile(r'^"?(.*?)"?\s*(?:\[([^\]]*)\])?$', re.DOTALL)
Found = frozenset[str]


class UnreadableError(Exception):
    """The query has no end, or no middle."""


def _words(article: Article) -> str:
    return article.text.lower()


def _names(article: Article) -> str:
    return " ".join((one.collective or f"{one.last} {one.fore}") for one in article.authors).lower()


def _mesh(article: Article) -> str:
    return " | ".join(one.name for one in article.mesh).lower()


def _everything(article: Article) -> str:
    ids = " ".join(filter(None, (article.pmid, article.doi, article.pmc, *article.trials)))
    return f"{_words(article)} {_names(article)} {_mesh(article)} {ids} {article.journal}".lower()


Text = Callable[[Article], str]
#: Field → what is looked at, and whether the whole of it must fit.
FIELDS: dict[str, tuple[Text, bool]] = {
    **dict.fromkeys(("ti", "title"), (lambda a: a.title.lower(), False)),
    **dict.fromkeys(("tiab", "title/abstract", "tw", "text word"), (_words, False)),
    **dict.fromkeys(("mesh", "mh", "mesh terms", "majr"), (_mesh, False)),
    **dict.fromkeys(("pt", "publication type"), (lambda a: " | ".join(name for _, name in a.types).lower(), False)),
    **dict.fromkeys(("uid", "pmid"), (lambda a: a.pmid, True)),
    **dict.fromkeys(("doi", "aid", "lid"), (lambda a: (a.doi or "").lower(), True)),
    **dict.fromkeys(("si",), (lambda a: " ".join(a.trials).lower(), False)),
    **dict.fromkeys(("au", "author"), (_names, False)),
    **dict.fromkeys(("ta", "journal"), (lambda a: f"{a.journal} {a.abbreviation}".lower(), False)),
    **dict.fromkeys(("dp", "pdat"), (lambda a: str(a.year), True)),
    **dict.fromkeys(("la", "lang"), (lambda a: a.language, True)),
    **dict.fromkeys(("all", "all fields", ""), (_everything, False)),
}


@dataclass(slots=True)
class Result:
    """The ids, how the query was understood, and what of it was dropped."""

    ids: Found
    translation: str
    phrases_not_found: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    articles: list[Article]
    tokens: list[str]
    dropped: list[str] = field(default_factory=list)

    def expression(self) -> tuple[Found | None, str]:
        found, words = self.term()
        while self.tokens and self.tokens[0] != ")":
            operator = self.tokens.pop(0) if self.tokens[0] in {"AND", "OR", "NOT"} else "AND"
            right, more = self.term()
            if right is not None:
                words = f"{words} {operator} {more}" if words else more
                found = right if found is None else _joined(operator, found, right)
        return found, words

    def term(self) -> tuple[Found | None, str]:
        if not self.tokens or self.tokens[0] in {")", "AND", "OR"}:
            raise UnreadableError
        token = self.tokens.pop(0)
        if token != "(":  # noqa: S105 - a parenthesis
            return self.phrase(token)
        found, words = self.expression()
        if not self.tokens:
            raise UnreadableError
        self.tokens.pop(0)
        return found, f"({words})" if words else ""

    def phrase(self, token: str) -> tuple[Found | None, str]:
        text, name = _WORD.match(token).groups()  # type: ignore[union-attr]
        asked = (name or "").lower()
        looked, whole = FIELDS.get(asked, FIELDS[""])
        shown = f'"{text}"[{name if asked in FIELDS and name else "All Fields"}]'
        found = _matching(self.articles, text.lower().rstrip("*"), looked, whole=whole)
        if not found and asked in {"doi", "aid", "lid"}:
            pieces = text.lower().partition("/")[0]
            found = _matching(self.articles, pieces, looked, whole=False)
            shown = f'"{pieces}"[All Fields]'
        if not found:
            self.dropped.append(text)
            return None, ""
        return found, shown


def _joined(operator: str, left: Found, right: Found) -> Found:
    return {"AND": left & right, "OR": left | right, "NOT": left - right}[operator]


def _matching(articles: Iterable[Article], text: str, looked: Text, *, whole: bool) -> Found:
    low, _, high = text.partition(":")
    if high and low.isdecimal() and high.isdecimal():
        return frozenset(one.pmid for one in articles if low <= looked(one) <= high)
    if whole:
        return frozenset(one.pmid for one in articles if looked(one) == text)
    return frozenset(one.pmid for one in articles if text in looked(one))


def search(articles: list[Article], term: str) -> Result:
    """The records that fit.

    Raises:
        UnreadableError: parentheses or operators without their sides.
    """
    reader = _Reader(articles, _TOKEN.findall(term))
    found, words = reader.expression()
    if reader.tokens:
        raise UnreadableError
    return Result(found or frozenset(), words, reader.dropped)
