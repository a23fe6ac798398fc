"""Printed references find the record that they mean, with the evidence, and never a sister paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.citations import Candidate, candidate, conflict, identifiers_in, match, ranked
from ingest.records import Document, Identifier, Person, PublicationDate, PublicationType, Reference

TITLE = "Daily watering of roof moss in coastal towns: a controlled trial"


def doi(value):
    return Identifier("doi", value)


def moss(key="moss", **more):
    fields = {
        "title": TITLE, "authors": ("Lovelace", "Hopper"), "year": 2019, "journals": ("Moss Letters", "Moss Lett"),
        "volume": "7", "pages": "111-9",
    }  # fmt: skip
    return Candidate(key, **fields | more)


PRINTED = f"Lovelace AB, Hopper G (2019) {TITLE}. Moss Lett 7(2):111–119"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://doi.org/10.1234/a-b.c.", [("doi", "10.1234/a-b.c")]),
        ("(doi:10.1234/S0140-6736(17)30933-9).", [("doi", "10.1234/S0140-6736(17)30933-9")]),
        ("[10.1234/abc]", [("doi", "10.1234/abc")]),
        ("“10.1234/abc”, and more", [("doi", "10.1234/abc")]),
        ("<https://doi.org/10.1234/abc>.", [("doi", "10.1234/abc")]),
        (
            "10.1002/(SICI)1097(19980815/30)17:15/16<1661::AID968>3.0.CO;2-2",
            [("doi", "10.1002/(SICI)1097(19980815/30)17:15/16<1661::AID968>3.0.CO;2-2")],
        ),
        ("10.1234/abc; PMID: 123456. PMCID: PMC77.", [("doi", "10.1234/abc"), ("pmid", "123456"), ("pmcid", "PMC77")]),
        ("10.1234/abc,PMID:123456.Epub 2019", [("doi", "10.1234/abc"), ("pmid", "123456")]),
        ("10.1234/abc.Epub 2019", [("doi", "10.1234/abc")]),
        ("https://pubmed.ncbi.nlm.nih.gov/123456/", [("pmid", "123456")]),
        ("[PMC free article: PMC77] [PubMed: 12]", [("pmcid", "PMC77")]),
        ("doi 10.1234/ABC and doi:10.1234/abc", [("doi", "10.1234/ABC")]),
        ("Moss Lett 2019;7:111. PMID 0", []),
        ("Version 10.2 of 10.1234 things", []),
    ],
)
def test_identifiers_without_the_punctuation_around_them(text, found):
    assert [(one.scheme, one.value) for one in identifiers_in(text)] == found


@given(
    st.from_regex(r"10\.\d{4}/[a-z0-9][a-z0-9./-]{0,10}[a-z0-9]", fullmatch=True),
    st.sampled_from(["", "(", "[", "“", "<"]), st.sampled_from(["", ".", ").", "],", "”;", ">.", ") - DOI"]),
)  # fmt: skip
def test_a_doi_comes_out_of_any_punctuation(value, before, after):
    assert [one.value for one in identifiers_in(f"see {before}{value}{after}")] == [value]


@pytest.mark.parametrize(
    ("own", "theirs", "method"),
    [
        ([doi("10.1234/A")], [doi("10.1234/a")], "doi"),
        ([Identifier("pmid", "7"), doi("10.1234/a")], [Identifier("pmid", "7")], "pmid"),
        ([Identifier("pmcid", "PMC7")], [Identifier("pmcid", "PMC7")], "pmcid"),
    ],
)
def test_an_identifier_decides_for(own, theirs, method):
    found = match(Reference("nothing alike", tuple(own)), [moss(identifiers=tuple(theirs))])
    assert (found.method, found.score, found.fields) == (method, 1.0, ((method, 1.0),))


def test_an_identifier_in_the_text_counts_too():
    assert match(Reference("Ibid. doi:10.1234/a."), [moss(identifiers=(doi("10.1234/a"),))]).method == "doi"


@pytest.mark.parametrize("theirs", [doi("10.1234/other"), Identifier("pmid", "8")])
def test_an_identifier_decides_against(theirs):
    reference = Reference(PRINTED, (doi("10.1234/a"), Identifier("pmid", "7")))
    assert match(reference, [moss(identifiers=(theirs,))]) is None


@pytest.mark.parametrize(
    "text",
    [
        PRINTED,
        PRINTED.replace("Daily watering", "Dayly watering"),
        PRINTED.upper(),
        f"1. Lovelace A.B. et al. {TITLE[:-10]}trial. Moss Letters, vol. 7, p. 111, 2019.",
        f"Lovelace. {TITLE}. 2019",
    ],
)
def test_a_printed_reference_means_its_record(text):
    found = match(Reference(text), [moss(), moss("rust", title="Weekly drying of cellar rust in mountain villages")])
    assert (found.key, found.method) == ("moss", "text")
    assert found.score >= 0.8
    assert dict(found.fields)["title"] >= 0.9


@pytest.mark.parametrize(
    ("text", "other"),
    [
        pytest.param(PRINTED.replace(TITLE, f"{TITLE}. Part II"), {"title": f"{TITLE}. Part I"}, id="Parts I and II"),
        pytest.param(PRINTED.replace(TITLE, f"{TITLE}. Part II"), {}, id="Part II and the first"),
        pytest.param(PRINTED.replace(TITLE, f"{TITLE} III"), {}, id="the third and the first"),
        pytest.param(PRINTED.replace(TITLE, f"{TITLE}: 2 year"), {"title": f"{TITLE}: 5 year"}, id="two follow-ups"),
        pytest.param(PRINTED, {"year": 2012}, id="another year"),
        pytest.param(PRINTED, {"title": "Rust"}, id="another title"),
        pytest.param(PRINTED, {"title": None}, id="no title"),
        pytest.param("Lovelace AB (2019) Moss. Lancet 1:1", {"title": "Moss", "year": None}, id="a short title alone"),
        pytest.param("", {}, id="nothing printed"),
    ],
)
def test_a_sister_paper_is_not_meant(text, other):
    assert match(Reference(text), [moss(**other)]) is None


def test_a_short_title_needs_author_year_and_one_more():
    short = moss(title="Roof moss")
    assert match(Reference("Lovelace AB (2019) Roof moss. Moss Lett 7:111"), [short]).key == "moss"
    assert match(Reference("Babbage C (2019) Roof moss. Iron Lett 3:4"), [short]) is None


def test_a_year_between_online_and_print_is_half_an_agreement():
    found = match(Reference(PRINTED), [moss(year=2020)])
    assert dict(found.fields)["year"] == 0.5


def test_two_that_fit_equally_are_no_match_but_both_are_listed():
    two = [moss("a"), moss("b")]
    assert match(Reference(PRINTED), two) is None
    assert [one.key for one in ranked(Reference(PRINTED), two)] == ["a", "b"]


def test_the_better_of_two_wins_and_identifiers_come_first():
    worse = moss("worse", authors=("Babbage",), journals=("Iron News",), volume="9", pages="1")
    assert match(Reference(PRINTED), [worse, moss()]).key == "moss"
    named = moss("named", title="Else", identifiers=(doi("10.1234/a"),))
    assert [one.key for one in ranked(Reference(PRINTED, (doi("10.1234/a"),)), [moss(), named])] == ["named", "moss"]


def test_a_document_as_candidate():
    document = Document(
        "x", "article", TITLE, journal="Moss Letters", pages="111-9", volume="7",
        identifiers=(doi("10.1234/a"), Identifier("pii", "S1")), electronic=PublicationDate("2019", 2019),
        people=(Person("Ada Lovelace", "Lovelace"), Person("Ed Itor", "Itor", role="editor"), Person("Group")),
    )  # fmt: skip
    assert candidate(document, "k") == Candidate(
        "k", TITLE, ("Lovelace", "Group"), 2019, ("Moss Letters",), "7", "111-9", (doi("10.1234/a"),)
    )


def test_a_preprint_is_known_by_its_publication_type():
    document = Document("x", "article", publication_types=(PublicationType("Preprint", "D000076942"),))
    assert candidate(document, "k").kind == "preprint"


@pytest.mark.parametrize(
    ("one", "other", "scheme"),
    [
        ([doi("10.1/a")], [doi("10.1/A")], None),
        ([doi("10.1/a")], [doi("10.1/b")], "doi"),
        ([doi("10.1/a")], [], None),
        ([doi("10.1/a"), Identifier("pmid", "1")], [doi("10.1/a"), Identifier("pmid", "2")], "pmid"),
        ([Identifier("pii", "1")], [Identifier("pii", "2")], None),
    ],
)
def test_two_records_with_different_names_are_two(one, other, scheme):
    assert conflict(one, other) == scheme == conflict(other, one)


def test_the_references_of_the_seed_page_bear_their_dois(shared, load):
    page = (shared / "corpus" / "neighbourhood" / "38206544.txt").read_bytes()
    (document,) = [one for one in load(page) if one.kind == "article"]
    assert [one.value for each in document.references for one in identifiers_in(each.text)] == [
        "10.1136/annrheumdis-2016-209909", "10.1016/S0140-6736(17)30933-9", "10.1007/s12016-010-8198-y",
        "10.1136/ard.2008.096677", "10.1038/s41409-021-01492-7",
    ]  # fmt: skip


SETS = ["bulk/pubmed_result_93.xml", "bulk/pubmed_result_sr_106.xml", "bulk/pubmed_result_ortho_292.xml"]


@pytest.mark.parametrize("path", SETS)
def test_records_found_again_from_their_own_citation(corpus_bytes, load, path):
    """Each record's citation, printed without its identifiers, among all records of its file."""
    documents = load(corpus_bytes(path))
    known = [candidate(one, one.identifier("pmid")) for one in documents]
    bare = [Candidate(one.key, one.title, one.authors, one.year, one.journals, one.volume, one.pages) for one in known]
    right = wrong = 0
    for one in bare[:100]:
        words = (one.authors[:1], (str(one.year),), (one.title,), one.journals[-1:], (one.volume,), (one.pages,))
        found = match(Reference(". ".join(filter(None, (word for part in words for word in part)))), bare)
        right += found is not None and found.key == one.key
        wrong += found is not None and found.key != one.key
    assert wrong == 0
    assert right >= 0.95 * min(100, len(bare))
