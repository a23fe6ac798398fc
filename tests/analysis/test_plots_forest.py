"""The forest plot shows every number of every row, in its place, and never a diamond where there is no pool."""

import math
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from analysis.plots.axis import Axis, axis_ticks, limits, position, shown
from analysis.plots.forest import COMPARATORS, LEFT_OUT, ForestRow, Pooled, forest, forest_lines
from analysis.plots.forest_layout import forest_columns, forest_layout

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("Study", "Estimate", "95% CI", "Weight")
CHANGE = Axis("Change in skin score (points)", 0)
ONE = ForestRow("Umbilical cord cells 2024", -4.73, -7.2, -2.26, None, ("41",), "/-/figure/1")
TWO = (ForestRow("First", -1.0, -2.0, 0.0, 60.0), ForestRow("Second", 0.5, -1.0, 2.0, 40.0))
POOL = Pooled(-0.4, -1.4, 0.6, -2.5, 1.7, model="REML: τ² = 0.31, I² = 22 %")
number = st.one_of(st.none(), st.floats(), st.floats(-5, 5))
states = st.sampled_from(["included", "left out", "comparator", "no interval"])
rows_of_any_kind = st.lists(
    st.builds(
        ForestRow, label=st.text(max_size=90), estimate=number, ci_low=number, ci_high=number,
        weight=st.one_of(st.none(), st.floats(0, 100)), columns=st.tuples(st.text(max_size=30)), state=states,
        reason=st.one_of(st.none(), st.text(max_size=120)),
    ),
    max_size=12,
)  # fmt: skip
transforms = st.sampled_from(["identity", "exp", "percent", "logit-percent"])


def draw(rows, pooled=None, *, axis=CHANGE, width=860, **named) -> etree._Element:
    words = {"plot_id": "f", "title": "Forest", "description": "Effects", **named}
    return etree.fromstring(forest(rows, pooled, axis=axis, width=width, **words))


def words_of(root) -> str:
    return " ".join(root.itertext())


def layout(rows, pooled, width, axis=CHANGE):
    lines = forest_lines(rows, pooled, axis)
    columns = forest_columns(lines, ("n",), NAMES, width)
    return forest_layout(lines, ("n",), columns, width=width, top=40, foot=64)


def bcg(reference):
    """The 13 trials of Colditz et al. (1994), JAMA 271:698, with weights of the REML model."""
    found = reference("rma_uni_bcg_RR")
    data, results = found["data"], found["results"]
    effects, model, predicted = results["effect_sizes"], results["rma_REML_z"], results["predict_REML_z"]
    inverse = [1 / (v + model["tau2"]) for v in effects["vi"]]
    rows = [
        ForestRow(f"{a} {year}", y, y - 1.96 * v**0.5, y + 1.96 * v**0.5, 100 * w / sum(inverse), (str(n),))
        for a, year, y, v, w, n in zip(
            data["author"], data["year"], effects["yi"], effects["vi"], inverse, data["tpos"], strict=True
        )
    ]
    return rows, Pooled(
        model["beta"][0], model["ci.lb"][0], model["ci.ub"][0], predicted["pi.lb"][0], predicted["pi.ub"][0]
    )


@pytest.mark.parametrize("width", [344, 860])
def test_colditz_1994_every_number_is_printed(reference, width):
    rows, pooled = bcg(reference)
    words = words_of(draw(rows, pooled, axis=Axis("Risk ratio", 1, "exp"), width=width, headers=("cases",)))
    for row in rows:
        for value in (row.estimate, row.ci_low, row.ci_high):
            assert f"{math.exp(value):.2f}" in words
        assert row.label in words
        assert f"{row.weight:.1f} %" in words
    assert all(each in words for each in ("0.49", "0.34 to 0.70", "0.15 to 1.55"))


def test_squares_grow_with_weight_and_stand_at_their_estimate(reference):
    rows, pooled = bcg(reference)
    axis = Axis("Risk ratio", 1, "exp")
    squares = list(draw(rows, pooled, axis=axis).iter(f"{SVG}rect"))
    by_weight = sorted(zip(squares, rows, strict=True), key=lambda pair: pair[1].weight)
    sides = [float(square.get("width")) for square, _ in by_weight]
    centres = [float(s.get("x")) + float(s.get("width")) / 2 for s in squares]
    assert sides == sorted(sides)
    assert sorted(range(13), key=centres.__getitem__) == sorted(range(13), key=lambda i: rows[i].estimate)


def test_one_study_is_shown_without_a_diamond():
    root = draw([ONE])
    assert not list(root.iter(f"{SVG}polygon"))
    assert "−4.73" in words_of(root)
    with pytest.raises(ValueError, match="at least two"):
        draw([ONE], POOL)


def test_a_pool_of_two_has_a_diamond_a_prediction_interval_and_its_model():
    root = draw(TWO, POOL)
    assert len(list(root.iter(f"{SVG}polygon"))) == 1
    assert all(each in words_of(root) for each in ("Prediction interval", "−2.50 to 1.70", "τ² = 0.31"))


def test_left_out_and_comparators_stand_apart_below_the_pool():
    rows = [
        ForestRow("Beside", 1.0, 0.5, 1.5, state="comparator"),
        ForestRow("Twin", -1.0, -2.0, 0.0, state="left out", reason="same patients as First"),
        *TWO,
    ]
    lines = [line.label for line in forest_lines(rows, POOL, CHANGE)]
    pool = ["Pooled", "Prediction interval", POOL.model]
    assert lines == ["First", "Second", *pool, LEFT_OUT, "Twin", COMPARATORS, "Beside"]
    root = draw(rows, POOL)
    greyed = [each for each in root.iter(f"{SVG}g") if each.get("class") == "aside"]
    assert "same patients as First" in words_of(greyed[0])
    assert all(text.get("fill-opacity") for text in greyed[0].iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("low", "high", "arrows", "words"),
    [
        (-math.inf, 0.5, 1, "−∞ to 0.50"),
        (-0.5, math.inf, 1, "−0.50 to ∞"),
        (math.nan, math.nan, 2, "? to ?"),
        (None, 0.5, 1, "? to 0.50"),
        (-400.0, 300.0, 2, "−400.00 to 300.00"),
        (-0.5, 0.5, 0, "−0.50 to 0.50"),
        (None, None, 0, "no interval"),
    ],
)
def test_a_bound_that_goes_on_or_is_unknown_ends_in_an_arrow(low, high, arrows, words):
    root = draw([*TWO, ForestRow("Third", 0.0, low, high)])
    assert len([each for each in root.iter(f"{SVG}polygon") if each.get("class") == "clipped"]) == arrows
    assert words in words_of(root)


def test_an_estimate_without_a_place_is_written_but_not_drawn():
    root = draw([ForestRow("Nothing happened", -math.inf, -math.inf, 2.0)], axis=Axis("Odds", 1, "exp"))
    assert not list(root.iter(f"{SVG}rect"))
    assert "0.00 to 7.39" in words_of(root)


@pytest.mark.parametrize("width", [344, 860])
def test_no_rows_say_so(width):
    root = draw([], width=width)
    assert "No study to show" in words_of(root)


@pytest.mark.parametrize("width", [344, 860])
def test_sixty_rows_stand_one_below_the_other(width):
    rows = [ForestRow(f"Study {i}", math.sin(i), -3.0, 3.0, 100 / 60, ("12",)) for i in range(60)]
    placed = layout(rows, Pooled(0, -1, 1), width).lines
    assert all(above.box.bottom <= below.box.y for above, below in pairwise(placed))
    assert all(line.box.y <= line.centre <= line.box.bottom for line in placed)


def test_a_long_label_is_cut_with_its_whole_text_as_tooltip():
    label = "An uncommonly long name of a study that nobody would ever want to print in full anywhere at all " * 2
    root = draw([ForestRow(label.strip(), 1.0, 0.0, 2.0)])
    cut = [each for each in root.iter(f"{SVG}text") if "…" in "".join(each.itertext())]
    assert len(cut) == 1
    assert cut[0][0].text == label.strip()


@given(rows_of_any_kind, st.integers(320, 1100), transforms)
@settings(max_examples=80, deadline=None)
def test_any_rows_give_a_plot_whose_boxes_lie_apart(rows, width, transform):
    axis = Axis("Effect", 1 if transform == "exp" else 0, transform)
    found = layout(rows, None, width, axis)
    assert not [1 for a, b in combinations([each.box for each in found.lines], 2) if a.overlaps(b)]
    assert all(each.box.x >= 0 and each.box.right <= width for each in found.lines)
    assert len([each for each in found.lines if each.line.kind in ("study", "aside")]) == len(rows)
    draw(rows, axis=axis, width=width)


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.floats())] * 3), max_size=8), transforms)
def test_the_axis_is_finite_and_holds_what_can_be_drawn(intervals, transform):
    axis = Axis("Effect", None, transform)
    low, high = limits(axis, intervals)
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    places = [position(axis, e) for e, _, _ in intervals if e is not None]
    assert all(low <= place <= high for place in places if abs(place) < 1e12)


@pytest.mark.parametrize(
    ("transform", "value", "place", "reader"),
    [
        ("identity", -4.73, -4.73, -4.73),
        ("exp", math.log(2), math.log(2), 2.0),
        ("percent", 38 / 41, 92.6829268292683, 92.6829268292683),
        ("logit-percent", math.log(38 / 3), 92.6829268292683, 92.6829268292683),
        ("logit-percent", -math.inf, 0.0, 0.0),
        ("exp", 1e4, math.inf, math.inf),
        ("exp", -math.inf, -math.inf, 0.0),
    ],
)
def test_transforms_give_the_readers_units(transform, value, place, reader):
    axis = Axis("", transform=transform)
    assert position(axis, value) == pytest.approx(place, rel=1e-12)
    assert shown(axis, value) == pytest.approx(reader, rel=1e-12)


def test_ratios_get_round_ticks_on_a_log_axis():
    axis = Axis("Risk ratio", 1, "exp")
    places, labels = axis_ticks(axis, math.log(0.09), math.log(11))
    assert labels == ("0.1", "0.2", "0.5", "1", "2", "5", "10")
    assert places == pytest.approx([math.log(float(each)) for each in labels])


@given(st.floats(-590, 590), st.floats(1e-6, 600), st.sampled_from([4, 6]))
def test_ratio_ticks_are_few_positive_and_inside(low, width, count):
    places, labels = axis_ticks(Axis("Risk ratio", 1, "exp"), low, min(low + width, 599), count)
    assert 1 <= len(labels) <= 2 * count
    assert all(low <= place <= low + width for place in places)


@pytest.mark.parametrize("wrong", [{"null": 0}, {"low": -1}, {"ticks": (0, 1)}])
def test_a_ratio_axis_takes_positive_numbers_only(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        draw([ONE], axis=Axis("Risk ratio", transform="exp", **wrong))


def test_given_ticks_and_limits_are_kept():
    axis = Axis("Alive (%)", None, "percent", ticks=(0, 50, 100), low=0, high=100)
    low, high = limits(axis, [(0.9, 0.8, 0.98)])
    assert (low, high) == (0, 100)
    assert axis_ticks(axis, low, high)[1] == ("0", "50", "100")
