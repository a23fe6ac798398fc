"""Curves, funnels, panels and traffic lights put each number where it belongs."""

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from analysis import plots
from analysis.plots.bias import bias_layout
from analysis.plots.frame import Box, Scale
from analysis.plots.funnel import funnel_frame
from analysis.plots.influence import label_places, panels, stands_out
from analysis.plots.survival import level, steps
from analysis.plots.trajectory import month_ticks, value_limits

SVG = "{http://www.w3.org/2000/svg}"
SKIN = plots.Measure("mRSS", 0, 51, 5, "a source", "lower")
SEED = plots.TrajectorySeries(
    "Umbilical cord cells 2024",
    tuple(
        plots.TrajectoryPoint(t, m, m - s, m + s, n, f"/-/figure/{t}", survivors_only=n < 41)
        for t, m, s, n in ((0, 18.68, 7.26, 41), (12, 13.95, 8.49, 41), (36, 13.29, 7.67, 38), (60, 12.39, 8.49, 38))
    ),
)
NAMED = {"plot_id": "p", "title": "Plot", "description": "Shows numbers"}


def parse(markup):
    return etree.fromstring(markup)


def words_of(root) -> str:
    return " ".join(root.itertext()).replace("\N{NO-BREAK SPACE}", " ")


def clipped(root):
    return [each for each in root.iter(f"{SVG}polygon") if each.get("class") == "clipped"]


@pytest.mark.parametrize("width", [344, 860])
def test_a_trajectory_prints_every_mean_and_n_and_links_every_point(width):
    root = parse(plots.trajectory([SEED], measure=SKIN, width=width, **NAMED))
    for printed in ("18.68 (41)", "13.95 (41)", "13.29 (38)", "12.39 (38)", "MCID", "Scale 0–51, lower is better"):
        assert printed in words_of(root)
    assert [each.get("href") for each in root.iter(f"{SVG}a")] == [f"/-/figure/{t}" for t in (0, 12, 36, 60)]


def test_points_of_survivors_are_hollow():
    root = parse(plots.trajectory([SEED], measure=SKIN, **NAMED))
    marks = [each[-1] for each in root.iter(f"{SVG}a")]
    assert [each.get("fill") == "none" for each in marks] == [False, False, True, True]
    assert "Hollow points: survivors only" in words_of(root)


def test_bars_beyond_the_scale_end_in_arrows():
    points = (plots.TrajectoryPoint(0, 5, -12, 60, 9), plots.TrajectoryPoint(1, 5, math.nan, 9))
    wide = plots.TrajectorySeries("Wide", points)
    assert len(clipped(parse(plots.trajectory([wide], measure=SKIN, **NAMED)))) == 3


@pytest.mark.parametrize(
    ("means", "expected"), [([18.7, 12.4], (0.0, 18.95)), ([45.0, 49.0], (44.84, 49.16)), ([], (0.0, 1.0))]
)
def test_values_stay_within_the_scale(means, expected):
    series = plots.TrajectorySeries("", tuple(plots.TrajectoryPoint(i, m) for i, m in enumerate(means)))
    assert value_limits([series], SKIN) == pytest.approx(expected, abs=0.01)


def test_months_are_those_measured_or_round_ones():
    assert month_ticks([SEED]) == (0, 12, 36, 60)
    many = plots.TrajectorySeries("", tuple(plots.TrajectoryPoint(m, 1.0) for m in range(0, 61, 4)))
    assert month_ticks([many]) == (0, 12, 24, 36, 48, 60)


def test_nothing_measured_is_said():
    for empty in (
        plots.trajectory([], measure=SKIN, **NAMED),
        plots.survival_curve([], **NAMED),
        plots.funnel([], None, axis=plots.Axis("RR", 1, "exp"), **NAMED),
        plots.influence([], [], **NAMED),
        plots.baujat([], **NAMED),
        plots.traffic_light([], [], **NAMED),
    ):
        assert "No study to show" in words_of(parse(empty))


def test_survival_falls_in_steps_and_prints_the_numbers_at_risk():
    at_risk = ((0, 41), (12, 37), (24, 35))
    curve = plots.SurvivalSeries("Cells", (10, 25), (0.9, 0.8), (0.7, None), (1.0, None), (30,), at_risk)
    assert steps(curve.times, curve.survival, 30) == ((0, 1), (10, 1), (10, 0.9), (25, 0.9), (25, 0.8), (30, 0.8))
    assert [level(curve, t) for t in (0, 10, 24, 25, 99)] == [1.0, 0.9, 0.9, 0.8, 0.8]
    words = words_of(parse(plots.survival_curve([curve], **NAMED)))
    assert all(each in words for each in ("41", "37", "35", "Cells: 80.0 % at 30"))


def test_a_curve_whose_times_and_values_differ_in_number_is_refused():
    with pytest.raises(ValueError, match="zip"):
        plots.survival_curve([plots.SurvivalSeries("", (1, 2), (0.9,))], **NAMED)


def test_a_funnel_places_points_by_estimate_and_error():
    points = [plots.FunnelPoint("a", 0.0, 0.1), plots.FunnelPoint("b", 0.4, 0.3), plots.FunnelPoint("c", 0.2, math.inf)]
    axis = plots.Axis("Log odds", 0)
    frame = funnel_frame(points, 0.2, axis, width=640, top=20)
    assert frame.y(0) == 20
    assert frame.x.low <= 0.2 - 1.96 * 0.3
    root = parse(plots.funnel(points, 0.2, axis=axis, **NAMED))
    assert "b: 0.40, standard error 0.300" in words_of(root)
    assert "Without a finite place: c." in words_of(root)


def test_contours_of_a_funnel_are_those_of_a_z_test():
    axis = plots.Axis("d", 0, low=-4, high=4)
    root = parse(plots.funnel([plots.FunnelPoint("a", 0.0, 1.0)], None, axis=axis, **NAMED))
    per_unit = (640 - 14 - float(root.find(f".//{SVG}clipPath/{SVG}rect").get("x"))) / 8
    widths = []
    for each in root.iter(f"{SVG}polygon"):
        left, _, right = (float(corner.split(",")[0]) for corner in each.get("points").split())
        widths.append((right - left) / 2 / per_unit / 1.06)
    assert widths == pytest.approx([2.5758, 1.9600, 1.6449], abs=2e-3)


@pytest.mark.parametrize(("value", "loud"), [(2.0, True), (-2.0, True), (1.9, False), (None, False), (math.nan, False)])
def test_a_diagnostic_beyond_its_limits_stands_out(value, loud):
    assert stands_out(plots.Diagnostic("rstudent", (value,), -1.96, 1.96), value) is loud


def test_a_diagnostic_with_a_value_too_few_is_refused():
    with pytest.raises(ValueError, match="zip"):
        plots.influence(["a", "b"], [plots.Diagnostic("hat", (0.1,))], **NAMED)


@given(st.integers(0, 30), st.integers(1, 9), st.integers(320, 1100))
@settings(deadline=None)
def test_panels_lie_apart_and_inside(studies, count, width):
    diagnostics = [plots.Diagnostic("hat", (0.1,) * studies)] * count
    boxes, bottom = panels([f"Study {i}" for i in range(studies)], diagnostics, width=width, top=30)
    assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert all(box.right <= width and box.bottom <= bottom for box in boxes)


@given(st.lists(st.tuples(st.floats(50, 600), st.floats(20, 300)), max_size=25))
@settings(deadline=None)
def test_labels_of_a_scatter_cover_neither_points_nor_labels(spots):
    frame = Box(40, 10, 580, 310)
    found = [box for box in label_places(spots, [f"Study {i}" for i in range(len(spots))], frame) if box]
    assert all(frame.holds(box) for box in found)
    assert not [1 for a, b in combinations(found, 2) if a.overlaps(b)]
    assert not [1 for box in found for x, y in spots if box.overlaps(Box(x - 5, y - 5, 10, 10))]


@given(st.integers(0, 20), st.integers(1, 14), st.integers(320, 1100), st.text(max_size=80))
@settings(deadline=None)
def test_cells_of_a_traffic_light_lie_apart_and_inside(studies, count, width, label):
    rows = [plots.BiasRow(label, ())] * studies
    layout = bias_layout(rows, [plots.Domain(f"D{i}", "") for i in range(count)], width=width, top=30)
    boxes = [*layout.labels, *(cell for row in layout.cells for cell in row)]
    assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert all(box.right <= width + 0.01 and box.bottom <= layout.bottom for box in boxes)


def test_each_light_says_study_domain_judgement_and_support():
    rows = [plots.BiasRow("Cells 2024", (plots.Assessment("serious", "one arm, no control"), None))]
    domains = [plots.Domain("D1", "confounding"), plots.Domain("D2", "missing")]
    words = words_of(parse(plots.traffic_light(rows, domains, **NAMED)))
    assert "Cells 2024, confounding: serious. one arm, no control" in words
    assert "Cells 2024, missing: does not apply" in words


def test_an_unknown_judgement_is_an_error():
    with pytest.raises(KeyError, match="fine"):
        plots.traffic_light([plots.BiasRow("a", (plots.Assessment("fine"),))], [plots.Domain("D1", "")], **NAMED)


def test_a_scale_puts_what_lies_outside_on_its_end():
    scale = Scale(0, 10, 100, 200)
    assert [scale(v) for v in (-5, 0, 5, 10, 99, -math.inf, math.inf)] == [100, 100, 150, 200, 200, 100, 200]
