"""The seed study, PMID 38206544, end to end: from the page that a user saved to every figure with its place."""

import json

import pytest

from kb.cli import main

# outcome, timepoint or None, and the numbers that the paper prints or that arithmetic allows alone
FIGURES = [
    ("overall survival", 60, {"events": 38, "n": 41, "percent": 92.7}),
    ("mRSS", 0, {"value": 18.68, "sd": 7.26, "n": 41}),
    ("mRSS", 12, {"value": 13.95, "sd": 8.49, "n": 41}),
    ("mRSS", 36, {"value": 13.29, "sd": 7.67, "n": 38}),
    ("mRSS", 60, {"value": 12.39, "sd": 8.49, "n": 38}),
    ("HRCT improved or stable", 60, {"percent": 72.0}),
    ("PAH stable", 60, {"events": 5, "n": 8}),
    ("treatment-related adverse events", 60, {"events": 0, "n": 41}),
]
FROM_TEXT = "select * from evidence where pmid = '38206544' and source = 'abstract'"


@pytest.mark.parametrize(("outcome", "months", "numbers"), FIGURES)
def test_every_figure_is_read_from_its_own_abstract(seed_db, rows, outcome, months, numbers):
    sql = f"{FROM_TEXT} and outcome = ? and months = ?"
    (row,) = rows(seed_db, sql, outcome, months)
    assert {key: row[key] for key in numbers} == numbers
    assert (row["speaks"], row["basis"], row["worst_verdict"]) == (1, "agreement", "passed")


def test_nothing_else_is_read_from_it(seed_db, rows):
    assert len(rows(seed_db, FROM_TEXT)) == len(FIGURES)


def test_every_figure_has_its_place_in_the_saved_page(seed_db, rows):
    sql = """select f.quote, substr(s.text, f.start + 1, f."end" - f.start) as there, d.payload, p.size, x.url
    from figures f join sections s on s.id = f.section join documents d on d.id = f.document
    join payloads p on p.sha256 = d.payload join fetches x on x.payload = p.sha256 where d.pmid = '38206544'"""
    found = rows(seed_db, sql)
    assert len(found) == len(FIGURES)
    assert all(row["quote"] == row["there"] and row["url"] == "38206544.txt" for row in found)


def test_that_41_were_at_risk_is_joined_and_said(seed_db, rows):
    (row,) = rows(seed_db, f"{FROM_TEXT} and outcome = 'treatment-related adverse events'")
    assert "n = 41 joined from the size of the arm UC-MSC" in row["derived"]
    (printed,) = rows(seed_db, "select n, events from figures where document = 'pmid-38206544' and events = 0")
    assert printed == {"n": None, "events": 0}


def test_72_percent_of_at_most_41_is_18_of_25(seed_db, rows):
    (row,) = rows(seed_db, f"{FROM_TEXT} and outcome = 'HRCT improved or stable'")
    assert (row["events"], row["n"], row["arm"]) == (18, 25, "ILD patients")
    assert row["derived"].startswith("18/25 recovered")


def test_the_page_says_its_year_in_its_copyright_alone(seed_db, rows):
    assert rows(seed_db, "select year, published from documents where id = 'pmid-38206544'") == [
        {"year": 2024, "published": "© 2024"}
    ]


def test_the_saved_page_brings_its_neighbourhood(seed_db, rows):
    sql = "select kind, count(*) as n from literature where linked_from = 'pmid-38206544' group by kind order by kind"
    assert rows(seed_db, sql) == [
        {"kind": "cited_by", "n": 5}, {"kind": "cites", "n": 5}, {"kind": "similar", "n": 5},
    ]  # fmt: skip
    assert rows(seed_db, "select accession from registrations where document = 'pmid-38206544'") == [
        {"accession": "NCT00962923"}
    ]
    printed = rows(seed_db, "select text, matched_document from references_text where document = 'pmid-38206544'")
    assert len(printed) == 5
    assert rows(seed_db, "select count(*) > 0 as some from grants where document = 'pmid-38206544'") == [{"some": 1}]


def test_the_walk_back_from_the_estimate_to_the_payload(seed_db, rows):
    """estimate → effect → figure → characters → payload, in one query."""
    sql = """select distinct f.document, p.sha256 from estimates e join estimate_effects l on l.estimate = e.id
    join effect_figures g on g.effect = l.effect join figures f on f.id = g.figure join sections s on s.id = f.section
    join documents d on d.id = s.document join payloads p on p.sha256 = d.payload
    where e.id = 'msc-after.mrss.60-months.mc.main'"""
    assert [row["document"] for row in rows(seed_db, sql)] == ["pmid-38206544"]


def test_read_gives_the_contract_s_keys(shared, capsys):
    """No database, no sheets: the abstract alone, against what a person read in it."""
    path = shared / "gold" / "38206544.json"
    gold = json.loads(path.read_text("utf-8"))
    with pytest.raises(SystemExit) as left:
        main(["read", str(path), "--json"])
    assert left.value.code == 0
    (found,) = json.loads(capsys.readouterr().out).values()
    assert len(found) == len(gold["figures"]) == len(FIGURES)
    numbers = ("kind", "timepoint", "value", "sd", "n", "events", "percent", "quote", "start", "end")
    for mine, theirs in zip(found, gold["figures"], strict=True):
        assert mine["outcome"] in (theirs["outcome"], *theirs.get("outcome_alt", ()))
        assert {k: mine.get(k) for k in numbers} == {k: theirs.get(k) for k in numbers}
        assert gold["text"][mine["start"] : mine["end"]] == mine["quote"]
