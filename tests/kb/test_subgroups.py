"""Subgroups of an estimate: each pooled alone, and a test whether they differ."""

import pytest

from kb.evidence.pools import Model, pool
from kb.evidence.subgroups import KINDS, split
from kb.vocabulary import Comparison

AFTER = Comparison("msc-after", "After cells", "msc", ("single-arm", "rct"))


def pooled(effects, test="z"):
    return pool(effects, AFTER, "main", Model("REML", test, 95))


@pytest.fixture
def four(make):
    """Two trials at 1 and two single groups at 3, all with variance 1."""
    return [
        make.effect(name, yi=yi, vi=1.0, design=design, ni=ni)
        for name, yi, design, ni in (
            ("a", 1.0, "rct", 8), ("b", 1.0, "rct", 30), ("c", 3.0, "single-arm", 9), ("d", 3.0, "single-arm", None),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("test", ["z", "adhoc"])
def test_groups_and_the_test_between_them_agree_with_the_sum_by_hand(four, test):
    """Means 1 and 3, each with variance 1/2: Q = 2 (1 − 2)² + 2 (3 − 2)² = 4 (Borenstein 2009, ch. 19)."""
    found = split(pooled(four, test), "design", {})
    assert [(g.name, g.k, g.patients) for g in found.groups] == [("rct", 2, 38), ("single-arm", 2, 9)]
    assert [g.estimate for g in found.groups] == pytest.approx([1, 3])
    assert (found.q, found.p) == (pytest.approx(4), pytest.approx(0.04550026))
    assert found.df == 1


@pytest.mark.parametrize(
    ("kind", "names"),
    [("size", ["20 or more", "below 20", "size unknown"]), ("doubt", ["not doubted"]),
     ("intervention", ["cells", "cells given"]), ("risk", ["low", "not low"])],
)  # fmt: skip
def test_each_kind_says_what_a_study_is(four, make, kind, names):
    risk = (("randomisation", "low"),)
    studies = {name: make.study(name, risk=risk) for name in "ab"}
    found = split(pooled(four), kind, studies)
    assert [g.name for g in found.groups] == names
    assert sum(g.k for g in found.groups) == 4


def test_a_group_of_one_keeps_its_own_interval_and_has_no_tau2(four):
    found = split(pooled(four[:3]), "design", {})
    alone = next(g for g in found.groups if g.name == "single-arm")
    assert (alone.estimate, alone.ci_low, alone.ci_high) == (3.0, four[2].ci_low, four[2].ci_high)
    assert (alone.tau2, alone.i2) == (None, None)


def test_with_one_group_there_is_no_test_and_with_one_study_no_split(four):
    one_group = split(pooled(four[:2]), "design", {})
    assert (one_group.q, one_group.df, one_group.p) == (None, None, None)
    assert split(pooled(four[:1]), "design", {}) is None


@pytest.mark.parametrize("kind", KINDS)
def test_subgroups_of_proportions_are_percentages(make, kind):
    effects = [make.effect(n, yi=-2.0, vi=0.5, measure="PLO", scale="percent", ni=20) for n in "ab"]
    (group, *_) = split(pooled(effects), kind, {}).groups
    assert group.estimate == pytest.approx(11.920292)
