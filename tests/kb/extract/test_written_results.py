"""How results are written, rule by rule: what each number is of, of whom and when. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.records import BASELINE, Figure, Timepoint
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()
TWO = "Methods: Adults were randomised to zinc or iron. Results: "
MONTHS = {value: Timepoint(float(value), "month") for value in (1, 6, 9, 12, 36)}

OUTCOMES = {
    "a row for outcomes after it": (
        "Risk fell by 41% and 17% for heart attack and for bleeding, respectively.",
        [(-41, "heart attack"), (-17, "bleeding")],
    ),
    "times inside the list": (
        "Five-year overall survival and 5-year local control were 71% and 83%, respectively.",
        [(71, "overall survival"), (83, "local control")],
    ),
    "one head for both": (
        "The relapse-free and overall survival rates were 61% and 83%, respectively.",
        [(61, "relapse-free survival"), (83, "survival")],
    ),
    "those who are counted": (
        "The proportion of women with a dry cough was 12%.",
        [(12, "dry cough")],
    ),
    "an amount in what follows": (
        "There was a reduction of 12% and 3% in ferritin levels.",
        [(-12, "ferritin"), (-3, "ferritin")],
    ),
    "what people said": (
        "Of those, 33% stated that the leaflet had helped them.",
        [(33, "stated that the leaflet had helped them")],
    ),
    "what they did not do": ("Twelve of 40 patients did not need oxygen.", [(12, "did not need oxygen")]),
    "past a bracket after people": (
        "Half of the patients (n=24, 51%) were on dialysis.",
        [(51, "dialysis")],
    ),
    "an abbreviation at the number": (
        "Estimates for the zinc group were DRFS 79% and TTR 82%, respectively.",
        [(79, "DRFS"), (82, "TTR")],
    ),
    "a verb left out": (
        "Zinc reduced flushes by 1.26 per day and the pain score by 6.3%.",
        [(-1.26, "flushes"), (-6.3, "pain score")],
    ),
    "more of something": (
        f"{TWO}One arm was closed, with more severe fatigue (zinc, 46%; iron, 62%).",
        [(46, "severe fatigue"), (62, "severe fatigue")],
    ),
    "confined to": ("The excess was confined to lung cancer (SIR 2.6, 95% CI 2.0 to 3.3).", [(2.6, "lung cancer")]),
    "for something, ratios": (
        "For heart failure, the corresponding HRs were 1.5 (95% CI 1.2-2.0) and 1.4 (95% CI 1.1-1.9).",
        [(1.5, "heart failure"), (1.4, "heart failure")],
    ),
    "different measures head outcomes": (
        "Nothing differed (PAIN: relative risk 1.1, 95% CI 0.9-1.3) or (QALY: mean difference 0.1, 95% CI 0 to 0.4).",
        [(1.1, "PAIN"), (0.1, "QALY")],
    ),
    "the end point of something": (
        "Zinc was better for the primary end point of wound closure (61% vs 48%).",
        [(61, "wound closure"), (48, "wound closure")],
    ),
    "no association with": (
        "There was no association with skin ulcers (OR 1.06, 95% CI 0.84 to 1.34).",
        [(1.06, "skin ulcers")],
    ),
    "the same outcome as before": (
        (
            "Relapse occurred in 29% and 38%. After weighting the difference was no longer significant (HR 0.86, "
            "95% CI 0.70 to 1.06)."
        ),
        [(29, "relapse"), (38, "relapse"), (0.86, "relapse")],
    ),
    "the subject of the sentence": (
        "Limb volume fell in all; the mean reduction was greater in group A (57 %) than in group B (18 %).",
        [(-57, "limb volume"), (18, "limb volume")],
    ),
    "each for its own": (
        "Event rates were 1.3% and 1.1% for death, 4.6% and 2.1% for stroke.",
        [(1.3, "death"), (1.1, "death"), (4.6, "stroke"), (2.1, "stroke")],
    ),
    "outcomes without respectively": (
        "Local control and survival rates were 80% and 60% in those who had low counts.",
        [(80, "local control"), (60, "overall survival")],
    ),
    "the subject after its people": (
        "In older women the median lung volume was 4.3 litres in the zinc group and 2.0 litres in the iron group.",
        [(4.3, "lung volume"), (2.0, "lung volume")],
    ),
    "in situ": ("It rose for carcinoma in situ (HR 1.5, 95% CI 1.1-2.0).", [(1.5, "carcinoma in situ")]),
    "none who": (
        "None of the 15 men with gout who received zinc in clinics that did not weigh them experienced a relapse.",
        [(0, "relapse")],
    ),
}

ARMS = {
    "a list with sizes": (
        "Rates in zinc users (n = 95) and iron users (n = 94) were 80% and 84%, respectively.",
        [(80, "zinc"), (84, "iron")],
    ),
    "at the end of a stretch": (
        "In group A 20 cases were cured and 2 cases relapsed, 19 cases were cured and 1 case relapsed in group B.",
        [(20, "group A"), (2, "group A"), (19, "group B"), (1, "group B")],
    ),
    "the other group": (
        f"{TWO}Pain fell by 12 points in the zinc group and by 4 points in the other group.",
        [(-12, "zinc"), (-4, "iron")],
    ),
    "both groups": (f"{TWO}Response was 64% in the zinc and iron groups.", [(64, "zinc"), (64, "iron")]),
    "before an equals sign": ("Seromas were rarer (Group A=18% vs Group B=6%).", [(18, "Group A"), (6, "Group B")]),
    "parts of a count": (
        "Another seven patients (three treated with zinc and four treated with iron) were able to work.",
        [(7, None), (3, "zinc"), (4, "iron")],
    ),
    "none of the others": (
        "Rash was seen in 41 (27%) patients in the zinc group and none of the healthy volunteers.",
        [(27, "zinc"), (0, "healthy volunteers")],
    ),
    "calendar periods": (
        "Mortality fell from 38% in 1995-2003 to 30% in 2004-11.",
        [(38, "1995-2003"), (30, "2004-11")],
    ),
    "who had it": (
        "The delay was 4.0 ± 3.4 hours for men who had a full recovery and 18.0 ± 2.0 hours for men who died.",
        [(4.0, "full recovery"), (18.0, "died")],
    ),
    "randomised with a dose": (
        (
            "Methods: Women were randomised 2:1 to receive zinc 10 mg/day or placebo for 3 years. "
            "Results: Falls were rarer with zinc (9% vs 12%)."
        ),
        [(9, "zinc"), (12, "placebo")],
    ),
    "a short name with its size": (
        (
            "Methods: Children came from a young cohort (jGout, n=71) and an old cohort (oGout, n=203). "
            "Results: jGout and oGout differed in pain (median 16 (10-24) versus 21 (15-28))."
        ),
        [(16, "jGout"), (21, "oGout")],
    ),
    "with something, did something": (
        "Nine of 12 infants with stroke and infarct responded.",
        [(9, "stroke and infarct")],
    ),
    "treatments joined by a plus": (
        "Relapse was 84.1% for men treated with zinc + iron and 79.8% for men treated with zinc + copper.",
        [(84.1, "zinc + iron"), (79.8, "zinc + copper")],
    ),
    "the same events in each": (
        "There were 12 serious events with zinc and 16 with iron.",
        [(12, "zinc"), (16, "iron")],
    ),
    "more frequent in one than in the other": (
        f"{TWO}Gout (RR 4.3, 95% CI 2.0-9.5) was more frequent in the iron group than in the zinc group.",
        [(4.3, "iron vs zinc")],
    ),
    "not different": (f"{TWO}Mortality did not differ, being 13.2% and 11.8%.", [(13.2, "zinc"), (11.8, "iron")]),
    "led to": ("Grafting led to a survival of 62% at 2 years.", [(62, "Grafting")]),
    "factors after a colon": (
        "Associated with relapse were: smoking (HR 1.9, 95% CI 1.5-2.3) and old age (HR 1.3, 95% CI 1.1-1.6).",
        [(1.9, "smoking"), (1.3, "old age")],
    ),
    "those beside a detail": (
        "Toxicity occurred in 69% of patients in arm A (fatigue 31%, pain 11%) and 11% in arm B.",
        [(69, "arm A"), (31, "arm A"), (11, "arm A"), (11, "arm B")],
    ),
}

TIMES = {
    "in a bracket": (
        "Response rates were 76% (9 months) and 71% (12 months); respective cure rates were 87% and 85%.",
        [(76, MONTHS[9]), (71, MONTHS[12]), (87, MONTHS[9]), (85, MONTHS[12])],
    ),
    "by the name of a visit": (
        "Methods: Pain was scored at baseline (T0), at 6 (T1) and 12 months (T2). Results: Pain was 4.6 ± 2.0 at T1.",
        [(4.6, MONTHS[6])],
    ),
    "M12": ("Relapse was 34.8% at M12 and 52.9% at M36.", [(34.8, MONTHS[12]), (52.9, MONTHS[36])]),
    "between two visits": ("Grip changed by 4.8 ± 9.7 points between M0 and M36.", [(4.8, MONTHS[36])]),
    "behind the second of two": (
        "Pain was seen in 42% of zinc users and 56% of iron users at 6 months.",
        [(42, MONTHS[6]), (56, MONTHS[6])],
    ),
    "the end of a stretch": (
        "At 48-52 weeks the mean difference was 4.0 (95% CI 1.3 to 6.8).",
        [(4.0, Timepoint(52.0, "week"))],
    ),
    "a stretch before something is none": ("Use in the three months before the visit was seen in 26%.", [(26, None)]),
    "an age is none": ("The women had a mean age of 58 years, a BMI of 31.6 kg/m2.", [(31.6, None)]),
    "not across a semicolon": (
        "During treatment 3 patients had fever; 2 patients died of stroke in the follow-up of 24 months.",
        [(3, None), (2, Timepoint(24.0, "month"))],
    ),
    "baseline then change": ("Skin fell from 22.4 (6.1) to 15.3 (5.2).", [(22.4, BASELINE), (15.3, None)]),
}

KINDS = {
    "pairs in brackets": ("Gait fell from 22.4 (6.1) to 15.3 (5.2).", ["mean", "mean"]),
    "wrapped with its unit": ("Blood loss was (452.3 ± 137.6) ml and (603.5 ± 99.6) ml.", ["mean", "mean"]),
    "uneven intervals": ("Beats were more frequent (412 [60-1890] vs 38 [4-210]).", ["median", "median"]),
    "a noun of risk": ("The hazard of falls with zinc was 0.75 (95% CI 0.60 to 0.94).", ["effect"]),
    "whole numbers after events": ("There were fewer deaths from stroke (68 vs 120).", ["proportion", "proportion"]),
    "events as a unit": ("Zinc lowered relapse (290 events versus 306 events).", ["proportion", "proportion"]),
    "no change": ("The proportion did not change (29%, 32%, and 31%).", ["proportion"] * 3),
    "levels, not improvements": ("There were improvements in sleep (median: 12.3 vs 9.5 hours).", ["median"] * 2),
    "median and its time": ("Median healing was 6.0 months with zinc versus 3.6 months with iron.", ["median"] * 2),
    "events that developed": ("Two solid tumours have developed in patients who received zinc.", ["proportion"]),
}

NO_FIGURES = {
    "items of a list": "(1) Skin improved. (2) Lungs did not.",
    "visits and arms": "Nothing differed between the two treatment arms.",
    "shares of the sample": "Adults were randomised to zinc (40%; n = 20) or iron (60%; n = 30).",
    "follow-up in a row": "They were followed longer (median follow-up, 11.6 vs 5.5 years).",
    "a test statistic": "Zinc raised the C-statistic for relapse from 0.74 to 0.80.",
    "the level of an interval": "The end point was the duration of fever in cycle one (2-sided CI 95%).",
    "criteria": "Gout hurts. We studied adults. Patients were eligible if they had early (57%) or late gout (13%).",
    "a p of two tails": "The rise was larger in men (2P = 0.002).",
    "a margin": "The smallest difference that matters was set at 1.4 points.",
    "a higher dose": "This was seen despite a 49% higher iron dose.",
}


def number(figure: Figure) -> float | None:
    """The printed number of a figure: percent before value before events."""
    printed = (figure.percent, figure.value, figure.events)
    return next((value for value in printed if value is not None), None)


def figures(text: str) -> list[Figure]:
    return list(read_text(text if "Results:" in text or "We " in text else f"Results: {text}", VOCABULARY))


@pytest.mark.parametrize(("text", "expected"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(number(f), (f.outcome or "").lower()) for f in figures(text)] == [
        (value, name.lower()) for value, name in expected
    ]


@pytest.mark.parametrize(("text", "expected"), ARMS.values(), ids=ARMS)
def test_arm(text: str, expected: list[tuple[float, str | None]]) -> None:
    assert [(number(f), f.arm) for f in figures(text)] == expected


@pytest.mark.parametrize(("text", "expected"), TIMES.values(), ids=TIMES)
def test_time(text: str, expected: list[tuple[float, Timepoint | None]]) -> None:
    assert [(number(f), f.timepoint) for f in figures(text)] == expected


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_kind(text: str, expected: list[str]) -> None:
    assert [f.kind for f in figures(text)] == expected


@pytest.mark.parametrize("text", NO_FIGURES.values(), ids=NO_FIGURES)
def test_no_figure(text: str) -> None:
    assert figures(text) == []
