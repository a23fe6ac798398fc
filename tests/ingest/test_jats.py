"""JATS full text: ids of the article alone, sections under their path of headings, tables as rows and cells."""

import pytest

from ingest.errors import EmptyPayload
from ingest.records import (
    Grant,
    Identifier,
    Keyword,
    Link,
    Person,
    PublicationDate,
    Reference,
    Section,
    TrialRegistration,
)


@pytest.fixture(scope="module")
def article(load, invented):
    return load(invented["jats"])[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "full text"),
        ("title", "Moss in rain"),
        ("identifiers", (Identifier("pmid", "101"), Identifier("pmcid", "PMC11"), Identifier("doi", "10.1234/own"))),
        ("journal", "Moss Letters"),
        ("journal_abbreviation", "Moss Lett"),
        ("issn", "1234-5678"),
        ("volume", "7"),
        ("pages", "11-19"),
        ("published", PublicationDate("2020 Mar", 2020, 3)),
        ("electronic", PublicationDate("2020 2 3", 2020, 2, 3)),
        ("languages", ("en",)),
        ("copyright", "© 2020 Nobody\nFree to read.\nhttps://example.org/by/4.0"),
        (
            "people",
            (
                Person(
                    "Ada B Lovelace", "Lovelace", "Ada B", orcid="0000-0002-1825-0097",
                    affiliations=("Somewhere, Nowhere",),
                ),
                Person("Moss Group", collective=True),
            ),
        ),
        ("keywords", (Keyword("moss"),)),
        ("grants", (Grant("G1", "Moss Fund"),)),
        ("registrations", (TrialRegistration("ClinicalTrials.gov", "NCT00000012", "weak"),)),
        (
            "references",
            (Reference("Hopper G On rust 1999", (Identifier("pmid", "77"),)), Reference("Hopper G, Rust (1998).")),
        ),
        ("links", (Link("cites", (Identifier("pmid", "77"),), "reference-list"),)),
        (
            "sections",
            (
                Section("title", None, "Moss in rain"),
                Section("abstract", "Results", "Rust fell (NCT00000012)."),
                Section("other", None, "A picture."),
                Section("body", None, "Before any heading."),
                Section(
                    "body", "Methods",
                    "We saw 4\u2009±\u20091\u00a0kg of moss:\ngreen\nbrown\nScored as α.\nAfter it.",
                ),
                Section(
                    "table", "Table 1",
                    "Rust by month\nMonth\tRust\t\n\tn\t%\n1\t3 (of 4)\t75\nn, number of mosses",
                ),
                Section("body", "Methods > Rain falls", "Daily."),
                Section("other", "Figure 1", "Rain."),
            ),
        ),
    ],
)  # fmt: skip
def test_a_full_text(article, field, value):
    assert getattr(article, field) == value


@pytest.mark.parametrize(
    "wrap",
    [
        "<pmc-articleset>{}</pmc-articleset>",
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><metadata>{}</metadata></GetRecord></OAI-PMH>',
    ],
)
def test_an_answer_of_a_service_is_the_article_in_it(load, invented, article, wrap):
    assert load(wrap.format(invented["jats"])) == [article]


def test_without_a_body_there_is_no_full_text(load, invented):
    front = invented["jats"].partition("<body>")[0]
    (document,) = load(f"{front}</article>")
    assert document.kind == "article"
    assert {part.kind for part in document.sections} == {"title", "abstract", "other"}


def test_an_answer_without_an_article_says_why(load):
    with pytest.raises(EmptyPayload, match=r"no article in it \(Not here: 9\)"):
        load('<pmc-articleset><error id="9">Not here: 9</error></pmc-articleset>')


def test_a_typing_error_in_a_span_does_not_fill_the_memory(load):
    table = "<table-wrap><table><tr><td colspan='999999999'>x</td></tr></table></table-wrap>"
    (document,) = load(f"<article><front/><body>{table}</body></article>")
    assert len(document.sections[0].text) <= 1000
