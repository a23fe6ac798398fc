"""The schema: applied once and in order, append-only where nothing may be lost."""

import sqlite3
from contextlib import closing

import pytest

from kb import migrations
from kb.errors import CannotWrite, DatabaseMissing, NotOurDatabase
from kb.store.connection import create_database, open_database, open_decisions

ROWS = {
    "payloads": {"sha256": "a" * 64, "size": 1, "body": b"x"},
    "fetches": {"id": 1, "payload": "a" * 64, "source": "file", "url": "a.txt", "fetched_at": "2024-01-01"},
    "runs": {
        "id": "r", "command": "load", "started_at": "2024-01-01", "finished_at": "2024-01-01", "ok": 1, "version": "0",
    },
    "changes": {"id": 1, "run": "r", "document": "d", "field": "title", "noticed_at": "2024-01-01"},
    "events": {
        "id": 1, "run": "r", "document": "d", "event": "retraction", "state": "appeared", "text": "t",
        "noticed_at": "2024-01-01",
    },
    "decisions": {
        "id": "d", "section_sha256": "s", "start": 0, "end": 1, "quote": "1", "reading": "{}", "decision": "accept",
        "reviewer": "ann", "role": "reviewer", "decided_at": "2024-01-01",
    },
    "screening_decisions": {
        "id": "d", "document": "pmid-1", "stage": "full-text", "decision": "include", "reviewer": "ann",
        "decided_at": "2024-01-01",
    },
    "moves": {
        "id": 1, "decision": "d", "figure": "f", "estimate": "e", "scale": "points", "k_before": 1, "value_before": 2.0,
        "reviewed_before": "unreviewed", "moved_at": "2024-01-01",
    },
    "finished_texts": {
        "id": "d", "document": "pmid-1", "section_sha256": "s", "reviewer": "ann", "finished_at": "2024-01-01",
    },
    "drift_decisions": {
        "id": "d", "section_sha256": "s", "start": 0, "end": 1, "quote": "1", "decision": "set aside", "reason": "r",
        "reviewer": "ann", "decided_at": "2024-01-01",
    },
    "retrievals": {
        "id": "d", "document": "pmid-1", "retrieval": "not retrieved", "reviewer": "ann", "decided_at": "2024-01-01",
    },
    "certainty_ratings": {
        "id": "d", "estimate": "e", "certainty": "low", "reason": "one study", "k": 1, "rated_by": "ann",
        "rated_at": "2024-01-01",
    },
}  # fmt: skip


@pytest.fixture
def filled(tmp_path):
    """The two databases with one row in every append-only table; gives the database of a table."""
    with closing(create_database(tmp_path / "e.db")) as evidence, closing(open_decisions(tmp_path / "e.db")) as people:
        homes = {name: people if name in migrations.APPEND_ONLY_DECISIONS else evidence for name in ROWS}
        for name, row in ROWS.items():
            homes[name].table(name).insert(row)
        yield homes


def test_every_append_only_table_is_tried_here():
    assert set(ROWS) == {*migrations.APPEND_ONLY, *migrations.APPEND_ONLY_DECISIONS}


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize(
    "sql",
    [
        'update "{table}" set {key} = {key}',
        'delete from "{table}"',
        'insert or replace into "{table}" select * from "{table}"',
        'replace into "{table}" select * from "{table}"',
        'insert into "{table}" select * from "{table}" where true on conflict do update set {key} = {key}',
    ],
)
def test_what_cannot_be_had_again_refuses_update_delete_and_replace(filled, table, sql):
    db = filled[table]
    key = "sha256" if table == "payloads" else "id"
    before = list(db.table(table).rows)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        db.execute(sql.format(table=table, key=key))
    assert list(db.table(table).rows) == before != []


@pytest.mark.parametrize(
    ("table", "opened"),
    [
        *((t, open_database) for t in migrations.APPEND_ONLY),
        *((t, open_decisions) for t in migrations.APPEND_ONLY_DECISIONS),
    ],
)
def test_a_database_that_lost_its_protection_is_refused(tmp_path, table, opened):
    path = tmp_path / "e.db"
    create_database(path).close()
    open_decisions(path).close()
    file = path if opened is open_database else tmp_path / "e.reviews.db"
    with closing(sqlite3.connect(file)) as raw:
        raw.execute(f"drop trigger {table}_no_replace")
    with pytest.raises(NotOurDatabase, match=f"{table}_no_replace"):
        opened(path)


def test_a_transform_drops_triggers_and_is_noticed(tmp_path):
    path = tmp_path / "e.db"
    with closing(create_database(path)) as db:
        db.execute("pragma foreign_keys = off")
        db.table("runs").transform(rename={"message": "words"})
    with pytest.raises(NotOurDatabase, match="runs_no_delete"):
        open_database(path)


def test_a_second_init_changes_nothing(tmp_path):
    path = tmp_path / "e.db"
    schema = []
    for _ in range(2):
        with closing(create_database(path)) as db:
            schema.append(db.schema)
    assert schema[0] == schema[1]


def test_views_follow_their_sql_without_a_migration(tmp_path):
    path = tmp_path / "e.db"
    with closing(create_database(path)) as db:
        db.execute("drop view evidence")
        db.execute("create view evidence as select 1 as old")
        db.execute("pragma user_version = 1")
    with closing(open_database(path)) as db:
        assert "speaks" in db.view("evidence").columns_dict


def test_readers_are_never_blocked(tmp_path):
    with closing(create_database(tmp_path / "e.db")) as db:
        assert db.journal_mode == "wal"


def _other_program(path):
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("create table notes (id integer)")


@pytest.mark.parametrize(
    "spoil", [_other_program, lambda path: path.write_bytes(b"not a database, but long enough to look like a file" * 9)]
)
@pytest.mark.parametrize("opened", [create_database, open_database])
def test_a_file_of_another_program_is_refused_and_untouched(tmp_path, opened, spoil):
    path = tmp_path / "e.db"
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(NotOurDatabase, match="nothing was touched"):
        opened(path)
    assert path.read_bytes() == before


def test_a_missing_database_says_how_to_make_it(tmp_path):
    with pytest.raises(DatabaseMissing, match="evidence-kb init"):
        open_database(tmp_path / "none.db")


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path):
    with pytest.raises(CannotWrite, match="check the folder"):
        create_database(tmp_path / "none" / "e.db")


def test_every_foreign_key_names_its_column_and_holds(evidence_db, rows):
    tables = [row["name"] for row in rows(evidence_db, "select name from sqlite_master where type = 'table'")]
    keys = [key for table in tables for key in rows(evidence_db, f'pragma foreign_key_list("{table}")')]
    assert keys
    assert all(key["to"] for key in keys)
    assert rows(evidence_db, "pragma foreign_key_check") == []
