"""What a measure of effect is: a formula, the columns it wants, and the rules its data must keep.

Formulas take metafor's argument names as keywords and know nothing of missing cells, corrections or messages;
`analysis.effects.measures` lists them, `analysis.effects.escalc` runs them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.effects.back import identity
from analysis.records import FloatArray

BoolArray = NDArray[np.bool_]
Reasons = NDArray[np.object_]
Columns = dict[str, FloatArray]
Effect = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other columns from which some columns can be had, row by row.

    Attributes:
        targets: Columns that are filled, all together, in rows where one of them is missing.
        sources: Columns that `how` takes as arguments, in this order.
        how: Gives one array per target.
    """

    targets: tuple[str, ...]
    sources: tuple[str, ...]
    how: Callable[..., tuple[FloatArray, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A fact about a row that drops it (a fault) or is told in the notes (a remark).

    Attributes:
        reason: What is said of the row.
        columns: Columns that `broken` takes as arguments; the rule is silent when one is not there.
        broken: True in the rows that the reason speaks of.
    """

    reason: str
    columns: tuple[str, ...]
    broken: Callable[..., BoolArray]


@dataclass(frozen=True, slots=True)
class Counts:
    """How zero counts are seen and corrected.

    Attributes:
        cells: Every count that may be zero, out of the columns.
        adds: How many times the constant is added to each column (a total of two cells gets it twice).
        empty: Reason and test of `drop00`; None where the option has no meaning.
    """

    cells: Callable[[Columns], tuple[FloatArray, ...]]
    adds: Mapping[str, int]
    empty: Rule | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Data of one kind, shared by several measures.

    Attributes:
        title: The kind in words.
        alternatives: Tried in this order.
        faults: Rows that are dropped, the first reason wins.
        remarks: Rows that are kept and told in the notes.
        counts: How zeros are corrected; None for data without counts.
        constant: A column that one number may stand for (the unreported correlation of two times).
        may_be_zero: Standard deviations that may be zero.
    """

    title: str
    alternatives: tuple[Alternative, ...] = ()
    faults: tuple[Rule, ...] = ()
    remarks: tuple[Rule, ...] = ()
    counts: Counts | None = None
    constant: str | None = None
    may_be_zero: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect size.

    Attributes:
        name: metafor's name.
        title: The same in words.
        family: The kind of data it is computed from.
        columns: Columns that the function takes as keywords, by metafor's names.
        function: Gives (yi, vi), one value per row; NaN or infinite where it is not defined.
        back: Brings yi to the scale of the data (`analysis.effects.back`).
        back_by: Column whose harmonic mean `back` takes as its second argument; None where it takes only yi.
        null: Value of yi that means "no effect"; None where there is no such value.
        undefined: Said of a row whose yi or vi is not a finite number or whose vi is negative.
        vtypes: Kinds of sampling variance, the default first.
        correction: The bias correction in words, where `correct` switches one.
        add: What is added to zero counts by default.
        limits: Rules for this measure alone, beside those of the family.
    """

    name: str
    title: str
    family: Family
    columns: tuple[str, ...]
    function: Callable[..., Effect]
    back: Callable[..., FloatArray] = identity
    back_by: str | None = None
    null: float | None = 0.0
    undefined: str = "the result is not a finite number"
    vtypes: tuple[str, ...] = ("LS",)
    correction: str | None = None
    add: float = 0.5
    limits: tuple[Rule, ...] = ()


def bias_factor(m: FloatArray) -> FloatArray:
    """Hedges' exact small-sample factor J(m) for m degrees of freedom; NaN for m <= 1.

    Source: Hedges 1981, Journal of Educational Statistics 6:107, equation 6e.
    """
    safe = np.where(m > 1, m, np.nan)
    return np.exp(special.gammaln(safe / 2) - np.log(safe / 2) / 2 - special.gammaln((safe - 1) / 2))


def weighted_mean(x: FloatArray, weights: FloatArray) -> float:
    """Mean of x over the rows that have it, for the vtypes that assume one value for all studies (AV)."""
    known = ~np.isnan(x * weights)
    return float(np.sum(weights[known] * x[known]) / np.sum(weights[known]))


def t_from_p(p: FloatArray, df: FloatArray) -> FloatArray:
    """The t statistic whose two-sided p value is |p|, with the sign of p; NaN outside -1..1."""
    tail = np.where(np.abs(p) <= 1, np.abs(p) / 2, np.nan)
    return np.asarray(-np.sign(p) * special.stdtrit(df, tail), dtype=np.float64)


def fisher(r: FloatArray, v: FloatArray) -> Effect:
    """Fisher's z of a correlation with its variance by the delta method (|r| >= 1 gives an infinite value)."""
    return np.arctanh(r), v / (1 - np.minimum(r**2, 1)) ** 2
