"""Named sets and ranges around the main estimate: low risk of bias only, and every correlation nobody printed."""

import re

import pytest

from analysis.pool.univariate import rma_uni
from kb.evidence.effects import all_effects
from kb.evidence.over_r import over_r
from kb.evidence.pools import all_estimates
from kb.evidence.reanalysis import correlations_of
from kb.evidence.risk import not_low, why_not_low


@pytest.mark.parametrize(
    ("risk", "reason"),
    [
        ([("selection", "low"), ("outcome", "some concerns")], None),
        ([("selection", "adequate"), ("outcome", "not assessable")], None),
        ([("selection", "high"), ("outcome", "low"), ("missing", "serious")], "high in selection; serious in missing"),
        ([("aim", "inadequate")], "inadequate in aim"),
        ([("confounding", "critical")], "critical in confounding"),
        ([("selection", "not assessable"), ("outcome", "no information")], "no domain .* can be assessed"),
        ([], "not judged"),
    ],
)
def test_low_risk_needs_a_judgement_and_no_bad_one(make, risk, reason):
    found = why_not_low(make.study(risk=tuple(risk)))
    assert found is None if reason is None else re.search(reason, found)


def test_a_study_without_a_sheet_is_not_at_low_risk(make):
    assert set(not_low(["one", "two"], {"one": make.study(risk=(("selection", "low"),))})) == {"two"}


def test_the_set_low_risk_says_why_a_study_is_left_out(make, topic):
    effects = [make.effect(name, yi=-4.0 - i) for i, name in enumerate("abc")]
    main, low = all_estimates(effects, topic, risky={"b": "high in selection"})
    assert (main.set, main.k, low.set, low.k) == ("main", 3, "low-risk", 2)
    assert low.id == main.id.removesuffix("main") + "low-risk"
    assert {s.effect.id: s.left_out for s in low.shares if s.left_out} == {
        "b": "not at low risk of bias: high in selection"
    }


def test_low_risk_lets_the_better_study_of_a_cohort_speak(make, topic):
    effects = [make.effect("a", cohort="x", ni=60), make.effect("b", cohort="x", ni=30)]
    main, low = all_estimates(effects, topic, risky={"a": "high in outcome"})
    assert [s.effect.id for e in (main, low) for s in e.shares if s.weight] == ["a", "b"]


def test_where_nobody_is_left_the_estimate_is_empty_and_unreviewed(make, topic):
    _, low = all_estimates([make.effect("a")], topic, risky={"a": "high in outcome"})
    assert (low.k, low.estimate, low.reviewed) == (0, None, "unreviewed")


def test_where_everybody_is_at_low_risk_there_is_no_second_estimate(make, topic):
    assert [e.set for e in all_estimates([make.effect("a")], topic, risky={})] == ["main"]


# ---------------------------------------------------------------- correlations


@pytest.fixture
def two_changes(make):
    """Readings, standings and studies of two single-arm studies with mean and SD before and after."""
    readings, standings = {}, {}
    for study, before, after in (("a", (20.0, 7.0), (16.0, 6.0)), ("b", (18.0, 9.0), (11.0, 8.0))):
        for months, (mean, sd) in ((0, before), (12, after)):
            name = f"{study}{months}"
            readings[name] = make.reading(name, study=study, quote=f"{mean}", at=months, value=mean, sd=sd, n=25)
            window = "12 months" if months else "baseline"
            keys = {"study": study, "cohort": study, "study_arm": "cells", "months": float(months), "n": 25}
            standings[name] = make.standing(name, window=window, **keys)
    # a figure of another kind, which no change is made from
    readings["c"] = make.reading("c", study="a", outcome="overall survival", kind="proportion", events=20, n=25)
    standings["c"] = make.standing("c", study="a", cohort="a", n=25, events=20, percent=80.0)
    studies = {name: make.study(name, arms=(make.arm(n=25, of=name),)) for name in "ab"}
    return readings, standings, studies


def test_changes_are_pooled_again_at_every_correlation_of_the_range(two_changes, vocabulary, topic):
    """At each r the variance is (SD₁² + SD₂² − 2·r·SD₁·SD₂) / n, and the pool is that of these variances."""
    readings, standings, studies = two_changes
    everything = all_estimates(all_effects(readings, standings, studies, vocabulary, topic, frozenset()), topic)
    rows = over_r(everything, readings, standings, studies, vocabulary, topic)
    estimates = [e for e in everything if e.measure == "MC"]
    assert len(everything) > len(estimates)
    assert [(row.estimate, row.r) for row in rows] == [(estimates[0].id, r) for r in correlations_of(topic)]
    for row in rows:
        v = [(a * a + b * b - 2 * row.r * a * b) / 25 for a, b in ((7, 6), (9, 8))]
        fit = rma_uni([-4.0, -7.0], v, method=topic.method, test=topic.test, level=topic.level)
        assert (row.value, row.ci_low, row.tau2) == pytest.approx((fit.estimate, fit.ci_low, fit.tau2), rel=1e-9)
    own = next(row for row in rows if row.r == topic.assumed_r.value)
    assert (own.value, own.ci_low, own.ci_high) == pytest.approx(
        (estimates[0].estimate, estimates[0].ci_low, estimates[0].ci_high)
    )


def test_one_change_alone_is_left_to_the_reanalysis_of_its_study(two_changes, vocabulary, topic):
    readings, standings, studies = two_changes
    alone = {name: standing for name, standing in standings.items() if name.startswith("a")}
    estimates = all_estimates(all_effects(readings, alone, studies, vocabulary, topic, frozenset()), topic)
    assert [e.k for e in estimates] == [1]
    assert over_r(estimates, readings, alone, studies, vocabulary, topic) == []
