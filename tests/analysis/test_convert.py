"""Conversions of printed numbers: against the individual values, against each other, and against the papers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import convert, fivenumber
from analysis.fivenumber import Summary


def test_sd_and_se_are_inverse():
    assert convert.sd_from_se(convert.se_from_sd(7.26, 41).value, 41).value == pytest.approx(7.26, rel=1e-14)


@given(mean=st.floats(-50, 50), sd=st.floats(0.1, 30), n=st.integers(2, 400), level=st.sampled_from([90.0, 95.0, 99.0]))
def test_the_interval_of_a_mean_gives_its_sd_back(mean, sd, n, level):
    low, high = stats.t.interval(level / 100, n - 1, mean, sd / math.sqrt(n))
    assert convert.sd_from_interval(low, high, n, level=level).value == pytest.approx(sd, rel=1e-8)


def test_the_interval_of_a_ratio_is_read_on_the_log_scale():
    low, high = (math.exp(math.log(0.7) + sign * 1.959963984540054 * 0.2) for sign in (-1, 1))
    assert convert.se_from_interval(low, high, log=True).value == pytest.approx(0.2, rel=1e-12)


@given(t=st.floats(0.05, 8), df=st.integers(3, 200))
def test_a_p_value_gives_its_t_and_se_back(t, df):
    p = float(2 * stats.t.sf(t, df))
    assert convert.t_from_p(p, df).value == pytest.approx(t, rel=1e-7)
    assert convert.se_from_p(-3.0, p, df=df).value == pytest.approx(3 / t, rel=1e-7)


def test_se_of_a_difference_gives_the_common_sd():
    assert convert.sd_from_difference(5 * math.sqrt(1 / 20 + 1 / 30), 20, 30).value == pytest.approx(5, rel=1e-14)


@given(sd1=st.floats(0.5, 20), sd2=st.floats(0.5, 20), r=st.floats(-0.99, 0.99))
def test_three_sds_give_their_correlation(sd1, sd2, r):
    change = convert.sd_of_change(sd1, sd2, r)
    assert convert.correlation_from_sds(sd1, sd2, change.value).value == pytest.approx(r, abs=1e-8)


def test_sds_that_no_correlation_allows_are_refused():
    with pytest.raises(ValueError, match="would need a correlation"):
        convert.correlation_from_sds(3.1, 10.2, 2.0)


@given(st.lists(st.lists(st.floats(-100, 100), min_size=2, max_size=20), min_size=1, max_size=5))
def test_subgroups_combine_to_what_their_values_give(values):
    groups = [(len(v), float(np.mean(v)), float(np.std(v, ddof=1))) for v in values]
    found = convert.combined(groups)
    together = np.concatenate(values)
    assert found.n == together.size
    assert found.mean == pytest.approx(together.mean(), abs=1e-9)
    assert found.sd == pytest.approx(together.std(ddof=1), abs=1e-7)


@pytest.mark.parametrize(
    "call",
    [
        lambda: convert.sd_from_se(-1, 4),
        lambda: convert.se_from_interval(2, 1),
        lambda: convert.se_from_interval(-1, 1, log=True),
        lambda: convert.t_from_p(0),
        lambda: convert.se_from_p(1, 1),
        lambda: convert.combined([]),
        lambda: convert.combined([(0, 1, 1)]),
        lambda: convert.quantile(100),
        lambda: convert.sd_of_change(1, 1, 2),
        lambda: fivenumber.moments(Summary(20, a=3, m=2, b=5)),
        lambda: fivenumber.moments(Summary(4, a=1, m=2, b=5)),
        lambda: fivenumber.moments(Summary(20, m=2)),
        lambda: fivenumber.moments(Summary(20, a=2, m=2, b=2)),
    ],
)
def test_what_cannot_be_converted_is_refused_in_one_line(call):
    with pytest.raises(ValueError, match=r"\w") as raised:
        call()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("n", "expected"), [(5, 2.326), (10, 3.078), (25, 3.931), (50, 4.498)])
def test_expected_range_of_wan_2014_table_1(n, expected):
    # the paper's table is exact, its equation 9 an approximation good to two percent
    assert fivenumber._xi(n) == pytest.approx(expected, rel=0.02)


def normal_summary(n, **keep):
    """What a perfect normal sample (mean 50, SD 10) of this size prints."""
    at = {"a": 0.625 / (n + 0.25), "q1": 0.25, "m": 0.5, "q3": 0.75, "b": (n - 0.375) / (n + 0.25)}
    return Summary(n, **{name: 50 + 10 * float(stats.norm.ppf(at[name])) for name in keep.get("names", at)})


@pytest.mark.parametrize("method", ["luo-wan-shi", "wan", "quantile-estimation"])
@pytest.mark.parametrize("names", [("a", "m", "b"), ("q1", "m", "q3"), ("a", "q1", "m", "q3", "b")])
def test_normal_data_give_their_moments_back(method, names):
    found = fivenumber.moments(normal_summary(400, names=names), method=method)
    assert found.mean == pytest.approx(50, abs=0.05)
    # McGrath puts the extremes at 1/n, a little further in than where they are expected
    assert found.sd == pytest.approx(10, rel=0.06)
    assert not found.notes
    assert found.method


@pytest.mark.parametrize(
    ("summary", "mean", "sd"),
    [
        # worked by hand from the equations named in the result
        (
            Summary(25, a=2, m=10, b=30),
            4 / (4 + 25**0.75) * 16 + 25**0.75 / (4 + 25**0.75) * 10,
            28 / (2 * stats.norm.ppf(24.625 / 25.25)),
        ),
        (
            Summary(40, q1=8, m=12, q3=18),
            (0.7 + 0.39 / 40) * 13 + (0.3 - 0.39 / 40) * 12,
            10 / (2 * stats.norm.ppf(29.875 / 40.25)),
        ),
    ],
)
def test_luo_and_wan_by_hand(summary, mean, sd):
    found = fivenumber.moments(summary)
    assert found.mean == pytest.approx(mean, rel=1e-12)
    assert found.sd == pytest.approx(sd, rel=1e-12)
    assert "Luo 2018" in found.method
    assert "Wan 2014" in found.method


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        (stats.lognorm(0.6, scale=8), "log-normal"),
        (stats.gamma(2.0, scale=3), "gamma"),
        (stats.weibull_min(1.3, scale=9), "Weibull"),
    ],
)
def test_quantile_estimation_finds_the_shape(shape, name):
    n = 200
    a, q1, m, q3, b = shape.ppf([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    found = fivenumber.moments(Summary(n, a, q1, m, q3, b), method="quantile-estimation")
    assert name in found.method
    assert found.mean == pytest.approx(shape.mean(), rel=1e-5)
    assert found.sd == pytest.approx(shape.std(), rel=1e-5)


def test_skewed_data_are_told():
    found = fivenumber.moments(Summary(80, q1=1, m=2, q3=12))
    assert "look skewed" in found.notes[0]


def test_without_a_median_only_the_sd_is_had():
    found = fivenumber.moments(Summary(60, q1=10, q3=20))
    assert found.mean is None
    assert found.sd > 0


@given(
    st.lists(st.integers(-20, 60), min_size=5, max_size=5, unique=True),
    st.integers(5, 500),
    st.floats(0.1, 20),
    st.floats(-30, 30),
)
def test_shifting_and_scaling_carry_through(numbers, n, factor, shift):
    plain = fivenumber.moments(Summary(n, *sorted(numbers)))
    moved = fivenumber.moments(Summary(n, *(factor * x + shift for x in sorted(numbers))))
    assert moved.mean == pytest.approx(factor * plain.mean + shift, rel=1e-6, abs=1e-6)
    assert moved.sd == pytest.approx(factor * plain.sd, rel=1e-6, abs=1e-9)
