"""Callaghan and Müller-Hansen 2020, Syst Rev 9:273: how much is likely unseen, from urns of the hypergeometric."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.unseen import p_recall, p_total, unseen

SCREENED = st.lists(st.sampled_from([0, 1]), min_size=1, max_size=40)


def drawn_at_most(found, urn, relevant, drawn):
    """P(X ≤ found) by counting the draws."""
    ways = (math.comb(relevant, k) * math.comb(urn - relevant, drawn - k) for k in range(found + 1) if k <= drawn)
    return sum(ways) / math.comb(urn, drawn)


def by_hand(y, N, target):
    """The paper's K_tar for every urn, written out."""
    least = 1.0
    for i in range(len(y)):
        wanted = math.floor(sum(y) / target + 1e-9) - sum(y[:i]) + 1
        p = 0 if wanted > N - i else drawn_at_most(sum(y[i:]), N - i, wanted, len(y) - i)
        least = min(least, p)
    return least


@pytest.mark.parametrize("target", [0.5, 0.8, 0.95])
@pytest.mark.parametrize(
    ("y", "N"), [([1, 0], 4), ([1, 1, 0, 0, 0], 9), ([0] * 10, 12), ([1] * 19 + [0] * 30, 60), ([0, 1, 0, 1, 0], 5)]
)
def test_p_is_that_of_the_paper_s_urns(y, N, target):
    assert p_recall(y, N, target) == pytest.approx(by_hand(y, N, target), rel=1e-10, abs=1e-300)


def test_one_urn_is_a_plain_draw():
    assert p_total([0, 1, 0], 10, 4, ranked=False) == pytest.approx(drawn_at_most(1, 10, 4, 3), rel=1e-12)


def test_a_whole_quotient_is_not_lost_to_rounding():
    y = [1] * 19 + [0] * 20
    assert p_recall(y, 100, 0.95) == p_total(y, 100, 21)


@given(SCREENED, st.integers(0, 30), st.booleans())
def test_what_is_said_stays_within_what_is_left(y, left, ranked):
    found = unseen(y, len(y) + left, ranked=ranked)
    assert 0 <= found.likely <= found.most <= left == found.records
    assert found.drawn <= len(y) <= found.urn + len(y) - found.drawn
    assert 0 <= found.p <= 1
    assert (found.recall is None) == (sum(y) == 0)


@given(SCREENED, st.integers(1, 30))
def test_more_irrelevant_records_never_raise_the_limit(y, left):
    before, after = unseen(y, len(y) + left), unseen([*y, 0], len(y) + left)
    assert after.most <= before.most
    assert after.p <= before.p + 1e-12


@given(SCREENED)
def test_nothing_is_unseen_when_everything_was_screened(y):
    found = unseen(y, len(y))
    assert (found.likely, found.most) == (0, 0)
    assert found.p == pytest.approx(0, abs=1e-12)


@given(SCREENED, st.integers(0, 20), st.sampled_from([80, 90, 95]))
def test_the_limit_is_the_largest_total_that_is_not_rejected(y, left, level):
    N, r = len(y) + left, sum(y)
    most = unseen(y, N, level).most
    assert most == 0 or p_total(y, N, r + most) > 1 - level / 100
    assert most == left or p_total(y, N, r + most + 1) <= 1 - level / 100


def test_the_limit_of_a_random_draw_holds_as_often_as_it_says():
    dice, held = random.Random(7), 0  # noqa: S311 - a simulation
    for _ in range(200):
        y = [1] * 10 + [0] * 90
        dice.shuffle(y)
        held += unseen(y[:40], 100, ranked=False).most >= sum(y[40:])
    assert held >= 190


@pytest.mark.parametrize(
    ("y", "N", "more", "why"),
    [
        ([0, 2], 5, {}, "0 or 1"),
        ([0, 1, 1], 2, {}, "screened of 2"),
        ([1], 5, {"target": 1.0}, "target"),
        ([1], 5, {"level": 100}, "level"),
    ],
)
def test_what_makes_no_sense_is_refused(y, N, more, why):
    with pytest.raises(ValueError, match=why):
        unseen(y, N, **more)
