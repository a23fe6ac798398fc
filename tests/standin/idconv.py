"""The PMC id converter: PMC articles only, one type of id per call."""

from typing import Any

from tests.standin.articles import Article
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_json

MOST = 200


def answer(world: World, entry: Entry) -> Response:
    """A record for each different id; who asked is repeated, the address included."""
    ids = list(dict.fromkeys(entry.all("ids")))
    kind = entry.get("idtype", "pmid")
    if kind == "pmid" and not all(one.isdecimal() for one in ids):
        words = "All values of query param `ids` must be PubMed IDs (Positive Integers)."
        return as_json({"status": "error", "errors": [{"message": words, "code": "invalid_pmids"}]}, 400)
    if not 0 < len(ids) <= MOST:
        words = f"Between 1 and {MOST} ids"
        return as_json({"status": "error", "errors": [{"message": words, "code": "too_many_ids"}]}, 400)
    echo = {"format": "json", "idtype": kind, "tool": entry.get("tool"), "email": entry.get("email")}
    records = [_record(world, kind, one) for one in ids]
    return as_json({"status": "ok", "response-date": "2026-01-01 00:00:00", "request": echo, "records": records})


def moved(_: World, entry: Entry) -> Response:
    """The old path."""
    where = f"/tools/idconv/api/v1/articles/?ids={entry.get('ids')}"
    return Response(b"Moved", "text/plain", 301, (("Location", where),))


def _record(world: World, kind: str, asked: str) -> dict[str, Any]:
    article = next((one for one in world.store.today() if one.pmc and _named(one, kind) == asked.lower()), None)
    if article is None:
        return {kind: asked, "requested-id": asked, "status": "error", "errmsg": "Identifier not found in PMC"}
    pmid = int(article.pmid) if world.quirks.pmid_as_number else article.pmid
    return {"doi": article.doi, "pmcid": article.pmc, "pmid": pmid, "requested-id": asked}


def _named(article: Article, kind: str) -> str:
    name = {"pmid": article.pmid, "pmcid": article.pmc, "doi": article.doi}.get(kind)
    return (name or "").lower()
