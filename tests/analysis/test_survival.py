"""Kaplan-Meier, log-rank and Cox, held to R's survival package, edges included."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.records import NotEstimable
from analysis.survival.cox import hazard_ratios
from analysis.survival.curve import km, quantile, read_at, restricted_mean
from analysis.survival.logrank import logrank

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = ("km_aml", "km_edges_all_events_and_ties", "km_edges_no_events", "km_lung", "km_seed_3_of_41_dead")
CASES = {name: json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
INTERVALS = ("plain", "log", "log-log", "logit", "arcsin")
COLUMNS = {
    "time": "time", "n.risk": "n_risk", "n.event": "n_event", "n.censor": "n_censor", "surv": "survival",
    "std.err_greenwood": "std_err", "cumhaz_nelson_aalen": "cumulative_hazard",
}  # fmt: skip
CURVES = [(file, None) for file in FILES]
CURVES += [(file, group) for file in FILES for group in CASES[file]["results"].get("by_group", {})]
TESTED = [file for file in FILES if "tests" in CASES[file]["results"]]


def stratum_of(file, group, **options):
    data = CASES[file]["data"]
    if group is None:
        return km(data["time"], data["status"], **options).strata[0]
    strata = km(data["time"], data["status"], data["group"], **options).strata
    return next(one for one in strata if one.group == group)


def expected_of(file, group):
    results = CASES[file]["results"]
    return (results["overall"], results["at_times"]) if group is None else (
        results["by_group"][group]["km"], results["by_group"][group]["at_times"]
    )  # fmt: skip


def agrees(got, expected):
    numbers = [math.nan if value is None else value for value in expected]
    ours = [math.nan if value is None else value for value in got]
    return ours == pytest.approx(numbers, rel=1e-12, abs=1e-14, nan_ok=True)


def test_the_grid_did_not_shrink():
    assert (len(CURVES), len(TESTED)) == (11, 3)


@pytest.mark.parametrize(("file", "group"), CURVES)
def test_curve_and_numbers_at_risk(file, group):
    expected, _ = expected_of(file, group)
    stratum = stratum_of(file, group)
    for theirs, ours in COLUMNS.items():
        assert agrees(getattr(stratum, ours).tolist(), expected[theirs]), theirs
    assert stratum.events == sum(expected["n.event"])
    assert stratum.n == expected["n.risk"][0]


@pytest.mark.parametrize("conf_type", INTERVALS)
@pytest.mark.parametrize(("file", "group"), CURVES)
def test_intervals_and_quantiles(file, group, conf_type):
    expected, _ = expected_of(file, group)
    stratum = stratum_of(file, group, conf_type=conf_type)
    assert agrees(stratum.ci_low.tolist(), expected[f"ci_{conf_type}"]["lower"])
    assert agrees(stratum.ci_high.tolist(), expected[f"ci_{conf_type}"]["upper"])
    read = [quantile(stratum, share) for share in (0.25, 0.5, 0.75)]
    wanted = expected[f"quantiles_{conf_type}"]
    assert agrees([one.time for one in read], wanted["q"])
    assert agrees([one.ci_low for one in read], wanted["lower"])
    assert agrees([one.ci_high for one in read], wanted["upper"])
    assert stratum.median == read[1]


@pytest.mark.parametrize("conf_type", INTERVALS[:3])
@pytest.mark.parametrize("file", FILES)
def test_intervals_at_90_percent(file, conf_type):
    expected = CASES[file]["results"]["overall_conf90"][f"ci_{conf_type}"]
    stratum = stratum_of(file, None, conf_type=conf_type, level=90)
    assert agrees(stratum.ci_low.tolist(), expected["lower"])
    assert agrees(stratum.ci_high.tolist(), expected["upper"])


@pytest.mark.parametrize("conf_type", INTERVALS[:3])
@pytest.mark.parametrize(("file", "group"), CURVES)
def test_curve_read_at_times(file, group, conf_type):
    _, expected = expected_of(file, group)
    read = read_at(stratum_of(file, group, conf_type=conf_type), expected["times"])
    wanted = expected[conf_type]
    for theirs, ours in (("surv", "survival"), ("lower", "ci_low"), ("upper", "ci_high"), ("std.err", "std_err")):
        assert agrees([getattr(one, ours) for one in read], wanted[theirs]), theirs
    assert [one.n_risk for one in read] == wanted["n.risk"]


@pytest.mark.parametrize(("file", "group"), CURVES)
def test_restricted_mean(file, group):
    expected, _ = expected_of(file, group)
    stratum = stratum_of(file, group)
    found = restricted_mean(stratum, float(stratum.time[-1]))
    wanted = expected["rmean_to_last"]
    assert agrees([found.mean, found.se], [wanted["rmean"], wanted["se"]])


@pytest.mark.parametrize(("name", "rho"), [("logrank", 0), ("peto_peto_rho1", 1)])
@pytest.mark.parametrize("file", TESTED)
def test_logrank_and_peto(file, name, rho):
    data, expected = CASES[file]["data"], CASES[file]["results"]["tests"][name]
    found = logrank(data["time"], data["status"], data["group"], rho=rho)
    for key in ("observed", "expected"):
        assert agrees(getattr(found, key).tolist(), expected[key]), key
    assert agrees(found.variance.ravel().tolist(), np.ravel(expected["var"]))
    assert agrees([found.chi2, found.df, found.p], [expected["chisq"], expected["df"], expected["p"]])


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("file", TESTED)
def test_cox_hazard_ratio(file, ties):
    data, expected = CASES[file]["data"], CASES[file]["results"]["tests"][f"cox_{ties}"]
    found = hazard_ratios(data["time"], data["status"], data["group"], ties=ties)
    # coxph stops at a relative change of 1e-9 of the likelihood, so its coefficients hold to about 1e-8.
    assert found.coefficients.tolist() == pytest.approx(expected["coef"], rel=1e-7)
    assert found.se.tolist() == pytest.approx(expected["se"], rel=1e-7)
    assert [found.loglik_null, found.loglik] == pytest.approx(expected["loglik"], rel=1e-10)
    assert found.score_test == pytest.approx(expected["score_test"], rel=1e-10)


def test_seed_study_survival_is_38_of_41_where_follow_up_is_complete():
    read = read_at(stratum_of("km_seed_3_of_41_dead", None), [5])[0]
    assert (read.survival, read.n_risk) == (pytest.approx(38 / 41), 38)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=40))
def test_a_curve_falls_and_stays_within_its_limits(rows):
    stratum = km([t for t, _ in rows], [s for _, s in rows]).strata[0]
    assert np.all(np.diff(stratum.survival) <= 0)
    known = ~np.isnan(stratum.ci_low)
    assert np.all(stratum.ci_low[known] <= stratum.survival[known] + 1e-12)
    assert np.all(stratum.ci_high[known] >= stratum.survival[known] - 1e-12)
    assert stratum.n == len(rows)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=3, max_size=40))
def test_without_censoring_survival_is_a_plain_share(rows):
    stratum = km([t for t, _ in rows], [1] * len(rows)).strata[0]
    shares = [sum(t > time for t, _ in rows) / len(rows) for time in stratum.time]
    assert stratum.survival.tolist() == pytest.approx(shares, abs=1e-12)


def test_three_groups_are_one_test_with_two_degrees_of_freedom():
    time, status, group = [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 0, 1, 1, 1, 0, 1, 1], list("abcabcabc")
    found = logrank(time, status, group)
    assert found.df == 2
    swapped = logrank(time, status, list("cabcabcab"))
    assert swapped.chi2 == pytest.approx(found.chi2)
    assert hazard_ratios(time, status, group, ties="breslow").score_test == pytest.approx(found.chi2)


def test_rows_left_out_are_named_and_groups_sort_as_numbers():
    found = km([1, None, -2, 3, 4, 5], [1, 1, 1, 2, None, 0], [10, 9, 9, 9, 9, 9.0])
    assert [one.group for one in found.strata] == ["9", "10"]
    assert [(d.row, d.reason) for d in found.dropped] == [
        (2, "time is missing"),
        (3, "time is negative"),
        (4, "status is neither 0 nor 1"),
        (5, "status is missing"),
    ]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: km([1], [1], conf_type="bootstrap"), ValueError),
        (lambda: km([1, 2], [1]), ValueError),
        (lambda: km([None], [1]), NotEstimable),
        (lambda: logrank([1, 2], [1, 1], ["a", "a"]), NotEstimable),
        (lambda: logrank([1, 2], [0, 0], ["a", "b"]), NotEstimable),
        (lambda: logrank([1, 2, 3], [0, 1, 1], ["a", "b", "b"]), NotEstimable),
        (lambda: hazard_ratios([1, 2], [1, 0], ["a", "b"]), NotEstimable),
        (lambda: hazard_ratios([1, 2, 3], [1, 1, 1], ["a", "a", "b"]), NotEstimable),
        (lambda: hazard_ratios([1, 2], [1, 1], ["a", "a"]), NotEstimable),
        (lambda: hazard_ratios([1, 2], [1, 1], ["a", "b"], ties="exact"), ValueError),
    ],
)
def test_what_cannot_be_estimated_is_refused(call, error):
    with pytest.raises(error):
        call()
