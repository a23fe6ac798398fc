"""A build touches only what changed, and what it leaves is what a build from nothing gives."""

import json
import shutil
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.stages import anew, building, loading, proposing, starting
from kb.stages import topic as of_database
from kb.store.connection import create_database, decisions_path, open_database, open_decisions
from kb.store.decisions import record_decision
from kb.store.readings import figure_of
from kb.store.rows import fetch
from kb.vocabulary import vocabulary_of
from tests.kb.test_stages import DERIVED, build, content

COMPARED = (
    *DERIVED, "reviews", "references_text", "duplicates", "weighings", "matchings", "identified",
    "record_works", "records",
)  # fmt: skip
RUN = ("figures", "standings", "verdicts", "effects", "estimates")
#: A seed study and its cohort's other paper, a comparator, and two records of no study.
PMIDS = ("38206544", "28724445", "24963927", "7", "8")
TITLES = {pmid: f"Moss and fern number {pmid} grown in the rain of northern hills" for pmid in PMIDS}
TEXTS = (
    "Results: overall survival was 92.7% (38 out of 41 patients) at 5 years. Mean mRSS was 20.1 ± 3.1 at baseline.",
    "Results: mean mRSS was 15.0 ± 4.0 (n = 20) at 12 months. Two patients died.",
    "Results: overall survival was 87.8% (36 out of 41 patients) at 5 years.",
    "Nothing was counted.",
)

LOADS = st.tuples(
    st.just("load"), st.sampled_from(PMIDS), st.sampled_from(TEXTS), st.booleans(), st.sampled_from((None, *PMIDS))
)
DELETES = st.tuples(st.just("delete"), st.sampled_from(PMIDS))
PEOPLE = st.sampled_from((("one", "two"), ("three",)))
DECISIONS = st.tuples(st.just("decide"), st.integers(0, 500), st.sampled_from(("accept", "reject")), PEOPLE)
PROPOSALS = st.tuples(st.just("propose"), st.sampled_from(PMIDS))


def record(pmid, text, retracted, cited):
    kind = '<PublicationType UI="D016441">Retracted Publication</PublicationType>' if retracted else ""
    said = f"<Reference><Citation>Mossberg A. {TITLES[cited]}. 2017;1:1.</Citation></Reference>" if cited else ""
    return (
        '<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE">'
        f'<PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue><PubDate><Year>2017</Year></PubDate>'
        f"</JournalIssue><Title>Invented J</Title></Journal><ArticleTitle>{TITLES[pmid]}</ArticleTitle>"
        f"<Abstract><AbstractText>{text}</AbstractText></Abstract><AuthorList><Author><LastName>Mossberg</LastName>"
        f"</Author></AuthorList><PublicationTypeList>{kind}</PublicationTypeList></Article></MedlineCitation>"
        f"<PubmedData><ReferenceList>{said}</ReferenceList></PubmedData></PubmedArticle></PubmedArticleSet>"
    )


def gone(pmid):
    return (
        f'<?xml version="1.0"?><PubmedArticleSet><DeleteCitation><PMID Version="1">{pmid}</PMID></DeleteCitation>'
        "</PubmedArticleSet>"
    )


def happen(path, step, folder):
    """One thing that happens to a database, the same whatever was built before; decisions are no part of it."""
    with closing(open_database(path)) as db:
        if step[0] == "propose":
            figure = {"kind": "mean", "outcome": "mRSS", "value": 15.0, "quote": "15.0 ± 4.0"}
            proposing.propose(db, json.dumps([{"document": f"pmid-{step[1]}", **figure}]).encode(), "proposals.json")
        elif step[0] != "decide":
            file = folder / f"{step[0]}.xml"
            file.write_text(record(*step[1:]) if step[0] == "load" else gone(step[1]), encoding="utf-8")
            assert not loading.load(db, [file]).failed


def decide(path, number, decision, reviewers):
    """These people decide alike on a figure that stands now; returns its study."""
    sql = """select f.id, f.start, f."end", f.quote, s.sha256, s.document, coalesce(d.study, d.id) as study
    from figures f join sections s on s.id = f.section join documents d on d.id = f.document
    where d.withdrawn = 0 order by f.id"""
    with closing(open_database(path)) as db, closing(open_decisions(path)) as people:
        rows = fetch(db, sql)
        row = rows[number % len(rows)]
        figure = fetch(db, "select * from figures where id = ?", [row["id"]])[0]
        for reviewer in reviewers:
            record_decision(people, {
                **{key: row[key] for key in ("start", "end", "quote")}, "figure": row["id"], "decision": decision,
                "section_sha256": row["sha256"], "reading": json.dumps(figure_of(figure).as_json()),
                "reviewer": reviewer, "role": "reviewer",
            })  # fmt: skip
    return row["study"]


@pytest.fixture(scope="module")
def initial(tmp_path_factory, topic):
    """The bundled topic, nothing built yet."""
    path = tmp_path_factory.mktemp("initial") / "evidence.db"
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), "ssc-msc")
    return path


def touched(path, rows, table):
    """How many rows of a table the last build wrote."""
    last = "select id from runs order by rowid desc limit 1"
    return rows(path, f"select count(*) as n from {table} where run = ({last})")[0]["n"]


def test_a_build_of_nothing_new_writes_nothing(demo, rows):
    build(demo)
    assert [touched(demo, rows, table) for table in RUN] == [0] * len(RUN)


def test_a_new_document_of_no_study_leaves_every_effect_and_estimate_as_it_is(demo, rows, tmp_path):
    happen(demo, ("load", "7", TEXTS[1], False, None), tmp_path)
    build(demo)
    assert {table: touched(demo, rows, table) > 0 for table in RUN} == {
        "figures": True, "standings": True, "verdicts": True, "effects": False, "estimates": False,
    }  # fmt: skip
    assert rows(demo, "select distinct document from figures where run = (select max(run) from figures)") == [
        {"document": "pmid-7"}
    ]


def test_a_text_of_a_study_pools_its_outcomes_again_and_no_others(demo, rows, tmp_path):
    happen(demo, ("load", "38206544", TEXTS[2], False, None), tmp_path)
    build(demo)
    again = "select distinct outcome from estimates where run = (select id from runs order by rowid desc limit 1)"
    assert {row["outcome"] for row in rows(demo, again)} == {"overall-survival"}
    weighed = "select distinct study from standings where run = (select id from runs order by rowid desc limit 1)"
    assert rows(demo, weighed) == [{"study": "alip-2024"}]


def test_a_decision_weighs_its_study_alone_and_gives_what_a_build_gives(demo, rows, tmp_path):
    whole = Path(shutil.copy(demo, tmp_path / "whole.db"))
    study = decide(demo, 3, "reject", ("one", "two"))
    shutil.copy(decisions_path(demo), decisions_path(whole))
    before = content(demo, rows, DERIVED)
    with closing(open_database(demo)) as db:
        building.rebuild(db, demo, [study])
    build(whole)
    after = content(demo, rows, COMPARED)
    assert after == content(whole, rows, COMPARED)
    assert after["standings"] != before["standings"]
    weighed = "select distinct study from standings where run = (select id from runs order by rowid desc limit 1)"
    assert rows(demo, weighed) == [{"study": study}]


@pytest.mark.parametrize("what", ["code", "topic"])
def test_other_code_or_another_topic_makes_everything_again(demo, rows, monkeypatch, topic, what):
    if what == "code":
        monkeypatch.setattr(anew, "code", lambda: "other code")
    else:
        monkeypatch.setattr(of_database, "load_topic", lambda _: topic.assuming(topic.assumed_r.low))
    every = {table: rows(demo, f"select count(*) as n from {table}")[0]["n"] for table in RUN}
    build(demo)
    assert {table: touched(demo, rows, table) for table in RUN} == {**every, "figures": 0}


NUMBERS = count()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(LOADS | DECISIONS | DELETES | PROPOSALS, min_size=2, max_size=7))
def test_step_by_step_gives_what_a_build_from_nothing_gives(steps, demo, initial, rows, tmp_path):
    folder = tmp_path / str(next(NUMBERS))
    folder.mkdir()
    path, fresh = Path(shutil.copy(demo, folder / "evidence.db")), folder / "fresh.db"
    for step in steps:
        happen(path, step, folder)
        if step[0] == "decide":
            decide(path, *step[1:])
        build(path)
    shutil.copy(initial, fresh)
    for step in steps:
        happen(fresh, step, folder)
    if decisions_path(path).exists():
        shutil.copy(decisions_path(path), decisions_path(fresh))
    build(fresh)
    found, wanted = content(path, rows, COMPARED), content(fresh, rows, COMPARED)
    for table in COMPARED:
        assert found[table] == wanted[table], table
