"""esummary: short records, JSON for at most 500, XML in its second version. A missing id has an error of its own."""

from typing import Any

from tests.standin.articles import Article, plain
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_json

MOST = 500
_HEADER = {"type": "esummary", "version": "0.3"}
_NONE = "cannot get document summary"


def answer(world: World, entry: Entry) -> Response:
    """Summaries of the ids, or of a history set."""
    ids = entry.all("id")
    if entry.get("WebEnv"):
        ids = world.histories.ids(entry, world.quirks.history_lifetime) or []
    found = {pmid: world.store.article(pmid) if pmid.isdecimal() else None for pmid in ids}
    return _as_json(ids, found) if entry.get("retmode") == "json" else _as_xml(found)


def _as_json(ids: list[str], found: dict[str, Article | None]) -> Response:
    if not ids:
        return as_json({"esummaryresult": ["Empty id list - nothing todo"]})
    if len(ids) > MOST:
        words = f"Too many UIDs in request. Maximum number of UIDs is {MOST} for JSON format output."
        return as_json({"header": _HEADER, "error": words})
    for place, pmid in enumerate(ids):
        if not pmid.isdecimal():
            words = f"Invalid uid {pmid} at position= {place}"
            return as_json({"header": _HEADER, "error": words, "result": {"uids": []}})
    rows = {pmid: summary(one) if one else {"uid": pmid, "error": _NONE} for pmid, one in found.items()}
    return as_json({"header": _HEADER, "result": {"uids": list(found), **rows}})


def summary(a: Article) -> dict[str, Any]:
    """One record as JSON gives it."""
    pairs = [("pubmed", 1, a.pmid), ("doi", 3, a.doi), ("pmc", 8, a.pmc), ("pmcid", 5, a.pmc and f"pmc-id: {a.pmc};")]
    month = a.month or 1
    return {
        "uid": a.pmid,
        "pubdate": a.printed_date,
        "epubdate": "",
        "source": "" if a.book else a.abbreviation,
        "authors": [
            {"name": one.collective or f"{one.last} {one.fore[:1]}", "authtype": "Author", "clusterid": ""}
            for one in a.authors
        ],
        "lastauthor": a.authors[-1].last if a.authors else "",
        "title": plain(a.title),
        "volume": a.volume,
        "issue": a.issue,
        "pages": a.pages,
        "lang": [a.language],
        "pubtype": [name for _, name in a.types],
        "recordstatus": f"PubMed - indexed for {a.status}",
        "articleids": [{"idtype": kind, "idtypen": n, "value": value} for kind, n, value in pairs if value],
        "fulljournalname": "" if a.book else a.journal,
        "elocationid": f"doi: {a.doi}" if a.doi else "",
        "sortpubdate": f"{a.year}/{month:02}/01 00:00",
        "vernaculartitle": a.vernacular or "",
    }


def _as_xml(found: dict[str, Article | None]) -> Response:
    prolog = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSummaryResult '
        'PUBLIC "-//NLM//DTD esummary pubmed 20160808//EN" '
        '"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20160808/esummary_pubmed.dtd">\n'
    )
    rows = "".join(_document(pmid, one) for pmid, one in found.items())
    status = '<DocumentSummarySet status="OK"><DbBuild>Build-invented</DbBuild>'
    body = f"{prolog}<eSummaryResult>{status}{rows}</DocumentSummarySet></eSummaryResult>"
    return Response(body.encode("ascii", "xmlcharrefreplace"))


def _document(pmid: str, a: Article | None) -> str:
    if a is None:
        return f'<DocumentSummary uid="{pmid}"><error>{_NONE}</error></DocumentSummary>'
    ids = "".join(
        f"<ArticleId><IdType>{kind}</IdType><IdTypeN>1</IdTypeN><Value>{value}</Value></ArticleId>"
        for kind, value in (("pubmed", a.pmid), ("doi", a.doi), ("pmc", a.pmc))
        if value
    )
    return (
        f'<DocumentSummary uid="{pmid}"><PubDate>{a.printed_date}</PubDate><Source>{a.abbreviation}</Source>'
        f"<Title>{a.title}</Title><ArticleIds>{ids}</ArticleIds></DocumentSummary>"
    )
