"""esearch: counts, pages up to 9,999, dates, history; what cannot be found is dropped under 200."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.standin.articles import Article
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.query import Result, UnreadableError, search
from tests.standin.wire import JSON, XML, Response, as_json

MOST = 9999
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20060628/esearch.dtd">\n'
)
_BEYOND = (
    "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve "
    "the first 9,999 records matching the query."
)
_FIRST_DAY = date(2025, 6, 1)


@dataclass(frozen=True, slots=True)
class _Page:
    result: Result
    ids: list[str]
    count: int
    start: int
    warnings: list[str]
    history: tuple[str, int] | None


def answer(world: World, entry: Entry) -> Response:
    """One page of ids."""
    if entry.get("db") != "pubmed":
        return _error(entry, f"Invalid db name specified: {entry.get('db')}")
    start = int(entry.get("retstart") or 0)
    if start >= MOST:
        return _error(entry, _BEYOND)
    try:
        result, ordered = _found(world, entry)
    except UnreadableError:
        return _error(entry, "Unable to obtain query #1")
    asked = int(entry.get("retmax") or 20)
    ids = ordered[start : min(start + asked, MOST)]
    warnings = [] if ordered else ["No items found."]
    if asked > MOST:
        warnings.append(f"Restrictions achieved. start and count adjusted to {start}, {MOST}")
    history = world.histories.put(ordered, entry.get("WebEnv")) if entry.get("usehistory") == "y" else None
    page = _Page(result, [] if entry.get("rettype") == "count" else ids, len(ordered), start, warnings, history)
    return as_json(_json(page)) if entry.get("retmode") == "json" else Response(_xml(page).encode())


def _found(world: World, entry: Entry) -> tuple[Result, list[str]]:
    articles = [one for one in world.store.today() if _in_dates(one, entry, world.store.day)]
    result = search(articles, entry.get("term"))
    # Newest first; "relevance" is another order, stable and of no meaning.
    ordered = sorted(result.ids, key=int, reverse=True)
    return result, sorted(ordered, key=lambda pmid: pmid[::-1]) if entry.get("sort") == "relevance" else ordered


def _in_dates(article: Article, entry: Entry, day: int) -> bool:
    when = {"edat": article.entered, "mdat": article.revised}.get(entry.get("datetype"), article.issued)
    if entry.get("reldate"):
        first = _FIRST_DAY + timedelta(days=day - int(entry.get("reldate")))
        return when >= (first.year, first.month, first.day)
    # One of the two alone is ignored.
    if not (entry.get("mindate") and entry.get("maxdate")):
        return True
    return _day(entry.get("mindate"), (1, 1)) <= when <= _day(entry.get("maxdate"), (12, 31))


def _day(text: str, rest: tuple[int, int]) -> tuple[int, ...]:
    parts = [int(part) for part in text.split("/")]
    return (*parts, *rest[len(parts) - 1 :])


def _json(page: _Page) -> dict[str, Any]:
    result: dict[str, Any] = {"count": str(page.count), "retmax": str(len(page.ids)), "retstart": str(page.start)}
    if page.history:
        result |= {"querykey": str(page.history[1]), "webenv": page.history[0]}
    result |= {"idlist": page.ids, "translationset": [], "querytranslation": page.result.translation}
    if page.result.phrases_not_found:
        result["errorlist"] = {"phrasesnotfound": page.result.phrases_not_found, "fieldsnotfound": []}
    if page.warnings:
        result["warninglist"] = {"phrasesignored": [], "quotedphrasesnotfound": [], "outputmessages": page.warnings}
    return {"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}


def _xml(page: _Page) -> str:
    history = f"<QueryKey>{page.history[1]}</QueryKey><WebEnv>{page.history[0]}</WebEnv>" if page.history else ""
    ids = "".join(f"<Id>{pmid}</Id>\n" for pmid in page.ids)
    phrases = "".join(f"<PhraseNotFound>{escape(one)}</PhraseNotFound>" for one in page.result.phrases_not_found)
    messages = "".join(f"<OutputMessage>{one}</OutputMessage>" for one in page.warnings)
    return (
        f"{_DOCTYPE}<eSearchResult><Count>{page.count}</Count><RetMax>{len(page.ids)}</RetMax>"
        f"<RetStart>{page.start}</RetStart>{history}{f'<IdList>{chr(10)}{ids}</IdList>' if ids else '<IdList/>'}"
        f"<TranslationSet/><QueryTranslation>{escape(page.result.translation)}</QueryTranslation>"
        f"{f'<ErrorList>{phrases}</ErrorList>' if phrases else ''}"
        f"{f'<WarningList>{messages}</WarningList>' if messages else ''}</eSearchResult>"
    )


def _error(entry: Entry, words: str) -> Response:
    """Under 200; in JSON a line end stays a raw line end, so that it is no JSON."""
    if entry.get("retmode") == "json":
        body = f'{{"header":{{"type":"esearch","version":"0.3"}},"esearchresult":{{"ERROR":"{words}"}}}}'
        return Response(body.encode(), JSON)
    return Response(f"{_DOCTYPE}<eSearchResult><ERROR>{words}</ERROR></eSearchResult>".encode(), XML)
