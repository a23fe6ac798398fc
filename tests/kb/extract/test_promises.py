"""Promises that hold for any text whatever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.extract import Passage, locate, read_passages, read_text
from kb.extract.normalise import lower, normalise
from kb.extract.tokens import lex
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()
NUMBERS = (
    "value",
    "percent",
    "events",
    "n",
    "sd",
    "se",
    "iqr_low",
    "iqr_high",
    "range_low",
    "range_high",
    "ci_low",
    "ci_high",
)

WORDS = """
    12 3.5 ·5 1,250 8 7·5% 41 0.62 95 ( ) [ ] , ; : . % ± - – − = < / vs versus and to of from by at in with without the
    was were CI SD SE IQR range n p HR OR respectively mean median no none group placebo Arm A mRSS survival deaths
    patients decreased change baseline week years 5-year follow-up Methods: Results: died four twenty-one
"""
PIECES = st.sampled_from([*WORDS.split(), "\n"])
SENTENCES = st.lists(PIECES, max_size=40).map(" ".join)


@given(st.one_of(st.text(max_size=200), SENTENCES))
def test_every_figure_has_its_place_and_holds_its_numbers(text: str):
    for figure in read_text(text, VOCABULARY):
        assert text[figure.start : figure.end] == figure.quote != ""
        held = {abs(t.value) for t in _tokens(figure.quote) if t.value is not None} | {0.0}
        for name in NUMBERS:
            number = getattr(figure, name)
            assert number is None or abs(number) in held, (name, figure)


@given(st.text(max_size=200))
def test_normalising_keeps_every_place(text: str):
    assert len(lower(normalise(text))) == len(text)


@given(st.lists(SENTENCES, max_size=3))
def test_passages_have_offsets_of_their_own(texts: list[str]):
    passages = [Passage("Results", text) for text in texts]
    read = read_passages(passages, VOCABULARY)
    assert len(read) == len(texts)
    for text, figures in zip(texts, read, strict=True):
        assert all(text[f.start : f.end] == f.quote for f in figures)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=4), SENTENCES)
def test_a_located_stretch_holds_all_keys(numbers: list[int], statement: str):
    keys = dict(zip(("value", "sd", "n", "events"), numbers, strict=False))
    place = locate(keys, statement)
    if place:
        held = {t.value for t in _tokens(statement[slice(*place)])} | {0.0}
        assert {float(number) for number in numbers} <= held


LOCATED = [
    (
        {"value": 13.29, "sd": 7.67, "n": 38},
        "After 3 years the mean was 13.29 (SD 7.67, n = 38) in 38 patients.",
        "13.29 (SD 7.67, n = 38",
    ),
    ({"events": 5, "n": 8}, "Stable in five of 8 patients at 5 years.", "five of 8"),
    ({"events": 10, "n": 10}, "Better at 12 months: 10 of 10.", "10 of 10"),
    ({"events": 10, "n": 10}, "All 10 were better.", "10"),
    ({"percent": 72.0}, "HRCT got no worse in 72.0% of them.", "72.0%"),
    ({"events": 0}, "No related adverse events were seen.", "No"),
    ({"value": -4.2}, "It fell by −4.2 points.", "−4.2"),
    ({"value": 4.2}, "Nothing like that stands here.", None),
]


@pytest.mark.parametrize(("keys", "statement", "stretch"), LOCATED)
def test_keyed_numbers_are_found_in_the_shortest_stretch(keys: dict[str, float], statement: str, stretch: str | None):
    place = locate(keys, statement)
    assert (statement[slice(*place)] if place else None) == stretch


def _tokens(text: str):
    plain = lower(normalise(text))
    return lex(plain, 0, len(plain))
