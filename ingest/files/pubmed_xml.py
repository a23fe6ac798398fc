"""PubMed XML -> Documents and Tombstones: baseline and update files, efetch answers, web exports.

Roots: PubmedArticleSet, PubmedBookArticleSet, MedlineCitationSet (before 2016) and single records.
The semantics are those of the PubMed DTD: ids only from the record's own lists, the issue date apart
from the electronic one, investigators apart from authors.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ingest.errors import UnknownFormat
from ingest.files.pubmed_book import book
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
from ingest.markup.payload import Readable
from ingest.markup.text import Element, children_of
from ingest.markup.xml import open_xml, records
from ingest.printed.identifiers import (
    distinct,
    distinct_links,
    identifier,
    is_trial_registry,
    pmcid,
    pmid,
    registrations,
)
from ingest.records import (
    Document,
    Identifier,
    MeshHeading,
    Notice,
    Reference,
    Section,
    Tombstone,
    TrialRegistration,
)

SOURCE = "pubmed-xml"

_SET = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation")
# The root of a file -> the elements in it that are one record each.
ROOTS: dict[str, tuple[str, ...]] = {
    "PubmedArticleSet": _SET,
    "PubmedBookArticleSet": _SET,
    "PubmedArticle": _SET,
    "PubmedBookArticle": _SET,
    "DeleteCitation": _SET,
    "MedlineCitationSet": ("MedlineCitation", "DeleteCitation"),
    "MedlineCitation": ("MedlineCitation",),
}

# Known and read, or known and left out on purpose (chemicals, genes, notes of indexers).
_IN_CITATION = frozenset({
    "PMID", "DateCreated", "DateCompleted", "DateRevised", "Article", "MedlineJournalInfo", "ChemicalList",
    "SupplMeshList", "CitationSubset", "CommentsCorrectionsList", "GeneSymbolList", "MeshHeadingList",
    "NumberOfReferences", "PersonalNameSubjectList", "OtherID", "OtherAbstract", "KeywordList", "CoiStatement",
    "SpaceFlightMission", "InvestigatorList", "GeneralNote",
})  # fmt: skip
_IN_ARTICLE = frozenset({
    "Journal", "ArticleTitle", "Pagination", "ELocationID", "Abstract", "AuthorList", "Language", "DataBankList",
    "GrantList", "PublicationTypeList", "VernacularTitle", "ArticleDate", "Affiliation",
})  # fmt: skip
_IN_DATA = frozenset({
    "History", "PublicationStatus", "ArticleIdList", "ObjectList", "ReferenceList",
})  # fmt: skip
_IN_RECORD = frozenset({"MedlineCitation", "PubmedData"})


def iter_documents(stream: Readable, name: str) -> Iterator[Document | Tombstone]:
    """Every record of a PubMed XML payload (plain or gzip), streaming; deletions come as Tombstones.

    Raises:
        UnknownFormat: not XML, or not a root of PubMed's.
        EmptyPayload, Truncated, HostilePayload, BadPayload: see `ingest.markup.xml`; records before it are given.
    """
    opened = open_xml(stream, name)
    tags = ROOTS.get(opened.root)
    if tags is None:
        raise UnknownFormat(f"{name}: XML, but <{opened.root}> is not a PubMed record set")
    for node in records(opened, tags):
        yield from documents_of(node)


def documents_of(node: Element) -> Iterable[Document | Tombstone]:
    """What one record element holds: an article, a book, or the numbers that are deleted."""
    if node.tag == "DeleteCitation":
        return tombstones(node)
    return (book(node) if node.tag == "PubmedBookArticle" else article(node),)


def tombstones(node: Element) -> Iterator[Tombstone]:
    """The PMIDs that an update file deletes."""
    for child in node.findall("PMID"):
        number = pmid(child.text or "")
        if number is not None:
            yield Tombstone(number, version(child))


def article(node: Element) -> Document:
    """One PubmedArticle, or one bare MedlineCitation of an old set."""
    record = Children(node)
    citation = record if node.tag == "MedlineCitation" else Children(record.first("MedlineCitation"))
    body = Children(citation.first("Article"))
    data = Children(record.first("PubmedData"))
    abstract = Children(body.first("Abstract"))
    journal = Children(body.first("Journal"))
    issue = Children(journal.first("JournalIssue"))
    info = Children(citation.first("MedlineJournalInfo"))
    authors = body.first("AuthorList")
    title = body.text("ArticleTitle")
    kept = tuple(_sections(title, abstract, citation))
    listed = _references(citation, data)
    return Document(
        source=SOURCE,
        kind="article",
        title=title,
        vernacular_title=body.text("VernacularTitle"),
        identifiers=distinct(_identifiers(citation, body, data)),
        version=version(citation.first("PMID")),
        status=citation.attribute("Status"),
        journal=journal.text("Title"),
        journal_abbreviation=journal.text("ISOAbbreviation") or info.text("MedlineTA"),
        issn=journal.text("ISSN") or info.text("ISSNLinking"),
        volume=issue.text("Volume"),
        issue=issue.text("Issue"),
        pages=_pages(Children(body.first("Pagination"))),
        published=date(issue.first("PubDate")),
        electronic=date(body.first("ArticleDate")),
        revised=date(citation.first("DateRevised")),
        languages=tuple(word.text for word in body.all("Language") if word.text),
        copyright=abstract.text("CopyrightInformation"),
        conflict_of_interest=citation.text("CoiStatement"),
        sections=kept,
        people=(*people(authors, "author"), *people(citation.first("InvestigatorList"), "investigator")),
        people_complete=authors is None or authors.get("CompleteYN", "Y") == "Y",
        mesh_headings=tuple(_mesh_headings(citation.below("MeshHeadingList"))),
        keywords=keywords(citation.all("KeywordList")),
        publication_types=publication_types(body.below("PublicationTypeList")),
        grants=grants(body.below("GrantList")),
        registrations=registrations(_stated(body.below("DataBankList")), (part.text for part in kept)),
        links=distinct_links(citing_links(listed)),
        references=listed,
        notices=tuple(_notices(citation.below("CommentsCorrectionsList"))),
        unknown_tags=tuple(_unknown(record, citation, body, data)),
    )


def _identifiers(citation: Children, body: Children, data: Children) -> Iterator[Identifier | None]:
    yield identifier("pubmed", citation.text("PMID") or "")
    yield from electronic_locations(body.all("ELocationID"))
    yield from own_identifiers(data.first("ArticleIdList"))
    for node in citation.all("OtherID"):
        # Records without PubmedData carry "PMC1234567" or "NIHMS12345 [Available on …]" here.
        if number := pmcid((node.text or "").partition(" ")[0]):
            yield Identifier("pmcid", number)


def _sections(title: str | None, abstract: Children, citation: Children) -> Iterator[Section]:
    if title:
        yield Section("title", None, title)
    yield from sections(abstract.all("AbstractText"), "abstract")
    for other in citation.all("OtherAbstract"):
        yield from sections(other.findall("AbstractText"), "other", other.get("Language"))


def _pages(printed: Children) -> str | None:
    ends = filter(None, (printed.text("StartPage"), printed.text("EndPage")))
    return printed.text("MedlinePgn") or "-".join(ends) or None


def _mesh_headings(listed: Iterable[Element]) -> Iterator[MeshHeading]:
    for heading in listed:
        nodes = children_of(heading)
        if not nodes or nodes[0].tag != "DescriptorName":
            continue
        descriptor = nodes[0]
        named = descriptor.text or "", descriptor.get("UI"), descriptor.get("MajorTopicYN")
        if len(nodes) == 1:
            yield _mesh_heading(*named)
            continue
        for qualifier in nodes[1:]:
            yield _mesh_heading(*named, qualifier.text, qualifier.get("UI"), qualifier.get("MajorTopicYN"))


@lru_cache(maxsize=1 << 14)
def _mesh_heading(
    descriptor: str,
    ui: str | None,
    major: str | None,
    qualifier: str | None = None,
    qualifier_ui: str | None = None,
    qualifier_major: str | None = None,
) -> MeshHeading:
    """A pair is major if either half is: the star often stands on the qualifier alone. Most pairs come again."""
    return MeshHeading(descriptor, ui, qualifier, qualifier_ui, "Y" in (major, qualifier_major))


def _stated(banks: Iterable[Element]) -> Iterator[TrialRegistration]:
    for bank in banks:
        registry = child_text(bank, "DataBankName")
        if registry and is_trial_registry(registry):
            for node in bank.iter("AccessionNumber"):
                if node.text and node.text.strip():
                    yield TrialRegistration(registry, node.text.strip())


def _references(citation: Children, data: Children) -> tuple[Reference, ...]:
    """The reference list, then what an older record keeps as corrections of type Cites."""
    corrections = citation.below("CommentsCorrectionsList")
    cited = [_cited(Children(node)) for node in corrections if node.get("RefType") == "Cites"]
    return (*references(data.all("ReferenceList")), *cited)


def _cited(printed: Children) -> Reference:
    return Reference(printed.text("RefSource") or "", distinct((identifier("pubmed", printed.text("PMID") or ""),)))


def _notices(listed: Iterable[Element]) -> Iterator[Notice]:
    for node in listed:
        kind = node.get("RefType", "")
        if kind != "Cites":
            printed = Children(node)
            yield Notice(kind, printed.text("RefSource") or "", pmid(printed.text("PMID") or ""), printed.text("Note"))


def _unknown(record: Children, citation: Children, body: Children, data: Children) -> Iterator[str]:
    if record is not citation:
        yield from record.unknown(_IN_RECORD)
    yield from citation.unknown(_IN_CITATION)
    yield from body.unknown(_IN_ARTICLE)
    yield from data.unknown(_IN_DATA)
