"""Tests over stacks of tables: Cochran-Mantel-Haenszel for no effect, Breslow-Day and Tarone for one odds ratio.

Sources: Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; Breslow and Day 1980, Statistical Methods in Cancer
Research I, p. 142; Tarone 1985, Biometrika 72:91.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.pool.strata import Rates, Tables
from analysis.records import FloatArray


@dataclass(frozen=True, slots=True)
class Tested:
    """A chi-squared test."""

    chi2: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class HomogeneityOfOdds:
    """Tests that all tables share one odds ratio.

    Attributes:
        k: Tables with events and others in some arm; only these tell anything.
        breslow_day: Breslow and Day's test; None with fewer than two such tables.
        tarone: The same with Tarone's correction.
    """

    k: int
    breslow_day: Tested | None
    tarone: Tested | None


def cmh_tables(tables: Tables, *, correct: bool) -> Tested | None:
    """Cochran-Mantel-Haenszel test that the odds ratio is 1; None where an outcome never occurred."""
    if tables.events.sum() == 0 or tables.others.sum() == 0:
        return None
    surplus = float(np.sum(tables.a - tables.n1 * (tables.events / tables.n)))
    return _one_degree(surplus, float(tables.hypergeometric_variance().sum()), correct=correct)


def cmh_rates(rates: Rates, *, correct: bool) -> Tested | None:
    """Mantel-Haenszel test that the rate ratio is 1; None where nothing happened."""
    events = rates.x1 + rates.x2
    if events.sum() == 0:
        return None
    surplus = float(np.sum(rates.x1 - events * rates.t1 / rates.t))
    return _one_degree(surplus, float(np.sum(events * rates.t1 * rates.t2 / rates.t**2)), correct=correct)


def homogeneity_of_odds(tables: Tables, odds_ratio: float) -> HomogeneityOfOdds:
    """Breslow-Day and Tarone tests around a pooled odds ratio."""
    told = (tables.events > 0) & (tables.others > 0)
    x = Tables(tables.a[told], tables.b[told], tables.c[told], tables.d[told])
    k = x.a.size
    if k < 2:
        return HomogeneityOfOdds(k, None, None)
    expected = _expected_events(x, odds_ratio)
    cells = (expected, x.n1 - expected, x.events - expected, x.n2 - x.events + expected)
    variance = 1 / np.sum([1 / cell for cell in cells], axis=0)
    breslow_day = float(np.sum((x.a - expected) ** 2 / variance))
    tarone = breslow_day - float(np.sum(x.a - expected)) ** 2 / float(variance.sum())
    return HomogeneityOfOdds(k, _tested(breslow_day, k - 1), _tested(tarone, k - 1))


def _expected_events(x: Tables, odds_ratio: float) -> FloatArray:
    """Events of the first group that the margins and the odds ratio imply: the root of a quadratic."""
    if math.isclose(odds_ratio, 1, rel_tol=1e-12):
        return x.n1 * x.events / x.n
    half = (odds_ratio * (x.n1 + x.events) + (x.n2 - x.events)) / 2
    root = np.sqrt(half**2 - odds_ratio * (odds_ratio - 1) * x.n1 * x.events)
    # The root between 0 and the margins, without the cancellation of half - root.
    return odds_ratio * x.n1 * x.events / (half + root)


def _one_degree(surplus: float, variance: float, *, correct: bool) -> Tested:
    # As in metafor: a surplus below the correction is not cut at 0.
    size = abs(surplus) - (0.5 if correct else 0.0)
    return _tested(size**2 / variance, 1)


def _tested(chi2: float, df: int) -> Tested:
    return Tested(chi2, df, float(special.chdtrc(df, chi2)))
