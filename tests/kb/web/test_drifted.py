"""The page of what has drifted: who may see it, what its form keeps, and where what was said is seen."""

import asyncio
import re
from contextlib import closing
from html import unescape
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette

from kb.store.connection import open_database
from kb.store.drift import drift_decisions_at
from kb.store.rows import fetch

TEXTS = (
    "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 12 months.",
    "The mean mRSS was 21.4 at baseline. The mean mRSS was 12.5 at 12 months.",
)
PAGE = "/-/review/drifted"
WHY = "21.4 <b>now</b> & read"


class Desk:
    """A site over a database with one figure that drifted, and whoever sits before it."""

    def __init__(self, path, figure):
        self.path, self.figure, self.site = path, figure, Datasette([str(path)])
        self.token = ""
        self.token = self.ask("ann", "/-/logout").cookies["ds_csrftoken"]

    def ask(self, name, path, method="GET", **more):
        cookies = {"ds_csrftoken": self.token} if self.token else {}
        if name:
            role = "reader" if name == "rob" else "reviewer"
            cookies["ds_actor"] = self.site.sign({"a": {"id": name, "role": role}}, "actor")
        return asyncio.run(self.site.client.request(method, path, cookies=cookies, **more))

    def words(self, path, name="ann"):
        answer = self.ask(name, path)
        assert answer.status_code == 200, answer.text[:500]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

    def send(self, name="ann", **fields):
        form = {"csrftoken": self.token, "gone": self.figure, "decision": "set aside", "reason": WHY, **fields}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return self.ask(name, PAGE, "POST", content=urlencode(form), headers=headers)


@pytest.fixture
def desk(demo, load):
    for text in TEXTS:
        load("7", text)
    with closing(open_database(demo)) as db:
        (row,) = fetch(db, "select id from figures where drifted = 1")
    return Desk(demo, row["id"])


def test_the_queue_leads_to_what_waits_and_no_more_once_it_is_set_aside(desk):
    assert "Not in the text any more: 1 to look at" in desk.words("/-/review")
    assert "1 waits for somebody to look" in desk.words(PAGE)
    sent = desk.send()
    assert (sent.status_code, sent.headers["location"]) == (303, PAGE)
    assert "to look at" not in desk.words("/-/review")
    assert "Nothing waits; 1 set aside" in desk.words(PAGE)
    (kept,) = drift_decisions_at(desk.path)
    assert (kept["figure"], kept["reviewer"], kept["reason"]) == (desk.figure, "ann", WHY)


def test_everybody_sees_who_set_it_aside_and_why(desk):
    desk.send()
    said = f"set aside by ann : {WHY}".replace(" :", ":")
    assert said in desk.words(PAGE)
    assert said in desk.words(f"/-/figure/{desk.figure}", None)
    assert f"set aside: {WHY}" in desk.words("/-/study/pmid-7", None)
    assert desk.ask(None, "/evidence/drifted_figures.json?_shape=array").json()[0]["reason"] == WHY
    assert "<b>now</b>" not in desk.ask("ann", PAGE).text + desk.ask(None, f"/-/figure/{desk.figure}").text


def test_the_page_to_judge_it_on_says_that_nothing_is_left_to_judge(desk):
    page = desk.words(f"/-/review/{desk.figure}")
    assert "drifted" in page
    assert "awaits you" not in page
    assert "there is nothing to decide on. It can be set aside with a reason." in page


def test_it_is_opened_again_on_the_same_page(desk):
    desk.send()
    assert desk.send("ben", decision="open again", reason="Look once more.").status_code == 303
    assert "1 waits for somebody to look" in desk.words(PAGE)
    assert "open again by ben: Look once more." in desk.words(PAGE)


def test_a_form_without_a_reason_comes_back_with_why(desk):
    sent = desk.send(reason=" ")
    assert sent.status_code == 422
    assert "Not kept: say the reason" in sent.text
    assert drift_decisions_at(desk.path) == []


def test_what_was_typed_is_not_lost(desk):
    desk.send()
    sent = desk.send(reason="a second <reason>")
    assert sent.status_code == 422
    assert "it is set aside already" in sent.text
    assert "a second &lt;reason&gt;</textarea>" in sent.text


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [(None, {}, 401), ("rob", {}, 403), ("ann", {"csrftoken": "x"}, 403), ("ann", {"gone": "no-such"}, 404)],
)
def test_only_reviewers_set_aside_and_only_what_drifted(desk, name, fields, status):
    assert desk.send(name, **fields).status_code == status
    assert drift_decisions_at(desk.path) == []


@pytest.mark.parametrize(("name", "status"), [(None, 401), ("rob", 403), ("ann", 200)])
def test_only_reviewers_see_the_page(desk, name, status):
    assert desk.ask(name, PAGE).status_code == status


def test_a_page_beyond_the_last_is_empty_and_no_error(desk):
    assert "1 waits" in desk.words(f"{PAGE}?page=99")
    assert "1 waits" in desk.words(f"{PAGE}?page=x")
