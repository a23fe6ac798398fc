"""Whatever is stored is text: every page over a database in which hostile words stand wherever words can stand."""

import re
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser

import pytest
from datasette.app import Datasette

from kb.web.headers import HEADERS

WORDS = """'"></textarea><script>alert(1)</script><svg onload=alert(2)><img src=x onerror=alert(3)>{{ 7 * 7 }}"""
LINK = "javascript:alert(4)"
#: Columns of words that no other row is found by.
HOSTILE = {
    "studies": ("title", "note", "made_from", "design", "role"),
    "documents": ("title", "journal", "published", "source"),
    "cohorts": ("centre", "years", "registration", "reason"),
    "arms": ("intervention", "intervention_class"),
    "risk_of_bias": ("support",),
    "outcomes": ("title",),
    "links": ("title",),
    "references_text": ("text", "method"),
    "effects": ("derived",),
    "estimate_effects": ("left_out",),
    "estimates": ("assumptions", "versions"),
    "reanalyses": ("note",),
    "standings": ("derived",),
    "figures": ("place", "unbound", "estimator"),
    "verdicts": ("reason",),
    "fetches": ("url", "source"),
    "runs": ("command", "message"),
    "certainty_inputs": ("said",),
}
ROWS = (
    "insert into notices (document, position, ref_type, text, note) values ('pmid-38206544', 90, :w, :w, :w)",
    """insert into events (run, document, event, state, text, noticed_at)
    values ('r', 'pmid-38206544', 'concern', 'appeared', :w, :w)""",
    """insert into changes (run, document, field, before, after, noticed_at)
    values ('r', 'pmid-38206544', :w, :w, :w, :w)""",
    "insert into ratings select 'r' || id, id, :w, :w, k, estimate, ci_low, ci_high, :w, :w from estimates",
    """insert into reviews (id, figure, section_sha256, start, "end", quote, reading, decision, note, reviewer, role,
    decided_at, state) select 'r' || id, id, :w, 0, 1, :w, '{}', :w, :w, :w, :w, :w, 're-confirm' from figures""",
    """insert into registry_entries (document, status, study_type, enrolment, start, updated, arms, outcomes)
    values ('nct-nct00962923', :w, :w, 20, :w, :w, :w, :w)""",
)


class Elements(HTMLParser):
    """Collects what a browser would run or follow."""

    def __init__(self):
        super().__init__()
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "img", "iframe", "object", "style"} or any(name.startswith("on") for name, _ in attrs):
            self.wrong.append((tag, attrs))
        self.wrong += [
            (tag, v) for name, v in attrs if name in {"href", "src", "action"} and (v or "").startswith("java")
        ]


@pytest.fixture(scope="module")
def hostile(site_db, tmp_path_factory):
    """A copy of the site's database with hostile words in it, and how many places took them."""
    path = shutil.copy(site_db, tmp_path_factory.mktemp("hostile") / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("pragma ignore_check_constraints = on")
        placed = 0
        for table, columns in HOSTILE.items():
            for trigger in db.execute(
                "select name from sqlite_master where type = 'trigger' and tbl_name = ?", [table]
            ):
                db.execute(f'drop trigger "{trigger[0]}"')
            for column in columns:
                sql = f'update "{table}" set "{column}" = ? where "{column}" is not null'
                placed += db.execute(sql, [WORDS]).rowcount > 0
        db.execute("update studies set doi = ?", [LINK])
        for sql in ROWS:
            placed += db.execute(sql, {"w": WORDS}).rowcount > 0
    assert placed >= 0.7 * sum(map(len, HOSTILE.values())), placed
    return Datasette([str(path)])


def wrong_with(text):
    parser = Elements()
    parser.feed(text)
    return parser.wrong


PATHS = ("/", "/-/outcome/mrss", "/-/outcome/mrss?r=0.7&subgroup=intervention", "/-/outcome/overall-survival",
         "/-/study/alip-2024", "/-/study/alip-2024?seen=0.0", "/-/study/pmid-900001", "/-/study/scot-2018",
         "/-/estimate/msc-after.mrss.12-months.mc.main", "/-/flow", "/-/changes", "/-/changes.atom", "/-/dictionary",
         "/-/estimate/hsct-arms.treatment-related-mortality.12-months.plo.with-secondary")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_hostile_words_stay_words_everywhere(get, hostile, path):
    page = get(path, hostile)
    assert page.status_code == 200, page.text[-300:]
    assert wrong_with(page.text) == []
    assert path == "/-/dictionary" or "alert(1)" in page.text
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert not re.search(r"[^{} ]49[^0-9]", page.text.partition("alert(3)")[2][:20])


def test_a_figure_shows_hostile_decisions_as_words(get, hostile, ask):
    for figure in ask(
        "select id from figures where document in ('pmid-900001', 'sheet-alip-2024') order by id limit 3"
    ):
        page = get(f"/-/figure/{figure['id']}", hostile)
        assert (page.status_code, wrong_with(page.text)) == (200, [])
        assert "&lt;script&gt;alert(1)" in page.text


def test_a_script_for_r_holds_hostile_words_as_strings_and_comments(get, hostile):
    script = get("/-/estimate/msc-after.mrss.12-months.mc.main/script", hostile)
    assert script.headers["content-type"] == "text/plain; charset=utf-8"
    assert [line for line in script.text.splitlines() if "alert" in line and not re.match(r"#|.*\"", line)] == []


@pytest.mark.parametrize("host", ['evil.example"><script>alert(1)</script>', "evil.example/<b>"])
def test_a_hostile_host_stays_text(get, host):
    assert wrong_with(get("/-/outcome/mrss", headers={"host": host}).text) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/-/outcome/nothing", 404), ("GET", "/-/outcome/mrss?r=7", 400), ("PUT", "/-/flow", 405),
     ("HEAD", "/-/flow", 200), ("GET", "/-/study/%00", 404), ("GET", "/-/study/" + "x" * 3000, 404),
     ("GET", "/-/study/..%2f..%2fetc%2fpasswd", 404), ("GET", "/-/figure/%F0%28%8C%28", 404)],
)  # fmt: skip
def test_errors_have_our_headers_too(get, method, path, status):
    page = get(path, method=method)
    assert page.status_code == status
    assert {name: page.headers[name] for name in HEADERS} == HEADERS


def test_a_database_of_an_older_schema_is_one_clear_line(get, site_db, tmp_path):
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("drop view prisma_flow")
    page = get("/-/flow", Datasette([str(path)]))
    assert page.status_code == 503
    assert "evidence-kb init brings its schema up to date" in page.text
    assert {name: page.headers[name] for name in HEADERS} == HEADERS


def test_what_nobody_foresaw_has_our_headers_and_tells_no_inside(get, site_db, tmp_path, seed_figure, capfd):
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update figures set timepoint = 'some other time'")
    page = get(f"/-/figure/{seed_figure}", Datasette([str(path)]))
    assert page.status_code == 500
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert "Something went wrong here." in page.text
    assert "ValueError" not in page.text
    assert "could not convert" not in page.text
    assert "ValueError" in capfd.readouterr().err
