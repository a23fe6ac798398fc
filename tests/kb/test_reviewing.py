"""Judging, adding, finishing: what is kept, who sees it when, what it makes, and how the estimates move."""

import json
import re
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import pytest

from kb.errors import KbError, NothingThere, NotTaken
from kb.stages import building, reviewing
from kb.stages.deciding import cases_at, key_of
from kb.stages.reviewing import Answer, Reviewer
from kb.store import decisions
from kb.store.connection import decisions_path, open_database
from kb.store.readings import figure_of
from kb.store.reviewing import finished_at
from kb.store.rows import fetch

ANN, BEN, EVE = Reviewer("ann"), Reviewer("ben"), Reviewer("eve", may_settle=True)
#: The sheet's mean at twelve months in the seed study; it feeds the change after treatment.
MEAN = "document = 'sheet-alip-2024' and outcome = 'mRSS' and months = 12 and kind = 'mean'"
#: The invented page of the seed study in tests/site.
PAGE = "pmid-38206544"
BASELINE = f"document = '{PAGE}' and value = 18.68"
ALIVE = {"outcome": "overall survival", "kind": "proportion", "quote": "38 of 41 patients", "events": 38, "n": 41}


@pytest.fixture
def site(site_db, tmp_path):
    """The demo topic with the invented page of the seed study; the test may change it."""
    path = tmp_path / "evidence.db"
    with closing(sqlite3.connect(site_db)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


@pytest.fixture
def db(site):
    with closing(open_database(site)) as opened:
        yield opened


@pytest.fixture
def figure(db):
    return figure_where(db)


def figure_where(db, where=MEAN):
    return fetch(db, f"select * from figures where {where} order by reader = 'reviewer', id")[0]


def say(db, path, who, row, decision="accept", after="", **more):
    answer = Answer(row["id"], decision, key_of(figure_of(row)), after, **more)
    return reviewing.judge(db, path, who, answer, cases_at(db, path))


def corrected(row, **changes):
    return {**figure_of(row).as_json(), **changes}


def basis(db, figure):
    return tuple(db.execute("select basis, speaks from standings where figure = ?", [figure]).fetchone())


def served(path):
    """Every byte of every table that the site serves."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def test_a_first_answer_leaves_the_served_file_as_it_is(db, site, figure):
    before = served(site)
    kept = say(db, site, ANN, figure, "reject", note="a secret note")
    assert (kept.shown, list(kept.moves)) == (False, [])
    assert served(site) == before
    assert len(decisions.decisions_at(site)) == 1


def test_two_answers_are_shown_and_the_estimates_follow(db, site, figure):
    say(db, site, ANN, figure, "reject")
    kept = say(db, site, BEN, figure, "reject")
    assert kept.shown
    assert basis(db, figure["id"]) == ("rejected", 0)
    assert [row["decision"] for row in fetch(db, "select decision from reviews")] == ["reject", "reject"]


def test_how_an_estimate_moved_is_kept(db, site):
    row = fed(db)
    before = {e["id"]: e["estimate"] for e in fetch(db, "select id, estimate from estimates")}
    say(db, site, ANN, row, "reject")
    kept = say(db, site, BEN, row, "reject")
    after = {e["id"]: e["estimate"] for e in fetch(db, "select id, estimate from estimates")}
    assert kept.moves
    for move in kept.moves:
        assert move["value_before"] == before.get(move["estimate"])
        assert move["value_after"] == after.get(move["estimate"])
    moved = {m["estimate"] for m in kept.moves}
    assert {e for e in before.keys() | after.keys() if before.get(e) != after.get(e)} <= moved


def mains(db):
    rows = fetch(db, """select id, k, estimate, ci_low from estimates where "set" = 'main'""")
    return {row["id"]: row for row in rows}


def fed(db):
    """A figure that feeds a main estimate alone."""
    sql = """select f.* from figures f join effect_figures ef on ef.figure = f.id
    join estimate_effects l on l.effect = ef.effect join estimates m on m.id = l.estimate
    where l.weight is not null and m."set" = 'main' and m.k = 1 order by f.id limit 1"""
    return fetch(db, sql)[0]


def test_accepting_moves_no_number_and_takes_the_label_away(db, site):
    row = fed(db)
    assert fetch(db, "select * from estimates where reviewed <> 'unreviewed'") == []
    before = {
        e["id"]: (e["k"], e["estimate"], e["ci_low"])
        for e in fetch(db, "select * from estimates where \"set\" = 'main'")
    }
    for who in (ANN, BEN):
        kept = say(db, site, who, row)
    after = {
        e["id"]: (e["k"], e["estimate"], e["ci_low"])
        for e in fetch(db, "select * from estimates where \"set\" = 'main'")
    }
    assert {k: after.get(k) for k in before} == before
    assert {m["reviewed_before"] for m in kept.moves} == {"unreviewed"}
    assert {m["reviewed_after"] for m in kept.moves} <= {"reviewed", "partly reviewed"}


def test_an_agreed_correction_speaks_in_the_place_of_what_was_read(db, site):
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    right = corrected(row, arm="UC-MSC", quote="13.95 ± 8.49")
    for who in (ANN, BEN):
        kept = say(db, site, who, row, "correct", correction=right)
    (made,) = fetch(db, "select f.*, p.judged, p.said from decided_figures p join figures f on f.id = p.figure")
    assert (made["reader"], made["judged"], made["arm"]) == ("reviewer", row["id"], "UC-MSC")
    assert (made["section"], made["start"], made["end"]) == (row["section"], row["start"], row["end"])
    assert "corrected by two reviewers" in made["said"]
    assert basis(db, row["id"]) == ("rejected", 0)
    assert basis(db, made["id"])[0] == "two reviewers"
    assert fetch(db, "select 1 from verdicts where figure = ?", [made["id"]])
    assert kept.shown
    (shown,) = fetch(db, "select derived, decision from evidence where figure = ?", [made["id"]])
    assert made["said"] in shown["derived"]
    assert shown["decision"] == "correct"


def test_two_different_corrections_speak_nowhere_until_an_adjudicator_decides(db, site):
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    one, other = corrected(row, arm="UC-MSC"), corrected(row, timepoint={"value": 13, "unit": "month"})
    say(db, site, ANN, row, "correct", correction=one)
    say(db, site, BEN, row, "correct", correction=other)
    assert basis(db, row["id"]) == ("conflict", 0)
    assert fetch(db, "select * from decided_figures") == []
    say(db, site, EVE, row, "correct", correction=other)
    (made,) = fetch(db, "select figure from decided_figures")
    assert basis(db, made["figure"])[0] == "adjudicated"
    assert decisions.decisions_at(site)[-1]["role"] == "adjudicator"


def test_nobody_settles_a_conflict_of_his_own(db, site, figure):
    first = say(db, site, EVE, figure, "accept")
    say(db, site, BEN, figure, "reject")
    again = say(db, site, EVE, figure, "accept", after=first.id)
    assert {d["role"] for d in decisions.decisions_at(site)} == {"reviewer"}
    assert again.shown
    assert basis(db, figure["id"]) == ("conflict", 0)


def test_an_adjudicator_cannot_be_unsure(db, site, figure):
    say(db, site, ANN, figure)
    say(db, site, BEN, figure, "reject")
    with pytest.raises(NotTaken, match="accept, correct or reject"):
        say(db, site, EVE, figure, "unsure")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"value": 99.5}, "prints no value 99.5"),
        ({"quote": "These words stand nowhere"}, "do not stand in the text"),
        ({"quote": " "}, "mark or paste"),
        ({"kind": "mode"}, "kind"),
        ({"value": None}, "no value, events or percent|prints no"),
        ({"n": 7}, "prints n 7"),
        ({}, "says what the figure says"),
        ({"strange": 1}, "unknown keys"),
    ],
)
def test_a_correction_that_the_text_does_not_hold_is_not_kept(db, site, changes, why):
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    with pytest.raises(NotTaken, match=why):
        say(db, site, ANN, row, "correct", correction=corrected(row, **changes))
    assert decisions.decisions_at(site) == []


def test_white_space_of_a_pasted_quote_may_differ(db, site):
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    kept = say(db, site, ANN, row, "correct", correction=corrected(row, quote="the mean mRSS\n  was 13.95 ± 8.49"))
    (said,) = decisions.decisions_at(site)
    assert (said["id"], json.loads(said["correction"])["quote"]) == (kept.id, "the mean mRSS was 13.95 ± 8.49")


@pytest.mark.parametrize("decision", ["adjudicate", "add", ""])
def test_only_four_answers_can_be_given_to_a_figure(db, site, figure, decision):
    with pytest.raises(NotTaken, match="is no answer"):
        say(db, site, ANN, figure, decision)


def test_an_old_form_does_not_come_back_over_a_newer_answer(db, site, figure):
    first = say(db, site, ANN, figure)
    say(db, site, ANN, figure, "reject", after=first.id)
    with pytest.raises(NotTaken):
        say(db, site, ANN, figure, "accept", after=first.id)
    assert [d["decision"] for d in decisions.decisions_at(site)] == ["accept", "reject"]


def test_a_figure_read_anew_since_the_page_was_opened_is_not_judged(db, site, figure):
    with pytest.raises(NotTaken, match="read differently"):
        reviewing.judge(db, site, ANN, Answer(figure["id"], "accept", "{}"), ())


def test_a_corrected_figure_is_checked_beside_the_others_and_a_rejected_one_casts_no_doubt(db, site):
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    for who in (ANN, BEN):
        say(db, site, who, row, "correct", correction=corrected(row, arm="UC-MSC"))
    (made,) = fetch(db, "select figure from decided_figures")
    beside = """select reason from verdicts where figure = ? and "check" = 'SD beside the others'"""
    reasons = {
        name: fetch(db, beside, [name])[0]["reason"] for name in (made["figure"], figure_where(db, BASELINE)["id"])
    }
    assert set(reasons.values()) == {
        "SD 8.49; the study's other SDs of this outcome: 7.26, 7.67, 8.49",
        "SD 7.26; the study's other SDs of this outcome: 7.67, 8.49, 8.49",
    }


def test_undo_is_another_answer(db, site, figure):
    first = say(db, site, ANN, figure, "reject")
    say(db, site, BEN, figure)
    assert basis(db, figure["id"]) == ("conflict", 0)
    say(db, site, ANN, figure, after=first.id)
    assert basis(db, figure["id"])[0] == "two reviewers"
    assert len(decisions.decisions_at(site)) == 3


def missing(db):
    """Take the machine's reading of the survivors away, so that it is missed."""
    with db.atomic():
        ids = "select id from figures where document = ? and events = 38"
        for table in ("verdicts", "standings", "effect_figures"):
            db.execute(f"delete from {table} where figure in ({ids})", [PAGE])
        db.execute(f"delete from figures where id in ({ids})", [PAGE])


def test_an_added_figure_is_a_figure_once_another_adds_it_too(db, site):
    missing(db)
    before = served(site)
    assert not reviewing.add(db, site, ANN, PAGE, ALIVE).shown
    assert served(site) == before
    assert reviewing.add(db, site, BEN, PAGE, {**ALIVE, "quote": "38 of 41"}).shown
    (made,) = fetch(db, "select f.* from decided_figures p join figures f on f.id = p.figure")
    assert (made["quote"], made["reader"], made["events"]) == ("38 of 41 patients", "reviewer", 38)
    assert basis(db, made["id"])[0] == "two reviewers"


def test_who_finished_the_text_lets_the_added_figure_be_seen_as_a_conflict(db, site):
    missing(db)
    assert not reviewing.finish(db, site, BEN, PAGE).shown
    assert reviewing.add(db, site, ANN, PAGE, ALIVE).shown
    (made,) = fetch(db, "select f.* from decided_figures p join figures f on f.id = p.figure")
    assert basis(db, made["id"]) == ("conflict", 0)
    assert say(db, site, BEN, made).shown
    assert basis(db, made["id"])[0] == "two reviewers"


def test_an_added_figure_may_be_taken_back(db, site):
    missing(db)
    kept = reviewing.add(db, site, ANN, PAGE, ALIVE)
    reviewing.take_back(db, site, ANN, kept.id)
    assert reviewing.finish(db, site, BEN, PAGE).shown
    assert fetch(db, "select * from decided_figures") == []
    with pytest.raises(NothingThere):
        reviewing.take_back(db, site, BEN, kept.id)


@pytest.mark.parametrize(
    ("changes", "which", "why"),
    [
        ({"quote": "39 of 41 patients"}, None, "do not stand"),
        ({"events": 39}, None, "prints no events 39"),
        ({"quote": "mRSS was"}, None, "times in the text; say which"),
        ({"quote": "mRSS was"}, 99, "times in the text"),
        ({"events": None, "n": None}, None, "no value, events or percent"),
    ],
)
def test_a_figure_that_the_text_does_not_hold_is_not_added(db, site, changes, which, why):
    missing(db)
    with pytest.raises(NotTaken, match=why):
        reviewing.add(db, site, ANN, PAGE, {**ALIVE, **changes}, which=which)
    assert decisions.decisions_at(site) == []


def test_which_of_several_places_is_meant_can_be_said_or_marked(db, site):
    (text,) = fetch(db, "select id, text from sections where document = ? and text like '%18.68%'", [PAGE])
    first, second = (match.start() for match in re.finditer("49", text["text"]))
    said = {"outcome": "mRSS", "kind": "mean", "quote": "49", "value": 49}
    for who, how in ((ANN, {"which": 2}), (BEN, {"marked": (text["id"], first)})):
        reviewing.add(db, site, who, PAGE, said, **how)
    assert [d["start"] for d in decisions.decisions_at(site)] == [second, first]


def test_one_reviewer_is_enough_where_the_topic_says_so(db, site, figure, topic, monkeypatch):
    alone = replace(topic, reviewers_needed=1)
    monkeypatch.setattr(reviewing, "topic_of", lambda _: alone)
    monkeypatch.setattr(building, "topic_of", lambda _: alone)
    assert say(db, site, ANN, figure).shown
    assert basis(db, figure["id"])[0] == "one reviewer"


def remove_decisions(site):
    for suffix in ("", "-wal", "-shm"):
        decisions_path(site).with_name(decisions_path(site).name + suffix).unlink(missing_ok=True)


def test_what_people_made_survives_every_build_and_a_backup(db, site, tmp_path):
    missing(db)
    row = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    for who in (ANN, BEN):
        say(db, site, who, row, "correct", correction=corrected(row, arm="UC-MSC"))
        reviewing.add(db, site, who, PAGE, ALIVE)
    reviewing.finish(db, site, ANN, PAGE)
    assert set(finished_at(site).values()) == {frozenset({"ann"})}
    made = fetch(db, "select figure, judged, said from decided_figures order by figure")
    assert len(made) == 2
    assert decisions.back_up(site, tmp_path / "copy.db") == 4
    building.build(db, site)
    assert fetch(db, "select figure, judged, said from decided_figures order by figure") == made
    remove_decisions(site)
    building.build(db, site)
    assert fetch(db, "select figure from decided_figures") == []
    assert basis(db, row["id"])[0] != "rejected"
    reviewing.finish(db, site, BEN, PAGE)
    with pytest.raises(KbError, match="never overwritten"):
        decisions.restore(site, tmp_path / "copy.db")
    remove_decisions(site)
    assert decisions.restore(site, tmp_path / "copy.db") == 4
    assert set(finished_at(site).values()) == {frozenset({"ann"})}
    building.build(db, site)
    assert fetch(db, "select figure, judged, said from decided_figures order by figure") == made


def test_a_decision_and_its_estimates_wait_for_a_short_write(db, site, figure):
    say(db, site, ANN, figure)
    held, answered = threading.Event(), threading.Event()

    def refresh():
        with closing(sqlite3.connect(site)) as other:
            other.execute("begin immediate")
            held.set()
            # the decision itself does not wait for this
            answered.wait(timeout=60)
            other.rollback()

    def append(people, said, kept=reviewing.record_decision):
        name = kept(people, said)
        answered.set()
        return name

    writing = threading.Thread(target=refresh)
    writing.start()
    assert held.wait(timeout=60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviewing, "record_decision", append)
        kept = say(db, site, BEN, figure)
    writing.join()
    assert (kept.shown, kept.late) == (True, False)
    assert basis(db, figure["id"])[0] == "two reviewers"


def test_a_decision_is_kept_while_another_program_writes_and_the_estimates_follow(db, site, figure, monkeypatch):
    monkeypatch.setattr(reviewing, "PATIENCE_MS", 20)
    other = figure_where(db, f"document = '{PAGE}' and value = 13.95")
    say(db, site, ANN, figure)
    with closing(sqlite3.connect(site)) as refresh:
        refresh.execute("begin immediate")
        kept = say(db, site, BEN, figure)
        refresh.rollback()
    assert (kept.shown, kept.late) == (True, True)
    assert fetch(db, "select * from reviews") == []
    say(db, site, ANN, other)
    assert not say(db, site, BEN, other).late
    assert basis(db, figure["id"])[0] == "two reviewers"
