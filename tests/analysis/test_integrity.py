"""Percentages, spreads, intervals and survivors as printed, held to exact references and to published slips."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.integrity.consistency import (
    ci_centring,
    denominators,
    largest_sd_on_scale,
    percent_of,
    sd_or_se,
    sd_outlier,
    sd_ratio,
    survivors_and_deaths,
)
from analysis.integrity.printed import read_printed
from analysis.integrity.recompute import p_of_t, paired_reach, paired_t

REFERENCE = Path(__file__).parents[1] / "reference"


def results(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["results"]


PERCENT = results("integrity_seed_study")["percent"] + results("integrity_debit_percent")["percent"]
OF_N = [case for case in PERCENT if "n" in case]
BARE = [case for case in PERCENT if "n_max" in case]
PUBLISHED = {case["id"]: case for case in results("published_inconsistencies")}


def test_the_grid_did_not_shrink():
    assert (len(OF_N), len(BARE), len(PUBLISHED)) == (14, 5, 12)


@pytest.mark.parametrize("case", OF_N, ids=lambda case: f"{case['percent']}-of-{case['n']}")
def test_percent_of_n(case):
    found = percent_of(case["percent"], case["n"], k=case["x_reported"])
    assert list(found.counts) == case["possible_x"]
    assert found.possible == case["consistent"]


@pytest.mark.parametrize("case", BARE, ids=lambda case: f"{case['percent']}-to-{case['n_max']}")
def test_denominators_of_a_bare_percentage(case):
    expected = tuple((k, int(n)) for n, ks in case["possible_n"].items() for k in ks)
    assert denominators(case["percent"], case["n_max"]) == expected


@given(st.integers(1, 400), st.data())
def test_a_printed_fraction_is_always_possible(n, data):
    k = data.draw(st.integers(0, n))
    percent = f"{100 * k / n:.1f}"
    assert percent_of(percent, n, k=k).possible
    assert (k, n) in denominators(percent, n)


@pytest.mark.parametrize(
    ("key", "percent", "n", "k"),
    [
        ("sls1_cyc_1y", "1", 79, 2),
        ("astis_trm_review", "10.01", 79, None),
        ("astis_trm_review_2", "10.1", 79, 8),
        ("astis_cyc_5y_survival", "52", 77, 40),
    ],
)
def test_published_percentages(key, percent, n, k):
    found = percent_of(percent, n, k=k)
    assert found.possible == PUBLISHED[key]["consistent"]
    assert found.recomputed == pytest.approx(PUBLISHED[key]["recomputed_percent"], rel=1e-14)


@pytest.mark.parametrize(
    ("key", "n", "survivors", "deaths"),
    [("astis_two_reviews_disagree", 77, 40, 23), ("astis_hsct_two_reviews", 79, 55, 19)],
)
def test_two_reviews_of_astis_cannot_both_be_right(key, n, survivors, deaths):
    assert survivors_and_deaths(n, survivors, deaths).possible == PUBLISHED[key]["consistent"]
    assert survivors_and_deaths(n, survivors, n - survivors).possible


def test_sircar_2018_fvc_sd_has_a_digit_too_many():
    case = PUBLISHED["sircar_fvc_sd"]
    largest = largest_sd_on_scale("58.06", 30, 0, 150)
    assert largest == pytest.approx(case["largest_sd_on_0_150_with_mean_58_06"], rel=1e-14)
    found = sd_outlier("111.23", others=case["other_sds"], largest=largest)
    assert (found.possible, found.suspicious) == (case["consistent"], True)
    assert found.ratio == pytest.approx(111.23 / 13.59)
    sound = sd_outlier("11.28", others=[12.96, 11.23, 13.59], largest=largest)
    assert (sound.possible, sound.suspicious, sound.ratio) == (True, False, 1)


def test_jordan_2015_sem_is_not_an_sd():
    found = sd_or_se("1.4", 25, others=[7.3, 8.5])
    assert found.implied_sd == pytest.approx(PUBLISHED["jordan_sem_as_sd"]["implied_sd"], rel=1e-14)
    assert found.looks_like_se
    assert not sd_or_se("7.0", 25, others=[7.3, 8.5]).looks_like_se
    assert sd_or_se("1.4", 25).looks_like_se is None


def test_lee_2023_smr_interval_is_centred_on_the_log_scale_only():
    case = PUBLISHED["lee_2023_ci_digits"]
    found = ci_centring("2.742", "2.224", "3.38091", log=True)
    assert found.midpoint == pytest.approx(case["geometric_mean"], rel=1e-14)
    assert found.centred == case["consistent"]
    assert not ci_centring("2.742", "2.224", "3.38091").centred


def test_alip_2024_hrct_denominator_is_25():
    expected = PUBLISHED["alip_hrct_denominator"]["possible"]
    assert denominators("72.0", 41) == tuple((k, int(n)) for n, ks in expected.items() for k in ks) == ((18, 25),)


def test_alip_2024_repeats_an_sd():
    found = sd_ratio("8.49", 41, "8.49", 38)
    assert (found.equal, found.ratio) == (True, 1)
    assert found.p == pytest.approx(1, abs=0.05)
    assert not sd_ratio("8.49", 41, "8.5", 38).equal


def test_zhang_2017_sd_triples_and_its_p_is_out_of_reach():
    case = PUBLISHED["zhang_2017_sd_ratio"]
    assert sd_ratio("3.1", 14, "10.2", 14).ratio == pytest.approx(10.2 / 3.1)
    half = paired_t(20.1, 3.1, 13.8, 10.2, n=14, r=0.5)
    assert -half.t == pytest.approx(case["t"], rel=1e-12)
    assert p_of_t(2.60, 13) == pytest.approx(case["p_at_r_0_5"], rel=1e-12)  # the file took p from t rounded to 2.60
    assert half.p == pytest.approx(0.021895, abs=5e-7)
    assert -paired_t(20.1, 3.1, 13.8, 10.2, n=14, r=1).t == pytest.approx(case["t_at_r_1"], rel=1e-12)
    reach = paired_reach("20.1", "3.1", "13.8", "10.2", n=14, p=case["reported_p"])
    assert reach.p_smallest == pytest.approx(case["smallest_p_over_all_r"], rel=1e-12)
    assert reach.sd_change_smallest == pytest.approx(case["smallest_possible_sd_change"], rel=1e-12)
    assert reach.consistent == case["consistent"]
    assert reach.rank_test_could
    assert reach.p_rank_test == pytest.approx(0.00012, abs=5e-6)


@pytest.mark.parametrize(
    ("printed", "log", "inside", "centred"),
    [
        (("-4.7", "-8.3", "-1.2"), False, True, True),
        (("-4.7", "-8.3", "-0.2"), False, True, False),
        (("5", "1", "8"), False, True, True),  # 4.5 is 5 when rounded
        (("0.50", "0.25", "1.00"), True, True, True),
        (("0.50", "0.25", "0.75"), True, True, False),
        (("3.1", "1.0", "2.9"), False, False, False),
    ],
)
def test_an_interval_is_centred_within_rounding(printed, log, inside, centred):
    found = ci_centring(*printed, log=log)
    assert (found.inside, found.centred) == (inside, centred)
    assert found.midpoint_low <= found.midpoint <= found.midpoint_high


def test_largest_sd_knows_the_ends_of_the_scale():
    assert largest_sd_on_scale("0", 41, 0, 51) == 0
    assert largest_sd_on_scale("52", 41, 0, 51) is None
    assert largest_sd_on_scale("50", 2, 0, 100) == pytest.approx(5000**0.5)


def test_sd_ratio_is_infinite_against_zero():
    found = sd_ratio("0.0", 5, "2.0", 5)
    assert (found.ratio, found.p) == (float("inf"), None)


@pytest.mark.parametrize(("text", "value", "half"), [("13.20", 13.2, 0.005), ("-4", -4, 0.5), ("−.5", -0.5, 0.05)])
def test_decimals_count(text, value, half):
    printed = read_printed(text)
    assert (float(printed), float(printed.half)) == (value, half)


@pytest.mark.parametrize("text", ["", "1e3", "nan", "1,5", "<0.05", "5 6"])
def test_what_is_no_printed_number_is_refused(text):
    with pytest.raises(ValueError, match="not a printed number"):
        read_printed(text)


@pytest.mark.parametrize(
    "call",
    [
        lambda: percent_of("50", 0),
        lambda: percent_of("50", 4, k=5),
        lambda: sd_or_se("0", 4, others=[1]),
        lambda: sd_outlier("2", others=[0]),
        lambda: sd_ratio("2", 1, "3", 4),
        lambda: sd_ratio("-2", 4, "3", 4),
        lambda: ci_centring("1", "-0.5", "2", log=True),
        lambda: survivors_and_deaths(5, 6, 0),
        lambda: largest_sd_on_scale("5", 1, 0, 10),
    ],
)
def test_what_cannot_be_asked_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()
