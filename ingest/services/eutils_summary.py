"""esummary: does a PMID exist, and what is it in one line.

    summaries = summarise(client, services.eutils, pmids)
    summaries.accounted.absent      # "cannot get document summary"

Errors stand inside the answer, one for each id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import BadReply
from ingest.http.exchange import Reply, Request
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, identifier, pmid
from ingest.records import Identifier, PublicationDate
from ingest.services.accounting import Accounted, Failure, Patience, Sender, account, ask, batches, together
from ingest.services.loose_json import Json, at, list_at, objects_at, read_object, text_at, texts_at, whole_at

#: Our choice; the documented limit for JSON is 500, beyond it the whole answer is one error.
SUMMARY_BATCH = 200
MOST_JSON = 500

_GONE = "cannot get document summary"


@dataclass(frozen=True, slots=True)
class Summary:
    """What esummary tells of a record. Authors as printed ("Lovelace AB"); books have no journal."""

    pmid: str
    title: str | None = None
    journal: str | None = None
    published: PublicationDate | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    authors: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    cited_in_pmc: int | None = None

    def identifier(self, scheme: str) -> str | None:
        """The first identifier of that scheme, or None."""
        return next((i.value for i in self.identifiers if i.scheme == scheme), None)


@dataclass(frozen=True, slots=True)
class Summaries:
    """The summaries by PMID, and what became of each id."""

    found: dict[str, Summary]
    accounted: Accounted


def summary_request(base: str, pmids: Sequence[str]) -> Request:
    """Ask for at most 500 summaries.

    Raises:
        ValueError: more than 500 ids.
    """
    if len(pmids) > MOST_JSON:
        raise ValueError(f"esummary gives at most {MOST_JSON} summaries as JSON, not {len(pmids)}")
    params = (("db", "pubmed"), ("id", ",".join(pmids)), ("retmode", "json"))
    return Request("eutils", f"{base}/esummary.fcgi", params, "POST", "json", accept=_readable)


def parse_summaries(body: bytes) -> tuple[dict[str, Summary], dict[str, str]]:
    """The summaries by PMID, and the errors by PMID in esummary's own words.

    Raises:
        BadReply: the answer as a whole is an error, or no summaries stand in it.
        EmptyPayload, BadPayload: not JSON.
    """
    answer = read_object(body, "esummary")
    result = at(answer, "result")
    if not isinstance(result, dict):
        told = text_at(answer, "error") or " ".join(texts_at(answer, "esummaryresult"))
        raise BadReply(f"esummary: {told or 'no result in the answer'}")
    if error := text_at(answer, "error"):
        raise BadReply(f"esummary: {error}")
    found: dict[str, Summary] = {}
    errors: dict[str, str] = {}
    for number, one in result.items():
        if pmid(number) and isinstance(one, dict):
            if gone := text_at(one, "error"):
                errors[number] = gone
            else:
                found[number] = _summary(number, one)
    return found, errors


def summarise(sender: Sender, base: str, pmids: Iterable[str]) -> Summaries:
    """The summaries of valid PMIDs; also the way to verify that link targets exist.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    found: dict[str, Summary] = {}
    accounts: list[Accounted] = []
    patient = Patience(sender)
    for batch in batches(tuple(dict.fromkeys(pmids)), SUMMARY_BATCH):
        reply = ask(patient, summary_request(base, batch))
        if isinstance(reply, Failure):
            accounts.append(account(batch, (), reasons=dict.fromkeys(batch, reply.reason)))
            continue
        told, errors = parse_summaries(reply.body)
        found |= {number: one for number, one in told.items() if number in batch}
        gone = {number for number, why in errors.items() if _GONE in why.lower()}
        accounts.append(account(batch, told, gone, errors))
    return Summaries(found, together(accounts))


def _readable(reply: Reply) -> None:
    parse_summaries(reply.body)


def _summary(number: str, one: Json) -> Summary:
    return Summary(
        pmid=number,
        title=text_at(one, "title") or text_at(one, "booktitle"),
        journal=text_at(one, "fulljournalname") or text_at(one, "source"),
        published=read_date(text_at(one, "pubdate") or text_at(one, "sortpubdate") or ""),
        volume=text_at(one, "volume"),
        issue=text_at(one, "issue"),
        pages=text_at(one, "pages"),
        authors=tuple(name for author in objects_at(one, "authors") if (name := text_at(author, "name"))),
        publication_types=texts_at(one, "pubtype"),
        identifiers=distinct((Identifier("pmid", number), *(_identifier(each) for each in list_at(one, "articleids")))),
        cited_in_pmc=whole_at(one, "pmcrefcount"),
    )


def _identifier(each: Any) -> Identifier | None:
    """One article id; `pmcid` repeats `pmc` in a sentence ("pmc-id: PMC123;"), `pubmed` is the record itself."""
    kind, value = text_at(each, "idtype"), text_at(each, "value")
    if kind in {None, "pmcid", "pubmed", "eid", "rid"} or not value:
        return None
    return identifier(kind or "", value)
