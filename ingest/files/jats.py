"""JATS full text of PMC -> Documents: bare articles, efetch's pmc-articleset, OAI-PMH answers.

Ids come from front/article-meta alone: references and related articles carry others. An article
without a body (scanned, or not for redistribution) is kind "article"; with one it is "full text".
"""

from collections.abc import Iterator

from ingest.errors import EmptyPayload, UnknownFormat
from ingest.files.jats_body import abstracts, body_sections, child, flowing_text
from ingest.files.pubmed_parts import citing_links
from ingest.markup.payload import Readable
from ingest.markup.text import Element, local_name, text_of, text_or_none, text_without
from ingest.markup.xml import open_xml, records
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, distinct_links, identifier, orcid, registrations
from ingest.printed.names import full_name
from ingest.records import (
    Document,
    Grant,
    Identifier,
    Keyword,
    Person,
    PublicationDate,
    PublicationType,
    Reference,
    Section,
)

SOURCE = "jats"
ROOTS = frozenset({"article", "pmc-articleset", "OAI-PMH"})

_IDS = frozenset({"pub-id"})
_CITATIONS = ("{*}mixed-citation", "{*}element-citation", "{*}citation", "{*}nlm-citation")
_GROUPS = frozenset({"person-group", "name", "string-name", "date"})
_NOT_PLACE = frozenset({"label", "sup", "institution-id"})
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SCHEMES = {"pmid": "pubmed", "pmc": "pmc", "pmcid": "pmc", "doi": "doi", "manuscript": "mid", "publisher-id": "pii"}


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """Every article of the payload.

    Raises:
        UnknownFormat: not XML, or not a root of JATS'.
        EmptyPayload: a service's answer without any article; says what the service says.
        Truncated, HostilePayload, BadPayload: see `ingest.markup.xml`.
    """
    opened = open_xml(stream, name)
    if opened.root not in ROOTS:
        raise UnknownFormat(f"{name}: XML, but <{opened.root}> is not JATS")
    said, count = "", 0
    for node in records(opened, ("{*}article", "{*}error")):
        if local_name(node) == "article":
            count += 1
            yield article(node)
        else:
            said = f" ({text_of(node).strip()})"
    if not count:
        raise EmptyPayload(f"{name}: no article in it{said}")


def article(node: Element) -> Document:
    """One article."""
    front = child(node, "front")
    meta = _child_or_empty(front if front is not None else node, "article-meta")
    journal = _child_or_empty(front if front is not None else node, "journal-meta")
    titles = _child_or_empty(meta, "title-group")
    title = _text(child(titles, "article-title"))
    full = child(node, "body") is not None
    told = tuple(abstracts(meta))
    listed = tuple(_references(node))
    return Document(
        source=SOURCE,
        kind="full text" if full else "article",
        title=title,
        vernacular_title=next((_text(child(one, "trans-title")) for one in _all(titles, "trans-title-group")), None),
        identifiers=distinct(_identifiers(meta)),
        journal=next((_text(one) for one in journal.iter("{*}journal-title")), None),
        journal_abbreviation=next(
            (text_or_none(one) for one in _all(journal, "journal-id") if one.get("journal-id-type") == "nlm-ta"), None
        ),
        issn=_text(child(journal, "issn")),
        volume=_text(child(meta, "volume")),
        issue=_text(child(meta, "issue")),
        pages=_pages(meta),
        published=_date(meta, ("ppub", "collection", "pub")),
        electronic=_date(meta, ("epub", "epub-ppub")),
        languages=tuple(filter(None, (node.get("{http://www.w3.org/XML/1998/namespace}lang"),))),
        copyright=_licence(child(meta, "permissions")),
        sections=((Section("title", None, title),) if title else ()) + told + tuple(body_sections(node)),
        people=tuple(_people(meta)),
        keywords=tuple(Keyword(word) for one in meta.iter("{*}kwd") if (word := _text(one))),
        publication_types=tuple(filter(None, (_type(node),))),
        grants=tuple(_grants(meta)),
        registrations=registrations((), (title or "", *(part.text for part in told))),
        links=distinct_links(citing_links(listed)),
        references=listed,
    )


def _child_or_empty(node: Element, name: str) -> Element:
    found = child(node, name)
    return node.makeelement(name) if found is None else found


def _all(node: Element, name: str) -> Iterator[Element]:
    return node.iterchildren(f"{{*}}{name}")


def _text(node: Element | None) -> str | None:
    return None if node is None else (" ".join(flowing_text(node).split("\n")) or None)


def _type(node: Element) -> PublicationType | None:
    kind = node.get("article-type")
    return PublicationType(kind) if kind else None


def _identifiers(meta: Element) -> Iterator[Identifier | None]:
    for node in _all(meta, "article-id"):
        kind = _SCHEMES.get(node.get("pub-id-type", ""))
        value = (node.text or "").strip()
        if kind == "pmc" and value.isdecimal():
            value = f"PMC{value}"
        if kind:
            yield identifier(kind, value)


def _pages(meta: Element) -> str | None:
    ends = filter(None, (_text(child(meta, "fpage")), _text(child(meta, "lpage"))))
    return "-".join(dict.fromkeys(ends)) or _text(child(meta, "elocation-id"))


def _date(meta: Element, kinds: tuple[str, ...]) -> PublicationDate | None:
    dates = {node.get("pub-type") or node.get("date-type"): node for node in _all(meta, "pub-date")}
    node = next((dates[kind] for kind in kinds if kind in dates), None)
    if node is None:
        return None
    return read_date(" ".join(filter(None, (_text(child(node, part)) for part in ("year", "month", "season", "day")))))


def _licence(node: Element | None) -> str | None:
    """Copyright statement and licence, with the address of the licence where it is given."""
    if node is None:
        return None
    lines = [_text(child(node, "copyright-statement"))]
    for licence in _all(node, "license"):
        lines += [_text(licence) or licence.get("license-type"), licence.get(_XLINK)]
    return "\n".join(line for line in lines if line) or None


def _people(meta: Element) -> Iterator[Person]:
    places = {node.get("id"): _place(node) for node in meta.iter("{*}aff")}
    for group in _all(meta, "contrib-group"):
        for node in _all(group, "contrib"):
            own = tuple(
                place
                for mark in node.iter("{*}xref")
                if mark.get("ref-type") == "aff" and (place := places.get(mark.get("rid")))
            )
            person = _person(node, own)
            if person is not None:
                yield person


def _place(node: Element) -> str:
    """An affiliation without the mark that points at it and without registry numbers."""
    return " ".join(text_without(node, _NOT_PLACE).split())


def _person(node: Element, places: tuple[str, ...]) -> Person | None:
    role = node.get("contrib-type", "author")
    group = _text(child(node, "collab"))
    if group:
        return Person(group, affiliations=places, collective=True, role=role)
    name = child(node, "name")
    if name is None:
        return None
    last, fore, suffix = (_text(child(name, part)) for part in ("surname", "given-names", "suffix"))
    number = next((orcid(one.text or "") for one in _all(node, "contrib-id")), None)
    return Person(full_name(last, fore, suffix), last, fore, None, suffix, number, places, role=role)


def _grants(meta: Element) -> Iterator[Grant]:
    for group in meta.iter("{*}award-group"):
        yield Grant(_text(child(group, "award-id")), _text(child(group, "funding-source")))


def _references(node: Element) -> Iterator[Reference]:
    back = child(node, "back")
    if back is not None:
        for one in back.iter("{*}ref"):
            for printed in one.iterchildren(*_CITATIONS):
                yield Reference(_printed(printed), distinct(_reference_ids(printed)))


def _printed(node: Element) -> str:
    """The reference's words without its ids; elements with no punctuation between them are parted by spaces."""
    mixed = bool((node.text or "").strip()) or any((one.tail or "").strip() for one in node)
    words = [node.text or ""]
    for one in node:
        name = local_name(one)
        inner = "" if name in _IDS else _printed(one) if name in _GROUPS else text_of(one)
        words += [inner, one.tail or "", "" if mixed else " "]
    return " ".join("".join(words).split())


def _reference_ids(node: Element) -> Iterator[Identifier | None]:
    for one in node.iter("{*}pub-id"):
        kind = _SCHEMES.get(one.get("pub-id-type", ""))
        if kind:
            yield identifier(kind, one.text or "")
