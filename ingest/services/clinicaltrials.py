"""ClinicalTrials.gov, API v2: registry entries -> Documents of kind "registry".

    answer = study(client, services.ctgov, "NCT00962923")
    answer.state        # found, absent, invalid, refused or failed
    answer.document     # its texts are sections, its facts the registry entry

Every module of an entry may be missing: `fields=` leaves out what was not asked for, old entries never had it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import BadReply
from ingest.http.exchange import OK, Reply, Request
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, distinct_links, identifier, pmid
from ingest.records import (
    Document,
    Identifier,
    Keyword,
    Link,
    PublicationDate,
    Reference,
    RegisteredArm,
    RegisteredNotice,
    RegisteredOutcome,
    RegisteredReference,
    RegistryEntry,
    TrialRegistration,
)
from ingest.services.accounting import Accounted, Failure, Sender, account, ask
from ingest.services.ctgov_text import sections
from ingest.services.loose_json import Json, at, excerpt, objects_at, read_object, text_at, texts_at, whole_at

SOURCE = "ctgov"
REGISTRY = "ClinicalTrials.gov"
#: The documented most is 1,000; entries with results are large.
PAGE = 100
#: What old entries say for an enrolment that nobody knows.
UNKNOWN_ENROLMENT = 99999999

_NCT = re.compile(r"(?:NCT)?0*(\d{1,8})", re.IGNORECASE)
_ALIAS = re.compile(r"NCT\d{8}", re.IGNORECASE)
_ANSWERS = frozenset({OK, 301, 302, 307, 308, 400, 403, 404})
_PROTOCOL = "protocolSection"
_RANKS = (("primary", "primaryOutcomes"), ("secondary", "secondaryOutcomes"), ("other", "otherOutcomes"))


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """What became of one number.

    state: found, absent (no such trial), invalid (no such number can be), refused or failed.
    asked is the number as it was asked for; an alias is answered by the document of its main number, which names both.
    """

    asked: str
    state: str
    document: Document | None = None
    reply: Reply | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StudyPage:
    """One page of a list: total is told on the first page only, token names the next page, None on the last."""

    documents: tuple[Document, ...]
    total: int | None
    token: str | None


@dataclass(frozen=True, slots=True)
class StudyList:
    """All pages of a list, each entry once. complete: every page came, and as many entries as were counted."""

    documents: tuple[Document, ...]
    total: int | None
    complete: bool
    replies: tuple[Reply, ...]
    reason: str | None = None


def nct(text: str) -> str | None:
    """The number as the registry prints it ("nct962923" -> "NCT00962923"), None where it is none."""
    found = _NCT.fullmatch(text.strip())
    return f"NCT{int(found[1]):08d}" if found and int(found[1]) else None


def study_request(base: str, number: str) -> Request:
    """Ask for one entry; what the registry says in plain text (404, 400, 403) and an alias (301) are answers too."""
    return Request("ctgov", f"{base}/studies/{number}", expect="json", answers=_ANSWERS, accept=_readable)


def list_request(
    base: str, *, condition: str | None = None, ids: Sequence[str] = (), token: str | None = None, page: int = PAGE
) -> Request:
    """Ask for one page of the entries of a condition or of the given numbers."""
    params = [("pageSize", str(page)), ("countTotal", "true")]
    if condition:
        params.append(("query.cond", condition))
    if ids:
        params.append(("filter.ids", ",".join(ids)))
    if token:
        params.append(("pageToken", token))
    return Request("ctgov", f"{base}/studies", tuple(params), expect="json", accept=_readable_list)


def study(sender: Sender, base: str, text: str) -> StudyAnswer:
    """One entry by its number or by an alias of it; a text that can be no number is not sent.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    number = nct(text)
    if number is None:
        return StudyAnswer(text, "invalid", reason="not an NCT number; not sent")
    answer = _asked(sender, base, number, number)
    target = _moved_to(answer.reply)
    if target is None or target == number:
        return answer
    return _asked(sender, base, number, target)


def studies(sender: Sender, base: str, *, condition: str | None = None, ids: Sequence[str] = ()) -> StudyList:
    """All pages of a list; a page without an answer ends it, and the list says that it is not complete.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    found: dict[str, Document] = {}
    replies: list[Reply] = []
    total: int | None = None
    token: str | None = None
    seen: set[str] = set()
    while token not in seen:
        if token:
            seen.add(token)
        reply = ask(sender, list_request(base, condition=condition, ids=ids, token=token))
        if isinstance(reply, Failure):
            return StudyList(tuple(found.values()), total, False, tuple(replies), reply.reason)
        page = parse_studies(reply.body)
        replies.append(reply)
        found |= {one.identifier("nct") or "": one for one in page.documents}
        total = page.total if total is None else total
        token = page.token
        if token is None:
            break
    complete = token is None and (total is None or len(found) >= total)
    return StudyList(tuple(found.values()), total, complete, tuple(replies))


def account_for(answers: Sequence[StudyAnswer]) -> Accounted:
    """What became of several numbers."""
    by_state: dict[str, list[StudyAnswer]] = {}
    for one in answers:
        by_state.setdefault(one.state, []).append(one)
    lost = [*by_state.get("failed", ()), *by_state.get("refused", ())]
    return account(
        (one.asked for one in answers),
        (one.asked for one in by_state.get("found", ())),
        (one.asked for one in by_state.get("absent", ())),
        {one.asked: one.reason or one.state for one in lost},
        (one.asked for one in by_state.get("invalid", ())),
    )


def parse_study(body: bytes) -> Document:
    """One entry.

    Raises:
        BadReply: JSON without a trial number in it.
        EmptyPayload, BadPayload: not JSON.
    """
    return document(read_object(body, SOURCE))


def parse_studies(body: bytes) -> StudyPage:
    """One page of a list.

    Raises:
        BadReply: no list of studies in it, or one without its number.
        EmptyPayload, BadPayload: not JSON.
    """
    answer = read_object(body, SOURCE)
    if not isinstance(at(answer, "studies"), list):
        raise BadReply("ctgov: no studies in the answer")
    listed = tuple(document(one) for one in objects_at(answer, "studies"))
    return StudyPage(listed, whole_at(answer, "totalCount"), text_at(answer, "nextPageToken"))


def document(entry: Json) -> Document:
    """One entry of API v2 as a Document.

    Raises:
        BadReply: it does not say its number.
    """
    protocol = at(entry, _PROTOCOL)
    identification, status = at(protocol, "identificationModule"), at(protocol, "statusModule")
    number = nct(text_at(identification, "nctId") or "")
    if number is None:
        raise BadReply("ctgov: an entry without its NCT number")
    facts = registry_entry(entry)
    title = text_at(identification, "briefTitle") or text_at(identification, "officialTitle")
    return Document(
        source=SOURCE,
        kind="registry",
        title=title,
        identifiers=_identifiers(number, identification),
        status=facts.status,
        published=_date(status, "studyFirstPostDateStruct"),
        revised=facts.updated,
        sections=tuple(sections(entry, title)),
        keywords=tuple(Keyword(word) for word in texts_at(protocol, "conditionsModule", "keywords")),
        registrations=_registrations(number, identification),
        links=distinct_links(
            Link("cites", (Identifier("pmid", one.pmid),), SOURCE, title=one.text or None)
            for one in facts.references
            if one.pmid
        ),
        references=tuple(_reference(one) for one in facts.references),
        registry=facts,
    )


def registry_entry(entry: Json) -> RegistryEntry:
    """The facts of one entry; what is missing, and the sentinel enrolment, are None."""
    protocol = at(entry, _PROTOCOL)
    status, design = at(protocol, "statusModule"), at(protocol, "designModule")
    count = whole_at(design, "enrollmentInfo", "count")
    has_results = at(entry, "hasResults")
    return RegistryEntry(
        status=text_at(status, "overallStatus"),
        study_type=text_at(design, "studyType"),
        phases=texts_at(design, "phases"),
        allocation=text_at(design, "designInfo", "allocation"),
        masking=text_at(design, "designInfo", "maskingInfo", "masking"),
        enrolment=None if count == UNKNOWN_ENROLMENT else count,
        enrolment_kind=text_at(design, "enrollmentInfo", "type"),
        start=_date(status, "startDateStruct"),
        primary_completion=_date(status, "primaryCompletionDateStruct"),
        completion=_date(status, "completionDateStruct"),
        updated=_date(status, "lastUpdatePostDateStruct"),
        sponsor=text_at(protocol, "sponsorCollaboratorsModule", "leadSponsor", "name"),
        conditions=texts_at(protocol, "conditionsModule", "conditions"),
        arms=tuple(_arms(at(protocol, "armsInterventionsModule"))),
        outcomes=tuple(_outcomes(at(protocol, "outcomesModule"))),
        references=tuple(_references(at(protocol, "referencesModule"))),
        has_results=has_results if isinstance(has_results, bool) else ("resultsSection" in entry or None),
    )


def _asked(sender: Sender, base: str, asked: str, number: str) -> StudyAnswer:
    reply = ask(sender, study_request(base, number))
    if isinstance(reply, Failure):
        return StudyAnswer(asked, "failed", reason=reply.reason)
    if reply.status == OK:
        return StudyAnswer(asked, "found", _with_alias(parse_study(reply.body), asked), reply)
    said = excerpt(reply.body) or f"status {reply.status}"
    return StudyAnswer(asked, _state(reply.status, said), reply=reply, reason=said)


def _state(status: int, said: str) -> str:
    """Absent and invalid only in the registry's own words: a 404 of something on the way says nothing of a trial."""
    if status == 403:
        return "refused"
    if status == 404 and "not found" in said and _ALIAS.search(said):
        return "absent"
    return "invalid" if status == 400 and "nctId" in said else "failed"


def _moved_to(reply: Reply | None) -> str | None:
    """The main number that an alias is sent on to."""
    if reply is None or not 300 <= reply.status < 400:
        return None
    named = _ALIAS.findall(reply.location or "")
    return nct(named[-1]) if named else None


def _with_alias(found: Document, asked: str) -> Document:
    names = distinct((*found.identifiers, Identifier("nct", asked)))
    return replace(found, identifiers=names)


def _identifiers(number: str, identification: Any) -> tuple[Identifier, ...]:
    aliases = (nct(one) for one in texts_at(identification, "nctIdAliases"))
    return distinct((
        Identifier("nct", number),
        *(Identifier("nct", one) for one in aliases if one),
        *(Identifier("sponsor-id", one) for one in (text_at(identification, "orgStudyIdInfo", "id"),) if one),
    ))  # fmt: skip


def _registrations(number: str, identification: Any) -> tuple[TrialRegistration, ...]:
    """Its own number, then the other registries' that it names."""
    others = (
        TrialRegistration(text_at(one, "domain") or text_at(one, "type") or "other", told)
        for one in objects_at(identification, "secondaryIdInfos")
        if (told := text_at(one, "id")) and "GRANT" not in (text_at(one, "type") or "")
    )
    return (TrialRegistration(REGISTRY, number), *others)


def _date(status: Any, name: str) -> PublicationDate | None:
    return read_date(text_at(status, name, "date") or "")


def _arms(module: Any) -> Iterator[RegisteredArm]:
    for one in objects_at(module, "armGroups"):
        yield RegisteredArm(
            text_at(one, "label") or "", text_at(one, "type"), text_at(one, "description"),
            texts_at(one, "interventionNames"),
        )  # fmt: skip


def _outcomes(module: Any) -> Iterator[RegisteredOutcome]:
    for rank, key in _RANKS:
        for one in objects_at(module, key):
            yield RegisteredOutcome(
                rank, text_at(one, "measure") or "", text_at(one, "description"), text_at(one, "timeFrame")
            )


def _references(module: Any) -> Iterator[RegisteredReference]:
    for one in objects_at(module, "references"):
        notices = tuple(
            RegisteredNotice(pmid(text_at(each, "pmid") or ""), text_at(each, "source"))
            for each in objects_at(one, "retractions")
        )
        yield RegisteredReference(
            text_at(one, "citation") or "", pmid(text_at(one, "pmid") or ""), text_at(one, "type"), notices
        )


def _reference(one: RegisteredReference) -> Reference:
    return Reference(one.text, distinct((identifier("pubmed", one.pmid or ""),)))


def _readable(reply: Reply) -> None:
    if reply.status == OK:
        parse_study(reply.body)


def _readable_list(reply: Reply) -> None:
    parse_studies(reply.body)
