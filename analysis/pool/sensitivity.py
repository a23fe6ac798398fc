"""What a pool rests on: leave-one-out, cumulative pooling, influence of each row, residuals, Baujat coordinates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtr

from analysis.pool.fit import Fit, critical_value
from analysis.pool.tau2 import FIXED
from analysis.pool.univariate import rma_uni
from analysis.records import FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class Row:
    """The pool without one row, or up to and including it.

    Attributes:
        row: Position of that row in the input, counted from 1.
        k: Number of rows pooled.
        estimate: The pooled estimate.
        se: Its standard error.
        stat: Its test statistic.
        p: Its p value.
        ci_low: Lower confidence limit.
        ci_high: Upper confidence limit.
        q: Test statistic for heterogeneity.
        q_p: Its p value.
        tau2: Estimated variance of the true effects.
        i2: I2 in percent.
        h2: H2.
    """

    row: int
    k: int
    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float
    q: float
    q_p: float
    tau2: float
    i2: float
    h2: float


@dataclass(frozen=True, slots=True)
class Influence:
    """What one row does to the model (Viechtbauer and Cheung 2010, Res Synth Methods 1:112); None: not estimable.

    Attributes:
        row: Position of the row in the input, counted from 1.
        rstudent: Externally standardised residual.
        dffits: Change of the row's fitted value, in standard errors.
        cook: Cook's distance.
        cov_r: Ratio of generalised variances without and with the row.
        tau2_del: tau2 without the row.
        qe_del: Q without the row.
        hat: Leverage.
        weight: Weight in percent.
        dfbetas: Change of each coefficient, in standard errors.
        influential: Whether dffits, Cook's distance, leverage or a dfbetas passes the customary bound (metafor's
            ``is.infl``).
    """

    row: int
    rstudent: float | None
    dffits: float | None
    cook: float | None
    cov_r: float | None
    tau2_del: float | None
    qe_del: float | None
    hat: float
    weight: float
    dfbetas: tuple[float | None, ...]
    influential: bool


@dataclass(frozen=True, slots=True)
class Residual:
    """One residual, its standard error, and their ratio."""

    row: int
    resid: float
    se: float
    z: float


@dataclass(frozen=True, slots=True)
class BaujatPoint:
    """Where a row stands in a Baujat plot (Baujat et al. 2002, Stat Med 21:2641).

    Attributes:
        row: Position of the row in the input, counted from 1.
        x: Its contribution to Q: squared residual over its variance.
        y: Its influence on the pooled value: squared change of the fitted value over its variance without the row.
    """

    row: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Blup:
    """Best linear unbiased prediction of the true effect behind one row, with its interval."""

    row: int
    pred: float
    se: float
    pi_low: float
    pi_high: float


def refit(fit: Fit, keep: NDArray[np.intp]) -> Fit:
    """The same model for the kept rows (positions among the k rows of the model)."""
    mods = fit.X[keep, int(fit.intercept) :]
    return rma_uni(
        fit.yi[keep],
        fit.vi[keep],
        mods=mods if mods.shape[1] else None,
        mod_names=[c.name for c in fit.coefficients[int(fit.intercept) :]],
        intercept=fit.intercept,
        method=fit.method,
        test=fit.test,
        level=fit.level,
        weights=None if fit.fixed_weights is None else fit.fixed_weights[keep],
        intervals=False,
    )


def leave1out(fit: Fit) -> tuple[Row, ...]:
    """Pool again without each row in turn.

    Args:
        fit: A pool without moderators.

    Returns:
        One record for each row left out, in row order.

    Raises:
        NotEstimable: With a single row.
        ValueError: With moderators.
    """
    _plain(fit)
    if fit.k == 1:
        raise NotEstimable("one row cannot be left out of one")
    rows = np.arange(fit.k)
    return tuple(_row(refit(fit, np.delete(rows, i)), int(fit.rows[i])) for i in rows)


def cumul(fit: Fit, order: Sequence[float] | None = None) -> tuple[Row, ...]:
    """Pool the first row, the first two, and so on.

    Args:
        fit: A pool without moderators.
        order: k values, such as years, to sort by; row order where absent. Ties keep row order.

    Returns:
        One record for each step, under the row that was added.

    Raises:
        ValueError: With moderators, or if order has not one value for each row of the model.
    """
    _plain(fit)
    if order is not None and len(order) != fit.k:
        raise ValueError(f"order has {len(order)} values, the model {fit.k} rows")
    rows = np.arange(fit.k) if order is None else np.argsort(np.asarray(order), kind="stable")
    return tuple(_row(refit(fit, rows[: i + 1]), int(fit.rows[rows[i]])) for i in range(fit.k))


def _plain(fit: Fit) -> None:
    if fit.p != 1 or not fit.intercept:
        raise ValueError("this is defined for models without moderators")


def _row(fit: Fit, row: int) -> Row:
    c = fit.coefficients[0]
    return Row(row, fit.k, c.estimate, c.se, c.stat, c.p, c.ci_low, c.ci_high, fit.q, fit.q_p, fit.tau2, fit.i2, fit.h2)


def hat_values(fit: Fit) -> FloatArray:
    """Leverages: the diagonal of X (X'AX)^-1 X'A, k values."""
    aX = fit.X * fit.weights[:, None]
    leverages: FloatArray = np.einsum("ij,ji->i", fit.X, np.linalg.solve(fit.X.T @ aX, aX.T))
    return leverages


def rstandard(fit: Fit) -> tuple[Residual, ...]:
    """Internally standardised residuals: se from (I - H)(V + tau2 I)(I - H)'."""
    aX = fit.X * fit.weights[:, None]
    s = fit.vi + fit.tau2
    G = np.linalg.solve(fit.X.T @ aX, aX.T)  # p x k, H = XG
    h = np.einsum("ij,ji->i", fit.X, G)
    HSH = np.einsum("ij,jk,ik->i", fit.X, (G * s) @ G.T, fit.X)
    return _residuals(fit, fit.yi - fit.X @ fit.beta, s * (1.0 - 2.0 * h) + HSH)


def rstudent(fit: Fit) -> tuple[Residual | None, ...]:
    """Externally standardised residuals: each row against the model without it; None where that cannot be fitted."""
    return tuple(_deleted(fit, i, without) for i, without in enumerate(_without_each(fit)))


def blup(fit: Fit) -> tuple[Blup, ...]:
    """Shrunken estimates of the true effects (Raudenbush and Bryk 1985, J Educ Stat 10:75), k records.

    Args:
        fit: A model with tau2.

    Returns:
        Predictions with prediction intervals on the distribution of the model's tests.

    Raises:
        ValueError: For an equal-effects model.
    """
    if fit.method in FIXED:
        raise ValueError("an equal-effects model has no true effects to predict")
    keep = fit.tau2 / (fit.tau2 + fit.vi)
    fitted = fit.X @ fit.beta
    pred = keep * fit.yi + (1.0 - keep) * fitted
    variance = keep * fit.vi + (1.0 - keep) ** 2 * np.einsum("ij,jk,ik->i", fit.X, fit.vb, fit.X)
    se = np.sqrt(variance)
    half = critical_value(fit.level, fit.ddf) * se
    table = zip(fit.rows, pred, se, pred - half, pred + half, strict=True)
    return tuple(Blup(int(row), *(float(x) for x in values)) for row, *values in table)


def influence(fit: Fit) -> tuple[Influence, ...]:
    """Case diagnostics of every row, as in metafor's ``influence``.

    Args:
        fit: The model.

    Returns:
        One record a row.

    Raises:
        NotEstimable: With a single row.
    """
    if fit.k == 1:
        raise NotEstimable("the influence of one row on itself is not defined")
    hat = hat_values(fit)
    return tuple(_influence(fit, i, without, float(hat[i])) for i, without in enumerate(_without_each(fit)))


def baujat(fit: Fit) -> tuple[BaujatPoint, ...]:
    """Coordinates of a Baujat plot.

    Args:
        fit: A model of at least two rows.

    Returns:
        One point for each row that can be left out.
    """
    points = []
    for i, (without, residual) in enumerate(zip(_without_each(fit), rstandard(fit), strict=True)):
        if without is not None:
            x = fit.X[i]
            change = float(x @ (fit.beta - without.beta))
            spread = float(x @ without.vb @ x)
            points.append(BaujatPoint(int(fit.rows[i]), residual.resid**2 / (fit.vi[i] + fit.tau2), change**2 / spread))
    return tuple(points)


def _without_each(fit: Fit) -> list[Fit | None]:
    """The model without each row; None where the rest cannot support it."""
    rows = np.arange(fit.k)
    fits: list[Fit | None] = []
    for i in rows:
        try:
            fits.append(refit(fit, np.delete(rows, i)))
        except NotEstimable:
            fits.append(None)
    return fits


def _residuals(fit: Fit, resid: FloatArray, variance: FloatArray) -> tuple[Residual, ...]:
    se = np.sqrt(np.maximum(variance, 0.0))
    z = np.divide(resid, se, out=np.zeros_like(resid), where=se > 0.0)
    return tuple(
        Residual(int(row), float(r), float(s), float(q)) for row, r, s, q in zip(fit.rows, resid, se, z, strict=True)
    )


def _deleted(fit: Fit, i: int, without: Fit | None) -> Residual | None:
    """Row i against the model without it; the Knapp-Hartung factor of that model scales both parts of the variance."""
    if without is None:
        return None
    x = fit.X[i]
    resid = float(fit.yi[i] - x @ without.beta)
    se = math.sqrt(float(x @ without.vb @ x) + without.s2w * (float(fit.vi[i]) + without.tau2))
    return Residual(int(fit.rows[i]), resid, se, resid / se)


def _influence(fit: Fit, i: int, without: Fit | None, hat: float) -> Influence:
    deleted = _deleted(fit, i, without)
    row, weight = int(fit.rows[i]), float(fit.weights[i])
    if without is None or deleted is None:
        missing = (None,) * fit.p
        return Influence(row, None, None, None, None, None, None, hat, weight, missing, hat > 3.0 * fit.p / fit.k)
    change = fit.beta - without.beta
    V, fitted_variance = _with_deleted_tau2(fit, without.tau2, i, hat)
    dffits = _ratio(float(fit.X[i] @ change), math.sqrt(without.s2w * fitted_variance))
    dfbetas = tuple(
        _ratio(float(c), math.sqrt(without.s2w * float(v))) for c, v in zip(change, V.diagonal(), strict=True)
    )
    cook = float(change @ np.linalg.solve(fit.vb, change)) if fit.s2w > 0.0 else None
    cov_r = float(np.linalg.det(without.vb) / np.linalg.det(fit.vb)) if fit.s2w > 0.0 else None
    influential = (
        (dffits is not None and abs(dffits) > 3.0 * math.sqrt(fit.p / (fit.k - fit.p)))
        or (cook is not None and float(chdtr(fit.p, cook)) > 0.5)
        or hat > 3.0 * fit.p / fit.k
        or any(d is not None and abs(d) > 1.0 for d in dfbetas)
    )
    return Influence(
        row, deleted.z, dffits, cook, cov_r, without.tau2, without.q, hat, weight, dfbetas, influential
    )  # fmt: skip


def _with_deleted_tau2(fit: Fit, tau2: float, i: int, hat: float) -> tuple[FloatArray, float]:
    """Covariance of the coefficients for all rows and variance of fitted value i, with the tau2 of the model without i.

    The leverage in the second is that of the full model, as in metafor.
    """
    s = fit.vi + tau2
    a = 1.0 / s if fit.fixed_weights is None else fit.fixed_weights
    aX = fit.X * a[:, None]
    G = np.linalg.solve(fit.X.T @ aX, aX.T)
    V: FloatArray = (G * s) @ G.T
    return V, hat * float(s[i]) if fit.fixed_weights is None else float(fit.X[i] @ V @ fit.X[i])


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator > 0.0 else None
