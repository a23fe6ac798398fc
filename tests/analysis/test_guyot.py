"""Reconstructed patients, held to the truth they were digitised from and to a peer's answer (IPDfromKM)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.records import NotEstimable
from analysis.survival.cox import hazard_ratios
from analysis.survival.curve import km, read_at
from analysis.survival.guyot import reconstruct
from analysis.survival.logrank import logrank

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = ("ipd_guyot_lung_exact", "ipd_guyot_lung_noisy")
CASES = {name: json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
ARMS = [(file, arm) for file in FILES for arm in range(len(CASES[file]["data"]))]


def rebuilt(arm, **options):
    curve = arm["curve"]
    return reconstruct(curve["time"], curve["surv"], arm["trisk"], arm["nrisk"], **options)


def heights(time, status, at):
    return np.array([one.survival for one in read_at(km(time, status).strata[0], at)])


def both_arms(patients):
    time = [t for one in patients for t in one[0]]
    status = [s for one in patients for s in one[1]]
    return time, status, [str(arm) for arm, one in enumerate(patients) for _ in one[0]]


def test_the_grid_did_not_shrink():
    assert len(ARMS) == 4


@pytest.mark.parametrize(("file", "arm"), ARMS)
def test_curve_is_as_close_to_the_truth_as_the_peers(file, arm):
    data, peer = CASES[file]["data"][arm], CASES[file]["results"]["ipdfromkm"][arm]
    found = rebuilt(data)
    at = np.arange(0, max(data["truth"]["time"]) + 1, 5.0)
    truth = heights(data["truth"]["time"], data["truth"]["status"], at)
    ours = np.abs(heights(found.time, found.status, at) - truth)
    theirs = np.abs(heights(peer["time"], peer["status"], at) - truth)
    assert ours.mean() < 0.01
    assert ours.max() < 0.04
    assert ours.mean() <= theirs.mean() + 0.001


@pytest.mark.parametrize(("file", "arm"), ARMS)
def test_numbers_at_risk_and_patients_are_kept(file, arm):
    data = CASES[file]["data"][arm]
    found = rebuilt(data)
    assert found.time.size == data["n"]
    assert np.abs(np.subtract(found.at_risk, data["nrisk"])).max() <= 1
    counted = [int(np.sum(found.time >= t)) for t in data["trisk"]]
    assert counted == list(found.at_risk)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("file", FILES)
def test_log_hazard_ratio_is_that_of_the_patients(file, known):
    data, results = CASES[file]["data"], CASES[file]["results"]
    found = [rebuilt(arm, total_events=arm["tot_events"] if known else None) for arm in data]
    columns = both_arms([(one.time, one.status) for one in found])
    fit = hazard_ratios(*columns)
    assert fit.coefficients[0] == pytest.approx(results["truth"]["true_log_hr"], abs=0.02)
    assert fit.se[0] == pytest.approx(results["truth"]["true_se"], rel=0.02)
    assert logrank(*columns).chi2 == pytest.approx(results["truth"]["true_logrank_chisq"], rel=0.08)


@pytest.mark.parametrize("file", FILES)
def test_our_cox_agrees_with_the_peers_on_the_peers_patients(file):
    results = CASES[file]["results"]
    fit = hazard_ratios(*both_arms([(one["time"], one["status"]) for one in results["ipdfromkm"]]))
    assert fit.coefficients[0] == pytest.approx(results["ipdfromkm_hr"]["ipdfromkm_log_hr"], rel=1e-7)
    assert fit.se[0] == pytest.approx(results["ipdfromkm_hr"]["ipdfromkm_se"], rel=1e-7)


@pytest.mark.parametrize("file", FILES)
def test_truth_in_the_file_has_the_hazard_ratio_it_states(file):
    data, truth = CASES[file]["data"], CASES[file]["results"]["truth"]
    columns = both_arms([(arm["truth"]["time"], arm["truth"]["status"]) for arm in data])
    assert hazard_ratios(*columns).coefficients[0] == pytest.approx(truth["true_log_hr"], rel=1e-7)
    assert logrank(*columns).chi2 == pytest.approx(truth["true_logrank_chisq"], rel=1e-12)


@pytest.mark.parametrize(("file", "arm"), ARMS)
def test_a_known_total_of_events_is_met_as_closely_as_the_curve_allows(file, arm):
    data = CASES[file]["data"][arm]
    assert abs(rebuilt(data, total_events=data["tot_events"]).events - data["tot_events"]) <= 2


@given(st.lists(st.integers(1, 60), min_size=5, max_size=60))
def test_without_censoring_a_clean_curve_gives_back_its_events(times):
    curve = km(times, [1] * len(times)).strata[0]
    found = reconstruct(curve.time, curve.survival, [0], [len(times)])
    assert found.events == len(times)
    assert sorted(found.time.tolist()) == sorted(map(float, times))
    assert found.largest_gap < 1e-9


def test_a_curve_that_contradicts_its_numbers_shows_the_numbers_it_can_have():
    found = reconstruct([0, 1, 2, 3], [1, 0.5, 0.5, 0.5], [0, 2], [10, 9])
    assert found.at_risk == (10, 5)


def test_noise_that_rises_is_flattened_and_clicks_may_come_unsorted():
    found = reconstruct([3, 1, 2], [0.81, 0.9, 0.8], [0], [10])
    assert (found.events, found.time.tolist()[:2]) == (2, [1, 2])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reconstruct([], [], [0], [5]), "clicks"),
        (lambda: reconstruct([1], [95], [0], [5]), "from 0 to 1"),
        (lambda: reconstruct([1], [0.9], [0, 2], [5]), "needs its time"),
        (lambda: reconstruct([1], [0.9], [1], [5]), "start at time 0"),
        (lambda: reconstruct([1], [0.9], [0, 2], [5, 6]), "must not rise"),
    ],
)
def test_what_cannot_be_reconstructed_is_refused(call, words):
    with pytest.raises(NotEstimable, match=words):
        call()
