"""Sheets: facts in our own words, checked as a whole, equal to the table they were written from."""

import csv
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadPayload, EmptyPayload
from ingest.records import Document, Identifier, KeyedFigure
from ingest.sheets import SHEET, parse_sheet

ROOT = Path(__file__).parents[2]
SHEETS = sorted((ROOT / "kb" / "topics" / "ssc-msc" / "studies").glob("*.toml"))
FACTS = list(csv.DictReader((ROOT / "tests" / "reference" / "ssc_figures.csv").read_text("utf-8").splitlines()))

SMALL = """
id = "small-2020"
title = "A small study"
design = "single-arm"
role = "evidence"
made_from = "abstract"
[publication]
pmid = "1"
[cohort]
id = "small"
overlap = "none"
[[arms]]
name = "cells"
intervention = "cells"
class = "msc"
n = 12
[[figures]]
statement = "Mean mRSS fell by 3.20 in 12 patients at 6 months (P < 0.05)."
place = "abstract"
outcome = "mRSS"
kind = "change"
timepoint = { value = 6, unit = "month" }
value = -3.20
n = 12
p_value = { op = "<", value = 0.05 }
"""


def read(path: Path) -> Document:
    return parse_sheet(path.read_bytes(), path.name)


def numbers(text: str) -> set[float]:
    return {float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)}


#: Where the table of published figures holds a key of the figure JSON; a standard error stands in words in stat.
COLUMNS = {
    "value": ("value",), "percent": ("value",), "sd": ("sd",), "se": ("stat",), "events": ("events",),
    "n": ("denominator", "n"), "ci_low": ("ci_low",), "ci_high": ("ci_high",), "p_value": ("p_value",),
}  # fmt: skip


def says(row: dict[str, str], figure: KeyedFigure) -> bool:
    """Whether a row of the table holds every number of a figure in its own column, at its time, from such a source."""
    holds = all(
        keyed({key: value}) <= numbers(" ".join(row[name] for name in COLUMNS[key]))
        for key, value in figure.keys.items()
        if keyed({key: value})
    )
    same_time = months(figure.keys.get("timepoint")) == printed_months(row["timepoint"])
    return holds and same_time and row["source_kind"] == ("secondary" if figure.secondary else "primary")


def keyed(keys: dict) -> set[float]:
    p = keys.get("p_value", {}).get("value")
    found = {abs(float(v)) for k, v in keys.items() if isinstance(v, int | float) and k != "ci_level"}
    return found | ({p} if p is not None else set())


def months(time: object) -> float | None:
    if isinstance(time, dict):
        return time["value"] * {"month": 1, "year": 12}[time["unit"]]
    return 0 if time == "baseline" else None


def printed_months(text: str) -> float | None:
    if text == "baseline":
        return 0
    found = re.fullmatch(r"(?:first )?(\d+(?:\.\d+)?)(?: \(\d+\))? (y|mo)", text)
    return float(found[1]) * {"y": 12, "mo": 1}[found[2]] if found else None


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_every_sheet_parses_and_is_named_for_its_study(path):
    document = read(path)
    assert document.study.id == path.stem == document.identifier("sheet")
    assert {section.kind for section in document.sections} <= {"statement"}


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_every_keyed_number_stands_in_its_statement(path):
    document = read(path)
    for figure in document.keyed_figures:
        assert keyed(figure.keys) <= numbers(document.sections[figure.section].text)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_no_number_is_invented(path):
    """Each keyed figure is one row of the table of published figures, with its time and whether it is secondary."""
    rows = [row for row in FACTS if row["study_id"] == path.stem.replace("-", "_")]
    assert rows
    for figure in read(path).keyed_figures:
        assert any(says(row, figure) for row in rows), figure


def test_the_field_is_covered():
    documents = [read(path) for path in SHEETS]
    assert len(documents) >= 16
    assert sum(len(document.keyed_figures) for document in documents) >= 100
    arms = [arm for document in documents for arm in document.study.arms]
    assert {"msc", "hsct", "cyc", "standard-care"} <= {arm.intervention_class for arm in arms}


def test_nanjing_patients_are_one_cohort_and_its_controls_another():
    cohorts = {read(path).study.id: read(path).study.cohort for path in SHEETS}
    for study in ("alip-2024", "zhang-2017", "nanjing-psm-2025"):
        assert (cohorts[study].id, cohorts[study].overlap == "none") == ("nanjing-drum-tower", False)
    arms = read(next(path for path in SHEETS if path.stem == "nanjing-psm-2025")).study.arms
    assert {arm.cohort for arm in arms} == {None, "nanjing-drum-tower-controls"}


def test_a_sheet_becomes_a_document_that_reports_a_paper():
    document = parse_sheet(SMALL.encode(), "small-2020.toml")
    assert document.identifiers == (Identifier("sheet", "small-2020"),)
    assert [(link.kind, link.target) for link in document.links] == [("reports", (Identifier("pmid", "1"),))]
    assert document.keyed_figures[0].keys["value"] == -3.2
    assert document.study.arms[0].n == 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('design = "single-arm"', 'design = "series"', "design: must be one of"),
        ("n = 12\n[[fig", 'n = "12"\n[[fig', "arms 1: n: must be a whole number"),
        ('place = "abstract"\n', "", "figures 1: place: is missing"),
        ("value = -3.20", "valeu = -3.20", "figures 1: valeu: unknown key (did you mean value?)"),
        ("value = -3.20", "value = -3.2", "figures 1: value: 3.2 does not stand in the statement"),
        ("value = -3.20", "value = nan", "figures 1: value: must be a number"),
        ("n = 12\np_", "n = 13\np_", "figures 1: n: 13 does not stand in the statement"),
        ("value = 0.05", "value = 0.01", "figures 1: p_value: 0.01 does not stand in the statement"),
        ('unit = "month"', 'unit = "moon"', 'figures 1: timepoint: must be "baseline"'),
        ('kind = "change"', 'kind = "change"\narm = "drug"', "figures 1: arm: the sheet has no arm 'drug'"),
        ('overlap = "none"', 'overlap = "known"', "cohort: overlap needs a reason"),
        ("[publication]", "[publication", "not TOML"),
    ],
)
def test_a_fault_is_named_with_file_and_field(old, new, said):
    assert old in SMALL
    with pytest.raises(BadPayload, match=re.escape(f"small.toml: {said}")):
        parse_sheet(SMALL.replace(old, new).encode(), "small.toml")


def test_all_faults_are_said_at_once():
    broken = SMALL.replace("design", "desing").replace("n = 12\n[[", "n = true\n[[").replace("-3.20", "-9.9")
    with pytest.raises(BadPayload) as caught:
        parse_sheet(broken.encode(), "small.toml")
    assert [line.split(":")[1].strip() for line in str(caught.value).splitlines()] == [
        "desing", "design", "arms 1", "figures 1",
    ]  # fmt: skip


def test_nothing_is_said_to_be_nothing():
    with pytest.raises(EmptyPayload, match=r"small\.toml"):
        parse_sheet(b" \n", "small.toml")


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126))
ATOMS = st.booleans() | st.integers() | st.floats() | PRINTABLE
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "n", "value"]), inner),
    max_leaves=6,
)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value)


@given(st.dictionaries(st.sampled_from(sorted(SHEET)) | LETTERS, VALUES))
def test_any_table_is_read_or_refused_in_words(table):
    content = "\n".join(f"{name} = {toml(value)}" for name, value in table.items())
    with pytest.raises(BadPayload):
        parse_sheet(content.encode(), "any.toml")


@given(st.binary())
def test_any_bytes_are_refused_in_words(content):
    with pytest.raises(BadPayload):
        parse_sheet(content, "any.toml")


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000, "1e400", "1e99999999999999999999", "[" * 2000])
def test_numbers_and_nesting_beyond_all_bounds_are_refused(number):
    with pytest.raises(BadPayload):
        parse_sheet(SMALL.replace("-3.20", number).encode(), "small.toml")
