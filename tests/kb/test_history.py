"""What happened is written down: runs, changes field by field, retractions that appear and are withdrawn."""

from contextlib import closing

import pytest

from kb.stages import loading
from kb.store import history
from kb.store.connection import create_database
from kb.store.rows import fetch


@pytest.fixture
def db(tmp_path):
    with closing(create_database(tmp_path / "e.db")) as opened:
        yield opened


@pytest.fixture
def load(db, tmp_path, pubmed_xml):
    """Load an invented record as one file."""

    def loaded(*arguments, **changes):
        path = tmp_path / "a.xml"
        path.write_bytes(pubmed_xml(*arguments, **changes))
        return loading.load(db, [path])

    return loaded


def test_a_run_says_whether_it_ended_well(db):
    with history.recorded(db, "load") as run:
        run.requested = 2
    with history.recorded(db, "load") as run:
        run.failed = 1
        run.messages.append("a.txt: empty")
    with pytest.raises(ZeroDivisionError), history.recorded(db, "build"):
        _ = 1 / 0
    found = fetch(db, "select command, ok, requested, failed, message from runs order by rowid")
    assert [tuple(row.values()) for row in found] == [
        ("load", 1, 2, 0, None), ("load", 0, 0, 1, "a.txt: empty"), ("build", 0, 0, 0, None),
    ]  # fmt: skip


def test_runs_of_one_second_keep_their_order(db):
    for name in ("status", "load", "build"):
        with history.recorded(db, name):
            pass
    last = fetch(db, "select command from runs order by rowid desc limit 1")
    assert last == [{"command": "build"}]


def test_a_change_names_the_field_and_both_values(db, load):
    load("7", "Two of 9 died.", "Moss")
    load("7", "Three of 9 died.", "Fern")
    found = fetch(db, 'select document, what, "before", "after" from what_changed order by what')
    assert found == [
        {"document": "pmid-7", "what": "text", "before": None, "after": "sections changed; the old ones are kept"},
        {"document": "pmid-7", "what": "title", "before": "Moss", "after": "Fern"},
    ]


def test_a_retraction_is_an_event_and_so_is_its_withdrawal(db, load):
    for retracted in (False, True, True, False):
        load("7", retracted=retracted)
    found = fetch(db, "select event, state from events order by id")
    assert [tuple(row.values()) for row in found] == [("retraction", "appeared"), ("retraction", "withdrawn")]


def test_loading_twice_is_noted_as_a_sighting_and_as_nothing_else(db, load):
    loaded = [load("7"), load("7")]
    assert [(one.new, one.unchanged) for one in loaded] == [(1, 0), (0, 1)]
    counts = [db.table(name).count for name in ("payloads", "fetches", "documents", "changes", "events")]
    assert counts == [1, 2, 1, 0, 0]
