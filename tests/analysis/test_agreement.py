"""Cohen's kappa against statsmodels and the paper that gives its variance."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.agreement import agreement

TABLES = [
    # counts, rows the first reader's answers
    [[44, 5, 1], [7, 20, 3], [9, 5, 6]],
    [[10, 10], [10, 10]],
    [[1, 9], [9, 1]],
    [[25, 3, 0, 1], [2, 8, 1, 0], [0, 1, 6, 0], [1, 0, 0, 2]],
]


def pairs(table):
    return [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]


@pytest.mark.parametrize("table", TABLES)
def test_kappa_its_error_and_interval_are_those_of_statsmodels(table):
    found, oracle = agreement(pairs(table)), cohens_kappa(table)
    assert found.kappa == pytest.approx(oracle.kappa, abs=1e-12)
    assert found.se == pytest.approx(oracle.std_kappa, abs=1e-7)
    assert found.ci_low == pytest.approx(max(-1, oracle.kappa_low), abs=1e-7)
    assert found.ci_high == pytest.approx(min(1, oracle.kappa_upp), abs=1e-7)


def test_fleiss_cohen_everitt_1969_table_1():
    """Two raters, 200 subjects: kappa 0.429, standard error sqrt(0.002885)."""
    shares = [[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]]
    found = agreement(pairs([[round(200 * share) for share in row] for row in shares]))
    assert found.kappa == pytest.approx(0.429, abs=5e-4)
    assert found.se**2 == pytest.approx(0.002885, abs=5e-6)


@pytest.mark.parametrize(("judged", "percent"), [([], None), ([("yes", "yes")] * 5, 100.0), ([("yes", "yes")], 100.0)])
def test_where_chance_alone_would_agree_there_is_no_kappa(judged, percent):
    found = agreement(judged)
    assert (found.percent, found.kappa, found.ci_low) == (percent, None, None)


@pytest.mark.parametrize(
    ("table", "kappa"), [([[40, 0], [0, 10]], 1.0), ([[0, 1], [0, 0]], 0.0), ([[0, 5], [5, 0]], -1.0)]
)
def test_a_variance_of_nothing_gives_no_interval(table, kappa):
    found = agreement(pairs(table))
    assert found.kappa == pytest.approx(kappa)
    assert (found.se, found.ci_low, found.ci_high) == (0.0, None, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_who_is_first_changes_nothing(judged):
    found, turned = agreement(judged), agreement([(b, a) for a, b in judged])
    assert found.percent == 100 * Counter(a == b for a, b in judged)[True] / len(judged)
    assert (found.kappa is None) == (turned.kappa is None)
    if found.kappa is not None:
        assert found.kappa == pytest.approx(turned.kappa, abs=1e-12)
        assert found.se == pytest.approx(turned.se, abs=1e-7)
        assert found.ci_low is None or -1 <= found.ci_low <= found.kappa <= found.ci_high <= 1
