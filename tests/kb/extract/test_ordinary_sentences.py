"""Sentences as most abstracts have them: each number with its outcome and its group. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.records import Figure
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()
TWO = "Methods: Adults were randomised to zinc or iron. Results: "

READ = {
    "what the results show": (
        "Results: The results of our work indicate that relapse occurred in 10 of 36 adults (28%).",
        [(28, "relapse", None)],
    ),
    "a reason is a clause": (
        "Results: The dose was halved because gout flares occurred in 53% of adults.",
        [(53, "gout flares", None)],
    ),
    "an adjective is no outcome": (
        f"{TWO}The resistance was not different (8.4 ± 4.3 vs 9.7 ± 4.6 units).",
        [(8.4, "resistance", "zinc"), (9.7, "resistance", "iron")],
    ),
    "what two groups are compared for": (
        (
            "Methods: Women were randomised to zinc or iron. Results: Women in the zinc group reported greater mean "
            "severity for skin problems (0.29 vs 0.19), cold hands (0.96 vs 0.85) and bladder control symptoms "
            "(0.88 vs 0.73)."
        ),
        [
            (0.29, "skin problems", "zinc"),
            (0.19, "skin problems", "iron"),
            (0.96, "cold hands", "zinc"),
            (0.85, "cold hands", "iron"),
            (0.88, "bladder control symptoms", "zinc"),
            (0.73, "bladder control symptoms", "iron"),
        ],
    ),
    "the group of, the group with": (
        "Results: Success did not differ (20% in the group of zinc alone vs 28% in the group with surgery or iron).",
        [(20, "success", "zinc alone"), (28, "success", "surgery or iron")],
    ),
    "a letter and a number": (
        "Results: Cure was seen in 10 of 36 men (28%) in arm A and 4 of 19 men (21%) in arm B.",
        [(28, "cure", "arm A"), (21, "cure", "arm B")],
    ),
    "fell so many points": (
        f"{TWO}The pain index fell 7.4 points with zinc and 3.1 points with iron.",
        [(-7.4, "pain index", "zinc"), (-3.1, "pain index", "iron")],
    ),
    "sizes in one bracket": (
        (
            "Methods: We saw 138 adults (gout-ABC, n=86; other ABC [OABC], n=52). "
            "Results: Pressure was lower (37.6 ± 9.1 vs 49.8 ± 12.0 mmHg)."
        ),
        [(37.6, "pressure", "gout-ABC"), (49.8, "pressure", "OABC")],
    ),
    "sizes that add up": (
        "Methods: All 39 patients (20 moss, 19 fern) were seen. Results: Retention was 85% vs 53%.",
        [(85, "retention", "moss"), (53, "retention", "fern")],
    ),
    "two numbers and a test": (
        f"{TWO}Mean pain was 3.2 and 4.5 (P=0.02).",
        [(3.2, "pain", "zinc"), (4.5, "pain", "iron")],
    ),
    "counts in a row": (
        f"{TWO}Relapse was seen in 4 and 7 patients, respectively.",
        [(4, "relapse", "zinc"), (7, "relapse", "iron")],
    ),
    "a later part of a list": (
        "Results: Wound infection developed in 12% of the patients, seroma in 8% and gout in 3%.",
        [(12, "wound infection", None), (8, "seroma", None), (3, "gout", None)],
    ),
    "a mean without its verb": (
        "Results: Mean walking distance was 120 m, mean blood loss 200 mL.",
        [(120, "walking distance", None), (200, "blood loss", None)],
    ),
    "the verb inside a count": (
        "Results: In all, 12 patients relapsed (30%) and 3 died (7.5%).",
        [(30, "relapsed", None), (7.5, "death", None)],
    ),
    "the subject, if nothing else": (
        f"{TWO}Ferritin increased more with zinc (12.1 vs 4.2 ng/ml; P<0.001).",
        [(12.1, "ferritin", "zinc"), (4.2, "ferritin", "iron")],
    ),
    "a unit for both": (
        f"{TWO}Blood loss was lower in the zinc group (120 vs 210 mL, P=0.01).",
        [(120, "blood loss", "zinc"), (210, "blood loss", "iron")],
    ),
    "one list of outcomes for two rows": (
        (
            f"{TWO}Nausea, vomiting and rash were reported in 12%, 8% and 3% of zinc patients and 10%, 4% and 2% of "
            "iron patients, respectively."
        ),
        [
            (12, "nausea", "zinc"),
            (8, "vomiting", "zinc"),
            (3, "rash", "zinc"),
            (10, "nausea", "iron"),
            (4, "vomiting", "iron"),
            (2, "rash", "iron"),
        ],
    ),
    "overall": (
        "Results: The prevalence of gout was 33% overall, 41% in women and 25% in men.",
        [(33, "gout", None), (41, "gout", "women"), (25, "gout", "men")],
    ),
    "those without": (
        "Results: Mortality was 22% in patients with anaemia and 11% in those without.",
        [(22, "death", "anaemia"), (11, "death", "without anaemia")],
    ),
    "mostly": (
        f"{TWO}Adverse events occurred in 40% of zinc and 35% of iron patients, mostly nausea (12% vs 8%).",
        [
            (40, "adverse events", "zinc"),
            (35, "adverse events", "iron"),
            (12, "nausea", "zinc"),
            (8, "nausea", "iron"),
        ],
    ),
}


def number(figure: Figure) -> float | None:
    return next((x for x in (figure.percent, figure.value, figure.events) if x is not None), None)


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_ordinary_sentence(text: str, expected: list[tuple[float, str, str | None]]) -> None:
    assert [(number(f), (f.outcome or "").lower(), f.arm) for f in read_text(text, VOCABULARY)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Results: Risk ratios of early and late gout were 2.9 (95% CI 1.1-9.2) and 1.0 (0.3-3.5).",
        "Results: Standardised incidence ratios of early and late gout were 2.9 (95% CI 1.1-9.2) and 1.0 (0.3-3.5).",
    ],
)
def test_ratios_in_the_plural_are_effects(text: str) -> None:
    assert [f.kind for f in read_text(text, VOCABULARY)] == ["effect", "effect"]
