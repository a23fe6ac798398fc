"""Screening on the site: record after record, nobody sees the other's decision, nothing is kept that may not be."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette

from kb.evidence.flow import SAME
from kb.stages import screening
from kb.stages.topic import topic_of
from kb.store.connection import decisions_path, open_database
from kb.web.headers import HEADERS
from kb.web.pages.flow import steps

ANN, BEN = ({"id": name, "role": "reviewer"} for name in ("ann", "ben"))
EVA = {"id": "eva", "role": "adjudicator"}
STRANGER = {"id": "sam"}
SEED, HOSTILE = "pmid-38206544", "pmid-900001"
REASON = "exclude/not systemic sclerosis"


@pytest.fixture
def site(site_db, tmp_path):
    return Datasette([str(shutil.copy(site_db, tmp_path / "evidence.db"))])


@pytest.fixture
def path(site):
    return site.databases["evidence"].path


def cookies_of(site, actor):
    return {"ds_actor": site.sign({"a": actor}, "actor")} if actor else {}


@pytest.fixture
def read(site):
    """A page as somebody sees it."""

    def get(path, actor=ANN):
        return asyncio.run(site.client.get(path, cookies=cookies_of(site, actor)))

    return get


@pytest.fixture
def send(site):
    """Send a form as somebody, with the token that the site gave."""

    def post(record, answer, actor=ANN, stage="title-abstract", **form):
        async def sent():
            cookies = cookies_of(site, actor)
            token = (await site.client.get("/-/logout", cookies=cookies_of(site, EVA))).cookies["ds_csrftoken"]
            data = {"csrftoken": token, "stage": stage, "answer": answer, **form}
            return await site.client.post(f"/-/screen/{record}", data=data, cookies={**cookies, "ds_csrftoken": token})

        return asyncio.run(sent())

    return post


def kept(path):
    with closing(sqlite3.connect(path.replace("evidence.db", "evidence.reviews.db"))) as db:
        found = db.execute("select 1 from sqlite_master where name = 'screening_decisions'").fetchone()
        sql = "select document, stage, decision, reason, note, reviewer, role from screening_decisions order by rowid"
        return db.execute(sql).fetchall() if found else []


def title_of(page):
    return unescape(re.search(r'<h1 id="title">(.*?)</h1>', page.text)[1])


@pytest.mark.parametrize(
    ("actor", "status", "words"),
    [
        (None, 401, "Nobody is signed in"),
        (STRANGER, 403, "sam (reader) is signed in and is not allowed to screen"),
        (ANN, 200, "Who and what belongs here"),
        (EVA, 200, "Who and what belongs here"),
    ],
)
@pytest.mark.parametrize("where", ["/-/screen", f"/-/screen/{SEED}", "/-/screen?stage=full-text"])
def test_screening_is_for_screeners(read, actor, status, words, where):
    page = read(where, actor)
    assert page.status_code == status
    assert words in page.text or (status == 200 and "No record was included" in page.text)
    assert {name for name in HEADERS if name not in page.headers} == set()


@pytest.mark.parametrize(("actor", "status"), [(None, 401), (STRANGER, 403)])
@pytest.mark.parametrize("where", [SEED, f"{SEED}/settle", "rank"])
def test_nobody_else_writes(path, send, actor, status, where):
    assert send(where, "include", actor).status_code == status
    assert kept(path) == []


def test_a_reviewer_does_not_settle(path, send):
    assert send(f"{SEED}/settle", "include", ANN).status_code == 403
    assert kept(path) == []


def test_a_form_without_its_token_is_refused(site, path):
    answer = asyncio.run(
        site.client.post(f"/-/screen/{SEED}", data={"stage": "title-abstract", "answer": "include"},
                         cookies=cookies_of(site, ANN))
    )  # fmt: skip
    assert answer.status_code == 403
    assert kept(path) == []


def test_the_next_record_comes_without_a_detour_and_the_last_may_be_undone(read, send, path):
    first = title_of(read("/-/screen"))
    answer = send(HOSTILE if "Moss" in first else SEED, REASON, note=" why\r\nnot ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/-/screen")
    page = read("/-/screen")
    assert title_of(page) != first
    assert "Your last decision: excluded" in page.text
    (row,) = kept(path)
    assert row[1:] == ("title-abstract", "exclude", "not systemic sclerosis", "why\nnot", "ann", "reviewer")
    again = re.search(r'href="(/-/screen/[^"]+)">Decide anew', page.text)[1]
    assert "You said: <strong>excluded</strong>" in read(again).text
    send(again.rpartition("/")[2], "include")
    assert [row[2] for row in kept(path)] == ["exclude", "include"]


def test_the_second_screener_sees_nothing_of_the_first_before_deciding(read, send):
    places = ["/-/screen", f"/-/screen/{SEED}", "/-/flow", "/evidence/screenings.json?_shape=objects",
              "/evidence/records.csv", "/evidence.json?sql=select+*+from+prisma_flow"]  # fmt: skip
    before = [neutral(read(place, BEN).text) for place in places]
    send(SEED, REASON, ANN, note="hidden words")
    assert [neutral(read(place, BEN).text) for place in places] == before
    send(SEED, "include", BEN)
    page = read(f"/-/screen/{SEED}", BEN).text
    assert "hidden words" in page
    assert "excluded, not systemic sclerosis" in page
    assert "Screeners disagree" in read("/-/screen", BEN).text


def neutral(text):
    """A page without its token and without the time that a query took."""
    return re.sub(r'name="csrftoken" value="[^"]*"|"query_ms": [\d.]+', "", text)


def test_a_conflict_is_settled_by_an_adjudicator(read, send, path):
    send(SEED, REASON, ANN)
    send(SEED, "include", BEN)
    assert f'action="/-/screen/{SEED}/settle"' in read(f"/-/screen/{SEED}", EVA).text
    assert f'action="/-/screen/{SEED}"' in read(f"/-/screen/{SEED}", ANN).text
    assert send(f"{SEED}/settle", "include", EVA).status_code == 303
    assert kept(path)[-1][-2:] == ("eva", "adjudicator")
    assert "1 waits for you" in read("/-/screen?stage=full-text", ANN).text
    assert title_of(read("/-/screen?stage=full-text", BEN))


def test_one_click_too_many_keeps_nothing_more(send, path):
    assert send(SEED, "include").status_code == send(SEED, "include").status_code == 303
    assert len(kept(path)) == 1


def test_a_third_screener_is_told_so(read, send, path):
    send(SEED, "include", ANN)
    send(SEED, "include", BEN)
    answer = send(SEED, REASON, EVA)
    assert answer.status_code == 409
    assert "Nothing was kept: this record has all the decisions it needs." in answer.text
    assert "This record has all the decisions it needs." in read(f"/-/screen/{SEED}?stage=title-abstract", EVA).text
    assert len(kept(path)) == 2


@pytest.mark.parametrize(
    ("answer", "stage", "note", "status"),
    [
        ("exclude/because", "title-abstract", "", 409),
        ("exclude", "title-abstract", "", 409),
        ("", "title-abstract", "", 409),
        ("include", "", "", 409),
        ("include", "full-text", "", 409),
        ("not retrieved", "full-text", "", 409),
        ("include", "title-abstract", "x" * 4001, 400),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(send, path, answer, stage, note, status):
    assert send(SEED, answer, stage=stage, note=note).status_code == status
    assert kept(path) == []


@pytest.mark.parametrize("where", ["/-/screen?stage=third", "/-/screen/nobody", "/-/screen/%3Cscript%3E"])
def test_what_is_not_there_is_said(read, where):
    page = read(where)
    assert page.status_code in (400, 404)
    assert "<script>" not in page.text


def test_hostile_titles_and_notes_stay_text(read, send):
    note = '</textarea><script>alert("note")</script><img src=x onerror=alert(1)>'
    send(HOSTILE, REASON, ANN, note=note)
    send(HOSTILE, REASON, BEN, note=note)
    for where in (f"/-/screen/{HOSTILE}", "/-/screen"):
        page = read(where).text
        assert "Moss &lt;script&gt;" in page
        assert page.count("<script") == 1
        assert "<img" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in read(f"/-/screen/{HOSTILE}").text


def test_possible_duplicates_are_screened_once(path, read):
    with closing(open_database(Path(path))) as db, db.atomic():
        db.execute("insert into duplicates values (?, ?, ?, 1, '{}')", [SEED, HOSTILE, SAME[1]])
        screening.gather(db, Path(path), topic_of(db), "r")
    assert "Taken for the same record" in read(f"/-/screen/{SEED}").text
    assert title_of(read(f"/-/screen/{HOSTILE}")) == title_of(read(f"/-/screen/{SEED}"))


def test_the_flow_is_drawn_from_the_view(read, send, ask_here):
    for actor in (ANN, BEN):
        send(SEED, "include", actor)
        send(HOSTILE, REASON, actor)
    rows = ask_here("select * from prisma_flow")
    page = read("/-/flow", None).text
    for step in steps(rows):
        for box in (*step.boxes, *step.leaving):
            assert re.search(
                rf"<h2>{re.escape(box.name)} <span class=\"count\">\(n = {box.records:,}\)</span></h2>", page
            )
    drawn = {box.name: box.records for step in steps(rows) for box in (*step.boxes, *step.leaving)}
    assert drawn["Records screened"] == 2
    assert drawn["Records excluded"] == drawn["Reports sought for retrieval"] == 1
    entering = sum(n for name, n in drawn.items() if name.startswith("Records identified"))
    leaving = drawn["Duplicate records removed"] + drawn["Records removed for other reasons"]
    assert entering - leaving == drawn["Records to screen"] == drawn["Not screened yet"] + drawn["Records screened"]


@pytest.fixture
def ask_here(read):
    def ask(sql):
        return read(f"/evidence.json?sql={sql.replace(' ', '+')}&_shape=array", None).json()

    return ask


def test_a_copy_without_decisions_can_be_looked_at(read, path):
    assert not decisions_path(Path(path)).exists()
    assert read("/-/screen").status_code == 200
    assert not decisions_path(Path(path)).exists()


def test_the_order_is_learned_when_it_is_asked_for(read, send):
    assert send("rank", "").status_code == 303
    for actor in (ANN, BEN):
        send(SEED, "include", actor)
        send(HOSTILE, REASON, actor)
    pytest.importorskip("sklearn")
    assert send("rank", "").status_code == 303
    assert "by what 1 included and 1 excluded records have in common" in read("/-/screen").text
