"""Screening from records to the flow: what is kept, what may be seen, what is learned, and that the flow adds up."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.errors import KbError, NotTaken
from kb.evidence import relevance
from kb.evidence.screening import DECISIONS, FULL_TEXT, STAGES, TITLE_ABSTRACT
from kb.records import Vote
from kb.stages import building, loading, screening, starting
from kb.store.connection import create_database, decisions_path, open_database
from kb.store.rows import fetch, insert
from kb.vocabulary import vocabulary_of

RECORDS = [f"pmid-{900100 + i}" for i in range(8)]
REASON = "not systemic sclerosis"
UNSETTLED = "select document from records where title_abstract is null order by position"


@pytest.fixture(scope="module")
def screened_db(tmp_path_factory, topic, pubmed_xml) -> Path:
    """Eight invented records: two found by a search, one of them twice, one linked and never loaded."""
    folder = tmp_path_factory.mktemp("screening")
    files = [folder / f"{i}.xml" for i in range(8)]
    for i, file in enumerate(files):
        about = "skin fibrosis treated with cells" if i < 3 else "wheat yield in dry soil"
        file.write_bytes(pubmed_xml(name_of(RECORDS[i]), f"We studied {about}, part {i}.", f"Invented {about} {i}"))
    with closing(create_database(folder / "evidence.db")) as db:
        starting.init(db, topic, vocabulary_of(topic), topic.id)
        assert not loading.load(db, files).failed
        with db.atomic():
            insert(db, "screenings", [hit(0, "one"), hit(0, "two"), hit(1, "one")])
            db.execute("update documents set source = 'pubmed-page' where id = ?", [RECORDS[0]])
            db.execute(
                "insert into links values (?, 'pmid-900199', 'similar', 'invented', null, 'Far', 'x', 'x')",
                [RECORDS[0]],
            )
        building.build(db, folder / "evidence.db")
    return folder / "evidence.db"


def name_of(record):
    return record.removeprefix("pmid-")


def hit(i, query):
    return {
        "id": f"search-{query}-{i}", "document": RECORDS[i], "stage": "identified", "decision": "identified",
        "reason": None, "source": f"PubMed: {query}", "run": "r", "reviewer": None, "decided_at": "2026-01-01",
    }  # fmt: skip


@pytest.fixture
def path(screened_db, tmp_path) -> Path:
    return Path(shutil.copy(screened_db, tmp_path / "evidence.db"))


@pytest.fixture
def db(path):
    with closing(open_database(path)) as opened:
        yield opened


@pytest.fixture
def say(db, path, topic):
    """Somebody decides: ``say(record, "ann", "exclude")``."""

    def decide(record, who, decision, stage=TITLE_ABSTRACT, *, reason=REASON, role="reviewer", note=None, needed=2):
        vote = Vote(who, decision, reason if decision == "exclude" else None, role)
        return screening.decide(db, path, replace(topic, reviewers_needed=needed), record, stage, vote, note)

    return decide


def state(db, record, column="title_abstract"):
    return fetch(db, f"select {column} as it from records where document = ?", [record])[0]["it"]


def flow(db):
    found = {}
    for row in fetch(db, "select * from prisma_flow"):
        found.setdefault(row["stage"], {})[row["what"]] = row["records"]
    return found


def total(counted, stage):
    return sum(counted.get(stage, {}).values())


def adds_up(db):
    """What enters each box leaves it."""
    counted = flow(db)
    sums = {
        "identified": ("duplicates removed", "removed before screening", "records"),
        "records": ("screened", "not screened yet"),
        "screened": ("excluded", "sought"),
        "sought": ("not retrieved", "not assessed yet", "assessed"),
        "assessed": ("excluded at full text", "included reports"),
    }
    return {box: total(counted, box) - sum(total(counted, part) for part in parts) for box, parts in sums.items()}


def test_every_record_is_identified_by_what_found_it(db):
    assert flow(db)["identified"] == {
        "database: PubMed: one": 2, "database: PubMed: two": 1, "citation searching: similar articles": 1,
        "other: loaded files": 6,
    }  # fmt: skip
    assert flow(db)["duplicates removed"]["found again by another search or link"] == 1
    assert flow(db)["not screened yet"] == {"neither title nor abstract is loaded": 1, "waiting for screeners": 8}
    assert set(adds_up(db).values()) == {0}


def test_a_decision_is_kept_and_not_seen_before_the_second(db, path, say):
    assert say(RECORDS[0], "ann", "exclude", note="undisclosed-7f3a")
    assert state(db, RECORDS[0]) is None
    assert fetch(db, "select * from screenings where stage <> 'identified'") == []
    assert b"undisclosed-7f3a" not in Path(path).read_bytes()
    assert flow(db)["screened"] == {"title and abstract": 0}
    assert say(RECORDS[0], "ben", "exclude")
    assert state(db, RECORDS[0]) == "exclude"
    seen = fetch(db, "select reviewer, decision, reason, note, role from screenings where stage = 'title-abstract'")
    assert [tuple(row.values()) for row in seen] == [
        ("ann", "exclude", REASON, "undisclosed-7f3a", "reviewer"),
        ("ben", "exclude", REASON, None, "reviewer"),
    ]


def test_the_first_decision_changes_no_served_row(db, path, say):
    def everything():
        with closing(sqlite3.connect(path)) as raw:
            return [line for line in raw.iterdump() if "runs" not in line]

    before = everything()
    say(RECORDS[2], "ann", "include")
    assert everything() == before
    building.build(db, path)
    assert fetch(db, "select * from records where title_abstract is not null") == []
    assert fetch(db, "select * from unseen") == fetch(db, "select * from rankings") == []


def test_the_same_decision_twice_is_kept_once_and_a_new_one_beside_the_old(db, path, say):
    assert say(RECORDS[0], "ann", "include")
    assert not say(RECORDS[0], "ann", "include")
    assert say(RECORDS[0], "ann", "exclude")
    assert state(db, RECORDS[0]) is None
    with closing(sqlite3.connect(decisions_path(path))) as kept:
        assert kept.execute("select decision from screening_decisions order by rowid").fetchall() == [
            ("include",), ("exclude",),
        ]  # fmt: skip
    say(RECORDS[0], "ben", "exclude")
    assert state(db, RECORDS[0]) == "exclude"


def test_a_third_screener_is_not_needed(say):
    say(RECORDS[0], "ann", "include")
    say(RECORDS[0], "ben", "include")
    with pytest.raises(NotTaken, match="all the decisions it needs"):
        say(RECORDS[0], "cat", "exclude")


def test_a_conflict_waits_for_an_adjudicator_who_took_no_part(db, say):
    with pytest.raises(NotTaken, match="see differently"):
        say(RECORDS[0], "eva", "include", role="adjudicator")
    say(RECORDS[0], "ann", "include")
    say(RECORDS[0], "ben", "exclude")
    assert state(db, RECORDS[0]) == "conflict"
    assert flow(db)["not screened yet"]["screeners disagree"] == 1
    with pytest.raises(NotTaken, match="see differently"):
        say(RECORDS[0], "ben", "exclude", role="adjudicator")
    with pytest.raises(NotTaken, match="include or exclude"):
        say(RECORDS[0], "eva", "unsure", role="adjudicator")
    assert say(RECORDS[0], "eva", "include", role="adjudicator")
    assert state(db, RECORDS[0]) == "include"


@pytest.mark.parametrize(
    ("record", "stage", "decision", "reason", "why"),
    [
        ("pmid-1", TITLE_ABSTRACT, "include", None, "no record to screen"),
        (RECORDS[0], FULL_TEXT, "include", None, "after title and abstract"),
        (RECORDS[0], "third", "include", None, "at the stage"),
        (RECORDS[0], TITLE_ABSTRACT, "perhaps", None, "a decision is"),
        (RECORDS[0], TITLE_ABSTRACT, "exclude", None, "one of these reasons"),
        (RECORDS[0], TITLE_ABSTRACT, "exclude", "<script>", "one of these reasons"),
    ],
)
def test_a_decision_that_does_not_fit_is_not_kept(path, say, record, stage, decision, reason, why):
    with pytest.raises(NotTaken, match=why):
        say(record, "ann", decision, stage, reason=reason)
    assert not decisions_path(path).exists() or not screening.screening.kept_at(path)


def test_a_report_is_sought_had_or_not_and_assessed(db, path, topic, say):
    with pytest.raises(NotTaken, match="not sought"):
        screening.retrieve(db, path, topic, RECORDS[0], "not retrieved", "ann", None)
    for who in ("ann", "ben"):
        say(RECORDS[0], who, "include")
        say(RECORDS[1], who, "unsure")
    assert flow(db)["sought"] == {"reports sought for retrieval": 2}
    assert screening.retrieve(db, path, topic, RECORDS[0], "not retrieved", "ann", "no library has it")
    assert not screening.retrieve(db, path, topic, RECORDS[0], "not retrieved", "ben", None)
    assert flow(db)["not retrieved"] == {"reports not retrieved": 1}
    for who in ("ann", "ben"):
        say(RECORDS[1], who, "exclude", FULL_TEXT)
    assert flow(db)["excluded at full text"] == {REASON: 1}
    assert screening.retrieve(db, path, topic, RECORDS[0], "retrieved", "ann", None)
    for who in ("ann", "ben"):
        say(RECORDS[0], who, "include", FULL_TEXT)
    assert flow(db)["included reports"] == {"by screening": 1}
    assert set(adds_up(db).values()) == {0}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(RECORDS[:3]), st.sampled_from(["ann", "ben", "eva!"]), st.sampled_from(STAGES),
        st.sampled_from([*DECISIONS, "not retrieved", "retrieved"]),
    ), max_size=25,
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_the_flow_adds_up_whatever_is_decided_and_a_build_changes_nothing(screened_db, tmp_path, topic, steps):
    path = Path(shutil.copy(screened_db, tmp_path / "evidence.db"))
    decisions_path(path).unlink(missing_ok=True)
    with closing(open_database(path)) as db:
        for record, who, stage, answer in steps:
            try:
                act(db, path, topic, record, who, stage, answer)
            except NotTaken:
                continue
        assert set(adds_up(db).values()) == {0}
        shown = [fetch(db, "select * from prisma_flow"), outcomes(db), served(db)]
        with db.atomic():
            screening.gather(db, path, topic, "again")
        assert [fetch(db, "select * from prisma_flow"), outcomes(db), served(db)] == shown


def act(db, path, topic, record, who, stage, answer):
    if answer not in DECISIONS:
        screening.retrieve(db, path, topic, record, answer, who, None)
        return
    role = "adjudicator" if who.endswith("!") else "reviewer"
    vote = Vote(who, answer, REASON if answer == "exclude" else None, role)
    screening.decide(db, path, topic, record, stage, vote, None)


def outcomes(db):
    return fetch(db, "select document, title_abstract, settled, retrieval, full_text, full_text_reason from records")


def served(db):
    return fetch(db, "select * from screenings where stage <> 'identified' order by document, stage, rowid")


@pytest.fixture
def learned(db, say):
    """Two settled records, one of each kind."""
    if relevance.library() is None:
        pytest.skip("needs scikit-learn")
    for who in ("ann", "ben"):
        say(RECORDS[0], who, "include")
        say(RECORDS[7], who, "exclude")
    assert screening.rank_again(db)
    return db


def test_records_like_the_included_come_first(learned):
    ranked = fetch(learned, "select document from records where rank is not null order by rank")
    assert {row["document"] for row in ranked[:2]} == {RECORDS[1], RECORDS[2]}
    (made,) = fetch(learned, "select included, excluded, ranked from rankings")
    assert tuple(made.values()) == (1, 1, 6)
    assert not screening.rank_again(learned)


def test_an_open_decision_teaches_nothing(learned, path, say):
    before = fetch(learned, "select document, rank, score from records order by document")
    say(RECORDS[3], "ann", "include")
    assert not screening.rank_again(learned)
    building.build(learned, path)
    assert fetch(learned, "select document, rank, score from records order by document") == before


def test_a_build_learns_what_is_new(learned, path, say):
    for who in ("ann", "ben"):
        say(RECORDS[3], who, "exclude")
    building.build(learned, path)
    (made,) = fetch(learned, "select included, excluded, ranked from rankings")
    assert tuple(made.values()) == (1, 2, 5)


def test_without_the_library_the_order_is_that_of_identification(db, path, say, monkeypatch):
    monkeypatch.setattr(relevance, "library", lambda: None)
    for who in ("ann", "ben"):
        say(RECORDS[0], who, "include")
        say(RECORDS[7], who, "exclude")
    building.build(db, path)
    assert fetch(db, "select * from records where rank is not null") == fetch(db, "select * from rankings") == []
    assert [row["document"] for row in fetch(db, UNSETTLED)][:3] == [RECORDS[1], "pmid-900199", RECORDS[2]]
    with pytest.raises(KbError, match=r"evidence-kb\[screening\]"):
        screening.rank_again(db)


def test_how_much_is_unseen_follows_each_settled_record(db, say):
    for record in RECORDS[5:]:
        for who in ("ann", "ben"):
            say(record, who, "exclude")
    (now,) = fetch(db, "select screened, found, records, most, recall, urn, drawn from unseen")
    assert (now["screened"], now["found"], now["records"], now["recall"]) == (3, 0, 5, None)
    assert (now["urn"], now["drawn"]) == (8, 3)
    assert 0 < now["most"] <= 5
