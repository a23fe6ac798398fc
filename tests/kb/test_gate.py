"""The quote gate: a figure is taken only where its quote stands and holds its numbers; what is wrong has a name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.extract.gate import Accepted, Refused, judge_json, judge_proposal
from kb.records import Figure

TEXT = "At week 24 the score was 12.3 ± 4.5 in the moss arm; 3 of 17 (17.6%) fell ill. It fell by 2.1 (−3.0 to −1.2)."
OTHER = "Later, 8.8 ± 1.0 was seen in both arms, and again 8.8 ± 1.0. Two of nine relapsed; no deaths."
TABLE = "Scores, mean (SD)\n\tMoss (n = 30)\tFern (n = 28)\nPain\t4.1 (1.1)\t5.2 (1.3)"
PAPER = {"a": TEXT, "b": OTHER, "t": TABLE}


def figure(quote, section="a", kind="mean", at=None, **keys):
    start = PAPER[section].index(quote) if at is None else at
    return {"kind": kind, "quote": quote, "start": start, "end": start + len(quote), **keys}


ACCEPTED = [
    ("a", figure("12.3 ± 4.5", value=12.3, sd=4.5)),
    ("a", figure("12.3 ± 4.5", at=0, value=12.3, sd=4.5)),  # stands once: placed
    ("a", figure("3 of 17 (17.6%)", kind="proportion", events=3, n=17, percent=17.6, value=17.6)),
    ("a", figure("2.1 (−3.0 to −1.2)", kind="change", value=-2.1, ci_low=-3.0, ci_high=-1.2)),  # the fall is told
    ("b", figure("Two of nine", "b", "proportion", events=2, n=9)),
    ("b", figure("no deaths", "b", "proportion", events=0)),
    ("b", figure("8.8 ± 1.0", "b", value=8.8, sd=1)),  # twice, but at its place
    ("t", figure("4.1 (1.1)", "t", value=4.1, sd=1.1, n=30)),  # n stands over the column
]


@pytest.mark.parametrize(("section", "item"), ACCEPTED)
def test_a_quote_that_holds_its_numbers_is_accepted(section, item):
    judged = judge_json(item, PAPER, section)
    assert isinstance(judged, Accepted)
    assert judged.section == section
    assert PAPER[section][judged.figure.start : judged.figure.end] == judged.figure.quote == item["quote"]


REFUSED = [
    ("misquoted", "section b", "a", figure("Two of nine", "b", "proportion", events=2, n=9)),
    ("misquoted", "2 times", "b", figure("8.8 ± 1.0", "b", at=3, value=8.8, sd=1.0)),
    ("altered", "no value 13.2", "a", figure("12.3 ± 4.5", value=13.2, sd=4.5)),
    ("altered", "no sd 5.4", "a", figure("12.3 ± 4.5", value=12.3, sd=5.4)),
    ("altered", "no percent 3", "a", figure("3 of 17", kind="proportion", events=3, n=17, percent=3.0)),
    ("altered", "no events 4", "a", figure("3 of 17", kind="proportion", events=4, n=17)),
    ("altered", "n 18", "a", figure("3 of 17", kind="proportion", events=3, n=18)),
    ("altered", "n 31", "t", figure("4.1 (1.1)", "t", value=4.1, sd=1.1, n=31)),
    ("altered", "minus", "a", figure("2.1 (−3.0 to −1.2)", kind="change", value=-2.1, ci_low=3.0, ci_high=-1.2)),
    ("altered", "no minus", "a", figure("12.3 ± 4.5", value=-12.3, sd=4.5)),
    ("altered", "p < 0.01", "a", figure("12.3 ± 4.5", value=12.3, p_value={"op": "<", "value": 0.01})),
    ("altered", "level", "a", figure("2.1 (−3.0 to −1.2)", kind="change", value=-2.1, ci_level=90)),
    ("invented", "nowhere", "a", figure("10.0 ± 2.0", at=3, value=10.0, sd=2.0)),
    ("invented", "prints '12.3 ± 4.5'", "a", figure("12.9 ± 4.5", at=25, value=12.9, sd=4.5)),
    ("malformed", "kind 'guess'", "a", figure("12.3 ± 4.5", kind="guess", value=12.3)),
    ("malformed", "no value", "a", figure("12.3 ± 4.5", sd=4.5)),
    ("malformed", "empty", "a", figure("", at=0, value=1)),
    ("malformed", "no section x", "x", figure("12.3 ± 4.5", value=12.3)),
    ("malformed", "value: '12.3'", "a", figure("12.3 ± 4.5", value="12.3")),
    ("malformed", "value: nan", "a", figure("12.3 ± 4.5", value=float("nan"))),
    ("malformed", "unknown keys", "a", figure("12.3 ± 4.5", value=12.3, colour="green")),
    ("malformed", "missing keys", "a", {"kind": "mean", "quote": "12.3 ± 4.5", "value": 12.3}),
    ("malformed", "timepoint", "a", figure("12.3 ± 4.5", value=12.3, timepoint="later")),
    ("malformed", "not list", "a", []),
]


@pytest.mark.parametrize(("kind", "reason", "section", "item"), REFUSED)
def test_what_is_refused_says_why(kind, reason, section, item):
    judged = judge_json(item, PAPER, section)
    assert isinstance(judged, Refused)
    assert judged.kind == kind
    assert reason in judged.reason


def test_without_a_section_the_whole_paper_is_searched():
    assert judge_json(figure("Two of nine", "b", "proportion", events=2, n=9), PAPER).section == "b"


@given(st.text(), st.text(min_size=1), st.integers(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_whatever_is_accepted_stands_there(text, quote, start, end, value):
    judged = judge_proposal(Figure("mean", quote, start, end, value=value), {"s": text})
    if isinstance(judged, Accepted):
        assert text[judged.figure.start : judged.figure.end] == quote


KEYS = st.sampled_from(["kind", "quote", "start", "value", "p_value", "timepoint"])
PLAIN = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_json_is_judged(item):
    assert isinstance(judge_json(item, PAPER, "a"), Accepted | Refused)


def test_every_annotated_figure_passes_and_every_changed_number_is_seen(shared):
    keys = {*Figure.__dataclass_fields__}
    for path in sorted((shared / "gold").glob("*.json")):
        article = json.loads(path.read_text(encoding="utf-8"))
        for annotated in article["figures"]:
            item = {key: value for key, value in annotated.items() if key in keys}
            assert isinstance(judge_json(item, {"s": article["text"]}, "s"), Accepted), item["quote"]
            key = next(k for k in ("value", "events", "percent") if item.get(k) is not None)
            changed = {**item, key: item[key] + 1000.5 if key != "events" else item[key] + 1001}
            judged = judge_json(changed, {"s": article["text"]}, "s")
            assert isinstance(judged, Refused), changed
            assert judged.kind == "altered"
