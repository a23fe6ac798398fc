"""What the served site keeps in memory is what the database says now, and counts are those of the views themselves."""

import asyncio
import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import datasette
import pytest
import uvicorn
from datasette.database import Database, QueryInterrupted
from datasette.utils import parse_metadata
from jinja2 import ChoiceLoader, DictLoader

from kb.cli.site import run, site
from kb.web import kept
from kb.web.kept import Site
from kb.web.lean import SAME_ROWS, lean
from kb.web.settings import read_metadata

COUNT = "select count(*) from documents"
FACET = """
            select [{0}] as value, count(*) as count from (
                select figure, url from {1}
            )
            where [{0}] is not null
            group by [{0}] order by count desc, value limit 31
"""
#: One of a figure that is there, one of a figure that is no more.
REVIEWS = """insert into reviews
select n, figure, '', 0, 1, '', '{}', 'accept', null, null, 'ada', 'reviewer', '2026-01-01', 'stands'
from (select 1 as n, min(figure) as figure from standings union select 2, null)"""

LINKS = """insert into links select d.id, 'pmid-1', k.kind, 'pubmed', null, null, '', ''
from documents d, (select 'cites' as kind union select 'similar' union select 'reports') k"""


@pytest.fixture
def database(demo, monkeypatch):
    """The served database; every answer counts as a long one."""
    monkeypatch.setattr(kept, "LONG", 0)
    found = site(demo).get_database("evidence")
    answer(found, "select id from outcomes")  # the first to read makes the files beside the database
    return found


def answer(database, sql, params=None, **options):
    return [tuple(row) for row in asyncio.run(database.execute(sql, params, **options)).rows]


def write(path, sql):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


@pytest.fixture
def asked(monkeypatch):
    """What SQLite was asked in truth, from here on."""
    found, real = [], Database.execute

    async def noted(self, sql, *args, **options):
        found.append(sql)
        return await real(self, sql, *args, **options)

    monkeypatch.setattr(Database, "execute", noted)
    return found


def test_an_answer_is_asked_for_once(database, asked):
    assert answer(database, COUNT) == answer(database, COUNT)
    assert asked == [COUNT]


def test_what_is_quick_is_not_kept(database, asked, monkeypatch):
    monkeypatch.setattr(kept, "LONG", 1000)
    assert answer(database, COUNT) == answer(database, COUNT)
    assert asked == [COUNT, COUNT]


def test_other_parameters_and_other_limits_are_other_questions(database):
    one, two = (answer(database, "select :n", {"n": n}) for n in (1, 2))
    many = "with recursive n(x) as (select 1 union all select x + 1 from n limit 2500) select x from n"
    short, all_of_them = (answer(database, many, truncate=cut) for cut in (True, False))
    assert (one, two) == ([(1,)], [(2,)])
    assert len(short) < len(all_of_them)


def test_every_write_is_seen_however_fast_they_follow(database, demo):
    said = "select count(*) from outcomes where in_topic = 7"
    counted = []
    with closing(sqlite3.connect(demo)) as connection:
        names = [name for (name,) in connection.execute("select id from outcomes limit 9")]
        for name in names:
            connection.execute("update outcomes set in_topic = 7 where id = ?", [name])
            connection.commit()
            counted += answer(database, said)
    assert counted == [(n + 1,) for n in range(len(names))]


def test_what_takes_too_long_is_not_tried_again_before_a_write(database, demo, asked):
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
    for _ in range(2):
        with pytest.raises(QueryInterrupted):
            answer(database, endless, custom_time_limit=5)
    assert len(asked) == 1
    write(demo, "update outcomes set in_topic = 7")
    with pytest.raises(QueryInterrupted):
        answer(database, endless, custom_time_limit=5)
    assert len(asked) == 2


def test_memory_has_an_end(database, monkeypatch):
    monkeypatch.setattr(kept, "MOST_ROWS", 50)
    for n in range(120):
        assert answer(database, "select :n", {"n": n}) == [(n,)]
    assert len(database.answers) <= 26


@pytest.mark.parametrize("view", sorted(SAME_ROWS))
def test_counts_asked_of_a_table_are_those_of_the_view(view, demo, rows):
    write(demo, REVIEWS)
    write(demo, LINKS)
    write(demo, "update figures set drifted = 1 where id = (select max(figure) from standings)")
    counts = [f"select count(*) from {view} ", *(FACET.format(column, view) for column in SAME_ROWS[view][1])]
    for sql in counts:
        plain = sql.replace("select figure, url", "select *")
        assert lean(sql) != sql
        assert rows(demo, lean(sql)) == rows(demo, plain)
        assert rows(demo, plain), "nothing was counted"


def test_what_is_filtered_is_asked_as_it_stands():
    asked = ("select count(*) from evidence where speaks = 1", FACET.format("quote", "evidence"), "select 1")
    assert [lean(sql) for sql in asked] == list(asked)


def test_datasette_counts_and_facets_as_we_expect(demo, asked):
    """Should another Datasette ask otherwise, the site would be slow and nobody would know why."""
    served = site(demo)
    page = asyncio.run(served.client.get("/evidence/evidence"))
    assert page.status_code == 200
    assert [sql for sql in asked if "count(*)" in sql and "standings" not in sql] == []


def test_who_may_see_a_table_is_what_datasette_says(demo):
    metadata = parse_metadata('{"databases": {"evidence": {"tables": {"Figures": {"allow": {"id": "ada"}}}}}}')
    served, plain = Site([str(demo)], metadata=metadata), super(Site, Site([str(demo)], metadata=metadata))
    for table in ("figures", "documents", "figures"):
        assert served._table_permission_allows("evidence", table) == plain._table_permission_allows("evidence", table)
    assert asyncio.run(served.client.get("/evidence/figures")).status_code == 403
    assert asyncio.run(served.client.get("/evidence/documents")).status_code == 200


def test_our_words_close_no_table():
    tables = read_metadata()["databases"]["evidence"]["tables"]
    assert [name for name, words in tables.items() if "allow" in words] == []


def test_the_page_of_a_query_is_datasettes_own(demo):
    """Only the way it is put together is ours."""
    own, ours = site(demo), site(demo)
    text = (Path(datasette.__file__).parent / "templates" / "query.html").read_text("utf-8")
    own.jinja_env.loader = ChoiceLoader([DictLoader({"query-evidence.html": text}), own.jinja_env.loader])
    for path in ("/evidence/survival_at?years=5", "/evidence?sql=select+1+as+%22a+b%22%2C+%27%3Cb%3E%27"):
        pages = [asyncio.run(served.client.get(path)) for served in (ours, own)]
        assert [page.status_code for page in pages] == [200, 200]
        said = [page.text.partition("Queries took")[0] for page in pages]
        assert said[0].split() == said[1].split()
        assert "<td" in said[0]


def test_a_server_keeps_the_garbage_collector_from_what_stays(demo, monkeypatch):
    frozen = []
    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: frozen.append(gc.get_freeze_count()))
    try:
        run(demo, "127.0.0.1", 0)
    finally:
        gc.unfreeze()
    assert frozen[0] > 0
