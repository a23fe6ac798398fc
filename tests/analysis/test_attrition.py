"""Bounds for those who were not measured again, held to the sums of the seed study (41 at baseline, 38 later)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attrition import attrition_bounds, subset_mean
from analysis.integrity.granularity import exact_mean

REFERENCE = Path(__file__).parents[1] / "reference"
BOUNDS = json.loads((REFERENCE / "seed_study.json").read_text(encoding="utf-8"))["results"]["attrition_bounds"]


def ends(bounds):
    return [bounds.low, bounds.high]


def test_the_grid_did_not_shrink():
    assert len(BOUNDS) == 9


@pytest.mark.parametrize(("time", "mean"), [("3y", "13.29"), ("5y", "12.39")])
def test_seed_study_41_to_38(time, mean):
    found = attrition_bounds(
        n=41,
        mean_baseline=exact_mean("18.68", 41),
        n_remaining=38,
        mean_remaining=exact_mean(mean, 38),
        scale=(0, 51),
        sd_baseline=7.26,
    )
    expected = {
        "mean_all41_if_3_missing_between_0_and_51": ends(found.mean_all),
        "worst_case_change_all41": ends(found.change_all),
        "mean_all41_if_missing_at_baseline_mean": found.mean_all_without_change,
        "survivors_change_given_sd": ends(found.change_remaining_given_sd),
    }
    for key, value in expected.items():
        assert value == pytest.approx(BOUNDS[key][time], rel=1e-13), key
    same_at_every_time = {
        "baseline_mean_of_38_survivors_range_only": ends(found.baseline_remaining),
        "baseline_mean_of_3_dead_given_sd": ends(found.baseline_missing_given_sd),
        "baseline_mean_of_38_survivors_given_sd": ends(found.baseline_remaining_given_sd),
    }
    for key, value in same_at_every_time.items():
        assert value == pytest.approx(BOUNDS[key], rel=1e-13), key


def test_without_anybody_missing_nothing_is_uncertain():
    found = attrition_bounds(n=20, mean_baseline=10, n_remaining=20, mean_remaining=8, scale=(0, 51), sd_baseline=3)
    assert ends(found.change_all) == ends(found.change_remaining) == ends(found.change_remaining_given_sd) == [-2, -2]
    assert found.baseline_missing_given_sd is None


def test_without_an_sd_the_scale_alone_speaks():
    found = attrition_bounds(n=20, mean_baseline=10, n_remaining=15, mean_remaining=8, scale=(0, 51))
    assert found.baseline_remaining_given_sd is None
    assert found.change_remaining_given_sd is None


@given(st.lists(st.integers(0, 51), min_size=2, max_size=30), st.data())
def test_no_subset_ever_leaves_its_bounds(values, data):
    m = data.draw(st.integers(1, len(values)))
    subset = np.mean(data.draw(st.permutations(values))[:m])
    for sd in (None, float(np.std(values, ddof=1))):
        bounds = subset_mean(len(values), float(np.mean(values)), m, (0, 51), sd=sd)
        assert bounds.low - 1e-9 <= subset <= bounds.high + 1e-9


def test_the_bound_from_the_sd_is_reached_by_two_points():
    values = [0] * 30 + [10] * 10
    bounds = subset_mean(40, float(np.mean(values)), 10, (-100, 100), sd=float(np.std(values, ddof=1)))
    assert bounds.high == pytest.approx(10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: subset_mean(5, 2, 6, (0, 4)),
        lambda: subset_mean(5, 5, 2, (0, 4)),
        lambda: subset_mean(5, 2, 2, (0, 4), sd=-1),
        lambda: attrition_bounds(n=5, mean_baseline=2, n_remaining=0, mean_remaining=2, scale=(0, 4)),
    ],
)
def test_what_cannot_be_asked_is_refused(call):
    with pytest.raises(ValueError, match=r"."):
        call()
