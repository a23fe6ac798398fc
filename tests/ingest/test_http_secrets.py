"""Key and email are in no message, log, exception, address or row, whatever a service echoes."""

import logging
import traceback

import httpx
import pytest

from ingest.errors import IngestError, Misconfigured
from ingest.http.client import Request
from ingest.http.redact import HIDDEN, Redactor
from ingest.http.retry import seconds_asked
from ingest.services.addresses import Services
from tests.standin import StandIn, faults
from tests.standin.articles import Author
from tests.standin.client import EMAIL, VirtualClock, fetch, search, virtual_client
from tests.standin.wire import JSON, Response

KEY = "feedfacefeedfacefeedfacefeedfacefeed"
HIDDEN_FORMS = (KEY, EMAIL, EMAIL.replace("@", "%40"))
ECHO = faults.Fault("echo", "F3", lambda _: Response(f'{{"error":"Novel","api-key":"{KEY}"}}'.encode(), JSON, 400))


def everything_told(error):
    """All that a traceback, a debugger or a log of the error could show, with the errors behind it."""
    told = "".join(traceback.format_exception(error))
    seen = error
    while seen is not None:
        told += f"{seen!r} {seen} {seen.args} {vars(seen)}"
        seen = seen.__cause__ or seen.__context__
    return told


@pytest.mark.parametrize(
    "fault",
    [
        *faults.PASSING,
        ECHO,
        faults.misuse(f"http://127.0.0.1:1/error/abuse.shtml?api_key={KEY}&email={EMAIL}"),
        faults.page(words=f"Blocked: api_key={KEY} {EMAIL}"),
        faults.permanent_400(),
        faults.bomb(),
    ],
    ids=lambda fault: fault.name,
)
def test_s4_s5_no_secret_in_errors_or_logs(fault, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    clock = VirtualClock()
    with StandIn(key=KEY, now=clock.monotonic) as standin, virtual_client(tmp_path, clock, KEY) as client:
        standin.faults.push("efetch", *[fault] * 6)
        with pytest.raises(IngestError) as told:
            client.send(fetch(standin))
        assert standin.log.of()[0].get("api_key") == KEY
    shown = everything_told(told.value) + caplog.text
    assert "httpcore" in caplog.text
    assert [secret for secret in HIDDEN_FORMS if secret in shown] == []


def test_no_secret_where_nobody_answers(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    clock = VirtualClock()
    with StandIn() as gone:
        request = fetch(gone)
    with virtual_client(tmp_path, clock, KEY) as client, pytest.raises(IngestError) as told:
        client.send(request)
    shown = everything_told(told.value) + caplog.text
    assert [secret for secret in HIDDEN_FORMS if secret in shown] == []


def test_no_secret_in_a_reply_that_repeats_who_asked(standin, client):
    reply = client.send(Request("idconv", f"{standin.urls['idconv']}/", (("ids", "99000001"),), expect="json"))
    assert EMAIL in dict(standin.log.of()[0].params).values()
    assert EMAIL not in f"{reply!r}{reply.url}"
    assert reply.json()["request"]["email"] == HIDDEN


def test_an_authors_address_in_a_record_is_kept_even_if_it_is_ours(standin, client):
    standin.store.change(0, "38206544", authors=(Author("Invented", "Anna", affiliation=f"Nowhere. {EMAIL}"),))
    assert EMAIL.encode() in client.send(fetch(standin)).body


def test_the_logs_are_left_as_they_were(tmp_path):
    before = list(logging.getLogger("httpx").filters)
    virtual_client(tmp_path, VirtualClock(), KEY).close()
    assert logging.getLogger("httpx").filters == before


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"?api_key={KEY}&id=1", f"?api_key={HIDDEN}&id=1"),
        ("?email=reviewer%40example.org&tool=x", f"?email={HIDDEN}&tool=x"),
        ('{"api-key":"10.0.0.1","count":"4"}', f'{{"api-key":"{HIDDEN}","count":"4"}}'),
        (f"bare {KEY.upper()}!", f"bare {HIDDEN}!"),
        ("api_key%3Dunknown rest", f"api_key%3D{HIDDEN} rest"),
        ("nothing here", "nothing here"),
    ],
)
def test_redaction_knows_values_and_names(text, clean):
    assert Redactor(KEY, EMAIL, None, "").text(text) == clean
    assert Redactor(KEY, EMAIL).text(clean) == clean


def test_an_excerpt_never_ends_inside_a_secret():
    body = b"x" * 290 + KEY.encode()
    assert Redactor(KEY).excerpt(body) == "x" * 290 + HIDDEN


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (None, None),
        ("2", 2.0),
        (" 10 ", 10.0),
        ("Thu, 01 Jan 2026 00:17:00 GMT", 20.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(asked, seconds):
    assert seconds_asked(asked, VirtualClock().now()) == seconds


def test_addresses_come_from_the_environment(standin):
    services = Services.from_environment({**standin.environment, "EVIDENCE_KB_ICITE": " "})
    assert services.eutils == standin.urls["eutils"]
    assert services.icite == Services().icite
    with pytest.raises(Misconfigured, match=r"http://eutils\.example\.org"):
        Services.from_environment({"EVIDENCE_KB_EUTILS": "http://eutils.example.org/x"})


def test_what_is_packed_otherwise_is_refused(tmp_path):
    packed = {"headers": {"Content-Encoding": "zstd"}, "stream": httpx.ByteStream(b"?")}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, **packed))
    with (
        virtual_client(tmp_path, VirtualClock(), transport=transport) as client,
        pytest.raises(IngestError, match="zstd"),
    ):
        client.send(Request("icite", "https://example.org/pubs"))


def test_the_answer_of_a_search_is_the_same_with_and_without_key(standin, tmp_path, clock):
    with virtual_client(tmp_path, clock) as plain, virtual_client(tmp_path, clock, standin.key) as keyed:
        assert plain.send(search(standin)).body == keyed.send(search(standin)).body
