"""A PubMed page saved as text gives its sections character for character and its neighbours as links."""

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
    TrialRegistration,
)

SAVED = """Moss against rust: a trial
- PMID: 101
- DOI: 10.1234/own
Moss against rust: a trial
Abstract
Methods and patients: Rust was scored\u00a0: 4\u2009±\u20091,  twice.
We also did this: nothing.
Nor was there more.
Trial registration: NCT00000011, see also NCT00000012.
Keywords: Moss; Rust.
© 2020. Nobody.
Similar articles
-
Lichen, too: e.g. on slate.J Inv (No). 2019 Mar 9;16(1):1. doi: 10.1234/s(1). J Inv (No). 2019. PMID: 55 Review.
See all similar articles
Cited by
-
Moss again.Moss Lett. 2021;1:1. doi: 10.1234/c. Moss Lett. 2021. PMID: 56
References
-
- Hopper G (1999) On rust. Moss Lett 3:1–2. https://doi.org/10.1234/r.1 - DOI - PubMed
-
- Hopper G. Unprinted. - PubMed
Publication types
- Randomized Controlled Trial
MeSH terms
- Mosses / growth & development*
- Rain
Associated data
- ISRCTN/ISRCTN00000013
- figshare/10.1/x
Grants and funding
- G1/Moss Fund
- G/2/Z/MF_/Moss Fund/Nowhere
LinkOut - more resources
Full Text Sources
Medical
"""

COPIED = """Review Moss Lett
. 2021 Jan-Feb;11(2):30-9. doi: 10.1234/own. Epub 2020 Dec 1.
Author correction: moss in the rain
Ada B Lovelace 1 2, Hopper G 2 #
Affiliations
Affiliations
1 Somewhere.

PMID: 101 PMCID: PMC11 DOI: 10.1234/own
Abstract
  Mosses grow in the rain.\x20

Comment in
Not so. Babbage C. Moss Lett. 2022;1:1. PMID: 77

Similar articles
Lichen in the rain.
Hopper G.
Moss Lett. 2019;1:1. doi: 10.1234/s.
PMID: 55 Free article.
See all similar articles
"""


@pytest.fixture(scope="module")
def saved(load):
    return load(SAVED)[0]


@pytest.fixture(scope="module")
def copied(load):
    return load(COPIED)[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Moss against rust: a trial"),
        ("identifiers", (Identifier("pmid", "101"), Identifier("doi", "10.1234/own"))),
        (
            "sections",
            (
                Section("title", None, "Moss against rust: a trial"),
                Section("abstract", "Methods and patients", "Rust was scored\u00a0: 4\u2009±\u20091,  twice."),
                Section("abstract", None, "We also did this: nothing."),
                Section("abstract", None, "Nor was there more."),
                Section("abstract", "Trial registration", "NCT00000011, see also NCT00000012."),
            ),
        ),
        ("keywords", (Keyword("Moss"), Keyword("Rust"))),
        ("copyright", "© 2020. Nobody."),
        ("published", PublicationDate("© 2020", 2020)),
        (
            "registrations",
            (
                TrialRegistration("ClinicalTrials.gov", "NCT00000011"),
                TrialRegistration("ClinicalTrials.gov", "NCT00000012"),
                TrialRegistration("ISRCTN", "ISRCTN00000013"),
            ),
        ),
        (
            "references",
            (
                Reference(
                    "Hopper G (1999) On rust. Moss Lett 3:1–2. https://doi.org/10.1234/r.1",
                    (Identifier("doi", "10.1234/r.1"),),
                ),
                Reference("Hopper G. Unprinted."),
            ),
        ),
        (
            "links",
            (
                Link(
                    "similar", (Identifier("pmid", "55"), Identifier("doi", "10.1234/s(1)")), "pubmed-page",
                    title="Lichen, too: e.g. on slate.",
                ),
                Link(
                    "cited_by", (Identifier("pmid", "56"), Identifier("doi", "10.1234/c")), "pubmed-page",
                    title="Moss again.",
                ),
                Link("cites", (Identifier("doi", "10.1234/r.1"),), "pubmed-page"),
            ),
        ),
        ("publication_types", (PublicationType("Randomized Controlled Trial"),)),
        (
            "mesh_headings",
            (MeshHeading("Mosses", qualifier="growth & development", major=True), MeshHeading("Rain")),
        ),
        ("grants", (Grant("G1", "Moss Fund"), Grant("G/2/Z", "Moss Fund", "Nowhere", "MF_"))),
    ],
)  # fmt: skip
def test_a_page_saved_as_text(saved, field, value):
    assert getattr(saved, field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Author correction: moss in the rain"),
        ("journal_abbreviation", "Review Moss Lett"),
        ("published", PublicationDate("2021 Jan-Feb", 2021, 1)),
        ("volume", "11"),
        ("issue", "2"),
        ("pages", "30-9"),
        ("identifiers", (Identifier("pmid", "101"), Identifier("pmcid", "PMC11"), Identifier("doi", "10.1234/own"))),
        ("people", (Person("Ada B Lovelace", "Lovelace", "Ada B"), Person("G Hopper", "Hopper", initials="G"))),
        (
            "sections",
            (
                Section("title", None, "Author correction: moss in the rain"),
                Section("abstract", None, "Mosses grow in the rain."),
            ),
        ),
        ("notices", (Notice("CommentIn", "Not so. Babbage C. Moss Lett. 2022;1:1.", "77"),)),
        (
            "links",
            (
                Link(
                    "similar", (Identifier("pmid", "55"), Identifier("doi", "10.1234/s")), "pubmed-page",
                    title="Lichen in the rain.",
                ),
            ),
        ),
    ],
)  # fmt: skip
def test_a_page_copied_from_a_browser(copied, field, value):
    assert getattr(copied, field) == value


def test_line_ends_of_windows_change_nothing(load, saved):
    assert load(SAVED.replace("\n", "\r\n")) == [saved]


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("Copyright (c) 2019, Nobody.", 2019),
        ("© The Author(s) 2021.", 2021),
        ("© Nobody, all rights.", None),
        ("", None),
    ],
)
def test_a_page_without_a_journal_line_has_the_year_of_its_copyright(load, line, year):
    found = load(SAVED.replace("© 2020. Nobody.", line))[0].published
    assert (found and found.year) == year


@pytest.mark.parametrize("text", ["PMID: 101\nTitle: moss\n", "Abstract\nMosses grow.\n"])
def test_half_a_page_is_no_page(load, text):
    with pytest.raises(UnknownFormat, match="invented"):
        load(text)


def test_the_seed_page(shared, load):
    """PMID 38206544 as a reader saves it: issue counts five neighbours of each kind and one registration."""
    page = (shared / "corpus" / "neighbourhood" / "38206544.txt").read_text(encoding="utf-8")
    (seed,) = load(page)
    kinds = [link.kind for link in seed.links]
    assert {kind: kinds.count(kind) for kind in kinds} == {"similar": 5, "cited_by": 5, "cites": 5}
    assert [link.target[0].value for link in seed.links if link.kind == "similar"] == [
        "40059221", "28724445", "38899432", "35313985", "35535670",
    ]  # fmt: skip
    assert all(link.title for link in seed.links if link.kind != "cites")
    assert [part.label for part in seed.sections] == [
        None, "Objective", "Methods", "Results", "Conclusion", "Clinical trial registration",
    ]  # fmt: skip
    assert all(f"{part.label}: {part.text}\n" in page for part in seed.sections[1:])
    assert seed.registrations == (TrialRegistration("ClinicalTrials.gov", "NCT00962923", "strong"),)
    assert (len(seed.references), len(seed.grants), len(seed.keywords)) == (5, 5, 4)
    assert seed.identifier("doi") == "10.1007/s10067-024-06865-z"
