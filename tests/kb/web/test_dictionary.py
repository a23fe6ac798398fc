"""The dictionary page: every table and column is there, and what it says of JSON and CSV is so."""

import csv
import io
import json
import re
from html import unescape

import pytest
from datasette.app import Datasette

from kb.cli.site import site

NAMED = """select name from sqlite_master
where type in ('table', 'view') and name not glob '*_fts*' and name not glob '_*' and name not glob 'sqlite*'"""
MANY = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 5000) select n from c"


@pytest.fixture(scope="module")
def served(site_db):
    """The site as the command serves it, with words and canned queries."""
    return site(site_db)


@pytest.fixture(scope="module")
def dictionary(get, served):
    return get("/-/dictionary", served).text


def test_every_table_and_column_that_is_served_is_described(dictionary, ask):
    tables = [row["name"] for row in ask(NAMED)]
    assert len(tables) > 40
    for table in tables:
        part = dictionary.partition(f'<h3 id="{table}">')[2].partition("<h3 ")[0]
        columns = [row["name"] for row in ask(f"select name from pragma_table_info('{table}')")]
        assert [c for c in columns if f'<code class="long">{c}</code>' not in part] == [], table


def test_every_canned_query_is_listed(dictionary, served):
    queries = served.metadata("queries", database="evidence", fallback=False)
    assert len(queries) >= 9
    assert [name for name in queries if f'href="/evidence/{name}"' not in dictionary] == []


def test_json_is_as_documented(get):
    table = json.loads(get("/evidence/estimates.json?_shape=objects&_size=2").text)
    assert {"rows", "columns", "filtered_table_rows_count", "next_url", "truncated"} <= set(table)
    assert (len(table["rows"]), set(table["rows"][0]) >= {"id", "k"}) == (2, True)
    assert isinstance(json.loads(get("/evidence/estimates.json?_shape=array&_size=2").text), list)
    wrong = get("/evidence.json?sql=select+nothing")
    assert (wrong.status_code, wrong.json()["ok"], "error" in wrong.json()) == (400, False, True)


def test_an_sql_answer_says_when_it_was_cut(get, served, dictionary):
    assert "2,000 rows at once" in dictionary
    answer = get("/evidence.json", served, params={"sql": MANY}).json()
    assert (len(answer["rows"]), answer["truncated"]) == (2000, True)


def test_a_stream_gives_every_row(get, site_db, ask):
    small = Datasette([str(site_db)], settings={"max_returned_rows": 100})
    (total,) = ask("select count(*) as n from verdicts")
    rows = list(csv.reader(io.StringIO(get("/evidence/verdicts.csv?_stream=on&_size=max", small).text)))
    assert len(rows) == total["n"] + 1 > 101


def test_every_example_works(get, served, dictionary):
    links = {unescape(href) for href in re.findall(r'href="(/evidence[^"#]*)"', dictionary)}
    answers = {link: get(link, served).status_code for link in links}
    assert len(links) > 100
    assert {link for link, status in answers.items() if status != 200} == set()
