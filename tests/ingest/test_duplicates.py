"""Near duplicates and preprints are grouped for a person; two works never become one."""

from dataclasses import replace

import pytest

from ingest.citations import Candidate, candidate
from ingest.duplicates import groups, is_preprint, pairing, pairings
from ingest.records import Identifier

TITLE = "Daily watering of roof moss in coastal towns: a controlled trial"


def record(key, title=TITLE, year=2019, authors=("Lovelace",), kind="article", journals=(), pages=None, **names):
    identifiers = tuple(Identifier(scheme, value) for scheme, value in names.items())
    return Candidate(key, title, authors, year, journals, None, pages, identifiers, kind)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        pytest.param(record("a", doi="10.1/X"), record("b", "Else", doi="10.1/x"), "same identifier", id="same doi"),
        pytest.param(record("a", pmid="7"), record("b", doi="10.1/x"), "near duplicate", id="names of two kinds"),
        pytest.param(record("a"), record("b", f"{TITLE.upper()}.", 2020), "near duplicate", id="typed twice"),
        pytest.param(record("a"), record("b", TITLE, 2019, ()), "near duplicate", id="authors unknown"),
        pytest.param(
            record("a", doi="10.1101/9"), record("b", f"{TITLE} of five roofs", 2021, doi="10.1/x"),
            "preprint and article", id="preprint",
        ),
        pytest.param(
            record("a", kind="preprint", pmid="1"), record("b", pmid="2"), "preprint and article", id="both in PubMed"
        ),
        pytest.param(record("a", doi="10.1/x"), record("b", doi="10.1/y"), None, id="two dois"),
        pytest.param(record("a", pmid="1"), record("b", pmid="2"), None, id="two pmids"),
        pytest.param(record("a", f"{TITLE}. Part I"), record("b", f"{TITLE}. Part II"), None, id="Part I and Part II"),
        pytest.param(record("a", f"{TITLE}: 2 years"), record("b", f"{TITLE}: 5 years"), None, id="two follow-ups"),
        pytest.param(record("a"), record("b", year=2012), None, id="years apart"),
        pytest.param(record("a"), record("b", authors=("Hopper",)), None, id="another author"),
        pytest.param(record("a", None), record("b", None), None, id="no titles"),
        pytest.param(record("a", year=None), record("b", year=None, authors=()), None, id="a title and nothing else"),
        pytest.param(record("a", doi="10.1101/9"), record("b", "Rust", doi="10.1/x"), None, id="another preprint"),
    ],
)  # fmt: skip
def test_what_two_records_are_to_each_other(one, other, kind):
    for pair in (pairing(one, other), pairing(other, one)):
        assert (pair and pair.kind) == kind


def test_a_pairing_shows_its_evidence():
    pair = pairing(record("a", pages="1-9"), record("b", year=2020, pages="1-9"))
    assert dict(pair.fields) == {"title": 1.0, "author": 1.0, "year": 0.0, "pages": 1.0}
    assert pair.score == 1.0


def test_records_hang_together():
    found = groups([record("a", pmid="1"), record("b", doi="10.1/x"), record("c"), record("d", "Rust in cellars")])
    assert [one.keys for one in found] == [("a", "b", "c")]
    assert len(found[0].pairings) == 3


def test_a_record_without_names_never_joins_two_works():
    records = [record("a", doi="10.1/x"), record("b"), record("c", doi="10.1/y")]
    assert len(pairings(records)) == 2
    (group,) = groups(records)
    assert group.keys == ("a", "b")
    assert [(pair.one, pair.other) for pair in group.pairings] == [("a", "b")]


def test_a_preprint_stays_with_its_article():
    records = [record("p", doi="10.1101/9"), record("a", doi="10.1/x"), record("copy")]
    (group,) = groups(records)
    assert group.keys == ("a", "copy", "p")
    assert {pair.kind for pair in group.pairings} == {"preprint and article", "near duplicate"}


@pytest.mark.parametrize(
    ("one", "preprint"),
    [
        (record("a", kind="preprint"), True),
        (record("a", doi="10.48550/arXiv.2001.1"), True),
        (record("a", journals=("medRxiv",)), True),
        (record("a", doi="10.1016/j.x"), False),
        (record("a", journals=("Moss Letters",)), False),
    ],
)
def test_a_preprint_is_told_by_kind_doi_or_server(one, preprint):
    assert is_preprint(one) is preprint


@pytest.mark.parametrize(
    ("path", "alike"),
    [
        ("bulk/pubmed_result_93.xml", []),
        ("bulk/pubmed_result_sr_106.xml", []),
        ("bulk/pubmed_result_ortho_292.xml", []),
        ("bulk/pubmed_result_121.xml", [("19294535", "19277906")]),  # one title, two PMIDs
    ],
)
def test_of_recorded_papers_only_those_with_one_title_look_alike(corpus_bytes, load, path, alike):
    records = [candidate(one, one.identifier("pmid")) for one in load(corpus_bytes(path))]
    nameless = [replace(one, identifiers=()) for one in records]
    assert [(pair.one, pair.other) for pair in pairings(nameless)] == alike
    assert pairings(records) == ()
