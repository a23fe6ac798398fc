"""Mantel-Haenszel and Peto, held to metafor's rma.mh, rma.peto and leave1out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from analysis.effects.escalc import MissingColumn
from analysis.pool.mantel_haenszel import leave_one_out, rma_mh, rma_peto
from analysis.records import NotEstimable

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = ("mh_all_double_zero", "mh_peto_bcg", "mh_peto_double_zero", "mh_peto_nielweise2007", "mh_rates_hart1999")
CASES = {name: json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
CALLS = [(file, call) for file in FILES for call in CASES[file]["results"]]
REFUSED = [pair for pair in CALLS if "error" in CASES[pair[0]]["results"][pair[1]]]
LEFT_OUT = [pair for pair in CALLS if pair[1].endswith("leave1out") and pair not in REFUSED]
POOLS = [pair for pair in CALLS if not pair[1].endswith("leave1out") and pair not in REFUSED]

OPTIONS = {
    "drop00_FALSE": {"drop00": False},
    "no_correct": {"correct": False},
    "add_to_all": {"to": "all", "add_pooling": 0.5, "to_pooling": "all"},
}
FIELDS = {
    "se": "se", "zval": "stat", "pval": "p", "ci.lb": "ci_low", "ci.ub": "ci_high",
    "QE": "q", "QEp": "q_p", "I2": "i2", "H2": "h2",
}  # fmt: skip


def columns(file, call):
    """The data under metafor's argument names, as the call's own text maps them."""
    data = CASES[file]["data"]
    named = re.findall(r"\b([abcdnxt]\d?i)=(\w+)", CASES[file]["calls"][call])
    return {argument: data[column] for argument, column in named}


def pooled(call, data):
    if call.startswith("peto"):
        return rma_peto(data)
    options = next((options for name, options in OPTIONS.items() if name in call), {})
    return rma_mh(data, call.split("_")[1], **options)


def agrees(got, expected):
    return got is None if expected is None else got == pytest.approx(expected, rel=1e-10, abs=1e-300)


def statistics_of(fit):
    cmh, odds = fit.cmh, fit.homogeneity
    bd, ta = (odds.breslow_day, odds.tarone) if odds else (None, None)
    pairs = {"MH": cmh, "BD": bd, "TA": ta}
    return {name: test and test.chi2 for name, test in pairs.items()} | {
        f"{name}p": test and test.p for name, test in pairs.items()
    }


def test_the_grid_did_not_shrink():
    assert (len(CALLS), len(POOLS), len(LEFT_OUT), len(REFUSED)) == (50, 40, 7, 3)


@pytest.mark.parametrize(("file", "call"), POOLS)
def test_pool_agrees_with_metafor(file, call):
    expected = CASES[file]["results"][call]
    fit = pooled(call, columns(file, call))
    assert agrees(fit.estimate, expected["beta"][0])
    assert (fit.k, fit.k_yi) == (expected["k"], expected["k.yi"])
    for theirs, ours in FIELDS.items():
        assert agrees(getattr(fit, ours), expected[theirs]), theirs
    for name, value in statistics_of(fit).items():
        assert agrees(value, expected.get(name)), name


@pytest.mark.parametrize(("file", "call"), LEFT_OUT)
def test_leave_one_out_agrees_with_metafor(file, call):
    expected = CASES[file]["results"][call]
    fits = leave_one_out(columns(file, call), lambda rest: pooled(call, rest))
    fields = FIELDS | {"estimate": "estimate", "Q": "q", "Qp": "q_p"}
    for theirs in expected.keys() & fields.keys():
        ours = [getattr(fit, fields[theirs]) for fit in fits]
        assert all(map(agrees, ours, expected[theirs])), theirs


@pytest.mark.parametrize(("file", "call"), REFUSED)
def test_peto_without_any_event_says_why(file, call):
    with pytest.raises(NotEstimable, match="never occurred"):
        pooled(call, columns(file, call))


def test_weights_are_percent_and_belong_to_the_rows():
    fit = rma_mh({"ai": [1, 3], "n1i": [10, 30], "ci": [2, 6], "n2i": [10, 30]}, "RD")
    assert fit.weights.tolist() == pytest.approx([25, 75])


def test_rows_left_out_are_named():
    data = {"ai": [1, None, 3, 2], "bi": [9, 9, 7, -1], "ci": [2, 2, 0, 2], "di": [8, 8, 0, 8]}
    fit = rma_mh(data, "OR")
    assert [(d.row, d.reason) for d in fit.dropped] == [
        (2, "a cell is missing"),
        (3, "an arm without patients"),
        (4, "a cell is negative"),
    ]
    assert (fit.k, fit.k_yi, fit.q) == (1, 1, 0)


def test_cells_may_come_from_group_sizes_on_either_side():
    by_events = rma_mh({"ai": [4, 6], "n1i": [20, 30], "ci": [8, 9], "n2i": [20, 30]}, "OR")
    by_others = rma_mh({"bi": [16, 24], "n1i": [20, 30], "di": [12, 21], "n2i": [20, 30]}, "OR")
    assert by_events.estimate == by_others.estimate


def test_one_odds_ratio_of_exactly_one_is_homogeneous():
    fit = rma_mh({"ai": [5, 10], "bi": [15, 10], "ci": [5, 10], "di": [15, 10]}, "OR")
    assert fit.estimate == 0
    assert fit.homogeneity.breslow_day.chi2 == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("data", "measure", "error", "words"),
    [
        ({"ai": [1], "ci": [1], "n2i": [5]}, "OR", MissingColumn, "bi"),
        ({"x1i": [1], "t1i": [5], "x2i": [1]}, "IRR", MissingColumn, "t2i"),
        ({"ai": [1], "n1i": [5], "ci": [1], "n2i": [5]}, "SMD", NotEstimable, "not SMD"),
        ({"ai": [np.nan], "n1i": [5], "ci": [1], "n2i": [5]}, "OR", NotEstimable, "no row"),
    ],
)
def test_what_cannot_be_pooled_is_refused(data, measure, error, words):
    with pytest.raises(error, match=words):
        rma_mh(data, measure)
