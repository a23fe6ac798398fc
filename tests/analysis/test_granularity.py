"""GRIM, GRIMMER, DEBIT and existence on a scale, held to exact enumeration."""

import json
from itertools import combinations_with_replacement
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.integrity.existence import whole_numbers_exist
from analysis.integrity.granularity import debit, grim, grimmer, possible_on_scale

REFERENCE = Path(__file__).parents[1] / "reference"


def results(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["results"]


GRIM = results("integrity_grim_grimmer")
SEED = results("integrity_seed_study")
DEBIT = results("integrity_debit_percent")["debit"]
CASES = [case for group in GRIM.values() if isinstance(group, list) for case in group] + SEED["mrss"] + SEED["wrong_n"]
WITH_SD = [case for case in CASES if case["sd"] is not None]
ON_SCALE = [case for case in WITH_SD if "possible_on_scale" in case]


def name_of(case):
    return f"{case['mean']}-{case['sd']}-n{case['n']}x{case.get('items', 1)}"


def test_the_grid_did_not_shrink():
    assert (len(CASES), len(WITH_SD), len(ON_SCALE), len(DEBIT)) == (118, 101, 87, 47)
    assert len(GRIM["all_n_for_mean_3_47"]) == 100


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_grim_brown_heathers_2017(case):
    found = grim(case["mean"], case["n"], items=case["items"])
    assert found.possible == case["grim"]
    assert found.by_rounding == case["grim_by_rounding"]
    assert list(found.totals) == case["possible_totals"]


@pytest.mark.parametrize(("n", "possible"), GRIM["all_n_for_mean_3_47"].items())
def test_grim_for_every_n_up_to_100(n, possible):
    assert grim("3.47", int(n)).possible == possible


@pytest.mark.parametrize("case", WITH_SD, ids=name_of)
def test_grimmer_anaya_2016_allard_2018(case):
    assert grimmer(case["mean"], case["sd"], case["n"], items=case["items"]).possible == case["grimmer"]


@pytest.mark.parametrize("case", ON_SCALE, ids=name_of)
def test_existence_on_the_scale_agrees_with_enumeration(case):
    found = possible_on_scale(
        case["mean"], case["sd"], case["n"], case["scale_min"], case["scale_max"], items=case["items"]
    )
    assert found.possible == case["possible_on_scale"] == bool(found.example)
    if case["grim"]:
        expected = (case["sd_min_on_scale"], case["sd_max_on_scale"])
        assert (found.sd_min, found.sd_max) == pytest.approx(expected, rel=1e-14)
    else:
        assert (found.sd_min, found.sd_max) == (None, None)


@pytest.mark.parametrize("case", DEBIT, ids=name_of)
def test_debit_heathers_brown_2019(case):
    found = debit(case["mean"], case["sd"], case["n"])
    assert list(found.events) == case["possible_event_counts"]
    assert found.possible == case["debit_exact"]
    assert found.possible_by_interval == case["debit_interval_rule_only"]


@pytest.mark.parametrize(("n", "top"), [(1, 5), (2, 9), (3, 12), (4, 9), (5, 8), (6, 6), (8, 4)])
def test_search_finds_exactly_what_enumeration_finds(n, top):
    reachable = {(sum(c), sum(x * x for x in c)) for c in combinations_with_replacement(range(top + 1), n)}
    asked = {(total, squares) for total in range(n * top + 2) for squares in range(n * top * top + 2)}
    assert {pair for pair in asked if whole_numbers_exist(n, *pair, 0, top)} == reachable


@given(st.lists(st.integers(-7, 44), min_size=1, max_size=60))
def test_an_example_has_the_sum_the_squares_and_the_scale_asked_for(values):
    total, squares = sum(values), sum(x * x for x in values)
    found = whole_numbers_exist(len(values), total, squares, -7, 44)
    assert sum(count for _, count in found) == len(values)
    assert sum(x * count for x, count in found) == total
    assert sum(x * x * count for x, count in found) == squares
    assert all(-7 <= x <= 44 for x, _ in found)


@pytest.mark.parametrize(
    ("mean", "sd", "n", "possible"),
    [
        ("18.68", "7.26", 41, True),
        ("18.68", "24.85", 41, True),  # nearly the largest SD of the scale
        ("18.68", "24.90", 41, False),
        ("25.5", "25.2", 400, True),
        ("25.5", "26.0", 400, False),
        ("0.07", "0.41", 41, False),  # a total of 3 has the sums of squares 3, 5 and 9 alone
    ],
)
def test_mrss_is_decided_without_counting_all_ways(mean, sd, n, possible):
    assert possible_on_scale(mean, sd, n, 0, 51).possible == possible


@pytest.mark.parametrize(("mean", "n", "informative"), [("18.7", 9, True), ("18.7", 10, False), ("18.68", 41, True)])
def test_grim_says_when_it_has_no_power(mean, n, informative):
    assert grim(mean, n).informative == informative


def test_grimmer_names_the_nearest_sd_allard_2018():
    found = grimmer("3.44", "2.47", 18)
    assert not found.possible
    assert found.nearest_sd == pytest.approx(2.4787, abs=5e-5)


def test_grimmer_names_no_sd_where_no_total_fits():
    assert grimmer("5.19", "1.60", 28).nearest_sd is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grim("about 5", 28), "not a printed number"),
        (lambda: grim("5.1", 0), "at least 1"),
        (lambda: grimmer("5.0", "1.0", 1), "at least 2"),
        (lambda: possible_on_scale("5.0", "1.0", 4, 5, 5), "empty"),
        (lambda: debit("0.5", "0.5", 1), "at least 2"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
