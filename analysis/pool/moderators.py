"""What goes with moderators: dummy columns for groups, comparison of nested models, variance inflation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from analysis.pool.fit import Fit
from analysis.records import FloatArray


@dataclass(frozen=True, slots=True)
class NestedTest:
    """Likelihood ratio test of a model against a smaller one.

    Attributes:
        statistic: Twice the difference in log-likelihood.
        df: Difference in number of parameters.
        p: P value from chi squared.
        r2: Fall of tau2 from the smaller to the larger model, in percent; None where there was nothing to explain.
    """

    statistic: float
    df: int
    p: float
    r2: float | None


def dummies(groups: Sequence[object]) -> tuple[FloatArray, tuple[str, ...]]:
    """Dummy columns (k x groups - 1) for every group but the first, in the order of their sorted names.

    Args:
        groups: The group of each row.

    Returns:
        The columns and the names of their groups.
    """
    labels = [str(g) for g in groups]
    names = tuple(sorted(set(labels)))[1:]
    columns = [[float(label == name) for name in names] for label in labels]
    return np.array(columns).reshape(len(labels), len(names)), names


def compare_nested(full: Fit, reduced: Fit) -> NestedTest:
    """Likelihood ratio test of the moderators that ``full`` has and ``reduced`` has not (metafor's ``anova``).

    Args:
        full: The larger model, fitted by ML or without tau2.
        reduced: The smaller model, fitted by the same method to the same rows.

    Returns:
        The test.

    Raises:
        ValueError: If the two models cannot be compared.
    """
    if full.method != reduced.method or full.method not in {"ML", "FE", "EE"}:
        raise ValueError("restricted likelihoods of models with different moderators cannot be compared; use ML")
    if not (np.array_equal(full.yi, reduced.yi) and np.array_equal(full.vi, reduced.vi)) or full.p <= reduced.p:
        raise ValueError("the models are not nested in the same rows")
    statistic = max(0.0, 2.0 * (full.loglik - reduced.loglik))
    df = full.p - reduced.p
    r2 = max(0.0, 100.0 * (reduced.tau2 - full.tau2) / reduced.tau2) if reduced.tau2 > 0.0 else None
    return NestedTest(statistic, df, float(chdtrc(df, statistic)), r2)


def vif(fit: Fit) -> FloatArray:
    """Variance inflation factor of each moderator (intercept left out): the diagonal of the inverse correlation matrix.

    Fox and Monette 1992, JASA 87:178, for single coefficients.
    """
    first = int(fit.intercept)
    vb = fit.vb[first:, first:]
    scale = np.sqrt(vb.diagonal())
    factors: FloatArray = np.linalg.inv(vb / np.outer(scale, scale)).diagonal().copy()
    return factors
