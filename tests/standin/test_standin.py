"""The server itself: limits, faults, framings, log, days, and how it is run by hand."""

import json
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import httpx
import pytest

from ingest.services.addresses import Services
from tests.standin import StandIn, faults
from tests.standin.__main__ import arguments
from tests.standin.log import Limiter
from tests.standin.world import SEED, invented_world

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("starts", "allowed"), [([0, 0.1, 0.2, 0.3], 3), ([0, 0.1, 0.2, 1.0], 4), ([0, 0.4, 0.8, 1.2], 4)]
)
def test_s1_the_window_slides(starts, allowed):
    limiter = Limiter(3)
    assert sum(limiter.allows("me", start) for start in starts) == allowed


@pytest.mark.parametrize("retry_after", [2, None])
def test_s1_too_many_requests_are_refused_whatever_the_endpoint(retry_after):
    with StandIn(limit=3, retry_after=retry_after, now=lambda: 7.0) as standin, httpx.Client() as bare:
        names = ("einfo", "epost", "esearch", "elink")
        answers = [bare.get(f"{standin.urls['eutils']}/{name}.fcgi") for name in names]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[3].json() == {
            "error": "API rate limit exceeded", "api-key": "127.0.0.1", "count": "4", "limit": "3",
        }  # fmt: skip
        assert answers[3].headers.get("retry-after") == (str(retry_after) if retry_after else None)
        assert bare.get(f"{standin.urls['icite']}/pubs?pmids=1").status_code == 200
        keyed = [bare.get(f"{standin.urls['eutils']}/einfo.fcgi?api_key={standin.key}") for _ in range(8)]
        assert [one.status_code for one in keyed] == [200] * 7 + [429]


def test_s3_what_was_forgotten_is_flagged(standin, get):
    get("einfo", tool="t")
    get("einfo", tool="t", email="a@example.org")
    assert [entry.flags for entry in standin.log.of("einfo")] == [("no email",), ()]


@pytest.mark.parametrize("key", ["", "wrong"])
def test_s4_a_wrong_or_blank_key_is_echoed(get, key):
    answer = get("esearch", db="pubmed", term="x", api_key=key)
    assert (answer.status_code, answer.json()["api-key"]) == (400, key)


def test_s5_the_misuse_page_lives_on_another_port(standin, get):
    standin.faults.push("efetch", faults.misuse(standin.misuse_url))
    answer = get("efetch", db="pubmed", id=SEED)
    assert (answer.status_code, answer.headers["location"]) == (302, standin.misuse_url)
    assert httpx.get(standin.misuse_url).text == "<html><body>invented misuse page</body></html>"
    assert len(standin.misuse_log.of()) == 1
    assert not standin.misuse_url.startswith(standin.root)


def test_faults_come_in_their_order_and_then_it_works(standin, get):
    standin.faults.push("efetch", faults.status(502), None, faults.page())
    assert standin.faults.left() == 2
    statuses = [get("efetch", db="pubmed", id=SEED).status_code for _ in range(4)]
    assert statuses == [502, 200, 200, 200]
    assert [entry.fault for entry in standin.log.of()] == ["status-502", None, "page", None]


@pytest.mark.parametrize("name", sorted(set(faults.NAMED) - {"misuse"}))
def test_every_fault_can_be_named_in_a_file(standin, name):
    standin.faults.read({"efetch": [name, {"name": "status", "code": 504}], "*": [None]})
    first = standin.faults.next("efetch")
    assert first is None if name == "none" else first is not None
    assert standin.faults.next("efetch").name == "status-504"


def test_a_storm_is_the_same_for_the_same_seed():
    def drawn(seed):
        script = faults.Script()
        script.storm(random.Random(seed), 50, faults.PASSING)  # noqa: S311
        return [fault and fault.name for fault in (script.next("any") for _ in range(60))]

    assert drawn(1) == drawn(1) != drawn(2)


def test_s10_a_reset_is_a_reset(standin):
    standin.faults.push("efetch", faults.reset())
    address = ("127.0.0.1", int(standin.root.rpartition(":")[2]))
    with socket.create_connection(address) as raw:
        raw.sendall(b"GET /entrez/eutils/efetch.fcgi?db=pubmed&id=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(1)


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_s11_a_cut_under_clean_framing_raises_nothing(standin, get, framing):
    whole = get("efetch", db="pubmed", id=SEED).content
    standin.faults.push("efetch", faults.cut_body(0.5, framing, packed=False))
    assert get("efetch", db="pubmed", id=SEED).content == whole[: len(whole) // 2]


def test_s11_a_short_body_under_its_promised_length_raises(standin, get):
    standin.faults.push("efetch", faults.cut_body(0.5, then="short"))
    with pytest.raises(httpx.RemoteProtocolError):
        get("efetch", db="pubmed", id=SEED)


def test_s13_packing_follows_the_request(standin):
    url = f"{standin.urls['eutils']}/einfo.fcgi"
    with urllib.request.urlopen(url) as plain, httpx.Client() as bare:  # noqa: S310
        assert plain.headers["Content-Encoding"] is None
        packed = bare.get(url)
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.read()


def test_s53_the_client_is_killed_at_the_request_that_was_chosen(standin):
    script = "import sys, urllib.request\nwhile True: urllib.request.urlopen(sys.argv[1]).read()"
    victim = subprocess.Popen([sys.executable, "-c", script, f"{standin.urls['eutils']}/einfo.fcgi"])
    standin.faults.pid = victim.pid
    standin.faults.kill_after(5)
    assert victim.wait(30) == -signal.SIGKILL
    assert [entry.fault for entry in standin.log.of()].index("kill") == 5


def test_days_change_what_is_known():
    store = invented_world()
    pmid = "99200031"
    found = []
    for day in range(3):
        store.day = day
        found.append(store.article(pmid) is not None)
    assert found == [True, False, True]


def test_addresses_are_those_of_the_services(standin):
    assert Services(**standin.urls) == Services.from_environment(standin.environment)


def test_every_record_says_that_it_is_invented():
    texts = [one.text + one.title for one in invented_world().today()]
    assert [text for text in texts if "nvented" not in text and "made up" not in text] == []


def test_nothing_but_loopback(standin):
    assert standin.root.startswith("http://127.0.0.1:")
    assert standin.misuse_url.startswith("http://127.0.0.1:")


def test_by_hand_it_prints_lines_for_a_shell(tmp_path):
    script = tmp_path / "faults.json"
    script.write_text(json.dumps({"einfo": [{"name": "status", "code": 504}]}), encoding="utf-8")
    words = [sys.executable, "-m", "tests.standin", "--day", "1", "--limit", "--faults", str(script)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        lines = [running.stdout.readline().strip() for _ in range(6)]
        urls = dict(line.removeprefix("export ").split("=") for line in lines)
        assert Services.from_environment(urls).eutils == urls["EVIDENCE_KB_EUTILS"]
        assert httpx.get(urls["EVIDENCE_KB_EUTILS"] + "/einfo.fcgi").status_code == 504
        assert b"99200031" not in httpx.get(urls["EVIDENCE_KB_EUTILS"] + "/efetch.fcgi?db=pubmed&id=99200031").content
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130


def test_the_command_line_has_defaults():
    given = arguments([])
    assert (given.port, given.seed, given.day, given.key, given.limit) == (0, 0, 0, "", None)
    assert arguments(["--limit"]).limit == 3
