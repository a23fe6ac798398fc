"""Likelihoods of counts as exponential families: log f(x | eta) = x * eta - A(eta) + c with natural parameter eta.

Arrays have the shape studies x arms x nodes (of a quadrature); counts stand at studies x arms x 1.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from analysis.records import FloatArray

LARGEST_ETA = 600.0
"""exp of more overflows; a likelihood there is 0 in any case."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Log-likelihood with its first two derivatives by eta."""

    value: FloatArray
    slope: FloatArray
    curvature: FloatArray


class Kernel(Protocol):
    """A likelihood of one count per study and arm."""

    def terms(self, eta: FloatArray) -> Terms:
        """Give log-likelihood and derivatives at eta."""
        ...

    def saturated(self) -> FloatArray:
        """Give the largest log-likelihood that each count can have (studies x arms)."""
        ...


@dataclass(frozen=True, slots=True)
class Binomial:
    """x events among n, eta = logit p."""

    x: FloatArray
    n: FloatArray

    def terms(self, eta: FloatArray) -> Terms:
        """Give log-likelihood and derivatives at eta."""
        x, n = self.x[..., None], self.n[..., None]
        p = special.expit(eta)
        choose = -np.log1p(n) - special.betaln(n - x + 1, x + 1)
        value = choose + x * special.log_expit(eta) + (n - x) * special.log_expit(-eta)
        return Terms(value, x - n * p, -n * p * special.expit(-eta))

    def saturated(self) -> FloatArray:
        """Log-likelihood at p = x / n."""
        x, n = self.x, self.n
        value = special.xlogy(x, x / n) + special.xlogy(n - x, 1 - x / n)
        return np.asarray(value - np.log1p(n) - special.betaln(n - x + 1, x + 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Poisson:
    """x events, eta = log of the expected number."""

    x: FloatArray

    def terms(self, eta: FloatArray) -> Terms:
        """Give log-likelihood and derivatives at eta."""
        x = self.x[..., None]
        mean = np.exp(np.minimum(eta, LARGEST_ETA))
        return Terms(x * eta - mean - special.gammaln(x + 1), x - mean, -mean)

    def saturated(self) -> FloatArray:
        """Log-likelihood at a mean of x."""
        value: FloatArray = special.xlogy(self.x, self.x) - self.x - special.gammaln(self.x + 1)
        return value


@dataclass(frozen=True, slots=True)
class Hypergeometric:
    """Events of the first arm given all margins (Fisher's noncentral distribution), eta = log odds ratio.

    Attributes:
        x: Events of the first arm (studies x 1).
        support: Possible numbers of them, padded with the smallest (studies x 1 x 1 x s).
        weight: Log number of tables for each, minus infinity where padded (the same shape).
    """

    x: FloatArray
    support: FloatArray
    weight: FloatArray

    def terms(self, eta: FloatArray) -> Terms:
        """Give log-likelihood and derivatives at eta."""
        logs = self.weight + self.support * eta[..., None]
        top = logs.max(axis=-1, keepdims=True)
        share = np.exp(logs - top)
        total = share.sum(axis=-1, keepdims=True)
        share /= total
        mean = np.sum(share * self.support, axis=-1)
        spread = np.sum(share * (self.support - mean[..., None]) ** 2, axis=-1)
        x = self.x[..., None]
        at_x = np.max(np.where(self.support[..., 0, :] == x, self.weight[..., 0, :], -np.inf), axis=-1)
        return Terms(at_x[..., None] + x * eta - (top + np.log(total))[..., 0], x - mean, -spread)

    def saturated(self) -> FloatArray:
        """Log-likelihood at the odds ratio that expects x; 0 where x is at an end of its support."""
        eta, inner = self.own_estimate()
        value = self.terms(eta[..., None]).value[..., 0]
        return np.where(inner, value, 0.0)

    def own_estimate(self) -> tuple[FloatArray, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        """Solve for the log odds ratio that expects x, by bisection; second: where it is finite."""
        inner = (self.x > self.support.min(axis=-1)[..., 0]) & (self.x < self._largest())
        low, high = np.full_like(self.x, -40.0), np.full_like(self.x, 40.0)
        for _ in range(80):
            middle = (low + high) / 2
            short = self.terms(middle[..., None]).slope[..., 0] > 0
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.where(inner, (low + high) / 2, 0.0), inner

    def _largest(self) -> FloatArray:
        known = np.where(np.isfinite(self.weight), self.support, -np.inf)
        largest: FloatArray = known.max(axis=-1)[..., 0]
        return largest


def hypergeometric(a: FloatArray, n1: FloatArray, c: FloatArray, n2: FloatArray) -> Hypergeometric:
    """Build the conditional likelihood of a given the margins of each table (one value a study)."""
    events = a + c
    first, last = np.maximum(0, events - n2), np.minimum(n1, events)
    j = first[:, None] + np.arange(int((last - first).max()) + 1, dtype=np.float64)
    inside = j <= last[:, None]
    j = np.where(inside, j, first[:, None])
    m = events[:, None]
    choose = _log_choose(n1[:, None], j) + _log_choose(n2[:, None], m - j)
    weight = np.where(inside, choose, -np.inf)
    return Hypergeometric(a[:, None], j[:, None, None, :], weight[:, None, None, :])


def _log_choose(n: FloatArray, k: FloatArray) -> FloatArray:
    value: FloatArray = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return value
