"""Small-study effects and what they may hide: Egger's kin, Begg, fail-safe N, excess significance.

Trim and fill and the Henmi-Copas interval have modules of their own.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.pool.fit import Coefficient, Fit
from analysis.pool.univariate import rma_uni
from analysis.records import FloatArray, NotEstimable

Predictor = Literal["sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"]

# Above this many rows the exact distribution of Kendall's S is as good as normal.
_EXACT_ROWS = 300


@dataclass(frozen=True, slots=True)
class RegressionTest:
    """Regression test for funnel plot asymmetry.

    Attributes:
        model: lm (weighted regression with a multiplicative dispersion, Egger's) or rma.
        predictor: What the estimates are regressed on.
        stat: Test statistic of the predictor.
        df: Degrees of freedom of t; None for z.
        p: Its p value.
        slope: The predictor's coefficient; for lm with sei it is the intercept of Egger's own parametrisation.
        limit: The intercept as the estimate for an infinitely large study; None where the predictor does not vanish
            with growing size.
        fit: The fitted regression.
    """

    model: str
    predictor: str
    stat: float
    df: int | None
    p: float
    slope: Coefficient
    limit: Coefficient | None
    fit: Fit


@dataclass(frozen=True, slots=True)
class RankTest:
    """Begg and Mazumdar's rank correlation test: Kendall's tau-b, its p value, whether that is exact."""

    tau: float
    p: float
    exact: bool


@dataclass(frozen=True, slots=True)
class FailSafe:
    """Fail-safe N.

    Attributes:
        type: Rosenthal, Orwin or Rosenberg.
        fsnum: Number of unseen null studies; inf where no number would do.
        pval: P value of the studies seen (one-sided for Rosenthal, two-sided for Rosenberg, None for Orwin).
        meanes: Average effect of the studies seen; None for Rosenthal.
        target: Average effect to fall to; Orwin only.
    """

    type: str
    fsnum: float
    pval: float | None
    meanes: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class ExcessSignificance:
    """Test of excess significance.

    Attributes:
        k: Number of rows.
        observed: Number of significant results.
        expected: Expected number: the sum of the powers.
        ratio: Observed over expected.
        p: Probability of so many or more (exact, Poisson-binomial).
        theta: The true effect that was assumed.
        power: Power of each row.
    """

    k: int
    observed: int
    expected: float
    ratio: float
    p: float
    theta: float
    power: tuple[float, ...]


def regtest(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    ni: ArrayLike | None = None,
    model: Literal["lm", "rma"] = "rma",
    predictor: Predictor = "sei",
    method: str = "REML",
    test: str = "z",
    level: float = 95,
) -> RegressionTest:
    """Regress the estimates on a measure of their precision.

    Egger et al. 1997, BMJ 315:629 (lm with sei); Sterne and Egger 2005, in Rothstein et al., ch. 6 (rma and others).

    Args:
        yi: k estimates.
        vi: k sampling variances.
        ni: k sample sizes, for the predictors that need them.
        model: lm or rma.
        predictor: sei, vi, or ni, ninv (1/ni), sqrtni, sqrtninv.
        method: Estimator of tau2 for rma.
        test: Test for rma; lm always uses t with k - 2.
        level: Confidence level in percent.

    Returns:
        The test.

    Raises:
        NotEstimable: With fewer than three usable rows, or where the predictor is the same for all of them.
        ValueError: If ni is needed and missing.
    """
    x = _predictor(np.asarray(vi, dtype=np.float64), ni, predictor)
    # Weighted least squares with estimated dispersion is the equal-effects model with the Knapp-Hartung factor.
    how = ("FE", "knha") if model == "lm" else (method, test)
    fit = rma_uni(
        yi, vi, mods=x, mod_names=(predictor,), method=how[0], test=how[1], level=level, intervals=False
    )  # fmt: skip
    limit, slope = fit.coefficients
    vanishes = predictor in {"sei", "vi", "ninv", "sqrtninv"}
    return RegressionTest(model, predictor, slope.stat, fit.ddf, slope.p, slope, limit if vanishes else None, fit)


def _predictor(v: FloatArray, ni: ArrayLike | None, predictor: Predictor) -> FloatArray:
    if predictor in {"sei", "vi"}:
        # A variance that cannot be used drops its row later, with the reason.
        return np.sqrt(np.where(v > 0.0, v, 1.0)) if predictor == "sei" else np.where(v > 0.0, v, 1.0)
    if ni is None:
        raise ValueError(f"predictor {predictor} needs ni")
    n = np.asarray(ni, dtype=np.float64)
    return {"ni": n, "ninv": 1.0 / n, "sqrtni": np.sqrt(n), "sqrtninv": 1.0 / np.sqrt(n)}[predictor]


def ranktest(yi: ArrayLike, vi: ArrayLike, *, exact: bool = True) -> RankTest:
    """Begg and Mazumdar 1994, Biometrics 50:1088: Kendall correlation of standardised estimates and variances.

    Args:
        yi: k estimates.
        vi: k sampling variances.
        exact: Whether to use the exact null distribution where there are no ties; else the normal one.

    Returns:
        The test.

    Raises:
        NotEstimable: With one row, or where all estimates or all variances are the same.
    """
    fit = rma_uni(yi, vi, method="FE", intervals=False)
    y, v = fit.yi, fit.vi
    if fit.k == 1:
        raise NotEstimable("one row has no rank correlation")
    standardised = (y - fit.estimate) / np.sqrt(v - fit.vb[0, 0])
    dx, dy = (np.sign(np.subtract.outer(a, a))[np.triu_indices(fit.k, 1)] for a in (standardised, v))
    s, untied_x, untied_y = float((dx * dy).sum()), float(np.abs(dx).sum()), float(np.abs(dy).sum())
    if min(untied_x, untied_y) == 0.0 or np.ptp(y) == 0.0:
        raise NotEstimable("all estimates or all variances are the same")
    tau = s / math.sqrt(untied_x * untied_y)
    if exact and untied_x == untied_y == dx.size and fit.k <= _EXACT_ROWS:
        return RankTest(tau, _kendall_exact(fit.k, s), exact=True)
    z = s / math.sqrt(_kendall_variance(standardised, v))
    return RankTest(tau, 2.0 * float(ndtr(-abs(z))), exact=False)


def _kendall_exact(n: int, s: float) -> float:
    """Two-sided p value of Kendall's S without ties, from the distribution of the number of inversions."""
    inversions = np.ones(1)
    for i in range(2, n + 1):
        inversions = np.convolve(inversions, np.full(i, 1.0 / i))
    concordant = round((s + n * (n - 1) / 2) / 2)
    return min(1.0, 2.0 * float(min(inversions[: concordant + 1].sum(), inversions[concordant:].sum())))


def _kendall_variance(x: FloatArray, y: FloatArray) -> float:
    """Variance of Kendall's S with ties (Kendall 1970, Rank Correlation Methods, eq 4.4)."""
    n = x.size
    t, u = (np.unique(a, return_counts=True)[1].astype(np.float64) for a in (x, y))
    full = n * (n - 1) * (2 * n + 5) - sum(float((c * (c - 1) * (2 * c + 5)).sum()) for c in (t, u))
    pairs = float((t * (t - 1)).sum() * (u * (u - 1)).sum()) / (2.0 * n * (n - 1))
    triples = float((t * (t - 1) * (t - 2)).sum() * (u * (u - 1) * (u - 2)).sum())
    return full / 18.0 + pairs + (triples / (9.0 * n * (n - 1) * (n - 2)) if n > 2 else 0.0)


def fsn(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    type: Literal["Rosenthal", "Orwin", "Rosenberg"] = "Rosenthal",  # noqa: A002 - metafor's name
    alpha: float = 0.05,
    target: float | None = None,
) -> FailSafe:
    """Number of null studies that would undo the result.

    Rosenthal 1979, Psychol Bull 86:638; Orwin 1983, J Educ Stat 8:157 (with the weighted mean, as metafor now does);
    Rosenberg 2005, Evolution 59:464.

    Args:
        yi: k estimates.
        vi: k sampling variances.
        type: Which of the three.
        alpha: Significance level.
        target: Average effect to fall to, for Orwin; half the one seen where absent.

    Returns:
        The number and what it rests on.

    Raises:
        NotEstimable: If no usable row is left.
    """
    fit = rma_uni(yi, vi, method="FE", intervals=False)
    k, mean = fit.k, fit.estimate
    if type == "Rosenthal":
        z = abs(float((fit.yi / np.sqrt(fit.vi)).sum())) / math.sqrt(k)
        n = k * (z / float(ndtri(1.0 - alpha))) ** 2 - k
        return FailSafe(type, math.ceil(max(0.0, n)), float(ndtr(-z)), None, None)
    if type == "Rosenberg":
        n = k * ((fit.stat / float(ndtri(1.0 - alpha / 2.0))) ** 2 - 1.0)
        return FailSafe(type, math.ceil(max(0.0, n)), fit.pval, mean, None)
    aim = mean / 2.0 if target is None else target
    within_reach = aim * mean > 0.0
    return FailSafe(type, math.ceil(max(0.0, k * (mean - aim) / aim)) if within_reach else math.inf, None, mean, aim)


def tes(
    yi: ArrayLike, vi: ArrayLike, *, alpha: float = 0.05, theta: float | None = None, tau2: float = 0.0
) -> ExcessSignificance:
    """Test of excess significance (Ioannidis and Trikalinos 2007, Clin Trials 4:245; exact: Francis 2013).

    Args:
        yi: k estimates.
        vi: k sampling variances.
        alpha: Two-sided significance level of the studies.
        theta: Assumed true effect; the inverse-variance mean (weights 1 / (vi + tau2)) where absent.
        tau2: Assumed variance of the true effects.

    Returns:
        The test; its p value is the exact probability of so many significant results or more.

    Raises:
        NotEstimable: If no usable row is left.
    """
    fit = rma_uni(yi, vi, method="FE", intervals=False)
    critical = float(ndtri(1.0 - alpha / 2.0))
    w = 1.0 / (fit.vi + tau2)
    centre = float(w.dot(fit.yi) / w.sum()) if theta is None else theta
    se, spread = np.sqrt(fit.vi), np.sqrt(fit.vi + tau2)
    power = ndtr((centre - critical * se) / spread) + ndtr((-centre - critical * se) / spread)
    observed = int((np.abs(fit.yi) >= critical * se).sum())
    distribution = np.ones(1)
    for one in power:
        distribution = np.convolve(distribution, (1.0 - one, one))
    expected = float(power.sum())
    return ExcessSignificance(
        fit.k, observed, expected, observed / expected,
        min(1.0, float(distribution[observed:].sum())), centre, tuple(power.tolist()),
    )  # fmt: skip
