"""What is skipped for speed holds nothing to read: sentences before tokens, tokens cut at spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.extract.spoken import Text
from kb.extract.tokens import NUMBER_WORDS, lex


@pytest.mark.parametrize("word", [*NUMBER_WORDS, "7", "88.5", "no", "none"])
def test_a_sentence_with_a_number_or_a_no_is_spoken(word: str) -> None:
    assert Text(f"Results: In the invented group {word} of them relapsed.", None).spoken


@pytest.mark.parametrize(
    "text", ["Results: Nobody in the treated group relapsed.", "Methods: We gave 20 mg to 9 people."]
)
def test_a_sentence_without_numbers_or_outside_the_results_is_not(text: str) -> None:
    assert Text(text, None).spoken == []


@given(st.lists(st.sampled_from(["age", "12.5%", "(n=30)", "1,200", "p<0.05,", "20-mg", ".5", "±", "x.", "3/4;"])))
def test_tokens_hold_their_places_whatever_stands_around_them(chunks: list[str]) -> None:
    text = "  ".join(chunks)
    tokens = lex(text, 0, len(text))
    assert [text[t.start : t.end] for t in tokens] == [t.text for t in tokens]
    assert "".join(t.text for t in tokens) == text.replace(" ", "")
    assert all(lex(text, t.start, t.end) == [t] for t in tokens if t.kind != "o")
