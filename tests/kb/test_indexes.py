"""What the site asks of a large database it finds by index: facets, sort orders, and the questions of single pages."""

from contextlib import closing
from pathlib import Path

import pytest
from datasette.utils import detect_fts, parse_metadata
from sqlite_utils import Database

from kb.store.connection import create_database
from kb.web import queries

WORDS = parse_metadata((Path(__file__).parents[2] / "metadata.yml").read_text(encoding="utf-8"))
TABLES = WORDS["databases"]["evidence"]["tables"]
#: Tables that grow with the literature, by the names that plans give them.
LARGE = {"figures", "standings", "verdicts", "documents", "sections", "links", "references_text", "identifiers"}
#: Tables that grow with studies and people, not with the literature: read whole in no time.
SMALL = {
    "cohorts", "studies", "arms", "risk_of_bias", "outcomes", "estimates", "estimates_over_r", "certainty_inputs",
    "ratings", "bulk_files", "effects", "effect_figures", "reanalyses", "reviews", "moves", "runs",
    "set_aside",
}  # fmt: skip
#: Views whose first page must not wait for the last row, and the canned queries over everything.
OPEN_ENDED = (
    "evidence", "figures_to_review", "doubtful_figures", "double_extraction", "mrss_over_time", "survival",
    "adverse_events", "literature",
)  # fmt: skip
#: Questions of pages about one thing.
OF_ONE = (
    "FIGURE", "FIGURES_OF_SECTION", "VERDICTS", "REVIEWS", "FED_BY_FIGURE", "PLACES", "DOCUMENT", "DOCUMENTS_OF_STUDY",
    "SECTIONS", "LINKS", "REFERENCES", "FED_BY_STUDY", "NOTICES", "EVENTS", "REGISTRATIONS", "SPEAKING_OF_STUDY",
    "SAME_RESULT", "DRIFTED",
)  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """An empty database: without statistics SQLite plans for large tables."""
    with closing(create_database(tmp_path_factory.mktemp("indexes") / "evidence.db")) as db:
        yield db


def led(db: Database, table: str) -> set[str]:
    """Columns by which an index of the table, or the table itself, is ordered."""
    return {index.columns[0] for index in db.table(table).indexes} | set(db.table(table).pks[:1])


def test_every_faceted_or_sorted_column_of_a_large_table_leads_an_index(database):
    asked = {
        (table, column)
        for table in (set(TABLES) & set(database.table_names())) - SMALL
        for column in (*TABLES[table].get("facets", ()), *(TABLES[table].get(key) for key in ("sort", "sort_desc")))
        if column
    }
    assert {(table, column) for table, column in asked if column not in led(database, table)} == set()


@pytest.mark.parametrize("table", ["documents", "sections"])
def test_datasette_finds_the_search_index(database, table):
    assert detect_fts(database.conn, table) == f"{table}_fts"


def plan(db: Database, sql: str) -> list[str]:
    """SQLite's plan; the parameters are whatever the question names."""
    names = ("id", "study", "document", "documents", "ids", "outcome", "kind", "arm", "window", "section", "limit")
    return [row[3] for row in db.conn.execute(f"explain query plan {sql}", dict.fromkeys(names, "[]"))]


@pytest.mark.parametrize("name", OF_ONE)
def test_a_page_about_one_thing_scans_no_large_table(database, name):
    aliases = aliases_of(getattr(queries, name))
    scanned = {line.split()[1] for line in plan(database, getattr(queries, name)) if line.startswith("SCAN")}
    assert {aliases.get(one, one) for one in scanned} & LARGE == set()


def aliases_of(sql: str) -> dict[str, str]:
    """Which table each short name stands for; the view evidence adds its own."""
    words = sql.replace("(", " ").replace(",", " ").split()
    named = {words[at + 2]: words[at + 1] for at, word in enumerate(words[:-2]) if word.lower() in ("from", "join")}
    return {"f": "figures", "s": "sections", "d": "documents", "t": "standings", "v": "verdicts"} | named


@pytest.mark.parametrize("view", OPEN_ENDED)
def test_the_first_rows_of_a_view_do_not_wait_for_the_last(database, view):
    rows = database.conn.execute(f"explain query plan select * from {view} limit 51").fetchall()
    # inside, the verdicts and decisions of one figure are sorted, and what feeds estimates; nothing is sorted outside
    outside = [words for _, parent, _, words in rows if parent == 0]
    assert not any(words.startswith("USE TEMP B-TREE FOR ORDER BY") for words in outside), outside


@pytest.mark.parametrize(("column", "value"), [("outcome", "mRSS"), ("study", "s"), ("figure", "f"), ("design", "rct")])
def test_evidence_of_one_thing_is_found_by_index(database, column, value):
    lines = plan(database, f"select * from evidence where {column} = '{value}' limit 51")
    assert [line for line in lines if line.startswith("SCAN")] == [], lines


def test_figures_of_one_outcome_that_speak_are_read_in_the_order_of_their_index(database):
    lines = plan(database, queries.SPEAKING_OF_OUTCOME.replace(":name", "'mRSS'"))
    assert any("standings_said (outcome=? AND speaks=?)" in line for line in lines), lines
    assert not any(line.startswith("SCAN t") for line in lines), lines


def test_a_scan_would_be_noticed(database):
    lines = plan(database, "select * from figures f where f.quote = :id")
    assert any(line.startswith("SCAN") for line in lines)
