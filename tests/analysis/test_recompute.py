"""p values and t tests done again from printed numbers, held to R."""

import json
from pathlib import Path

import pytest

from analysis.integrity.recompute import Group, paired_reach, paired_t, pooled_t, read_p, recompute_p, welch_t

REFERENCE = Path(__file__).parents[1] / "reference"


def results(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["results"]


P = results("p_recompute")
TWO = results("summary_t_tests")["two_sample"]
PAIRED = results("summary_t_tests")["paired"]


def test_the_grid_did_not_shrink():
    assert (len(P), len(TWO), len(PAIRED)) == (12, 3, 15)


@pytest.mark.parametrize("case", P, ids=lambda case: f"{case['type']}-{case['stat']}-p{case['p']}")
def test_p_from_its_statistic(case):
    found = recompute_p(case["type"], case["stat"], case["p"], df=case["df"], df2=case["df2"])
    expected = (case["p_recomputed"], case["p_min_given_rounding"], case["p_max_given_rounding"])
    assert (found.p, found.p_min, found.p_max) == pytest.approx(expected, rel=1e-12)
    assert (found.consistent, found.decision_error) == (case["consistent"], case["decision_error"])


@pytest.mark.parametrize("case", TWO, ids=lambda case: f"{case['m1']}-{case['m2']}")
def test_two_sample_t(case):
    first, second = Group(case["m1"], case["sd1"], case["n1"]), Group(case["m2"], case["sd2"], case["n2"])
    for name, test in (("pooled", pooled_t(first, second)), ("welch", welch_t(first, second))):
        expected = (case[f"{name}_t"], case[f"{name}_df"], case[f"{name}_p"])
        assert (test.t, test.df, test.p) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", TWO, ids=lambda case: f"{case['m1']}-{case['m2']}")
def test_two_sample_t_if_the_sds_are_standard_errors(case):
    as_se = case["if_sds_are_ses"]
    first = Group(case["m1"], case["sd1"] * case["n1"] ** 0.5, case["n1"])
    second = Group(case["m2"], case["sd2"] * case["n2"] ** 0.5, case["n2"])
    assert (first.sd, second.sd) == pytest.approx((as_se["implied_sd1"], as_se["implied_sd2"]), rel=1e-14)
    test = welch_t(first, second)
    expected = (as_se["welch_t"], as_se["welch_df"], as_se["welch_p"])
    assert (test.t, test.df, test.p) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", PAIRED, ids=lambda case: f"{case['m1']}-n{case['n']}-r{case['r']}")
def test_paired_t_at_an_assumed_correlation(case):
    # In this file m1 and sd1 are the later time.
    test = paired_t(case["m2"], case["sd2"], case["m1"], case["sd1"], n=case["n"], r=case["r"])
    expected = [case[key] for key in ("mean_change", "sd_change", "t", "df", "p")] + case["ci95"]
    got = [test.mean_change, test.sd_change, test.t, test.df, test.p, test.ci_low, test.ci_high]
    assert got == pytest.approx(expected, rel=1e-12)


def test_equal_sds_reach_any_small_p():
    reach = paired_reach("20.0", "5.0", "18.0", "5.0", n=10, p="<0.001")
    assert (reach.p_smallest, reach.consistent) == (0, True)
    assert reach.p_largest == pytest.approx(paired_t(20, 5, 18, 5, n=10, r=-1).p)


def test_rounding_is_given_the_benefit_of_the_doubt():
    reach = paired_reach("20", "3", "16", "7", n=14, p="<0.001")
    assert reach.p_smallest_rounding < 0.001 < reach.p_smallest
    assert reach.consistent


@pytest.mark.parametrize("p", ["0.9", ">0.5"])
def test_a_p_too_large_for_any_correlation_is_caught(p):
    assert paired_reach("20.0", "3.0", "10.0", "3.0", n=14, p=p).consistent is False


def test_without_a_printed_p_there_is_no_verdict():
    reach = paired_reach("20.1", "3.1", "13.8", "10.2", n=14)
    assert (reach.consistent, reach.rank_test_could) == (None, None)


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [("<0.001", "<", 0.001), ("= .04", "=", 0.04), ("≤0.05", "<=", 0.05), ("0.30", "=", 0.3), ("> 0.05", ">", 0.05)],
)
def test_printed_p_is_read_with_its_operator(text, op, value):
    found = read_p(text)
    assert (found.op, float(found.value)) == (op, value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: read_p("1.2"), "between 0 and 1"),
        (lambda: recompute_p("u", "2.0", "=0.05"), "unknown statistic"),
        (lambda: recompute_p("t", "2.0", "=0.05"), "degrees of freedom"),
        (lambda: recompute_p("F", "2.0", "=0.05", df=2), "degrees of freedom"),
        (lambda: Group(1, 1, 1), "at least 2"),
        (lambda: Group(1, -1, 3), "negative"),
        (lambda: paired_t(1, 1, 1, 1, n=5, r=1.1), "between -1 and 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(("difference", "p"), [(0, 1), (2, 0)])
def test_no_spread_at_all_is_not_an_error(difference, p):
    assert welch_t(Group(5 + difference, 0, 4), Group(5, 0, 4)).p == p
