"""A page says what became of its ground since the reader was there, and keeps nothing but two numbers for that."""

import shutil
import sqlite3
from contextlib import closing
from http.cookies import SimpleCookie

import pytest
from datasette.app import Datasette

from kb.stages.anchoring import DRIFTED
from kb.web.since import TOKEN

SEED = "pmid-38206544"
RETRACTED = "insert into events (run, document, event, state, text, noticed_at) values (?, ?, ?, ?, ?, ?)"
DRIFT = "insert into changes (run, document, field, before, after, noticed_at) values (?, ?, ?, ?, ?, ?)"
PAGES = (
    "/",
    "/-/outcome/mrss",
    "/-/study/alip-2024",
    f"/-/study/{SEED}",
    "/-/estimate/msc-after.mrss.12-months.mc.main",
)
NEWS = "Since you were here"


@pytest.fixture
def changing(site_db, tmp_path):
    """A copy of the site, and a way to write into it between two visits."""
    path = shutil.copy(site_db, tmp_path / "evidence.db")

    def write(sql, *values):
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(sql, values)

    return Datasette([str(path)]), write


def retract(write, document=SEED, event="retraction"):
    write(RETRACTED, "r", document, event, "appeared", "J Inv <b>2026</b>;1:1", "2026-01-02T03:04:05.000+00:00")


def drift(write, document=SEED):
    write(DRIFT, "r", document, DRIFTED[0], "13.95 ± 8.49", DRIFTED[1], "2026-01-02T03:04:05.000+00:00")


def cookie(page):
    (found,) = SimpleCookie(page.headers["set-cookie"]).values()
    return found


@pytest.mark.parametrize(("happen", "words"), [(retract, "retraction appeared"), (drift, "figure drifted")])
@pytest.mark.parametrize("path", PAGES)
def test_the_second_visit_tells_what_happened_and_the_third_does_not(get, changing, path, happen, words):
    site, write = changing
    first = get(path, site)
    assert NEWS not in first.text
    happen(write)
    second = get(path, site, cookies={cookie(first).key: cookie(first).value})
    assert NEWS in second.text
    assert words in second.text
    assert "<b>2026" not in second.text
    assert NEWS not in get(path, site, cookies={cookie(second).key: cookie(second).value}).text


def test_the_figures_page_tells_of_its_own_document(get, changing, seed_figure):
    site, write = changing
    retract(write)
    assert NEWS in get(f"/-/figure/{seed_figure}", site, cookies={"kb_seen": "0.0"}).text


@pytest.mark.parametrize("path", [p for p in PAGES if p != "/"])
def test_what_happens_elsewhere_is_not_told_here(get, changing, path):
    site, write = changing
    retract(write, "pmid-1")
    retract(write, event="erratum")
    write(DRIFT, "r", SEED, "title", "old", "new", "2026-01-02T03:04:05.000+00:00")
    assert NEWS not in get(path, site, cookies={"kb_seen": "0.0"}).text


def test_a_permalink_tells_without_a_cookie(get, changing):
    site, write = changing
    link = get("/-/outcome/mrss", site).text.partition('class="cite"')[2].partition('href="http://localhost')[2]
    path = link.partition('"')[0].replace("&amp;", "&")
    assert "seen=" in path
    retract(write)
    assert "Since this link was made" in get(path, site).text


@pytest.mark.parametrize("path", PAGES)
def test_the_cookie_holds_two_numbers_and_goes_back_to_its_page_alone(get, path):
    found = cookie(get(path))
    assert TOKEN.match(found.value)
    assert (found["path"], bool(found["httponly"]), found["samesite"]) == (path, True, "lax")
    assert found.key == ("kb_seen_overview" if path == "/" else "kb_seen")


@pytest.mark.parametrize("seen", ["", "x", "1", "1.1.1", "-1.0", "9" * 40 + ".1", "' or 1=1 --", "<script>"])
def test_a_strange_token_is_nobodys(get, seen):
    page = get("/-/outcome/mrss", params={"seen": seen})
    assert (page.status_code, NEWS in page.text, "<script>" in page.text) == (200, False, False)


@pytest.mark.parametrize("path", ["/-/study/nobody", "/-/changes"])
def test_what_rests_on_nothing_keeps_nothing(get, path):
    assert "set-cookie" not in get(path).headers
