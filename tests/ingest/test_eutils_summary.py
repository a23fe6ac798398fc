"""esummary: errors stand inside the answer, one for each id; at most 500 as JSON (S27)."""

import json

import pytest

from ingest.errors import BadPayload, BadReply, SourceUnreachable
from ingest.records import Identifier, PublicationDate
from ingest.services.eutils_summary import MOST_JSON, SUMMARY_BATCH, parse_summaries, summarise, summary_request

BASE = "https://example.org/eutils"
MOSS = {
    "uid": "11",
    "pubdate": "1998 Dec-1999 Jan",
    "source": "Moss Lett",
    "fulljournalname": "Moss Letters",
    "authors": [{"name": "Lovelace AB", "authtype": "Author"}, {"name": "Hopper G"}],
    "title": "Moss in rain.",
    "volume": "7",
    "issue": "",
    "pages": "11-9",
    "pubtype": ["Journal Article"],
    "articleids": [
        {"idtype": "pubmed", "value": "11"},
        {"idtype": "doi", "value": "10.1234/moss"},
        {"idtype": "pmc", "value": "PMC5"},
        {"idtype": "pmcid", "value": "pmc-id: PMC5;"},
    ],
    "pmcrefcount": 4,
}


def answer(**entries):
    return json.dumps({"header": {}, "result": {"uids": list(entries), **entries}}).encode()


def test_a_summary():
    found, errors = parse_summaries(answer(**{"11": MOSS}))
    moss = found["11"]
    assert errors == {}
    assert (moss.title, moss.journal, moss.volume, moss.issue, moss.pages) == (
        "Moss in rain.", "Moss Letters", "7", None, "11-9",
    )  # fmt: skip
    assert moss.published == PublicationDate("1998 Dec-1999 Jan", 1998, 12)
    assert moss.authors == ("Lovelace AB", "Hopper G")
    assert moss.identifiers == (
        Identifier("pmid", "11"), Identifier("doi", "10.1234/moss"), Identifier("pmcid", "PMC5"),
    )  # fmt: skip
    assert (moss.identifier("doi"), moss.identifier("nct"), moss.cited_in_pmc) == ("10.1234/moss", None, 4)


def test_a_book_has_its_own_title_and_no_journal():
    book = {"title": "", "booktitle": "Mosses", "source": "", "fulljournalname": "", "pubdate": "2001"}
    found, _ = parse_summaries(answer(**{"12": book}))
    assert (found["12"].title, found["12"].journal) == ("Mosses", None)


def test_s27_a_missing_id_is_an_error_of_its_own():
    gone = {"uid": "999", "error": "cannot get document summary"}
    found, errors = parse_summaries(answer(**{"11": MOSS, "999": gone}))
    assert (set(found), errors) == ({"11"}, {"999": "cannot get document summary"})


@pytest.mark.parametrize(
    "body",
    [
        '{"error":"Invalid uid abc at position= 0","result":{"uids":[]}}',
        '{"header":{},"error":"Too many UIDs in request. Maximum number of UIDs is 500 for JSON format output."}',
        '{"esummaryresult":["Empty id list - nothing todo"]}',
        "{}",
    ],
)
def test_s27_the_error_of_a_whole_answer_is_no_answer(body):
    with pytest.raises(BadReply):
        parse_summaries(body.encode())


def test_s11_a_cut_answer_is_no_answer():
    with pytest.raises(BadPayload):
        parse_summaries(answer(**{"11": MOSS})[:-30])


def test_s27_more_than_500_are_never_asked_together():
    with pytest.raises(ValueError, match="500"):
        summary_request(BASE, ["1"] * (MOST_JSON + 1))


def test_s27_every_id_has_its_end(canned):
    def service(request):
        ids = dict(request.params)["id"].split(",")
        if "3" in ids:
            return SourceUnreachable("down")
        gone = {"error": "cannot get document summary"}
        odd = {"error": "backend trouble"}
        return answer(**{one: {"900": gone, "901": odd}.get(one, MOSS) for one in ids if one != "902"})

    ids = ["900", "901", "902", *(str(one) for one in range(10000, 10000 + SUMMARY_BATCH - 3)), "3"]
    done = summarise(canned(service), BASE, ids).accounted
    assert done.absent == {"900"}
    assert dict(done.failed) == {"901": "backend trouble", "902": "not in the answer", "3": "down"}
    assert len(done.returned) == SUMMARY_BATCH - 3


def test_nothing_to_ask_asks_nothing(canned):
    service = canned(lambda _: b"")
    assert summarise(service, BASE, ()).found == {}
    assert service.asked == []
