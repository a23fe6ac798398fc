"""Where a figure belongs and what is joined to it: nothing in silence."""

import pytest

from kb.evidence.standing import arm_of, contrast_of, stand, window_of


@pytest.fixture
def trial(make):
    """A trial of two arms, and a part of one."""
    return make.study(
        "trial",
        "rct",
        arms=[
            make.arm("HSCT", 79, of="trial", kind="hsct", aliases=["transplantation group"]),
            make.arm("CYC", 77, "control", of="trial", kind="cyc"),
            make.arm("ILD patients", None, "other", of="trial", kind="hsct"),
        ],
    )


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("HSCT", "HSCT"), ("hsct", "HSCT"), ("Transplantation Group", "HSCT"), ("CYC given", "CYC"),
        ("ILD patients", "ILD patients"), ("placebo", None), (None, None),
    ],
)  # fmt: skip
def test_an_arm_is_known_by_its_names(trial, label, name):
    found = arm_of(label, trial)
    assert (found and found.name) == name


def test_without_a_label_the_only_arm_is_meant_and_its_parts_are_not(make):
    study = make.study(arms=[make.arm("cells", 41), make.arm("ILD patients", None, "other")])
    assert arm_of(None, study).name == "cells"


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("HSCT vs CYC", ("HSCT", "CYC")), ("CYC vs HSCT", ("CYC", "HSCT")), ("HSCT", ("HSCT", "CYC")),
        ("HSCT vs HSCT", None), ("HSCT vs placebo", None), ("ILD patients", None), (None, None),
    ],
)  # fmt: skip
def test_a_contrast_has_two_arms_of_the_study(trial, label, names):
    found = contrast_of(label, trial)
    assert (found and tuple(arm.name for arm in found)) == names


@pytest.mark.parametrize(
    ("months", "window"),
    [
        (0, "baseline"), (None, "follow-up"), (12, "12 months"), (54, "60 months"), (0.5, None), (9, "6 months"),
        (9.01, "12 months"),
    ],
)  # fmt: skip
def test_a_time_falls_in_a_window(make, topic, months, window):
    assert window_of(make.reading("a", at=months), topic) == window


@pytest.mark.parametrize(
    ("printed", "n", "joined", "said"),
    [
        # what is printed stays, and nothing is said
        ({"kind": "proportion", "events": 38, "n": 41, "percent": 92.7}, 41, (41, 38, 92.7), None),
        # 72.0 % of at most 41 can only be 18/25
        ({"kind": "proportion", "percent": 72.0, "quote": "72.0"}, 41, (25, 18, 72.0), "18/25 recovered"),
        # 72.0 % of at most 100 can be five fractions: nothing is guessed
        ({"kind": "proportion", "percent": 72.0, "quote": "72.0"}, 100, (None, None, 72.0), None),
        ({"kind": "proportion", "percent": 10.1, "n": 79, "quote": "10.1"}, 79, (79, 8, 10.1), "events = 8"),
        ({"kind": "proportion", "events": 0}, 41, (41, 0, None), "n = 41 joined from the size of the arm cells"),
        ({"kind": "proportion", "events": 0}, None, (None, 0, None), None),
        # 5 events that are 50 % are not 5 of 41
        ({"kind": "proportion", "events": 5, "percent": 50.0}, 41, (None, 5, 50.0), None),
        ({"kind": "proportion", "events": 50}, 41, (None, 50, None), None),
        ({"kind": "mean", "value": 20.1, "sd": 3.1}, 14, (14, None, None), "n = 14 joined"),
        ({"kind": "mean", "value": 20.1, "n": 12}, 14, (12, None, None), None),
    ],
)
def test_numbers_are_joined_where_only_one_answer_is_possible(make, topic, vocabulary, printed, n, joined, said):
    outcome = vocabulary.by_id("adverse-events" if printed["kind"] == "proportion" else "mrss")
    reading = make.reading("a", at=12, **{"outcome": outcome.name, **printed})
    found = stand(reading, make.study(arms=[make.arm("cells", n)]), outcome, topic)
    assert (found.n, found.events, found.percent) == joined
    assert (found.derived or "").startswith(said or "")
    assert (found.derived is None) == (said is None)


@pytest.mark.parametrize(("estimator", "outcome"), [("kaplan-meier", "death"), (None, "overall-survival")])
def test_no_fraction_is_recovered_from_a_survival_curve(make, topic, vocabulary, estimator, outcome):
    reading = make.reading("a", estimator=estimator, kind="proportion", percent=72.0, quote="72.0", at=12)
    found = stand(reading, make.study(arms=[make.arm("cells", 41)]), vocabulary.by_id(outcome), topic)
    assert (found.n, found.events, found.derived) == (None, None, None)


def test_a_part_whose_size_is_not_printed_is_at_most_the_only_group(make, topic, vocabulary):
    study = make.study(arms=[make.arm("cells", 41), make.arm("ILD patients", None, "other")])
    reading = make.reading("a", kind="proportion", percent=72.0, quote="72.0", arm="ILD patients", at=60)
    found = stand(reading, study, vocabulary.by_id("hrct-improved-or-stable"), topic)
    assert (found.study_arm, found.events, found.n) == ("ILD patients", 18, 25)


def test_a_contrast_belongs_to_the_cohort_of_the_treated(make, topic, vocabulary):
    """The matched cohort of 2025 shares its cell arm with the seed study, not its controls."""
    arms = [make.arm("cells", of="nanjing"), make.arm("control", role="control", of="elsewhere", kind="standard-care")]
    reading = make.reading("a", kind="effect", value=0.38, arm="cells vs control", outcome="death")
    found = stand(reading, make.study(arms=arms), vocabulary.by_id("death"), topic)
    assert (found.cohort, found.study_arm) == ("nanjing", "cells vs control")
    assert found.intervention_class == "msc vs standard-care"


def test_a_figure_of_no_known_study_has_no_arm(make, topic, vocabulary):
    found = stand(make.reading("a", study="pmid-9"), make.study("pmid-9", arms=()), vocabulary.by_id("mrss"), topic)
    assert (found.study_arm, found.intervention_class, found.cohort) == (None, None, "pmid-9")
