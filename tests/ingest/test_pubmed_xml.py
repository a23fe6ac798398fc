"""Every field of a PubMed record lands where it belongs, on an invented record with all the traps in it."""

import pytest

from ingest.errors import UnknownFormat
from ingest.records import (
    Grant,
    Identifier,
    Keyword,
    Link,
    MeshHeading,
    Notice,
    Person,
    PublicationDate,
    PublicationType,
    Reference,
    Section,
    Tombstone,
    TrialRegistration,
)


@pytest.fixture(scope="module")
def article(load, invented):
    (document,) = load(f"<PubmedArticleSet>{invented['article']}</PubmedArticleSet>")
    return document


@pytest.fixture(scope="module")
def book(load, invented):
    (document,) = load(f"<PubmedBookArticleSet>{invented['book']}</PubmedBookArticleSet>")
    return document


EXPECTED = {
    "source": "pubmed-xml",
    "kind": "article",
    "title": "[Moss in vivo: NCT00000011.]",
    "vernacular_title": "Mousse in vivo.",
    "version": 2,
    "status": "MEDLINE",
    "journal": "Journal of Invented Results",
    "journal_abbreviation": "J Inv Res",
    "issn": "1234-5678",
    "volume": "7",
    "issue": "2",
    "pages": "11-9",
    "published": PublicationDate("2019 Dec-2020 Jan", 2019, 12),
    "electronic": PublicationDate("2019 11 05", 2019, 11, 5),
    "revised": PublicationDate("2021 02 03", 2021, 2, 3),
    "languages": ("fre", "eng"),
    "copyright": "Nobody, 2020.",
    "conflict_of_interest": "None at all.",
    "people_complete": False,
    "sections": (
        Section("title", None, "[Moss in vivo: NCT00000011.]"),
        Section("abstract", "RESULTS", "CO2 fell by\u20093 vs 5."),
        Section("abstract", None, "More on NCT00000012."),
        Section("other", None, "Texte.", "fre"),
    ),
    "identifiers": (  # from the record's own lists only; the location marked invalid is left out
        Identifier("pmid", "101"),
        Identifier("pii", "S1-1"),
        Identifier("doi", "10.1234/Own"),
        Identifier("pmcid", "PMC11"),
    ),
    "people": (
        Person(
            "Ada B Lovelace Jr", "Lovelace", "Ada B", "AB", "Jr", "0000-0002-1825-0097",
            ("First place.", "Second place."), valid=False,
        ),
        Person("Moss Group", collective=True),
        Person("Charles Babbage", "Babbage", "Charles", role="investigator"),
    ),
    "mesh_headings": (
        MeshHeading("Mosses", "D1", "growth", "Q1", major=True),  # the star stands on the qualifier alone
        MeshHeading("Mosses", "D1", "history", "Q2"),
        MeshHeading("Rain", "D2", major=True),
    ),
    "keywords": (Keyword("moss", "NOTNLM"), Keyword("flight", "NASA", major=True)),
    "publication_types": (PublicationType("Retracted Publication", "D016441"),),
    "grants": (Grant("G1", "Fund", "Nowhere", "AC"),),
    "registrations": (
        TrialRegistration("ClinicalTrials.gov", "NCT00000011", "strong"),
        TrialRegistration("ClinicalTrials.gov", "NCT00000012", "weak"),
    ),
    "notices": (Notice("RetractionIn", "J Inv Res. 2021;8:1", None, "Pages swapped."),),
    "references": (
        Reference("First. 1999.", (Identifier("pmid", "77"), Identifier("doi", "10.1234/foreign"))),
        Reference("Second."),
        Reference("Again. 1999.", (Identifier("pmid", "77"),)),
        Reference("Old. 1990", (Identifier("pmid", "55"),)),
    ),
    "links": (
        Link("cites", (Identifier("pmid", "77"), Identifier("doi", "10.1234/foreign")), "reference-list"),
        Link("cites", (Identifier("pmid", "55"),), "reference-list"),
    ),
    "unknown_tags": ("NewTagOf2031",),
}  # fmt: skip


@pytest.mark.parametrize("field", EXPECTED)
def test_an_article(article, field):
    assert getattr(article, field) == EXPECTED[field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "book"),
        ("title", "Mosses"),
        ("journal", "Moss Reviews"),
        ("published", PublicationDate("2001", 2001)),
        ("electronic", PublicationDate("2002 3 4", 2002, 3, 4)),
        (
            "identifiers",
            (Identifier("pmid", "202"), Identifier("bookaccession", "NBK9"), Identifier("isbn", "9780000000002")),
        ),
        (
            "people",
            (Person("Ada Lovelace", "Lovelace", "Ada"), Person("Grace Hopper", "Hopper", "Grace", role="editor")),
        ),
        ("sections", (Section("title", None, "Mosses"), Section("abstract", "SUMMARY", "Mosses grow."))),
        ("publication_types", (PublicationType("Review", "D016454"),)),
        ("unknown_tags", ()),
    ],
)
def test_a_book_chapter(book, field, value):
    assert getattr(book, field) == value


def test_articles_books_and_deletions_come_from_one_set_in_order(load, invented):
    got = load(f"<PubmedArticleSet>{invented['article']}{invented['book']}{invented['deleted']}</PubmedArticleSet>")
    assert [one.kind for one in got[:2]] == ["article", "book"]
    assert got[2:] == [Tombstone("7", 1), Tombstone("8", 3)]


@pytest.mark.parametrize("root", ["PubmedArticle", "PubmedBookArticle"])
def test_a_single_record_needs_no_set(load, invented, root):
    (document,) = load(invented["article" if root == "PubmedArticle" else "book"])
    assert document.identifier("pmid") in {"101", "202"}


def test_a_set_from_before_2016_holds_bare_citations(load, invented):
    citation = invented["article"].partition("<PubmedArticle>")[2].partition("<PubmedData>")[0]
    citation = citation.replace("<OtherAbstract", '<OtherID Source="NLM">PMC5</OtherID><OtherAbstract')
    (document,) = load(f"<MedlineCitationSet>{citation}</MedlineCitationSet>")
    assert document.identifier("pmid") == "101"
    assert document.identifier("pmcid") == "PMC5"


def test_an_empty_set_is_an_answer_and_no_error(load):
    assert load("<PubmedArticleSet></PubmedArticleSet>") == []


@pytest.mark.parametrize("record", ["<PubmedArticle/>", "<PubmedBookArticle/>"])
def test_a_record_without_anything_is_read_as_nothing_known(load, record):
    (document,) = load(f"<PubmedArticleSet>{record}</PubmedArticleSet>")
    assert (document.title, document.identifiers, document.sections, document.published) == (None, (), (), None)


def test_another_xml_is_told_apart(load):
    with pytest.raises(UnknownFormat, match="<eSearchResult>"):
        load("<eSearchResult/>")
