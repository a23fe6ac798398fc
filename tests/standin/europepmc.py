"""Europe PMC: search, citations, references, full text. Flags are letters, errors come under 200."""

import re
from typing import Any

from tests.standin.articles import Article, plain
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.pmc import jats
from tests.standin.wire import Response, as_json

_ID = re.compile(r"EXT_ID:\"?(\d+)")
_DOI = re.compile(r'DOI:"?([^"\s)]+)', re.IGNORECASE)


def answer(world: World, entry: Entry) -> Response:
    """The route that the path names."""
    parts = entry.path.strip("/").split("/")
    if parts[-1] == "search":
        return _search(world, entry)
    if parts[-1] == "fullTextXML":
        return _full_text(world, parts[-2])
    if parts[-1] in {"citations", "references"}:
        return _list(world, entry, parts[-2], parts[-1])
    return as_json({"errCode": 404, "errMsg": "No such resource"})


def _search(world: World, entry: Entry) -> Response:
    query, cursor = entry.get("query"), entry.get("cursorMark", "*")
    if not query:
        return as_json({"version": "6.9", "errCode": 404, "errMsg": "Invalid query"})
    if cursor != "*" and not cursor.isdecimal():
        return as_json({"version": "6.9"})
    size = min(int(entry.get("pageSize", "25")), 1000)
    found = [one for one in world.store.today() if _fits(one, query)]
    start = 0 if cursor == "*" else int(cursor)
    page = found[start : start + size]
    return as_json(
        {
            "version": "6.9",
            "hitCount": len(found),
            # The end is told by a cursor that stands still.
            "nextCursorMark": str(start + len(page)) if page else cursor,
            "request": {"queryString": query, "resultType": entry.get("resultType", "lite")},
            "resultList": {"result": [_row(world, one) for one in page]},
        }
    )


def _fits(article: Article, query: str) -> bool:
    pmid, doi = _ID.search(query), _DOI.search(query)
    if pmid:
        return article.pmid == pmid[1]
    if doi:
        return (article.doi or "").lower() == doi[1].lower()
    words = re.sub(r"[A-Z_]+:|\bAND\b|[()\"]", " ", query).lower().split()
    return all(word in article.text.lower() for word in words)


def _row(world: World, a: Article) -> dict[str, Any]:
    text = world.store.full_texts.get(a.pmc or "")
    row: dict[str, Any] = {
        "id": a.pmid,
        "source": "MED",
        "pmid": a.pmid,
        "title": plain(a.title),
        "authorString": ", ".join(one.collective or f"{one.last} {one.fore[:1]}" for one in a.authors) + ".",
        "pubYear": str(a.year),
        "isOpenAccess": "NY"[bool(text and text.open_access)],
        "inEPMC": "NY"[bool(text)],
        "inPMC": "NY"[bool(a.pmc)],
        "hasPDF": "N",
        "citedByCount": len(world.store.linked("pubmed_pubmed_citedin", a.pmid) or ()),
    }
    if a.doi:
        row["doi"] = a.doi.lower()
    if a.pmc:
        row["pmcid"] = a.pmc
    if a.abstract:
        row["abstractText"] = "".join(f"<h4>{label}</h4>{text}" if label else text for label, text in a.abstract)
    return row


def _list(world: World, entry: Entry, pmid: str, what: str) -> Response:
    article = world.store.article(pmid)
    if article is None:
        return as_json({"version": "6.9", "hitCount": 0})
    pmids = list(article.references)
    if what == "citations":
        pmids = [one for one, _ in world.store.linked("pubmed_pubmed_citedin", pmid) or ()]
    page, size = int(entry.get("page", "1")), int(entry.get("pageSize", "25"))
    rows = [{"id": one, "source": "MED"} for one in pmids[(page - 1) * size : page * size]]
    name, inside = ("citationList", "citation") if what == "citations" else ("referenceList", "reference")
    return as_json({"version": "6.9", "hitCount": len(pmids), name: {inside: rows}})


def _full_text(world: World, pmcid: str) -> Response:
    text = world.store.full_texts.get(pmcid)
    if text is None or not text.open_access:
        return Response(b"", status=404)
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>{jats(text)}'.encode(), "application/xml")
