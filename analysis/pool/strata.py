"""Two-by-two tables and pairs of rates as stacks, one stratum (study) a row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.effects.escalc import ZERO_RULES, MissingColumn
from analysis.records import Dropped, FloatArray, NotEstimable

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Tables:
    """Events a, c and others b, d in the first and second group, one value a stratum."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray

    @property
    def n1(self) -> FloatArray:
        """Persons of the first group."""
        return self.a + self.b

    @property
    def n2(self) -> FloatArray:
        """Persons of the second group."""
        return self.c + self.d

    @property
    def events(self) -> FloatArray:
        """Events of both groups."""
        return self.a + self.c

    @property
    def others(self) -> FloatArray:
        """Persons without the event in both groups."""
        return self.b + self.d

    @property
    def n(self) -> FloatArray:
        """Persons of both groups."""
        return self.n1 + self.n2

    def hypergeometric_variance(self) -> FloatArray:
        """Variance of a, given all margins."""
        return self.events * self.others * (self.n1 / self.n) * (self.n2 / self.n) / (self.n - 1)

    def corrected(self, add: float, to: str) -> "Tables":
        """Add a constant to the cells of the tables that the rule names."""
        return Tables(*_corrected((self.a, self.b, self.c, self.d), add, to))


@dataclass(frozen=True, slots=True)
class Rates:
    """Events x1, x2 over person-time t1, t2 of the first and second group, one value a stratum."""

    x1: FloatArray
    x2: FloatArray
    t1: FloatArray
    t2: FloatArray

    @property
    def t(self) -> FloatArray:
        """Person-time of both groups."""
        return self.t1 + self.t2

    def corrected(self, add: float, to: str) -> "Rates":
        """Add a constant to the counts of the strata that the rule names."""
        x1, x2 = _corrected((self.x1, self.x2), add, to)
        return Rates(x1, x2, self.t1, self.t2)


def read_tables(data: Mapping[str, ArrayLike]) -> tuple[Tables, Rows, tuple[Dropped, ...]]:
    """Read ai, bi or n1i, ci, di or n2i; give the usable tables, their positions from 0, and the rows left out.

    Raises:
        MissingColumn: The columns do not give a table.
        NotEstimable: No row can be used.
    """
    a, b = _group(data, "ai", "bi", "n1i")
    c, d = _group(data, "ci", "di", "n2i")
    with np.errstate(invalid="ignore"):
        empty = (a + b == 0) | (c + d == 0)
    rows, dropped = _usable((a, b, c, d), empty, "an arm without patients")
    return Tables(a[rows], b[rows], c[rows], d[rows]), rows, dropped


def read_rates(data: Mapping[str, ArrayLike]) -> tuple[Rates, Rows, tuple[Dropped, ...]]:
    """Read x1i, x2i, t1i, t2i; give the usable strata, their positions from 0, and the rows left out.

    Raises:
        MissingColumn: A column is not there.
        NotEstimable: No row can be used.
    """
    columns = [_column(data, name) for name in ("x1i", "x2i", "t1i", "t2i")]
    if any(column is None for column in columns):
        raise MissingColumn("rates want the columns x1i, x2i, t1i, t2i")
    x1, x2, t1, t2 = (column for column in columns if column is not None)
    with np.errstate(invalid="ignore"):
        empty = (t1 == 0) | (t2 == 0)
    rows, dropped = _usable((x1, x2, t1, t2), empty, "an arm without person-time")
    return Rates(x1[rows], x2[rows], t1[rows], t2[rows]), rows, dropped


def read_proportions(data: Mapping[str, ArrayLike]) -> tuple[FloatArray, FloatArray, Rows, tuple[Dropped, ...]]:
    """Read xi and ni (or mi, those without the event); give events, sizes, positions from 0, and the rows left out.

    Raises:
        MissingColumn: The columns do not give a proportion.
        NotEstimable: No row can be used.
    """
    x, m = _group(data, "xi", "mi", "ni")
    with np.errstate(invalid="ignore"):
        empty = x + m == 0
    rows, dropped = _usable((x, m), empty, "nobody in the group")
    return x[rows], (x + m)[rows], rows, dropped


def read_counts(data: Mapping[str, ArrayLike]) -> tuple[FloatArray, FloatArray, Rows, tuple[Dropped, ...]]:
    """Read xi and ti; give events, person-time, positions from 0, and the rows left out.

    Raises:
        MissingColumn: A column is not there.
        NotEstimable: No row can be used.
    """
    x, t = _column(data, "xi"), _column(data, "ti")
    if x is None or t is None:
        raise MissingColumn("a rate wants the columns xi and ti")
    with np.errstate(invalid="ignore"):
        empty = t == 0
    rows, dropped = _usable((x, t), empty, "no person-time")
    return x[rows], t[rows], rows, dropped


def _column(data: Mapping[str, ArrayLike], name: str) -> FloatArray | None:
    return np.atleast_1d(np.array(data[name], dtype=np.float64)) if name in data else None


def _group(data: Mapping[str, ArrayLike], events: str, others: str, size: str) -> tuple[FloatArray, FloatArray]:
    """Read the cells of one group, either of them from the size where it is missing."""
    x, y, n = (_column(data, name) for name in (events, others, size))
    if n is not None:
        x = _filled(x, y, n)
        y = _filled(y, x, n)
    if x is None or y is None:
        raise MissingColumn(f"a table wants {events} and {others}, or one of them and {size}")
    return x, y


def _filled(cell: FloatArray | None, other: FloatArray | None, size: FloatArray) -> FloatArray | None:
    if other is None:
        return cell
    return size - other if cell is None else np.where(np.isnan(cell), size - other, cell)


def _usable(columns: tuple[FloatArray, ...], empty: NDArray[np.bool_], reason: str) -> tuple[Rows, tuple[Dropped, ...]]:
    missing = np.any([~np.isfinite(column) for column in columns], axis=0)
    with np.errstate(invalid="ignore"):
        negative = np.any([column < 0 for column in columns], axis=0)
    whys = np.select([missing, negative, empty], ["a cell is missing", "a cell is negative", reason], "")
    dropped = tuple(Dropped(int(row) + 1, str(whys[row])) for row in np.flatnonzero(whys != ""))
    rows = np.flatnonzero(whys == "")
    if rows.size == 0:
        raise NotEstimable("no row can be used")
    return rows, dropped


def _corrected(cells: tuple[FloatArray, ...], add: float, to: str) -> tuple[FloatArray, ...]:
    if to not in ZERO_RULES:
        raise ValueError(f"to is one of {', '.join(ZERO_RULES)}, not {to}")
    rows = ZERO_RULES[to](np.any([cell == 0 for cell in cells], axis=0))
    return tuple(cell + add * rows for cell in cells)
