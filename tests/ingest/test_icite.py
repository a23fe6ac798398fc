"""iCite: both of its namings, and the PMIDs that it leaves out (S52)."""

import json

import pytest

from ingest.errors import BadReply, SourceUnreachable
from ingest.records import Identifier, Link
from ingest.services.icite import CITE_BATCH, Citations, citations, citations_request, paper, parse_citations

BASE = "https://example.org/icite/api"
NEW = {
    "pmid": 7, "doi": "10.1234/moss", "year": 2020, "citation_count": 3, "citations_per_year": 1.5,
    "relative_citation_ratio": None, "nih_percentile": None, "is_clinical": "Yes", "provisional": False,
    "cited_by": [8, 9], "references": [5, 6, 5, 0],
}  # fmt: skip
CAMEL = {
    "pmid": "7", "doi": "", "citedByPmids": [8, 9], "citedPmids": [], "rcr": 2.5, "acr": 0.5, "isClinical": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (
            NEW,
            Citations(
                "7", "10.1234/moss", 2020, 3, 1.5, is_clinical=True, provisional=False, cited_by=("8", "9"),
                references=("5", "6"),
            ),
        ),
        (CAMEL, Citations("7", None, None, 2, 0.5, 2.5, is_clinical=False, cited_by=("8", "9"))),
        ({"pmid": 7}, Citations("7")),
        ({"pmid": 7, "cited_by": "8 9", "references": None}, Citations("7", cited_by=("8", "9"))),
        ({"title": "Nobody"}, None),
    ],
)  # fmt: skip
def test_both_namings_are_read(told, read):
    assert paper(told) == read


def test_edges_name_their_source():
    found = paper(NEW)
    assert found.links()[0] == Link("cited_by", (Identifier("pmid", "8"),), "icite")
    assert [(one.kind, one.target[0].value) for one in found.links()[2:]] == [("cites", "5"), ("cites", "6")]


def test_s52_a_pmid_that_is_left_out_is_absent_and_a_failure_is_not(canned):
    ids = [str(one) for one in range(1, CITE_BATCH + 2)]

    def service(request):
        asked = dict(request.params)["pmids"].split(",")
        if ids[-1] in asked:
            return SourceUnreachable("down")
        return json.dumps({"data": [{"pmid": int(one)} for one in asked if one != "5"]})

    counted = citations(canned(service), BASE, ids)
    assert counted.accounted.absent == {"5"}
    assert dict(counted.accounted.failed) == {ids[-1]: "down"}
    assert len(counted.found) == CITE_BATCH - 1


def test_a_full_batch_stays_below_the_longest_address():
    assert len(citations_request(BASE, ["99999999"] * CITE_BATCH).address()) < 4100


@pytest.mark.parametrize("body", [b'{"error":"no"}', b"{}"])
def test_an_answer_without_papers_is_no_answer(body):
    with pytest.raises(BadReply):
        parse_citations(body)


def test_a_recorded_answer(corpus_bytes):
    found = parse_citations(corpus_bytes("icite/icite_pubs_32162448.json"))["32162448"]
    assert (found.doi, found.year, found.citation_count) == ("10.1111/pan.13853", 2020, 17)
    assert (len(found.cited_by), len(found.references), found.is_clinical) == (17, 31, True)
    assert (round(found.rcr, 3), found.nih_percentile, found.provisional) == (2.185, 77.1, False)


def test_a_hundred_recorded_papers_of_the_other_naming(corpus_bytes):
    lines = corpus_bytes("icite/icite_records_100.jsonl").decode().splitlines()
    found = [paper(json.loads(line)) for line in lines]
    assert len({one.pmid for one in found}) == 100
    assert sum(one.citation_count for one in found) == sum(len(one.cited_by) for one in found) == 91556
    assert sum(len(one.references) for one in found) == 2397
    assert sum(one.rcr is None for one in found) == 4
