"""metadata.yml and the schema say the same: every table, view and column has its words, and the questions run."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.utils import escape_fts, parse_metadata

from kb.store.connection import create_database

WORDS = parse_metadata((Path(__file__).parents[2] / "metadata.yml").read_text(encoding="utf-8"))
EVIDENCE = WORDS["databases"]["evidence"]
TABLES = EVIDENCE["tables"]
QUERIES = EVIDENCE["queries"]

#: Something to ask each question with; an empty answer proves nothing, so each must find rows.
ASKED = {
    "mrss_change_by_study": {"window": "12 months"},
    "survival_at": {"years": "5"},
    "figures_of_pmid": {"pmid": "38206544"},
    "feeds_an_estimate": {"estimate": "hsct-vs-cyc.event-free-survival.follow-up.hr.main"},
    "doubtful_of_outcome": {"outcome": "treatment-related-mortality"},
    "retraction_would_remove": {"pmid": "38206544"},
    "not_yet_fetched": {"kind": ""},
    "search_sections": {"words": "skin score"},
    "compare_readers": {"study": "alip-2024"},
}


def plain(words):
    return re.sub(r"[^a-z0-9]+", " ", words.lower()).strip()


def names_in(path):
    with closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type in ('table', 'view')")]
        return {name: [row[1] for row in db.execute(f'pragma table_info("{name}")')] for name in names}


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "evidence.db"
    create_database(path).close()
    return names_in(path)


@pytest.fixture(scope="module")
def asked(evidence_db):
    """Ask one canned query of the demo database, with the SQL functions that Datasette adds."""
    with closing(sqlite3.connect(f"file:{evidence_db}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        db.create_function("escape_fts", 1, escape_fts)
        yield lambda name, values: [dict(row) for row in db.execute(QUERIES[name]["sql"], values)]


def test_every_table_and_view_is_described_and_nothing_else(schema):
    assert set(TABLES) == set(schema)
    assert all(table["description"].strip() for table in TABLES.values())


def test_every_column_is_described_and_nothing_else(schema):
    described = {name: list(table["columns"]) for name, table in TABLES.items() if not table.get("hidden")}
    there = {name: columns for name, columns in schema.items() if not TABLES[name].get("hidden")}
    assert described == there


def test_only_machinery_is_hidden():
    hidden = {name for name, table in TABLES.items() if table.get("hidden")}
    assert hidden == {name for name in TABLES if "_fts" in name or name == "_sqlite_migrations"}


def test_no_words_only_repeat_the_name():
    repeated = [
        (table, column)
        for table, words in TABLES.items()
        for column, said in {**words.get("columns", {}), "": words["description"]}.items()
        if plain(said) in {plain(column), plain(table)} or len(said.split()) < 2
    ]
    assert repeated == []


def test_facets_labels_and_sort_orders_name_columns(schema):
    for name, table in TABLES.items():
        single = [table[key] for key in ("label_column", "sort", "sort_desc") if key in table]
        named = [*table.get("facets", ()), *table.get("sortable_columns", ()), *single]
        assert set(named) <= set(schema[name]), name
        assert table.get("size", 50) <= 1000, name


def test_facets_are_unique_and_few():
    for name, table in TABLES.items():
        facets = table.get("facets", [])
        assert len(facets) == len(set(facets)) <= 8, name


def test_the_canned_queries_are_the_usual_questions():
    assert set(QUERIES) == set(ASKED)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_parameters_are_listed_and_described(name):
    query = QUERIES[name]
    used = set(re.findall(r"(?<!:):([a-z_]+)", query["sql"]))
    assert set(query["params"]) == used == set(ASKED[name])
    _, found, described = query["description"].partition("Parameters: ")
    assert found
    assert all(f"{param} - " in described for param in query["params"])


@pytest.mark.parametrize("name", sorted(set(QUERIES) - {"figures_of_pmid", "not_yet_fetched"}))
def test_canned_query_answers_from_the_demo(asked, name):
    assert asked(name, ASKED[name])


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_canned_query_runs_with_every_parameter_empty(asked, name):
    asked(name, dict.fromkeys(QUERIES[name]["params"], ""))


def test_figures_of_a_paper_and_its_neighbours(seed_db):
    with closing(sqlite3.connect(seed_db)) as db:
        figures = db.execute(QUERIES["figures_of_pmid"]["sql"], ASKED["figures_of_pmid"]).fetchall()
        neighbours = db.execute(QUERIES["not_yet_fetched"]["sql"], {"kind": "cited_by"}).fetchall()
    assert {"mRSS", "overall survival"} <= {row[0] for row in figures}
    assert {row[0] for row in neighbours} == {
        "pmid-39882532", "pmid-40046231", "pmid-39934871", "pmid-40601079", "pmid-40059221",
    }  # fmt: skip


def test_survival_is_asked_by_years(asked):
    assert {row["years"] for row in asked("survival_at", {"years": "5"})} == {5.0}
    assert len(asked("survival_at", {"years": ""})) > len(asked("survival_at", {"years": "5"}))


def test_a_retraction_says_what_would_be_left(asked):
    rows = asked("retraction_would_remove", ASKED["retraction_would_remove"])
    assert {row["study"] for row in rows} == {"alip-2024"}
    assert all(row["k_without"] == row["k"] - (row["weight"] is not None) for row in rows)


def test_search_finds_words_anywhere_and_marks_them(asked):
    assert "[" in asked("search_sections", {"words": "score skin"})[0]["found"]
