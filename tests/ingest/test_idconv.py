"""The ID converter: per-id answers, and one bad id spoils nobody else's (S46)."""

import json

import pytest

from ingest.errors import BadReply, SourceUnreachable
from ingest.records import Identifier
from ingest.services.idconv import CONVERT_BATCH, convert, parse_converted

BASE = "https://example.org/idconv/api/v1/articles"
WRONG = {"status": "error", "errors": [{"message": "All values must be PubMed IDs.", "code": "invalid_pmids"}]}


def record(number, **more):
    return {"pmid": int(number), "pmcid": f"PMC{number}0", "doi": f"10.1234/{number}", "requested-id": number} | more


class Converter:
    """Knows the ids given; any id that is no number makes the whole call a 400."""

    def __init__(self, known):
        self.known = set(known)

    def __call__(self, request):
        ids = dict(request.params)["ids"].split(",")
        if not all(one.isdecimal() for one in ids):
            return 400, json.dumps(WRONG)
        missing = {"status": "error", "errmsg": "Identifier not found in PMC"}
        told = [record(one) if one in self.known else {"requested-id": one, **missing} for one in dict.fromkeys(ids)]
        return json.dumps({"status": "ok", "records": told})


@pytest.mark.parametrize("number", [7, "7"])
def test_s46_the_pmid_may_be_a_number_or_a_text(number):
    body = json.dumps({"status": "ok", "records": [record("7", pmid=number)]}).encode()
    found, errors = parse_converted(body)
    assert found["7"] == (Identifier("pmid", "7"), Identifier("pmcid", "PMC70"), Identifier("doi", "10.1234/7"))
    assert errors == {}


def test_s46_the_error_of_a_whole_call_is_no_answer():
    with pytest.raises(BadReply, match="PubMed IDs"):
        parse_converted(json.dumps(WRONG).encode())


def test_s46_not_in_pmc_is_absent(canned):
    done = convert(canned(Converter({"1"})), BASE, "pmid", ["1", "2", "1"])
    assert (set(done.found), done.accounted.absent) == ({"1"}, {"2"})


def test_s46_a_mixed_batch_is_split_until_the_bad_id_stands_alone(canned):
    service = canned(Converter({"1", "2", "3", "4"}))
    done = convert(service, BASE, "pmid", ["1", "2", "x7", "3", "4", "y8"])
    assert set(done.found) == {"1", "2", "3", "4"}
    assert done.accounted.invalid == ("x7", "y8")
    assert done.accounted.complete


def test_s46_a_400_of_something_on_the_way_blames_no_id(canned):
    done = convert(canned(lambda _: (400, "<html>Bad Request</html>")), BASE, "pmid", ["1"])
    assert (done.accounted.invalid, set(done.accounted.failed)) == ((), {"1"})


def test_s46_an_old_address_that_moved_is_a_failure_with_its_reason(canned):
    done = convert(canned(lambda _: (301, "", "https://example.org/new/")), BASE, "pmid", ["1"])
    assert "moved" in done.accounted.failed["1"]


def test_s46_outages_and_batches(canned):
    ids = [str(one) for one in range(1, CONVERT_BATCH + 2)]
    world = Converter(ids)
    service = canned(lambda q: SourceUnreachable("down") if ids[-1] in dict(q.params)["ids"].split(",") else world(q))
    done = convert(service, BASE, "pmid", ids)
    assert dict(done.accounted.failed) == {ids[-1]: "down"}
    assert len(done.found) == CONVERT_BATCH


def test_a_doi_is_matched_whatever_its_case(canned):
    told = json.dumps({"records": [record("7", **{"requested-id": "10.1234/AbC", "doi": "10.1234/abc"})]})
    done = convert(canned(lambda _: told), BASE, "doi", ["10.1234/abc"])
    assert set(done.found) == {"10.1234/abc"}
