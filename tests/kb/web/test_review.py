"""The review pages over the wire: who sees what when, what a form may do, and what hostile input cannot."""

import asyncio
import json
import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette

from kb.stages import deciding, reviewing
from kb.store import decisions

FORM = re.compile(r'<input type="hidden" name="(judged|after|of_study|of_outcome)" value="([^"]*)"')
ROLES = {"ann": "reviewer", "ben": "reviewer", "cat": "reviewer", "eve": "adjudicator", "rob": "reader"}


class Desk:
    """A site with its database, and the people who sit before it."""

    def __init__(self, path):
        self.path, self.site, self.token = path, Datasette([str(path)]), ""
        self.token = self.ask("ann", "/-/logout").cookies["ds_csrftoken"]

    def ask(self, name, path, **more):
        cookies = {"ds_csrftoken": self.token} if self.token else {}
        if name:
            cookies["ds_actor"] = self.site.sign({"a": {"id": name, "role": ROLES[name]}}, "actor")
        return asyncio.run(self.site.client.request(more.pop("method", "GET"), path, cookies=cookies, **more))

    def page(self, name, path):
        found = self.ask(name, path)
        assert found.status_code == 200, found.text
        return found.text

    def send(self, name, path, token=None, **fields):
        headers = {"content-type": "application/x-www-form-urlencoded"}
        form = urlencode({"csrftoken": token or self.token, **fields})
        return self.ask(name, path, method="POST", content=form, headers=headers)

    def fields(self, name, figure):
        return {key: unescape(value) for key, value in FORM.findall(self.page(name, f"/-/review/{figure}"))}

    def say(self, name, figure, decision="accept", **more):
        found = self.send(name, f"/-/review/{figure}", **{**self.fields(name, figure), "decision": decision, **more})
        assert found.status_code == 303, found.text
        return found

    def message(self, answer):
        sent = dict(answer.cookies)
        return self.site.unsign(sent["ds_messages"], "messages")[0][0]

    def sql(self, sql, form="json"):
        more = {"_shape": "objects"} if form == "json" else {}
        return self.ask(None, f"/evidence.{form}?{urlencode({'sql': sql, **more})}").text

    def rows(self, sql, *params):
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute(sql, params).fetchall()

    def kept(self):
        return decisions.decisions_at(self.path)


@pytest.fixture
def desk(site_db, tmp_path):
    return Desk(shutil.copy(site_db, tmp_path / "evidence.db"))


@pytest.fixture
def figure(desk):
    return desk.rows("select id from figures where document = 'pmid-38206544' and value = 13.95")[0][0]


def everything_seen(desk, name, figure):
    """Every page, table, CSV and JSON on which another's answer could show."""
    pages = [
        "/-/review", "/-/review?show=all", "/-/review?show=mine", "/-/review?show=conflict", "/-/review?show=done",
        "/-/review?outcome=mRSS", f"/-/review/{figure}", "/-/review/text/pmid-38206544", f"/-/figure/{figure}",
        "/-/study/alip-2024", "/-/outcome/mrss?months=12", "/", "/-/changes",
        "/-/estimate/msc-after.mrss.12-months.mc.main",
    ]  # fmt: skip
    tables = ("reviews", "evidence", "figures_to_review", "standings", "estimates", "moves", "decided_figures", "runs")
    seen = {path: re.sub(r'name="csrftoken" value="[^"]*"', "", desk.page(name, path)) for path in pages}
    for table in tables:
        seen |= {f"{table}.{form}": desk.sql(f"select * from {table}", form) for form in ("json", "csv")}
    return {path: re.sub(r'"query_ms": [\d.]+', "", text) for path, text in seen.items()}


def test_what_was_said_is_read_once_before_an_answer_and_once_after_it(desk, figure, monkeypatch):
    read = []
    monkeypatch.setattr(deciding, "decisions_at", lambda path: read.append(path) or decisions.decisions_at(path))
    for name in ("ann", "ben"):
        fields = desk.fields(name, figure)
        read.clear()
        desk.send(name, f"/-/review/{figure}", **fields, decision="accept")
        assert len(read) == 2
    assert len(desk.kept()) == 2


@pytest.mark.parametrize("decision", ["accept", "reject", "unsure", "correct"])
def test_the_second_sees_nothing_of_the_first_ones_answer(desk, figure, decision):
    before = everything_seen(desk, "ben", figure)
    more = {"note": "a note that nobody else may read"}
    if decision == "correct":
        more |= {
            "kind": "mean",
            "outcome": "mRSS",
            "value": "13.95",
            "sd": "8.49",
            "quote": "13.95 ± 8.49",
            "arm": "UC-MSC",
        }
    desk.say("ann", figure, decision, **more)
    assert everything_seen(desk, "ben", figure) == before
    assert "nobody else may read" in desk.page("ann", f"/-/review/{figure}")


def test_an_added_figure_and_a_finished_text_are_not_seen_either(desk, figure):
    before = everything_seen(desk, "ben", figure)
    added = {"do": "add", "kind": "proportion", "outcome": "death", "quote": "38 of 41", "events": "38", "n": "41"}
    assert desk.send("ann", "/-/review/text/pmid-38206544", **added).status_code == 303
    assert desk.send("cat", "/-/review/text/pmid-38206544", do="finish").status_code == 303
    # cat has answered for ann's figure by finishing the text, so two have
    assert len(desk.kept()) == 1
    assert json.loads(desk.sql("select * from decided_figures"))["rows"]
    other = Desk(shutil.copy(desk.path, desk.path.parent / "other.db"))
    assert (
        before["/-/review/text/pmid-38206544"] != everything_seen(other, "ben", figure)["/-/review/text/pmid-38206544"]
    )


def test_a_lone_addition_is_seen_by_nobody_else(desk, figure):
    before = everything_seen(desk, "ben", figure)
    added = {"do": "add", "kind": "proportion", "outcome": "death", "quote": "38 of 41", "events": "38", "n": "41"}
    answer = desk.send("ann", "/-/review/text/pmid-38206544", **added)
    assert "shown to nobody else" in desk.message(answer)
    assert everything_seen(desk, "ben", figure) == before
    assert "Take it back" in desk.page("ann", "/-/review/text/pmid-38206544")


def test_how_many_somebody_has_answered_is_all_that_others_learn(desk, figure):
    desk.say("ann", figure, "reject", note="words of ann")
    page = desk.page("ben", "/-/review/agreement")
    assert re.search(r'<th scope="row">ann</th><td class="num">1</td>', page)
    assert figure not in page
    assert "words of ann" not in page


def test_the_next_figure_comes_without_a_detour(desk):
    first = re.search(r'href="/-/review/([^"?]+)"', desk.page("ann", "/-/review").split("<tbody>")[1]).group(1)
    answer = desk.say("ann", first)
    following = answer.headers["location"].removeprefix("/-/review/")
    assert following not in ("", first)
    assert desk.rows("select 1 from figures where id = ?", following)
    assert f'href="/-/review/{first}"' not in desk.page("ann", "/-/review").split("<tbody>")[1]
    assert "shown to nobody else" in desk.message(answer)


def test_filters_go_on_to_the_next_figure(desk):
    page = desk.page("ann", "/-/review?outcome=mRSS&study=alip-2024").split("<tbody>")[1]
    first = re.search(r'href="/-/review/([^"?]+)\?study=alip-2024&amp;outcome=mRSS"', page).group(1)
    fields = {
        key: unescape(v) for key, v in FORM.findall(desk.page("ann", f"/-/review/{first}?study=alip-2024&outcome=mRSS"))
    }
    answer = desk.send("ann", f"/-/review/{first}", decision="accept", **fields)
    assert answer.headers["location"].endswith("?study=alip-2024&outcome=mRSS")
    following = answer.headers["location"].split("?")[0].rsplit("/", 1)[1]
    assert desk.rows(
        "select f.outcome, t.study from figures f join standings t on t.figure = f.id where f.id = ?", following
    ) == [("mRSS", "alip-2024")]


def test_what_matters_most_comes_first(desk):
    ids = re.findall(r'<th scope="row" data-th="Figure"><a href="/-/review/([^"?]+)"', desk.page("ann", "/-/review"))
    fed = {
        row[0]: row[1]
        for row in desk.rows(
            """select ef.figure, count(distinct l.estimate) from effect_figures ef
            join estimate_effects l on l.effect = ef.effect where l.weight is not null group by ef.figure"""
        )
    }
    counts = [fed.get(id_, 0) for id_ in ids]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0


def test_a_disclosed_decision_says_how_the_estimate_moved(desk):
    target, estimate, before = desk.rows(
        """select ef.figure, m.id, m.estimate from estimates m join estimate_effects l on l.estimate = m.id
        join effects x on x.id = l.effect join effect_figures ef on ef.effect = x.id
        where l.weight is not null and m.k > 1 and x.basis = 'secondary sheet'
        order by m.id, ef.figure"""
    )[0]
    desk.say("ann", target, "reject")
    message = desk.message(desk.say("ben", target, "reject"))
    assert "moved: " in message
    assert " → " in message
    assert desk.rows("select estimate from estimates where id = ?", estimate) != [(before,)]
    page = desk.page("ben", f"/-/review/{target}")
    assert "How estimates moved" in page
    assert f"/-/estimate/{estimate}" in page


def test_a_conflict_awaits_an_adjudicator_who_is_not_one_of_the_two(desk, figure):
    desk.say("ann", figure, "accept")
    desk.say("ben", figure, "reject", note="the wrong year")
    assert "Settle the conflict" not in desk.page("cat", f"/-/review/{figure}")
    page = desk.page("eve", f"/-/review/{figure}")
    assert "Settle the conflict" in page
    assert "the wrong year" in page
    listed = desk.page("eve", "/-/review").split("<tbody>")[1]
    assert listed.index(figure) == min(listed.index(id_) for id_ in re.findall(r"/-/review/([^\"?]+)", listed))
    desk.say("eve", figure, "accept")
    assert desk.rows("select basis from standings where figure = ?", figure) == [("adjudicated",)]
    assert [d["role"] for d in desk.kept()] == ["reviewer", "reviewer", "adjudicator"]


def test_agreement_is_shown_with_kappa(desk):
    ids = [row[0] for row in desk.rows("select id from figures where reader = 'sheet' order by id limit 6")]
    for i, id_ in enumerate(ids):
        desk.say("ann", id_, "accept" if i < 4 else "reject")
        desk.say("ben", id_, "accept" if i < 3 else "reject")
    page = desk.page("ann", "/-/review/agreement")
    assert "ann and ben" in page
    assert "5 (83.3 %)" in page
    assert '<td data-th="κ" class="num">0.67</td>' in page


@pytest.mark.parametrize("path", ["/-/review", "/-/review/agreement", "/-/review/text/pmid-38206544", "/-/review/x"])
@pytest.mark.parametrize(("name", "status"), [(None, 401), ("rob", 403)])
def test_only_reviewers_see_review_pages(desk, path, name, status):
    assert desk.ask(name, path).status_code == status


@pytest.mark.parametrize(("name", "status"), [(None, 401), ("rob", 403)])
def test_only_reviewers_decide(desk, figure, name, status):
    fields = desk.fields("ann", figure)
    for path in (f"/-/review/{figure}", "/-/review/text/pmid-38206544"):
        assert desk.send(name, path, decision="accept", do="finish", **fields).status_code == status
    assert desk.kept() == []


def test_nothing_is_written_without_the_token_of_the_form(desk, figure):
    fields = desk.fields("ann", figure)
    for token in ("other", desk.token[:-1]):
        found = desk.send("ann", f"/-/review/{figure}", token, decision="accept", **fields)
        assert found.status_code == 403
    assert desk.kept() == []


def test_name_role_and_time_come_from_the_server(desk, figure):
    desk.say(
        "ann", figure, reviewer="ben", role="adjudicator", id="mine", decided_at="1999-01-01", actor="ben"
    )  # fmt: skip
    (kept,) = desk.kept()
    assert (kept["reviewer"], kept["role"]) == ("ann", "reviewer")
    assert kept["id"] != "mine"
    assert kept["decided_at"] > "2020"


def test_a_form_sent_again_is_kept_once_and_says_so(desk, figure):
    fields = desk.fields("ann", figure)
    for status in (303, 422):
        found = desk.send("ann", f"/-/review/{figure}", decision="accept", note="typed with care", **fields)
        assert found.status_code == status
    assert "nothing was added" in found.text
    assert "typed with care" in found.text
    assert len(desk.kept()) == 1


@pytest.mark.parametrize("figure_id", ["nothing", "..%2F..%2Fetc", "%3Cscript%3E", "1%27 or 1=1 --", "x" * 3000])
def test_unknown_figures_and_documents_are_not_found(desk, figure_id):
    assert desk.ask("ann", f"/-/review/{figure_id}").status_code == 404
    assert desk.ask("ann", f"/-/review/text/{figure_id}").status_code == 404
    assert desk.send("ann", f"/-/review/{figure_id}", decision="accept", judged="{}", after="").status_code == 404
    assert desk.send("ann", f"/-/review/text/{figure_id}", do="finish").status_code == 404
    assert desk.kept() == []


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def test_a_hostile_note_is_shown_as_it_is_written(desk, figure):
    desk.say("ann", figure, "reject", note=HOSTILE)
    desk.say("ben", figure, "reject", note=HOSTILE)
    for path in (f"/-/review/{figure}", f"/-/figure/{figure}"):
        page = desk.page("cat", path)
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"value": "abc"}, "value: &#39;abc&#39; is not a number"),
        ({"value": "nan"}, "is not a number"),
        ({"value": "1e999"}, "is not a number"),
        ({"value": "1_000"}, "is not a number"),
        ({"n": "41.5"}, "is not a whole number"),
        ({"n": "-3"}, "is not a whole number"),
        ({"n": "9" * 30}, "is not a whole number"),
        ({"kind": "mode"}, "kind: &#39;mode&#39; is not one of"),
        ({"outcome": HOSTILE}, "is not in the vocabulary"),
        ({"time_unit": "fortnight", "time_value": "1"}, "is not one of"),
        ({"time_value": "5"}, "a time needs its unit"),
        ({"time_unit": "year", "time_value": "-1"}, "is a number above 0"),
        ({"p_number": "7", "p_op": "<"}, "between 0 and 1"),
        ({"p_number": "0.5", "p_op": ">="}, "is not one of"),
        ({"value": "99.5"}, "the quote prints no value 99.5"),
        ({"quote": HOSTILE}, "do not stand in the text"),
        ({"arm": "x" * 300}, "are too many"),
        ({"note": "x" * 5000}, "are the most"),
    ],
)
def test_a_wrong_field_is_named_in_one_line_and_nothing_typed_is_lost(desk, figure, fields, line):
    right = {"kind": "mean", "outcome": "mRSS", "value": "13.95", "sd": "8.49", "quote": "13.95 ± 8.49", "note": "kept"}
    sent = {**desk.fields("ann", figure), **right, **fields}
    found = desk.send("ann", f"/-/review/{figure}", decision="correct", **sent)
    assert found.status_code == 422
    assert line in found.text
    assert "<script>" not in found.text
    assert desk.kept() == []
    if "note" not in fields:
        assert ">kept</textarea>" in found.text
    found = desk.send("ann", "/-/review/text/pmid-38206544", do="add", **{**right, **fields})
    assert found.status_code == 422
    assert desk.kept() == []


def test_a_figure_that_is_there_is_not_added_again(desk, figure):
    known = {"kind": "mean", "outcome": "mRSS", "value": "13.95", "sd": "8.49", "quote": "13.95 ± 8.49"}
    known |= {"time_value": "1", "time_unit": "year"}
    found = desk.send("ann", "/-/review/text/pmid-38206544", do="add", **known)
    assert found.status_code == 422
    assert f"this figure is there already: {figure}" in found.text


def test_while_another_program_writes_a_click_is_kept_and_says_what_waits(desk, figure, monkeypatch):
    monkeypatch.setattr(reviewing, "PATIENCE_MS", 20)
    desk.say("ann", figure)
    fields = desk.fields("ben", figure)
    with closing(sqlite3.connect(desk.path)) as refresh:
        refresh.execute("begin immediate")
        found = desk.send("ben", f"/-/review/{figure}", decision="accept", **fields)
        refresh.rollback()
    assert found.status_code == 303
    assert "Your decision is kept" in desk.message(found)
    assert len(desk.kept()) == 2


def test_scripts_are_allowed_only_where_text_is_marked(desk, figure):
    policy = {
        p: desk.ask("ann", p).headers["content-security-policy"]
        for p in ("/-/review", f"/-/review/{figure}", "/-/review/text/pmid-38206544")
    }
    assert ["script-src 'self'" in value for value in policy.values()] == [False, False, True]


def test_the_whole_text_its_terms_and_headings_are_there(desk, figure):
    page = desk.page("ann", f"/-/review/{figure}")
    assert '<mark class="here" id="here">13.95 ± 8.49</mark>' in page
    assert page.count('class="other"') >= 3
    assert "Modified Rodnan skin score" in page.split("Outcome terms")[1]
    assert "MeSH headings" in page
    assert "Sheet beside machine" in page
    for key in "aruncm":
        assert f'accesskey="{key}"' in page
