"""How results are printed: each form gives its numbers. The sentences are ours."""

import pytest

from kb.extract import read_text
from kb.vocabulary import load_outcomes

VOCABULARY = load_outcomes()

FORMS = {
    "percent with fraction": ("Relapse occurred in 25.0% (10/40).", [{"percent": 25.0, "events": 10, "n": 40}]),
    "percent with k of n": ("Relapse occurred in 20% [four of 20].", [{"percent": 20.0, "events": 4, "n": 20}]),
    "out of, in words": ("Skin ulcers healed in seven out of nine patients.", [{"events": 7, "n": 9}]),
    "hyphenated words": ("Remission was reached by twenty-one of 30 patients.", [{"events": 21, "n": 30}]),
    "count with percent": ("Fever developed in 12 patients (30.0%).", [{"events": 12, "percent": 30.0}]),
    "percent between count and n": (
        "Fever was seen in 9 (30%) of 30 patients.",
        [{"events": 9, "percent": 30.0, "n": 30}],
    ),
    "percent of n": ("A response was seen in 35.5% of 62 with drug A.", [{"percent": 35.5, "n": 62}]),
    "fraction, verb, percent": (
        "In all, 6 of 24 patients relapsed (25.0%).",
        [{"events": 6, "n": 24, "percent": 25.0}],
    ),
    "sign shared": (
        "Survival was 91, 84 and 70% at 1, 2 and 3 years.",
        [{"percent": 91.0}, {"percent": 84.0}, {"percent": 70.0}],
    ),
    "middle dot": ("The relapse rate was 7·5% at 1 year.", [{"percent": 7.5}]),
    "thousands": ("Of 1,250 patients, 25 (2.0%) died.", [{"events": 25, "percent": 2.0}]),
    "plus minus": ("The mean score was 12.4 ± 3.1 points.", [{"value": 12.4, "sd": 3.1, "kind": "mean"}]),
    "plus minus spelt": ("The mean score was 12.4 +/- 3.1.", [{"value": 12.4, "sd": 3.1}]),
    "SD in brackets": ("The mean score was 12.4 (SD 3.1).", [{"value": 12.4, "sd": 3.1}]),
    "SD and n in brackets": ("The mean score was 12.4 (SD = 3.1, n = 20).", [{"value": 12.4, "sd": 3.1, "n": 20}]),
    "SE": ("The mean score was 12.4 (SE 0.6).", [{"value": 12.4, "se": 0.6}]),
    "SE explained later": ("The mean score fell by 1.4 ± 0.6 (mean ± standard error).", [{"value": -1.4, "se": 0.6}]),
    "IQR": (
        "The median score was 12 (IQR 8–15).",
        [{"value": 12.0, "iqr_low": 8.0, "iqr_high": 15.0, "kind": "median"}],
    ),
    "interquartile range, to": (
        "The median score was 12 [interquartile range 8 to 15].",
        [{"iqr_low": 8.0, "iqr_high": 15.0}],
    ),
    "range": (
        "The median time to healing was 40 days (range, 12-95 days).",
        [{"value": 40.0, "range_low": 12.0, "range_high": 95.0}],
    ),
    "CI in words": (
        "Relapse was rarer with drug A (hazard ratio 0.62, 95% confidence interval 0.41 to 0.94).",
        [{"effect_measure": "HR", "value": 0.62, "ci_low": 0.41, "ci_high": 0.94, "ci_level": 95}],
    ),
    "CI in nested brackets": (
        "The pooled SIR was 2.85 [95% CI (1.63-4.63)].",
        [{"effect_measure": "SIR", "ci_low": 1.63, "ci_high": 4.63}],
    ),
    "CI with semicolon": (
        "The mean difference was -3.1 (-4.5; -1.7).",
        [{"effect_measure": "MD", "value": -3.1, "ci_low": -4.5, "ci_high": -1.7}],
    ),
    "CI of a negative to a positive": (
        "The mean difference was −0.4 (95% CI −1.1–0.3).",
        [{"ci_low": -1.1, "ci_high": 0.3}],
    ),
    "CI at an odd level": (
        "Survival was 70.1% [97.5% CI 60.2–78.0].",
        [{"percent": 70.1, "ci_level": 97.5, "ci_low": 60.2}],
    ),
    "credible interval": (
        "Drug A lowered relapse (OR 0.55 [95% CrI 0.31 to 0.97]).",
        [{"effect_measure": "OR", "ci_high": 0.97}],
    ),
    "header before": (
        "The risk of relapse (risk ratio [95% CI]) was 1.20 (1.05-1.37) with drug A.",
        [{"effect_measure": "RR", "value": 1.2, "ci_low": 1.05, "ci_high": 1.37}],
    ),
    "measure in brackets": (
        "The adjusted odds ratio (aOR) was 2.10 (95% CI 1.20-3.70).",
        [{"effect_measure": "OR", "value": 2.1}],
    ),
    "NNT": ("The number needed to treat was 8 (95% CI 5-20).", [{"effect_measure": "NNT", "value": 8}]),
    "SMD": ("Pain was lower (SMD -0.45, 95% CI -0.70 to -0.20).", [{"effect_measure": "SMD", "value": -0.45}]),
    "rate per person-time": (
        "Infection occurred at 3.2 per 100 person-years.",
        [{"kind": "proportion", "value": 3.2, "unit": "per 100 person-years"}],
    ),
    "fall without a sign": ("The skin score decreased by 4.5 points.", [{"kind": "change", "value": -4.5}]),
    "change with sign": ("The mean change in FVC was −2.5 mL.", [{"kind": "change", "value": -2.5}]),
    "least-squares mean": (
        "The least-squares mean difference was −28 m (95% CI −35 to −21).",
        [{"kind": "effect", "value": -28, "effect_measure": "MD"}],
    ),
    "absolute difference": (
        "The absolute increase in response rate was 7.5%.",
        [{"kind": "effect", "effect_measure": "RD", "value": 7.5}],
    ),
    "whole named first": ("Of 50 patients with ILD, 20 (40.0%) improved.", [{"events": 20, "n": 50, "percent": 40.0}]),
    "whole that does not fit": ("Of 50 patients, 20 (62.5%) improved.", [{"events": 20, "percent": 62.5}]),
    "heterogeneity beside": (
        "The pooled prevalence was 9% (95% CI 6-12%; I2 = 92%).",
        [{"percent": 9, "ci_low": 6, "ci_high": 12}],
    ),
    "stay without spread": (
        "Hospital stay was 3.2 days in group 1 and 5.1 days in group 2.",
        [{"value": 3.2, "kind": "mean"}, {"value": 5.1}],
    ),
    "count of events": ("We recorded three deaths.", [{"kind": "proportion", "events": 3}]),
    "count of people": ("Five patients developed a fever.", [{"kind": "proportion", "events": 5}]),
    "p beside an effect": (
        "Relapse was rarer (HR 0.70, 95% CI 0.50-0.98; P = .038).",
        [{"p_value": {"op": "=", "value": 0.038}}],
    ),
    "survival in months": (
        "Median survival was 11.5 months (95% CI 9.0-14.2).",
        [{"kind": "median", "value": 11.5, "ci_low": 9.0}],
    ),
    "unlabelled interval after a comma": (
        "Median survival was 11.5 months, 95% CI 9.0–14.2, with drug A and 8.1 months, 6.6–9.9, with drug B.",
        [{"value": 11.5, "ci_low": 9.0}, {"value": 8.1, "ci_low": 6.6, "ci_high": 9.9}],
    ),
}


@pytest.mark.parametrize(("text", "wanted"), FORMS.values(), ids=FORMS.keys())
def test_form_gives_its_numbers(text: str, wanted: list[dict[str, object]]):
    read = [figure.as_json() for figure in read_text(text, VOCABULARY)]
    missing = [w for w in map(_flat, wanted) if not any(w.items() <= r.items() for r in map(_flat, read))]
    assert not missing, read
    assert len(read) == len(wanted), read


def _flat(figure: dict[str, object]) -> dict[str, object]:
    return {key: str(value) if isinstance(value, dict) else value for key, value in figure.items()}


NEGATED = {
    "No deaths occurred.": ["death"],
    "No deaths, thrombosis or cancers were reported.": ["death", "thrombosis", "cancers"],
    "There were no serious adverse events.": ["serious adverse events"],
    "None of the 14 patients developed pneumonia.": ["pneumonia"],
    "No patient died.": ["death"],
    "No significant difference was observed.": [],
    "There was no change in the skin score.": [],
    "No treatment reduced mortality.": [],
}


@pytest.mark.parametrize(("text", "outcomes"), NEGATED.items())
def test_what_did_not_happen_is_a_figure_of_no_events(text: str, outcomes: list[str]):
    read = read_text(text, VOCABULARY)
    assert [(figure.outcome, figure.events) for figure in read] == [(outcome, 0) for outcome in outcomes]
