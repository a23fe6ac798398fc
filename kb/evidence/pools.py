"""Effects → estimates, by the method rules of the protocol.

One intervention class and one design at a time, single arms apart from contrasts, comparators beside and never
pooled in. One effect a cohort: the largest n in the window, then the longest follow-up; the others are listed as
left out with the reason. Counts of single groups without a time are shown and not pooled, because follow-up
differs; contrasts are also pooled at each study's longest follow-up, where both arms had the same. With k = 1 the
study's own numbers stand; there is no prediction interval below k = 3.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from analysis.effects.back import harmonic_mean
from analysis.effects.families import PROPORTION
from analysis.effects.measures import MEASURES
from analysis.pool.predict import predict
from analysis.pool.univariate import Fit, rma_uni
from kb.evidence.sizes import RATIOS
from kb.evidence.speaking import MAIN
from kb.evidence.standing import WHOLE
from kb.records import Effect, Estimate, Share
from kb.vocabulary import Comparison, Topic

SETS = {
    "main": "decided, agreed or keyed from the paper itself",
    "with-secondary": "main and figures read in somebody else's review",
    "with-machine": "main and figures that only the machine has read",
    "without-doubtful": "main without figures that a check doubts",
    "low-risk": "main without studies of which a domain is judged at high risk of bias, or none could be judged",
}
LOW_RISK = "low-risk"
NOBODY: Mapping[str, str] = MappingProxyType({})
LEAST_FOR_PREDICTION = 3
#: Name of the pseudo-window that takes each study's latest contrast.
LONGEST = "longest follow-up"


Groups = dict[tuple[str, str, str, str], list[Effect]]


@dataclass(frozen=True, slots=True)
class Model:
    """How to pool: metafor's method and test, level in percent."""

    method: str
    test: str
    level: float


def all_estimates(
    effects: Iterable[Effect], topic: Topic, model: Model | None = None, risky: Mapping[str, str] | None = None
) -> list[Estimate]:
    """Every estimate that the effects support, for each comparison, outcome, window, measure and set.

    risky: studies that are not at low risk of bias, each with the reason.
    """
    chosen = model or Model(topic.method, topic.test, topic.level)
    groups: Groups = defaultdict(list)
    by_class = {(_class_of(c), design): c for c in topic.comparisons for design in c.designs}
    for effect in effects:
        if comparison := by_class.get((effect.intervention_class, effect.design)):
            groups[(comparison.id, effect.outcome, effect.window, effect.measure)].append(effect)
    comparisons = {c.id: c for c in topic.comparisons}
    groups |= _at_longest(groups, comparisons)
    found: list[Estimate] = []
    for key, group in sorted(groups.items()):
        for name in SETS:
            estimate = pool(group, comparisons[key[0]], name, chosen, risky or NOBODY)
            if estimate is not None and _says_more(estimate, found):
                found.append(estimate)
    return found


def pool(
    effects: list[Effect], comparison: Comparison, name: str, model: Model, risky: Mapping[str, str] = NOBODY
) -> Estimate | None:
    """One estimate from the effects of one comparison, outcome, window and measure; None if the set is empty."""
    inside = [e for e in effects if belongs(e, name)]
    if not inside:
        return None
    kept, left_out = one_per_cohort(e for e in inside if name != LOW_RISK or e.study not in risky)
    if name == LOW_RISK:
        left_out += [Share(e, None, f"not at low risk of bias: {risky[e.study]}") for e in inside if e.study in risky]
    reasons = {e.id: _unpoolable(e, len(kept), comparison) for e in kept}
    silent = [Share(e, None, reasons[e.id]) for e in kept if reasons[e.id]]
    pooled = [e for e in kept if not reasons[e.id]]
    first = inside[0]
    estimate = Estimate(
        id=f"{comparison.id}.{first.outcome}.{first.window.replace(' ', '-')}.{first.measure.lower()}.{name}",
        comparison=comparison.id, outcome=first.outcome, measure=first.measure,
        intervention_class=first.intervention_class, design=", ".join(sorted({e.design for e in inside})),
        window=first.window, set=name, role=comparison.role, method=model.method, test=model.test, level=model.level,
        k=len(pooled), scale=first.scale, shares=(), reviewed=_reviewed(kept or inside),
        assumptions=_assumptions(pooled),
    )  # fmt: skip
    fit = _fit(pooled, model) if len(pooled) > 1 else None
    shares = (*_weighed(pooled, fit), *silent, *left_out)
    return replace(_with_numbers(estimate, pooled, fit), shares=tuple(shares))


def _unpoolable(effect: Effect, k: int, comparison: Comparison) -> str | None:
    """Why an effect is shown and not pooled, or None."""
    if effect.vi is None:
        return "no variance can be had from what is printed"
    if k > 1 and effect.window == WHOLE and comparison.control is None and effect.scale == "percent":
        return "counted over the whole follow-up, whose length differs between studies"
    return None


def _at_longest(groups: Groups, comparisons: dict[str, Comparison]) -> Groups:
    """Each study's latest contrast, where that brings two studies or more together."""
    found: Groups = defaultdict(list)
    for (comparison, outcome, _, measure), effects in groups.items():
        if comparisons[comparison].control is not None:
            found[(comparison, outcome, LONGEST, measure)] += effects
    together = {key: _latest(effects) for key, effects in found.items()}
    return {key: effects for key, effects in together.items() if len({e.cohort for e in effects}) > 1}


def _latest(effects: list[Effect]) -> list[Effect]:
    """The latest effect of each study and basis; the whole follow-up is later than any time in it."""
    by_study: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        by_study[(effect.study, effect.basis)].append(effect)
    last = [
        max(group, key=lambda e: (not e.part, e.vi is not None, e.window == WHOLE, e.months or 0.0, e.id))
        for group in by_study.values()
    ]
    return [replace(e, window=LONGEST) for e in last]


def belongs(effect: Effect, name: str) -> bool:
    """Whether an effect belongs to a named set."""
    main = effect.basis in MAIN
    if name == "with-secondary":
        return main or effect.basis == "secondary sheet"
    if name == "with-machine":
        return main or effect.basis == "machine"
    return main and not (name == "without-doubtful" and effect.doubtful)


def one_per_cohort(effects: Iterable[Effect]) -> tuple[list[Effect], list[Share]]:
    """The effect that stands for each cohort, and those left out.

    Among those with a variance the study's own groups go before parts of them, then the largest n, then the longest
    follow-up.
    """
    cohorts: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        cohorts[effect.cohort].append(effect)
    kept, left_out = [], []
    for group in cohorts.values():
        best, *others = sorted(group, key=lambda e: (e.vi is None, e.part, -(e.ni or 0), -(e.months or 0), e.id))
        kept.append(best)
        left_out += [Share(e, None, _why_left_out(e, best)) for e in others]
    return sorted(kept, key=lambda e: e.id), left_out


def _why_left_out(other: Effect, best: Effect) -> str:
    if other.study == best.study:
        return f"{best.arm} stands for {best.study}: it has {_advantage(best, other)}"
    return f"shares the cohort {best.cohort} with {best.study}, which has {_advantage(best, other)}"


def _advantage(best: Effect, other: Effect) -> str:
    if other.vi is None and best.vi is not None:
        return "a variance"
    if other.part and not best.part:
        return "all patients of its group, not a part of them or those before matching"
    if (best.ni or 0) > (other.ni or 0):
        return f"the larger n ({best.ni} against {other.ni})"
    return "the longer follow-up" if (best.months or 0) > (other.months or 0) else "the first id"


def _class_of(comparison: Comparison) -> str:
    return f"{comparison.intervention} vs {comparison.control}" if comparison.control else comparison.intervention


def _says_more(estimate: Estimate, found: list[Estimate]) -> bool:
    """A sensitivity estimate is kept only where it differs from the main one in what it holds."""
    if estimate.set == "main":
        return True
    main = next((e for e in found if e.set == "main" and _question(e) == _question(estimate)), None)
    return main is None or _held(main) != _held(estimate)


def _held(estimate: Estimate) -> set[tuple[str, bool]]:
    return {(s.effect.id, s.weight is None) for s in estimate.shares}


def _question(estimate: Estimate) -> tuple[str, ...]:
    return estimate.comparison, estimate.outcome, estimate.window, estimate.measure


def _reviewed(effects: list[Effect]) -> str:
    labels = {e.reviewed for e in effects}
    return labels.pop() if len(labels) == 1 else "partly reviewed"


def _assumptions(effects: list[Effect]) -> str | None:
    said = [f"{e.study}: {e.derived}" for e in effects if e.derived]
    return "\n".join(said) or None


def _fit(effects: list[Effect], model: Model) -> Fit:
    return rma_uni(
        [e.yi for e in effects], [e.vi or 0.0 for e in effects], method=model.method, test=model.test, level=model.level
    )


def _weighed(effects: list[Effect], fit: Fit | None) -> list[Share]:
    weights = [100.0] * len(effects) if fit is None else fit.weights
    return [Share(e, float(w), None) for e, w in zip(effects, weights, strict=True)]


def with_numbers(estimate: Estimate, effects: list[Effect], model: Model) -> Estimate:
    """The estimate with the numbers that these effects give; with one effect its own, with none as it was."""
    return _with_numbers(estimate, effects, _fit(effects, model) if len(effects) > 1 else None)


def _with_numbers(estimate: Estimate, effects: list[Effect], fit: Fit | None) -> Estimate:
    """The fit is that of these effects, None where they are fewer than two."""
    if not effects:
        return estimate
    if fit is None:
        only = effects[0]
        se = None if only.vi is None else math.sqrt(only.vi)
        return replace(estimate, beta=only.yi, se=se, estimate=only.estimate, ci_low=only.ci_low, ci_high=only.ci_high)
    pooled = _back(estimate, fit, [e.ni or 1 for e in effects])
    return replace(pooled, beta=fit.estimate, se=fit.se, tau2=fit.tau2, i2=fit.i2, q=fit.q, q_p=fit.q_p)


def _back(estimate: Estimate, fit: Fit, sizes: list[int]) -> Estimate:
    """The pooled value, its interval and, from three studies on, the prediction interval as a reader wants them."""
    # for proportions zero on the logit scale is 50 %: nobody's question, so no p
    p = None if estimate.scale == "percent" else fit.pval
    back = to_reader(estimate.measure, sizes)
    found = replace(estimate, p=p, estimate=back(fit.estimate), ci_low=back(fit.ci_low), ci_high=back(fit.ci_high))
    if len(sizes) < LEAST_FOR_PREDICTION or estimate.method in ("FE", "EE"):
        return found
    ahead = predict(fit)
    if ahead.pi_low is None or ahead.pi_high is None:
        return found
    return replace(found, pi_low=back(ahead.pi_low), pi_high=back(ahead.pi_high), pi_distribution=ahead.pi_distribution)


def to_reader(measure: str, sizes: list[int]) -> Callable[[float], float]:
    """From a measure's analysis scale to the reader's: percent for proportions, ratio for logs, else as it is.

    sizes are the studies' n; their harmonic mean stands for all where a back transformation wants one (Miller 1978).
    """
    if measure not in MEASURES:  # a printed ratio that escalc does not compute, such as HR
        return math.exp if measure in RATIOS else float
    row = MEASURES[measure]
    times = 100.0 if row.family is PROPORTION else 1.0
    extra = (harmonic_mean(sizes),) if row.back_by else ()
    return lambda y: times * float(row.back(y, *extra))
