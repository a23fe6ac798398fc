"""What belongs to what: outcomes, arms, times, lists of them, p values. The sentences are ours."""

import pytest

from kb.extract import Passage, read_passages, read_text
from kb.records import PValue
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()
MONTH = 1.0
YEAR = 12.0

ARMS = {
    "after the number": (
        "Relapse occurred in 12% in the drug A group and 20% in the placebo group.",
        ["drug A", "placebo"],
    ),
    "before the number": ("In the sham group 30% relapsed, in the laser group 14%.", ["sham", "laser"]),
    "A vs B in a bracket": ("Relapse was rarer in Arm A than in Arm B (12% vs 20%).", ["Arm A", "Arm B"]),
    "with A, with B": ("Healing took 14.2 days with honey and 19.5 days with silver.", ["honey", "silver"]),
    "label and colon": ("Dilation differed (Drug A: 6.6 ± 1.1 vs No drug: 7.4 ± 0.8).", ["Drug A", "No drug"]),
    "label in a bracket": (
        "Rejection was reported in 15% (induction) and 31% (no induction).",
        ["induction", "no induction"],
    ),
    "respectively": (
        "Relapse occurred in 12%, 15% and 20% with drug A, drug B and placebo, respectively.",
        ["drug A", "drug B", "placebo"],
    ),
    "with and without": (
        "Ulcers were seen in 40% of patients with ILD and 12% of those without ILD.",
        ["ILD", "without ILD"],
    ),
    "those without": (
        "Ulcers were more common in patients with ILD than those without (40% vs 12%).",
        ["ILD", "without ILD"],
    ),
    "left out after the first": (
        "Rituximab raised FVC by 4.1% (95% CI 1.0-7.2) and tocilizumab by 3.3% (95% CI 0.8-5.8).",
        ["Rituximab", "tocilizumab"],
    ),
    "the doer": ("Denosumab yielded the highest bone density gain (+6.5%).", ["Denosumab"]),
    "inside the count": ("Prolapse recurred in 4 SH patients (8%) versus 1 MM patient (2%).", ["SH", "MM"]),
    "the other is the reference": (
        "Compared with controls, patients had lower dilation (4.2 ± 2.1 vs 7.8 ± 2.9).",
        ["patients", "controls"],
    ),
    "two of the treatment": (
        "There was one death in the treatment group and three in the control group.",
        ["treatment", "control"],
    ),
    "part of the cohort": (
        "Among related deaths, lung disease (50.0%) and infection (42.6%) were frequent.",
        ["related deaths", "related deaths"],
    ),
    "whole cohort": ("The overall survival rate was 81.2% at 5 years.", [None]),
    "exposure": ("Smoking was associated with relapse (OR 2.10, 95% CI 1.20-3.70).", ["Smoking"]),
    "exposures before": (
        "Male sex (HR 1.80, 95% CI 1.10-2.90) and smoking (HR 2.20, 95% CI 1.30-3.70) were associated with death.",
        ["Male sex", "smoking"],
    ),
}


@pytest.mark.parametrize(("text", "arms"), ARMS.values(), ids=ARMS.keys())
def test_arm(text: str, arms: list[str | None]):
    assert [figure.arm for figure in read_text(text, VOCABULARY)] == arms


TIMES = {
    "list after": (
        "The mean score was 12.1, 10.4 and 9.9 at 1, 3 and 5 years, respectively.",
        [YEAR, 3 * YEAR, 5 * YEAR],
    ),
    "list before": ("The 1-, 3- and 5-year survival rates were 95%, 88% and 80%.", [YEAR, 3 * YEAR, 5 * YEAR]),
    "from baseline": ("The mean score fell from 18.2 ± 4.0 at baseline to 12.1 ± 3.9 at month 6.", [0, 6 * MONTH]),
    "from to": ("The mean score fell from 18.2 to 12.1 after 12 months.", [0, YEAR]),
    "before treatment": ("Before treatment, the mean score was 18.2 points.", [0]),
    "opening": ("At week 24, remission was reached in 40% (16/40).", [24 * 7 / 30.4375]),
    "adjective": ("The 5-year survival rate was 81.2%.", [5 * YEAR]),
    "follow-up is none": ("Over a median follow-up of 31 months, 12% (6/50) relapsed.", [None]),
    "none": ("Relapse occurred in 12% (6/50).", [None]),
}


@pytest.mark.parametrize(("text", "months"), TIMES.values(), ids=TIMES.keys())
def test_time(text: str, months: list[float | None]):
    found = [figure.timepoint.months if figure.timepoint else None for figure in read_text(text, VOCABULARY)]
    assert found == pytest.approx(months)


OUTCOMES = {
    "subject": ("The incidence of stomatitis was 12% in Arm A.", ["stomatitis"]),
    "bracket": ("Patients showed digital gangrene (26%) and renal crisis (9%).", ["digital gangrene", "renal crisis"]),
    "object": ("Of 40 patients, 10 (25%) achieved complete remission.", ["complete remission"]),
    "left out verb": (
        "In all, 20 (50%) reached complete remission, 12 (30%) partial remission.",
        ["complete remission", "partial remission"],
    ),
    "vocabulary": ("The modified Rodnan skin score was 14.2 ± 5.0.", ["mRSS"]),
    "words together": ("PAH remained stable in 6 of 9 patients.", ["PAH stable"]),
    "more specific than the vocabulary": (
        "Gastrointestinal adverse events occurred in 12%.",
        ["Gastrointestinal adverse events"],
    ),
    "left out between numbers": (
        "Complete response was seen in 10 (25%), partial response in 14 (35%) and stable disease in 8 (20%).",
        ["Complete response", "partial response", "stable disease"],
    ),
    "another unit": ("The change in FVC was -52.4 mL/year.", ["FVC"]),
    "linked": ("Low C3 was associated with higher odds of non-response (OR 3.20, 95% CI 1.10-9.30).", ["non-response"]),
    "increase in": ("There was a 15% increase in walking distance.", ["walking distance"]),
}


@pytest.mark.parametrize(("text", "outcomes"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_outcome(text: str, outcomes: list[str]):
    assert [figure.outcome for figure in read_text(text, VOCABULARY)] == outcomes


def test_two_dimensions():
    text = "The 1- and 3-year survival rates were 90% and 80% for Arm A and 85% and 70% for Arm B."
    read = [(f.percent, f.arm, f.timepoint.months if f.timepoint else None) for f in read_text(text, VOCABULARY)]
    assert read == [(90, "Arm A", 12), (80, "Arm A", 36), (85, "Arm B", 12), (70, "Arm B", 36)]


def test_times_after_the_second_row_are_for_both():
    text = (
        "The mean score was 5.1 and 4.2 in the drug group "
        "and 5.9 and 5.5 in the sham group after 1 and 3 months, respectively."
    )
    read = [(f.value, f.arm, f.timepoint.months if f.timepoint else None) for f in read_text(text, VOCABULARY)]
    assert read == [(5.1, "drug", 1), (4.2, "drug", 3), (5.9, "sham", 1), (5.5, "sham", 3)]


def test_outcomes_in_a_row_with_two_arms():
    text = (
        "Twelve months later, pain, itch and swelling had decreased by 3.1±1.0, 2.2±0.9 and 1.5±0.7, respectively, "
        "in the drug group and by 1.1±1.0, 0.9±0.8 and 0.4±0.3, respectively, in the sham group."
    )
    read = [(f.outcome, f.arm, f.value) for f in read_text(text, VOCABULARY)]
    assert read == [
        ("pain", "drug", -3.1),
        ("itch", "drug", -2.2),
        ("swelling", "drug", -1.5),
        ("pain", "sham", -1.1),
        ("itch", "sham", -0.9),
        ("swelling", "sham", -0.4),
    ]


def test_the_row_of_arms_is_carried_on():
    text = "Remission was commoner with drug A than with placebo (40% vs 25%). Relapse (5% vs 9%) was rare."
    assert [f.arm for f in read_text(text, VOCABULARY)] == ["drug A", "placebo", "drug A", "placebo"]


def test_p_belongs_to_all_it_compares_or_to_the_effect():
    both = read_text("Relapse was rarer in Arm A than in Arm B (12% vs 20%, P = 0.02).", VOCABULARY)
    assert [f.p_value for f in both] == [PValue("=", 0.02)] * 2
    effect = read_text(
        "Relapse was rarer in Arm A than in Arm B (12% vs 20%; HR 0.58, 95% CI 0.36-0.92; P = 0.02).", VOCABULARY
    )
    assert [f.p_value for f in effect] == [None, None, PValue("=", 0.02)]
    assert effect[2].arm == "Arm A vs Arm B"


def test_the_methods_give_the_end_point_its_time():
    methods = Passage("Methods", "The primary end point was a response at week 24.")
    results = Passage("Results", "The primary end point was reached by 40% (16/40).")
    (figure,) = read_passages([methods, results], VOCABULARY)[1]
    assert figure.timepoint is not None
    assert str(figure.timepoint) == "24 week"


def test_arms_of_the_methods_are_known_in_the_results():
    methods = Passage("Methods", "Patients were randomised to receive oral prednisolone or placebo.")
    results = Passage("Results", "Relapse was rarer with prednisolone than placebo (12% vs 20%).")
    assert [f.arm for f in read_passages([methods, results], VOCABULARY)[1]] == ["prednisolone", "placebo"]


def test_what_cannot_be_bound_says_why():
    (first, second) = read_text("Relapse rates differed (12% vs 20%).", VOCABULARY)
    assert first.unbound is not None
    assert second.unbound is not None
    assert first.confidence is not None
    assert first.confidence < 0.5
