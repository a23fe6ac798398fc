"""The record of a fitted model, and the two functions that turn a statistic into an interval and a p value.

Glossary: y are the estimates, v their sampling variances, tau2 the variance of the true effects, X the moderators, vb
the covariance matrix of the coefficients. Percent scales (weights, I2, level) run from 0 to 100.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.pool.tau2 import FIXED
from analysis.records import Dropped, FloatArray


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a model with its test and confidence interval."""

    name: str
    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class FitStatistics:
    """Log-likelihood, deviance and information criteria; None where too few rows leave them undefined."""

    loglik: float
    deviance: float
    aic: float
    bic: float | None
    aicc: float | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    Attributes:
        method: Estimator of tau2, one of ``METHODS``.
        test: What the tests rest on: z, t, knha or adhoc; z for a single row, whatever was asked for.
        level: Confidence level in percent.
        k: Number of rows in the model.
        p: Number of coefficients.
        yi: The k estimates.
        vi: The k sampling variances.
        X: The k x p moderators, the first column ones if ``intercept``.
        intercept: Whether the model has an intercept.
        rows: Position of each row in the input, counted from 1.
        fixed_weights: Weights given by the caller (k), or None for inverse-variance weights.
        weights: Weight of each row in percent (k).
        tau2: Estimated variance of the true effects; exactly 0 at the boundary.
        se_tau2: Its standard error, None without tau2.
        tau2_ci_low: Lower limit for tau2 (Q-profile; exact generalised Q for GENQ), None where not computed.
        tau2_ci_high: Upper limit.
        vt: Typical sampling variance behind I2 and H2.
        i2: I2 in percent.
        i2_ci_low: Lower limit of I2, from that of tau2.
        i2_ci_high: Upper limit of I2.
        h2: H2.
        h2_ci_low: Lower limit of H2.
        h2_ci_high: Upper limit of H2.
        q: Test statistic for (residual) heterogeneity.
        q_df: Its degrees of freedom.
        q_p: Its p value.
        coefficients: One record a coefficient.
        vb: p x p covariance matrix of the coefficients, Knapp-Hartung factor included.
        s2w: Knapp-Hartung factor; 1 where it is not used.
        ddf: Degrees of freedom of t and F; None for z.
        qm: Test statistic for the moderators (for a plain pool, for the mean); None where the covariance is singular.
        qm_df: Its degrees of freedom: (m, None) for chi squared, (m, ddf) for F.
        qm_p: Its p value.
        r2: Heterogeneity that the moderators explain, in percent; None without moderators or heterogeneity.
        dropped: Rows left out, with reasons.
        notes: What was done differently from what was asked, in words.
    """

    method: str
    test: str
    level: float
    k: int
    p: int
    yi: FloatArray
    vi: FloatArray
    X: FloatArray
    intercept: bool
    rows: NDArray[np.intp]
    fixed_weights: FloatArray | None
    weights: FloatArray
    tau2: float
    se_tau2: float | None
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    vt: float
    i2: float
    i2_ci_low: float | None
    i2_ci_high: float | None
    h2: float
    h2_ci_low: float | None
    h2_ci_high: float | None
    q: float
    q_df: int
    q_p: float
    coefficients: tuple[Coefficient, ...]
    vb: FloatArray
    s2w: float
    ddf: int | None
    qm: float | None
    qm_df: tuple[int, int | None]
    qm_p: float | None
    r2: float | None
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]

    @property
    def estimate(self) -> float:
        """The first coefficient: the pooled estimate where there are no moderators."""
        return self.coefficients[0].estimate

    @property
    def se(self) -> float:
        """Standard error of the first coefficient."""
        return self.coefficients[0].se

    @property
    def stat(self) -> float:
        """Test statistic of the first coefficient."""
        return self.coefficients[0].stat

    @property
    def pval(self) -> float:
        """The p value of the first coefficient."""
        return self.coefficients[0].p

    @property
    def ci_low(self) -> float:
        """Lower confidence limit of the first coefficient."""
        return self.coefficients[0].ci_low

    @property
    def ci_high(self) -> float:
        """Upper confidence limit of the first coefficient."""
        return self.coefficients[0].ci_high

    @property
    def beta(self) -> FloatArray:
        """The p coefficients as an array."""
        return np.array([c.estimate for c in self.coefficients])

    @property
    def loglik(self) -> float:
        """Log-likelihood that the method maximises: restricted for REML, the ordinary one for all others."""
        return self.statistics(restricted=self.method == "REML").loglik

    def statistics(self, *, restricted: bool) -> FitStatistics:
        """Log-likelihood and information criteria as in metafor's ``fit.stats`` (columns ML and REML)."""
        s = self.vi + self.tau2
        r = self.yi - self.X @ self.beta
        n = self.k - self.p if restricted else self.k
        twice = n * math.log(2.0 * math.pi) + float(np.log(s).sum() + (r * r / s).sum())
        if restricted:
            root = self.X / np.sqrt(s)[:, None]
            twice += float(np.linalg.slogdet(root.T @ root)[1] - np.linalg.slogdet(self.X.T @ self.X)[1])
            deviance = twice
        else:
            deviance = twice - n * math.log(2.0 * math.pi) - float(np.log(self.vi).sum())
        q = self.p + (0 if self.method in FIXED else 1)
        size = max(n, q + 2)
        bic = twice + q * math.log(n) if n > 0 else None
        return FitStatistics(-0.5 * twice, deviance, twice + 2 * q, bic, twice + 2.0 * q * size / (size - q - 1))


def critical_value(level: float, ddf: int | None) -> float:
    """Two-sided critical value at ``level`` percent: of t with ``ddf`` degrees of freedom, of the normal for None."""
    upper = 0.5 + level / 200.0
    return float(ndtri(upper) if ddf is None else stdtrit(ddf, upper))


def two_sided_p(stat: float, ddf: int | None) -> float:
    """Two-sided p value: of t with ``ddf`` degrees of freedom, of the normal for None."""
    return 2.0 * float(ndtr(-abs(stat)) if ddf is None else stdtr(ddf, -abs(stat)))
