"""What may be pooled: the method rules of the protocol, each a test."""

import math

import pytest

from kb.evidence.pools import LONGEST, SETS, Model, all_estimates, one_per_cohort, pool, to_reader
from kb.vocabulary import Comparison

AFTER = Comparison("msc-after", "After cells", "msc", ("single-arm",))
AGAINST = Comparison("hsct-vs-cyc", "HSCT against CYC", "hsct", ("rct",), "cyc", "comparator")
ADHOC = Model("REML", "adhoc", 95)


@pytest.fixture
def three(make):
    """Three studies of their own cohorts."""
    return [make.effect(name, yi=yi, vi=vi) for name, yi, vi in (("a", -4.0, 1.0), ("b", -6.0, 2.0), ("c", -3.0, 1.5))]


def pooled(effects, name="main", comparison=AFTER, model=ADHOC):
    return pool(effects, comparison, name, model)


def test_with_one_study_its_own_numbers_stand_and_nothing_is_pooled(make):
    alone = make.effect("a", yi=-4.73, vi=1.54)
    found = pooled([alone])
    assert (found.k, found.estimate, found.ci_low, found.ci_high) == (1, -4.73, alone.ci_low, alone.ci_high)
    assert [found.tau2, found.i2, found.q, found.p, found.pi_low, found.pi_high] == [None] * 6
    assert [share.weight for share in found.shares] == [100]


def test_no_prediction_interval_below_three_studies(three):
    two, all_three = pooled(three[:2]), pooled(three)
    assert (two.k, two.pi_low, two.pi_high, two.pi_distribution) == (2, None, None, None)
    assert two.tau2 is not None
    assert all_three.pi_low <= all_three.ci_low < all_three.ci_high <= all_three.pi_high


def test_two_studies_agree_with_the_textbook(make):
    """Without heterogeneity the pooled mean is the inverse-variance mean, and adhoc is never narrower than z."""
    found = pooled([make.effect("a", yi=1.0, vi=1.0), make.effect("b", yi=1.4, vi=3.0)])
    assert found.tau2 == pytest.approx(0, abs=1e-9)
    assert found.estimate == pytest.approx((1.0 + 1.4 / 3) / (1 + 1 / 3))
    assert found.ci_high - found.ci_low >= 2 * 1.959963984540054 * math.sqrt(0.75) - 1e-9
    assert sorted(share.weight for share in found.shares) == pytest.approx([25, 75])


@pytest.mark.parametrize(
    ("better", "worse", "reason"),
    [
        ({"ni": 41}, {"ni": 14}, "the larger n (41 against 14)"),
        ({"months": 14.0}, {"months": 12.0}, "the longer follow-up"),
        ({"ni": 14}, {"ni": 41, "vi": None}, "a variance"),
        ({"ni": 14}, {"ni": 41, "part": True}, "all patients of its group"),
        ({}, {}, "the first id"),
    ],
)
def test_one_study_a_cohort_and_the_other_is_listed_with_the_reason(make, better, worse, reason):
    first, second = make.effect("a", cohort="nanjing", **better), make.effect("b", cohort="nanjing", **worse)
    kept, left_out = one_per_cohort([second, first])
    assert kept == [first]
    assert [share.effect for share in left_out] == [second]
    assert left_out[0].left_out.startswith(f"shares the cohort nanjing with a, which has {reason}")
    assert left_out[0].weight is None


def test_two_arms_of_one_study_never_both_carry_weight(make):
    arms = [make.effect(f"one-{n}", study="one", cohort="one", arm=f"dose {n}", ni=n) for n in (10, 20)]
    shares = pooled(arms).shares
    assert [(s.effect.arm, s.weight) for s in shares if s.weight] == [("dose 20", 100)]
    assert [s.left_out for s in shares if s.left_out] == ["dose 20 stands for one: it has the larger n (20 against 10)"]


def test_an_effect_without_a_variance_is_shown_and_not_pooled(make, three):
    found = pooled([*three, make.effect("d", vi=None)])
    assert found.k == 3
    assert {s.effect.id: s.left_out for s in found.shares if s.left_out} == {
        "d": "no variance can be had from what is printed"
    }


def test_nothing_that_can_be_pooled_leaves_an_estimate_without_numbers(make):
    found = pooled([make.effect("a", vi=None), make.effect("b", vi=None)])
    assert (found.k, found.estimate, found.beta) == (0, None, None)


SHARE = {"measure": "PLO", "scale": "percent"}


def test_counts_over_the_whole_follow_up_are_not_pooled_and_contrasts_are(make):
    shares = [make.effect(n, window="follow-up", months=None, **SHARE) for n in "ab"]
    assert pooled(shares).k == 0
    assert {s.left_out for s in pooled(shares).shares} == {
        "counted over the whole follow-up, whose length differs between studies"
    }
    ratios = [make.effect(n, window="follow-up", measure="RR", scale="ratio") for n in "ab"]
    assert pooled(ratios, comparison=AGAINST).k == 2


def test_a_pooled_share_has_no_p_because_half_is_nobodys_question(make):
    found = pooled([make.effect(n, yi=-2.0, vi=0.3, **SHARE) for n in "abc"])
    assert found.p is None
    assert found.estimate == pytest.approx(100 / (1 + math.exp(2)))


def test_a_pooled_ratio_is_shown_as_a_ratio(make):
    found = pooled([make.effect(n, yi=-1.0, vi=0.3, measure="HR", scale="ratio") for n in "ab"], comparison=AGAINST)
    assert (found.beta, found.estimate) == (pytest.approx(-1), pytest.approx(math.exp(-1)))
    assert found.p is not None


@pytest.mark.parametrize(
    ("measure", "y", "shown"),
    [("MC", -4.5, -4.5), ("PLO", 0.0, 50), ("RR", 0.0, 1), ("HR", math.log(0.38), 0.38), ("PR", 0.4, 40), ("MD", 2, 2)],
)
def test_back_to_what_a_reader_wants(measure, y, shown):
    assert to_reader(measure, [10, 20])(y) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("basis", "sets"),
    [
        ("adjudicated", set(SETS)), ("agreement", set(SETS)), ("primary sheet", set(SETS)),
        ("secondary sheet", {"with-secondary"}), ("machine", {"with-machine"}),
    ],
)  # fmt: skip
def test_review_and_machine_figures_speak_in_named_sensitivity_estimates_only(make, basis, sets):
    assert {name for name in SETS if pooled([make.effect("a", basis=basis)], name)} == sets


def test_the_estimate_is_shown_with_and_without_what_a_check_doubts(make, topic, three):
    found = all_estimates([*three, make.effect("d", yi=-9.0, doubtful=True)], topic)
    assert {e.set: e.k for e in found} == {"main": 4, "without-doubtful": 3}


def test_a_sensitivity_estimate_that_says_nothing_new_is_not_made(topic, three):
    assert [e.set for e in all_estimates(three, topic)] == ["main"]


@pytest.mark.parametrize(
    ("effects", "label"),
    [
        (["unreviewed", "unreviewed"], "unreviewed"), (["reviewed", "reviewed"], "reviewed"),
        (["reviewed", "unreviewed"], "partly reviewed"), (["partly reviewed"], "partly reviewed"),
    ],
)  # fmt: skip
def test_an_estimate_without_human_decisions_says_so(make, effects, label):
    effects = [make.effect(str(i), reviewed=reviewed) for i, reviewed in enumerate(effects)]
    assert pooled(effects).reviewed == label


@pytest.mark.parametrize(
    "other",
    [
        {"intervention_class": "hsct", "design": "rct"},
        {"intervention_class": "msc vs standard-care", "design": "matched-cohort", "measure": "MD"},
        {"intervention_class": "adsc-local"},
        {"window": "36 months"},
        {"outcome": "haq-di"},
        {"measure": "MN"},
    ],
)
def test_what_differs_in_class_design_window_outcome_or_measure_is_never_pooled_together(make, topic, three, other):
    estimates = all_estimates([*three, make.effect("d", **other)], topic)
    assert len(estimates) == 2
    assert [e.k for e in estimates if {s.effect.id for s in e.shares} == {"a", "b", "c"}] == [3]


@pytest.mark.parametrize("changes", [{"design": "case-control"}, {"intervention_class": "leeches"}])
def test_what_the_protocol_does_not_compare_is_in_no_estimate(make, topic, changes):
    assert all_estimates([make.effect("a", **changes)], topic) == []


def test_every_comparison_is_of_one_class_and_evidence_never_meets_comparators(topic):
    roles = {}
    for c in topic.comparisons:
        for design in c.designs:
            assert roles.setdefault((c.intervention, c.control, design), c.role) == c.role


def test_trials_also_meet_at_their_longest_follow_up(make, topic):
    ratio = {
        "measure": "RR",
        "scale": "ratio",
        "intervention_class": "hsct vs cyc",
        "design": "rct",
        "outcome": "death",
    }
    effects = [
        make.effect("a1", study="a", cohort="a", **ratio),
        make.effect("a2", study="a", cohort="a", **{**ratio, "window": "follow-up", "months": None}),
        make.effect("b1", study="b", cohort="b", **{**ratio, "window": "60 months", "months": 54.0}),
    ]
    (found,) = [e for e in all_estimates(effects, topic) if e.window == LONGEST]
    assert {s.effect.id for s in found.shares} == {"a2", "b1"}


def test_the_assumed_correlation_is_said_aloud(make):
    found = pooled([make.effect("a", derived="r = 0.5 assumed"), make.effect("b")])
    assert found.assumptions == "a: r = 0.5 assumed"
