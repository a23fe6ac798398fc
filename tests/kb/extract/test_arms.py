"""Whose a number is: arms by turns, headings, references, complements, contrasts. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()
TWO = "Methods: Men had zinc (n = 30) or iron (n = 31). Results: "

BY_TURNS = {
    "after each number": (
        "At the end, pain dropped by 6.2 points for patients receiving zinc and 3.15 points for those receiving iron.",
        ["zinc", "iron"],
    ),
    "past the whole": (
        "Falls were reported (26 [8.0%] in 325 patients in the zinc group vs 36 [11.1%] in 324 men in the iron group).",
        ["zinc", "iron"],
    ),
    "a list of outcomes for each": (
        "There was nausea (31%) and rash (18%) in the daily arm and nausea (38%) and cough (21%) in the weekly arm.",
        ["daily", "daily", "weekly", "weekly"],
    ),
    "those who take it": (
        "Nine patients (12.5%) who were taking zinc and 22 (24.5%) who were taking iron had a relapse.",
        ["zinc", "iron"],
    ),
}

PAIRS = {
    "reached or not": (
        "Survival was 13 months in patients achieving remission compared to 8 months in those having < 2 responses.",
        ["remission", "< 2 responses"],
    ),
    "the complement": (
        "Participants with gout had smaller ventricles (3.2 ± 0.8 vs 3.9 ± 0.5 cm).",
        ["gout", "without gout"],
    ),
    "without knowing the arms": (
        "The allele was more frequent in coastal compared to inland patients (26% vs 5%).",
        ["coastal", "inland"],
    ),
    "the subject stays": (
        "For healing, zinc was superior to iron (35% vs 30%) but inferior to placebo (35% and 45%, respectively).",
        ["zinc", "iron", "zinc", "placebo"],
    ),
    "headed by a bracket": (
        "Common events (zinc/iron) were nausea (60%/25%) and rash (40%/30%).",
        ["zinc", "iron"] * 2,
    ),
    "headed before a colon": ("Relapse was rare (coastal vs inland: 16% vs 24%).", ["coastal", "inland"]),
    "the reference first": (
        "Compared with inland women, coastal women had a higher rate of relapse (33% vs 19%).",
        ["coastal", "inland"],
    ),
    "between A and B": (
        f"{TWO}Relapse did not differ between zinc and iron (8% vs 9%).",
        ["zinc", "iron"],
    ),
    "pairs in one bracket": (
        "Volume was lower in the zinc group than in the iron group (13.4 ± 2.1 vs 19.6 ± 4.6, 6.4 ± 2.2 vs 8.8 ± 2.6).",
        ["zinc", "iron"] * 2,
    ),
    "group A and B": ("The response rate of group A and B was 63.4% and 52.9%, respectively.", ["group A", "group B"]),
    "X and no X": (
        "Relapse was 12% and 20% in the zinc and no zinc groups, respectively.",
        ["zinc", "no zinc"],
    ),
    "A plus B is not B": (
        "Median survival was 10 months in the iron group and 20 months in the zinc plus iron group.",
        ["iron", "zinc plus iron"],
    ),
    "the X treatment group": (
        "Relapse was 12% in the laser treatment group and 20% in the control group.",
        ["laser", "control"],
    ),
    "the study group": (
        "Relapse was 12% and 20% in the study and the control group, respectively.",
        ["study", "control"],
    ),
    "in quotes": (
        'The gain was higher in the "laser" group than in the "sham" group (41% versus 32%).',
        ["laser", "sham"],
    ),
    "former and latter": (
        f"{TWO}Pain was 4.5 (SD 2.1) in the former and 5.0 (SD 2.2) in the latter.",
        ["zinc", "iron"],
    ),
    "outcomes before colons": (
        "Diameters rose in the zinc group (LVD: 31.5 ± 3.1 mm; LSD: 45.1 ± 3.5 mm).",
        ["zinc", "zinc"],
    ),
    "an amount with its interval is no dose": (
        f"{TWO}Blood loss did not differ (1.5 ml [0.0-6.0] vs 3.0 ml [0.0-6.0]).",
        ["zinc", "iron"],
    ),
}

CONTRASTS = {
    "of the two numbers": (
        "Weight was 11.9 kg zinc versus 11.7 kg control (mean difference 0.2 kg, 95% CI -0.2 to 0.6).",
        "zinc vs control",
    ),
    "the reference category": (
        "With Q1 as the reference, intake raised mortality (Q2: HR 1.2, 95% CI 1.0-1.4; Q3: HR 1.5, 95% CI 1.2-1.9).",
        "Q3 vs Q1",
    ),
    "what follows": (
        "Subjects with gout had a higher risk of death (HR 1.9, 95% CI 1.2-3.0) compared with subjects with lupus.",
        "gout vs lupus",
    ),
    "for A versus B": (
        "The rate ratio was 0.44 (95% CI 0.31-0.62) for zinc versus iron.",
        "zinc vs iron",
    ),
    "the other arm is known": (
        f"{TWO}Relapse was rarer with zinc (HR 0.6, 95% CI 0.4-0.9).",
        "zinc vs iron",
    ),
    "those not receiving it": (
        "Women receiving zinc had fewer strokes (HR 0.45, 95% CI 0.20-0.98) than women not receiving zinc.",
        "zinc vs not receiving zinc",
    ),
}


@pytest.mark.parametrize(("text", "arms"), [*BY_TURNS.values(), *PAIRS.values()], ids=[*BY_TURNS, *PAIRS])
def test_arms(text: str, arms: list[str | None]):
    assert [figure.arm for figure in read_text(text, VOCABULARY)] == arms


@pytest.mark.parametrize(("text", "arm"), CONTRASTS.values(), ids=CONTRASTS.keys())
def test_arms_of_an_effect(text: str, arm: str):
    assert read_text(text, VOCABULARY)[-1].arm == arm
