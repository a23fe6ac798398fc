"""What every plot promises: well-formed, nothing foreign, readable, every word escaped, no word upon another."""

import math
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from analysis import plots
from analysis.plots import svg
from analysis.plots.frame import Box, clear_labels, lanes, nice_ticks
from analysis.plots.trajectory import look

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script> & \"q\" ]]> \x00\x08\x1b\ud800 end"
TAMED = "<script>alert('x')</script> & \"q\" ]]> ���� end"
WIDTHS = (344, 640, 860)
Draw = Callable[..., str]


def forest(words: str, href: str | None, **named) -> str:
    rows = [
        plots.ForestRow(f"{words} {i}", -0.2 * i, -0.2 * i - 0.5, -0.2 * i + 0.6, 25.0, (words, "3/41"), href)
        for i in range(4)
    ]
    beside = [
        plots.ForestRow(words, 0.1, -math.inf, math.nan, None, (words, "1/2"), href, "left out", words),
        plots.ForestRow(words, 0.2, 0.1, 0.4, None, ("–", "–"), href, "comparator"),
        plots.ForestRow(words, 0.3, None, None, None, (), href, "no interval", words),
    ]
    axis = plots.Axis(words, 1, "exp", left=words, right=words)
    pooled = plots.Pooled(-0.3, -0.6, 0.0, -1.2, 0.6, words, model=f"{words} τ² = 0.10", href=href)
    return plots.forest(rows + beside, pooled, axis=axis, headers=("events", words), **named)


def trajectory(words: str, href: str | None, **named) -> str:
    points = ((0, 18.68, 7.26, 41), (12, 13.95, 8.49, 41), (36, 13.29, 7.67, 38), (60, 12.39, 8.49, 38))
    seed = tuple(plots.TrajectoryPoint(t, m, m - s, m + s, n, href, survivors_only=t > 12) for t, m, s, n in points)
    other = tuple(plots.TrajectoryPoint(t, m, m - s, m + s, 14, href) for t, m, s in ((0, 20.1, 3.1), (12, 13.8, 10.2)))
    bands = (plots.Band(0, 14, words), plots.Band(15, 29, words))
    measure = plots.Measure(words, 0, 51, 5, words, "lower", bands)
    series = [plots.TrajectorySeries(words, seed), plots.TrajectorySeries(f"{words} 2", other)]
    return plots.trajectory(series, measure=measure, **named)


def survival(words: str, _href: str | None, **named) -> str:
    at_risk = tuple((12.0 * i, 41 - i) for i in range(6))
    curve = plots.SurvivalSeries(words, (10, 25), (0.97, 0.95), (0.84, 0.8), (1.0, 0.99), (30, 60), at_risk)
    return plots.survival_curve([curve], time_label=words, value_label=words, note=words, **named)


def funnel(words: str, href: str | None, **named) -> str:
    points = [plots.FunnelPoint(f"{words} {i}", 0.1 * i, 0.1 + 0.05 * i, href, filled=i > 5) for i in range(8)]
    return plots.funnel(points, 0.3, axis=plots.Axis(words, 1, "exp"), **named)


def influence(words: str, _href: str | None, **named) -> str:
    diagnostics = [plots.Diagnostic(words, (0.1 * i, -2.5, None, math.nan), -1.96, 1.96) for i in range(5)]
    return plots.influence([f"{words} {i}" for i in range(4)], diagnostics, **named)


def baujat(words: str, href: str | None, **named) -> str:
    points = [plots.BaujatPoint(f"{words} {i}", i * 0.7, (i * 7 % 5) * 0.1, href) for i in range(9)]
    return plots.baujat(points, **named)


def traffic_light(words: str, href: str | None, **named) -> str:
    domains = [plots.Domain(f"D{i}", f"{words} {i}") for i in range(12)]
    cells = tuple(plots.Assessment(judgement, words) for judgement in plots.JUDGEMENTS)
    return plots.traffic_light([plots.BiasRow(words, (*cells, None), href)] * 3, domains, **named)


PLOTS: dict[str, Draw] = {
    each.__name__: each for each in (forest, trajectory, survival, funnel, influence, baujat, traffic_light)
}
every_plot = pytest.mark.parametrize("draw", PLOTS.values(), ids=PLOTS)
every_width = pytest.mark.parametrize("width", WIDTHS)


def drawn(draw: Draw, words: str = "Study of skin", href: str | None = "/-/study/1", **named) -> etree._Element:
    return etree.fromstring(draw(words, href, **{"plot_id": "p1", "title": words, "description": words, **named}))


def text_boxes(root: etree._Element) -> list[tuple[str, Box]]:
    """Where each line of text stands, by its own attributes."""
    found = []
    for each in root.iter(f"{SVG}text"):
        words = (each.text or "") + "".join(child.tail or "" for child in each)
        size = float(each.get("font-size", svg.SIZE))
        width = svg.text_width(words, size, bold=each.get("font-weight") == "bold")
        left = float(each.get("x")) - {"end": width, "middle": width / 2}.get(each.get("text-anchor"), 0)
        found.append((words, Box(left, float(each.get("y")) - 0.72 * size, width, 0.9 * size)))
    return found


@every_plot
@every_width
@pytest.mark.parametrize("words", ["Study", "A study whose name goes on and on " * 3, "Überlänge" * 12, "研究" * 30])
def test_no_text_touches_another_or_leaves_the_plot(draw, width, words):
    root = drawn(draw, words, width=width)
    boxes = text_boxes(root)
    high = float(root.get("viewBox").split()[3])
    outside = [w for w, box in boxes if box.x < -1 or box.right > width + 1 or box.y < 0 or box.bottom > high]
    assert outside == []
    assert [(a, b) for (a, one), (b, two) in combinations(boxes, 2) if one.overlaps(two)] == []


@every_plot
@every_width
def test_names_itself_to_a_screen_reader(draw, width):
    root = drawn(draw, "Skin", width=width, description="What it shows")
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == ("p1-title", "p1-desc")
    title, desc = root[0], root[1]
    assert (title.tag, title.text, title.get("id")) == (f"{SVG}title", "Skin", "p1-title")
    assert (desc.tag, desc.text, desc.get("id")) == (f"{SVG}desc", "What it shows", "p1-desc")


@every_plot
def test_an_image_without_links_and_a_group_with_them(draw):
    assert drawn(draw, href=None).get("role") == "img"
    linked = drawn(draw)
    names = [each.get("aria-label") for each in linked.iter(f"{SVG}a")]
    assert linked.get("role") == ("group" if names else "img")
    assert all(names)


@every_plot
@every_width
def test_brings_nothing_a_strict_content_policy_refuses(draw, width):
    root = drawn(draw, width=width)
    attributes = {name for each in root.iter() for name in each.attrib}
    assert not {each.tag for each in root.iter()} & {f"{SVG}{name}" for name in ("script", "style", "image", "use")}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}
    assert {each.get("href") for each in root.iter(f"{SVG}a")} <= {"/-/study/1"}


@every_plot
@every_width
def test_text_is_never_under_eleven_pixels(draw, width):
    root = drawn(draw, width=width)
    assert root.get("viewBox").split()[2] == str(width)
    assert min(float(each.get("font-size", svg.SIZE)) for each in root.iter()) >= 11


@every_plot
@every_width
def test_hostile_words_stay_words(draw, width):
    root = drawn(draw, HOSTILE, width=width)
    assert root[0].text == TAMED
    assert not list(root.iter("{*}script"))


@every_plot
def test_ids_grow_from_the_one_given(draw):
    ids = [each.get("id") for each in drawn(draw, plot_id="mrss-12").iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("mrss-12") for each in ids)


@every_plot
def test_the_same_numbers_give_the_same_plot(draw):
    named = {"plot_id": "p", "title": "t", "description": "d"}
    assert draw("Study", "/x", **named) == draw("Study", "/x", **named)


@every_plot
def test_the_title_can_be_left_to_the_page(draw):
    for show_title in (True, False):
        printed = [words for words, _ in text_boxes(drawn(draw, title="Skin over time", show_title=show_title))]
        assert ("Skin over time" in printed) is show_title


@pytest.mark.parametrize("plot_id", ["", "1a", "a b", 'a"b', "a<b", "é"])
def test_an_id_that_could_break_out_is_refused(plot_id):
    with pytest.raises(ValueError, match="an id is a letter"):
        drawn(survival, plot_id=plot_id)


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "data:text/html,x", "//elsewhere.org", "/\\elsewhere.org", "a b", " /x", "x:y", "/a\nb"],
)
def test_a_link_to_a_script_or_a_foreign_scheme_is_refused(href):
    with pytest.raises(ValueError, match="a link goes to"):
        drawn(forest, href=href)


@pytest.mark.parametrize("href", ["/-/figure/12", "?months=12", "#row", "https://doi.org/10.1000/x", "./a", "../a"])
def test_paths_and_web_addresses_are_links(href):
    assert {each.get("href") for each in drawn(forest, href=href).iter(f"{SVG}a")} == {href}


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [
        (-4.7349, 2, "−4.73"), (0.0, 2, "0.00"), (-0.0, 1, "0.0"), (0.003, 2, "0.003"), (-0.003, 2, "−0.003"),
        (1e-9, 2, "1.0×10⁻⁹"), (2.5e8, 1, "2.5×10⁸"), (math.inf, 2, "∞"), (-math.inf, 2, "−∞"), (math.nan, 2, "?"),
        (999999.4, 0, "999999"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_reading(value, decimals, words):
    assert svg.number(value, decimals) == words


def test_a_coordinate_that_is_not_finite_is_an_error():
    with pytest.raises(ValueError, match="finite"):
        svg.length(math.nan)


@given(st.text(max_size=200), st.integers(30, 400), st.integers(1, 4))
def test_wrapped_lines_fit(words, width, lines):
    broken = svg.wrap(words, width, lines=lines)
    assert len(broken) <= lines
    assert all(svg.text_width(each) <= width for each in broken)


@given(st.text())
def test_any_text_survives_as_xml(words):
    element = etree.fromstring(svg.render(svg.node("text", words, label=words)))
    assert len(element) == 0


@given(st.floats(-1e4, 1e4), st.floats(1e-2, 1e6))
def test_ticks_are_few_and_inside(low, width):
    ticks = nice_ticks(low, low + width)
    assert 2 <= len(ticks) <= 8
    assert all(low - width * 1e-6 <= tick <= low + width * (1 + 1e-6) for tick in ticks)


def test_labels_that_would_touch_are_left_out_or_moved_down():
    assert clear_labels([0, 5, 60], ["first", "second", "third"]) == (True, False, True)
    assert lanes([0, 5, 60], ["first", "second", "third"]) == (0, 1, 0)


def contrast(one: str, other: str) -> float:
    """Contrast of two sRGB colours, WCAG 2.2."""
    light = sorted((luminance(each) for each in (one, other)), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def blend(ink: str, paper: str, opacity: float) -> str:
    pairs = ((int(ink[i : i + 2], 16), int(paper[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in pairs)


@pytest.mark.parametrize("colour", [c for c in svg.SERIES_COLOURS if c != svg.INK])
@pytest.mark.parametrize("paper", ["#ffffff", "#15181c"])
def test_marks_stand_out_on_light_and_dark(colour, paper):
    assert contrast(colour, paper) >= 3


@pytest.mark.parametrize(("ink", "paper"), [("#222222", "#ffffff"), ("#d6d9dd", "#15181c")])
@pytest.mark.parametrize("opacity", [svg.MUTED, svg.GREYED])
def test_faint_text_is_still_readable(ink, paper, opacity):
    assert contrast(blend(ink, paper, opacity), paper) >= 4.5


@pytest.mark.parametrize("judgement", plots.JUDGEMENTS)
def test_symbols_are_readable_on_their_fill(judgement):
    _, fill = plots.JUDGEMENTS[judgement]
    assert fill is None or contrast(svg.BLACK, fill) >= 4.5


def test_no_two_series_share_colour_marker_and_dash():
    looks = [look(i) for i in range(30)]
    assert len(set(looks)) == 30
    assert all(len({seen[part] for seen in looks[:5]}) == 5 for part in range(3))
