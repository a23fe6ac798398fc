"""The study page: what the registry entry planned beside what the papers report here."""

import re
import shutil
import sqlite3
from contextlib import closing
from html import unescape

import pytest
from datasette.app import Datasette

OUTCOMES = (
    "primary: Change in modified Rodnan skin score (12 months)\nsecondary: HAQ-DI (12 months)\nother: <b>Humming</b>"
)


@pytest.fixture
def entered(site_db, tmp_path):
    """A copy in which the registry was asked for the seed study's entry."""
    path = shutil.copy(site_db, tmp_path / "evidence.db")
    row = {
        "document": "nct-nct00962923", "status": "UNKNOWN", "study_type": "INTERVENTIONAL", "phases": "PHASE1, PHASE2",
        "allocation": "NON_RANDOMIZED", "enrolment": 20, "enrolment_kind": "ESTIMATED", "start": "2009-03",
        "completion": "2011-03", "updated": "2009-08-20", "arms": "EXPERIMENTAL: Cells", "outcomes": OUTCOMES,
        "has_results": 0,
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as db, db:
        names = ", ".join(row)
        db.execute(f"insert into registry_entries ({names}) values ({', '.join('?' * len(row))})", list(row.values()))
    return Datasette([str(path)])


def section(page):
    part = page.text.partition('id="registry"')[2].partition("</section>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


def test_plan_and_report_stand_side_by_side(get, entered):
    text = section(get("/-/study/alip-2024", entered))
    for promise in (
        "Patients 20 planned 41 in 1 group",
        "interventional, phase1, phase2, non randomized single-arm",
        "Time 2009-03 to 2011-03 published 2024",
        "State unknown, last updated 2009-08-20",
        "Results posted no",
        "Change in modified Rodnan skin score (12 months) Modified Rodnan skin score reported",
        "HAQ-DI (12 months) Health Assessment Questionnaire disability index not reported",
        "<b>Humming</b> no outcome of ours not known",
    ):
        assert promise in text, promise
    assert re.search(r"not found among the registered outcomes by name: .*Overall survival", text)


def test_a_registry_that_was_not_asked_is_said_to_be_so(get):
    text = section(get("/-/study/alip-2024"))
    assert "NCT00962923" in text
    assert "The registry was not asked" in text
