"""What escalc does with rows that are missing, impossible or unusual, and the symmetries every measure must have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.effects.escalc import MEASURES, BadColumn, MissingColumn, UnknownMeasure, escalc

TABLE = {"ai": [3.0, 5], "bi": [7.0, 15], "ci": [4.0, 6], "di": [6.0, 14]}
MEANS = {"m1i": [10.0, 12], "sd1i": [2.0, 3], "n1i": [20, 30], "m2i": [8.0, 11], "sd2i": [2.5, 2], "n2i": [25, 31]}
PAIR = {"m1i": [20.0, 18], "sd1i": [6.0, 5], "m2i": [15.0, 16], "sd2i": [7.0, 6], "ni": [30, 12], "ri": [0.6, 0.4]}


def spoiled(data, **changes):
    """The data with the first row changed."""
    return data | {name: [value, *list(data.get(name, [np.nan, 20.0]))[1:]] for name, value in changes.items()}


@pytest.mark.parametrize(
    ("measure", "data", "reason"),
    [
        ("RR", spoiled(TABLE, ai=None), "missing ai"),
        ("OR", {"ai": [3, 5], "n1i": [np.nan, 20], "ci": [4, 6], "n2i": [10, 20]}, "missing n1i"),
        ("RR", spoiled(TABLE, ci=-1), "negative ci"),
        ("RR", {"ai": [12, 5], "n1i": [10, 20], "ci": [4, 6], "n2i": [10, 20]}, "ai is larger than n1i"),
        ("RR", TABLE | {"n1i": [11, 20]}, "ai + bi is not n1i"),
        ("RD", spoiled(TABLE, ai=np.inf), "ai is not finite"),
        ("AS", spoiled(TABLE, ai=0, bi=0), "an arm without patients"),
        ("PHI", spoiled(TABLE, ai=0, ci=0), "a row or column of the table is empty"),
        ("MD", spoiled(MEANS, sd1i=0), "sd1i is not positive"),
        ("SMD", spoiled(MEANS, n2i=0), "n2i is not positive"),
        ("SMD", spoiled(MEANS, n1i=1, n2i=1), "too few patients: no degrees of freedom are left"),
        ("ROM", spoiled(MEANS, m1i=-10), "m1i and m2i do not have the same sign"),
        ("CVR", spoiled(MEANS, m2i=-8), "m2i is not positive"),
        ("MC", spoiled(PAIR, ri=np.nan), "missing ri"),
        ("MC", spoiled(PAIR, ri=1.2), "ri is outside -1 to 1"),
        ("SMCC", spoiled(PAIR, sd2i=-1), "negative sd2i"),
        ("SMCR", spoiled(PAIR, ni=1), "too few patients: no degrees of freedom are left"),
        ("IRR", {"x1i": [1, 2], "x2i": [3, 4], "t1i": [0, 10], "t2i": [10, 10]}, "t1i is not positive"),
        ("IR", {"xi": [-1, 2], "ti": [5, 6]}, "negative xi"),
        ("PR", {"xi": [5, 2], "ni": [4, 6]}, "xi is larger than ni"),
        ("PR", {"xi": [0, 2], "ni": [0, 6]}, "ni is not positive"),
        ("PLO", {"xi": [2, 2], "mi": [-1, 6]}, "negative mi"),
        ("PLO", {"xi": [2, 2], "mi": [1, 6], "ni": [4, 8]}, "xi + mi is not ni"),
        ("MNLN", {"mi": [-1, 2], "sdi": [1, 2], "ni": [5, 6]}, "mi is not positive"),
        ("ZCOR", {"ri": [1, 0.2], "ni": [20, 20]}, "a perfect correlation has no finite z"),
        ("ZCOR", {"ri": [0.5, 0.2], "ni": [3, 20]}, "ni is too small"),
    ],
)
def test_a_bad_row_is_dropped_with_a_reason_and_the_others_stay(measure, data, reason):
    found = escalc(measure, data)
    assert [d.row for d in found.dropped] == [1]
    assert reason in found.dropped[0].reason
    assert np.isnan(found.yi[0])
    assert np.isnan(found.vi[0])
    assert np.isfinite([found.yi[1], found.vi[1]]).all()


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ({}, "0.5 added to 1 row with a zero cell (only0): row 1"),
        ({"to": "all"}, "0.5 added to 2 rows (all): rows 1, 2"),
        ({"to": "if0all", "add": 0.1}, "0.1 added to 2 rows (if0all): rows 1, 2"),
    ],
)
def test_every_correction_of_zeros_is_told(options, note):
    assert note in escalc("OR", spoiled(TABLE, ai=0), **options).notes


@pytest.mark.parametrize(
    ("measure", "data", "note"),
    [
        ("RR", spoiled(TABLE, ai=2.5), "ai is not a whole number (kept as given): row 1"),
        ("OR", spoiled(TABLE, ai=0, bi=0), "an arm without patients: row 1"),
        ("MC", spoiled(PAIR, sd2i=0, ri=0), "sd2i is 0, so sd1i is taken as the SD of the change: row 1"),
        ("SMD", MEANS, "Hedges' exact small-sample factor applied"),
    ],
)
def test_what_is_unusual_is_told(measure, data, note):
    found = escalc(measure, data)
    assert note in found.notes
    assert not found.dropped


def test_drop00_names_its_rows():
    found = escalc("RR", spoiled(TABLE, ai=0, ci=0), drop00=True)
    assert [(d.row, d.reason) for d in found.dropped] == [(1, "no events, or only events, in both arms (drop00)")]


def test_a_given_correlation_fills_only_what_is_missing():
    found = escalc("MC", spoiled(PAIR, ri=np.nan), ri=0.5)
    assert found.notes == ("ri = 0.5 assumed in row 1",)
    assert found.vi[1] == escalc("MC", PAIR).vi[1]
    assert escalc("MD", MEANS, ri=0.5).notes == ("ri = 0.5 was given, but MD does not use it",)


@pytest.mark.parametrize(
    ("error", "words", "arguments", "options"),
    [
        (UnknownMeasure, "unknown measure LOR", ("LOR", TABLE), {}),
        (UnknownMeasure, "OR has the vtypes LS, AV, not UB", ("OR", TABLE), {"vtype": "UB"}),
        (UnknownMeasure, "to is one of only0, if0all, all, none, not some", ("OR", TABLE), {"to": "some"}),
        (MissingColumn, "RR wants the columns ai, bi, ci, di .*missing: bi, di", ("RR", {"ai": [1], "ci": [1]}), {}),
        (MissingColumn, "SMCR wants .*missing: ri", ("SMCR", {k: v for k, v in PAIR.items() if k != "ri"}), {}),
        (BadColumn, "column ai holds something that is not a number", ("RR", TABLE | {"ai": ["x", 1]}), {}),
        (BadColumn, "different lengths", ("RR", TABLE | {"ai": [1]}), {}),
        (ValueError, "from -1 to 1", ("MC", PAIR), {"ri": 2}),
        (ValueError, "from 0 on", ("OR", TABLE), {"add": -1}),
    ],
)
def test_a_wrong_request_is_one_clear_line(error, words, arguments, options):
    with pytest.raises(error, match=words) as raised:
        escalc(*arguments, **options)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("measure", "data", "expected"),
    [
        # worked examples of the escalc manual of metafor: p values with their sign
        ("SMD", {"pi": [-0.018], "n1i": [20], "n2i": [20]}, -0.7664),
        ("COR", {"pi": [-0.07], "ni": [30]}, -0.3354),
        ("SMCC", {"pi": [-0.018], "ni": [50]}, -0.3408),
    ],
)
def test_signed_p_values_stand_for_the_statistic(measure, data, expected):
    assert escalc(measure, data).yi[0] == pytest.approx(expected, abs=5e-5)


def test_cohens_d_and_t_stand_for_means():
    d = 2 / np.sqrt((19 * 4 + 24 * 6.25) / 43)
    from_means = escalc("SMD", MEANS)
    from_d = escalc("SMD", {"di": [d], "n1i": [20], "n2i": [25]})
    from_t = escalc("SMD", {"ti": [d / np.sqrt(1 / 20 + 1 / 25)], "n1i": [20], "n2i": [25]})
    assert from_d.yi[0] == pytest.approx(from_means.yi[0], rel=1e-13)
    assert from_t.vi[0] == pytest.approx(from_means.vi[0], rel=1e-13)


cell = st.integers(0, 60).map(float)
size = st.integers(4, 200).map(float)
mean = st.floats(1, 100)
sd = st.floats(0.5, 20)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "AS", "PETO", "PHI", "YUQ", "YUY", "PBIT", "OR2DN", "OR2DL"])
@given(table=st.tuples(cell, cell, cell, cell))
def test_swapping_the_arms_of_a_table_turns_the_sign(measure, table):
    a, b, c, d = table
    one = escalc(measure, {"ai": a, "bi": b, "ci": c, "di": d})
    other = escalc(measure, {"ai": c, "bi": d, "ci": a, "di": b})
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.vi, other.vi, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("measure", ["OR", "RD", "PETO", "YUQ"])
@given(table=st.tuples(cell, cell, cell, cell))
def test_swapping_events_and_non_events_turns_the_sign(measure, table):
    a, b, c, d = table
    one = escalc(measure, {"ai": a, "bi": b, "ci": c, "di": d})
    other = escalc(measure, {"ai": b, "bi": a, "ci": d, "di": c})
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "measure",
    ["MD", "SMD", "SMDH", "ROM", "VR", "CVR", "D2ORN", "D2ORL", "RPB", "RBIS"],
)
@given(one=st.tuples(mean, sd, size), other=st.tuples(mean, sd, size))
def test_swapping_the_groups_turns_the_sign(measure, one, other):
    def of(first, second):
        names = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
        return escalc(measure, dict(zip(names, (*first, *second), strict=True)))

    np.testing.assert_allclose(of(one, other).yi, -of(other, one).yi, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(of(one, other).vi, of(other, one).vi, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("measure", ["SMD", "SMDH", "SMD1", "VR", "D2ORN", "RPB"])
@given(one=st.tuples(mean, sd, size), other=st.tuples(mean, sd, size), factor=st.floats(0.1, 50))
def test_a_change_of_unit_changes_nothing(measure, one, other, factor):
    names = ("m1i", "sd1i", "m2i", "sd2i")
    data = dict(zip(names, (one[0], one[1], other[0], other[1]), strict=True))
    sizes = {"n1i": one[2], "n2i": other[2]}
    scaled = {name: value * factor for name, value in data.items()}
    plain, changed = escalc(measure, data | sizes), escalc(measure, scaled | sizes)
    np.testing.assert_allclose(plain.yi, changed.yi, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(plain.vi, changed.vi, rtol=1e-8)


@given(r=st.floats(-0.9, 0.9), n=st.integers(5, 3000).map(float))
def test_the_unbiased_correlation_is_odd_and_never_smaller(r, n):
    one, other = escalc("UCOR", {"ri": r, "ni": n}), escalc("UCOR", {"ri": -r, "ni": n})
    np.testing.assert_allclose(one.yi, -other.yi, rtol=1e-12)
    assert abs(r) <= abs(one.yi[0]) + 1e-15 <= 1 + 1e-12


@pytest.mark.parametrize("measure", ["PLN", "PLO", "PRZ", "PAS", "PFT"])
@given(n=st.integers(1, 400), share=st.floats(0, 1))
def test_proportions_come_back(measure, n, share):
    x = round(share * n)
    row = MEASURES[measure]
    found = row.back(escalc(measure, {"xi": x, "ni": n}, add=0).yi[0], *([n] if row.back_by else []))
    np.testing.assert_allclose(
        found,
        np.nan if measure in {"PLN", "PLO", "PRZ"} and x in {0, n} and not (measure == "PLN" and x == n) else x / n,
        atol=1e-9,
    )


@given(x=st.integers(0, 500), t=st.floats(0.5, 5000))
def test_rates_come_back(x, t):
    for measure in ("IR", "IRS", "IRFT"):
        row = MEASURES[measure]
        found = row.back(escalc(measure, {"xi": x, "ti": t}, add=0).yi[0], *([t] if row.back_by else []))
        np.testing.assert_allclose(found, x / t, rtol=1e-7, atol=1e-7)
