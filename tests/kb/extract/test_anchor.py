"""A quote of an old text finds its place in the new one by its exact characters, or has drifted. Never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.extract.anchor import Quote, anchor, occurrences

OLD = "The moss score was 12.5 at the start and 9.0 after a year. In ferns it was 12.5 too."


def quoted(words, text=OLD, turn=0):
    at = -1
    for _ in range(turn + 1):
        at = text.index(words, at + 1)
    return Quote(words, at, text)


def place(quote, sections, home="a"):
    found = anchor(quote, sections, home)
    return found and (found.section, found.start)


@pytest.mark.parametrize(
    ("words", "turn", "new", "at"),
    [
        ("9.0", 0, "After a year the score was 9.0 in moss.", 27),
        ("9.0", 0, "After a year the score was 8.0 in moss.", None),
        ("9.0", 0, "The score was 19.0, later 9.05, on plot x9.0.", None),
        ("12.5", 1, "In ferns it was 12.5 too. The moss score was 12.5 at the start.", 16),
        ("12.5", 0, "In ferns it was 12.5 too. The moss score was 12.5 at the start.", 45),
        ("12.5", 1, "Moss 12.5. Fern 12.5.", 16),
        ("12.5", 0, "Moss 12.5. Fern 12.5. Oak 12.5.", None),
        ("", 0, OLD, None),
    ],
    ids=["once", "gone", "in other numbers", "its surroundings", "turned round", "its turn", "no telling", "empty"],
)
def test_where_a_quote_stands_now(words, turn, new, at):
    assert place(quoted(words, turn=turn), {"a": new}) == (None if at is None else ("a", at))


def test_the_section_that_took_the_place_comes_first_and_then_the_others():
    sections = {"a": "Nothing here.", "b": "In a year 9.0.", "c": "9.0 twice."}
    assert place(quoted("9.0"), sections, "b") == ("b", 10)
    assert place(quoted("9.0"), {"a": "Nothing.", "b": "In a year 9.0."}) == ("b", 10)
    assert place(quoted("9.0"), {}, None) is None


def test_without_its_old_text_a_quote_is_found_only_where_it_stands_once():
    assert place(Quote("9.0"), {"a": "It was 9.0."}) == ("a", 7)
    assert place(Quote("9.0"), {"a": "It was 9.0, then 9.0."}) is None


@given(st.text("a1. ", max_size=12), st.text("a1. ", min_size=1, max_size=4), st.text("a1. ", max_size=12))
def test_a_place_that_is_found_holds_the_quote(before, words, after):
    new = before + words + after
    for at in occurrences(words, new):
        assert new[at : at + len(words)] == words
    found = anchor(Quote(words, 0, words), {"a": new})
    assert found is None or new[found.start : found.end] == words


@given(st.text("ab1. ", max_size=20), st.text("ab1. ", min_size=1, max_size=5), st.text("ab1. ", max_size=20))
def test_in_an_unchanged_text_a_quote_stays_or_is_told_to_have_gone(before, words, after):
    text = before + words + after
    found = anchor(Quote(words, len(before), text), {"a": text}, "a")
    assert found is None or found.start == len(before)
