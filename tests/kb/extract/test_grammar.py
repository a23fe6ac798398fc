"""Grammar that recurs: lists in brackets, what people underwent, decimals, doses. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.records import BASELINE, Figure, Timepoint
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()


def number(figure: Figure) -> float | None:
    """The number that identifies a figure: its percent, its value, or its count."""
    shown = figure.percent if figure.percent is not None else figure.value
    return shown if shown is not None else figure.events


BOUND = {
    "factors in a list": (
        "Predictors of death were age (HR 1.2, 95% CI 1.1-1.3) and low albumin (HR 2.0, 95% CI 1.5-2.4).",
        [(1.2, "death", "age"), (2.0, "death", "low albumin")],
    ),
    "groups in a list": (
        "The risk of death was higher in men (HR 1.2, 95% CI 1.1-1.5) and in smokers (HR 2.1, 95% CI 1.4-3.3).",
        [(1.2, "death", "men"), (2.1, "death", "smokers")],
    ),
    "association between": (
        "There was no association between use of statins and the risk of gout (HR 0.95, 95% CI 0.42 to 2.18).",
        [(0.95, "gout", "statins")],
    ),
    "but not": (
        "Statins reduced strokes (RR 0.75, 95% CI 0.70 to 0.81) but not fractures (RR 0.96, 95% CI 0.90 to 1.03).",
        [(0.75, "strokes", "Statins"), (0.96, "fractures", "Statins")],
    ),
    "what people underwent": (
        "More neonates were admitted to intensive care with heparin than with placebo (13% vs 4.8%).",
        [(13, "admitted to intensive care", "heparin"), (4.8, "admitted to intensive care", "placebo")],
    ),
    "the verb alone": (
        "More women delivered within 12 hours (57% vs 32%).",
        [(57, "delivered", None), (32, "delivered", None)],
    ),
    "what is ranked": (
        "Heart failure was the most common cause of death (35%), followed by infection (21%).",
        [(35, "Heart failure", None), (21, "infection", None)],
    ),
    "label inside the bracket": (
        "Honey was no worse than silver (cure 91.0% vs 92.1%; difference -1.1%, 95% CI -4.5 to 2.3).",
        [(91.0, "cure", "Honey"), (92.1, "cure", "silver"), (-1.1, "cure", "Honey vs silver")],
    ),
    "one arm for a bracket": (
        "Pain fell more with honey (-2.1 cm, baseline 6.4 cm) than with silver (-1.2 cm, baseline 6.6 cm).",
        [(-2.1, "Pain", "honey"), (6.4, "Pain", "honey"), (-1.2, "Pain", "silver"), (6.6, "Pain", "silver")],
    ),
    "members inside the count": (
        "Relapse occurred in 12 (30%) of 40 patients given honey and in 20 (50%) of 40 patients given silver.",
        [(30, "Relapse", "honey"), (50, "Relapse", "silver")],
    ),
    "in X and in Y": (
        "Adherence was 85% in walkers and 82% in swimmers.",
        [(85, "Adherence", "walkers"), (82, "Adherence", "swimmers")],
    ),
    "numbered groups": (
        "Healing was seen in 55.1%, 60% and 44.4% of groups 1, 2 and 3.",
        [(55.1, "Healing", "group 1"), (60, "Healing", "group 2"), (44.4, "Healing", "group 3")],
    ),
    "part of the patients": (
        "Of the patients managed without a cast, 25% improved and 10% died.",
        [(25, "improved", "managed without a cast"), (10, "death", "managed without a cast")],
    ),
    "people with a lesion": (
        "Of note, 30% of the patients with a dorsal lesion were lame and 7% of those with a ventral lesion were lame.",
        [(30, "lame", "dorsal lesion"), (7, "lame", "ventral lesion")],
    ),
    "cases of": (
        "In the honey group there were 2 cases of deep burns and 3 cases of rash.",
        [(2, "deep burns", "honey"), (3, "rash", "honey")],
    ),
    "a list of outcomes in one bracket": (
        "Levels fell more with honey (mean change in zinc -31.2%, iron -60.9%, and copper -56.4%).",
        [(-31.2, "zinc", "honey"), (-60.9, "iron", "honey"), (-56.4, "copper", "honey")],
    ),
    "X in A was higher than that in B": (
        "The score of frailty in smokers was higher than that in swimmers (1.38 vs 5.52).",
        [(1.38, "score of frailty", "smokers"), (5.52, "score of frailty", "swimmers")],
    ),
    "as many groups as numbers before the verb": (
        "Healing for patients with early and late burns was 87% (95% CI 75-99) and 60% (95% CI 51-68), respectively.",
        [(87, "Healing", "early"), (60, "Healing", "late burns")],
    ),
    "X patients than Y patients": (
        "Urban patients had more ulcers than rural patients (60% vs 20%).",
        [(60, "ulcers", "Urban"), (20, "ulcers", "rural")],
    ),
    "set apart by commas": (
        "The urban patients, as compared to the rural patients, had more ulcers (60% vs 20%).",
        [(60, "ulcers", "urban"), (20, "ulcers", "rural")],
    ),
    "the reference first": (
        "Compared with women, men had a higher rate of gout (40% vs 25%).",
        [(40, "gout", "men"), (25, "gout", "women")],
    ),
    "both sexes are groups": (
        "Gout was present in 40% of men and in 25% of women.",
        [(40, "Gout", "men"), (25, "Gout", "women")],
    ),
    "a percentage after a description": (
        "Fever occurred in 49 of 1,147 patients with deep burns (4.27%).",
        [(4.27, "Fever", "deep burns")],
    ),
    "arm and dose after the percentage": (
        "In all, 11/27 (41%; losartan 75 mg) and 14/28 (50%; losartan 150 mg) patients were responders.",
        [(41, "responders", "losartan 75 mg"), (50, "responders", "losartan 150 mg")],
    ),
    "doses": (
        "Weight changed less with losartan 20 mg (-0.2 kg) and losartan 40 mg (-0.3 kg).",
        [(-0.2, "Weight", "losartan 20 mg"), (-0.3, "Weight", "losartan 40 mg")],
    ),
    "group before a colon": (
        "Grip improved (honey: from 1.42 ± 0.48 to 1.31 ± 0.45 kg; silver: from 1.59 ± 0.53 to 1.37 ± 0.50 kg).",
        [(1.42, "Grip", "honey"), (1.31, "Grip", "honey"), (1.59, "Grip", "silver"), (1.37, "Grip", "silver")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BOUND.values(), ids=BOUND)
def test_numbers_find_their_outcome_and_arm(text, expected):
    assert [(number(f), f.outcome, f.arm) for f in read_text(text, VOCABULARY)] == expected


KINDS = {
    "a share as a decimal": ("The flare rate was 0.08 with honey and 0.05 with silver.", ["proportion"] * 2),
    "a rate with its noun": ("There were 1.14 flares/person-year.", ["proportion"]),
    "times compared in a bracket": ("The time to walking was shorter with honey (11.9 h vs 15.5 h).", ["mean"] * 2),
    "a slope": ("The change in lung volume was -52.4 ml per year with honey and -93.3 ml per year with silver.",
                ["change"] * 2),
    "levels without a unit": ("Fatigue was 5.0 with honey and 6.0 with silver.", ["mean"] * 2),
    "two ages": ("They were older (mean age 74 years vs 35 years) and had more burns (80% vs 7%).", ["proportion"] * 2),
    "times higher odds": ("Exposed workers had 1.60 (95% CI 1.00, 2.55) times higher odds of gout.", ["effect"]),
    "an effect of age": ("Older age (HR 1.05, 95% CI 1.02-1.08) predicted death.", ["effect"]),
    "a limit of an interval": ("The upper limit of the interval for the risk was 7.8%.", []),
    "parts of a scale": ("The score improved in three of nine components.", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_kinds(text, expected):
    assert [f.kind for f in read_text(text, VOCABULARY)] == expected


TIMES = {
    "carried from an opening": (
        "At 6 months, pain was lower with honey (3.1 vs 4.5). Fatigue was also lower (2.0 vs 3.0).",
        [Timepoint(6.0, "month")] * 4,
    ),
    "an event has no carried time": (
        "At 6 months, pain was lower with honey (3.1 vs 4.5). Rash occurred in 5% and 8%.",
        [Timepoint(6.0, "month")] * 2 + [None] * 2,
    ),
    "a clause that is over": (
        "More women delivered within 12 hours (57% vs 32%), rash occurred less often (5% vs 9%).",
        [Timepoint(12.0, "hour")] * 2 + [None] * 2,
    ),
    "trial entry": (
        "Flushes were reported by 30% and 29% at trial entry and 9% and 25% at one year, respectively.",
        [BASELINE] * 2 + [Timepoint(1.0, "year")] * 2,
    ),
}


@pytest.mark.parametrize(("text", "expected"), TIMES.values(), ids=TIMES)
def test_times_govern_what_follows(text, expected):
    assert [f.timepoint for f in read_text(text, VOCABULARY)] == expected
