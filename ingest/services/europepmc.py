"""Europe PMC: search, citers, references and full text, a second source beside NCBI's.

    found = search(client, services.europepmc, 'TITLE:"moss" AND SRC:MED')
    found.documents, found.complete

Errors come under 200 (`errCode`), a bad cursor brings an answer without results, and a missing full text is a 404
without a word, the same for "not open" and "unknown": all three are states here, no exceptions.
"""

import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.errors import BadPayload, BadReply
from ingest.files import jats
from ingest.http.exchange import OK, Reply, Request
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, distinct_links, identifier, pmid
from ingest.printed.labels import author
from ingest.records import Document, Identifier, Link, Reference, Section
from ingest.services.accounting import Failure, Sender, ask
from ingest.services.loose_json import Json, at, objects_at, read_object, text_at, whole_at

SOURCE = "europepmc"
#: The documented most of one page.
PAGE = 1000

_NOT_FOUND = 404
_BLOCKS = re.compile(r"(?:</?(?:h\d|p|br|div|ul|li)\b[^<>]*>)+", re.IGNORECASE)
_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of a search: count of all, the cursor of the next page."""

    count: int
    documents: tuple[Document, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """All pages of a search, each record once."""

    documents: tuple[Document, ...]
    count: int | None
    complete: bool
    replies: tuple[Reply, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """The citers or references of one paper. known False: no answer, so their number is unknown."""

    known: bool
    links: tuple[Link, ...] = ()
    references: tuple[Reference, ...] = ()
    replies: tuple[Reply, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FullText:
    """state: full, front only, not available (not open, or unknown: it does not say which) or failed."""

    state: str
    document: Document | None = None
    reply: Reply | None = None
    reason: str | None = None


def search_request(base: str, query: str, cursor: str = "*", page: int = PAGE) -> Request:
    """Ask for the page behind a cursor; "*" is the first."""
    params = (
        ("query", query), ("resultType", "core"), ("format", "json"), ("pageSize", str(page)), ("cursorMark", cursor),
    )  # fmt: skip
    return Request("europepmc", f"{base}/search", params, expect="json", accept=_accepting(parse_search))


def cited_request(base: str, number: str, kind: str, page: int = 1) -> Request:
    """Ask for one page of a PubMed paper's `citations` or `references`."""
    params = (("page", str(page)), ("pageSize", str(PAGE)), ("format", "json"))
    reading = _accepting(parse_citations if kind == "citations" else parse_references)
    return Request("europepmc", f"{base}/MED/{number}/{kind}", params, expect="json", accept=reading)


def full_text_request(base: str, number: str) -> Request:
    """Ask for the JATS of one article."""
    return Request("europepmc", f"{base}/{number}/fullTextXML", expect="xml", answers=frozenset({OK, _NOT_FOUND}))


def search(sender: Sender, base: str, query: str) -> Found:
    """Every page until the cursor stands still or everything counted is here.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    found: dict[tuple[str, str], Document] = {}
    replies: list[Reply] = []
    count: int | None = None
    cursor, seen = "*", set[str]()
    while cursor not in seen:
        seen.add(cursor)
        reply = ask(sender, search_request(base, query, cursor))
        if isinstance(reply, Failure):
            return Found(tuple(found.values()), count, False, tuple(replies), reply.reason)
        page = parse_search(reply.body)
        replies.append(reply)
        count = page.count
        found |= {_key(one): one for one in page.documents}
        cursor = page.cursor if page.cursor and page.documents else cursor
    return Found(tuple(found.values()), count, count is not None and len(found) >= count, tuple(replies))


def citers(sender: Sender, base: str, number: str) -> Cited:
    """The papers that cite one, all pages. Raises as `search` does."""
    return _cited(sender, base, number, "citations")


def references(sender: Sender, base: str, number: str) -> Cited:
    """The references of one paper, all pages; those without a PMID or DOI are text only. Raises as `search` does."""
    return _cited(sender, base, number, "references")


def full_text(sender: Sender, base: str, number: str) -> FullText:
    """The JATS of one article by PMCID. Raises as `search` does."""
    reply = ask(sender, full_text_request(base, number))
    if isinstance(reply, Failure):
        return FullText("failed", reason=reply.reason)
    if reply.status == _NOT_FOUND or parse_error_bean(reply.body) is not None:
        return FullText("not available", reply=reply, reason=parse_error_bean(reply.body))
    try:
        found = next(jats.iter_documents(io.BytesIO(reply.body), SOURCE))
    except BadPayload as fault:
        return FullText("failed", reply=reply, reason=str(fault))
    if found.identifier("pmcid") not in {None, number}:
        return FullText("failed", reply=reply, reason=f"another article: {found.identifier('pmcid')}")
    return FullText("full" if found.kind == "full text" else "front only", found, reply)


def parse_search(body: bytes) -> Hits:
    """One page.

    Raises:
        BadReply: an error under 200, or no result list, which is what a bad cursor brings.
        EmptyPayload, BadPayload: not JSON.
    """
    answer = _answer(body)
    count = whole_at(answer, "hitCount")
    if count is None or not isinstance(at(answer, "resultList", "result"), list):
        raise BadReply("europepmc: no results in the answer; the cursor may be wrong")
    return Hits(
        count, tuple(map(record, objects_at(answer, "resultList", "result"))), text_at(answer, "nextCursorMark")
    )


def parse_citations(body: bytes) -> tuple[int, tuple[Link, ...], tuple[Reference, ...]]:
    """How many citers there are, and the edges to those of this page that have a PMID. Raises as `parse_search`."""
    answer = _answer(body)
    listed = objects_at(answer, "citationList", "citation")
    return _count(answer), tuple(_edges(listed, "cited_by")), ()


def parse_references(body: bytes) -> tuple[int, tuple[Link, ...], tuple[Reference, ...]]:
    """How many references there are; edges and references of this page. Raises as `parse_search`."""
    answer = _answer(body)
    listed = objects_at(answer, "referenceList", "reference")
    return _count(answer), tuple(_edges(listed, "cites")), tuple(map(_reference, listed))


def parse_error_bean(body: bytes) -> str | None:
    """The words of an `errorBean`, None where the answer is none."""
    found = re.search(rb"<errorBean>.*?<errMsg>(.*?)</errMsg>", body, re.DOTALL)
    return found[1].decode("utf-8", "replace").strip() if found else None


def record(one: Json) -> Document:
    """One result, LITE or core; the abstract without its HTML."""
    title, abstract = _plain(text_at(one, "title")), _plain(text_at(one, "abstractText"))
    told = (Section("title", None, title) if title else None, Section("abstract", None, abstract) if abstract else None)
    journal = at(one, "journalInfo")
    return Document(
        source=SOURCE,
        kind="preprint" if text_at(one, "source") == "PPR" else "article",
        title=title,
        identifiers=_identifiers(one),
        journal=text_at(journal, "journal", "title") or text_at(one, "journalTitle"),
        issn=text_at(journal, "journal", "issn"),
        volume=text_at(journal, "volume") or text_at(one, "journalVolume"),
        issue=text_at(journal, "issue") or text_at(one, "issue"),
        pages=text_at(one, "pageInfo"),
        published=read_date(text_at(one, "firstPublicationDate") or text_at(one, "pubYear") or ""),
        sections=tuple(part for part in told if part),
        people=tuple(author(name) for name in (text_at(one, "authorString") or "").rstrip(". ").split(", ") if name),
    )


def _answer(body: bytes) -> Json:
    answer = read_object(body, SOURCE)
    if (code := text_at(answer, "errCode")) is not None:
        raise BadReply(f"europepmc: {text_at(answer, 'errMsg') or 'an error without words'} ({code})")
    return answer


def _count(answer: Json) -> int:
    count = whole_at(answer, "hitCount")
    if count is None:
        raise BadReply("europepmc: no count in the answer")
    return count


def _cited(sender: Sender, base: str, number: str, kind: str) -> Cited:
    parse = parse_citations if kind == "citations" else parse_references
    edges: list[Link] = []
    printed: list[Reference] = []
    replies: list[Reply] = []
    page, count = 1, 1
    while (page - 1) * PAGE < count:
        reply = ask(sender, cited_request(base, number, kind, page))
        if isinstance(reply, Failure):
            return Cited(False, distinct_links(edges), tuple(printed), tuple(replies), reply.reason)
        replies.append(reply)
        count, links, texts = parse(reply.body)
        edges += links
        printed += texts
        page += 1
    return Cited(True, distinct_links(edges), tuple(printed), tuple(replies))


def _edges(listed: list[Json], kind: str) -> Iterator[Link]:
    for one in listed:
        target = _identifiers(one)
        if target:
            yield Link(kind, target, SOURCE, title=text_at(one, "title"))


def _reference(one: Json) -> Reference:
    printed = text_at(one, "unstructuredInformation")
    parts = (
        text_at(one, "authorString"), text_at(one, "title"), text_at(one, "journalAbbreviation"),
        text_at(one, "pubYear"), text_at(one, "volume"), text_at(one, "pageInfo"),
    )  # fmt: skip
    return Reference(printed or ". ".join(part.rstrip(".") for part in parts if part), _identifiers(one))


def _identifiers(one: Json) -> tuple[Identifier, ...]:
    """PMID (also as `id` of source MED), DOI, PMCID."""
    own = text_at(one, "id") if text_at(one, "source") == "MED" else None
    preprint = text_at(one, "id") if text_at(one, "source") == "PPR" else None
    return distinct((
        identifier("pubmed", text_at(one, "pmid") or pmid(own or "") or ""),
        identifier("doi", text_at(one, "doi") or ""),
        identifier("pmc", text_at(one, "pmcid") or ""),
        Identifier("europepmc", preprint) if preprint else None,
    ))  # fmt: skip


def _plain(text: str | None) -> str | None:
    """Without HTML: the edge of a block becomes a line end, a tag inside a line nothing."""
    if text is None:
        return None
    return html.unescape(_TAGS.sub("", _BLOCKS.sub("\n", text))).strip() or None


def _key(one: Document) -> tuple[str, str]:
    first = one.identifiers[0] if one.identifiers else Identifier("title", one.title or "")
    return first.scheme, first.value.lower()


def _accepting(parse: Callable[[bytes], Any]) -> Callable[[Reply], None]:
    """Let the client ask again where the answer cannot be read as what was asked for."""

    def accept(reply: Reply) -> None:
        parse(reply.body)

    return accept
