"""The client against the stand-in, row by row of the services' contract; waits happen on a clock of our own."""

import pytest

from ingest.errors import (
    BadPayload,
    BadReply,
    Blocked,
    HistoryLost,
    KeyRefused,
    Misconfigured,
    NotFound,
    SourceRefused,
    SourceUnreachable,
    TooLong,
)
from ingest.http.client import Budget, Reply, Request
from tests.standin import StandIn, faults
from tests.standin.client import fetch, search, virtual_client
from tests.standin.world import SEED


@pytest.mark.parametrize("retry_after", [2, None])
def test_s1_a_rate_limit_is_waited_out(standin, client, retry_after):
    standin.faults.push("efetch", faults.rate_limit(retry_after=retry_after))
    assert client.send(fetch(standin)).attempts == 2
    first, second = (entry.start for entry in standin.log.of())
    assert second - first >= 2


def test_s1_slowing_down_holds_everybody_back(standin, client):
    standin.faults.push("efetch", *[faults.rate_limit(retry_after=9)] * 6)
    with pytest.raises(SourceUnreachable, match="slow down"):
        client.send(fetch(standin))
    standin.faults.push("efetch", faults.rate_limit(retry_after=30))
    client.send(fetch(standin))
    before = standin.log.of()[-2].start
    assert standin.log.of()[-1].start - before >= 30


@pytest.mark.parametrize("asked", ["Thu, 01 Jan 2026 01:00:00 GMT", "3600"])
def test_s1_a_wait_beyond_the_budget_is_not_begun(standin, client, clock, asked):
    standin.faults.push("efetch", faults.rate_limit(retry_after=asked))
    with pytest.raises(SourceUnreachable):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 1
    assert clock.slept == []


def test_s2_a_rate_limit_under_200_is_no_data(standin, client):
    standin.faults.push("efetch", faults.rate_limit(200))
    reply = client.send(fetch(standin))
    assert (reply.attempts, b"PubmedArticleSet" in reply.body) == (2, True)


def test_s3_tool_and_email_go_with_every_request(standin, client):
    client.send(fetch(standin))
    client.send(fetch(standin, method="POST"))
    assert [entry.flags for entry in standin.log.of()] == [(), ()]
    assert {entry.get("tool") for entry in standin.log.of()} == {"evidence-kb"}


def test_s3_other_services_are_not_told_who_asks(standin, client):
    client.send(Request("ctgov", f"{standin.urls['ctgov']}/studies/NCT00962923", expect="json"))
    assert standin.log.of()[0].params == ()


def test_s4_a_blank_key_is_not_sent(standin, tmp_path, clock):
    with virtual_client(tmp_path, clock, api_key="  ") as client:
        client.send(fetch(standin))
    assert "api_key" not in dict(standin.log.of()[0].params)


def test_s4_a_wrong_key_stops_at_once_and_for_good(standin, tmp_path, clock):
    with virtual_client(tmp_path, clock, api_key="feedfacefeedfacefeedfacefeedfacefeed") as client:
        for _ in range(2):
            with pytest.raises(KeyRefused) as told:
                client.send(fetch(standin))
            assert "feedface" not in str(told.value)
    assert len(standin.log.of()) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_s5_a_redirect_is_not_followed_and_stops_the_run(standin, client, method):
    standin.faults.push("efetch", faults.misuse(f"{standin.misuse_url}?api_key=feedfacefeedface"))
    with pytest.raises(Blocked) as told:
        client.send(fetch(standin, method=method))
    assert "feedface" not in str(told.value)
    with pytest.raises(Blocked):
        client.send(search(standin))
    assert len(standin.log.of()) == 1
    assert standin.misuse_log.of() == []
    # Another service is not meant.
    client.send(Request("icite", f"{standin.urls['icite']}/pubs", (("pmids", SEED),), expect="json"))


@pytest.mark.parametrize("words", ["NCBI - WWW Error Blocked Diagnostic", "Maintenance in progress"])
def test_s6_a_page_for_people_is_refused_and_quoted(standin, client, words):
    standin.faults.push("efetch", *[faults.page(words=words)] * 3)
    with pytest.raises(SourceUnreachable, match=words):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 3


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_s7_server_errors_are_asked_again_after_growing_waits(standin, client, code):
    standin.faults.push("efetch", *[faults.status(code)] * 3)
    assert client.send(fetch(standin)).attempts == 4
    gaps = standin.log.gaps()
    assert len(gaps) == 3
    assert all(0.5 * 2**n <= gap <= 2**n + 0.4 for n, gap in enumerate(gaps))


def test_s7_there_is_an_end_to_it(standin, client):
    standin.faults.push("efetch", *[faults.status(503)] * 50)
    with pytest.raises(SourceUnreachable, match=r"status 503.*asked 6 times"):
        client.send(fetch(standin))
    assert len(standin.log.of()) == Budget().attempts


def test_s7_time_ends_it_too(standin, tmp_path, clock):
    standin.faults.push("efetch", *[faults.status(503, retry_after=20)] * 50)
    few = Budget(attempts=50, seconds=65)
    with virtual_client(tmp_path, clock, budget=few) as client, pytest.raises(SourceUnreachable):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 4


@pytest.mark.parametrize(
    "words",
    [
        "Search Backend failed: Database is not supported: pubmed",
        "Unable to open connection to #PMQuerySrv, invented",
        "Couldn't resolve #exLinkSrv2, the address table is empty.",
    ],
)
def test_s8_an_outage_in_the_dress_of_an_answer_is_asked_again(standin, client, words):
    standin.faults.push("esearch", faults.backend(words))
    standin.faults.push("efetch", faults.backend(words))
    assert client.send(search(standin)).json()["esearchresult"]["count"] != "0"
    assert client.send(fetch(standin)).attempts == 2


def test_s8_an_outage_that_stays_is_no_empty_result(standin, client):
    standin.faults.push("esearch", *[faults.backend()] * 6)
    with pytest.raises(SourceUnreachable, match="Database is not supported"):
        client.send(search(standin))


def test_s9_a_bad_request_is_told_from_a_bad_hour(standin, client):
    standin.faults.push("efetch", faults.transient_400(), faults.page(400, "proxy_stream() PubOne"), faults.status(400))
    assert client.send(fetch(standin)).attempts == 4
    standin.faults.push("efetch", faults.permanent_400())
    with pytest.raises(SourceRefused, match="ID list is empty"):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 5


@pytest.mark.parametrize("code", [200, 400])
def test_s9_a_forgotten_history_is_told_as_such(standin, client, code):
    standin.faults.push("efetch", faults.history_lost(code))
    params = (("db", "pubmed"), ("WebEnv", "MCID_0"), ("query_key", "1"))
    with pytest.raises(HistoryLost):
        client.send(Request("eutils", f"{standin.urls['eutils']}/efetch.fcgi", params, expect="xml"))
    assert len(standin.log.of()) == 1


def test_s9_a_query_that_cannot_be_read_is_refused(standin, client):
    with pytest.raises(SourceRefused, match="cannot read the question"):
        client.send(search(standin, term="(("))
    assert len(standin.log.of()) == 3


def test_s9_words_nobody_knows_are_asked_again_and_then_told(standin, client):
    standin.faults.push("efetch", *[faults.backend("Novel trouble")] * 3)
    with pytest.raises(BadReply, match="Novel trouble"):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 3


@pytest.mark.parametrize("dtd", ["250101", "260101", "270101"])
def test_s18_no_dtd_is_fetched_whatever_its_year(standin, client, dtd):
    standin.quirks.dtd = dtd
    assert dtd.encode() in client.send(fetch(standin, "99100013")).body


def test_s17_many_ids_go_by_post(standin, client):
    pmids = ",".join(str(number) for number in range(99000001, 99000301))
    client.send(fetch(standin, pmids))
    client.send(search(standin, field="x" * 2500))
    assert [entry.method for entry in standin.log.of()] == ["POST", "POST"]
    assert len(standin.log.of()[0].all("id")) == 300


@pytest.mark.parametrize("code", [413, 414])
def test_s17_too_long_is_told_as_such(standin, client, code):
    standin.faults.push("efetch", faults.status(code))
    with pytest.raises(TooLong):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 1


def test_s16_an_error_where_records_should_be_is_told(standin, client):
    with pytest.raises(SourceRefused, match="Supplied id parameter is empty"):
        client.send(fetch(standin, ""))
    assert len(standin.log.of()) == 1


def test_s21_broken_json_beyond_the_window_is_a_refusal(standin, client):
    with pytest.raises(SourceRefused, match="cannot be larger than 9998"):
        client.send(search(standin, retstart="9999"))


def test_s33_raw_line_ends_and_a_missing_root_are_outages(standin, client):
    link = (("dbfrom", "pubmed"), ("db", "pubmed"), ("id", "99300001"), ("cmd", "neighbor_score"))
    url = f"{standin.urls['eutils']}/elink.fcgi"
    with pytest.raises(SourceUnreachable, match="TXCLIENT"):
        client.send(Request("eutils", url, (*link, ("retmode", "json")), expect="json"))
    with pytest.raises(BadPayload):
        client.send(Request("eutils", url, link, expect="xml", root="eLinkResult"))


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("NCT00962923", 200, "NCT00962923"),
        ("NCT99009113", 301, ""),
        ("NCT99999999", 404, "NCT number NCT99999999 not found"),
        ("00962923", 400, "incorrect format"),
    ],
)
def test_s48_statuses_that_are_answers_come_back(standin, client, path, status, words):
    url = f"{standin.urls['ctgov']}/studies/{path}"
    reply = client.send(Request("ctgov", url, expect="json", answers=frozenset({200, 301, 400, 404})))
    assert (reply.status, words in reply.body.decode()) == (status, True)
    assert (reply.location or "").endswith("NCT99000001") == (status == 301)


@pytest.mark.parametrize(
    ("path", "error"), [("NCT99009113", SourceRefused), ("NCT99999999", NotFound), ("00962923", SourceRefused)]
)
def test_s48_statuses_that_are_none_do_not(standin, client, path, error):
    with pytest.raises(error):
        client.send(Request("ctgov", f"{standin.urls['ctgov']}/studies/{path}", expect="json"))
    assert len(standin.log.of()) == 1


def test_s52_a_status_with_words_is_still_that_status(standin, client):
    with pytest.raises(NotFound, match="not found"):
        client.send(Request("icite", f"{standin.urls['icite']}/pubs/5", expect="json"))
    assert len(standin.log.of()) == 1


def test_s48_forbidden_is_forbidden(standin, client):
    standin.quirks.registry_forbids = True
    with pytest.raises(SourceRefused, match="403"):
        client.send(Request("ctgov", f"{standin.urls['ctgov']}/studies/NCT00962923", expect="json"))


def test_s52_words_under_200_are_text_where_text_is_asked_for(standin, client):
    url = f"{standin.root}/research/bionlp/RESTful/pmcoa.cgi/BioC_json/PMC1/unicode"
    assert client.send(Request("bioc", url, expect="text")).body.startswith(b"[Error]")


def test_s55_nobody_there(client, clock):
    with StandIn() as gone:
        request = fetch(gone)
    with pytest.raises(SourceUnreachable, match="ConnectError"):
        client.send(request)
    assert len(clock.slept) == 3


def test_a_stand_in_is_never_behind_a_proxy(standin, tmp_path, clock, monkeypatch):
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with virtual_client(tmp_path, clock, transport=None) as client:
        assert client.send(fetch(standin)).attempts == 1


def test_a_question_can_look_at_its_answer(standin, client):
    looked: list[Reply] = []

    def accept(reply):
        looked.append(reply)
        if len(looked) == 1:
            raise BadReply("a record is missing")

    assert client.send(fetch(standin, accept=accept)).attempts == 2


def test_a_reply_says_where_and_when(standin, client, clock):
    reply = client.send(fetch(standin))
    assert reply.url == f"{standin.urls['eutils']}/efetch.fcgi?db=pubmed&id={SEED}&retmode=xml"
    assert reply.fetched_at == clock.now().isoformat(timespec="seconds")


@pytest.mark.parametrize("url", ["http://eutils.example.org/x", "ftp://127.0.0.1/x", "https://a:b@example.org/x", "x"])
def test_no_address_that_others_can_read(client, url):
    with pytest.raises(Misconfigured):
        client.send(Request("eutils", url))


def test_secrets_are_not_the_callers_to_send(client):
    with pytest.raises(ValueError, match="api_key"):
        client.send(Request("eutils", "https://example.org/x", (("api_key", "1"),)))
