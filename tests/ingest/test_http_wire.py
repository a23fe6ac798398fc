"""Connections that break, bodies that are cut, and a storm of everything: judged by content, not by exception."""

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import (
    BadPayload,
    BadReply,
    EmptyPayload,
    HostilePayload,
    SourceUnreachable,
    Truncated,
    UnknownFormat,
)
from ingest.http.classify import judge
from ingest.http.client import Budget, Request, Timeouts
from ingest.http.exchange import Answer
from tests.standin import faults
from tests.standin.articles import Article, as_xml
from tests.standin.client import fetch, real_client, search
from tests.standin.world import SEED

#: Answers as they are, about one invented record.
WHOLE = {
    "xml": f"<PubmedArticleSet>{as_xml(Article(pmid='1', title='Invented <i>title</i>'))}</PubmedArticleSet>".encode(),
    "json": json.dumps({"esearchresult": {"count": "2", "idlist": ["1", "2"], "querytranslation": "x"}}).encode(),
}
FRAMINGS = [("length", "clean"), ("length", "short"), ("chunked", "clean"), ("chunked", "short"), ("close", "clean")]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_s10_a_broken_connection_is_asked_again(standin, client, share):
    standin.faults.push("efetch", faults.reset(share))
    assert client.send(fetch(standin)).attempts == 2


def test_s10_silence_ends_in_time(standin, tmp_path):
    standin.faults.push("efetch", faults.stall(), faults.stall(0.0))
    settings = {"timeouts": Timeouts(60.0, 0.5, 60.0), "budget": Budget(first=0.01)}
    with real_client(tmp_path, standin.key, **settings) as client:
        # on a busy machine a good answer may come too late as well
        assert client.send(fetch(standin)).attempts >= 3


def test_s10_a_slow_drip_ends_in_time(standin, tmp_path):
    standin.faults.push("efetch", faults.drip(0.02))
    settings = {"timeouts": Timeouts(60.0, 60.0, 0.5), "budget": Budget(first=0.01)}
    with real_client(tmp_path, standin.key, **settings) as client:
        assert client.send(fetch(standin)).attempts >= 2


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.98])
@pytest.mark.parametrize(("framing", "then"), FRAMINGS)
def test_s11_a_cut_body_is_refused_whatever_its_framing_says(standin, client, framing, then, share, packed):
    standin.faults.push("efetch", faults.cut_body(share, framing, then, packed=packed))
    standin.faults.push("esearch", faults.cut_body(share, framing, then, packed=packed))
    assert client.send(fetch(standin)).attempts == 2
    assert client.send(search(standin)).attempts == 2


def test_s11_a_body_that_is_always_cut_is_told_as_such(standin, client):
    standin.faults.push("efetch", *[faults.cut_body()] * 6)
    with pytest.raises(Truncated):
        client.send(fetch(standin))
    standin.faults.push("efetch", *[faults.corrupt()] * 6)
    with pytest.raises(BadPayload, match="not well-formed"):
        client.send(fetch(standin))


@pytest.mark.parametrize(
    ("fault", "error"),
    [(faults.prolog_only(), UnknownFormat), (faults.empty(), EmptyPayload), (faults.wrong_root(), BadReply)],
)
def test_s12_nothing_and_something_else_are_refused(standin, client, fault, error):
    standin.faults.push("efetch", fault)
    assert client.send(fetch(standin)).attempts == 2
    standin.faults.push("efetch", *[fault] * 6)
    with pytest.raises(error):
        client.send(fetch(standin))


def test_s13_packed_and_plain_chunked_and_not_are_the_same(standin, client):
    bodies = set()
    for framing in ("length", "chunked", "close"):
        for packed in (False, True):
            standin.faults.push("efetch", faults.cut_body(1.0, framing, packed=packed))
            bodies.add(client.send(fetch(standin)).body)
    assert len(bodies) == 1
    assert len(standin.log.of()) == 6


def test_s19_an_entity_bomb_is_refused_at_once(standin, client):
    standin.faults.push("efetch", faults.bomb())
    with pytest.raises(HostilePayload):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 1


@given(st.integers(0, 5000), st.sampled_from(["xml", "json"]))
def test_s11_no_part_of_an_answer_passes_for_the_whole(cut, expect):
    body = WHOLE[expect]
    request = Request("eutils", "https://example.org/x", expect=expect)
    assert judge(Answer(200, f"application/{expect}", body), request) is None
    assert judge(Answer(200, f"application/{expect}", body[: cut % len(body)]), request) is not None


def test_an_answer_without_end_is_cut_off(standin, client, monkeypatch):
    monkeypatch.setattr("ingest.http.client.MOST_BYTES", 100)
    with pytest.raises(BadPayload, match="more than"):
        client.send(fetch(standin))
    assert len(standin.log.of()) == 1


def test_a_media_type_that_contradicts_is_refused(standin, client):
    wrong = faults.Fault("type", "F13", lambda response: replace(response, kind="application/pdf"))
    standin.faults.push("efetch", wrong, faults.status(202))
    assert client.send(fetch(standin)).attempts == 3


def test_storm_every_fault_passes_or_is_told(standin, client):
    """1,000 faults: only the calm answer is ever returned, and every answer that was good is taken at once."""
    summary = (("db", "pubmed"), ("id", SEED), ("retmode", "json"))
    questions = (fetch(standin), Request("eutils", f"{standin.urls['eutils']}/esummary.fcgi", summary, expect="json"))
    calm = {one: client.send(one).body for one in questions}
    standin.faults.storm(random.Random(20260101), 1_000, faults.PASSING)  # noqa: S311
    replies = failures = 0
    while standin.faults.left():
        try:
            question = questions[(replies + failures) % 2]
            assert client.send(question).body == calm[question]
            replies += 1
        except (SourceUnreachable, EmptyPayload, UnknownFormat, Truncated, BadReply, BadPayload):
            failures += 1
    met = [entry.fault for entry in standin.log.of() if entry.fault]
    assert (len(met), set(met)) == (1_000, {fault.name for fault in faults.PASSING})
    assert len(standin.log.of()) == len(met) + replies + 2
    assert min(standin.log.gaps()) >= 0.4 - 1e-9
    assert failures < replies / 10
