"""Pooling tables without a study variance: Mantel-Haenszel and Peto, metafor's ``rma.mh`` and ``rma.peto``.

Both take the counts of every table together, so they bear zero cells. The effect sizes of single tables are needed only
for the heterogeneity test Q; corrections for zero cells there do not touch the pooled estimate.

Sources: Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; variances by Robins, Breslow and Greenland 1986,
Biometrics 42:311 (OR), Greenland and Robins 1985, Biometrics 41:55 (RR), Sato, Greenland and Robins 1989, Biometrics
45:1323 (RD), Rothman, Greenland and Lash 2008, Modern Epidemiology, p. 272 (rates); Yusuf 1985, Prog Cardiovasc Dis
27:335 (Peto).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.effects.escalc import escalc
from analysis.pool.cochran import HomogeneityOfOdds, Tested, cmh_rates, cmh_tables, homogeneity_of_odds
from analysis.pool.strata import Rates, Tables, read_rates, read_tables
from analysis.records import Dropped, FloatArray, NotEstimable

Sums = tuple[float | None, float | None, FloatArray]


@dataclass(frozen=True, slots=True)
class StratifiedFit:
    """A pool of tables.

    Attributes:
        method: MH or PETO.
        measure: OR, RR, RD, IRR or IRD; ratios on the log scale.
        level: Confidence level in percent.
        k: Number of tables.
        estimate: Pooled effect; None where it is not defined (an arm without any events).
        se: Its standard error.
        stat: z statistic.
        p: Two-sided p.
        ci_low: Lower confidence limit.
        ci_high: Upper confidence limit.
        weights: Weight of each table in percent; None where the estimate is not defined.
        yi: Effect size of each table after the correction for zeros (k), NaN where there is none.
        vi: Its sampling variance.
        k_yi: Number of tables with an effect size.
        q: Heterogeneity of the effect sizes around the pooled one; None where that is not defined.
        q_df: k_yi - 1, at least 0.
        q_p: p of q by chi-squared.
        i2: I2 in percent.
        h2: H2.
        cmh: Cochran-Mantel-Haenszel test of no effect (OR and IRR); None elsewhere or where nothing happened.
        homogeneity: Breslow-Day and Tarone tests of one odds ratio (OR); None elsewhere.
        dropped: Rows left out, with reasons.
        notes: Corrections that were made, in words.
    """

    method: str
    measure: str
    level: float
    k: int
    estimate: float | None
    se: float | None
    stat: float | None
    p: float | None
    ci_low: float | None
    ci_high: float | None
    weights: FloatArray | None
    yi: FloatArray
    vi: FloatArray
    k_yi: int
    q: float | None
    q_df: int
    q_p: float | None
    i2: float | None
    h2: float | None
    cmh: Tested | None
    homogeneity: HomogeneityOfOdds | None
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heterogeneity:
    k: int
    q: float | None
    df: int
    p: float | None
    i2: float | None
    h2: float | None


def rma_mh(
    data: Mapping[str, ArrayLike],
    measure: str,
    *,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = True,
    add_pooling: float = 0.0,
    to_pooling: str = "none",
    correct: bool = True,
    level: float = 95,
) -> StratifiedFit:
    """Pool tables or rates by Mantel-Haenszel.

    Args:
        data: Columns ai, bi or n1i, ci, di or n2i for OR, RR, RD; x1i, t1i, x2i, t2i for IRR, IRD.
        measure: OR, RR, RD, IRR or IRD.
        add: Added to zero cells for the effect sizes of single tables.
        to: Which tables are corrected: only0, if0all, all, none.
        drop00: Leave tables without events in both arms out of the effect sizes.
        add_pooling: Added to cells before pooling itself; 0 is the method's point.
        to_pooling: Which tables are corrected for pooling.
        correct: Continuity correction of the Cochran-Mantel-Haenszel test.
        level: Confidence level in percent.

    Raises:
        NotEstimable: The measure is not one of the five, or no row can be used.
        ValueError: The columns cannot give the measure (see `analysis.effects.escalc.escalc`).
    """
    if measure not in _SUMS:
        raise NotEstimable(f"Mantel-Haenszel pools {', '.join(_SUMS)}, not {measure}")
    effects = escalc(measure, data, add=add, to=to, drop00=drop00)
    strata, rows, dropped = read_rates(data) if measure in ("IRR", "IRD") else read_tables(data)
    strata = strata.corrected(add_pooling, to_pooling)
    estimate, se, weights = _SUMS[measure](strata)
    cmh, homogeneity = None, None
    if isinstance(strata, Rates):
        cmh = cmh_rates(strata, correct=correct) if measure == "IRR" else None
    elif measure == "OR":
        cmh = cmh_tables(strata, correct=correct)
        homogeneity = None if estimate is None else homogeneity_of_odds(strata, math.exp(estimate))
    pool = ("MH", measure, level, (estimate, se, weights), (effects.yi[rows], effects.vi[rows]))
    return _fit(*pool, tests=(cmh, homogeneity), dropped=dropped, notes=effects.notes)


def rma_peto(data: Mapping[str, ArrayLike], *, drop00: bool = True, level: float = 95) -> StratifiedFit:
    """Pool odds ratios by observed minus expected events (Peto); no zero cell is ever corrected.

    Raises:
        NotEstimable: An outcome never occurred in any table, or no row can be used.
        ValueError: The columns cannot give a table.
    """
    effects = escalc("PETO", data, add=0, drop00=drop00)
    tables, rows, dropped = read_tables(data)
    if tables.events.sum() == 0 or tables.others.sum() == 0:
        raise NotEstimable("one of the two outcomes never occurred in any table, so Peto's method cannot be used")
    expected = tables.events * tables.n1 / tables.n
    weights = tables.hypergeometric_variance()
    estimate = float(np.sum(tables.a - expected) / weights.sum())
    pool = ("PETO", "OR", level, (estimate, float(1 / np.sqrt(weights.sum())), weights))
    return _fit(*pool, (effects.yi[rows], effects.vi[rows]), tests=(None, None), dropped=dropped, notes=effects.notes)


def leave_one_out(
    data: Mapping[str, ArrayLike], pool: Callable[[Mapping[str, ArrayLike]], StratifiedFit]
) -> tuple[StratifiedFit, ...]:
    """Pool again without each row in turn, for example with ``lambda rest: rma_mh(rest, "OR")``.

    Raises:
        NotEstimable: Without some row the pool cannot be computed.
    """
    columns = {name: np.asarray(values) for name, values in data.items()}
    rows = next(iter(columns.values())).size
    return tuple(pool({name: np.delete(values, row) for name, values in columns.items()}) for row in range(rows))


def _fit(
    method: str,
    measure: str,
    level: float,
    sums: Sums,
    effects: tuple[FloatArray, FloatArray],
    *,
    tests: tuple[Tested | None, HomogeneityOfOdds | None],
    dropped: tuple[Dropped, ...],
    notes: tuple[str, ...],
) -> StratifiedFit:
    estimate, se, weights = sums
    het = _heterogeneity(*effects, estimate)
    stat = estimate / se if estimate is not None and se else None
    ci_low, ci_high = _interval(estimate, se, level)
    return StratifiedFit(
        method=method,
        measure=measure,
        level=level,
        k=weights.size,
        estimate=estimate,
        se=se,
        stat=stat,
        p=None if stat is None else 2 * float(special.ndtr(-abs(stat))),
        ci_low=ci_low,
        ci_high=ci_high,
        weights=None if estimate is None else 100 * weights / weights.sum(),
        yi=effects[0],
        vi=effects[1],
        k_yi=het.k,
        q=het.q,
        q_df=het.df,
        q_p=het.p,
        i2=het.i2,
        h2=het.h2,
        cmh=tests[0],
        homogeneity=tests[1],
        dropped=dropped,
        notes=notes,
    )


def _interval(estimate: float | None, se: float | None, level: float) -> tuple[float | None, float | None]:
    if estimate is None or se is None:
        return None, None
    half = float(special.ndtri(0.5 + level / 200)) * se
    return estimate - half, estimate + half


def _heterogeneity(yi: FloatArray, vi: FloatArray, estimate: float | None) -> _Heterogeneity:
    """Q of the single effect sizes around the pooled one, as metafor has it: 0 with fewer than two."""
    known = ~np.isnan(yi)
    k = int(known.sum())
    if k < 2:
        return _Heterogeneity(k, 0.0, 0, 1.0, 0.0, 1.0)
    if estimate is None:
        return _Heterogeneity(k, None, k - 1, None, None, None)
    q, df = float(np.sum((yi[known] - estimate) ** 2 / vi[known])), k - 1
    return _Heterogeneity(k, q, df, float(special.chdtrc(df, q)), max(0.0, 100 * (q - df) / q) if q else 0.0, q / df)


def _log_ratio(numerator: FloatArray, denominator: FloatArray) -> tuple[float | None, float, float]:
    above, below = float(numerator.sum()), float(denominator.sum())
    return (math.log(above / below) if above > 0 and below > 0 else None), above, below


def _odds_ratio(x: Tables) -> Sums:
    r, s = x.a * x.d / x.n, x.b * x.c / x.n
    estimate, R, S = _log_ratio(r, s)
    if estimate is None:
        return None, None, s
    p, q = (x.a + x.d) / x.n, (x.b + x.c) / x.n
    v = (np.sum(p * r) / R**2 + np.sum(p * s + q * r) / (R * S) + np.sum(q * s) / S**2) / 2
    return estimate, math.sqrt(v), s


def _risk_ratio(x: Tables) -> Sums:
    weights = x.c * x.n1 / x.n
    estimate, R, S = _log_ratio(x.a * x.n2 / x.n, weights)
    if estimate is None:
        return None, None, weights
    v = np.sum(x.n1 / x.n * (x.n2 / x.n) * x.events - x.a * x.c / x.n) / (R * S)
    return estimate, math.sqrt(v), weights


def _risk_difference(x: Tables) -> Sums:
    weights = x.n1 * x.n2 / x.n
    total = float(weights.sum())
    estimate = float(np.sum(x.a * (x.n2 / x.n) - x.c * (x.n1 / x.n))) / total
    f1, f2 = x.n1 / x.n, x.n2 / x.n
    p = np.sum(x.c * f1**2 - x.a * f2**2 + f1 * f2 * (x.n2 - x.n1) / 2)
    q = np.sum(x.a * (x.n2 - x.c) / x.n + x.c * (x.n1 - x.a) / x.n) / 2
    return estimate, math.sqrt(max(estimate * float(p) + float(q), 0)) / total, weights


def _rate_ratio(x: Rates) -> Sums:
    weights = x.x2 * x.t1 / x.t
    estimate, R, S = _log_ratio(x.x1 * x.t2 / x.t, weights)
    if estimate is None:
        return None, None, weights
    return estimate, math.sqrt(np.sum(x.t1 * x.t2 * (x.x1 + x.x2) / x.t**2) / (R * S)), weights


def _rate_difference(x: Rates) -> Sums:
    weights = x.t1 * x.t2 / x.t
    total = float(weights.sum())
    estimate = float(np.sum((x.x1 * x.t2 - x.x2 * x.t1) / x.t)) / total
    return estimate, math.sqrt(np.sum(weights**2 * (x.x1 / x.t1**2 + x.x2 / x.t2**2))) / total, weights


_SUMS: dict[str, Callable[..., Sums]] = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}
