"""Random-effects and equal-effects pooling of known estimates, with or without moderators: metafor's ``rma.uni``."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc

from analysis.pool.fit import Coefficient, Fit, FitStatistics, critical_value, two_sided_p
from analysis.pool.heterogeneity import heterogeneity
from analysis.pool.tau2 import FIXED, METHODS, Problem, Tau2, estimate
from analysis.records import Dropped, FloatArray, NotEstimable

__all__ = ["METHODS", "TESTS", "Coefficient", "Fit", "FitStatistics", "rma_uni"]

TESTS = ("z", "t", "knha", "adhoc")
INTERCEPT = "intrcpt"
_ROUNDING = 1e-30


class _Rows(NamedTuple):
    """The rows that can be used, and those that cannot."""

    y: FloatArray
    v: FloatArray
    X: FloatArray | None
    weights: FloatArray | None
    rows: NDArray[np.intp]
    dropped: tuple[Dropped, ...]


class _Solution(NamedTuple):
    """Coefficients, their covariance, and the residual sum of squares with weights 1 / (v + tau2)."""

    beta: FloatArray
    vb: FloatArray
    rss: float


class _Inference(NamedTuple):
    """Coefficients with their covariance, and what their tests rest on."""

    beta: FloatArray
    vb: FloatArray
    test: str
    s2w: float
    ddf: int | None
    notes: tuple[str, ...]


def rma_uni(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    mods: ArrayLike | None = None,
    mod_names: Sequence[str] = (),
    intercept: bool = True,
    method: str = "REML",
    test: str = "z",
    level: float = 95,
    weights: ArrayLike | None = None,
    weighted: bool = True,
    intervals: bool = True,
) -> Fit:
    """Pool estimates, or regress them on moderators, with a variance tau2 of the true effects.

    Args:
        yi: k estimates; missing ones may be None or nan.
        vi: Their k sampling variances.
        mods: k values, or a k x m matrix, of moderators.
        mod_names: m names; ``mod1``, ``mod2`` ... where absent.
        intercept: Whether a column of ones is put before the moderators.
        method: Estimator of tau2, one of ``METHODS``. REML and ML give the global maximum.
        test: z; t; knha (Knapp and Hartung 2003, Stat Med 22:2693); adhoc (knha, but never narrower than t with s2w 1).
        level: Confidence level in percent.
        weights: k fixed weights in place of inverse variances; GENQ needs them.
        weighted: False gives every row the same weight.
        intervals: Whether to compute intervals for tau2, I2 and H2.

    Returns:
        The fitted model. A single row is returned as itself, with tau2 = 0 and z.

    Raises:
        NotEstimable: If no usable row is left, there are too few for the model, or moderators are redundant.
        ValueError: If method, test, level or the lengths of the arguments make no sense.
    """
    _check(method, test, level)
    data = _usable_rows(yi, vi, mods, weights)
    X = _design(data, intercept=intercept)
    k, p = X.shape
    problem = Problem(data.y, data.v, None if intercept and p == 1 else _basis(X), p)
    tau2 = Tau2(0.0, None) if k == 1 else estimate(problem, method, data.weights)
    het = heterogeneity(problem, method, tau2.value, data.weights, level if intervals else None)
    fixed = data.weights if weighted else np.ones(k)
    s = data.v + tau2.value
    solution = _pooled(problem, s, fixed) if problem.X is None else _regressed(problem, X, s, fixed)
    inference = _inference(solution, test, method, problem.k - problem.p)
    names = _names(mod_names, p, intercept=intercept)
    moderated = intercept and p > 1
    r2 = _explained(problem, method, data.weights, tau2.value) if moderated else None
    qm, qm_df, qm_p = _wald(inference, first=1 if moderated else 0)
    w = 1.0 / s if fixed is None else fixed
    return Fit(
        method=method,
        test=inference.test,
        level=level,
        k=k,
        p=p,
        yi=data.y,
        vi=data.v,
        X=X,
        intercept=intercept,
        rows=data.rows + 1,
        fixed_weights=fixed,
        weights=w * (100.0 / np.add.reduce(w)),
        tau2=tau2.value,
        se_tau2=tau2.se,
        tau2_ci_low=het.tau2_ci_low,
        tau2_ci_high=het.tau2_ci_high,
        vt=het.vt,
        i2=het.i2,
        i2_ci_low=het.i2_ci_low,
        i2_ci_high=het.i2_ci_high,
        h2=het.h2,
        h2_ci_low=het.h2_ci_low,
        h2_ci_high=het.h2_ci_high,
        q=het.q,
        q_df=het.q_df,
        q_p=het.q_p,
        coefficients=_coefficients(inference, names, level),
        vb=inference.vb,
        s2w=inference.s2w,
        ddf=inference.ddf,
        qm=qm,
        qm_df=qm_df,
        qm_p=qm_p,
        r2=r2,
        dropped=data.dropped,
        notes=inference.notes,
    )


def _check(method: str, test: str, level: float) -> None:
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; known are {', '.join(METHODS)}")
    if test not in TESTS:
        raise ValueError(f"unknown test {test!r}; known are {', '.join(TESTS)}")
    if not 0.0 < level < 100.0:
        raise ValueError(f"level is a percentage between 0 and 100, not {level}")


def _column(values: ArrayLike | None, k: int, name: str) -> FloatArray | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float64)
    if len(array) != k:
        raise ValueError(f"{name} has {len(array)} rows, yi has {k}")
    return array


def _usable_rows(yi: ArrayLike, vi: ArrayLike, mods: ArrayLike | None, weights: ArrayLike | None) -> _Rows:
    y, v = np.asarray(yi, dtype=np.float64).ravel(), np.asarray(vi, dtype=np.float64).ravel()
    if v.size != y.size:
        raise ValueError(f"vi has {v.size} rows, yi has {y.size}")
    X, a = _column(mods, y.size, "mods"), _column(weights, y.size, "weights")
    # Comparisons with nan are false, so these are the rows that can be used.
    good = (v > 0.0) & (v < math.inf) & (np.abs(y) < math.inf)
    if X is not None:
        X = X.reshape(y.size, -1)
        good &= np.isfinite(X).all(axis=1)
    if a is not None:
        good &= (a >= 0.0) & (a < math.inf)
    rows = np.flatnonzero(good)
    if rows.size == y.size > 0:
        return _Rows(y, v, X, a, rows, ())
    if rows.size == 0:
        raise NotEstimable("no row has an estimate and a positive variance")
    dropped = tuple(Dropped(int(i) + 1, _fault(y[i], v[i], X is None or X[i])) for i in np.flatnonzero(~good))
    return _Rows(y[rows], v[rows], X if X is None else X[rows], a if a is None else a[rows], rows, dropped)


def _fault(y: float, v: float, moderators: FloatArray | bool) -> str:
    if not math.isfinite(y):
        return "no estimate"
    if not math.isfinite(v):
        return "no variance"
    if v <= 0.0:
        return "variance is zero" if v == 0.0 else "variance is negative"
    return "weight is missing or negative" if np.all(np.isfinite(moderators)) else "a moderator is missing"


def _design(data: _Rows, *, intercept: bool) -> FloatArray:
    k = data.y.size
    columns = [np.ones((k, 1))] if intercept else []
    if data.X is not None:
        columns.append(data.X)
    if not columns:
        raise ValueError("a model needs an intercept or moderators")
    X = columns[0] if len(columns) == 1 else np.hstack(columns)
    if X.shape[1] > k:
        raise NotEstimable(f"{k} rows cannot estimate {X.shape[1]} coefficients")
    return X


def _basis(X: FloatArray) -> FloatArray:
    """Orthonormal columns that span the same space; scaling first, so that the rank does not depend on units."""
    Q, R = np.linalg.qr(X / np.linalg.norm(X, axis=0).clip(min=1e-300))
    if np.abs(np.diag(R)).min() < 1e-9:
        raise NotEstimable("moderators are redundant: one is constant or follows from the others")
    return Q


def _pooled(problem: Problem, s: FloatArray, fixed: FloatArray | None) -> _Solution:
    """The weighted mean, for an intercept alone; s are the marginal variances v + tau2."""
    a = 1.0 / s if fixed is None else fixed
    sum_a = float(np.add.reduce(a))
    if sum_a == 0.0:
        raise NotEstimable("all weights are zero")
    mean = float(a.dot(problem.y)) / sum_a
    variance = 1.0 / sum_a if fixed is None else float((a * a).dot(s)) / (sum_a * sum_a)
    return _Solution(np.array([mean]), np.array([[variance]]), _rss(problem.y, problem.y - mean, s))


def _regressed(problem: Problem, X: FloatArray, s: FloatArray, fixed: FloatArray | None) -> _Solution:
    """Weighted least squares by QR; with fixed weights the covariance (X'AX)^-1 X'ASAX (X'AX)^-1."""
    root = np.sqrt(1.0 / s if fixed is None else fixed)
    Q, R = np.linalg.qr(X * root[:, None])
    inverse = np.linalg.inv(R)
    beta = inverse @ (Q.T @ (root * problem.y))
    half = inverse if fixed is None else inverse @ (Q * (root * np.sqrt(s))[:, None]).T
    return _Solution(beta, half @ half.T, _rss(problem.y, problem.y - X @ beta, s))


def _rss(y: FloatArray, r: FloatArray, s: FloatArray) -> float:
    """Residual sum of squares with weights 1/s; 0 where the residuals r are no more than the rounding of y."""
    rss = float((r / s).dot(r))
    return rss if rss > _ROUNDING * float((y / s).dot(y)) else 0.0


def _inference(solution: _Solution, test: str, method: str, df: int) -> _Inference:
    """Scale the covariance as the test asks for.

    Knapp and Hartung 2003, Stat Med 22:2693: s2w is the weighted residual mean square with weights 1 / (v + tau2).
    """
    beta, vb, rss = solution
    if test == "z":
        return _Inference(beta, vb, "z", 1.0, None, ())
    if df == 0:
        if beta.size > 1:
            raise NotEstimable(f"test {test} needs more rows than coefficients")
        return _Inference(beta, vb, "z", 1.0, None, (f"test is z, not {test}, because there is one row",))
    if test == "t":
        return _Inference(beta, vb, test, 1.0, df, ())
    s2w = max(1.0, rss / df) if test == "adhoc" else rss / df
    notes = ("the Knapp-Hartung factor is not meant for equal-effects models",) if method in FIXED else ()
    return _Inference(beta, vb * s2w, test, s2w, df, notes)


def _names(mod_names: Sequence[str], p: int, *, intercept: bool) -> list[str]:
    first = [INTERCEPT] if intercept else []
    m = p - len(first)
    if mod_names and len(mod_names) != m:
        raise ValueError(f"{len(mod_names)} names for {m} moderators")
    return first + (list(mod_names) or [f"mod{i + 1}" for i in range(m)])


def _coefficients(inference: _Inference, names: list[str], level: float) -> tuple[Coefficient, ...]:
    critical = critical_value(level, inference.ddf)
    made = []
    for name, b, variance in zip(names, inference.beta.tolist(), inference.vb.diagonal().tolist(), strict=True):
        se = math.sqrt(variance)
        stat = b / se if se > 0.0 else math.copysign(math.inf, b)
        p = two_sided_p(stat, inference.ddf)
        made.append(Coefficient(name, b, se, stat, p, b - critical * se, b + critical * se))
    return tuple(made)


def _wald(inference: _Inference, first: int) -> tuple[float | None, tuple[int, int | None], float | None]:
    """Omnibus test of the coefficients from ``first`` on: chi squared, or F where the tests use t."""
    b, ddf = inference.beta[first:], inference.ddf
    m = b.size
    if inference.s2w == 0.0:
        return None, (m, ddf), None
    vb = inference.vb[first:, first:]
    q = float(b[0] * b[0] / vb[0, 0]) if m == 1 else float(b @ np.linalg.solve(vb, b))
    if ddf is None:
        return q, (m, None), float(chdtrc(m, q))
    return q / m, (m, ddf), float(fdtrc(m, ddf, q / m))


def _explained(problem: Problem, method: str, weights: FloatArray | None, tau2: float) -> float | None:
    """R2 in percent: the fall of tau2 (Raudenbush 2009); without tau2 the adjusted R2 of the weighted regression."""
    plain = Problem(problem.y, problem.v, None, 1)
    if method in FIXED:
        if problem.k == problem.p:
            return None
        left = problem.moments(0.0).q1 / (problem.k - problem.p)
        return max(0.0, 100.0 * (1.0 - left * (problem.k - 1) / plain.moments(0.0).q1))
    before = estimate(plain, method, weights).value
    return max(0.0, 100.0 * (before - tau2) / before) if before > 0.0 else None
