"""The pieces that PubMed's article and book records share: people, dates, sections, grants, references.

Each function takes the element that holds the piece (or None) and gives records of `ingest.records`.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ingest.markup.children import Children
from ingest.markup.text import Element, children_of, text_of, text_or_none
from ingest.printed.dates import read_date
from ingest.printed.identifiers import distinct, identifier, orcid
from ingest.printed.names import full_name
from ingest.records import (
    Grant,
    Identifier,
    Keyword,
    Link,
    Person,
    PublicationDate,
    PublicationType,
    Reference,
    Section,
)

_FOLLOWED = frozenset({"pmid", "doi", "pmcid"})
_DATE_WORDS = frozenset({"Year", "Month", "Day", "Season", "MedlineDate"})


def child_text(node: Element | None, tag: str) -> str | None:
    """The stripped text of the first child with that tag, None where it is missing or empty."""
    return None if node is None else text_or_none(node.find(tag))


def date(node: Element | None) -> PublicationDate | None:
    """PubDate, ArticleDate, DateRevised …: the words in their order, and what they mean."""
    if node is None:
        return None
    return read_date(" ".join([part.text for part in children_of(node) if part.tag in _DATE_WORDS and part.text]))


def version(number: Element | None) -> int:
    """The version that a PMID element states; 1 where it states none."""
    stated = "1" if number is None else number.get("Version", "1")
    return int(stated) if stated.isdecimal() else 1


def sections(parts: Iterable[Element], kind: str, language: str | None = None) -> Iterator[Section]:
    """Each AbstractText with words in it, in order, verbatim."""
    for part in parts:
        text = text_of(part)
        if text and not text.isspace():
            yield Section(kind, part.get("Label") or None, text, language)


def own_identifiers(id_list: Element | None) -> list[Identifier | None]:
    """The ids directly in one ArticleIdList: those of references hang deeper and are somebody else's."""
    if id_list is None:
        return []
    return [
        identifier(node.get("IdType", ""), node.text or "") for node in children_of(id_list) if node.tag == "ArticleId"
    ]


def electronic_locations(nodes: Iterable[Element]) -> Iterator[Identifier | None]:
    """ELocationID doi and pii, those marked invalid left out."""
    for node in nodes:
        if node.get("ValidYN", "Y") == "Y":
            yield identifier(node.get("EIdType", ""), node.text or "")


def people(listed: Element | None, role: str) -> list[Person]:
    """Authors, editors or investigators; a list says by @Type where it holds editors."""
    if listed is None:
        return []
    kind = "editor" if listed.get("Type") == "editors" else role
    return [_person(node, kind) for node in children_of(listed)]


def _person(node: Element, role: str) -> Person:
    texts: dict[str, str] = {}
    places: list[str] = []
    number = None
    for child in children_of(node):
        tag = child.tag
        if tag == "AffiliationInfo":
            places += [text_of(place).strip() for place in children_of(child) if place.tag == "Affiliation"]
        elif tag == "Affiliation":
            places.append(text_of(child).strip())
        elif tag == "Identifier":
            number = number or (orcid(child.text or "") if child.get("Source") == "ORCID" else None)
        else:
            texts[tag] = text_of(child).strip()
    given = texts.get
    collective, last, suffix, initials = given("CollectiveName"), given("LastName"), given("Suffix"), given("Initials")
    fore = given("ForeName") or " ".join(filter(None, (given("FirstName"), given("MiddleName")))) or None
    return Person(
        collective or full_name(last, fore or initials, suffix), last, fore, initials, suffix, number,
        tuple(filter(None, places)), collective is not None, role, node.get("ValidYN", "Y") == "Y",
    )  # fmt: skip


def keywords(lists: Iterable[Element]) -> tuple[Keyword, ...]:
    """All keyword lists of a record, each keyword with the owner of its list."""
    return tuple(
        Keyword(text, listed.get("Owner"), node.get("MajorTopicYN") == "Y")
        for listed in lists
        for node in children_of(listed)
        if (text := text_of(node).strip())
    )


def publication_types(nodes: Iterable[Element]) -> tuple[PublicationType, ...]:
    """Publication types with their UI, which is what counts."""
    return tuple([_publication_type(text_of(node).strip(), node.get("UI")) for node in nodes])


@lru_cache(maxsize=256)
def _publication_type(text: str, ui: str | None) -> PublicationType:
    return PublicationType(text, ui or None)


def grants(listed: Iterable[Element]) -> tuple[Grant, ...]:
    """The grants as printed."""
    return tuple([_grant(Children(node)) for node in listed])


def _grant(printed: Children) -> Grant:
    return Grant(printed.text("GrantID"), printed.text("Agency"), printed.text("Country"), printed.text("Acronym"))


def references(lists: Iterable[Element]) -> tuple[Reference, ...]:
    """Every Reference below the lists (they nest), with its validated ids."""
    return tuple([_reference(node) for listed in lists for node in listed.iter("Reference")])


def _reference(node: Element) -> Reference:
    citation = listed = None
    for child in children_of(node):
        tag = child.tag
        if tag == "Citation" and citation is None:
            citation = child
        elif tag == "ArticleIdList" and listed is None:
            listed = child
    return Reference(text_or_none(citation) or "", distinct(own_identifiers(listed)))


def citing_links(listed: Iterable[Reference]) -> Iterator[Link]:
    """An edge "cites" for each reference that can be followed: one with a PMID, a DOI or a PMCID."""
    for reference in listed:
        target = tuple([one for one in reference.identifiers if one.scheme in _FOLLOWED])
        if target:
            yield Link("cites", target, "reference-list")
