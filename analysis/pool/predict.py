"""Predictions from a model: the mean at given moderators, and where the effect of a new study may lie."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from analysis.pool.fit import Fit, critical_value
from analysis.pool.tau2 import FIXED
from analysis.records import FloatArray, NotEstimable

Distribution = Literal["metafor", "t_k_minus_2"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One prediction.

    Attributes:
        pred: The predicted mean effect.
        se: Its standard error.
        ci_low: Lower confidence limit of the mean.
        ci_high: Upper confidence limit of the mean.
        pi_low: Lower limit for the effect of a new study; None where the model has no tau2.
        pi_high: Upper limit for the effect of a new study.
        pi_distribution: What the prediction interval rests on, such as ``normal`` or ``t(12)``; None without interval.
    """

    pred: float
    se: float
    ci_low: float
    ci_high: float
    pi_low: float | None
    pi_high: float | None
    pi_distribution: str | None


def predict(fit: Fit, *, distribution: Distribution = "metafor", x: ArrayLike | None = None) -> Prediction:
    """Predict at one set of moderator values.

    Args:
        fit: The model.
        distribution: For the prediction interval. ``metafor``: that of the model's tests (normal, or t with k - p).
            ``t_k_minus_2``: t with k - 2 degrees of freedom (Higgins, Thompson and Spiegelhalter 2009, J R Stat Soc A
            172:137, eq 12); with moderators k - p - 1.
        x: Values of the moderators without the intercept; not needed for a plain pool.

    Returns:
        The prediction. Equal-effects models have no prediction interval.

    Raises:
        ValueError: If x does not fit the model.
        NotEstimable: If k is too small for t with k - 2.
    """
    row = _row(fit, x)
    pred = float(row @ fit.beta)
    variance = float(row @ fit.vb @ row)
    se = math.sqrt(variance)
    half = critical_value(fit.level, fit.ddf) * se
    if fit.method in FIXED:
        return Prediction(pred, se, pred - half, pred + half, None, None, None)
    critical, name = _prediction_critical(fit, distribution)
    spread = critical * math.sqrt(fit.tau2 + variance)
    return Prediction(pred, se, pred - half, pred + half, pred - spread, pred + spread, name)


def _row(fit: Fit, x: ArrayLike | None) -> FloatArray:
    given = np.asarray([] if x is None else x, dtype=np.float64).ravel()
    row = np.concatenate((np.ones(int(fit.intercept)), given))
    if row.size != fit.p:
        raise ValueError(f"the model has {fit.p - int(fit.intercept)} moderators, x has {given.size}")
    return row


def _prediction_critical(fit: Fit, distribution: Distribution) -> tuple[float, str]:
    if distribution == "metafor":
        return critical_value(fit.level, fit.ddf), "normal" if fit.ddf is None else f"t({fit.ddf})"
    df = fit.k - fit.p - 1
    if df < 1:
        raise NotEstimable(f"t with k - 2 needs more than {fit.k} rows")
    return float(stdtrit(df, 0.5 + fit.level / 200.0)), f"t({df})"
