"""Maximum likelihood of a model with one normal random effect per study, integrated by adaptive quadrature.

Study i has arms j with eta = offset + X beta + s * tau * b and b standard normal. The integral over b is taken by the
trapezoidal rule on the stretch where the integrand of the study is above 1e-16 of its peak; on smooth integrands that
fall off at both ends the rule converges geometrically (Trefethen and Weideman 2014, SIAM Rev 56:385). Scores and
information are posterior means (Louis 1982, J R Stat Soc B 44:226), so no derivative is taken numerically.

For fixed tau the log-likelihood is concave in beta (Prekopa), so beta has one maximum; tau is searched over a grid
first, because its likelihood may have two.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from analysis.pool.glmm_kernels import Kernel
from analysis.records import FloatArray, NotEstimable

NODES = 161
"""With tau = 8, a study in which everybody had the event still integrates to 1e-10."""
DROP = 37.0
"""Natural log of 1e16: what lies so far below the peak of an integrand is below rounding."""
GRID = np.concatenate(([0.0], np.geomspace(0.03, 8.0, 13)))
"""Values of tau that are tried first. On a log or logit scale 8 spans all rates and risks."""
SMALL_GAIN = 1e-13
"""A relative gain of the log-likelihood below this is rounding."""
LARGEST_BETA = 40.0
"""A coefficient beyond this, on a log or logit scale, is on its way to infinity."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is fitted.

    Attributes:
        kernel: Likelihood of the counts.
        offset: Known part of eta (studies x arms).
        X: Fixed effects (studies x arms x p); the first is the one of interest.
        s: How the random effect enters each arm (studies x arms).
    """

    kernel: Kernel
    offset: FloatArray
    X: FloatArray
    s: FloatArray


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Log-likelihood with score and information by (beta, tau)."""

    value: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the likelihood is largest: beta, tau, the log-likelihood and the standard error of the first beta."""

    beta: FloatArray
    tau: float
    loglik: float
    se: float


def maximise(model: Model, *, random: bool) -> Maximum:
    """Find the global maximum, with tau = 0 when there is no random effect or the boundary is best.

    Raises:
        NotEstimable: The estimate is not finite, for example when nobody had an event.
    """
    at_zero = _fixed_tau(model, np.zeros(model.X.shape[2]), 0.0)
    tau = _best_tau(model, at_zero) if random else 0.0
    beta = _fixed_tau(model, at_zero, tau)
    if tau > 0:
        beta, tau = _polished(model, beta, tau)
    found = likelihood(model, beta, tau)
    free = beta.size + (1 if tau > 0 else 0)
    covariance = np.linalg.inv(found.information[:free, :free])
    return Maximum(beta, tau, found.value, float(np.sqrt(covariance[0, 0])))


def likelihood(model: Model, beta: FloatArray, tau: float) -> Likelihood:
    """Integrate over the random effect."""
    fixed = model.offset + model.X @ beta
    slope = model.s * tau
    b, spacing = _nodes(model.kernel, fixed, slope)
    terms = model.kernel.terms(fixed[..., None] + slope[..., None] * b[:, None, :])
    logs = terms.value.sum(axis=1) - b**2 / 2 + np.log(spacing / np.sqrt(2 * np.pi))[:, None]
    top = logs.max(axis=1, keepdims=True)
    weight = np.exp(logs - top)
    total = weight.sum(axis=1, keepdims=True)
    weight /= total
    # The derivative of eta by (beta, tau) is (X, s * b).
    by_beta = np.einsum("ijm,ijp->imp", terms.slope, model.X)
    by_tau = np.einsum("ijm,ij,im->im", terms.slope, model.s, b)
    score = np.concatenate((by_beta, by_tau[..., None]), axis=2)
    mean = np.einsum("im,imp->ip", weight, score)
    outer = np.einsum("im,imp,imq->pq", weight, score, score) - mean.T @ mean
    bend = _bend(model, terms.curvature * weight[:, None, :], b)
    return Likelihood(float(np.sum(top + np.log(total))), mean.sum(axis=0), -(bend + outer))


def _bend(model: Model, curvature: FloatArray, b: FloatArray) -> FloatArray:
    """Expected second derivative of the log-likelihood given b, by (beta, tau)."""
    p = model.X.shape[2]
    bend = np.empty((p + 1, p + 1))
    bend[:p, :p] = np.einsum("ijm,ijp,ijq->pq", curvature, model.X, model.X)
    bend[:p, p] = bend[p, :p] = np.einsum("ijm,ijp,ij,im->p", curvature, model.X, model.s, b)
    bend[p, p] = np.einsum("ijm,ij,im->", curvature, model.s**2, b**2)
    return bend


def _nodes(kernel: Kernel, fixed: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Evenly spaced nodes around each study's mode, and their spacing."""
    mode, peak = _mode(kernel, fixed, slope)
    # The log of the integrand bends down at least as fast as -b**2 / 2, so it has dropped far enough at this distance.
    near, far = np.zeros((mode.size, 2)), np.full((mode.size, 2), np.sqrt(2 * DROP))
    for _ in range(24):
        reach = (near + far) / 2
        b = mode[:, None] + reach * np.array([-1.0, 1.0])
        dropped = peak[:, None] - _log_integrand(kernel, fixed, slope, b) > DROP
        near, far = np.where(dropped, near, reach), np.where(dropped, reach, far)
    start, end = mode - far[:, 0], mode + far[:, 1]
    return np.linspace(start, end, NODES, axis=1), (end - start) / (NODES - 1)


def _log_integrand(kernel: Kernel, fixed: FloatArray, slope: FloatArray, b: FloatArray) -> FloatArray:
    """Log of the integrand at studies x nodes, without the constant of the normal curve."""
    value = kernel.terms(fixed[..., None] + slope[..., None] * b[:, None, :]).value
    return np.asarray(value.sum(axis=1) - b**2 / 2, dtype=np.float64)


def _mode(kernel: Kernel, fixed: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mode of each study's integrand and the log of its height there, by Newton steps kept within a bracket."""
    b = np.zeros(fixed.shape[0])
    low, high = np.full_like(b, -np.inf), np.full_like(b, np.inf)
    step = high
    while np.abs(step).max() > 1e-6:
        terms = kernel.terms((fixed + slope * b[:, None])[..., None])
        gradient = np.sum(terms.slope[..., 0] * slope, axis=1) - b
        curvature = 1 - np.sum(terms.curvature[..., 0] * slope**2, axis=1)
        low, high = np.where(gradient > 0, b, low), np.where(gradient < 0, b, high)
        newton = b + np.clip(gradient / curvature, -1, 1)
        with np.errstate(invalid="ignore"):  # an open bracket has no middle, and is not asked for it
            tried = np.where((low < newton) & (newton < high) | (np.abs(newton - b) < 1e-9), newton, (low + high) / 2)
        step, b = tried - b, tried
    return b, _log_integrand(kernel, fixed, slope, b[:, None])[:, 0]


def _fixed_tau(model: Model, beta: FloatArray, tau: float) -> FloatArray:
    """Maximise over beta for one tau by Newton's method; the likelihood is concave there."""
    p = beta.size
    current = likelihood(model, beta, tau)
    gain = np.inf
    # Newton squares the error: after a step that gained next to nothing, nothing is left to gain.
    while gain > SMALL_GAIN * abs(current.value):
        step = _solve(current.information[:p, :p], current.score[:p])
        beta, found = _uphill(model, beta, tau, step, current)
        gain, current = found.value - current.value, found
        if np.abs(beta).max() > LARGEST_BETA:
            raise NotEstimable("the estimate is not finite: an outcome never or always happened")
    return beta


def _uphill(
    model: Model, beta: FloatArray, tau: float, step: FloatArray, current: Likelihood
) -> tuple[FloatArray, Likelihood]:
    """Take a step, halved until the likelihood does not fall; stay where no step helps."""
    for halvings in range(10):
        tried = beta + step / 2**halvings
        found = likelihood(model, tried, tau)
        if found.value >= current.value:
            return tried, found
    return beta, current


def _best_tau(model: Model, at_zero: FloatArray) -> float:
    """Search tau over the grid, then within the neighbours of the best value."""
    profile = np.empty(GRID.size)
    beta = at_zero
    for i, tau in enumerate(GRID):
        beta = _fixed_tau(model, beta, tau)
        profile[i] = likelihood(model, beta, tau).value
    best = int(profile.argmax())
    low, high = GRID[max(best - 1, 0)], GRID[min(best + 1, GRID.size - 1)]

    def fall(tau: float) -> float:
        return -likelihood(model, _fixed_tau(model, at_zero, tau), tau).value

    found = optimize.minimize_scalar(fall, bounds=(low, high), method="bounded", options={"xatol": 1e-4})
    rises_from_zero = likelihood(model, at_zero, 0.0).information[-1, -1] < 0
    if low == 0 and not rises_from_zero and -found.fun <= profile[0] + 1e-10:
        return 0.0
    return float(found.x)


def _polished(model: Model, beta: FloatArray, tau: float) -> tuple[FloatArray, float]:
    """Bring beta and tau to full precision by Newton steps on both."""
    for _ in range(8):
        found = likelihood(model, beta, tau)
        step = _solve(found.information, found.score)
        if abs(step[-1]) > tau / 2:
            break  # not close to a maximum: the search before stands
        beta, tau = beta + step[:-1], tau + float(step[-1])
        if np.abs(step).max() < 1e-12:
            break
    return beta, tau


def _solve(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrix, vector), dtype=np.float64)
