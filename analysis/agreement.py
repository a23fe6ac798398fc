"""How far two readers of the same items agree: percent agreement and Cohen's kappa with its interval."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

#: What rounding leaves of a standard error of 0.
LEAST_SE = 1e-7


@dataclass(frozen=True, slots=True)
class Agreement:
    """n items, how many got the same answer from both, percent of these (0 to 100), and kappa with its interval.

    kappa is None where both gave one and the same answer to everything (chance alone would agree) or nothing was
    judged, and se with it. The interval is cut at −1 and 1; it is None where the variance for large samples is 0, which
    says nothing of how sure kappa is (one item, or no disagreement at all).
    """

    n: int
    agreed: int
    percent: float | None
    kappa: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]], level: float = 95) -> Agreement:
    """Agreement of two readers on nominal answers, one pair an item: (the first one's answer, the second one's).

    Cohen 1960, Educ Psychol Meas 20:37-46, equation 1; large-sample variance by Fleiss, Cohen and Everitt 1969,
    Psychol Bull 72:323-327, equation 13. level is in percent.
    """
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs)
    if n == 0:
        return Agreement(0, 0, None)
    p = _shares(pairs)
    expected = float(p.sum(1) @ p.sum(0))
    if math.isclose(expected, 1.0):
        return Agreement(n, agreed, 100 * agreed / n)
    kappa = (agreed / n - expected) / (1 - expected)
    se = math.sqrt(max(0.0, _variance(p, kappa, expected)) / n)
    if se < LEAST_SE:
        return Agreement(n, agreed, 100 * agreed / n, kappa, 0.0)
    z = float(ndtri(0.5 + level / 200))
    return Agreement(n, agreed, 100 * agreed / n, kappa, se, max(-1.0, kappa - z * se), min(1.0, kappa + z * se))


def _shares(pairs: Sequence[tuple[Hashable, Hashable]]) -> np.ndarray:
    """The table of both readers' answers as shares of all items, rows the first reader."""
    answers = {answer: i for i, answer in enumerate(dict.fromkeys(a for pair in pairs for a in pair))}
    table = np.zeros((len(answers), len(answers)))
    for a, b in pairs:
        table[answers[a], answers[b]] += 1 / len(pairs)
    return table


def _variance(p: np.ndarray, kappa: float, expected: float) -> float:
    """The variance of kappa times n, in the letters of Fleiss 1969: A + B − C over (1 − p_e)²."""
    rows, columns = p.sum(1), p.sum(0)
    a = float(np.diag(p) @ (1 - (rows + columns) * (1 - kappa)) ** 2)
    apart = p - np.diag(np.diag(p))
    b = (1 - kappa) ** 2 * float((apart * (columns[:, None] + rows) ** 2).sum())
    c = (kappa - expected * (1 - kappa)) ** 2
    return (a + b - c) / (1 - expected) ** 2
