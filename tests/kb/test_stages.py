"""The line as a whole: rebuilt at will with the same content, every number at its place, nobody counted twice."""

import shutil
from contextlib import closing
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import NothingThere, NotOurDatabase
from kb.extract import read_text
from kb.frames import frame
from kb.stages import building, loading, starting
from kb.store.connection import create_database, open_database
from kb.vocabulary import load_outcomes, load_topic, vocabulary_of

NANJING = ("alip-2024", "zhang-2017", "nanjing-psm-2025")
WEIGHTS = """select l.estimate, x.study from estimate_effects l join effects x on x.id = l.effect
where l.weight is not null and x.study in ('alip-2024', 'zhang-2017', 'nanjing-psm-2025')"""
NOT_HELD = """select f.id from figures f join sections s on s.id = f.section
where substr(s.text, f.start + 1, f."end" - f.start) <> f.quote or f."end" <= f.start"""
DERIVED = (
    "figures", "standings", "verdicts", "effects", "effect_figures", "estimates", "estimate_effects", "reanalyses",
    "estimates_over_r", "certainty_inputs",
)  # fmt: skip
KEPT = ("payloads", "fetches", "documents", "sections", "identifiers", "links", "studies", "arms", "cohorts")


def content(path, rows, tables):
    """All rows but for the run that made them."""
    return {
        table: sorted(
            repr({k: v for k, v in row.items() if k != "run"}) for row in rows(path, f"select * from {table}")
        )
        for table in tables
    }


def build(path):
    with closing(open_database(path)) as db:
        building.build(db, path)


def test_every_number_of_the_built_database_has_its_place(evidence_db, rows):
    assert rows(evidence_db, "select count(*) > 100 as many from figures") == [{"many": 1}]
    assert rows(evidence_db, NOT_HELD) == []


WORDS = st.sampled_from(
    [
        "mRSS", "overall survival", "was", "at", "5 years", "12 months", "18.68", "± 7.26", "(n = 41)", "92·7%", "−6.3",
        "3 of 41", "patients", "died", "no adverse events", "vs", "and", ".", ";", "HR 0.34 (95% CI 0.16–0.74)",
        "p < 0.001", "baseline", "\u2009", "\u00a0", "\n", "é", "😀", "respectively",
    ]
)  # fmt: skip


@settings(deadline=None, derandomize=True)
@given(st.lists(WORDS | st.text(max_size=4), max_size=30))
def test_whatever_is_read_stands_in_the_text(words):
    text = " ".join(words)
    for figure in read_text(text, OUTCOMES):
        assert text[figure.start : figure.end] == figure.quote != ""


OUTCOMES = load_outcomes()


def test_a_figure_stands_in_its_text_however_it_is_spelt(load, demo, rows):
    load(
        "7", "Results: mean mRSS was 18\u00b768\u2009\u00b1\u20097\u00b726 at baseline and 12.4 after 5\u00a0years 😀."
    )
    (first, *_) = rows(demo, "select quote, value, sd from figures where document = 'pmid-7' order by start")
    assert (first["value"], first["sd"]) == (18.68, 7.26)
    assert "18\u00b768" in first["quote"]
    assert rows(demo, NOT_HELD) == []


def test_a_second_build_gives_the_same_content(demo, rows):
    before = content(demo, rows, DERIVED)
    for _ in range(2):
        build(demo)
        assert content(demo, rows, DERIVED) == before


def test_derived_rows_are_made_again_from_nothing(demo, rows):
    """All derived rows are lost, the readings' keys too: build brings each of them back."""
    before = content(demo, rows, DERIVED)
    with closing(open_database(demo)) as db, db.atomic():
        for table in reversed((*DERIVED, "readings")):
            db.execute(f"delete from {table}")
    build(demo)
    assert content(demo, rows, DERIVED) == before


def test_two_databases_of_one_topic_are_the_same(tmp_path, evidence_db, rows, topic):
    path = tmp_path / "other.db"
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), "ssc-msc")
        building.build(db, path)
    assert content(path, rows, DERIVED) == content(evidence_db, rows, DERIVED)


def test_build_and_init_touch_no_payload(demo, rows, topic):
    before = content(demo, rows, KEPT)
    build(demo)
    with closing(create_database(demo)) as db:
        loaded = starting.init(db, topic, vocabulary_of(topic), "ssc-msc")
    assert (loaded.new, loaded.changed) == (0, 0)
    after = content(demo, rows, KEPT)
    assert {t for t in KEPT if after[t] != before[t]} <= {"links"}  # last_seen


def test_a_build_that_fails_leaves_the_last_one(demo, rows, monkeypatch):
    before = content(demo, rows, DERIVED)

    def fail(*_):
        raise NothingThere("made to fail")

    monkeypatch.setattr(building.weighing, "weigh", fail)
    with pytest.raises(NothingThere):
        build(demo)
    assert content(demo, rows, DERIVED) == before
    assert rows(demo, "select ok from runs order by rowid desc limit 1") == [{"ok": 0}]


def test_every_derived_row_names_its_run(evidence_db, rows):
    for table in ("figures", "standings", "verdicts", "effects", "estimates", "reanalyses"):
        named = f"select count(*) as n from {table} where run not in (select id from runs where command = 'build')"
        assert rows(evidence_db, named) == [{"n": 0}]


def test_unchanged_texts_are_not_read_twice(demo, monkeypatch):
    read = []
    monkeypatch.setattr(building.reading, "figures_of", lambda *arguments: read.append(arguments) or [])
    build(demo)
    assert read == []


def test_a_database_without_a_topic_says_what_to_do(tmp_path):
    path = tmp_path / "e.db"
    with closing(create_database(path)) as db, pytest.raises(NothingThere, match="evidence-kb init"):
        building.build(db, path)


def counted_twice(found):
    estimates = [row["estimate"] for row in found]
    return {name for name in estimates if estimates.count(name) > 1}


def test_the_patients_of_nanjing_are_never_counted_twice(evidence_db, rows):
    found = rows(evidence_db, WEIGHTS)
    assert {row["study"] for row in found} >= {"alip-2024", "nanjing-psm-2025"}
    assert counted_twice(found) == set()


@pytest.mark.parametrize(("pmid", "study"), [("28724445", "zhang-2017"), ("40059221", "nanjing-psm-2025")])
def test_not_when_their_papers_are_loaded_either(load, demo, rows, pmid, study):
    load(pmid, "Results: overall survival was 90.0% (36/40) at 5 years. Mean mRSS was 15.0 ± 4.0 at 12 months.")
    (known,) = rows(demo, "select study from documents where pmid = ?", pmid)
    assert known == {"study": study}
    assert counted_twice(rows(demo, WEIGHTS)) == set()


def test_nor_by_what_the_three_papers_say(shared, tmp_path, rows, topic, pubmed_xml):
    """The seed's page, and what the abstracts of the two others say, restated."""
    folder, path = shared / "corpus" / "neighbourhood", tmp_path / "e.db"
    payloads = [folder / "38206544.txt"]
    for pmid in ("28724445", "40059221"):
        said = (folder / f"{pmid}.txt").read_text("utf-8").partition("ABSTRACT")[2].partition("\n")[2]
        payloads.append(tmp_path / f"{pmid}.xml")
        payloads[-1].write_bytes(pubmed_xml(pmid, escape(said)))
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), "ssc-msc")
        assert not loading.load(db, payloads).failed
        building.build(db, path)
    assert counted_twice(rows(path, WEIGHTS)) == set()
    agreed = rows(path, "select distinct study from evidence where basis = 'agreement' order by study")
    assert {row["study"] for row in agreed} == set(NANJING)


def test_no_estimate_weighs_a_cohort_twice(evidence_db, rows):
    sql = """select l.estimate, x.cohort from estimate_effects l join effects x on x.id = l.effect
    where l.weight is not null group by 1, 2 having count(*) > 1"""
    assert rows(evidence_db, sql) == []


def test_who_is_left_out_is_listed_with_the_reason(evidence_db, rows):
    assert rows(evidence_db, "select 1 from estimate_effects where (weight is null) = (left_out is null)") == []
    (zhang,) = rows(
        evidence_db,
        "select left_out from forest_rows where study = 'zhang-2017' and outcome = 'mrss' and \"set\" = 'main'",
    )
    assert zhang["left_out"] == (
        "shares the cohort nanjing-drum-tower with alip-2024, which has the larger n (41 against 14)"
    )


def test_weights_are_percent_and_sum_to_a_hundred(evidence_db, rows):
    sums = rows(evidence_db, "select sum(weight) as w from estimate_effects where weight is not null group by estimate")
    assert [row["w"] for row in sums] == pytest.approx([100] * len(sums))


def test_comparators_stand_beside_the_evidence_and_are_never_pooled_in(evidence_db, rows):
    sql = """select e.id from estimates e join estimate_effects l on l.estimate = e.id join effects x on x.id = l.effect
    join studies y on y.id = x.study where e.role <> y.role"""
    assert rows(evidence_db, sql) == []


def test_review_and_machine_figures_are_in_no_main_estimate(evidence_db, rows):
    sql = """select distinct x.basis from estimates e join estimate_effects l on l.estimate = e.id
    join effects x on x.id = l.effect where e."set" = 'main'"""
    assert {row["basis"] for row in rows(evidence_db, sql)} == {"primary sheet"}


def test_a_retracted_study_leaves_all_estimates_at_once_and_the_rows_say_so(load, demo, rows):
    of_the_seed = "select count(*) as n from effects where study = 'alip-2024'"
    assert rows(demo, of_the_seed)[0]["n"] > 5
    load("38206544", retracted=True)
    assert rows(demo, of_the_seed) == [{"n": 0}]
    assert rows(demo, "select distinct basis, speaks from evidence where study = 'alip-2024'") == [
        {"basis": "retracted", "speaks": 0}
    ]
    # the next of its cohort takes its place
    standing = "select study, weight from forest_rows where estimate = 'msc-after.mrss.12-months.mc.main'"
    assert rows(demo, standing) == [{"study": "zhang-2017", "weight": 100.0}]


def test_a_conflict_of_sheet_and_text_speaks_in_no_main_estimate(load, demo, rows):
    estimate = "select study from forest_rows where estimate = 'msc-after.overall-survival.60-months.plo.main'"
    assert rows(demo, estimate) == [{"study": "alip-2024"}]
    load("38206544", "Results: overall survival was 87.8% (36 out of 41 patients) at 5 years.")
    found = rows(demo, "select basis, speaks from evidence where study = 'alip-2024' and outcome = 'overall survival'")
    assert found == [{"basis": "conflict", "speaks": 0}] * 2
    assert rows(demo, estimate) == []
    (row,) = rows(demo, "select * from double_extraction where study = 'alip-2024' and outcome = 'overall survival'")
    assert row["outcome_of_comparison"] == "conflict"


def test_a_document_of_no_known_study_is_evidence_and_in_no_estimate(load, demo, rows):
    load("7", "Results: mean mRSS was 14.2 ± 5.1 (n = 20) at 12 months.")
    (row,) = rows(demo, "select speaks, basis, study, arm, pmid, url from evidence where pmid = '7'")
    assert (row["speaks"], row["basis"], row["study"], row["arm"]) == (1, "machine", "pmid-7", None)
    assert rows(demo, "select * from effects where study = 'pmid-7'") == []


def test_a_deleted_record_speaks_no_more(load, demo, rows, tmp_path):
    load("7", "Results: mean mRSS was 14.2 ± 5.1 (n = 20) at 12 months.")
    gone = tmp_path / "gone.xml"
    gone.write_text(
        '<?xml version="1.0"?>\n<PubmedArticleSet><DeleteCitation><PMID Version="1">7</PMID>'
        "</DeleteCitation></PubmedArticleSet>"
    )
    with closing(open_database(demo)) as db:
        assert loading.load(db, [gone]).deleted == 1
        building.build(db, demo)
    assert rows(demo, "select * from evidence where pmid = '7'") == []


def test_a_file_that_cannot_be_read_leaves_the_others_stored(demo, rows, tmp_path, pubmed_xml):
    (tmp_path / "good.xml").write_bytes(pubmed_xml("7"))
    (tmp_path / "cut.xml").write_bytes(pubmed_xml("8", cut=300))
    with closing(open_database(demo)) as db:
        loaded = loading.load(db, [tmp_path / "cut.xml", tmp_path / "good.xml"])
    assert (loaded.new, list(loaded.failed)) == (1, [str(tmp_path / "cut.xml")])
    assert rows(demo, "select pmid from documents where pmid in ('7', '8')") == [{"pmid": "7"}]
    assert rows(demo, "select * from fetches where url = 'cut.xml'") == []


def test_what_several_sheets_say_of_a_cohort_is_put_together(evidence_db, rows):
    (row,) = rows(evidence_db, "select * from overlaps where cohort = 'nanjing-drum-tower'")
    assert set(row["which"].split(",")) == set(NANJING)
    assert (row["registration"], row["overlap"], row["years"]) == ("NCT00962923", "known", "2009-2017; 2013-2022")


def test_a_sheet_that_left_the_topic_is_read_no_more(demo, rows, tmp_path, topic):
    folder = tmp_path / "topic"
    shutil.copytree(topic.folder, folder)
    (folder / "studies" / "zhang-2017.toml").unlink()
    smaller = load_topic(folder)
    with closing(create_database(demo)) as db:
        starting.init(db, smaller, vocabulary_of(smaller), str(folder))
        building.build(db, demo)
    assert rows(demo, "select * from evidence where study = 'zhang-2017'") == []
    assert rows(demo, "select 1 as kept from documents where id = 'sheet-zhang-2017'") == [{"kept": 1}]


def test_a_frame_of_no_database_is_one_clear_error(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, and long enough to be asked")
    with pytest.raises(NotOurDatabase, match="not an SQLite database"):
        frame(tmp_path / "notes.txt", "evidence")


def test_only_what_the_topic_s_windows_hold_speaks(evidence_db, rows):
    assert rows(evidence_db, "select figure from evidence where speaks = 1 and window is null") == []


def test_one_figure_speaks_for_each_study_arm_outcome_kind_and_window(seed_db, rows):
    sql = """select study, arm, outcome, kind, window from evidence where speaks = 1
    group by 1, 2, 3, 4, 5 having count(*) > 1"""
    assert rows(seed_db, sql) == []
