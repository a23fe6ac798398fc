"""The outcome is what became of people, not what they were given. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()

NAMED = {
    "who were taking": ("Forty patients (46%) who were taking zinc developed a rash.", [("rash", 46)]),
    "complications included": (
        "Complications included a collapsed lung in 4 patients (2.1%) and mild bleeding in 11 (5.9%) patients.",
        [("collapsed lung", 2.1), ("bleeding", 5.9)],
    ),
    "examination revealed": ("Endoscopy revealed an ulcer in 17 patients (59%).", [("ulcer", 59)]),
    "comparing": (
        "Comparing the zinc and control schools, falls per school were 3.0 (SE 0.7) with zinc.",
        [("falls", 3.0)],
    ),
    "respectively with an adjective": (
        "The 5-year rates of local failure and overall survival were 1.5% and 91%, respectively.",
        [("local failure", 1.5), ("overall survival", 91)],
    ),
    "with respect to": (
        "With respect to dry nights, zinc was superior to copper (34% vs 31%).",
        [("dry nights", 34), ("dry nights", 31)],
    ),
    "died of": (
        "In all, 126 (13%) patients died, of which 51 (5.5%) died of heart disease.",
        [("death", 13), ("died of heart disease", 5.5)],
    ),
    "no significant event": ("No significant bleeding was reported.", [("significant bleeding", 0)]),
    "none developed": ("None developed a severe rash.", [("severe rash", 0)]),
    "ratio that names it": ("Zinc did no harm (mortality ratio 0.95, 95% CI 0.89 to 1.02).", [("death", 0.95)]),
    "an effect for something": (
        "Fewer did with zinc, resulting in an odds ratio of 1.9 for complete recovery (95% CI 1.1-3.6).",
        [("complete recovery", 1.9)],
    ),
    "the reduction of people": (
        "The pain reduction in patients who were taking zinc was 12.5 points.",
        [("pain reduction", 12.5)],
    ),
    "number words": ("One hundred ninety-six patients had a rash (12%).", [("rash", 12)]),
}


@pytest.mark.parametrize(("text", "expected"), NAMED.values(), ids=NAMED)
def test_outcome_is_what_became_of_people(text, expected):
    figures = read_text(text, VOCABULARY)
    shown = [(f.outcome, next(n for n in (f.percent, f.value, f.events) if n is not None)) for f in figures]
    assert [(name, abs(number)) for name, number in shown] == expected


KINDS = {
    "a median of people with a fall": (
        "Median OS in patients achieving a deep reduction was 13 months (range: 2-33 months).",
        [("median", 13)],
    ),
    "the second of two levels": (
        "Weight at ages 3 to 6 years was 12.7 kg with zinc versus 12.6 kg with copper.",
        [("mean", 12.7), ("mean", 12.6)],
    ),
    "a second p": ("Zinc had no influence on survival (P = 0.6 and 0.3, respectively).", []),
    "a dose given": ("The median dose to the chest wall was 49.7 Gy.", []),
    "a trait in a bracket": ("All received zinc (169 men [86.2%]).", []),
}


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_what_is_a_level_and_what_is_nothing(text, expected):
    assert [(f.kind, f.value) for f in read_text(text, VOCABULARY)] == expected


def test_headings_without_a_sign_still_divide_the_text():
    text = (
        "Purpose Zinc helps (response, 31%; 95% CI, 21 to 43). Methods Patients took zinc. "
        "Results Of 119 patients, 54% responded. Conclusion Zinc helps."
    )
    assert [figure.percent for figure in read_text(text, VOCABULARY)] == [54]


def test_a_loss_of_blood_is_measured_and_no_fall():
    found = read_text("Blood loss was 452 ± 137 ml with zinc and 603 ± 99 ml with copper.", VOCABULARY)
    assert [(f.kind, f.value) for f in found] == [("mean", 452), ("mean", 603)]


def test_no_cases_of_something_is_that_something():
    assert [f.outcome for f in read_text("There were no cases of severe toxicity.", VOCABULARY)] == ["severe toxicity"]
