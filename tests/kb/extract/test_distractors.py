"""Numbers that are no results are not read. The sentences are ours."""

import json
from pathlib import Path

import pytest

from kb.extract import read_text
from kb.extract.distractors import QUESTIONS, questions
from kb.extract.line import Line
from kb.extract.quantities import find_quantities
from kb.extract.spoken import Text
from kb.extract.times import find_times
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()

NOTHING = {
    "dose": "Patients received prednisone 20 mg daily and 5 mg/kg of drug A.",
    "threshold": "Patients with a skin score ≥ 15 were compared with those below 10.",
    "age": "The mean age was 54.2 ± 11.3 years and 82% were women.",
    "sample size": "A total of 240 patients were enrolled and 120 were randomised to drug A.",
    "group size": "There were two groups, drug A (n = 60) and placebo (n = 60).",
    "completion": "In all, 96 patients (80%) completed the study.",
    "date": "Patients were followed from March 2011 to 30 June 2015.",
    "follow-up": "The median follow-up was 38 months (range 3-71).",
    "follow-up with spread": "After a mean follow-up of 3.1 ± 1.4 years the cohort was analysed.",
    "AUC": "The index separated the groups well (AUC = 0.82, 95% CI 0.75-0.89).",
    "correlation": "The score was correlated with FVC (r = 0.46, p = 0.002).",
    "kappa": "Agreement between readers was good (kappa 0.78).",
    "p alone": "Survival was longer with drug A (p = 0.03).",
    "sensitivity": "Sensitivity was 88% and specificity was 71%.",
    "name with a number": "IL-6, CD20 and 5-FU were measured, and the SF-36 was filled in.",
    "grade": "Toxicity was scored as grade 3 or 4 or as grade 1/2.",
    "ratio of allocation": "They were assigned 2:1 to drug A or placebo.",
    "count of centres": "The trial ran at 14 centres in 3 countries.",
    "power": "The trial had a power of 90% at a significance level of 5%.",
    "disease duration": "The mean disease duration was 3.4 years.",
    "months as a time": "Patients were seen at 3, 6 and 12 months.",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_number_is_no_result(text: str):
    assert [figure.quote for figure in read_text(text, VOCABULARY)] == []


def test_background_methods_and_repetition_are_left_out():
    text = (
        "Background: The disease kills 30% of patients within 5 years.\n"
        "Methods: We expected a response of 40% in 80 patients.\n"
        "Results: The response rate was 52.5% (42/80).\n"
        "Conclusions: A response rate of 52.5% is promising."
    )
    assert [figure.quote for figure in read_text(text, VOCABULARY)] == ["52.5% (42/80)"]


def unasked(text: str) -> list[str]:
    """Reasons that hold for a number of a text although its sentence gave no cause to ask for them."""
    made, found = Text(text, None), []
    for tokens in made.tokens:
        times = find_times(tokens)
        line = Line(made.plain, "results", tokens, times, find_quantities(tokens, times), [], [], [])
        asked = questions({token.text for token in tokens})
        left = [one for one in QUESTIONS if one not in asked]
        found += [one.reason for one in left for quantity in line.quantities if one.test(line, quantity)]
    return found


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_a_question_that_is_not_asked_would_have_been_denied(text: str):
    assert unasked(text) == []


def test_a_question_that_is_not_asked_of_the_gold_texts_would_have_been_denied(shared: Path):
    texts = [json.loads(path.read_text(encoding="utf-8"))["text"] for path in sorted((shared / "gold").glob("*.json"))]
    assert [reason for text in texts for reason in unasked(text)] == []
