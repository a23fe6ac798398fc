"""A text changes: what was said of the old one is found again by its exact quote, or has drifted. Nothing is lost.

The old text stays; a reader's proposal and a person's decision follow their quote; a figure that is quoted nowhere any
more is kept in the old text, marked, and speaks nowhere.
"""

import json
import shutil
from contextlib import closing
from functools import partial

import pytest
from click.testing import CliRunner

from kb.cli.database import status as status_command
from kb.stages import building, starting
from kb.stages.proposing import propose as propose_stage
from kb.store import decisions
from kb.store.connection import open_database, open_decisions
from kb.store.readings import figure_of
from kb.store.rows import fetch
from kb.store.status import status
from kb.vocabulary import TOPICS, load_topic, vocabulary_of

OLD = "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 12 months."
MOVED = f"Seventeen patients were treated. {OLD}"
CHANGED = "The mean mRSS was 21.4 at baseline. The mean mRSS was 12.5 at 12 months."
OTHER_TIME = "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 24 months."

FIGURES = """select f.id, f.quote, f.start, f.reader, f.drifted, s.current, s.sha256 as section_sha256,
substr(s.text, f.start + 1, f."end" - f.start) = f.quote as held
from figures f join sections s on s.id = f.section where f.document = 'pmid-7' order by f.drifted, f.start, f.reader"""


@pytest.fixture
def reads(load):
    """The invented record 7 has this abstract now, and everything is built."""
    return partial(load, "7")


@pytest.fixture
def decide(demo):
    """Two people say the same of the figure with this quote; everything is built."""

    def said(of, decision="accept", people=("ann", "ben"), **changes):
        with closing(open_database(demo)) as db, closing(open_decisions(demo)) as file:
            (row, *_) = fetch(db, f"select f.*, s.sha256 as section_sha256 from ({FIGURES}) x join figures f "
                              "on f.id = x.id join sections s on s.id = f.section where f.quote = ?", [of])  # fmt: skip
            place = {key: row[key] for key in ("section_sha256", "start", "end", "quote")}
            for name in people:
                decisions.record_decision(file, {
                    **place, "figure": row["id"], "reading": json.dumps(figure_of(row).as_json()), "decision": decision,
                    "correction": None, "note": None, "reviewer": name, "role": "reviewer", **changes,
                })  # fmt: skip
            building.build(db, demo)
        return row

    return said


@pytest.fixture
def seen(demo, rows):
    """Figures of the record, its reviews, and what status says of quotes."""

    def now():
        with closing(open_database(demo)) as db:
            quotes = status(db)["quotes"]
        return rows(demo, FIGURES), rows(demo, "select * from reviews order by rowid"), quotes

    return now


def states(reviews):
    return [row["state"] for row in reviews]


def test_a_figure_whose_quote_is_gone_stays_in_the_old_text_as_drifted(reads, seen, rows, demo):
    reads(OLD)
    before, _, quotes = seen()
    assert quotes["drifted"] == 0
    reads(CHANGED)
    after, _, quotes = seen()
    assert [(f["quote"], f["drifted"], f["current"]) for f in after] == [("21.4", 0, 1), ("12.5", 0, 1), ("20.1", 1, 0)]
    assert after[-1]["id"] == before[0]["id"]
    assert all(f["held"] for f in after)
    assert quotes["drifted"] == 1
    assert quotes["checked"] == quotes["held"]
    assert rows(demo, "select count(*) as n from standings where figure = ?", before[0]["id"]) == [{"n": 0}]


def test_a_drift_is_noted_once_and_ends_when_the_text_comes_back(reads, seen, rows, demo):
    noted = "select before, after from changes where document = 'pmid-7' and field = 'figure'"
    for abstract in (OLD, CHANGED, CHANGED):
        reads(abstract)
    assert rows(demo, noted) == [{"before": "20.1", "after": "drifted: the text does not say this any more"}]
    reads(OLD)
    figures, _, quotes = seen()
    assert [(f["quote"], f["drifted"]) for f in figures] == [("20.1", 0), ("12.5", 0), ("21.4", 1)]
    assert quotes["drifted"] == 1


def test_a_build_from_nothing_finds_the_same_figures(reads, seen, demo):
    for abstract in (OLD, CHANGED, MOVED):
        reads(abstract)
    before = seen()
    with closing(open_database(demo)) as db:
        with db.atomic():
            db.execute("delete from readings")
        building.build(db, demo)
    assert seen() == before


def test_a_decision_follows_its_quote_and_stands_where_the_reading_is_the_same(reads, decide, seen, rows, demo):
    reads(OLD)
    judged = decide("12.5")
    reads(MOVED)
    figures, reviews, quotes = seen()
    here = next(f for f in figures if f["quote"] == "12.5")
    assert states(reviews) == ["stands", "stands"]
    assert {row["figure"] for row in reviews} == {here["id"]}
    assert here["start"] == MOVED.index("12.5") != judged["start"]
    assert {(r["start"], r["section_sha256"]) for r in reviews} == {(judged["start"], judged["section_sha256"])}
    assert rows(demo, "select basis from standings where figure = ?", here["id"]) == [{"basis": "two reviewers"}]
    assert quotes["drifted"] == 0


def test_a_decision_on_a_place_that_reads_differently_now_is_to_be_confirmed_again(reads, decide, seen, rows, demo):
    reads(OLD)
    decide("12.5")
    reads(OTHER_TIME)
    figures, reviews, _ = seen()
    here = next(f for f in figures if f["quote"] == "12.5")
    assert states(reviews) == ["re-confirm", "re-confirm"]
    assert {row["figure"] for row in reviews} == {here["id"]}
    assert rows(demo, "select basis from standings where figure = ?", here["id"]) == [{"basis": "machine"}]


def test_a_decision_whose_quote_is_gone_is_shown_as_drifted_at_its_figure(reads, decide, seen):
    reads(OLD)
    judged = decide("20.1")
    reads(CHANGED)
    figures, reviews, quotes = seen()
    assert states(reviews) == ["drifted", "drifted"]
    assert {row["figure"] for row in reviews} == {judged["id"]}
    assert [f["id"] for f in figures if f["drifted"]] == [judged["id"]]
    assert quotes["drifted"] == 1
    reads(OLD)
    assert states(seen()[1]) == ["stands", "stands"]


def test_what_people_judged_is_kept_where_the_machine_would_not_find_it_again(reads, decide, seen):
    reads(OLD)
    judged = decide("20.1", reading=json.dumps({"kind": "mean", "quote": "mRSS was 20.1", "start": 9, "end": 22}),
                    quote="mRSS was 20.1", start=9, end=22, figure="pmid-7.000000000000")  # fmt: skip
    reads(CHANGED)
    figures, reviews, quotes = seen()
    kept = [(f["id"], f["quote"], f["reader"], f["held"]) for f in figures if f["drifted"]]
    assert ("pmid-7.000000000000", "mRSS was 20.1", "reviewer", 1) in kept
    assert (judged["id"], "20.1", "machine", 1) in kept
    assert {(r["state"], r["figure"]) for r in reviews} == {("drifted", "pmid-7.000000000000")}
    assert quotes["drifted"] == 2


def test_a_first_decision_that_drifted_stays_unseen(reads, decide, seen, demo):
    reads(OLD)
    decide("20.1", people=("somebody undisclosed",))
    reads(CHANGED)
    figures, reviews, _ = seen()
    assert reviews == []
    assert {f["reader"] for f in figures} == {"machine"}
    assert b"undisclosed" not in demo.read_bytes()


def test_two_who_decided_on_either_text_are_two(reads, decide, seen, rows, demo):
    reads(OLD)
    decide("12.5", people=("ann",))
    reads(MOVED)
    decide("12.5", people=("ben",))
    figures, reviews, _ = seen()
    here = next(f for f in figures if f["quote"] == "12.5")
    assert states(reviews) == ["stands", "stands"]
    assert rows(demo, "select basis from standings where figure = ?", here["id"]) == [{"basis": "two reviewers"}]


def test_a_decision_on_a_text_that_was_never_stored_here_finds_its_quote(reads, decide, seen):
    reads(MOVED)
    decide("12.5", section_sha256="0" * 64, start=5, end=9)
    assert states(seen()[1]) == ["stands", "stands"]
    decide("12.5", section_sha256="1" * 64, quote="77.7", start=5, end=9)
    _, reviews, quotes = seen()
    assert [(r["state"], r["figure"]) for r in reviews[2:]] == [("drifted", None)] * 2
    assert quotes["drifted"] == 2


GOOD = {"outcome": "mRSS", "kind": "mean", "timepoint": {"value": 12, "unit": "month"}, "value": 12.5}


@pytest.fixture
def propose(demo):
    """Another reader proposes a figure of the record."""

    def said(**figure):
        with closing(open_database(demo)) as db:
            body = json.dumps({"pmid-7": [{**GOOD, **figure}]}).encode()
            assert propose_stage(db, body, "other.json").counts["accepted"] == 1

    return said


def proposed(figures):
    return [(f["quote"], f["start"], f["drifted"], f["current"]) for f in figures if f["reader"] == "proposed"]


@pytest.mark.parametrize(
    ("quote", "now", "kept"),
    [
        ("mRSS was 12.5", MOVED, [("mRSS was 12.5", MOVED.index("mRSS was 12.5"), 0, 1)]),
        ("12.5", f"{OLD} Later it was 12.5 again.", [("12.5", OLD.index("12.5"), 0, 1)]),
        ("12.5", f"Later it was 12.5 again. {OLD}", [("12.5", 25 + OLD.index("12.5"), 0, 1)]),
        ("12.5", OLD.replace("12.5", "13.5"), [("12.5", OLD.index("12.5"), 1, 0)]),
        ("12.5", "Moss 12.5. Fern 12.5.", [("12.5", OLD.index("12.5"), 1, 0)]),
    ],
    ids=["moved", "twice, first", "twice, second", "gone", "no telling"],
)
def test_a_proposed_figure_follows_its_quote_or_drifts(reads, propose, seen, quote, now, kept):
    reads(OLD)
    propose(quote=quote)
    reads(now)
    assert proposed(seen()[0]) == kept
    assert all(f["held"] for f in seen()[0])


def test_a_proposed_fall_that_is_no_fall_any_more_has_drifted(reads, propose, seen):
    fall = "The mRSS fell by 3.5 points."
    reads(fall)
    propose(quote="3.5", value=-3.5, kind="change")
    reads("The mRSS rose by 3.5 points.")
    assert proposed(seen()[0]) == [("3.5", fall.index("3.5"), 1, 0)]


def test_an_edited_sheet_is_no_drift(demo, seen, tmp_path):
    """A sheet is ours: who edits it means to replace what it said."""
    folder = tmp_path / "topic"
    shutil.copytree(TOPICS / "ssc-msc", folder)
    sheet = folder / "studies" / "alip-2024.toml"
    sheet.write_text(
        sheet.read_text("utf-8").replace("Alive at 5 years: 38 of 41", "At 5 years alive: 38 of 41"), "utf-8"
    )
    with closing(open_database(demo)) as db:
        topic = load_topic(str(folder))
        assert starting.init(db, topic, vocabulary_of(topic), str(folder)).changed == 1
        building.build(db, demo)
        former = "select count(*) from sections where current = 0 and text like 'Alive at 5 years%'"
        assert db.execute(former).fetchone() == (1,)
    assert seen()[2]["drifted"] == 0


def test_status_ends_with_3_while_something_has_drifted(reads, demo):
    reads(OLD)
    assert CliRunner().invoke(status_command, [str(demo)]).exit_code == 0
    reads(CHANGED)
    ran = CliRunner().invoke(status_command, [str(demo), "--json"])
    assert ran.exit_code == 3
    assert json.loads(ran.stdout)["quotes"]["drifted"] == 1
