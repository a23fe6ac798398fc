"""elink: similar articles, citers, references and full-text copies, each link with the id that it belongs to.

    linked = links(client, services.eutils, "similar", pmids)
    linked.answered["38206544"]     # its neighbours; () when PubMed says that there are none
    linked.unanswered               # the others, with the reason: nobody knows

Asked by id (`id=1&id=2`), because one list for all ids (`id=1,2`) says nothing about whose link is whose. Answers are
matched by the id that stands in them, never by their order. A link proves nothing about its target: `summarise` or
`fetch` verify `linked.targets`, and `linked.without(absent)` drops what does not exist.
"""

import io
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.errors import BadReply
from ingest.http.exchange import Reply, Request
from ingest.markup.text import Element, text_of, text_or_none
from ingest.markup.xml import open_xml, records
from ingest.printed.identifiers import pmcid, pmid
from ingest.records import Identifier, Link
from ingest.services.accounting import Failure, Patience, Sender, ask, batches
from ingest.services.loose_json import Json, at, number_at, objects_at, read_object, text_at, texts_at

SOURCE = "elink"
#: Our choice; a batch with one ailing id in it is asked for in halves.
LINK_BATCH = 50
FULL_TEXT = "full text"
#: Halving a batch of 50 down to the one id that cannot be scored may fail six times in a row.
SCORES_DOWN_AFTER = 8


@dataclass(frozen=True, slots=True)
class LinkName:
    """A kind of link as E-utilities name it: the target's database, and our name for the edge."""

    name: str
    database: str
    edge: str


#: The edges that are asked for. Citers come from PMC and open citations and references from PMC, so both undercount.
LINK_NAMES: Mapping[str, LinkName] = {
    "similar": LinkName("pubmed_pubmed", "pubmed", "similar"),
    "cited_by": LinkName("pubmed_pubmed_citedin", "pubmed", "cited_by"),
    "cites": LinkName("pubmed_pubmed_refs", "pubmed", "cites"),
    FULL_TEXT: LinkName("pubmed_pmc", "pmc", FULL_TEXT),
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The other end: a PMID, or a PMCID for the full-text copy. Scores compare inside one list only."""

    id: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class LinkSet:
    """One list of an answer: the ids that it speaks of, its links by link name, and the error that stands in it."""

    asked: tuple[str, ...]
    links: Mapping[str, tuple[Neighbour, ...]] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """Neighbours by the id that was asked for. An id in `unanswered` has no known number of links: it is not zero."""

    edge: str
    answered: Mapping[str, tuple[Neighbour, ...]]
    unanswered: Mapping[str, str]
    replies: tuple[Reply, ...] = ()

    def links(self, asked: str) -> tuple[Link, ...]:
        """The edges of one id, for a Document; a full-text copy is no edge, it is the same article."""
        if self.edge == FULL_TEXT:
            return ()
        return tuple(
            Link(self.edge, (Identifier("pmid", one.id),), SOURCE, one.score) for one in self.answered.get(asked, ())
        )

    @property
    def targets(self) -> tuple[str, ...]:
        """Every id that a link points at, each once: what has to be verified."""
        return tuple(dict.fromkeys(one.id for found in self.answered.values() for one in found))

    def without(self, absent: Container[str]) -> "Linked":
        """The same without links to (and answers about) ids that turned out not to exist."""
        kept = {
            asked: tuple(one for one in found if one.id not in absent)
            for asked, found in self.answered.items()
            if asked not in absent
        }
        return replace(self, answered=kept)

    def full_text(self, asked: str) -> str | None:
        """The PMCID of the full-text copy, None where there is none or nobody knows."""
        copies = self.answered.get(asked, ()) if self.edge == FULL_TEXT else ()
        return next((one.id for one in copies), None)


def link_request(base: str, edge: str, pmids: Sequence[str], *, scored: bool = False) -> Request:
    """Ask by id for one kind of link; an answer with an error at its top is asked for again by the client."""
    kind = LINK_NAMES[edge]
    params = (
        ("dbfrom", "pubmed"), ("db", kind.database), ("linkname", kind.name),
        ("cmd", "neighbor_score" if scored else "neighbor"), ("retmode", "xml"), *(("id", one) for one in pmids),
    )  # fmt: skip
    return Request("eutils", f"{base}/elink.fcgi", params, "POST", "xml", "eLinkResult", accept=_readable)


def links(sender: Sender, base: str, edge: str, pmids: Sequence[str]) -> Linked:
    """The neighbours of valid PMIDs: in batches, then alone for those that an answer left out.

    Similar articles come with their scores; where PubMed cannot score (it fails for papers with very many links) they
    come without. The id itself, repeated ids and ids that are none are left out.

    Raises:
        Misconfigured, KeyRefused, Blocked: the run must stop.
        KeyError: no such edge.
    """
    asking = _Asking(sender, base, edge)
    for batch in batches(tuple(dict.fromkeys(pmids)), LINK_BATCH):
        asking.batch(batch)
    return asking.linked()


def parse_links(body: bytes) -> tuple[LinkSet, ...]:
    """The lists of an answer, XML or JSON, as they stand there.

    Raises:
        BadReply: an error stands at the top, so nothing is answered.
        EmptyPayload, Truncated, BadPayload: not whole.
    """
    return _from_json(body) if body.lstrip()[:1] == b"{" else _from_xml(body)


def neighbours(asked: str, found: Sequence[Neighbour], database: str) -> tuple[Neighbour, ...]:
    """The valid ones, each once, without the id that was asked for."""
    kept: dict[str, Neighbour] = {}
    for one in found:
        number = pmcid(f"PMC{one.id.removeprefix('PMC')}") if database == "pmc" else pmid(one.id)
        if number and (database == "pmc" or number != asked):
            kept.setdefault(number, replace(one, id=number))
    return tuple(kept.values())


class _Asking:
    """One kind of link while it is asked for."""

    def __init__(self, sender: Sender, base: str, edge: str) -> None:
        self._base, self._edge, self._kind = base, edge, LINK_NAMES[edge]
        self._plain, self._scoring = Patience(sender), Patience(sender, SCORES_DOWN_AFTER)
        self._replies: list[Reply] = []
        self._answered: dict[str, tuple[Neighbour, ...]] = {}
        self._reasons: dict[str, str] = {}

    def batch(self, ids: tuple[str, ...]) -> None:
        if self._edge == "similar":
            self._scored(ids)
        else:
            self._each(ids)

    def linked(self) -> Linked:
        unanswered = {one: why for one, why in self._reasons.items() if one not in self._answered}
        return Linked(self._edge, self._answered, unanswered, tuple(self._replies))

    def _scored(self, ids: tuple[str, ...]) -> None:
        """With scores; a batch that cannot be scored is had without, then halved, so that one id spoils no other's."""
        self._ask(ids, scored=True)
        missing = tuple(one for one in ids if one not in self._answered)
        if not missing:
            return
        if len(missing) < len(ids):
            for one in missing:
                self._scored((one,))
            return
        self._each(ids)
        if len(ids) > 1 and all(one in self._answered for one in ids):
            self._again_scored(ids)

    def _again_scored(self, ids: tuple[str, ...]) -> None:
        half = len(ids) // 2
        for part in (ids[:half], ids[half:]):
            scored = self._ask(part, scored=True)
            if not scored and len(part) > 1:
                self._again_scored(part)

    def _each(self, ids: tuple[str, ...]) -> None:
        self._ask(ids, scored=False)
        missing = tuple(one for one in ids if one not in self._answered)
        if len(ids) > 1:
            for one in missing:
                self._ask((one,), scored=False)

    def _ask(self, ids: tuple[str, ...], *, scored: bool) -> bool:
        """Ask once and keep what can be attributed; whether every id got its answer."""
        sender = self._scoring if scored else self._plain
        reply = ask(sender, link_request(self._base, self._edge, ids, scored=scored))
        if isinstance(reply, Failure):
            self._reasons |= dict.fromkeys(ids, reply.reason)
            return False
        got = self._attributed(reply, ids)
        if got:
            self._replies.append(reply)
            self._answered |= got
        return len(got) == len(ids)

    def _attributed(self, reply: Reply, ids: tuple[str, ...]) -> dict[str, tuple[Neighbour, ...]]:
        got: dict[str, tuple[Neighbour, ...]] = {}
        self._reasons |= dict.fromkeys(ids, "elink left it out of its answer")
        for one in parse_links(reply.body):
            mine = one.asked[0] if len(one.asked) == 1 and one.asked[0] in ids else None
            if one.error:
                self._reasons |= dict.fromkeys((mine,) if mine else ids, f"elink: {one.error}")
            elif mine:
                listed = (*got.get(mine, ()), *one.links.get(self._kind.name, ()))
                got[mine] = neighbours(mine, listed, self._kind.database)
        return got


def _from_xml(body: bytes) -> tuple[LinkSet, ...]:
    for node in records(open_xml(io.BytesIO(body), "elink"), ("ERROR",)):
        parent = node.getparent()
        if parent is not None and parent.getparent() is None:
            raise BadReply(f"elink: {_words(node)}")
    return tuple(_link_set(node) for node in records(open_xml(io.BytesIO(body), "elink"), ("LinkSet",)))


def _link_set(node: Element) -> LinkSet:
    asked = tuple(one for child in node.iterfind("IdList/Id") if (one := text_or_none(child)))
    return LinkSet(
        asked or tuple(one for child in node.iterfind("IdCheckList/Id") if (one := text_or_none(child))),
        {
            child.findtext("LinkName", ""): tuple(_neighbours(child))
            for child in node.iterchildren("LinkSetDb")
            if child.find("LinkName") is not None
        },
        _error(node),
    )


def _neighbours(node: Element) -> Iterator[Neighbour]:
    for link in node.iterchildren("Link"):
        score = link.findtext("Score")
        yield Neighbour((link.findtext("Id") or "").strip(), float(score) if score and score.isdecimal() else None)


def _error(node: Element) -> str | None:
    """The error that stands at any level of the list: LinkSet, LinkSetDb, LinkSetDbHistory, IdCheckList."""
    return " · ".join(_words(one) for one in node.iter("ERROR")) or None


def _words(node: Element) -> str:
    return " ".join(text_of(node).split()) or "an error without words"


def _from_json(body: bytes) -> tuple[LinkSet, ...]:
    answer = read_object(body, "elink")
    if told := text_at(answer, "ERROR") or text_at(answer, "error"):
        raise BadReply(f"elink: {' '.join(told.split())}")
    return tuple(_json_link_set(one) for one in objects_at(answer, "linksets"))


def _json_link_set(one: Json) -> LinkSet:
    lists = [*objects_at(one, "linksetdbs"), *objects_at(one, "linksetdbhistories")]
    errors = [text_at(one, "ERROR"), *(text_at(each, "ERROR") for each in lists)]
    return LinkSet(
        texts_at(one, "ids"),
        {
            name: tuple(_json_neighbours(each))
            for each in objects_at(one, "linksetdbs")
            if (name := text_at(each, "linkname"))
        },
        " · ".join(" ".join(error.split()) for error in errors if error) or None,
    )


def _json_neighbours(listed: Json) -> Iterator[Neighbour]:
    for link in at(listed, "links") or []:
        if isinstance(link, dict):
            yield Neighbour(text_at(link, "id") or "", number_at(link, "score"))
        else:
            yield Neighbour(str(link))


def _readable(reply: Reply) -> None:
    parse_links(reply.body)
