"""refresh: what changed is noted once, noise is not, and a run that fails may add but never shrinks.

The names are the rows of the stand-in's table: S32, S40, … The records 992000xx change on days 1 and 2.
"""

from contextlib import closing
from dataclasses import replace

import pytest

from ingest.errors import SourceUnreachable
from ingest.services import eutils
from kb.stages import building, loading
from kb.store import asked
from kb.store.connection import open_database
from tests.standin import faults
from tests.standin.session import Session
from tests.standin.world import CITERS, RETRACTED, SEED, SIMILAR

CHANGING = [f"992000{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 21, 31, 32)]
EVENTS = "select event, state from events where document = ? order by id"
ALWAYS = 60


@pytest.fixture
def pulled(session):
    """The records that change, as they are on day 0."""
    session.pull(*CHANGING)
    return session


def events(session, pmid):
    return session.rows(EVENTS, f"pmid-{pmid}")


def changes(session, pmid):
    return dict(session.rows("select field, after from changes where document = ?", f"pmid-{pmid}"))


def test_nothing_changed_is_said_by_silence(pulled):
    before = pulled.content()
    found = pulled.refresh()
    assert (found.events, found.changes, found.new_records, found.run.failed) == ((), (), 0, 0)
    assert pulled.content() == before


def test_s32_fewer_links_delete_nothing_and_last_seen_moves(session):
    session.pull(SEED, similar=0)
    seen = "select to_document, first_seen, last_seen from links where source = 'elink' and kind = 'similar'"
    day0 = {name: (first, last) for name, first, last in session.rows(seen)}
    session.refresh(1)
    day1 = {name: (first, last) for name, first, last in session.rows(seen)}
    assert session.refresh(2).new_links == 0
    day2 = {name: (first, last) for name, first, last in session.rows(seen)}
    assert day0.keys() == day1.keys() == day2.keys()
    gone = [name for name in day0 if day1[name] == day0[name]]
    assert len(gone) == 10
    assert all(day2[name][1] > day0[name][1] and day2[name][0] == day0[name][0] for name in day0)


def test_a_new_citer_is_fetched(session):
    session.pull(SEED, citers=True)
    found = session.refresh(1)
    assert found.new_records == 1
    assert session.one("select count(*) from documents where pmid = '99000199'") == 1


@pytest.mark.parametrize(
    ("pmid", "event", "retracted"),
    [
        ("99200001", "retraction", 1),
        ("99200002", "retraction", 1),
        ("99200003", "retraction", 1),
        ("99200004", "erratum", 0),
        ("99200005", "concern", 0),
        ("99200006", "republication", 0),
        ("99200007", None, 0),
    ],
    ids=["RetractionIn", "D016441", "without PMID", "ErratumIn", "concern", "republished", "the notice itself"],
)
def test_s40_each_state_is_told_exactly_once(pulled, pmid, event, retracted):
    pulled.refresh(1)
    told = [(event, "appeared")] if event else []
    assert events(pulled, pmid) == told
    assert pulled.one("select retracted from documents where pmid = ?", pmid) == retracted
    pulled.refresh(1)
    assert events(pulled, pmid) == told


def test_s40_the_replacement_and_the_notice_are_named(pulled):
    pulled.refresh(1)
    words = dict(pulled.rows("select document, text from events"))
    assert "PMID 99200007" in words["pmid-99200001"]
    assert f"PMID {CITERS[2]}" in words["pmid-99200006"]


def test_retractions_are_said_first(pulled):
    found = pulled.refresh(1)
    assert [row["event"] for row in found.events][:3] == ["retraction"] * 3
    assert pulled.refresh(1).events[-1]["event"] == "withdrawal"


def test_s41_a_retraction_that_is_taken_back_stays_in_the_history(pulled):
    pulled.refresh(1)
    pulled.refresh(2)
    assert events(pulled, "99200002") == [("retraction", "appeared"), ("retraction", "withdrawn")]
    assert pulled.one("select retracted from documents where pmid = '99200002'") == 0


@pytest.mark.parametrize("pmid", ["99200011", "99200012", "99200013"], ids=["DateRevised", "white space", "Season"])
def test_s42_noise_is_no_change(pulled, pmid):
    before = pulled.rows("select * from sections where document = ?", f"pmid-{pmid}")
    pulled.refresh(1)
    assert (changes(pulled, pmid), events(pulled, pmid)) == ({}, [])
    assert pulled.rows("select * from sections where document = ?", f"pmid-{pmid}") == before


def test_s43_what_was_added_and_corrected_is_noted_field_by_field(pulled):
    pulled.refresh(1)
    found = changes(pulled, "99200021")
    assert set(found) == {"title", "doi", "pmcid", "electronic", "MeSH", "text"}
    assert found["MeSH"] == "Mesenchymal Stem Cells*"
    assert found["title"] == "Invented record with a corrected title"


GONE, WITHDRAWN = "99200031", "select withdrawn from documents where pmid = '99200031'"


def test_s44_a_deleted_record_is_withdrawn_when_it_was_missed_twice_and_revives(pulled):
    before = pulled.rows("select id, text from sections where document = ?", f"pmid-{GONE}")
    pulled.refresh(1)
    assert (pulled.one(WITHDRAWN), events(pulled, GONE), set(changes(pulled, GONE))) == (0, [], {"withdrawn?"})
    pulled.refresh(1)
    assert (pulled.one(WITHDRAWN), events(pulled, GONE)) == (1, [("withdrawal", "appeared")])
    pulled.refresh(1)
    pulled.refresh(2)
    assert pulled.one(WITHDRAWN) == 0
    assert events(pulled, GONE) == [("withdrawal", "appeared"), ("withdrawal", "withdrawn")]
    assert pulled.rows("select id, text from sections where document = ?", f"pmid-{GONE}") == before


def test_s44_a_record_that_was_missed_for_a_day_was_never_withdrawn(pulled):
    for day in (1, 2, 1, 2):
        pulled.refresh(day)
    assert (pulled.one(WITHDRAWN), events(pulled, GONE)) == (0, [])
    assert pulled.rows("select * from absences") == []


def test_s44_an_interrupted_round_misses_a_record_once(pulled):
    pulled.refresh(1)
    with closing(open_database(pulled.path)) as db:
        db.execute(
            "update watermarks set open_since = (select last from absences where document = ?)", [f"pmid-{GONE}"]
        )
        asked.reopen(db, "record", [GONE])
        db.conn.commit()
    pulled.refresh(1)
    assert pulled.rows("select times from absences where document = ?", f"pmid-{GONE}") == [(1,)]
    assert pulled.one(WITHDRAWN) == 0


def test_s44_notes_on_a_withdrawn_record_are_kept(pulled):
    for _ in range(2):
        pulled.refresh(1)
    assert pulled.one("select count(*) from identifiers where document = ?", f"pmid-{GONE}") > 0
    assert pulled.one("select state from requests where what = 'record' and id = ?", GONE) == "absent"


def test_s44_a_merged_record_names_its_survivor(pulled):
    pulled.refresh(1)
    assert pulled.one("select text from events where document = 'pmid-99200032'").endswith(f"PMID {SIMILAR[0]}")
    pulled.refresh(2)
    assert len(events(pulled, "99200032")) == 1


def test_s45_a_later_file_wins_whatever_came_by_the_network(pulled, tmp_path, pubmed_xml):
    path = tmp_path / "update.xml"
    path.write_bytes(pubmed_xml("99200031", "Another invented text.", "Corrected by file"))
    with closing(open_database(pulled.path)) as db:
        loading.load(db, [path])
    assert pulled.one("select title from documents where pmid = '99200031'") == "Corrected by file"


@pytest.fixture
def topical(session, demo):
    """The same on a database with the bundled topic, and one record pulled whose text is this on each day."""
    ours = Session(demo, session.standin, session.clock)

    def with_texts(*abstracts):
        article = session.standin.store.article(SIMILAR[0])
        for day, abstract in enumerate(abstracts):
            session.standin.store.add(changed(article, abstract), day=day)
        ours.pull(SIMILAR[0])
        with closing(open_database(demo)) as db:
            building.build(db, demo)
        return ours

    return with_texts


DAY0 = "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 12 months."
DAY1 = "The mean mRSS was 21.0 at baseline. The mean mRSS was 12.5 at 12 months."
READ = "select quote, drifted from figures where document = ? order by drifted, start"


def test_a_changed_abstract_keeps_the_old_text_and_what_is_quoted_no_more_has_drifted(topical, monkeypatch):
    ours = topical(DAY0, DAY1)
    name = f"pmid-{SIMILAR[0]}"
    assert ours.rows(READ, name) == [("20.1", 0), ("12.5", 0)]
    ours.standin.day = 1
    ran = ours.command(monkeypatch, "refresh")
    assert ran.exit_code == 3
    assert f"figure\t{name}\t20.1 -> drifted" in ran.stdout
    assert ours.rows(READ, name) == [("21.0", 0), ("12.5", 0), ("20.1", 1)]
    texts = dict(ours.rows("select text, current from sections where kind = 'abstract' and document = ?", name))
    assert texts == {DAY0: 0, DAY1: 1}
    assert ours.one("select command from runs order by rowid desc limit 1") == "refresh"
    assert ours.command(monkeypatch, "refresh").exit_code == 0


def test_a_retracted_study_leaves_the_estimates_with_the_refresh_that_noticed_it(topical, monkeypatch):
    ours = topical(DAY0)
    pmid = ours.one("select pmid from studies where id = 'alip-2024'")
    ours.pull(pmid)
    speaking = "select count(*) from evidence where study = 'alip-2024' and speaks = 1"
    assert ours.one(speaking) > 0
    ours.standin.store.change(1, pmid, types=(RETRACTED,))
    ours.standin.day = 1
    ran = ours.command(monkeypatch, "refresh")
    assert ran.stdout.startswith(f"retraction appeared\tpmid-{pmid}\t")
    assert ours.one(speaking) == 0


def changed(article, abstract):
    return replace(article, abstract=((None, abstract),))


def test_the_mark_moves_after_a_wholly_successful_run_only(pulled):
    mark = "select at, open_since from watermarks where what = 'refresh'"
    pulled.standin.faults.push("icite", *[faults.status(503)] * ALWAYS)
    assert pulled.refresh().run.failed
    assert pulled.rows(mark) == [(None, None)]
    pulled.standin.faults.clear()
    found = pulled.refresh()
    assert pulled.rows(mark) == [(found.watermark, None)]
    assert found.watermark == found.run.started_at
    pulled.standin.faults.push("ctgov", *[faults.status(503)] * ALWAYS)
    pulled.standin.faults.push("icite", *[faults.status(503)] * ALWAYS)
    pulled.refresh()
    assert pulled.rows(mark) == [(found.watermark, None)]


def test_s54_one_batch_of_four_fails_and_the_rest_is_stored(session, monkeypatch):
    monkeypatch.setattr(eutils, "FETCH_BATCH", 10)
    pmids = [str(number) for number in range(99_500_001, 99_500_041)]
    article = session.standin.store.article(SIMILAR[0])
    session.standin.store.add(*(replace(article, pmid=one, doi=None) for one in pmids))
    session.pull(*pmids)
    before = session.content()
    for one in pmids:
        session.standin.store.change(1, one, volume="2")
    session.standin.day = 1
    session.standin.faults.push("efetch", None, None, *[faults.status(503)] * 6)
    ran = session.command(monkeypatch, "refresh")
    assert ran.exit_code == 3
    assert session.one("select count(*) from documents where volume = '2'") == 30
    left = session.column("select pmid from documents where volume = '1' order by pmid")
    assert all(one in ran.stderr for one in left)
    assert session.one("select at from watermarks where what = 'refresh'") is None
    assert len(session.content()["links"]) == len(before["links"])
    assert session.command(monkeypatch, "refresh").exit_code == 0
    assert session.one("select count(*) from documents where volume = '2'") == 40
    assert session.one("select at from watermarks where what = 'refresh'") is not None


def test_s55_everything_down_changes_nothing_and_says_why(pulled, monkeypatch):
    documents = pulled.content()["documents"]
    pulled.standin.faults.push(faults.ANY, *[faults.status(503)] * 5000)
    ran = pulled.command(monkeypatch, "refresh")
    assert (ran.exit_code, type(ran.exception)) == (1, SourceUnreachable)
    assert pulled.content()["documents"] == documents
    assert pulled.one("select count(*) from sections_fts where sections_fts match 'invented'") > 0


def test_what_changed_is_printed(pulled, monkeypatch):
    pulled.standin.day = 1
    ran = pulled.command(monkeypatch, "refresh")
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("retraction appeared\tpmid-99200001\t")
    assert any(line.startswith("title\tpmid-99200021\t") for line in lines)
    assert pulled.one("select count(*) from what_changed where document = 'pmid-99200021'") == 6


def test_dry_run_counts_and_asks_nothing(pulled, monkeypatch):
    pulled.standin.log.clear()
    ran = pulled.command(monkeypatch, "refresh", "--dry-run")
    assert ran.stdout.splitlines()[0] == f"record\t{len(CHANGING)}"
    assert pulled.standin.log.of() == []


def test_an_old_interrupted_round_is_not_gone_on_with(pulled):
    pulled.refresh()
    with closing(open_database(pulled.path)) as db:
        db.execute("update watermarks set open_since = '2020-01-01T00:00:00.000+00:00'")
        db.conn.commit()
    found = pulled.refresh(1)
    assert found.events
    assert found.run.requested >= len(CHANGING)
