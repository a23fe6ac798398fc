"""Each page tells what it promises; what is not there is a 404 and what makes no sense is a 400, each in one line."""

import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape

import pytest
from datasette.app import Datasette

ESTIMATE = "msc-after.mrss.12-months.mc.main"


def words(response):
    """The page's visible text: markup gone, blanks single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


@pytest.fixture(scope="module")
def said(get):
    return lambda path, status=200: words(_checked(get(path), status))


def _checked(response, status):
    assert response.status_code == status, response.text[:500]
    return response


PROMISES = [
    ("/", ["Mesenchymal stem cells in systemic sclerosis", "Overall survival", "92.7 %", "80.1 to 98.5 %", "−4.73",
           "unreviewed", "The study it starts from", "The neighbourhood", "summary_of_findings"]),
    ("/-/outcome/mrss", ["0 to 51 points, lower is better", "4.73 points lower than at baseline",
                         "never the effect of it", "unreviewed", "Summary of findings", "not rated",
                         "Left out, and why", "nanjing-drum-tower", "Over time",
                         "change over the range of the unreported correlation", "To cite"]),
    ("/-/outcome/overall-survival", ["92.7 %", "Comparators, not pooled", "comparator, never pooled in"]),
    ("/-/study/alip-2024", ["Groups of patients", "Cohort and overlaps", "Zhang 2017", "Risk of bias",
                            "MINORS", "NCT00962923", "Similar articles", "Plasma first, cells second", "not loaded",
                            "not matched", "On rust"]),
    ("/-/study/pmid-900001", ["Document without a study", "20.1 ± 3.2"]),
    (f"/-/estimate/{ESTIMATE}", ["The walk back", "baseline", "follow-up", "13.95 ± 8.49", "payload", "r = 0.5 assumed",
                                 "library(metafor)", "Certainty (GRADE): not rated", "What GRADE asks",
                                 "optimal information size", "2 inadequate"]),
    ("/-/outcome/mrss?set=low-risk", ["Low risk of bias only", "not at low risk of bias: inadequate in"]),
    ("/-/outcome/mrss?r=0.7&level=90", ["r = 0.7 assumed", "mean of the 38 followed (of 41 at baseline)",
                                        "Estimate (90 %)", "at 95 % and not at 90 %",
                                        "ratings belong to the protocol’s own model"]),
    ("/-/outcome/treatment-related-mortality?set=with-secondary&subgroup=intervention",
     ["By what the group was given", "τ² of its own", "Test for a difference between the groups: Q =",
      "can hardly show a difference between subgroups: fewer than 10"]),
    ("/-/outcome/mrss?method=DL&subgroup=design", ["library(metafor)", "subgroup=design"]),
    ("/-/flow", ["Flow of records", "Identification", "Included", "evidence, single-arm"]),
    ("/-/changes", ["What changed"]),
    ("/-/dictionary", ["at most 1,000 rows at once", "_stream=on", "Columns of the view evidence", "truncated",
                       "Columns of the table figures", "kb_seen"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "promises"), PROMISES, ids=[path for path, _ in PROMISES])
def test_page_keeps_its_promises(said, path, promises):
    text = said(path).replace("\N{NO-BREAK SPACE}", " ")
    assert [promise for promise in promises if promise not in text] == []


def test_figure_stands_highlighted_in_its_text(get, seed_figure):
    page = get(f"/-/figure/{seed_figure}")
    assert '<mark class="here">13.95 ± 8.49</mark>' in page.text
    assert "<mark>13.29 ± 7.67</mark></a>" in page.text
    text = words(page)
    promised = ("span holds", "sheet and text agree", "file: seed_like.txt", "After systemic mesenchymal stem cells")
    assert [promise for promise in promised if promise not in text] == []


def test_payload_on_the_page_is_the_stored_one(get, ask, seed_figure):
    sha256 = ask("select payload from documents where id = 'pmid-38206544'")[0]["payload"]
    assert sha256 in get(f"/-/figure/{seed_figure}").text


def test_a_sheets_statement_is_called_ours(said, ask):
    figure = ask("select id from figures where document = 'sheet-alip-2024' limit 1")[0]["id"]
    assert "not a quotation of the paper" in said(f"/-/figure/{figure}")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/-/outcome/nothing", "There is no outcome nothing."),
        ("/-/study/nobody", "There is no study or document nobody."),
        ("/-/figure/none", "There is no figure none."),
        ("/-/estimate/none", "There is no estimate none."),
        ("/-/estimate/none/script", "There is no estimate none."),
    ],
)
def test_unknown_is_404_in_one_line(said, path, line):
    assert line in said(path, 404)


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("months=x", "months must be a number"),
        ("months=500", "lies in no time window"),
        ("months=-1", "months must be a number"),
        ("method=magic", "method must be one of REML"),
        ("test=magic", "test must be one of adhoc"),
        ("r=1", "r must be a number from -0.99 to 0.99"),
        ("r=nan", "r must be a number"),
        ("set=all", "set must be one of main"),
        ("level=100", "level must be a number"),
        ("subgroup=magic", "subgroup must be one of design, intervention, risk, size, doubt"),
        ("colour=red", "colour is no part of the model"),
        ("r=0.1&r=0.2", "r is given more than once"),
    ],
)
def test_a_model_without_sense_is_400_in_one_line(said, query, line):
    assert line in said(f"/-/outcome/mrss?{query}", 400)


@pytest.mark.parametrize("path", ["/", "/-/flow"])
def test_pages_are_only_read(get, path):
    assert get(path, method="PUT").status_code in (403, 405)


def test_script_is_plain_text(get):
    script = get(f"/-/estimate/{ESTIMATE}/script")
    assert script.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'study = c("alip-2024")' in script.text


def test_url_column_is_a_link_in_datasettes_tables(get, seed_figure):
    table = get("/evidence/evidence", params={"figure": seed_figure})
    assert f'<a href="/-/figure/{seed_figure}">/-/figure/{seed_figure}</a>' in table.text


def test_datasettes_own_pages_lead_back(get):
    page = get("/evidence").text
    assert all(f'href="{path}"' in page for path in ("/", "/-/flow", "/-/changes"))


@pytest.fixture
def retracted_site(site_db, tmp_path):
    """A copy in which the seed study's article was retracted, as a refresh would note it."""
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("update documents set retracted = 1 where id = 'pmid-38206544'")
        db.execute(
            "insert into events (run, document, event, state, text, noticed_at) values (?, ?, ?, ?, ?, ?)",
            ["r", "pmid-38206544", "retraction", "appeared", "J Inv 2026;1:1", "2026-01-02T03:04:05+00:00"],
        )
    return Datasette([str(path)])


def test_a_retraction_stands_in_red_above_the_title(get, retracted_site, seed_figure):
    for path in ("/", "/-/study/alip-2024", f"/-/figure/{seed_figure}"):
        page = get(path, retracted_site).text
        assert 0 < page.index('class="alarm"') < page.index("<h1"), path
    assert "Retraction appeared" in words(get("/-/study/alip-2024", retracted_site))


def test_every_page_names_itself(get, seed_figure):
    for path in ("/", "/-/outcome/mrss", "/-/study/alip-2024", f"/-/figure/{seed_figure}", "/-/flow", "/-/changes"):
        page = get(path).text
        assert f'<link rel="canonical" href="http://localhost{path}">' in page
        assert '<html lang="en">' in page
        assert re.search(r"<title>[^<]+ · Evidence KB</title>", page)
        assert len(re.findall(r"<h1[ >]", page)) == 1


@pytest.mark.parametrize(("change", "state"), [("", "low"), ("update estimates set ci_low = ci_low - 1", "low stale")])
def test_a_rating_is_shown_with_its_reason_and_whether_it_still_holds(get, site_db, tmp_path, change, state):
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "insert into ratings select 'r', id, 'low', 'one group only', k, estimate, ci_low, ci_high, 'Ann Invented',"
            " '2026-01-02T03:04:05' from estimates where id = ?",
            [ESTIMATE],
        )
        db.execute(change)
    for page in (f"/-/estimate/{ESTIMATE}", "/-/outcome/mrss"):
        text = words(get(page, Datasette([str(path)])))
        assert f"Certainty (GRADE): {state}" in text
        assert "one group only Ann Invented, 2026-01-02" in text
