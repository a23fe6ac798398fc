"""Estimators of the heterogeneity variance tau2, metafor's twelve.

Letters as in the literature: y are k estimates with known sampling variances v, X is the k x p matrix of moderators
(a column of ones for a plain pool), w = 1 / (v + tau2), W = diag(w) and P = W - WX(X'WX)^-1 X'W. All estimators need
only y'P^j y and tr P^j, which cost O(k p^2) without forming P.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri

from analysis.records import FloatArray, NotEstimable

METHODS = ("FE", "EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM", "GENQ")
FIXED = ("FE", "EE")

# What one row adds to the slope is a logistic curve in log tau2, some four e-folds wide: doubling misses no peak.
_GRID_RATIO = 2.0
# Residuals of data that the model fits exactly are a few units in the last place.
_ROUNDING = 1e-30
_GRID_CELLS = 200_000


class Moments(NamedTuple):
    """What P says at one tau2: q1, q2, q3 are y'Py, y'PPy, y'PPPy; tr1, tr2 are tr P, tr PP; logdet is log|X'WX|."""

    q1: float
    q2: float
    q3: float
    tr1: float
    tr2: float
    sum_w: float
    sum_w2: float
    logdet: float


@dataclass(frozen=True, slots=True)
class Problem:
    """Estimates, variances and moderators, ready for the search.

    Attributes:
        y: The k estimates.
        v: Their sampling variances, all positive.
        X: k x p orthonormal basis of the moderators' column space, or None for an intercept alone.
        p: Number of coefficients.
    """

    y: FloatArray
    v: FloatArray
    X: FloatArray | None
    p: int

    @property
    def k(self) -> int:
        """Number of rows."""
        return int(self.y.size)

    def moments(self, tau2: float) -> Moments:
        """Quadratic forms and traces of P at one tau2, in O(k p^2)."""
        w = 1.0 / (self.v + tau2)
        return _intercept_moments(self.y, w) if self.X is None else _design_moments(self.y, w, self.X)

    def basis(self) -> FloatArray:
        """The orthonormal moderators as a matrix, also for an intercept alone."""
        return np.full((self.k, 1), self.k**-0.5) if self.X is None else self.X

    def unweighted_rss(self) -> float:
        """Residual sum of squares of the unweighted fit."""
        if self.X is None:
            r = self.y - float(np.add.reduce(self.y)) / self.k
        else:
            r = self.y - self.X @ (self.X.T @ self.y)
            r -= self.X @ (self.X.T @ r)
        return float(r.dot(r))

    def log_likelihood(self, tau2: float, *, restricted: bool) -> float:
        """Profile log-likelihood without its constant (Viechtbauer 2005, J Educ Behav Stat 30:261, eqs 10 and 13)."""
        m = self.moments(tau2)
        value = float(np.log(self.v + tau2).sum()) + m.q1 + (m.logdet if restricted else 0.0)
        return -0.5 * value


def _intercept_moments(y: FloatArray, w: FloatArray) -> Moments:
    """Moments for an intercept alone; the heaviest row is singled out, so that 1 - leverage keeps its digits."""
    top = int(w.argmax())
    A = float(w[top])
    w[top] = 0.0
    B, w2 = float(np.add.reduce(w)), w * w
    R2, R3 = float(w.dot(w)), float(w2.dot(w))
    w[top] = A
    sum_w = A + B
    centred = y - y[top]
    r = centred - float(w.dot(centred)) / sum_w
    u = w * r
    wu = float(w.dot(u))
    tr2 = (A * A * (B * B + 2.0 * R2) + R2 * R2) / (sum_w * sum_w) + R2 - 2.0 * R3 / sum_w
    return Moments(
        float(u.dot(r)),
        float(u.dot(u)),
        float((w * u).dot(u)) - wu * wu / sum_w,
        (2.0 * A * B + B * B - R2) / sum_w,
        tr2,
        sum_w,
        A * A + R2,
        math.log(sum_w / y.size),
    )


def _design_moments(y: FloatArray, w: FloatArray, X: FloatArray) -> Moments:
    wX = X * w[:, None]
    A = X.T @ wX
    M = np.linalg.inv(A)
    r = y - X @ (M @ (wX.T @ y))
    r -= X @ (M @ (wX.T @ r))  # one step of refinement: the residual is what everything rests on
    u = w * r
    g = wX.T @ u
    B = M @ (wX.T @ wX)
    sum_w, sum_w2 = float(w.sum()), float(w.dot(w))
    return Moments(
        float(u.dot(r)),
        float(u.dot(u)),
        float((w * u).dot(u)) - float(g @ M @ g),
        sum_w - float(np.trace(B)),
        sum_w2 - 2.0 * float((M * (wX.T @ (wX * w[:, None]))).sum()) + float((B * B.T).sum()),
        sum_w,
        sum_w2,
        float(np.linalg.slogdet(A)[1]),
    )


class Tau2(NamedTuple):
    """An estimate of tau2 and its standard error (None where there is none)."""

    value: float
    se: float | None


def estimate(problem: Problem, method: str, weights: FloatArray | None = None) -> Tau2:
    """Estimate tau2.

    Args:
        problem: Estimates, variances, moderators.
        method: One of ``METHODS``.
        weights: For GENQ only, the k fixed weights.

    Returns:
        The estimate, exactly 0 where the criterion has its optimum at the boundary, and its standard error.

    Raises:
        ValueError: If the method is unknown, or GENQ comes without weights.
        NotEstimable: If fewer rows than coefficients + 1 are left.
    """
    if method in FIXED:
        return Tau2(0.0, None)
    if problem.k <= problem.p:
        raise NotEstimable(f"{problem.k} rows cannot estimate {problem.p} coefficients and tau2")
    if method == "GENQ":
        if weights is None:
            raise ValueError("method GENQ needs weights")
        return _generalised_q(problem, weights)
    if method not in _ESTIMATORS:
        raise ValueError(f"unknown method {method!r}; known are {', '.join(METHODS)}")
    return _ESTIMATORS[method](problem)


def projector(problem: Problem, a: FloatArray) -> FloatArray:
    """P = A - AX(X'AX)^-1 X'A as a k x k matrix, for fixed weights a."""
    X = problem.basis()
    aX = X * a[:, None]
    P: FloatArray = np.diag(a) - aX @ np.linalg.inv(X.T @ aX) @ aX.T
    return P


def _generalised_q(problem: Problem, a: FloatArray) -> Tau2:
    """Method of moments with fixed weights a (DerSimonian and Kacker 2007, Contemp Clin Trials 28:105, eq 6).

    The standard error is that of a quadratic form in normal variables, var = 2 tr(PSPS) with S = diag(v + tau2). P is
    formed in full: traces by difference lose digits where one study outweighs all others.
    """
    P = projector(problem, a)
    trP = float(np.trace(P))
    value = max(0.0, (float(problem.y @ P @ problem.y) - float(P.diagonal() @ problem.v)) / trP)
    PS = P * (problem.v + value)
    return Tau2(value, math.sqrt(2.0 * float((PS * PS.T).sum())) / trP)


def _dersimonian_laird(problem: Problem) -> Tau2:
    """DerSimonian and Laird 1986, Control Clin Trials 7:177: the moment estimator with weights 1/v."""
    m, df = problem.moments(0.0), problem.k - problem.p
    t = max(0.0, (m.q1 - df) / m.tr1)
    return Tau2(t, math.sqrt(2.0 * df + 4.0 * t * m.tr1 + 2.0 * t * t * m.tr2) / m.tr1)


def _hedges(problem: Problem) -> Tau2:
    """Hedges and Olkin 1985, Statistical Methods for Meta-Analysis, ch. 9: the moment estimator with equal weights."""
    v, X, df = problem.v, problem.basis(), problem.k - problem.p
    B = X.T @ (X * v[:, None])
    trPV = float(v.sum() - np.trace(B))
    trPVPV = float(v.dot(v) - 2.0 * ((X * v[:, None]) ** 2).sum() + (B * B).sum())
    t = max(0.0, (problem.unweighted_rss() - trPV) / df)
    return Tau2(t, math.sqrt(2.0 * trPVPV + 4.0 * t * trPV + 2.0 * t * t * df) / df)


def _hunter_schmidt(problem: Problem, factor: float = 1.0) -> Tau2:
    """Hunter and Schmidt 1990, Methods of Meta-Analysis, as (factor * Q - k) / sum(1/v)."""
    m, k, df = problem.moments(0.0), problem.k, problem.k - problem.p
    t = max(0.0, (factor * m.q1 - k) / m.sum_w)
    return Tau2(t, factor * math.sqrt(2.0 * df + 4.0 * t * m.tr1 + 2.0 * t * t * m.tr2) / m.sum_w)


def _hunter_schmidt_k(problem: Problem) -> Tau2:
    """Hunter and Schmidt with the small-sample factor of Brannick et al. 2019, Organ Res Methods 22:490."""
    return _hunter_schmidt(problem, problem.k / (problem.k - problem.p))


def _sidik_jonkman(problem: Problem) -> Tau2:
    """Sidik and Jonkman 2005, J R Stat Soc C 54:367: one step from the crude variance of y."""
    start = float(problem.y.var())
    if start == 0.0:
        return Tau2(0.0, 0.0)
    m, df = problem.moments(start), problem.k - problem.p
    value = start * m.q1 / df
    trPV = df - start * m.tr1
    trPVPV = trPV - start * (m.tr1 - start * m.tr2)
    trPVP = m.tr1 - start * m.tr2
    inner = 2.0 * trPVPV + 4.0 * value * trPVP + 2.0 * value * value * m.tr2
    return Tau2(value, start / df * math.sqrt(max(0.0, inner)))


def solve_q(problem: Problem, target: float) -> float:
    """The tau2 at which the generalised Q statistic y'Py equals ``target``; 0 where Q is below it already.

    1/Q is a concave function of tau2 (Cauchy-Schwarz for P), so Newton's method on 1/Q comes from the left, never
    overshoots and needs no bracket and no scale.
    """
    quadratic = _intercept_quadratic(problem) if problem.X is None else _design_quadratic(problem)
    t = 0.0
    for _ in range(200):
        q1, q2 = quadratic(t)
        if q1 <= target:
            break
        step = (q1 / target - 1.0) * q1 / q2
        if step <= 1e-16 * t:
            break
        t += step
    return t


def _intercept_quadratic(problem: Problem) -> Callable[[float], tuple[float, float]]:
    """The function tau2 -> (y'Py, y'PPy) alone, for an intercept; centred at the most precise row."""
    v, y = problem.v, problem.y - problem.y[problem.v.argmin()]

    def quadratic(tau2: float) -> tuple[float, float]:
        w = 1.0 / (v + tau2)
        r = y - float(w.dot(y)) / float(np.add.reduce(w))
        u = w * r
        return float(u.dot(r)), float(u.dot(u))

    return quadratic


def _design_quadratic(problem: Problem) -> Callable[[float], tuple[float, float]]:
    """The same with moderators."""

    def quadratic(tau2: float) -> tuple[float, float]:
        m = problem.moments(tau2)
        return m.q1, m.q2

    return quadratic


def _paule_mandel_se(problem: Problem, value: float) -> float:
    """Standard error as for the empirical Bayes estimator (Morris 1983, JASA 78:47)."""
    k = problem.k
    return k * math.sqrt(2.0 / (k - problem.p)) / problem.moments(value).sum_w


def _paule_mandel(problem: Problem) -> Tau2:
    """Paule and Mandel 1982, J Res Natl Bur Stand 87:377; empirical Bayes (Morris 1983) has the same root."""
    value = solve_q(problem, problem.k - problem.p)
    return Tau2(value, _paule_mandel_se(problem, value))


def _median_paule_mandel(problem: Problem) -> Tau2:
    """Median-unbiased Paule-Mandel (Viechtbauer 2021, European Congress of Methodology, Valencia)."""
    value = solve_q(problem, float(chdtri(problem.k - problem.p, 0.5)))
    return Tau2(value, _paule_mandel_se(problem, value))


def _maximum_likelihood(problem: Problem) -> Tau2:
    """Hardy and Thompson 1996, Stat Med 15:619; the global maximum."""
    value = _global_maximum(problem, restricted=False)
    return Tau2(value, math.sqrt(2.0 / problem.moments(value).sum_w2))


def _restricted_maximum_likelihood(problem: Problem) -> Tau2:
    """Viechtbauer 2005, J Educ Behav Stat 30:261; the global maximum."""
    value = _global_maximum(problem, restricted=True)
    return Tau2(value, math.sqrt(2.0 / problem.moments(value).tr2))


_ESTIMATORS: dict[str, Callable[[Problem], Tau2]] = {
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSk": _hunter_schmidt_k,
    "SJ": _sidik_jonkman,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
    "EB": _paule_mandel,
    "PM": _paule_mandel,
    "PMM": _median_paule_mandel,
}


def _global_maximum(problem: Problem, *, restricted: bool) -> float:
    """Scan the slope of the likelihood over its whole possible range, polish every local maximum, take the highest."""
    rss = problem.unweighted_rss()
    if rss <= _ROUNDING * float(problem.y.dot(problem.y)):
        return 0.0
    grid = _search_grid(problem, rss)
    slopes = _slopes(problem, grid, restricted=restricted)
    candidates = [0.0] if slopes[0] >= 0.0 else []
    for i, (left, right) in enumerate(itertools.pairwise(slopes)):
        if left < 0.0 <= right:
            start = grid[i] + (grid[i + 1] - grid[i]) * left / (left - right)
            candidates.append(_polish(problem, grid[i], start, grid[i + 1], restricted=restricted))
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates, key=lambda t: problem.log_likelihood(t, restricted=restricted))


def _search_grid(problem: Problem, rss: float) -> list[float]:
    """0 and a geometric grid up to a point beyond which both likelihoods fall.

    With R the residual sum of squares of the unweighted fit, y'PPy <= R / t^2 and tr P >= (k - p) / (t + max v), so the
    likelihoods fall where (k - p) t^2 > R (t + max v).
    """
    b = rss / (problem.k - problem.p)
    top = 1.01 * (0.5 * b + math.sqrt(0.25 * b * b + b * float(problem.v.max())))
    grid = [0.0, 0.1 * float(problem.v.min())]
    while grid[-1] < top:
        grid.append(grid[-1] * _GRID_RATIO)
    return grid


def _slopes(problem: Problem, grid: list[float], *, restricted: bool) -> list[float]:
    """Slopes as tr P / y'PPy - 1 (for ML sum of w in place of tr P): negative where the likelihood rises.

    This has the sign of the score but is linear in tau2 for equal variances, which makes it better to solve.
    """
    if problem.X is not None or len(grid) * problem.k > _GRID_CELLS:
        moments = [problem.moments(t) for t in grid]
        return [(m.tr1 if restricted else m.sum_w) / m.q2 - 1.0 for m in moments]
    w = 1.0 / (problem.v + np.array(grid)[:, None])
    sum_w = np.add.reduce(w, axis=1)
    u = w * (problem.y - (w @ problem.y / sum_w)[:, None])
    trace = sum_w - np.einsum("ij,ij->i", w, w) / sum_w if restricted else sum_w
    slopes: list[float] = (trace / np.einsum("ij,ij->i", u, u) - 1.0).tolist()
    return slopes


def _polish(problem: Problem, low: float, t: float, high: float, *, restricted: bool) -> float:
    """Newton's method on the slope from t inside a bracket, by bisection where Newton would leave it."""
    for _ in range(200):
        m = problem.moments(t)
        trace, trace2 = (m.tr1, m.tr2) if restricted else (m.sum_w, m.sum_w2)
        low, high = (t, high) if m.q2 > trace else (low, t)
        steepness = 2.0 * m.q3 * trace - trace2 * m.q2
        following = t + (m.q2 - trace) * m.q2 / steepness if steepness > 0.0 else -1.0
        if not low <= following <= high:
            following = 0.5 * (low + high)
        done = abs(following - t) <= 1e-11 * t
        t = following
        if done or high - low <= 1e-15 * high:
            break
    return t
