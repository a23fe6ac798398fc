"""What screeners' decisions come to, which documents are one record, and what relevance is learned from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.evidence import relevance
from kb.evidence.flow import works
from kb.evidence.screening import FULL_TEXT, TITLE_ABSTRACT, Outcome, disclosed, independent, people, settle
from kb.records import Vote


def votes(words):
    """``ann+ ben-animals eva!+``: include, exclude for a reason, ? unsure; ! an adjudicator."""
    found = []
    for word in words.split():
        name, role = (word[:3], "adjudicator") if word[3] == "!" else (word[:3], "reviewer")
        said = word[3:].removeprefix("!")
        decision = {"+": "include", "-": "exclude", "?": "unsure"}[said[0]]
        found.append(Vote(name, decision, said[1:] or None, role))
    return found


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        ("", None, None),
        ("ann+", None, None),
        ("ann+ ann-a ann+", None, None),
        ("ann+ ben+", "include", "include"),
        ("ann-a ben-a", "exclude", "exclude"),
        ("ann-a ben-b", "exclude", "conflict"),
        ("ann+ ben-a", "conflict", "conflict"),
        ("ann+ ben?", "include", "conflict"),
        ("ann? ben?", "include", "conflict"),
        ("ann? ben-a", "conflict", "conflict"),
        ("ann+ ben-a ben+", "include", "include"),
        ("ann+ ben-a eva!-b", "exclude", "exclude"),
        ("ann+ ben-a eva!-b eva!+", "include", "include"),
        ("ann+ ben-a eva!-b ann-a", "exclude", "exclude"),
    ],
)
def test_outcome_of_two_screeners(words, first, second):
    said = votes(words)
    assert settle(said, TITLE_ABSTRACT, 2).state == first
    assert settle(said, FULL_TEXT, 2).state == second


def test_the_first_screener_s_reason_stands_at_title_and_abstract():
    assert settle(votes("ann-a ben-b"), TITLE_ABSTRACT, 2) == Outcome("exclude", "a")
    assert settle(votes("ann+ ben-b eva!-c"), FULL_TEXT, 2) == Outcome("exclude", "c")


def test_one_screener_is_enough_where_the_topic_says_so():
    assert settle(votes("ann-a"), TITLE_ABSTRACT, 1) == Outcome("exclude", "a")
    assert settle(votes("ann?"), FULL_TEXT, 1).state == "conflict"


def test_agreement_counts_what_was_said_before_anything_was_seen():
    assert independent(votes("ann+ ben-a ben+"), 2) == tuple(votes("ann+ ben-a"))
    assert independent(votes("ann+ ann-a ben-a"), 2) == tuple(votes("ann-a ben-a"))
    assert independent(votes("ann+ ann-a"), 2) is None


SAID = st.lists(
    st.builds(Vote, st.sampled_from(["ann", "ben"]), st.sampled_from(["include", "exclude", "unsure"])), max_size=8
)


@given(SAID, st.sampled_from([TITLE_ABSTRACT, FULL_TEXT]))
def test_nothing_is_known_before_two_people_spoke(said, stage):
    assert (settle(said, stage, 2).state is None) == (len(people(said)) < 2) == (not disclosed(said, 2))


PAIRS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdefxy")), max_size=8)


@given(PAIRS)
def test_every_document_has_one_record_and_pairs_share_it(pairs):
    documents = list("abcdef")
    standing = works(documents, pairs, {})
    assert set(standing) == set(documents)
    assert {standing[record] for record in standing.values()} == set(standing.values())
    assert all(standing[a] == standing[b] for a, b in pairs if b in standing)


def test_the_better_document_stands_for_its_group():
    assert works(["b", "a"], [("a", "b")], {"a": (1,), "b": (0,)}) == {"a": "b", "b": "b"}


TEXTS = [f"skin fibrosis stem cells trial {i}" for i in range(6)] + [
    f"soil moisture wheat yield {i}" for i in range(24)
]


@pytest.fixture(scope="module")
def library():
    return relevance.library() or pytest.skip("needs scikit-learn")


def test_what_is_like_the_included_comes_first_and_always_alike(library):
    labels = [True, *[None] * 5, False, *[None] * 23]
    found = relevance.scores(library, TEXTS, labels)
    assert found == relevance.scores(library, TEXTS, labels)
    assert min(found[1:6]) > max(found[7:])


@pytest.mark.parametrize("labels", [[None] * 30, [True] * 30, [False, *[None] * 29]])
def test_nothing_is_learned_from_one_kind_alone(library, labels):
    assert not relevance.learnable(labels)
    with pytest.raises(ValueError, match="nothing can be learned"):
        relevance.scores(library, TEXTS, labels)


def test_the_relevant_weigh_as_much_as_the_model_says():
    y = relevance.np.array([True, False, False, False])
    w = relevance.weights(y)
    assert w.mean() == pytest.approx(1)
    assert w[y].sum() / w[~y].sum() == pytest.approx(relevance.RATIO)
