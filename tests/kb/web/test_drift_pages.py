"""What a changed text left behind is seen: at its figure, at its study, among the changes."""

import json
import re
from contextlib import closing
from html import unescape

import pytest
from datasette.app import Datasette

from kb.store.connection import open_database, open_decisions
from kb.store.decisions import record_decision
from kb.store.rows import fetch

TEXTS = (
    "The mean mRSS was 20.1 at baseline. The mean mRSS was 12.5 at 12 months.",
    "In moss, the mean mRSS was 21.4 at baseline. The mean mRSS was 12.5 at 12 months.",
)


@pytest.fixture
def figures(demo, load):
    """Two people accept both figures of a record; then its abstract changes. Gives the ids of the figures by quote."""

    def figures_in(text):
        load("7", text)
        with closing(open_database(demo)) as db:
            return fetch(db, "select f.*, s.sha256 from figures f join sections s on s.id = f.section "
                         "where f.document = 'pmid-7'")  # fmt: skip

    before = figures_in(TEXTS[0])
    with closing(open_decisions(demo)) as people:
        for row in before:
            reading = {"kind": row["kind"], **{key: row[key] for key in ("quote", "start", "end")}}
            for name in ("ann", "ben"):
                record_decision(people, {
                    "figure": row["id"], "section_sha256": row["sha256"], "start": row["start"], "end": row["end"],
                    "quote": row["quote"], "reading": json.dumps(reading), "decision": "accept", "reviewer": name,
                    "role": "reviewer",
                })  # fmt: skip
    return {row["quote"]: row["id"] for row in figures_in(TEXTS[1])}


@pytest.fixture
def said(demo, get, figures):  # noqa: ARG001 - the site shows what they left
    site = Datasette([str(demo)])

    def words(path):
        answer = get(path, site)
        assert answer.status_code == 200, answer.text[:500]
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

    return words


def test_a_drifted_figure_keeps_its_page_with_what_people_said(said, figures):
    page = said(f"/-/figure/{figures['20.1']}")
    assert "Drifted: the text changed and does not say this any more" in page
    assert "The mean mRSS was 20.1 at baseline." in page
    assert page.count("drifted what was judged is not in the text any more") == 2


def test_a_decision_on_an_earlier_text_says_so(said, figures):
    page = said(f"/-/figure/{figures['12.5']}")
    start = TEXTS[0].index("12.5")
    assert page.count(f"said of an earlier text, characters {start}–{start + 4}; the same words stand here now") == 2
    assert "Drifted" not in page


def test_the_study_lists_what_drifted_and_the_changes_tell_it(said):
    page = said("/-/study/pmid-7")
    assert "Not in the text any more" in page
    assert "20.1 Modified Rodnan skin score" in page
    assert "decided: accept drifted" in page
    assert "pmid-7 figure 20.1 drifted: the text does not say this any more" in said("/-/changes")


def test_a_record_that_pubmed_did_not_give_is_withdrawn_with_a_question_mark(demo, said):
    assert "Withdrawn?" not in said("/-/study/pmid-7")
    with closing(open_database(demo)) as db, db.atomic():
        db.execute("insert into absences values ('pmid-7', '2026-01-02T00:00:00', '2026-01-02T00:00:00', 1)")
    assert "Withdrawn? PubMed did not give pmid-7 when it was asked on 2026-01-02." in said("/-/study/pmid-7")
