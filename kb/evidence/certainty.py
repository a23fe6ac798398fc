"""What GRADE asks of an estimate, computed as far as numbers and sheets go. Nothing is rated here: people rate.

Guyatt et al. 2011, J Clin Epidemiol 64: 383 (the approach), 407 (risk of bias), 1283 (imprecision), 1294
(inconsistency), 1303 (indirectness), 1277 (publication bias).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy import stats

from analysis.bias.small_study import regtest
from analysis.records import NotEstimable
from kb.evidence.over_r import pooled_in
from kb.records import Effect, Estimate, StudyFacts
from kb.vocabulary import Outcome, Vocabulary

DOMAINS = ("risk of bias", "inconsistency", "indirectness", "imprecision", "small-study effects")
#: Fewest studies for a test of small-study effects (Sterne et al. 2011, BMJ 343:d4002).
LEAST_FOR_BIAS = 10
#: Relative difference that counts as important where nobody set one: 25 % (Guyatt 2011, J Clin Epidemiol 64:1283).
IMPORTANT_RATIO = 0.75
#: Quantiles of a two-sided test at 5 % with a power of 80 %.
SIZES = float(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))


@dataclass(frozen=True, slots=True)
class Consideration:
    """One GRADE domain of an estimate, as numbers and facts in words."""

    estimate: str
    domain: str
    said: str


def considerations(
    estimates: Iterable[Estimate], studies: Mapping[str, StudyFacts], vocabulary: Vocabulary
) -> list[Consideration]:
    """The five domains of every estimate that holds a study."""
    found: list[Consideration] = []
    for e in estimates:
        if e.k and e.estimate is not None:
            outcome, effects = vocabulary.by_id(e.outcome), pooled_in(e)
            said = (
                _risk(effects, studies), _inconsistency(e), _indirectness(e, effects, studies),
                _imprecision(e, effects, outcome), _small_studies(e, effects),
            )  # fmt: skip
            found += [Consideration(e.id, domain, words) for domain, words in zip(DOMAINS, said, strict=True)]
    return found


def _risk(effects: list[Effect], studies: Mapping[str, StudyFacts]) -> str:
    return "; ".join(f"{name}: {_judged(studies.get(name))}" for name in sorted({e.study for e in effects}))


def _judged(study: StudyFacts | None) -> str:
    if study is None or not study.risk:
        return "not judged"
    counts = Counter(judgement for _, judgement in study.risk)
    return ", ".join(f"{count} {judgement}" for judgement, count in sorted(counts.items()))


def _inconsistency(e: Estimate) -> str:
    if e.k == 1:
        return "one study: nothing to compare"
    words = f"k = {e.k}, I² = {_number(e.i2)} %, τ² = {_number(e.tau2)}, p of Q = {_number(e.q_p)}"
    if e.pi_low is None:
        return f"{words}; no prediction interval below 3 studies"
    return f"{words}; prediction interval {_number(e.pi_low)} to {_number(e.pi_high)}"


def _indirectness(e: Estimate, effects: list[Effect], studies: Mapping[str, StudyFacts]) -> str:
    controlled = " vs " in e.intervention_class
    said = [f"{e.intervention_class}, {e.design}", "compared directly" if controlled else "no control group"]
    months = sorted({x.months for x in effects if x.months is not None})
    if months:
        said.append(f"measured at {' to '.join(_number(m) for m in dict.fromkeys((months[0], months[-1])))} months")
    read = sorted({study.made_from for x in effects if (study := studies.get(x.study)) and study.made_from})
    said += [f"read from: {', '.join(read)}"] if read else []
    return "; ".join(said)


def _imprecision(e: Estimate, effects: list[Effect], outcome: Outcome) -> str:
    if e.ci_low is None or e.ci_high is None or e.estimate is None:
        return "no interval can be had"
    patients = sum(x.ni or 0 for x in effects)
    said = [f"interval {_number(e.ci_low)} to {_number(e.ci_high)}, width {_number(e.ci_high - e.ci_low)}"]
    said += [f"{patients} patients"] if patients else []
    return "; ".join([*said, *_against_null(e), *_against_mcid(e, outcome), _information(e, effects, outcome)])


def _against_null(e: Estimate) -> list[str]:
    if e.scale == "percent" or e.ci_low is None or e.ci_high is None:
        return []
    null = 1.0 if e.scale == "ratio" else 0.0
    return [f"{'includes' if e.ci_low <= null <= e.ci_high else 'excludes'} {null:g}"]


def _against_mcid(e: Estimate, outcome: Outcome) -> list[str]:
    if e.scale != "points" or outcome.mcid is None or e.ci_low is None or e.ci_high is None:
        return []
    least = outcome.mcid.value
    inside = [x for x in (-least, least) if e.ci_low < x < e.ci_high]
    where = f"crosses {' and '.join(_number(x) for x in inside)}" if inside else "lies on one side of it"
    return [f"smallest important difference {least:g}: the interval {where}"]


def _information(e: Estimate, effects: list[Effect], outcome: Outcome) -> str:
    """Patients that one trial would need: (z₀.₉₇₅ + z₀.₈)² · v · n / δ², with v · n the variance of one patient."""
    least = _important(e, outcome)
    unit = [x.vi * x.ni for x in effects if x.vi is not None and x.ni]
    if least is None or not unit:
        return "optimal information size: not defined here"
    needed = math.ceil(SIZES**2 * (sum(unit) / len(unit)) / least[0] ** 2)
    return f"optimal information size for {least[1]}: {needed} patients"


def _important(e: Estimate, outcome: Outcome) -> tuple[float, str] | None:
    """The difference that matters on the analysis scale, and its name; None where there is none to speak of."""
    if e.scale == "points" and outcome.mcid is not None:
        return outcome.mcid.value, f"a difference of {outcome.mcid.value:g}"
    return (math.log(IMPORTANT_RATIO), f"a ratio of {IMPORTANT_RATIO:g}") if e.scale == "ratio" else None


def _small_studies(e: Estimate, effects: list[Effect]) -> str:
    if e.k < LEAST_FOR_BIAS:
        return f"not tested: k = {e.k}, such tests need {LEAST_FOR_BIAS}"
    try:
        test = regtest([x.yi for x in effects], [x.vi or 0.0 for x in effects], model="lm")
    except NotEstimable as error:
        return f"not tested: {error}"
    return f"Egger's regression: t = {_number(test.stat)}, p = {_number(test.p)}, k = {e.k}"


def _number(x: float | None) -> str:
    return "–" if x is None else f"{x:.3g}".replace("-", "−")
