"""A name is checked before it is believed: foreign, broken and disguised ids do not get through."""

import pytest

from ingest.printed import identifiers
from ingest.printed.names import NameParts, from_citation, from_inverted, full_name
from ingest.records import Identifier, TrialRegistration


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("pubmed", " 123 ", Identifier("pmid", "123")),
        ("pubmed", "NOT_FOUND;INVALID_JOURNAL", None),
        ("pubmed", "PMC12345", Identifier("pmcid", "PMC12345")),
        ("pubmed", "0", None),
        ("pmc", "pmc77.1", Identifier("pmcid", "PMC77")),
        ("pmc", "77", None),
        ("doi", "https://doi.org/10.1234/AbC.(5)6", Identifier("doi", "10.1234/AbC.(5)6")),
        ("doi", "doi: 10.1234/x<1::aid>2.0.co;2-y", Identifier("doi", "10.1234/x<1::aid>2.0.co;2-y")),
        ("doi", "S0001-1", None),
        ("pii", "S0001-1", Identifier("pii", "S0001-1")),
        ("bookaccession", "NBK1", Identifier("bookaccession", "NBK1")),
    ],
)
def test_an_id_is_what_its_label_says_or_nothing(kind, text, found):
    assert identifiers.identifier(kind, text) == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),  # ORCID's own example person
        ("http://orcid.org/0000000218250097/", "0000-0002-1825-0097"),
        ("0000-0002-1694-233x", "0000-0002-1694-233X"),  # and the example that ends in X
        ("0000-0002-1825-0098", None),
        ("0000-0002-1825", None),
    ],
)
def test_an_orcid_counts_only_with_its_check_digit(text, number):
    assert identifiers.orcid(text) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("J Inv. 2020. doi: 10.1234/a.b.5. Epub 2021.", ["10.1234/a.b.5"]),
        ("(https://doi.org/10.1234/S0(17)9-1)", ["10.1234/S0(17)9-1"]),
        ("none here, 10.5 mg/kg", []),
    ],
)
def test_a_doi_in_a_sentence_ends_before_the_sentence_does(text, found):
    assert list(identifiers.dois_in(text)) == found


def test_the_same_doi_in_other_letters_is_the_same():
    one, other = Identifier("doi", "10.1/Ab"), Identifier("doi", "10.1/aB")
    assert identifiers.distinct([one, None, other]) == (one,)


def test_a_number_stated_in_a_data_bank_is_stronger_than_one_in_the_text():
    stated = TrialRegistration("ClinicalTrials.gov", "NCT00000001")
    found = identifiers.registrations([stated], ["see NCT00000001 and NCT00000002, not NCT1"])
    assert found == (stated, TrialRegistration("ClinicalTrials.gov", "NCT00000002", "weak"))


@pytest.mark.parametrize(("bank", "registers"), [("ISRCTN", True), ("GENBANK", False), ("figshare", False)])
def test_sequences_and_files_are_not_trials(bank, registers):
    assert identifiers.is_trial_registry(bank) is registers


@pytest.mark.parametrize(
    ("read", "printed", "parts"),
    [
        (from_inverted, "Lovelace, Ada B", NameParts("Lovelace", "Ada B")),
        (from_inverted, "Lovelace, Ada B Jr", NameParts("Lovelace", "Ada B", None, "Jr")),
        (from_inverted, "Lovelace", NameParts("Lovelace")),
        (from_citation, "Lovelace AB", NameParts("Lovelace", None, "AB")),
        (from_citation, "van der Meer J 3rd", NameParts("van der Meer", None, "J", "3rd")),
        (from_citation, "Invented Study Group", NameParts("Invented Study Group")),
    ],
)
def test_names_from_every_source_have_the_same_parts(read, printed, parts):
    assert read(printed) == parts


def test_a_name_reads_forwards():
    assert full_name("Lovelace", "Ada", "Jr") == "Ada Lovelace Jr"
