"""What reviewers hold in their hands, in invented small: MEDLINE, RIS, CSV old and new, text exports, PMID lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadPayload, UnknownFormat
from ingest.printed.labels import authors, citation, grant, paragraphs, section, sections, unwrapped
from ingest.records import (
    Grant,
    Identifier,
    Keyword,
    MeshHeading,
    Notice,
    Person,
    PublicationDate,
    PublicationType,
    Section,
    TrialRegistration,
)


@pytest.fixture(scope="module")
def medline(load, invented):
    return load(invented["medline"])[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Moss against rust and rain."),
        ("vernacular_title", "Mousse."),
        ("status", "MEDLINE"),
        ("issn", "1234-5678"),
        ("published", PublicationDate("2020 Jan 5", 2020, 1, 5)),
        ("revised", PublicationDate("2021 02 03", 2021, 2, 3)),
        ("identifiers", (Identifier("pmid", "101"), Identifier("doi", "10.1234/own"), Identifier("pmcid", "PMC11"))),
        (
            "sections",
            (
                Section("title", None, "Moss against rust and rain."),
                Section("abstract", "METHODS", "We saw pre-rain moss."),
                Section("abstract", "RESULTS", "It grew; see NCT00000012."),
                Section("other", None, "Texte.", "fre"),
            ),
        ),
        (
            "people",
            (
                Person(
                    "Ada B Lovelace", "Lovelace", "Ada B", "AB", None, "0000-0002-1825-0097",
                    ("First place.", "Second place."),
                ),
                Person("Moss Group", collective=True),
                Person("Grace Hopper", "Hopper", "Grace", "G"),
                Person(
                    "Charles Babbage", "Babbage", "Charles", "C", affiliations=("Third place.",), role="investigator"
                ),
            ),
        ),
        (
            "mesh_headings",
            (
                MeshHeading("Mosses", qualifier="growth", major=True),
                MeshHeading("Mosses", qualifier="history", major=True),
                MeshHeading("Rain"),
            ),
        ),
        ("keywords", (Keyword("moss", "NOTNLM", major=True),)),
        ("publication_types", (PublicationType("Journal Article"),)),
        ("grants", (Grant("G1", "Fund", "Nowhere", "AC"),)),
        (
            "registrations",
            (
                TrialRegistration("ISRCTN", "ISRCTN00000013"),
                TrialRegistration("ClinicalTrials.gov", "NCT00000012", "weak"),
            ),
        ),
        ("notices", (Notice("CommentIn", "Moss Lett. 2021;1:1.", "77"),)),
        ("unknown_tags", ("XYZ",)),
    ],
)  # fmt: skip
def test_medline(medline, field, value):
    assert getattr(medline, field) == value


def test_medline_without_full_names_keeps_the_short_ones(load, invented):
    assert load(invented["medline"])[1].people == (Person("G Hopper", "Hopper", initials="G"),)


def test_ris(load, invented):
    article, book = load(invented["zotero"])
    assert article.identifiers == (Identifier("doi", "10.1234/own"), Identifier("pmid", "101"))
    assert article.people == (
        Person("Ada B. Lovelace", "Lovelace", "Ada B."),
        Person("Moss Group", collective=True),
    )
    assert article.published == PublicationDate("2020/01", 2020, 1)
    assert (article.pages, article.issn, article.journal) == ("11-19", "1234-5678", "Moss letters")
    assert article.sections[1:] == (Section("abstract", "AIM", "To see moss."), Section("abstract", "RESULTS", "Seen."))
    assert (book.kind, book.title, book.published) == ("book", "Mosses", PublicationDate("2001", 2001))


def test_csv_of_the_new_site(load, invented):
    (row,) = load(invented["new"])
    assert row.title == 'Moss, "wet"'
    assert row.identifiers == (Identifier("pmid", "101"), Identifier("doi", "10.1234/own"))
    assert [person.name for person in row.people] == ["AB Lovelace", "G Hopper", "Moss Group"]
    assert (row.journal_abbreviation, row.volume, row.issue, row.pages) == ("Moss Lett", "7", "2", "11-9")
    assert row.published == PublicationDate("2020 Jan", 2020, 1)


def test_csv_of_the_old_site_hides_its_ids(load, invented):
    article, book = load(invented["old"])
    assert article.identifiers == (
        Identifier("pmid", "101"), Identifier("pmcid", "PMC11"), Identifier("doi", "10.1234/own"),
    )  # fmt: skip
    assert ([person.name for person in article.people], article.people_complete) == (["AB Lovelace"], False)
    assert (book.people, book.published) == ((), PublicationDate("2019", 2019))


def test_a_csv_that_breaks_names_its_line(load, invented):
    with pytest.raises(BadPayload, match="invented: line 2"):
        load(invented["new"].partition("\n")[0] + '\n"101"x,"y"\n')


def test_abstracts_as_text(load, invented):
    first, second, third = load(invented["abstracts"])
    assert first.title == "Moss against the rust- and rain-mites: 1. a title."
    assert first.sections[1:] == (
        Section("abstract", "BACKGROUND", "Moss is green on Stones: see NCT00000012."),
        Section("abstract", "RESULTS", "It grew by 3. 4. That is all."),
    )
    assert first.people == (
        Person("AB Lovelace", "Lovelace", initials="AB", affiliations=("First place.",)),
        Person("G Hopper", "Hopper", initials="G", affiliations=("First place.", "Second place.")),
        Person("Moss Group", collective=True),
    )
    assert first.identifiers == (
        Identifier("pmid", "101"), Identifier("doi", "10.1234/own"), Identifier("pmcid", "PMC11"),
    )  # fmt: skip
    assert first.notices == (Notice("CommentIn", "Moss Lett. 2021;1:1."),)
    assert (first.copyright, first.conflict_of_interest) == ("© 2020 Nobody.", "None at all.")
    assert first.published == PublicationDate("2020 Jan 5", 2020, 1, 5)
    assert [one.identifier("pmid") for one in (second, third)] == ["102", "103"]
    assert [one.title for one in (second, third)] == ["No abstract.", "Last."]


def test_summaries_as_text(load, invented):
    first, second = load(invented["summaries"])
    assert first.title == "Moss from 1999 to 2020. Does it grow?"
    assert [person.name for person in first.people] == ["AB Lovelace", "G Hopper", "Moss Group"]
    assert first.published == PublicationDate("2021 Jul-Aug", 2021, 7)
    assert (first.journal_abbreviation, first.pages) == ("Moss Lett", "11-9")
    assert first.identifier("pmcid") == "PMC11"
    assert (second.title, second.people, second.identifier("pmid")) == ("Nobody's moss.", (), "102")


@pytest.mark.parametrize("text", ["101\n102\n101\n", "PMID: 101\n102", "101, 102;\n", "\ufeff101\r\n102\r\n"])
def test_a_list_of_pmids_gives_each_once(load, text):
    assert [one.identifiers for one in load(text)] == [(Identifier("pmid", "101"),), (Identifier("pmid", "102"),)]


def test_a_list_is_refused_where_a_line_is_none(load):
    numbers = "".join(f"{number}\n" for number in range(1, 20000))
    with pytest.raises(UnknownFormat, match="line 20000 is not a PMID"):
        load(numbers + "moss\n")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["kept its space ", "here"], "kept its space here"),
        (["lost it", "here"], "lost it here"),
        (["anti-", "moss and/", "or"], "anti-moss and/or"),
        (["ends", " with it"], "ends with it"),
        ([], ""),
    ],
)
def test_wrapped_lines_are_joined_as_they_were(lines, text):
    assert unwrapped(lines) == text


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("Moss Lett. 2020 Jan 5;7(2):11-9. doi: x", ("Moss Lett", "2020 Jan 5", "7", "2", "11-9")),
        ("J Moss (No). 2020 Dec-2021 Jan;7(Pt 1):e1.", ("J Moss (No)", "2020 Dec-2021 Jan", "7", "Pt 1", "e1")),
        ("Moss Lett. 2020 Jan 5:100. Online", ("Moss Lett", "2020 Jan 5", None, None, "100")),
        ("Moss Lett. 2020;7 Suppl 1:S1.", ("Moss Lett", "2020", "7 Suppl 1", None, "S1")),
        ("In: Mosses [Internet]. Nowhere: Nobody", (None, None, None, None, None)),
    ],
)
def test_a_printed_citation(line, parts):
    found = citation(line)
    raw = found.published.raw if found.published else None
    assert (found.journal, raw, found.volume, found.issue, found.pages) == parts


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Results: It grew.", "Results"),
        ("AREAS COVERED: Moss.", "AREAS COVERED"),
        ("Key points/Relevance: Moss.", "Key points/Relevance"),
        ("We asked this: why?", None),
        ("Moss grew by 3:1.", None),
    ],
)
def test_a_label_is_one_that_abstracts_use(line, label):
    assert section(line).label == label


@given(st.text(st.characters(exclude_characters="\n")), st.booleans())
def test_a_paragraph_keeps_every_character(line, sure):
    found = section(line, sure=sure)
    assert (f"{found.label}: {found.text}" if found.label else found.text) == line


def test_between_labels_an_unusual_label_is_one_too():
    found = paragraphs(["Aim: To see.", "Ethics and rain: none.", "Results: Seen."])
    assert [part.label for part in found] == ["Aim", "Ethics and rain", "Results"]
    assert paragraphs(["Ethics and rain: none."])[0].label is None


def test_a_paragraph_is_parted_at_its_labels_only():
    parts = sections("Methods: In this study: moss. Results and Discussion: none. CONCLUSION: (x) none.")
    assert [(part.label, part.text) for part in parts] == [
        ("Methods", "In this study: moss."), ("Results and Discussion", "none."), ("CONCLUSION", "(x) none."),
    ]  # fmt: skip


def test_a_paragraph_that_does_not_begin_with_a_label_is_not_parted():
    text = "We saw moss. RESULTS: none."
    assert list(sections(text)) == [Section("abstract", None, text)]


@pytest.mark.parametrize(("line", "names"), [("Lovelace ÁB, et al.", ["ÁB Lovelace"]), ("Moss is green.", [])])
def test_a_line_of_names(line, names):
    assert [person.name for person in authors(line)] == names


def test_a_grant_without_a_number_is_an_agency():
    assert grant("Moss Fund") == Grant(agency="Moss Fund")
