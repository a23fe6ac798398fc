"""An invented PubMed record and how PubMed writes it: XML (plain ASCII, numeric references) and MEDLINE.

Text fields are XML fragments, so that a record can hold markup; `plain` takes it away.
"""

import re
from dataclasses import dataclass
from html import unescape
from textwrap import fill

Day = tuple[int, int, int]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TAG = re.compile(r"<[^>]+>")
_TWO_ATTRIBUTES = re.compile(r'(\bUI="[^"]*") (MajorTopicYN="[^"]*")')


@dataclass(frozen=True, slots=True)
class Author:
    """A person, or with `collective` a group."""

    last: str = ""
    fore: str = ""
    collective: str | None = None
    orcid: str | None = None
    affiliation: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One CommentsCorrections row."""

    ref_type: str
    source: str = "Invented J Tests. 2024"
    pmid: str | None = None


@dataclass(frozen=True, slots=True)
class Mesh:
    """A descriptor with its qualifiers (ui, name, major)."""

    ui: str
    name: str
    major: bool = False
    qualifiers: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One record as it stands on one day."""

    pmid: str
    title: str
    abstract: tuple[tuple[str | None, str], ...] = ()
    vernacular: str | None = None
    language: str = "eng"
    journal: str = "Invented Journal of Tests"
    abbreviation: str = "Invent J Tests"
    volume: str = "1"
    issue: str = "1"
    pages: str = "1-9"
    year: int = 2024
    month: int | None = None
    season: str | None = None
    medline_date: str | None = None
    electronic: Day | None = None
    revised: Day = (2024, 6, 1)
    status: str = "MEDLINE"
    version: int = 1
    authors: tuple[Author, ...] = (Author("Invented", "Anna B"), Author("Madeup", "Carl"))
    doi: str | None = None
    doi_in: frozenset[str] = frozenset({"list", "elocation"})
    pii: str | None = None
    pmc: str | None = None
    types: tuple[tuple[str, str], ...] = (("D016428", "Journal Article"),)
    mesh: tuple[Mesh, ...] = ()
    keywords: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    references: tuple[str, ...] = ()
    extra: str = ""
    book: bool = False
    airy: bool = False

    @property
    def text(self) -> str:
        """Title and abstract without markup."""
        return plain(" ".join([self.title, *(text for _, text in self.abstract)]))

    @property
    def issued(self) -> Day:
        """The issue's day, as far as it is known."""
        return (self.year, self.month or 1, 1)

    @property
    def entered(self) -> Day:
        """The day it came into the database: some day of the issue's month."""
        return (self.year, self.month or 1, 1 + int(self.pmid) % 28)

    @property
    def printed_date(self) -> str:
        """The issue's date as a summary prints it."""
        if self.medline_date:
            return self.medline_date
        parts = [str(self.year), self.season or (_MONTHS[self.month - 1] if self.month else "")]
        return " ".join(part for part in parts if part)


def plain(fragment: str) -> str:
    """A fragment's text."""
    return unescape(_TAG.sub("", fragment))


def as_xml(article: Article) -> str:
    """The record's element."""
    text = _book(article) if article.book else _article(article)
    # The same record, written with other white space and other order of attributes: no change of content.
    return _TWO_ATTRIBUTES.sub(r"\2  \1", text.replace("><", ">\n  <")) if article.airy else text


def _article(a: Article) -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="{a.status}" Owner="NLM">'
        f'<PMID Version="{a.version}">{a.pmid}</PMID>{_day("DateRevised", a.revised)}'
        f'<Article PubModel="Print"><Journal><ISSN IssnType="Print">0000-0000</ISSN><JournalIssue CitedMedium="Print">'
        f"<Volume>{a.volume}</Volume><Issue>{a.issue}</Issue><PubDate>{_pub_date(a)}</PubDate></JournalIssue>"
        f"<Title>{a.journal}</Title><ISOAbbreviation>{a.abbreviation}</ISOAbbreviation></Journal>"
        f"<ArticleTitle>{a.title}</ArticleTitle><Pagination><MedlinePgn>{a.pages}</MedlinePgn></Pagination>"
        f"{_elocations(a)}{_abstract(a)}{_authors(a)}<Language>{a.language}</Language>{_trials(a)}"
        f"{_types(a)}{_optional('VernacularTitle', a.vernacular)}{_electronic(a)}</Article>"
        f"<MedlineJournalInfo><MedlineTA>{a.abbreviation}</MedlineTA></MedlineJournalInfo>"
        f"{_mesh(a)}{_comments(a)}{_keywords(a)}{a.extra}</MedlineCitation>"
        f"<PubmedData><PublicationStatus>ppublish</PublicationStatus>{_own_ids(a)}{_references(a)}</PubmedData></PubmedArticle>"
    )


def _book(a: Article) -> str:
    return (
        f'<PubmedBookArticle><BookDocument><PMID Version="{a.version}">{a.pmid}</PMID>'
        f'<ArticleIdList><ArticleId IdType="bookaccession">NBK{a.pmid}</ArticleId></ArticleIdList>'
        f"<Book><Publisher><PublisherName>Invented Press</PublisherName></Publisher>"
        f'<BookTitle book="invented">{a.journal}</BookTitle><PubDate><Year>{a.year}</Year></PubDate></Book>'
        f'<ArticleTitle book="invented" part="one">{a.title}</ArticleTitle><Language>{a.language}</Language>'
        f"{_authors(a)}{_abstract(a)}</BookDocument>"
        f"<PubmedBookData><PublicationStatus>ppublish</PublicationStatus>{_own_ids(a)}</PubmedBookData></PubmedBookArticle>"
    )


def _day(tag: str, day: Day) -> str:
    year, month, date = day
    return f"<{tag}><Year>{year}</Year><Month>{month:02}</Month><Day>{date:02}</Day></{tag}>"


def _optional(tag: str, text: str | None) -> str:
    return f"<{tag}>{text}</{tag}>" if text else ""


def _pub_date(a: Article) -> str:
    if a.medline_date:
        return f"<MedlineDate>{a.medline_date}</MedlineDate>"
    month = _MONTHS[a.month - 1] if a.month else None
    return f"<Year>{a.year}</Year>{_optional('Season', a.season)}{_optional('Month', month)}"


def _electronic(a: Article) -> str:
    return _day("ArticleDate", a.electronic).replace(">", ' DateType="Electronic">', 1) if a.electronic else ""


def _elocations(a: Article) -> str:
    rows = [("pii", a.pii), ("doi", a.doi if "elocation" in a.doi_in else None)]
    return "".join(f'<ELocationID EIdType="{kind}" ValidYN="Y">{value}</ELocationID>' for kind, value in rows if value)


def _abstract(a: Article) -> str:
    def piece(label: str | None, text: str) -> str:
        mark = f' Label="{label}" NlmCategory="UNASSIGNED"' if label else ""
        return f"<AbstractText{mark}>{text}</AbstractText>"

    pieces = "".join(piece(label, text) for label, text in a.abstract)
    return f"<Abstract>{pieces}</Abstract>" if pieces else ""


def _authors(a: Article) -> str:
    people = "".join(_author(author) for author in a.authors)
    return f'<AuthorList CompleteYN="Y">{people}</AuthorList>' if people else ""


def _author(author: Author) -> str:
    if author.collective:
        return f'<Author ValidYN="Y"><CollectiveName>{author.collective}</CollectiveName></Author>'
    initials = "".join(word[0] for word in author.fore.split())
    orcid = f'<Identifier Source="ORCID">{author.orcid}</Identifier>' if author.orcid else ""
    place = author.affiliation
    affiliation = f"<AffiliationInfo><Affiliation>{place}</Affiliation></AffiliationInfo>" if place else ""
    return (
        f'<Author ValidYN="Y"><LastName>{author.last}</LastName><ForeName>{author.fore}</ForeName>'
        f"<Initials>{initials}</Initials>{orcid}{affiliation}</Author>"
    )


def _trials(a: Article) -> str:
    numbers = "".join(f"<AccessionNumber>{number}</AccessionNumber>" for number in a.trials)
    if not numbers:
        return ""
    return (
        '<DataBankList CompleteYN="Y"><DataBank><DataBankName>ClinicalTrials.gov</DataBankName>'
        f"<AccessionNumberList>{numbers}</AccessionNumberList></DataBank></DataBankList>"
    )


def _types(a: Article) -> str:
    rows = "".join(f'<PublicationType UI="{ui}">{name}</PublicationType>' for ui, name in a.types)
    return f"<PublicationTypeList>{rows}</PublicationTypeList>"


def _mesh(a: Article) -> str:
    def heading(one: Mesh) -> str:
        qualifiers = "".join(
            f'<QualifierName UI="{ui}" MajorTopicYN="{"NY"[major]}">{name}</QualifierName>'
            for ui, name, major in one.qualifiers
        )
        name = f'<DescriptorName UI="{one.ui}" MajorTopicYN="{"NY"[one.major]}">{one.name}</DescriptorName>'
        return f"<MeshHeading>{name}{qualifiers}</MeshHeading>"

    return f"<MeshHeadingList>{''.join(map(heading, a.mesh))}</MeshHeadingList>" if a.mesh else ""


def _comments(a: Article) -> str:
    rows = "".join(
        f'<CommentsCorrections RefType="{one.ref_type}"><RefSource>{one.source}</RefSource>'
        + (f'<PMID Version="1">{one.pmid}</PMID>' if one.pmid else "")
        + "</CommentsCorrections>"
        for one in a.comments
    )
    return f"<CommentsCorrectionsList>{rows}</CommentsCorrectionsList>" if rows else ""


def _keywords(a: Article) -> str:
    words = "".join(f'<Keyword MajorTopicYN="N">{word}</Keyword>' for word in a.keywords)
    return f'<KeywordList Owner="NOTNLM">{words}</KeywordList>' if words else ""


def _own_ids(a: Article) -> str:
    rows = [("pubmed", a.pmid), ("pmc", a.pmc), ("doi", a.doi if "list" in a.doi_in else None), ("pii", a.pii)]
    ids = "".join(f'<ArticleId IdType="{kind}">{value}</ArticleId>' for kind, value in rows if value)
    return f"<ArticleIdList>{ids}</ArticleIdList>"


def _references(a: Article) -> str:
    rows = "".join(
        f"<Reference><Citation>Invented reference to {pmid}.</Citation><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="doi">10.5555/foreign.{pmid}</ArticleId>'
        "</ArticleIdList></Reference>"
        for pmid in a.references
    )
    return f"<ReferenceList>{rows}</ReferenceList>" if rows else ""


def as_medline(a: Article) -> str:
    """The record in PubMed's tagged text."""
    rows = [("PMID", a.pmid), ("OWN", "NLM"), ("STAT", a.status), ("DP", a.printed_date), ("TI", plain(a.title))]
    if a.abstract:
        rows.append(("AB", plain(" ".join(f"{label}: {text}" if label else text for label, text in a.abstract))))
    rows += [("FAU", f"{one.last}, {one.fore}") if not one.collective else ("CN", one.collective) for one in a.authors]
    rows += [("LA", a.language), *(("SI", f"ClinicalTrials.gov/{number}") for number in a.trials)]
    rows += [("PT", name) for _, name in a.types]
    rows += [("AID", f"{a.doi} [doi]")] if a.doi else []
    rows += [("SO", f"{a.abbreviation}. {a.printed_date};{a.volume}({a.issue}):{a.pages}.")]
    return "".join(fill(f"{tag:<4}- {text}", 88, subsequent_indent=" " * 6) + "\n" for tag, text in rows)
