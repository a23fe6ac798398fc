"""Which p printed numbers can give: held to R's t tests, and to the bounds that no test may leave."""

import pytest

from analysis.integrity.reach import fractions_reach, interval_reach, means_reach


def test_two_means_reach_the_p_of_r_s_welch_and_pooled_tests(reference):
    for case in reference("summary_t_tests")["results"]["two_sample"]:
        groups = [(str(case[f"m{i}"]), str(case[f"sd{i}"]), case[f"n{i}"]) for i in (1, 2)]
        found = means_reach(*groups)
        for p in (case["welch_p"], case["pooled_p"]):
            assert found.p_min <= p <= found.p_max
        assert means_reach(*groups, f"={case['welch_p']:.4f}").consistent
        assert not means_reach(*groups, "<0.0000001").consistent


@pytest.mark.parametrize(
    ("counts", "p", "consistent"),
    [((40, 159, 27, 170), "=0.04", True), ((40, 159, 27, 170), "=0.4", False), ((0, 20, 0, 20), "=1", True)],
)
def test_two_fractions(counts, p, consistent):
    assert fractions_reach(*counts, p).consistent is consistent


@pytest.mark.parametrize(
    ("numbers", "log", "p", "consistent"),
    [
        (("0.79", "0.62", "1.02"), True, "=0.058", True),
        (("0.79", "0.62", "1.02"), True, "=0.001", False),
        (("-4.8", "-8.2", "-1.5"), False, "=0.0055", True),
        (("0.0", "-1.0", "1.0"), False, ">0.05", True),
    ],
)
def test_altman_bland_2011_p_from_an_interval(numbers, log, p, consistent):
    assert interval_reach(*numbers, p, log=log).consistent is consistent


@pytest.mark.parametrize(
    ("call", "numbers", "words"),
    [
        (fractions_reach, (5, 4, 1, 4), "not two fractions"),
        (interval_reach, ("1.0", "2.0", "1.5"), "not an interval"),
        (lambda *n: interval_reach(*n, log=True), ("-1.0", "-2.0", "1.5"), "not a ratio"),
    ],
)
def test_numbers_that_are_no_comparison_are_refused(call, numbers, words):
    with pytest.raises(ValueError, match=words):
        call(*numbers)
