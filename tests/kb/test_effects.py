"""Speaking figures become effects: one for each study, arm or contrast, outcome, window and measure."""

import math

import pytest

from kb.evidence.effects import reviewed_as, study_effects
from kb.evidence.sizes import Speaker
from kb.evidence.standing import stand

TRIAL = [("HSCT", 79, "experimental", "hsct"), ("CYC", 77, "control", "cyc")]


@pytest.fixture
def effects(make, topic, vocabulary):
    """The effects of speaking figures of one study, by id."""

    def weigh(outcome, *readings, arms=(("cells", 41, "experimental", "msc"),), design="single-arm", doubtful=()):
        groups = [make.arm(name, n, role, kind=kind) for name, n, role, kind in arms]
        study, outcome = make.study(design=design, arms=groups), vocabulary.by_id(outcome)
        speakers = [Speaker(r, stand(r, study, outcome, topic)) for r in readings]
        return {e.id: e for e in study_effects(speakers, study, outcome, topic, frozenset(doubtful))}

    return weigh


def mean(make, name, at, value, sd, n, **more):
    return make.reading(name, at=at, value=value, sd=sd, n=n, **more)


def test_a_change_after_is_a_change_at_the_assumed_correlation(make, effects):
    found = effects("mrss", mean(make, "a", 0, 18.68, 7.26, 41), mean(make, "b", 60, 12.39, 8.49, 38))
    (change,) = found.values()
    assert (change.measure, change.scale, change.ni, change.window) == ("MC", "points", 38, "60 months")
    assert change.estimate == pytest.approx(-6.29)
    assert change.vi == pytest.approx((7.26**2 + 8.49**2 - 2 * 0.5 * 7.26 * 8.49) / 38)
    assert "r = 0.5 assumed; mean of the 38 followed (of 41 at baseline)" in change.derived
    assert change.figures == (("a", "baseline"), ("b", "follow-up"))


def test_a_printed_change_goes_before_a_computed_one(make, effects):
    means = [mean(make, "a", 0, 18.0, 7.0, 40), mean(make, "b", 12, 14.0, 8.0, 40)]
    printed = mean(make, "c", 12, -4.1, 6.0, 40, kind="change")
    bare = make.reading("c", at=12, value=-4.1, n=40, kind="change")
    assert [e.figures for e in effects("mrss", *means, printed).values()] == [(("c", "printed"),)]
    # without a variance it does not
    assert [e.estimate for e in effects("mrss", *means, bare).values()] == [-4.0]
    (alone,) = effects("mrss", bare).values()
    assert (alone.vi, alone.ci_low, alone.derived) == (
        None,
        None,
        "no SD, SE or interval of the change printed: no variance",
    )


@pytest.mark.parametrize(
    ("spread", "variance"),
    [
        ({"se": 0.9}, 0.81),
        ({"sd": 6.0}, 0.9),
        ({"ci_low": -6.06, "ci_high": -2.14}, (3.92 / (2 * 1.959963984540054)) ** 2),
        ({"ci_low": -5.745, "ci_high": -2.455, "ci_level": 90.0}, (3.29 / (2 * 1.6448536269514722)) ** 2),
    ],
)
def test_the_variance_of_a_printed_change(make, effects, spread, variance):
    (found,) = effects("mrss", make.reading("c", at=12, value=-4.1, n=40, kind="change", **spread)).values()
    assert found.vi == pytest.approx(variance)


def test_an_interval_of_no_possible_level_gives_no_variance(make, effects):
    said = {"value": -4.1, "n": 40, "kind": "change", "ci_low": -6.06, "ci_high": -2.14, "ci_level": 100.0}
    (found,) = effects("mrss", make.reading("c", at=12, **said)).values()
    assert (found.estimate, found.vi, found.derived) == (-4.1, None, "an interval of 100 % is none: no variance")


def test_a_count_has_an_exact_interval(make, effects):
    (found,) = effects("adverse-events", make.reading("a", kind="proportion", events=0, at=12)).values()
    assert (found.measure, found.scale, found.estimate, found.ni, found.ci_low) == ("PLO", "percent", 0, 41, 0)
    assert found.ci_high == pytest.approx(100 * (1 - 0.025 ** (1 / 41)))
    assert found.derived == (
        "n = 41 joined from the size of the arm cells; 0.5 added for a zero cell, for pooling only"
    )


@pytest.mark.parametrize("estimator", ["kaplan-meier", "unknown"])
def test_a_survival_percentage_is_no_count(make, effects, estimator):
    """Exact binomial intervals only where follow-up is complete."""
    figure = {"kind": "proportion", "percent": 70.0, "events": 29, "n": 41, "at": 60}
    (found,) = effects("overall-survival", make.reading("a", estimator=estimator, **figure)).values()
    assert (found.estimate, found.vi, found.ci_low, found.ni) == (70.0, None, None, 41)
    assert found.derived == "survival with incomplete or unknown follow-up: no variance"


def test_a_survival_percentage_with_its_interval_has_a_variance(make, effects):
    shown = {"kind": "proportion", "percent": 80.0, "ci_low": 70.0, "ci_high": 87.3, "at": 60}
    (found,) = effects("overall-survival", make.reading("a", estimator="kaplan-meier", **shown)).values()
    width = math.log(0.873 / 0.127) - math.log(0.7 / 0.3)
    assert found.vi == pytest.approx((width / (2 * 1.959963984540054)) ** 2)
    assert (found.ci_low, found.ci_high, found.yi) == (70.0, 87.3, pytest.approx(math.log(4)))


def test_events_without_a_denominator_give_nothing(make, effects):
    arms = [("cells", None, "experimental", "msc")]
    assert effects("adverse-events", make.reading("a", kind="proportion", events=3, at=12), arms=arms) == {}


def test_two_arms_of_a_trial_give_each_arm_and_their_contrast(make, effects):
    shown = [("HSCT", 11, 79), ("CYC", 7, 77)]
    readings = [make.reading(arm, kind="proportion", events=k, n=n, arm=arm, at=12) for arm, k, n in shown]
    found = effects("death", *readings, arms=TRIAL, design="rct")
    assert {(e.arm, e.measure, e.intervention_class) for e in found.values()} == {
        ("HSCT", "PLO", "hsct"), ("CYC", "PLO", "cyc"), ("HSCT vs CYC", "RR", "hsct vs cyc"),
    }  # fmt: skip
    contrast = found["one-hsct-vs-cyc-death-12-months-rr"]
    assert contrast.estimate == pytest.approx((11 / 79) / (7 / 77))
    assert contrast.vi == pytest.approx(1 / 11 - 1 / 79 + 1 / 7 - 1 / 77)
    assert (contrast.ni, contrast.scale) == (156, "ratio")


@pytest.mark.parametrize("estimator", ["kaplan-meier", "unknown"])
def test_no_risk_ratio_from_two_curves(make, effects, estimator):
    shown = {"kind": "proportion", "estimator": estimator, "at": 60}
    readings = [make.reading(a, arm=a, events=k, n=n, **shown) for a, k, n in (("HSCT", 55, 79), ("CYC", 40, 77))]
    assert "HSCT vs CYC" not in {e.arm for e in effects("overall-survival", *readings, arms=TRIAL).values()}


def test_two_means_give_their_difference(make, effects):
    readings = [mean(make, arm, 12, m, sd, n, arm=arm) for arm, m, sd, n in (("HSCT", 12, 6, 30), ("CYC", 18, 8, 25))]
    found = effects("mrss", *readings, arms=TRIAL)["one-hsct-vs-cyc-mrss-12-months-md"]
    assert (found.estimate, found.vi) == (-6, pytest.approx(36 / 30 + 64 / 25))


def test_groups_before_matching_are_never_set_against_matched_ones(make, effects):
    arms = [
        ("matched cells", 80, "experimental", "msc"), ("matched control", 80, "control", "standard-care"),
        ("cells", 113, "other", "msc"), ("control", 220, "other", "standard-care"),
    ]  # fmt: skip
    readings = [make.reading(a, kind="proportion", events=9, arm=a, at=120) for a, *_ in arms]
    found = effects("death", *readings, arms=arms, design="matched-cohort")
    assert {e.arm for e in found.values() if " vs " in e.arm} == {"matched cells vs matched control"}
    assert {e.arm: e.part for e in found.values() if " vs " not in e.arm} == {
        "matched cells": False, "matched control": False, "cells": True, "control": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("interval", "vi"),
    [({"ci_low": 0.16, "ci_high": 0.74}, (math.log(0.74 / 0.16) / (2 * 1.959963984540054)) ** 2), ({}, None)],
)
def test_a_printed_hazard_ratio_brings_its_own_interval(make, effects, interval, vi):
    shown = {"kind": "effect", "effect_measure": "HR", "value": 0.34, "arm": "HSCT vs CYC"}
    (found,) = effects("event-free-survival", make.reading("a", **shown, **interval), arms=TRIAL).values()
    assert (found.yi, found.estimate, found.scale) == (pytest.approx(math.log(0.34)), 0.34, "ratio")
    assert found.vi == (vi if vi is None else pytest.approx(vi))
    assert (found.ni, found.ci_low) == (156, interval.get("ci_low"))


def test_what_a_check_doubts_is_marked_and_kept(make, effects):
    readings = [mean(make, "a", 0, 18.0, 7.0, 40), mean(make, "b", 12, 14.0, 8.0, 40)]
    assert [e.doubtful for e in effects("mrss", *readings, doubtful=["a"]).values()] == [True]


def test_an_effect_is_as_weak_as_its_weakest_figure(make, effects):
    first, second = mean(make, "a", 0, 18.0, 7.0, 40), mean(make, "b", 12, 14.0, 8.0, 40, reader="machine")
    assert [e.basis for e in effects("mrss", first, second).values()] == ["machine"]


@pytest.mark.parametrize(
    ("bases", "needed", "label"),
    [
        (["two reviewers", "adjudicated"], 2, "reviewed"),
        (["two reviewers", "agreement"], 2, "partly reviewed"),
        (["one reviewer"], 2, "partly reviewed"),
        (["one reviewer"], 1, "reviewed"),
        (["agreement", "primary sheet"], 1, "unreviewed"),
    ],
)
def test_an_effect_says_whether_people_decided_on_all_its_figures(bases, needed, label):
    assert reviewed_as(bases, needed) == label
