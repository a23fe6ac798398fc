"""The models of metafor's ``rma.glmm`` as likelihoods with one random effect: what each conditions on and assumes.

PLO, IRLN: counts of one group. OR and IRR, CM.*: the split of each study's events between the arms, given their sum.
OR, UM.FS and IRR, UM.FS: both arms, with a fixed effect per study; half of the effect goes to each arm.

Source: Stijnen, Hamza and Ozdemir 2010, Stat Med 29:3046; Jackson et al. 2018, Stat Med 37:1059 (names UM and CM).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.pool.glmm_fit import Model
from analysis.pool.glmm_kernels import Binomial, Hypergeometric, Kernel, Poisson, hypergeometric
from analysis.pool.strata import Rates, Rows, Tables, read_counts, read_proportions, read_rates, read_tables
from analysis.records import Dropped, FloatArray, NotEstimable


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model with what is needed around it.

    Attributes:
        model: The likelihood.
        own: Effect of each study by itself (k), for the Wald test of heterogeneity.
        own_variance: Its variance (k), infinite where the effect is.
        rows: Positions of the studies in the input, from 0.
        dropped: Rows left out, with reasons.
    """

    model: Model
    own: FloatArray
    own_variance: FloatArray
    rows: Rows
    dropped: tuple[Dropped, ...]


def prepare(data: Mapping[str, ArrayLike], measure: str, model: str | None) -> Prepared:
    """Read the columns of a measure and build the named model.

    Raises:
        NotEstimable: There is no such measure or model, or no row can be used.
        MissingColumn: The columns cannot give the measure.
    """
    if (measure, model) not in MODELS:
        known = ", ".join(f"{m} {name or ''}".strip() for m, name in MODELS)
        raise NotEstimable(f"there is no model {measure} {model or ''}; there are {known}")
    return MODELS[measure, model](data)


def _one_arm(kernel: Kernel, offset: FloatArray) -> Model:
    one = np.ones((offset.size, 1))
    return Model(kernel, offset[:, None], one[..., None], one)


def _two_arms(kernel: Kernel, offset: FloatArray) -> Model:
    """Fixed effects per study, the treatment effect by halves: plus in the first arm, minus in the second."""
    k = offset.shape[0]
    halves = np.tile([0.5, -0.5], (k, 1))
    studies = np.repeat(np.eye(k)[:, None, :], 2, axis=1)
    return Model(kernel, offset, np.concatenate((halves[..., None], studies), axis=2), halves)


def _log(x: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        value: FloatArray = np.log(x)
    return value


def _reciprocals(*counts: FloatArray) -> FloatArray:
    """Sum of 1 / count, the variance of sums and differences of log counts; infinite at a count of 0."""
    with np.errstate(divide="ignore"):
        value: FloatArray = np.sum([1 / count for count in counts], axis=0)
    return value


def _proportions(data: Mapping[str, ArrayLike]) -> Prepared:
    x, n, rows, dropped = read_proportions(data)
    model = _one_arm(Binomial(x[:, None], n[:, None]), np.zeros(x.size))
    return Prepared(model, _log(x) - _log(n - x), _reciprocals(x, n - x), rows, dropped)


def _rates_of_one_group(data: Mapping[str, ArrayLike]) -> Prepared:
    x, t, rows, dropped = read_counts(data)
    return Prepared(_one_arm(Poisson(x[:, None]), np.log(t)), _log(x / t), _reciprocals(x), rows, dropped)


def _telling_tables(data: Mapping[str, ArrayLike]) -> tuple[Tables, Rows, tuple[Dropped, ...]]:
    """Read tables and leave out those without events, or with nothing else, in both arms."""
    x, rows, dropped = read_tables(data)
    told = (x.events > 0) & (x.others > 0)
    silent = _silent(rows[~told], "no events, or only events, in both arms")
    return Tables(x.a[told], x.b[told], x.c[told], x.d[told]), _some(rows[told]), _in_order(dropped + silent)


def _telling_rates(data: Mapping[str, ArrayLike]) -> tuple[Rates, Rows, tuple[Dropped, ...]]:
    x, rows, dropped = read_rates(data)
    told = x.x1 + x.x2 > 0
    silent = _silent(rows[~told], "no events in both arms")
    return Rates(x.x1[told], x.x2[told], x.t1[told], x.t2[told]), _some(rows[told]), _in_order(dropped + silent)


def _silent(rows: Rows, reason: str) -> tuple[Dropped, ...]:
    return tuple(Dropped(int(row) + 1, reason) for row in rows)


def _some(rows: Rows) -> Rows:
    if rows.size == 0:
        raise NotEstimable("no study tells anything about the effect: an outcome never happened in either arm")
    return rows


def _in_order(dropped: tuple[Dropped, ...]) -> tuple[Dropped, ...]:
    return tuple(sorted(dropped, key=lambda one: one.row))


def _odds_conditional_exact(data: Mapping[str, ArrayLike]) -> Prepared:
    x, rows, dropped = _telling_tables(data)
    kernel: Hypergeometric = hypergeometric(x.a, x.n1, x.c, x.n2)
    own, finite = kernel.own_estimate()
    spread = -kernel.terms(own[..., None]).curvature[:, 0, 0]
    variance = np.where(finite[:, 0], 1 / np.maximum(spread, 1e-300), np.inf)
    return Prepared(_one_arm(kernel, np.zeros(x.a.size)), own[:, 0], variance, rows, dropped)


def _odds_conditional_approximate(data: Mapping[str, ArrayLike]) -> Prepared:
    x, rows, dropped = _telling_tables(data)
    offset = np.log(x.n1 / x.n2)
    model = _one_arm(Binomial(x.a[:, None], x.events[:, None]), offset)
    return Prepared(model, _log(x.a) - _log(x.c) - offset, _reciprocals(x.a, x.c), rows, dropped)


def _odds_fixed_studies(data: Mapping[str, ArrayLike]) -> Prepared:
    x, rows, dropped = _telling_tables(data)
    kernel = Binomial(np.column_stack((x.a, x.c)), np.column_stack((x.n1, x.n2)))
    model = _two_arms(kernel, np.zeros((x.a.size, 2)))
    own = _log(x.a) - _log(x.b) - _log(x.c) + _log(x.d)
    return Prepared(model, own, _reciprocals(x.a, x.b, x.c, x.d), rows, dropped)


def _rates_conditional(data: Mapping[str, ArrayLike]) -> Prepared:
    x, rows, dropped = _telling_rates(data)
    offset = np.log(x.t1 / x.t2)
    model = _one_arm(Binomial(x.x1[:, None], (x.x1 + x.x2)[:, None]), offset)
    return Prepared(model, _log(x.x1) - _log(x.x2) - offset, _reciprocals(x.x1, x.x2), rows, dropped)


def _rates_fixed_studies(data: Mapping[str, ArrayLike]) -> Prepared:
    x, rows, dropped = _telling_rates(data)
    model = _two_arms(Poisson(np.column_stack((x.x1, x.x2))), np.log(np.column_stack((x.t1, x.t2))))
    own = _log(x.x1) - _log(x.x2) - np.log(x.t1 / x.t2)
    return Prepared(model, own, _reciprocals(x.x1, x.x2), rows, dropped)


MODELS: dict[tuple[str, str | None], Callable[[Mapping[str, ArrayLike]], Prepared]] = {
    ("PLO", None): _proportions,
    ("IRLN", None): _rates_of_one_group,
    ("OR", "UM.FS"): _odds_fixed_studies,
    ("OR", "CM.EL"): _odds_conditional_exact,
    ("OR", "CM.AL"): _odds_conditional_approximate,
    ("IRR", "UM.FS"): _rates_fixed_studies,
    ("IRR", "CM.EL"): _rates_conditional,
}
"""Measure and model name, as in metafor; single groups have one model."""
