"""Who may do what: signed in or not, allowed or not, and no form without its token."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape

import pytest
from datasette import hookimpl
from datasette.app import Datasette
from datasette.plugins import pm

from kb.errors import KbError
from kb.web.act import Done, action
from kb.web.headers import HEADERS
from kb.web.people import ADJUDICATE, REVIEW, SCREEN, Person, granted, person_of
from kb.web.show import Page, Problem, view

ANN = {"id": "ann", "role": "reviewer"}
EVA = {"id": "eva", "role": "adjudicator"}
STRANGER = {"id": "sam"}


@pytest.mark.parametrize(
    ("actor", "person"),
    [
        (None, None),
        ({}, None),
        ({"id": " "}, None),
        (ANN, Person("ann", "reviewer")),
        (STRANGER, Person("sam", "reader")),
        ({"id": 7, "role": "owner"}, Person("7", "reader")),
    ],
)
def test_a_person_is_a_name_and_a_known_role(datasette, actor, person):
    assert person_of(datasette, actor) == person


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [(None, set()), (STRANGER, set()), (ANN, {REVIEW, SCREEN}), (EVA, {REVIEW, SCREEN, ADJUDICATE})],
)
def test_a_role_brings_its_permissions_and_no_other(datasette, actor, allowed):
    asked = (REVIEW, SCREEN, ADJUDICATE, "view-database")
    assert {name for name in asked if granted(datasette, actor, name)} == allowed


def write(db, path, asked, person):
    """Writes a note into the database, or fails in the way that it is told to."""
    with db.atomic():
        db.execute("create table if not exists said (who text, what text, file text)")
        db.execute("insert into said values (?, ?, ?)", [person.name, asked.form["what"], path.name])
        if asked.form["what"] == "problem":
            raise Problem(409, "Somebody else was quicker.")
        if asked.form["what"] == "broken":
            raise KbError("no room")
    return Done("/-/try-read", f"Kept: {asked.form['what']}")


def read(_db, asked):
    return Page("kb/error.html", "Try", "/-/try-read", f"asked by {asked.person and asked.person.name}")


class Trial:
    """Pages to try: one that takes forms, one that only reviewers read."""

    __name__ = "trial"

    @hookimpl
    def register_routes(self):
        return [
            (r"/-/try$", action(write, REVIEW, "figures", page=view(read))),
            (r"/-/try-settle$", action(write, ADJUDICATE)),
            (r"/-/try-read$", view(read, needs=REVIEW)),
        ]


@pytest.fixture
def site(site_db, tmp_path):
    """A copy of the site with the pages to try."""
    trial = Trial()
    pm.register(trial)
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    yield Datasette([str(path)])
    pm.unregister(trial)


def cookies_of(site, actor):
    return {"ds_actor": site.sign({"a": actor}, "actor")} if actor else {}


@pytest.fixture
def send(site):
    """Send a form as somebody, with the token that the site gave, or without."""

    def post(actor, form, path="/-/try", *, token=True):
        async def sent():
            cookies = cookies_of(site, actor)
            if token:
                form_page = await site.client.get("/-/logout", cookies=cookies_of(site, EVA))
                cookies["ds_csrftoken"] = form_page.cookies["ds_csrftoken"]
                form["csrftoken"] = cookies["ds_csrftoken"]
            return await site.client.post(path, data=form, cookies=cookies)

        return asyncio.run(sent())

    return post


def said(site):
    with closing(sqlite3.connect(site.databases["evidence"].path)) as db:
        found = db.execute("select 1 from sqlite_master where name = 'said'").fetchone()
        return db.execute("select * from said").fetchall() if found else []


@pytest.mark.parametrize(
    ("actor", "path", "status", "words"),
    [
        (None, "/-/try", 401, "Nobody is signed in"),
        (STRANGER, "/-/try", 403, "sam (reader) is signed in and is not allowed to review"),
        (ANN, "/-/try-settle", 403, "ann (reviewer) is signed in and is not allowed to adjudicate"),
    ],
)
def test_not_signed_in_and_not_allowed_are_told_apart(site, send, actor, path, status, words):
    answer = send(actor, {"what": "x"}, path)
    assert answer.status_code == status
    assert words in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert said(site) == []


@pytest.mark.parametrize(("actor", "status"), [(None, 401), (STRANGER, 403), (ANN, 200), (EVA, 200)])
def test_a_page_for_reviewers_is_shown_to_reviewers(site, actor, status):
    answer = asyncio.run(site.client.get("/-/try-read", cookies=cookies_of(site, actor)))
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_a_form_is_written_with_the_name_of_the_server_and_leads_on(site, send):
    answer = send(ANN, {"what": "<b>yes</b>", "who": "somebody else"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/-/try-read")
    assert said(site) == [("ann", "<b>yes</b>", "evidence.db")]
    cookies = {**cookies_of(site, ANN), "ds_messages": answer.cookies["ds_messages"]}
    shown = asyncio.run(site.client.get("/-/try-read", cookies=cookies))
    assert '<p class="message info" role="status">Kept: &lt;b&gt;yes&lt;/b&gt;</p>' in shown.text
    assert "asked by ann" in shown.text


@pytest.mark.parametrize("token", [None, "forged"])
def test_a_form_without_its_token_is_refused(site, send, token):
    form = {"what": "x"} | ({"csrftoken": token} if token else {})
    assert send(ANN, form, token=False).status_code == 403
    assert said(site) == []


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [("problem", 409, "Somebody else was quicker."), ("broken", 500, "This cannot be done: no room")],
)
def test_what_fails_leaves_nothing_behind_and_says_why(site, send, capfd, what, status, words):
    answer = send(ANN, {"what": what})
    assert answer.status_code == status
    assert words in answer.text
    assert said(site) == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"what=a&what=b", "application/x-www-form-urlencoded", 400),
        (b"what=%ff", "application/x-www-form-urlencoded", 400),
        (b"what=" + b"x" * 200_000, "application/x-www-form-urlencoded", 413),
        (b'{"what": "a"}', "application/json", 415),
    ],
)
def test_what_is_no_plain_form_is_refused(site, body, kind, status):
    async def sent():
        cookies = cookies_of(site, EVA)
        cookies["ds_csrftoken"] = (await site.client.get("/-/logout", cookies=cookies)).cookies["ds_csrftoken"]
        headers = {"content-type": kind, "x-csrftoken": cookies["ds_csrftoken"]}
        return await site.client.post("/-/try", content=body, headers=headers, cookies=cookies)

    assert asyncio.run(sent()).status_code == status
    assert said(site) == []


def test_a_path_that_takes_forms_can_be_read_where_it_has_a_page(site):
    answers = [asyncio.run(site.client.get(path)).status_code for path in ("/-/try", "/-/try-settle")]
    assert answers == [200, 405]


def test_an_immutable_copy_takes_no_form(site, send):
    site.databases["evidence"].is_mutable = False
    answer = send(ANN, {"what": "x"})
    assert answer.status_code == 403
    assert "can only be read" in answer.text


def test_a_form_waits_for_another_writer(site):
    """A refresh holds the database for a moment; the click is kept all the same."""
    with closing(sqlite3.connect(site.databases["evidence"].path, check_same_thread=False)) as other:
        other.execute("begin immediate")

        async def sent():
            later = asyncio.get_running_loop().call_later(0.5, other.rollback)
            cookies = cookies_of(site, ANN)
            cookies["ds_csrftoken"] = (await site.client.get("/-/logout", cookies=cookies)).cookies["ds_csrftoken"]
            form = {"what": "x", "csrftoken": cookies["ds_csrftoken"]}
            answer = await site.client.post("/-/try", data=form, cookies=cookies)
            later.cancel()
            return answer

        assert asyncio.run(sent()).status_code == 303
    assert len(said(site)) == 1


@pytest.mark.parametrize(
    ("actor", "words"),
    [(ANN, "Signed in as ann (reviewer) Sign out"), (None, "Evidence KB Flow Changes Dictionary Tables and SQL")],
)
def test_the_head_of_the_page_says_who_is_signed_in(site, actor, words):
    page = asyncio.run(site.client.get("/-/flow", cookies=cookies_of(site, actor))).text
    head = page.partition("<nav")[2].partition("</nav>")[0]
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", head)).split())
    assert words in text.replace(" )", ")")
    assert "Sign in" not in text


def test_a_hostile_name_stays_text(site):
    name = "<img src=x onerror=alert(1)>"
    page = asyncio.run(site.client.get("/-/flow", cookies=cookies_of(site, {"id": name, "role": "reviewer"}))).text
    assert "<img" not in page
    assert "&lt;img src=x" in page
