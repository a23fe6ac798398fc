"""Pooling counts by their own likelihood, without variances and without corrections for zeros: metafor's ``rma.glmm``.

The true effects are normal on the log or logit scale with variance tau2; the likelihood is integrated over them (see
`analysis.pool.glmm_fit`). tau2 is exactly 0 when the boundary is the maximum.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.effects.escalc import escalc
from analysis.pool.glmm_fit import Maximum, maximise
from analysis.pool.glmm_models import Prepared, prepare
from analysis.records import Dropped, FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """A chi-squared test that all studies share one effect."""

    q: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class GlmmFit:
    """A fitted model; estimates are on the log or logit scale.

    Attributes:
        measure: PLO, IRLN, OR or IRR.
        model: UM.FS, CM.EL or CM.AL; None for one group.
        method: ML, or FE without a random effect.
        test: z, or t with k - 1 degrees of freedom.
        level: Confidence level in percent.
        k: Number of studies in the model.
        estimate: Pooled effect.
        se: Its standard error from the observed information.
        stat: estimate / se.
        p: Two-sided p.
        ci_low: Lower confidence limit.
        ci_high: Upper confidence limit.
        pi_low: Lower limit of the interval for the effect in another study.
        pi_high: Its upper limit.
        tau2: Variance of the true effects.
        i2: I2 in percent, from tau2 and the typical sampling variance of the separate effect sizes.
        h2: H2, from the same.
        loglik: Log-likelihood with all constants.
        wald: Heterogeneity by the studies' own estimates; those without a finite one have no weight.
        lrt: Heterogeneity by the likelihood ratio against one effect a study.
        weights: None: a likelihood has no study weights.
        dropped: Rows left out, with reasons.
    """

    measure: str
    model: str | None
    method: str
    test: str
    level: float
    k: int
    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float
    tau2: float
    i2: float
    h2: float
    loglik: float
    wald: Heterogeneity
    lrt: Heterogeneity
    weights: None
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller chose."""

    measure: str
    model: str | None
    method: str
    test: str
    level: float


def rma_glmm(
    data: Mapping[str, ArrayLike],
    measure: str,
    *,
    model: str | None = None,
    method: str = "ML",
    test: str = "z",
    level: float = 95,
) -> GlmmFit:
    """Pool counts by maximum likelihood.

    Args:
        data: Columns by metafor's names: xi and ni or mi (PLO), xi and ti (IRLN), ai, bi or n1i, ci, di or n2i (OR),
            x1i, t1i, x2i, t2i (IRR).
        measure: PLO, IRLN, OR or IRR.
        model: For OR UM.FS (default), CM.EL or CM.AL; for IRR UM.FS (default) or CM.EL.
        method: ML, or FE for one effect in all studies.
        test: z or t.
        level: Confidence level in percent.

    Raises:
        NotEstimable: There is no such model, no row can be used, the estimate is not finite (nobody, or everybody, had
            the event), or a t test is asked of one study.
        ValueError: The columns cannot give the measure, or method or test are unknown.
    """
    if method not in ("ML", "FE") or test not in ("z", "t"):
        raise ValueError(f"method is ML or FE, test is z or t; got {method} and {test}")
    if model is None and measure in ("OR", "IRR"):
        model = "UM.FS"
    prepared = prepare(data, measure, model)
    k = prepared.rows.size
    if test == "t" and k < 2:
        raise NotEstimable("a t test needs at least two studies")
    _check_finite(prepared)
    fixed = maximise(prepared.model, random=False)
    best = maximise(prepared.model, random=True) if method == "ML" and k > 1 else fixed
    vt = _typical_variance(data, measure, prepared)
    lrt = 2 * (float(prepared.model.kernel.saturated().sum()) - fixed.loglik)
    asked = _Asked(measure, model, method, test, level)
    return _fit(asked, prepared, best, vt, max(0.0, lrt))


def _fit(asked: _Asked, prepared: Prepared, best: Maximum, vt: float, lrt: float) -> GlmmFit:
    estimate, tau2, df = float(best.beta[0]), best.tau**2, prepared.rows.size - 1
    critical, p = _reference(asked.test, df, estimate / best.se, asked.level)
    half, half_pi = critical * best.se, critical * float(np.hypot(best.se, best.tau))
    return GlmmFit(
        measure=asked.measure,
        model=asked.model,
        method=asked.method,
        test=asked.test,
        level=asked.level,
        k=df + 1,
        estimate=estimate,
        se=best.se,
        stat=estimate / best.se,
        p=p,
        ci_low=estimate - half,
        ci_high=estimate + half,
        pi_low=estimate - half_pi,
        pi_high=estimate + half_pi,
        tau2=tau2,
        i2=100 * tau2 / (vt + tau2) if tau2 else 0.0,
        h2=1 + tau2 / vt if tau2 else 1.0,
        loglik=best.loglik,
        wald=_tested(_wald(prepared), df),
        lrt=_tested(lrt, df),
        weights=None,
        dropped=prepared.dropped,
    )


def _check_finite(prepared: Prepared) -> None:
    """Refuse data whose every study puts the effect at the same infinity."""
    if np.all(prepared.own == np.inf) or np.all(prepared.own == -np.inf):
        raise NotEstimable("the estimate is not finite: the event never or always happened")


def _reference(test: str, df: int, stat: float, level: float) -> tuple[float, float]:
    """Give the critical value and the two-sided p."""
    upper = 0.5 + level / 200
    if test == "t":
        return float(special.stdtrit(df, upper)), 2 * float(special.stdtr(df, -abs(stat)))
    return float(special.ndtri(upper)), 2 * float(special.ndtr(-abs(stat)))


def _typical_variance(data: Mapping[str, ArrayLike], measure: str, prepared: Prepared) -> float:
    """Higgins and Thompson's typical variance of the studies' effect sizes, zero cells corrected by 1/2."""
    vi: FloatArray = escalc(measure, data).vi[prepared.rows]
    w = 1 / vi
    return float((w.size - 1) / (w.sum() - np.sum(w**2) / w.sum())) if w.size > 1 else float(vi[0])


def _wald(prepared: Prepared) -> float:
    finite = np.isfinite(prepared.own_variance)
    if not finite.any():
        return 0.0
    y, w = prepared.own[finite], 1 / prepared.own_variance[finite]
    return float(np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2))


def _tested(q: float, df: int) -> Heterogeneity:
    return Heterogeneity(q, df, float(special.chdtrc(df, q)) if df else 1.0)
