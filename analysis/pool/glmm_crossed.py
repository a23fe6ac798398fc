"""Two-arm odds and rate ratios with a random effect for studies and one for the treatment: metafor's model UM.RS.

eta = mu + sigma * b1 in both arms, plus and minus half of theta + tau * b2; b1 and b2 are independent standard normal.
The integral over both is taken by Gauss-Hermite nodes around the mode (Pinheiro and Bates 1995, J Comput Graph Stat
4:12). One node a dimension is Laplace's approximation, all that lme4, and so metafor, has for this model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.pool.glmm_kernels import Kernel
from analysis.pool.glmm_models import prepare
from analysis.records import Dropped, FloatArray, NotEstimable

HALVES = np.array([0.5, -0.5])
BOUNDS = [(-30.0, 30.0), (-30.0, 30.0), (0.0, 10.0), (0.0, 10.0)]
STARTS = ((0.5, 0.5), (1.0, 0.1), (0.1, 1.0))
"""Where the search for (sigma, tau) starts."""


@dataclass(frozen=True, slots=True)
class CrossedFit:
    """A fitted model.

    Attributes:
        measure: OR or IRR; the estimate is on the log scale.
        k: Number of studies.
        estimate: Pooled effect.
        se: Its standard error from the observed information.
        stat: estimate / se.
        p: Two-sided p.
        ci_low: Lower confidence limit.
        ci_high: Upper confidence limit.
        tau2: Variance of the treatment effect.
        sigma2: Variance of the studies' levels.
        loglik: Log-likelihood with all constants.
        dropped: Rows left out, with reasons.
    """

    measure: str
    k: int
    estimate: float
    se: float
    stat: float
    p: float
    ci_low: float
    ci_high: float
    tau2: float
    sigma2: float
    loglik: float
    dropped: tuple[Dropped, ...]


def rma_glmm_crossed(data: Mapping[str, ArrayLike], measure: str, *, nodes: int = 15, level: float = 95) -> CrossedFit:
    """Pool two-arm counts with both random effects by maximum likelihood.

    Args:
        data: Columns as for `analysis.pool.glmm.rma_glmm`.
        measure: OR or IRR.
        nodes: Quadrature nodes a dimension; 1 for Laplace's approximation as in metafor.
        level: Confidence level in percent.

    Raises:
        NotEstimable: The measure has no such model, fewer than two studies tell anything, or the estimate is not
            finite.
        MissingColumn: The columns cannot give the measure.
    """
    prepared = prepare(data, measure, "UM.FS")
    if prepared.rows.size < 2:
        raise NotEstimable("two random effects need at least two studies")
    for end in (np.inf, -np.inf):
        if np.all(prepared.own == end):
            raise NotEstimable("the estimate is not finite: an outcome never or always happened in one arm")
    best, se, loglik = _maximise(prepared.model.kernel, prepared.model.offset, nodes)
    theta = float(best[1])
    half = float(special.ndtri(0.5 + level / 200)) * se
    return CrossedFit(
        measure=measure,
        k=prepared.rows.size,
        estimate=theta,
        se=se,
        stat=theta / se,
        p=2 * float(special.ndtr(-abs(theta / se))),
        ci_low=theta - half,
        ci_high=theta + half,
        tau2=float(best[3] ** 2),
        sigma2=float(best[2] ** 2),
        loglik=loglik,
        dropped=prepared.dropped,
    )


def _maximise(kernel: Kernel, offset: FloatArray, nodes: int) -> tuple[FloatArray, float, float]:
    """Search (mu, theta, sigma, tau) from several starts; give them, the standard error of theta and the likelihood."""

    def fall(parameters: FloatArray) -> float:
        return -_loglik(kernel, offset, parameters, nodes)

    rough = [
        optimize.minimize(fall, np.array([-1.0, 0.0, *start]), bounds=BOUNDS, method="L-BFGS-B") for start in STARTS
    ]
    start = min(rough, key=lambda one: float(one.fun)).x
    found = optimize.minimize(
        fall, start, bounds=BOUNDS, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000}
    )
    best = np.asarray(found.x, dtype=np.float64)
    # An SD at its boundary is not free to vary.
    free = [0, 1] + [i for i in (2, 3) if best[i] > 1e-3]
    best[[i for i in (2, 3) if i not in free]] = 0.0
    covariance = np.linalg.inv(_information(fall, best, free))
    return best, float(np.sqrt(covariance[1, 1])), -float(found.fun)


def _loglik(kernel: Kernel, offset: FloatArray, parameters: FloatArray, nodes: int) -> float:
    mu, theta, sigma, tau = parameters
    fixed = offset + mu + theta * HALVES
    slopes = np.column_stack((np.full(2, sigma), tau * HALVES))  # arms x effects
    mode, root = _mode(kernel, fixed, slopes)
    z, w = np.polynomial.hermite.hermgauss(nodes)
    grid = np.sqrt(2) * np.array([[first, second] for first in z for second in z])
    weight = np.add.outer(np.log(w) + z**2, np.log(w) + z**2).ravel() - np.log(np.pi)
    b = mode[:, :, None] + root @ grid.T
    value = kernel.terms(fixed[..., None] + np.einsum("jd,kdm->kjm", slopes, b)).value.sum(axis=1)
    logs = value - np.sum(b**2, axis=1) / 2 + weight
    top = logs.max(axis=1, keepdims=True)
    width = np.log(np.abs(np.linalg.det(root)))
    return float(np.sum(top[:, 0] + np.log(np.exp(logs - top).sum(axis=1)) + width))


def _mode(kernel: Kernel, fixed: FloatArray, slopes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mode of each study's integrand (studies x 2) and a root of the inverse of its curvature there."""
    b = np.zeros((fixed.shape[0], 2))
    for _ in range(60):
        terms = kernel.terms((fixed + b @ slopes.T)[..., None])
        gradient = terms.slope[..., 0] @ slopes - b
        bend = np.eye(2) - np.einsum("kj,jd,je->kde", terms.curvature[..., 0], slopes, slopes)
        step = np.linalg.solve(bend, gradient[..., None])[..., 0]
        b = b + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    return b, np.asarray(np.linalg.cholesky(np.linalg.inv(bend)), dtype=np.float64)


def _information(fall: Callable[[FloatArray], float], at: FloatArray, free: list[int]) -> FloatArray:
    """Second derivatives by central differences."""
    h = 1e-4
    steps = np.eye(at.size)[free] * h
    return np.array(
        [
            [(fall(at + u + v) - fall(at + u - v) - fall(at - u + v) + fall(at - u - v)) / (4 * h * h) for v in steps]
            for u in steps
        ]
    )
