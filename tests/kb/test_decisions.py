"""What people say is kept for ever, in a file of its own, and shown only when it may be seen."""

import json
import sqlite3
from contextlib import closing

import pytest

from kb.errors import KbError, NotOurDatabase
from kb.stages import building
from kb.store import decisions
from kb.store.connection import create_database, decisions_path, open_database, open_decisions
from kb.store.readings import figure_of
from kb.store.rows import fetch
from kb.store.status import decision_count

FIGURE = """select f.*, s.sha256 as section_sha256 from figures f join sections s on s.id = f.section
where f.document = 'sheet-alip-2024' and f.outcome = 'PAH stable'"""


@pytest.fixture
def decide(demo):
    """Somebody decides on the seed study's PAH figure; the database is built again."""
    with closing(open_database(demo)) as db:
        row = fetch(db, FIGURE)[0]

    def append(reviewer, decision="accept", role="reviewer", **changes):
        place = {key: row[key] for key in ("section_sha256", "start", "end", "quote")}
        said = {
            **place, "figure": row["id"], "reading": json.dumps(figure_of(row).as_json()), "decision": decision,
            "correction": None, "note": None, "reviewer": reviewer, "role": role, **changes,
        }  # fmt: skip
        with closing(open_decisions(demo)) as people:
            decisions.record_decision(people, said)
        rebuild(demo)

    return append


def rebuild(path):
    with closing(open_database(path)) as db:
        building.build(db, path)


def seen(path, rows):
    sql = "select decision, basis, speaks from evidence where study = 'alip-2024' and outcome = 'PAH stable'"
    return tuple(rows(path, sql)[0].values())


def test_the_file_lies_beside_the_database(demo):
    assert decisions_path(demo).name == "evidence.reviews.db"


def test_id_and_time_come_from_here_and_not_from_the_caller(demo, decide):
    decide("ann", id="mine", decided_at="1999-01-01")
    (found,) = decisions.decisions_at(demo)
    assert found["id"] != "mine"
    assert found["decided_at"] > "2020"


def test_a_first_decision_never_enters_the_served_file(demo, decide, rows):
    decide("somebody undisclosed")
    assert seen(demo, rows) == (None, "primary sheet", 1)
    assert rows(demo, "select * from reviews") == []
    assert b"undisclosed" not in demo.read_bytes()


@pytest.mark.parametrize(
    ("said", "served"),
    [
        ([("ann", "accept"), ("ben", "accept")], ("accept", "two reviewers", 1)),
        ([("ann", "accept"), ("ann", "accept")], (None, "primary sheet", 1)),
        ([("ann", "accept"), ("ben", "reject")], ("reject", "conflict", 0)),
        ([("ann", "reject"), ("ben", "reject")], ("reject", "rejected", 0)),
        ([("ann", "accept"), ("ben", "unsure")], ("unsure", "one reviewer", 1)),
        ([("ann", "reject"), ("ben", "accept"), ("ann", "accept")], ("accept", "two reviewers", 1)),
    ],
)
def test_two_have_to_decide_before_anything_is_shown(demo, decide, rows, said, served):
    for reviewer, decision in said:
        decide(reviewer, decision)
    assert seen(demo, rows) == served


def test_an_adjudicator_settles_a_conflict(demo, decide, rows):
    decide("ann")
    decide("ben", "reject")
    decide("eve", "accept", role="adjudicator")
    assert seen(demo, rows) == ("accept", "adjudicated", 1)


def test_a_decision_survives_every_rebuild(demo, decide, rows):
    decide("ann")
    decide("ben")
    before = decisions.decisions_at(demo)
    for _ in range(2):
        rebuild(demo)
    assert decisions.decisions_at(demo) == before
    assert decision_count(demo) == 2
    assert {row["state"] for row in rows(demo, "select state from reviews")} == {"stands"}


def test_a_reading_that_changed_since_has_to_be_confirmed_again(demo, decide, rows):
    other = json.dumps({"kind": "proportion", "outcome": "PAH stable", "events": 6, "n": 8})
    decide("ann", reading=other)
    decide("ben", reading=other)
    assert {row["state"] for row in rows(demo, "select state from reviews")} == {"re-confirm"}
    assert seen(demo, rows)[1:] == ("primary sheet", 1)


def test_confidence_is_not_what_a_person_judges(demo, decide, rows):
    for reviewer in ("ann", "ben"):
        with closing(open_database(demo)) as db:
            reading = {**figure_of(fetch(db, FIGURE)[0]).as_json(), "confidence": 0.4}
        decide(reviewer, reading=json.dumps(reading))
    assert seen(demo, rows)[1] == "two reviewers"


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "perhaps"},
        {"role": "king"},
        {"decision": "correct", "correction": None},
        {"start": 5, "end": 5},
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(demo, decide, changes):
    with pytest.raises(sqlite3.IntegrityError):
        decide("ann", **changes)
    assert decisions.decisions_at(demo) == []


def test_an_exclusion_needs_its_reason(demo):
    said = {"document": "pmid-1", "stage": "full-text", "decision": "exclude", "reason": None, "reviewer": "ann"}
    with closing(open_decisions(demo)) as people, pytest.raises(sqlite3.IntegrityError):
        decisions.record_screening(people, said)


def test_a_backup_brings_all_decisions_back(demo, decide, tmp_path):
    decide("ann")
    before = decisions.decisions_at(demo)
    assert decisions.back_up(demo, tmp_path / "copy.db") == 1
    decisions_path(demo).unlink()
    assert decisions.restore(demo, tmp_path / "copy.db") == 1
    assert decisions.decisions_at(demo) == before


def test_decisions_are_never_overwritten(demo, decide, tmp_path):
    decide("ann")
    decisions.back_up(demo, tmp_path / "copy.db")
    for refused in (decisions.back_up, decisions.restore):
        with pytest.raises(KbError, match="never overwritten"):
            refused(demo, tmp_path / "copy.db")


def test_only_our_backups_are_restored(demo, tmp_path):
    create_database(tmp_path / "other.db").close()
    with pytest.raises(NotOurDatabase):
        decisions.restore(demo, tmp_path / "other.db")
    assert not decisions_path(demo).exists()


def test_answers_and_their_backup_are_for_the_owner_alone(demo, tmp_path):
    decisions.back_up(demo, tmp_path / "kept.db")
    assert {path.stat().st_mode & 0o777 for path in (decisions_path(demo), tmp_path / "kept.db")} == {0o600}
