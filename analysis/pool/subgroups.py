"""Subgroups: a pool in each group, with its own or one common tau2, and a test between the groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.pool.fit import Coefficient, Fit
from analysis.pool.moderators import dummies
from analysis.pool.univariate import rma_uni
from analysis.records import FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Pools by group.

    Attributes:
        estimates: The pooled estimate of each group, under the group's name, sorted.
        fits: The pool of each group by name; empty with a common tau2.
        model: The regression on the groups that gave the common tau2; None with separate ones.
        q_between: Test statistic for differences between the groups; None with one group.
        df_between: Its degrees of freedom: (groups - 1, None) for chi squared, (groups - 1, ddf) for F.
        p_between: Its p value.
    """

    estimates: tuple[Coefficient, ...]
    fits: Mapping[str, Fit]
    model: Fit | None
    q_between: float | None
    df_between: tuple[int, int | None]
    p_between: float | None


class _How(NamedTuple):
    method: str
    test: str
    level: float


def subgroups(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: Sequence[object],
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 95,
    common_tau2: bool = False,
) -> Subgroups:
    """Pool by group and test between groups.

    With separate tau2 the pooled estimates of the groups are compared by Cochran's Q with their own standard errors
    (Borenstein et al. 2009, Introduction to Meta-Analysis, ch. 19); with a common tau2 the groups are moderators.

    Args:
        yi: k estimates.
        vi: k sampling variances.
        groups: The group of each row.
        method: Estimator of tau2.
        test: z, t, knha or adhoc.
        level: Confidence level in percent.
        common_tau2: Whether all groups share one tau2.

    Returns:
        The pools and the test between them.

    Raises:
        NotEstimable: If a group has no usable row.
        ValueError: If the lengths differ.
    """
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    labels = [str(g) for g in groups]
    if not y.size == v.size == len(labels):
        raise ValueError(f"{y.size} estimates, {v.size} variances, {len(labels)} groups")
    how = _How(method, test, level)
    return _common(y, v, labels, how) if common_tau2 and len(set(labels)) > 1 else _separate(y, v, labels, how)


def _separate(y: FloatArray, v: FloatArray, labels: list[str], how: _How) -> Subgroups:
    fits: dict[str, Fit] = {}
    for name in sorted(set(labels)):
        member = np.array([label == name for label in labels])
        try:
            fits[name] = rma_uni(y[member], v[member], method=how.method, test=how.test, level=how.level)
        except NotEstimable as error:
            raise NotEstimable(f"group {name}: {error}") from error
    estimates = tuple(replace(fit.coefficients[0], name=name) for name, fit in fits.items())
    if len(fits) == 1:
        return Subgroups(estimates, fits, None, None, (0, None), None)
    between = rma_uni([e.estimate for e in estimates], [e.se**2 for e in estimates], method="FE")
    return Subgroups(estimates, fits, None, between.q, (between.q_df, None), between.q_p)


def _common(y: FloatArray, v: FloatArray, labels: list[str], how: _How) -> Subgroups:
    X, names = dummies(labels)
    model = rma_uni(y, v, mods=X, mod_names=names, method=how.method, test=how.test, level=how.level)
    first = min(set(labels))
    # The same model with one column a group and no intercept has the groups' means as its coefficients.
    cells = np.column_stack([1.0 - X.sum(axis=1), X])
    means = rma_uni(
        y, v, mods=cells, mod_names=(first, *names), intercept=False,
        method=how.method, test=how.test, level=how.level, intervals=False,
    )  # fmt: skip
    return Subgroups(means.coefficients, {}, model, model.qm, model.qm_df, model.qm_p)
