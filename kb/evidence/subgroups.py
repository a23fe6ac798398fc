"""An estimate by subgroups of its studies: each pooled alone, and a test whether they differ.

Cochrane Handbook 6.5, 10.11: subgroups explore, and hardly ever say anything with fewer than ten studies for each
question that is asked of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from analysis.pool.fit import Fit
from analysis.pool.subgroups import subgroups
from kb.evidence.pools import to_reader
from kb.evidence.risk import why_not_low
from kb.records import Effect, Estimate, StudyFacts

#: What studies can be grouped by, and what that means.
KINDS = {
    "design": "the design of the study",
    "intervention": "what the group was given",
    "risk": "risk of bias, low or not",
    "size": "size of the group, below 20 or not",
    "doubt": "whether a check doubts a figure",
}
#: Smallest group that "size" calls large. The topic's trials are small; half of its groups are below.
LARGE = 20


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Studies that have something in common; estimate and interval as a reader wants them, tau2 None with one study."""

    name: str
    k: int
    patients: int
    estimate: float
    ci_low: float | None
    ci_high: float | None
    tau2: float | None
    i2: float | None


@dataclass(frozen=True, slots=True)
class Split:
    """An estimate by subgroups; q, df and p test whether they differ and are None where all are in one."""

    kind: str
    groups: tuple[Subgroup, ...]
    q: float | None
    df: int | None
    p: float | None


def split(estimate: Estimate, kind: str, studies: Mapping[str, StudyFacts]) -> Split | None:
    """The pooled studies of an estimate by one of KINDS, with a tau2 of its own for each; None below two studies."""
    effects = [s.effect for s in estimate.shares if s.weight is not None]
    if len(effects) < 2:
        return None
    names = [_name(kind, e, studies.get(e.study)) for e in effects]
    found = subgroups(
        [e.yi for e in effects], [e.vi or 0.0 for e in effects], names,
        method=estimate.method, test=estimate.test, level=estimate.level,
    )  # fmt: skip
    members = {name: [e for e, n in zip(effects, names, strict=True) if n == name] for name in found.fits}
    groups = tuple(_group(estimate, name, fit, members[name]) for name, fit in found.fits.items())
    return Split(kind, groups, found.q_between, found.df_between[0] or None, found.p_between)


def _name(kind: str, effect: Effect, study: StudyFacts | None) -> str:
    if kind == "risk":
        return "not low" if why_not_low(study) else "low"
    if kind == "size":
        return "size unknown" if effect.ni is None else f"{LARGE} or more" if effect.ni >= LARGE else f"below {LARGE}"
    if kind == "doubt":
        return "doubted" if effect.doubtful else "not doubted"
    if kind == "intervention":
        arms = {arm.name: arm.intervention for arm in study.arms} if study else {}
        return arms.get(effect.arm, effect.arm)
    return effect.design


def _group(estimate: Estimate, name: str, fit: Fit, effects: list[Effect]) -> Subgroup:
    patients = sum(e.ni or 0 for e in effects)
    if len(effects) == 1:
        only = effects[0]
        return Subgroup(name, 1, patients, only.estimate, only.ci_low, only.ci_high, None, None)
    back = to_reader(estimate.measure, _sizes(effects))
    numbers = _through(back, (fit.estimate, fit.ci_low, fit.ci_high))
    return Subgroup(name, len(effects), patients, *numbers, fit.tau2, fit.i2)


def _sizes(effects: Iterable[Effect]) -> list[int]:
    return [e.ni or 1 for e in effects]


def _through(back: Callable[[float], float], numbers: tuple[float, float, float]) -> tuple[float, float, float]:
    value, low, high = numbers
    return back(value), back(low), back(high)
