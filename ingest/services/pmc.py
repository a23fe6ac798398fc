"""Full text of PMC: efetch gives JATS, the object store says which versions there are and under which licence.

    text = full_text(client, services.eutils, "PMC6329583")
    text.state       # full, front only (no leave to download the body), absent, invalid or failed
    text.licence     # Licence(code="CC BY", free=True); what is not free may be read here, not passed on

No body is no full text, whatever the status says. A file that can be had is not a file that is free: only its licence
says that.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ingest.errors import BadReply, EmptyPayload
from ingest.files import jats
from ingest.http.exchange import Reply, Request
from ingest.markup.text import Element, text_or_none
from ingest.markup.xml import open_xml, records
from ingest.printed.identifiers import distinct, identifier, pmcid
from ingest.records import Document, Identifier
from ingest.services.accounting import Failure, Sender, ask
from ingest.services.loose_json import Json, at, read_object, text_at, whole_at

_LICENCE_ADDRESS = re.compile(
    r"creativecommons\.org/(?:publicdomain/(?P<public>zero|mark)|licenses/(?P<kind>[a-z-]+))", re.IGNORECASE
)
#: Every Creative Commons licence lets the unchanged text be passed on with its author's name; public domain needs none.
_FREE_CODE = re.compile(r"CC[ -]?(?:BY|0)|CC[ -]?PDM|public domain", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of a full text. free: it may be passed on; text and data mining alone (TDM) is not that."""

    code: str | None
    free: bool
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class FullText:
    """What became of one PMCID. A front-only answer has a document too: its title and abstract, no body."""

    pmcid: str
    state: str
    document: Document | None = None
    licence: Licence | None = None
    reply: Reply | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """The object store's own record of one version of an article."""

    version: int | None
    identifiers: tuple[Identifier, ...]
    licence: Licence
    open_access: bool
    retracted: bool
    manuscript: bool
    xml_url: str | None


def full_text_request(base: str, number: str) -> Request:
    """Ask efetch for one article; ids go without the prefix PMC."""
    params = (("db", "pmc"), ("id", number.removeprefix("PMC")), ("retmode", "xml"))
    return Request("eutils", f"{base}/efetch.fcgi", params, expect="xml", root="pmc-articleset", accept=_readable)


def versions_request(base: str, number: str) -> Request:
    """Ask the object store which versions of an article it holds."""
    params = (("list-type", "2"), ("prefix", f"{number}."), ("delimiter", "/"))
    listing = partial(_readable_versions, number)
    return Request("pmc_oa", f"{base}/", params, expect="xml", root="ListBucketResult", accept=listing)


def stored_request(base: str, number: str, version: int, kind: str = "json") -> Request:
    """Ask the object store for one file of a version: json (its own record) or xml (JATS)."""
    name = f"{number}.{version}"
    url = f"{base}/{name}/{name}.{kind}"
    if kind == "json":
        return Request("pmc_oa", url, expect="json", accept=_readable_record)
    return Request("pmc_oa", url, expect="xml")


def full_text(sender: Sender, base: str, text: str) -> FullText:
    """The full text of one article, as far as PMC gives it.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
    """
    number = pmcid(text)
    if number is None:
        return FullText(text, "invalid", reason="not a PMCID; not sent")
    reply = ask(sender, full_text_request(base, number))
    if isinstance(reply, Failure):
        return FullText(number, "failed", reason=reply.reason)
    return parse_full_text(reply, number)


def parse_full_text(reply: Reply, number: str) -> FullText:
    """One article out of an answer of efetch; an article of another PMCID is not taken for it.

    Raises:
        Truncated, HostilePayload, BadPayload: see `ingest.markup.xml`.
    """
    told = parse_errors(reply.body)
    if number in told:
        return FullText(number, "absent", reply=reply, reason=told[number])
    found = next((one for one in parse_articles(reply.body) if one.identifier("pmcid") == number), None)
    if found is None:
        return FullText(number, "failed", reply=reply, reason="another article, or none, in the answer")
    state = "full" if found.kind == "full text" else "front only"
    return FullText(number, state, found, licence_of(found), reply)


def parse_articles(body: bytes) -> tuple[Document, ...]:
    """The articles of an answer; empty where it holds errors only."""
    try:
        return tuple(jats.iter_documents(io.BytesIO(body), "pmc"))
    except EmptyPayload:
        return ()


def parse_errors(body: bytes) -> dict[str, str]:
    """What efetch says of articles that it does not have, by PMCID."""
    opened = open_xml(io.BytesIO(body), "pmc")
    told = ((node.get("id", ""), text_or_none(node) or "not available") for node in records(opened, ("error",)))
    return {f"PMC{one.removeprefix('PMC')}": words for one, words in told if one}


def parse_versions(body: bytes, number: str) -> tuple[int, ...]:
    """The versions of an article in the object store, the newest first; empty where it holds none.

    Raises:
        UnknownFormat, Truncated, BadPayload: not a whole list.
    """
    names = re.compile(rf"{re.escape(number)}\.(\d+)/")
    found = (names.fullmatch(text_or_none(node) or "") for node in _prefixes(body))
    return tuple(sorted({int(one[1]) for one in found if one}, reverse=True))


def parse_stored(body: bytes) -> StoredArticle:
    """The object store's record of one version.

    Raises:
        BadReply: it names no article. EmptyPayload, BadPayload: not JSON.
    """
    told = read_object(body, "pmc object store")
    pairs = (("pubmed", "pmid"), ("pmc", "pmcid"), ("doi", "doi"), ("mid", "mid"))
    names = distinct(identifier(kind, text_at(told, key) or "") for kind, key in pairs)
    if not names:
        raise BadReply("pmc object store: a record without identifiers")
    return StoredArticle(
        whole_at(told, "version"), names, licence(text_at(told, "license_code")), _yes(told, "is_pmc_openaccess"),
        _yes(told, "is_retracted"), _yes(told, "is_manuscript"), text_at(told, "xml_url"),
    )  # fmt: skip


def licence_of(document: Document) -> Licence:
    """The licence that an article states of itself, by the address of it or by its words."""
    statement = document.copyright
    found = _LICENCE_ADDRESS.search(statement or "")
    if found is None:
        return Licence(None, free=False, statement=statement)
    public = {"zero": "CC0", "mark": "public domain"}.get((found["public"] or "").lower())
    code = public or f"CC {found['kind'].upper()}"
    return Licence(code, free=True, statement=statement)


def licence(code: str | None) -> Licence:
    """A licence by the object store's code: "CC BY", "CC0", "TDM", …; one that it does not know is not free."""
    return Licence(code, free=bool(code and _FREE_CODE.match(code)))


def _prefixes(body: bytes) -> Iterator[Element]:
    for node in records(open_xml(io.BytesIO(body), "pmc object store"), ("{*}Prefix",)):
        parent = node.getparent()
        if parent is not None and str(parent.tag).endswith("CommonPrefixes"):
            yield node


def _yes(told: Json, key: str) -> bool:
    return at(told, key) is True or (text_at(told, key) or "").lower() in {"true", "yes", "y", "1"}


def _readable_versions(number: str, reply: Reply) -> None:
    parse_versions(reply.body, number)


def _readable_record(reply: Reply) -> None:
    parse_stored(reply.body)


def _readable(reply: Reply) -> None:
    if not parse_articles(reply.body) and not parse_errors(reply.body):
        raise BadReply("pmc: neither an article nor an error in the answer")
