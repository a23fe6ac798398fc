"""PubmedBookArticle -> Document: chapters and reports of the NCBI Bookshelf, siblings of articles in a set."""

from collections.abc import Iterator

from ingest.files.pubmed_parts import (
    child_text,
    citing_links,
    date,
    electronic_locations,
    grants,
    keywords,
    own_identifiers,
    people,
    publication_types,
    references,
    sections,
    version,
)
from ingest.markup.children import Children
from ingest.markup.text import Element
from ingest.printed.identifiers import distinct, distinct_links, identifier, registrations
from ingest.records import Document, Identifier, Person, Section

_IN_RECORD = frozenset({"BookDocument", "PubmedBookData"})
_IN_DOCUMENT = frozenset({
    "PMID", "ArticleIdList", "Book", "LocationLabel", "ArticleTitle", "VernacularTitle", "Pagination", "Language",
    "AuthorList", "InvestigatorList", "PublicationType", "Abstract", "Sections", "KeywordList", "ContributionDate",
    "DateRevised", "GrantList", "ItemList", "ReferenceList",
})  # fmt: skip
_IN_BOOK = frozenset({
    "Publisher", "BookTitle", "PubDate", "BeginningDate", "EndingDate", "AuthorList", "InvestigatorList", "Volume",
    "VolumeTitle", "Edition", "CollectionTitle", "Isbn", "ELocationID", "Medium", "ReportNumber",
})  # fmt: skip
_IN_DATA = frozenset({"History", "PublicationStatus", "ArticleIdList", "ObjectList"})


def book(node: Element) -> Document:
    """One chapter, or a whole book where there is no chapter title; `journal` is the title of the book."""
    record = Children(node)
    body = Children(record.first("BookDocument"))
    volume = Children(body.first("Book"))
    data = Children(record.first("PubmedBookData"))
    abstract = Children(body.first("Abstract"))
    book_title = volume.text("BookTitle")
    title = body.text("ArticleTitle") or book_title
    kept = tuple(_sections(title, abstract))
    listed = references(body.all("ReferenceList"))
    return Document(
        source="pubmed-xml",
        kind="book",
        title=title,
        vernacular_title=body.text("VernacularTitle"),
        identifiers=distinct(_identifiers(body, volume, data)),
        version=version(body.first("PMID")),
        journal=book_title,
        volume=volume.text("Volume"),
        pages=child_text(body.first("Pagination"), "MedlinePgn"),
        published=date(volume.first("PubDate")),
        electronic=date(body.first("ContributionDate")),
        revised=date(body.first("DateRevised")),
        languages=tuple(word.text for word in body.all("Language") if word.text),
        copyright=abstract.text("CopyrightInformation"),
        sections=kept,
        people=tuple(_people(body, volume)),
        people_complete=all(one.get("CompleteYN", "Y") == "Y" for one in node.iter("AuthorList")),
        keywords=keywords(body.all("KeywordList")),
        publication_types=publication_types(body.all("PublicationType")),
        grants=grants(body.below("GrantList")),
        registrations=registrations((), (part.text for part in kept)),
        links=distinct_links(citing_links(listed)),
        references=listed,
        unknown_tags=tuple(_unknown(record, body, volume, data)),
    )


def _identifiers(body: Children, volume: Children, data: Children) -> Iterator[Identifier | None]:
    yield identifier("pubmed", body.text("PMID") or "")
    yield from own_identifiers(body.first("ArticleIdList"))
    yield from own_identifiers(data.first("ArticleIdList"))
    yield from electronic_locations(volume.all("ELocationID"))
    for node in volume.all("Isbn"):
        yield identifier("isbn", node.text or "")


def _sections(title: str | None, abstract: Children) -> Iterator[Section]:
    if title:
        yield Section("title", None, title)
    yield from sections(abstract.all("AbstractText"), "abstract")


def _people(body: Children, volume: Children) -> Iterator[Person]:
    """The chapter's people, then those of the book: its editors, or its authors where no chapter names any."""
    chapter = [person for listed in body.all("AuthorList") for person in people(listed, "author")]
    yield from chapter
    for listed in volume.all("AuthorList"):
        yield from (one for one in people(listed, "author") if one.role == "editor" or not chapter)
    yield from people(body.first("InvestigatorList"), "investigator")


def _unknown(record: Children, body: Children, volume: Children, data: Children) -> Iterator[str]:
    yield from record.unknown(_IN_RECORD)
    yield from body.unknown(_IN_DOCUMENT)
    yield from volume.unknown(_IN_BOOK)
    yield from data.unknown(_IN_DATA)
