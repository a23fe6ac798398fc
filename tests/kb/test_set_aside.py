"""What has drifted can be set aside by a reviewer, with a reason: nothing is left to do, and nothing is forgotten."""

import json
from contextlib import closing
from functools import partial

import pytest
from click.testing import CliRunner

from kb.cli.database import status as status_command
from kb.errors import KbError, NothingThere, NotTaken
from kb.stages import building
from kb.stages.drifting import decide
from kb.stages.reviewing import Reviewer
from kb.store import decisions, drift
from kb.store.connection import open_database, open_decisions
from kb.store.readings import figure_of
from kb.store.rows import fetch

OLD = "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 12 months."
CHANGED = "The mean mRSS was 21.4 at baseline. The mean mRSS was 12.5 at 12 months."
ANN, BEN = Reviewer("ann"), Reviewer("ben")
WHY = "The corrected abstract says 21.4, which is read now."


@pytest.fixture
def reads(load):
    """The invented record 7 has this abstract now, and everything is built."""
    return partial(load, "7")


@pytest.fixture
def db(demo):
    with closing(open_database(demo)) as db:
        yield db


@pytest.fixture
def status(demo):
    """Exit code, drifted quotes, and what is said beside the numbers."""

    def now():
        ran = CliRunner().invoke(status_command, [str(demo), "--json"])
        words = CliRunner().invoke(status_command, [str(demo)]).stderr
        return ran.exit_code, json.loads(ran.stdout)["quotes"]["drifted"], words

    return now


@pytest.fixture
def judged(demo, db):
    """Two people accept the figure with this quote, and everything is built; where says another place."""

    def said(of, **where):
        (row,) = fetch(db, "select f.*, s.sha256 from figures f join sections s on s.id = f.section "
                       "where f.document = 'pmid-7' and f.quote = ?", [of])  # fmt: skip
        place = {"section_sha256": row["sha256"], **{key: row[key] for key in ("start", "end", "quote")}, **where}
        with closing(open_decisions(demo)) as file:
            for name in ("ann", "ben"):
                decisions.record_decision(file, {
                    **place, "figure": row["id"], "reading": json.dumps(figure_of(row).as_json()), "decision": "accept",
                    "correction": None, "note": None, "reviewer": name, "role": "reviewer",
                })  # fmt: skip
        building.build(db, demo)
        return row["id"]

    return said


@pytest.fixture
def drifted(reads, judged):
    """The id of a figure that two people accepted, and whose text does not say it any more."""
    reads(OLD)
    figure = judged("20.1")
    reads(CHANGED)
    return figure


def listed(db):
    return [
        (row["figure"], row["state"], row["reason"]) for row in fetch(db, "select * from drifted_figures order by id")
    ]


def test_what_is_set_aside_is_nothing_to_do_and_is_listed_with_its_reason(demo, db, drifted, status):
    assert status()[:2] == (3, 1)
    assert "reviewers set it aside at /-/review/drifted" in status()[2]
    reviews = fetch(db, "select * from reviews")
    assert decide(db, demo, ANN, drifted, "set aside", f" {WHY} ")
    assert status()[:2] == (0, 0)
    assert "set aside: 1 that drifted" in status()[2]
    assert listed(db) == [(drifted, "set aside", WHY)]
    assert fetch(db, "select * from reviews") == reviews
    assert {row["state"] for row in reviews} == {"drifted"}


def test_it_can_be_opened_again_and_all_that_was_said_stays(demo, db, drifted, status):
    for who, decision, reason in ((ANN, "set aside", WHY), (BEN, "open again", "Look at 21.4 too.")):
        decide(db, demo, who, drifted, decision, reason)
    assert status()[:2] == (3, 1)
    assert listed(db) == [(drifted, "open", "Look at 21.4 too.")]
    kept = [(row["reviewer"], row["decision"], row["reason"]) for row in drift.drift_decisions_at(demo)]
    assert kept == [("ann", "set aside", WHY), ("ben", "open again", "Look at 21.4 too.")]
    served = fetch(db, "select reviewer, decision, reason from set_aside order by rowid")
    assert [tuple(row.values()) for row in served] == kept


def test_a_build_from_nothing_keeps_it(demo, db, drifted, status):
    decide(db, demo, ANN, drifted, "set aside", WHY)
    with db.atomic():
        db.execute("delete from readings")
        db.execute("delete from set_aside")
    building.build(db, demo)
    assert listed(db) == [(drifted, "set aside", WHY)]
    assert status()[:2] == (0, 0)


def test_the_text_comes_back_and_the_decisions_stand_again(demo, db, drifted, reads, status):
    decide(db, demo, ANN, drifted, "set aside", WHY)
    reads(OLD)
    assert {row["state"] for row in fetch(db, "select state from reviews")} == {"stands"}
    assert drifted not in {figure for figure, _, _ in listed(db)}
    assert status()[:2] == (3, 1)  # 21.4, which stands in a former text now


def test_another_drift_is_another_thing_to_look_at(demo, db, drifted, reads, status):
    decide(db, demo, ANN, drifted, "set aside", WHY)
    reads(CHANGED.replace("12.5", "13.5"))
    assert status()[:2] == (3, 2)  # 12.5, in each of the former texts
    assert sorted(state for _, state, _ in listed(db)) == ["open", "open", "set aside"]


def test_a_decision_on_a_text_that_is_not_stored_is_set_aside_by_its_own_id(demo, db, reads, judged, status):
    reads(OLD)
    judged("12.5", section_sha256="1" * 64, quote="77.7", start=5, end=9)
    rows = fetch(db, "select * from drifted_figures order by id")
    assert [(row["figure"], row["document"]) for row in rows] == [(None, None)] * 2
    assert status()[:2] == (3, 2)
    decide(db, demo, ANN, rows[0]["id"], "set aside", WHY)
    assert status()[:2] == (0, 0)  # both people decided on the same place


@pytest.mark.parametrize(
    ("decision", "reason", "words"),
    [
        ("set aside", " ", "say the reason"),
        ("set aside", "x" * 4001, "4,000 are the most"),
        ("open again", WHY, "it is open already"),
        ("forget", WHY, "is no answer"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(demo, db, drifted, decision, reason, words):
    with pytest.raises(NotTaken, match=words):
        decide(db, demo, ANN, drifted, decision, reason)
    assert drift.drift_decisions_at(demo) == []


def test_a_second_one_is_not_added(demo, db, drifted):
    decide(db, demo, ANN, drifted, "set aside", WHY)
    with pytest.raises(NotTaken, match="it is set aside already"):
        decide(db, demo, BEN, drifted, "set aside", WHY)


def test_what_has_not_drifted_cannot_be_set_aside(demo, db, drifted):
    stands = fetch(db, "select id from figures where drifted = 0 and document = 'pmid-7'")[0]["id"]
    assert stands != drifted
    for name in (stands, "nothing", ""):
        with pytest.raises(NothingThere, match="nothing that has drifted"):
            decide(db, demo, ANN, name, "set aside", WHY)


def test_a_backup_holds_it_and_nothing_overwrites_it(demo, db, drifted, tmp_path):
    decide(db, demo, ANN, drifted, "set aside", WHY)
    assert decisions.back_up(demo, tmp_path / "copy.db") == 2
    other = tmp_path / "other" / "evidence.db"
    other.parent.mkdir()
    decisions.restore(other, tmp_path / "copy.db")
    assert [row["reason"] for row in drift.drift_decisions_at(other)] == [WHY]
    with closing(open_decisions(tmp_path / "new.db")) as file:
        assert decisions.count(file) == 0
    drift.record_drift_decision(tmp_path / "new.db", {
        "figure": None, "section_sha256": "s", "start": 0, "end": 1, "quote": "1", "decision": "set aside",
        "reason": WHY, "reviewer": "ann",
    })  # fmt: skip
    with pytest.raises(KbError, match="holds decisions already"):
        decisions.restore(tmp_path / "new.db", tmp_path / "copy.db")
