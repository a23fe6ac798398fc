"""Change over the whole range of the unreported correlation, held to R for the seed study."""

import json
from pathlib import Path

import pytest

from analysis.change import change_over_r, correlations_allowed_by_p, responders
from analysis.integrity.recompute import paired_t

REFERENCE = Path(__file__).parents[1] / "reference"
CHANGES = json.loads((REFERENCE / "seed_study.json").read_text(encoding="utf-8"))["results"]["changes"]
NEWER = json.loads((REFERENCE / "escalc_prepost_seed_study_baseline_sd.json").read_text(encoding="utf-8"))
FOLLOW_UP = {"1y": (13.95, 8.49), "3y": (13.29, 7.67), "5y": (12.39, 8.49)}


def at(case):
    (found,) = change_over_r(18.68, 7.26, *FOLLOW_UP[case["time"]], n=case["n"], rs=[case["r"]])
    return found


def name_of(case):
    return f"{case['time']}-r{case['r']}"


def values(estimate):
    return [estimate.estimate, estimate.se, estimate.ci_low, estimate.ci_high]


def expected(entry):
    return [entry["est"], entry["se"], *entry["ci95_normal"]]


def test_the_grid_did_not_shrink():
    assert len(CHANGES) == 21


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_mean_change_of_the_seed_study(case):
    found = at(case)
    assert values(found.change) == pytest.approx(expected(case["MC_followup_minus_baseline"]), rel=1e-12)
    assert [found.t_low, found.t_high] == pytest.approx(case["MC_t_interval"], rel=1e-12)
    numbers = [case["paired_t"], case["paired_p"], case["sd_change"]]
    assert [found.t, found.p, found.sd_change] == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("case", CHANGES, ids=name_of)
def test_standardised_changes_of_the_seed_study(case):
    found = at(case)
    assert values(found.smcr) == pytest.approx(expected(case["SMCR_fall_over_baseline_sd"]), rel=1e-12)
    assert values(found.smcc) == pytest.approx(expected(case["SMCC_fall_over_sd_of_change"]), rel=1e-12)
    # The variance of SMCRH changed in metafor 4.6; the newer values are held to in the next test.
    assert found.smcrh.estimate == pytest.approx(case["SMCRH_fall"]["est"], rel=1e-12)
    assert found.smcrh.se >= case["SMCRH_fall"]["se"]


@pytest.mark.parametrize("row", range(15))
def test_smcrh_of_the_seed_study_as_newer_metafor_has_it(row):
    data, newer = NEWER["data"], NEWER["differs_in_newer_metafor"]["SMCRH"]
    moments = [data[key][row] for key in ("m1", "sd1", "m2", "sd2")]
    (found,) = change_over_r(*moments, n=data["n"][row], rs=[data["r"][row]])
    assert found.smcrh.estimate == pytest.approx(newer["yi"][row], rel=1e-12)
    assert found.smcrh.se**2 == pytest.approx(newer["vi"][row], rel=1e-12)


def test_no_spread_of_change_leaves_smcc_out():
    (found,) = change_over_r(20, 5, 18, 5, n=10, rs=[1])
    assert (found.sd_change, found.smcc, found.p) == (0, None, 0)


@pytest.mark.parametrize("p", ["0.010", "0.04", "0.0005"])
def test_both_ends_of_the_allowed_correlations_give_the_printed_p(p):
    allowed = correlations_allowed_by_p(18.68, 7.26, 13.95, 8.49, n=41, p=p)
    half = 0.5 * 10.0 ** -len(p.partition(".")[2])
    for r, limit in ((allowed.low, float(p) + half), (allowed.high, float(p) - half)):
        if -1 < r < 1:
            assert paired_t(18.68, 7.26, 13.95, 8.49, n=41, r=r).p == pytest.approx(limit, rel=1e-9)


def test_seed_study_p_below_0_001_needs_a_correlation_above_0_42():
    allowed = correlations_allowed_by_p(18.68, 7.26, 13.95, 8.49, n=41, p="<0.001")
    assert (allowed.low, allowed.high) == (pytest.approx(0.4222, abs=5e-5), 1)
    assert paired_t(18.68, 7.26, 13.95, 8.49, n=41, r=allowed.low).p == pytest.approx(0.001, rel=1e-9)


@pytest.mark.parametrize(("p", "low", "high"), [(">0.05", -1, None), ("<0.05", None, 1), ("=1.0", None, None)])
def test_open_ended_p(p, low, high):
    allowed = correlations_allowed_by_p(20, 5, 19.5, 5, n=14, p=p)
    if p == "=1.0":
        assert allowed is None
    else:
        assert low in (None, allowed.low)
        assert high in (None, allowed.high)


def test_zhang_2017_p_is_allowed_by_no_correlation():
    assert correlations_allowed_by_p(20.1, 3.1, 13.8, 10.2, n=14, p="<0.001") is None


def test_responders_at_the_mean_are_half():
    found = responders(-4.7, 8.0, 4.7)
    assert (found.normal, found.at_least, found.at_most) == (0.5, 0, 1)


@pytest.mark.parametrize(("change", "normal", "at_least", "at_most"), [(-1, 0.1587, 0, 0.5), (-9, 0.8413, 0.5, 1)])
def test_responders_stay_within_cantelli(change, normal, at_least, at_most):
    found = responders(change, 4, 5)
    assert found.normal == pytest.approx(normal, abs=5e-5)
    assert (found.at_least, found.at_most) == (pytest.approx(at_least), pytest.approx(at_most))


@pytest.mark.parametrize(
    "call",
    [
        lambda: change_over_r(20, 5, 18, 5, n=2),
        lambda: change_over_r(20, 0, 18, 5, n=9),
        lambda: change_over_r(20, 5, 18, 5, n=9, rs=[2]),
        lambda: correlations_allowed_by_p(20, 5, 20, 5, n=9, p="<0.05"),
        lambda: responders(-1, 0, 5),
        lambda: responders(-1, 2, -5),
    ],
)
def test_what_cannot_be_asked_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()
