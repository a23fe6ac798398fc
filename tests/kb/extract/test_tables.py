"""Tables: read by header and row, the place being the cell. All tables are invented."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.extract import Passage, read_passages
from kb.extract.arms import table as arm_table
from kb.extract.gate import Accepted, judge_proposal
from kb.extract.grid import read_grid
from kb.extract.labels import read_label
from kb.extract.tables import read_table
from kb.stages import building, loading
from kb.store.connection import open_database
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()


def read(*lines, arms=()):
    """The figures of a table written with | between cells, as JSON without place and confidence."""
    text = "\n".join(
        line.replace(" | ", "\t").replace("| ", "\t").replace(" |", "\t").replace("|", "\t") for line in lines
    )
    figures = read_table(text, VOCABULARY, arm_table({name.lower(): name for name in arms}))
    assert all(text[f.start : f.end] == f.quote for f in figures)
    return [{k: v for k, v in f.as_json().items() if k not in ("start", "end", "confidence")} for f in figures]


def only(figures, *keys):
    return [tuple(f.get(key) for key in keys) for f in figures]


WEEK = {"value": 12, "unit": "week"}

HALF = {"events": 15, "percent": 50, "value": 50, "unit": "%"}
CI = {"ci_low": 4.2, "ci_high": 6}

#: what stands at the row and in the cell -> the kind and what is read
CELLS = [
    ("Pain, mean (SD)", "12.3 (4.5)", "mean", {"value": 12.3, "sd": 4.5}),
    ("Pain", "12.3 ± 4.5", "mean", {"value": 12.3, "sd": 4.5}),
    ("Pain, mean (SE)", "12.3 (0.5)", "mean", {"value": 12.3, "se": 0.5}),
    ("Pain, mean (95% CI)", "5.1 (4.2 to 6.0)", "mean", {"value": 5.1, **CI, "ci_level": 95}),
    ("Pain, mean (90% CI)", "5.1 (4.2 to 6.0)", "mean", {"value": 5.1, **CI, "ci_level": 90}),
    ("Pain, mean (n)", "5.1 (29)", "mean", {"value": 5.1, "n": 29}),
    ("Pain, median (IQR)", "5 [2–9]", "median", {"value": 5, "iqr_low": 2, "iqr_high": 9}),
    ("Pain, median (range)", "5 (0-9)", "median", {"value": 5, "range_low": 0, "range_high": 9}),
    ("Relapse, n (%)", "15 (50)", "proportion", HALF),
    ("Relapse, % (n)", "50 (15)", "proportion", HALF),
    ("Relapse", "15 (50%)", "proportion", HALF),
    ("Relapse", "50% (n = 15)", "proportion", HALF),
    ("Relapse", "15/29 (52)", "proportion", {**HALF, "percent": 52, "value": 52, "n": 29}),
    ("Relapse", "51.7 (15/29)", "proportion", {**HALF, "percent": 51.7, "value": 51.7, "n": 29}),
    ("Relapse (n)", "15", "proportion", {"events": 15}),
    ("Relapse, n (%)", "15 (75)", "proportion", {**HALF, "percent": 75, "value": 75, "n": None}),  # not of 30
    ("Weight (kg), mean ± SD", "70·1 ± 8·2*", "mean", {"value": 70.1, "sd": 8.2, "unit": "kg"}),
    ("Change in pain, mean (95% CI)", "−5.1 (−6.0 to −4.2)", "change",
     {"value": -5.1, "ci_low": -6, "ci_high": -4.2, "ci_level": 95}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "cell", "kind", "expected"), CELLS)
def test_the_labels_say_how_a_cell_is_read(row, cell, kind, expected):
    found = read("Results", "Outcome | Moss (n = 30) | Fern (n = 28)", f"{row} | {cell} | –")
    assert only(found, "kind", "arm") == [(kind, "Moss")]
    keys = set(found[0]) - {"outcome", "arm", "quote", "kind"}
    expected = {"n": 30, **expected}
    assert {key: found[0][key] for key in keys} == {k: v for k, v in expected.items() if v is not None}


def test_arms_over_columns_times_at_rows_outcome_above():
    found = read(
        "Table of scores (mean ± SD)",
        "| Moss group (n = 30) | Fern group (n = 28) | p",
        "mRSS | | |",
        "Baseline | 20.1 ± 5.0 | 19.8 ± 5.2 | 0.81",
        "12 weeks | 15.2 ± 4.8 | 18.9 ± 5.1 | 0.03",
    )
    assert only(found, "outcome", "arm", "timepoint", "value", "sd", "n") == [
        ("mRSS", "Moss", "baseline", 20.1, 5.0, 30),
        ("mRSS", "Fern", "baseline", 19.8, 5.2, 28),
        ("mRSS", "Moss", WEEK, 15.2, 4.8, 30),
        ("mRSS", "Fern", WEEK, 18.9, 5.1, 28),
    ]
    assert [f["p_value"]["value"] for f in found] == [0.81, 0.81, 0.03, 0.03]


def test_times_over_columns_arms_at_rows():
    found = read(
        "Lung function",
        "Variable | Treatment | Baseline | Week 12 | Difference from placebo (95% CI)",
        "FVC (% predicted) | Moss 5 mg | 70.2 ± 9.1 | 74.0 ± 9.3 | 3.1 (1.0; 5.2)",
        "| Placebo | 71.0 ± 8.8 | 70.9 ± 9.0 | ",
    )
    assert only(found, "outcome", "arm", "timepoint", "kind", "value") == [
        ("FVC % predicted", "Moss 5 mg", "baseline", "mean", 70.2),
        ("FVC % predicted", "Moss 5 mg", WEEK, "mean", 74),
        ("FVC % predicted", "Moss 5 mg vs placebo", None, "effect", 3.1),
        ("FVC % predicted", "Placebo", "baseline", "mean", 71),
        ("FVC % predicted", "Placebo", WEEK, "mean", 70.9),
    ]


def test_spanning_headers_reach_over_their_columns():
    found = read(
        "Scores",
        "| Moss | | Fern |",
        "| Baseline | 12 weeks | Baseline | 12 weeks",
        "HAQ-DI | 1.1 ± 0.2 | 0.9 ± 0.3 | 1.2 ± 0.2 | 1.2 ± 0.4",
        arms=("Moss", "Fern"),
    )  # fmt: skip
    assert only(found, "outcome", "arm", "timepoint", "value") == [
        ("HAQ-DI", "Moss", "baseline", 1.1), ("HAQ-DI", "Moss", WEEK, 0.9),
        ("HAQ-DI", "Fern", "baseline", 1.2), ("HAQ-DI", "Fern", WEEK, 1.2),
    ]  # fmt: skip


def test_columns_of_their_own_for_n_spread_and_percent_are_joined():
    found = read(
        "Scores at 12 weeks",
        "| Moss | | | Fern | |",
        "| n | Mean | SD | n | Mean | SD",
        "Pain | 30 | 4.1 | 1.1 | 28 | 5.2 | 1.3",
        arms=("Moss", "Fern"),
    )
    assert only(found, "arm", "n", "value", "sd", "quote", "timepoint") == [
        ("Moss", 30, 4.1, 1.1, "4.1\t1.1", WEEK), ("Fern", 28, 5.2, 1.3, "5.2\t1.3", WEEK),
    ]  # fmt: skip
    found = read(
        "Events", "| Moss | | Fern |", "| n | % | n | %", "Relapse | 15 | 50.0 | 7 | 25.0", arms=("Moss", "Fern")
    )
    assert only(found, "arm", "events", "percent") == [("Moss", 15, 50), ("Fern", 7, 25)]


def test_an_effect_takes_the_p_and_both_arms():
    found = read(
        "Odds of relapse",
        "| Moss (n = 30) | Placebo (n = 28) | Odds ratio (95% CI) | P value",
        "Relapse, n (%) | 3 (10) | 9 (32) | 0.23 (0.06 to 0.97) | 0.04",
    )
    assert only(found, "kind", "arm", "effect_measure", "value", "ci_low") == [
        ("proportion", "Moss", None, 10, None),
        ("proportion", "Placebo", None, 32, None),
        ("effect", "Moss vs Placebo", "OR", 0.23, 0.06),
    ]
    assert [f.get("p_value") for f in found] == [None, None, {"op": "=", "value": 0.04}]


def test_each_block_of_columns_has_its_own_p():
    found = read(
        "Mean ± SD",
        "| Baseline | | p | 12 weeks | | p",
        "| Moss | Fern | | Moss | Fern |",
        "Pain | 5.0 ± 1.0 | 5.1 ± 1.0 | NS | 3.0 ± 1.0 | 4.0 ± 1.0 | <0.05",
        arms=("Moss", "Fern"),
    )
    assert [f.get("p_value", {}).get("op") for f in found] == [None, None, "<", "<"]


def test_the_patients_themselves_are_no_results():
    found = read(
        "Baseline characteristics",
        "| Moss (n = 30) | Fern (n = 28)",
        "Age, years | 51.2 ± 9.0 | 50.8 ± 8.8",
        "Female, n (%) | 21 (70) | 20 (71)",
        "Disease duration, years | 4.1 ± 2.0 | 4.4 ± 2.2",
        "Diabetes, n (%) | 3 (10) | 2 (7)",
        "mRSS | 20.1 ± 5.0 | 19.8 ± 5.2",
    )
    assert only(found, "outcome", "timepoint", "value") == [("mRSS", "baseline", 20.1), ("mRSS", "baseline", 19.8)]


@pytest.mark.parametrize(
    "lines",
    [
        ("Correlation of scores", "| r | p", "Pain | 0.4 | 0.01"),
        ("Patients", "Patient | Score | Dose", "1 | 12 | 5"),
        ("Words only", "a | b", "c | d"),
        ("No rows at all",),
    ],
)
def test_tables_without_results_give_none(lines):
    assert read(*lines) == []


def test_what_is_not_known_is_said_and_lowers_the_confidence():
    text = "Scores\n\tMoss (n = 9)\tFern (n = 9)\nPain after treatment\t4.1 ± 1.0\t5.0 ± 1.1"
    unknown = "Scores\n\tAlpha level\tBeta level\n2\t4\t5"
    sure, unsure = (read_table(t, VOCABULARY, arm_table({})) for t in (text, unknown))
    assert [f.unbound for f in sure] == ["time: 'after treatment' is no point in time"] * 2
    assert "arm: no axis" in unsure[0].unbound
    assert max(f.confidence for f in unsure) < min(f.confidence for f in sure) < 0.9


LABELS = [
    ("Placebo (n = 25)", "Placebo", 25, (), None),
    ("Change from baseline to week 12", "Change from", None, (), None),
    ("No. (%) of patients with relapse", "No. of patients with relapse", None, ("count", "percent"), "%"),
    ("Stay (days), median (IQR)", "Stay", None, ("median", "iqr"), "days"),
    ("CRP (mg/L)", "CRP", None, (), "mg/L"),
    ("Mean arterial pressure", "Mean arterial pressure", None, ("mean",), None),
]


@pytest.mark.parametrize(("text", "rest", "n", "forms", "unit"), LABELS)
def test_a_label_is_taken_apart(text, rest, n, forms, unit):
    label = read_label(text)
    assert (label.rest, label.n, label.forms, label.unit) == (rest, n, forms, unit)


def test_passages_of_kind_table_are_read_as_tables_with_the_arms_of_the_text():
    prose = "Patients were randomised to moss or fern. The Moss group had less pain."
    cells = "Scores (mean ± SD)\n\tMoss\tFern\nPain\t4.1 ± 1.1\t5.2 ± 1.3"
    passages = [Passage("Methods", prose), Passage("Table 1", cells, "table"), Passage("Results", "Two of 9 died.")]
    found = read_passages(passages, VOCABULARY)
    assert [len(f) for f in found] == [0, 2, 1]
    assert [f.arm for f in found[1]] == ["Moss", "Fern"]


def test_a_full_text_that_is_loaded_has_its_tables_read(demo, rows, tmp_path):
    table = (
        "<table><tr><th/><th>Moss (n = 30)</th><th>Fern (n = 28)</th></tr>"
        "<tr><td>mRSS</td><td>15.2 ± 4.8</td><td>18.9 ± 5.1</td></tr></table>"
    )
    article = (
        '<article><front><article-meta><article-id pub-id-type="pmid">7</article-id><title-group><article-title>Moss'
        "</article-title></title-group></article-meta></front><body><sec><title>Results</title><p>See the table.</p>"
        f"<table-wrap><label>Table 1</label><caption><p>Scores at 12 weeks</p></caption>{table}</table-wrap></sec>"
        "</body></article>"
    )
    (tmp_path / "a.xml").write_text(article, encoding="utf-8")
    with closing(open_database(demo)) as db:
        assert not loading.load(db, [tmp_path / "a.xml"]).failed
        building.build(db, demo)
    sql = """select f.arm, f.timepoint, f.value, f.quote,
    substr(s.text, f.start + 1, f."end" - f.start) = f.quote as held
    from figures f join sections s on s.id = f.section where s.kind = 'table' order by f.start"""
    assert rows(demo, sql) == [
        {"arm": "Moss", "timepoint": "12 week", "value": 15.2, "quote": "15.2 ± 4.8", "held": 1},
        {"arm": "Fern", "timepoint": "12 week", "value": 18.9, "quote": "18.9 ± 5.1", "held": 1},
    ]


LABEL = st.sampled_from(
    ["Moss (n = 9)", "Week 12", "Mean (SD)", "n (%)", "n", "%", "SD", "p", "CI", "4.1 (1.1)", "15 (50%)", ""]
)
CELL = st.text("0123456789.,±()[]%-–−/<>=*n ap\u2009·", max_size=12) | LABEL


@settings(max_examples=150)
@given(st.lists(st.lists(CELL, min_size=1, max_size=6).map("\t".join), max_size=8).map("\n".join) | st.text())
def test_any_text_is_read_and_every_place_holds(text):
    assert len(read_grid(text).rows) <= text.count("\n") + 1
    for figure in read_table(text, VOCABULARY, arm_table({})):
        assert text[figure.start : figure.end] == figure.quote != ""
        assert figure.value is not None or figure.events is not None or figure.percent is not None
        assert isinstance(judge_proposal(figure, {"t": text}), Accepted), figure
