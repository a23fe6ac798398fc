"""iCite: counts and lists of citers. PMIDs it does not know are missing without a word."""

from typing import Any

from tests.standin.articles import Article, plain
from tests.standin.known import World
from tests.standin.log import Entry
from tests.standin.wire import Response, as_json, as_text

_LONGEST = 4100


def answer(world: World, entry: Entry) -> Response:
    """`/pubs?pmids=…` or `/pubs/{pmid}`."""
    pmids = entry.all("pmids")
    if sum(len(value) for _, value in entry.params) > _LONGEST:
        return as_text("Request Entity Too Large", 413)
    if not pmids:
        article = world.store.article(entry.path.rpartition("/")[2])
        return as_json(_row(world, article)) if article else as_json({"error": "not found"}, 404)
    found = [one for pmid in pmids if (one := world.store.article(pmid)) is not None]
    wanted = entry.all("fl")
    rows = [{k: v for k, v in _row(world, one).items() if not wanted or k in wanted} for one in found]
    return as_json({"meta": {"limit": 1000, "offset": 0, "fl": ",".join(wanted)}, "links": {}, "data": rows})


def _row(world: World, a: Article) -> dict[str, Any]:
    citers = [int(pmid) for pmid, _ in world.store.linked("pubmed_pubmed_citedin", a.pmid) or ()]
    return {
        "pmid": int(a.pmid),
        "year": a.year,
        "title": plain(a.title),
        "authors": ", ".join(one.collective or f"{one.fore} {one.last}" for one in a.authors),
        "journal": a.abbreviation,
        "is_research_article": "Yes",
        "relative_citation_ratio": None if a.year >= 2024 else 1.0,
        "nih_percentile": None,
        "apt": 0.5,
        "is_clinical": "Yes" if a.trials else "No",
        "citation_count": len(citers),
        "citations_per_year": float(len(citers)),
        "expected_citations_per_year": None,
        "field_citation_rate": None,
        "provisional": "Yes" if a.year >= 2024 else "No",
        "cited_by_clin": [],
        "cited_by": citers,
        "references": [int(pmid) for pmid in a.references],
        "doi": a.doi or "",
        "last_modified": "01/01/2026, 00:00:00",
    }
