"""iCite (NIH): citation counts, citers and references of PubMed papers, where PubMed's own links have none.

    counted = citations(client, services.icite, pmids)
    counted.found["38206544"].citation_count
    counted.accounted.absent         # iCite leaves unknown PMIDs silently out

Its API has had two sets of field names (`cited_by`, `citedByPmids`, …); both are read. A missing relative citation
ratio is normal for a new paper. iCite does not mark retractions.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import BadReply
from ingest.http.exchange import Reply, Request
from ingest.printed.identifiers import doi as valid_doi
from ingest.printed.identifiers import pmid
from ingest.records import Identifier, Link
from ingest.services.accounting import Accounted, Failure, Patience, Sender, account, ask, batches
from ingest.services.loose_json import Json, at, list_at, number_at, objects_at, read_object, text_at, whole_at

SOURCE = "icite"
#: An address of more than about 4,100 characters is refused (413); a PMID with its comma takes up to ten.
CITE_BATCH = 200


@dataclass(frozen=True, slots=True)
class Citations:
    """What iCite counts of a paper. None is what it does not say.

    rcr: relative citation ratio, citations a year against the field's (Hutchins et al., PLoS Biol 2016;14:e1002541).
    """

    pmid: str
    doi: str | None = None
    year: int | None = None
    citation_count: int | None = None
    citations_per_year: float | None = None
    rcr: float | None = None
    nih_percentile: float | None = None
    is_clinical: bool | None = None
    provisional: bool | None = None
    cited_by: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def links(self) -> tuple[Link, ...]:
        """Its edges, to citers and to references."""
        return (
            *(Link("cited_by", (Identifier("pmid", one),), SOURCE) for one in self.cited_by),
            *(Link("cites", (Identifier("pmid", one),), SOURCE) for one in self.references),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts by PMID, and what became of each id; absent: iCite has no such paper."""

    found: dict[str, Citations]
    accounted: Accounted
    replies: tuple[Reply, ...] = ()


def citations_request(base: str, pmids: Sequence[str]) -> Request:
    """Ask for at most 200 papers."""
    params = (("pmids", ",".join(pmids)),)
    return Request("icite", f"{base}/pubs", params, expect="json", accept=_readable)


def parse_citations(body: bytes) -> dict[str, Citations]:
    """The papers of an answer by PMID.

    Raises:
        BadReply: no list of papers in it.
        EmptyPayload, BadPayload: not JSON.
    """
    answer = read_object(body, SOURCE)
    if not isinstance(at(answer, "data"), list):
        raise BadReply(f"icite: {text_at(answer, 'error') or 'no data in the answer'}")
    return {one.pmid: one for one in map(paper, objects_at(answer, "data")) if one is not None}


def citations(sender: Sender, base: str, pmids: Iterable[str]) -> Counted:
    """The counts of valid PMIDs.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    asked = tuple(dict.fromkeys(pmids))
    found: dict[str, Citations] = {}
    answered: list[str] = []
    reasons: dict[str, str] = {}
    replies: list[Reply] = []
    patient = Patience(sender)
    for batch in batches(asked, CITE_BATCH):
        reply = ask(patient, citations_request(base, batch))
        if isinstance(reply, Failure):
            reasons |= dict.fromkeys(batch, reply.reason)
            continue
        replies.append(reply)
        answered += batch
        found |= {number: one for number, one in parse_citations(reply.body).items() if number in batch}
    absent = (one for one in answered if one not in found)
    return Counted(found, account(asked, found, absent, reasons), tuple(replies))


def paper(one: Json) -> Citations | None:
    """One paper in either naming; None where it does not say its PMID."""
    number = pmid(text_at(one, "pmid") or "")
    if number is None:
        return None
    citers = tuple(_pmids(one, "cited_by", "citedByPmids"))
    has_citers = any(isinstance(at(one, key), list) for key in ("cited_by", "citedByPmids"))
    count = _first_whole(one, "citation_count", "citationCount")
    return Citations(
        pmid=number,
        doi=valid_doi(text_at(one, "doi") or ""),
        year=whole_at(one, "year"),
        citation_count=len(citers) if count is None and has_citers else count,
        citations_per_year=_first(one, "citations_per_year", "citationsPerYear", "acr"),
        rcr=_first(one, "relative_citation_ratio", "relativeCitationRatio", "rcr"),
        nih_percentile=_first(one, "nih_percentile", "nihPercentile"),
        is_clinical=_yes(one, "is_clinical", "isClinical"),
        provisional=_yes(one, "provisional"),
        cited_by=citers,
        references=tuple(_pmids(one, "references", "citedPmids")),
    )


def _first(one: Json, *names: str) -> float | None:
    return next((value for name in names if (value := number_at(one, name)) is not None), None)


def _first_whole(one: Json, *names: str) -> int | None:
    return next((value for name in names if (value := whole_at(one, name)) is not None), None)


def _yes(one: Json, *names: str) -> bool | None:
    """A flag that is printed as true, "Yes" or "yes"; None where it is not said."""
    value: Any = next((told for name in names if (told := at(one, name)) is not None), None)
    return value if isinstance(value, bool) or value is None else str(value).lower() in {"yes", "true", "1"}


def _pmids(one: Json, *names: str) -> Iterator[str]:
    """A list of PMIDs as numbers, or as one string with spaces between them, as the CSV of iCite has it."""
    for name in names:
        found = list_at(one, name) or (text_at(one, name) or "").split()
        valid = dict.fromkeys(number for each in found if (number := pmid(str(each))))
        if valid:
            yield from valid
            return


def _readable(reply: Reply) -> None:
    parse_citations(reply.body)
