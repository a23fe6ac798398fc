"""From a printed citation or a DOI to a verified PMID: ecitmatch and esearch, neither believed without a look.

ecitmatch ignores an author or a year that disagrees, and esearch turns an unknown DOI into a search for its pieces;
both then name another paper. So each hit is held against its summary.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.http.exchange import Request
from ingest.printed.identifiers import pmid
from ingest.services.accounting import Failure, Patience, Sender, ask, batches
from ingest.services.eutils_search import parse_search, search_request
from ingest.services.eutils_summary import Summary, summarise

#: Our choice: "small batches"; it may stop at a line that it does not understand.
MATCH_BATCH = 50

_AMBIGUOUS = re.compile(r"AMBIGUOUS\b\s*(.*)")


@dataclass(frozen=True, slots=True)
class CitationQuery:
    """What a printed reference says of itself; a journal and one more field are the least that can be matched."""

    journal: str
    year: str = ""
    volume: str = ""
    first_page: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class CitationMatch:
    """state: found, another paper (the hit contradicts the citation in `fields`), not found, ambiguous or unknown.

    unknown: it was not answered. candidates: the PMIDs that an ambiguous answer names.
    """

    state: str
    pmid: str | None = None
    candidates: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reason: str | None = None


def match_request(base: str, keyed: Mapping[str, CitationQuery]) -> Request:
    """Ask for the PMIDs of citations, each under a key of its own."""
    lines = (
        "|".join((*(_plain(part) for part in (q.journal, q.year, q.volume, q.first_page, q.author)), key, ""))
        for key, q in keyed.items()
    )
    params = (("db", "pubmed"), ("retmode", "xml"), ("bdata", "\r".join(lines)))
    return Request("eutils", f"{base}/ecitmatch.cgi", params, "POST", "text")


def parse_matches(body: bytes) -> dict[str, CitationMatch]:
    """The answers by key. A line that cannot be read, and a key that two lines answer differently, are left out."""
    found: dict[str, CitationMatch] = {}
    twice: set[str] = set()
    for line in body.decode("utf-8", "replace").splitlines():
        parts = line.strip().split("|")
        if len(parts) < 7:
            continue
        key, match = parts[5], _match("|".join(parts[6:]).strip())
        if found.setdefault(key, match) != match:
            twice.add(key)
    return {key: match for key, match in found.items() if key not in twice}


def match_citations(sender: Sender, base: str, queries: Sequence[CitationQuery]) -> tuple[CitationMatch, ...]:
    """One verified match for each citation, in their order; without a journal nothing is asked.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    keyed = {f"c{number}": one for number, one in enumerate(queries) if one.journal.strip()}
    matches: dict[str, CitationMatch] = {}
    patient = Patience(sender)
    for batch in batches(tuple(keyed), MATCH_BATCH):
        matches |= _ask(patient, base, {key: keyed[key] for key in batch})
    hits = summarise(sender, base, (one.pmid for one in matches.values() if one.pmid)).found
    unknown = CitationMatch("unknown", reason="not answered")
    return tuple(_verified(matches.get(f"c{number}", unknown), query, hits) for number, query in enumerate(queries))


def match_doi(sender: Sender, base: str, doi: str) -> CitationMatch:
    """The record that bears this very DOI: found, not found, another paper (what a fuzzy search gave) or unknown.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    reply = ask(sender, search_request(base, f'"{doi}"[doi]', most=5))
    if isinstance(reply, Failure):
        return CitationMatch("unknown", reason=reply.reason)
    hits = parse_search(reply.body).pmids
    summaries = summarise(sender, base, hits)
    for number, one in summaries.found.items():
        if (one.identifier("doi") or "").lower() == doi.lower():
            return CitationMatch("found", number)
    if not summaries.accounted.complete:
        return CitationMatch("unknown", candidates=hits, reason="the hits could not be verified")
    return CitationMatch("another paper", candidates=hits, fields=("doi",)) if hits else CitationMatch("not found")


def disagreements(query: CitationQuery, found: Summary) -> Iterator[str]:
    """The fields of a citation that its hit contradicts; what either leaves out contradicts nothing.

    A year may differ by one: electronic and printed years of an article often do.
    """
    year = found.published.year if found.published else None
    if query.year.isdecimal() and year and abs(int(query.year) - year) > 1:
        yield "year"
    if _differ(query.volume, found.volume):
        yield "volume"
    if _differ(query.first_page, (found.pages or "").partition("-")[0]):
        yield "first page"
    surname = query.author.strip().lower().rpartition(" ")[0] or query.author.strip().lower()
    if surname and found.authors and not any(surname in one.lower() for one in found.authors):
        yield "author"


def _ask(sender: Sender, base: str, keyed: Mapping[str, CitationQuery]) -> dict[str, CitationMatch]:
    """The answers; keys that were left out are asked for once more, apart from what may have stopped the first."""
    found: dict[str, CitationMatch] = {}
    for _ in range(2):
        open_keys = {key: one for key, one in keyed.items() if key not in found}
        if not open_keys:
            break
        reply = ask(sender, match_request(base, open_keys))
        if isinstance(reply, Failure):
            return found | dict.fromkeys(open_keys, CitationMatch("unknown", reason=reply.reason))
        found |= {key: one for key, one in parse_matches(reply.body).items() if key in open_keys}
    return found


def _match(told: str) -> CitationMatch:
    ambiguous = _AMBIGUOUS.match(told)
    if ambiguous:
        candidates = tuple(number for one in ambiguous[1].split(",") if (number := pmid(one)))
        return CitationMatch("ambiguous", candidates=candidates, reason=told)
    if told.startswith("NOT_FOUND"):
        return CitationMatch("not found", reason=told.partition(";")[2] or None)
    number = pmid(told)
    return CitationMatch("found", number) if number else CitationMatch("unknown", reason=told or None)


def _verified(match: CitationMatch, query: CitationQuery, hits: Mapping[str, Summary]) -> CitationMatch:
    if match.pmid is None:
        return match
    found = hits.get(match.pmid)
    if found is None:
        return CitationMatch("unknown", candidates=(match.pmid,), reason="the hit could not be verified")
    fields = tuple(disagreements(query, found))
    return CitationMatch("another paper", candidates=(match.pmid,), fields=fields) if fields else match


def _plain(part: str) -> str:
    return " ".join(part.replace("|", " ").split())


def _differ(asked: str, found: str | None) -> bool:
    return bool(asked.strip() and found and asked.strip().lower() != found.strip().lower())
