"""Intervals for proportions and rates against R, over the whole grid of the reference files."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.proportions import (
    METHODS,
    difference_interval,
    proportion_bound,
    proportion_interval,
    rate_interval,
    table_tests,
)

KEYS = {
    "wald": "wald",
    "cp": "clopper-pearson",
    "wilson": "wilson",
    "wilson_cc": "wilson-cc",
    "agresti_coull": "agresti-coull",
    "jeffreys": "jeffreys",
    "jeffreys_edge": "jeffreys-edge",
    "midp": "mid-p",
    "likelihood_ratio": "likelihood-ratio",
    "logit_wald": "logit-wald",
}


def near(value):
    # R's uniroot and qbeta agree with ours to about 1e-11; limits near 0 are compared absolutely
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.fixture(scope="module")
def grid(reference):
    file = reference("proportion_intervals")
    return file | {"cases": list(zip(*(file["results"][k] for k in ("x", "n", "conf")), strict=True))}


@pytest.mark.parametrize(("key", "method"), KEYS.items())
def test_every_interval_agrees_with_r(grid, key, method):
    for i, (x, n, conf) in enumerate(grid["cases"]):
        lower, upper = grid["results"][f"{key}_lb"][i], grid["results"][f"{key}_ub"][i]
        found = proportion_interval(x, n, method=method, level=100 * conf)
        if lower is None:
            assert found is None, (x, n, conf)
        else:
            assert (found.lower, found.upper) == (near(lower), near(upper)), (x, n, conf)


def test_every_one_sided_bound_agrees_with_r(grid):
    for i, (x, n, conf) in enumerate(grid["cases"]):
        assert proportion_bound(x, n, side="upper", level=100 * conf).upper == near(
            grid["results"]["cp_one_sided_upper"][i]
        )
        assert proportion_bound(x, n, side="lower", level=100 * conf).lower == near(
            grid["results"]["cp_one_sided_lower"][i]
        )


def test_the_grid_did_not_shrink(grid):
    assert set(KEYS.values()) == set(METHODS)
    assert (len(grid["cases"]), len(grid["two_sample"]), len(grid["poisson_rate_exact"])) == (288, 6, 3)


@pytest.mark.parametrize("key", ["38/41", "3/41", "0/41", "5/8", "18/25"])
def test_proportions_of_the_seed_study(reference, key):
    row = reference("seed_study")["results"]["proportions_95"][key]
    for name, method in KEYS.items():
        found = proportion_interval(row["x"], row["n"], method=method)
        limits = (None, None) if found is None else (found.lower, found.upper)
        assert limits == tuple(v if v is None else near(v) for v in (row[f"{name}_lb"], row[f"{name}_ub"]))


@pytest.mark.parametrize(
    ("key", "method"),
    [
        ("wald", "wald"),
        ("newcombe_hybrid_score", "newcombe"),
        ("agresti_caffo", "agresti-caffo"),
        ("miettinen_nurminen", "miettinen-nurminen"),
    ],
)
def test_differences_of_two_proportions_agree_with_r(grid, key, method):
    for row in grid["two_sample"]:
        first, second = (row["x1"], row["n1"]), (row["x2"], row["n2"])
        found = difference_interval(first, second, method=method, level=100 * row["conf"])
        assert found.estimate == near(row["difference"])
        assert [found.lower, found.upper] == near(row[key])


def test_tests_of_a_table_agree_with_r(grid):
    for row in grid["two_sample"]:
        found = table_tests((row["x1"], row["n1"]), (row["x2"], row["n2"]))
        assert found.fisher == near(row["fisher_exact_p_two_sided"])
        assert found.chi_squared == near(row["chisq_no_correction_p"])
        assert found.chi_squared_yates == near(row["chisq_yates_p"])
    assert table_tests((0, 5), (0, 7)).chi_squared is None


def test_exact_rates_agree_with_r(grid, reference):
    for row in grid["poisson_rate_exact"]:
        found = rate_interval(row["events"], row["time"])
        assert [found.estimate, found.lower, found.upper] == near([row["rate"], row["garwood_lb"], row["garwood_ub"]])
    deaths = reference("seed_study")["results"]["exact_poisson_deaths_per_patient_year"]
    found = rate_interval(3, 205)
    assert [found.estimate, found.lower, found.upper] == near([deaths["rate"], *deaths["ci"]])


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion_interval(5, 4),
        lambda: proportion_interval(1, 0),
        lambda: proportion_interval(-1, 4),
        lambda: proportion_interval(1.5, 4),
        lambda: proportion_interval(1, 4, method="guess"),
        lambda: proportion_interval(1, 4, level=100),
        lambda: difference_interval((1, 2), (3, 2)),
        lambda: difference_interval((1, 2), (1, 2), method="guess"),
        lambda: rate_interval(1, 0),
        lambda: rate_interval(-1, 2),
    ],
)
def test_what_is_not_a_proportion_is_refused_in_one_line(call):
    with pytest.raises(ValueError, match=r"\w") as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("method", METHODS)
@given(n=st.integers(1, 300), share=st.floats(0, 1), level=st.sampled_from([80.0, 95.0, 99.0]))
def test_intervals_mirror_and_hold_the_estimate(method, n, share, level):
    x = round(share * n)
    found, other = (proportion_interval(k, n, method=method, level=level) for k in (x, n - x))
    if found is None:
        assert other is None
        assert x in {0, n}
        return
    assert found.lower == pytest.approx(1 - other.upper, abs=1e-9)
    # the plain Jeffreys interval leaves 0 and 1 out
    if method != "jeffreys":
        assert found.lower - 1e-12 <= x / n <= found.upper + 1e-12


@given(x1=st.integers(0, 40), x2=st.integers(0, 30))
def test_swapping_two_proportions_mirrors_their_interval(x1, x2):
    for method in ("wald", "newcombe", "agresti-caffo", "miettinen-nurminen"):
        one = difference_interval((x1, 40), (x2, 30), method=method)
        other = difference_interval((x2, 30), (x1, 40), method=method)
        assert math.isclose(one.lower, -other.upper, abs_tol=1e-9)
