"""Effect sizes from summary data, one per row: metafor's `escalc` with every drop and correction told.

Rows are numbered from 1, the first row of data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects.measure import Alternative, BoolArray, Columns, Measure, Reasons, Rule
from analysis.effects.measures import MEASURES
from analysis.records import Dropped, FloatArray

__all__ = ["MEASURES", "BadColumn", "Dropped", "EffectSizes", "MissingColumn", "UnknownMeasure", "escalc"]

COUNTS = ("ai", "bi", "ci", "di", "xi", "x1i", "x2i")
SIZES = ("n1i", "n2i", "ni")
TIMES = ("ti", "t1i", "t2i")
SDS = ("sdi", "sd1i", "sd2i")

ZERO_RULES: dict[str, Callable[[BoolArray], BoolArray]] = {
    "only0": lambda zero: zero,
    "if0all": lambda zero: np.full(zero.shape, fill_value=zero.any()),
    "all": lambda zero: np.full(zero.shape, fill_value=True),
    "none": lambda zero: np.full(zero.shape, fill_value=False),
}
"""metafor's `to`: from "this row has a zero cell" to "this row is corrected"."""


class UnknownMeasure(ValueError):  # noqa: N818 - says what is wrong with the request
    """There is no such measure, or not with this vtype or `to`."""


class MissingColumn(ValueError):  # noqa: N818 - says what is wrong with the data
    """A column that the measure wants is not there and cannot be had from others."""


class BadColumn(ValueError):  # noqa: N818 - says what is wrong with the data
    """A column holds something else than numbers, or not one per row."""


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Effect sizes of all rows.

    Attributes:
        measure: metafor's name.
        yi: One effect size per row; NaN where the row was dropped.
        vi: Its sampling variance; NaN where the row was dropped.
        dropped: Rows without a result, in order, each with its reason.
        notes: Every correction and assumption, in words.
    """

    measure: str
    yi: FloatArray
    vi: FloatArray
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]


def escalc(
    measure: str,
    data: Mapping[str, ArrayLike],
    *,
    ri: float | None = None,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    vtype: str = "LS",
    correct: bool = True,
) -> EffectSizes:
    """Effect size and sampling variance of every row.

    Args:
        measure: metafor's name, one of `MEASURES`.
        data: Columns by metafor's argument names, one number per row, NaN (or None) where unknown; others are ignored.
        ri: Correlation of the two times for rows that do not give one (pre/post measures).
        add: Added to zero counts; None for the measure's own default (0.5, or 0 where a correction makes no sense).
        to: Which rows are corrected: only0 (those with a zero), if0all (all if one has a zero), all, none.
        drop00: Drop rows without events, or with nothing but events, in both arms.
        vtype: Kind of sampling variance, one of the measure's `vtypes`.
        correct: Apply the small-sample bias correction where the measure has one.

    Raises:
        UnknownMeasure: The measure, vtype or `to` does not exist.
        MissingColumn: The data cannot give the measure.
        BadColumn: A column is not numeric or has another length.
        ValueError: `add` is negative, or `ri` is not a correlation.
    """
    m = _request(measure, vtype, to, ri, add)
    given = _read(m, data)
    columns, notes = _with_constant(m, given, ri)
    columns = _completed(m, columns)
    reasons = _faults(m, columns, given)
    notes += _remarks(m, columns, reasons)
    if drop00 and m.family.counts and m.family.counts.empty:
        _mark(reasons, m.family.counts.empty, columns)
    columns = {c: np.where(reasons != "", np.nan, columns[c]) for c in m.columns}
    columns, more = _zeros_corrected(m, columns, m.add if add is None else add, to)
    options = ({"vtype": vtype} if len(m.vtypes) > 1 else {}) | ({"correct": correct} if m.correction else {})
    with np.errstate(all="ignore"):
        yi, vi = m.function(**columns, **options)
    undefined = ~(np.isfinite(yi) & np.isfinite(vi)) | (vi < 0)
    reasons[undefined & (reasons == "")] = m.undefined
    dropped = tuple(Dropped(int(i) + 1, str(reasons[i])) for i in np.flatnonzero(reasons != ""))
    notes += more + ([m.correction if correct else "bias correction switched off"] if m.correction else [])
    return EffectSizes(m.name, np.where(undefined, np.nan, yi), np.where(undefined, np.nan, vi), dropped, tuple(notes))


def _request(measure: str, vtype: str, to: str, ri: float | None, add: float | None) -> Measure:
    """The measure, once every option is known to exist."""
    if measure not in MEASURES:
        raise UnknownMeasure(f"unknown measure {measure}; known are {' '.join(MEASURES)}")
    m = MEASURES[measure]
    if vtype not in m.vtypes:
        raise UnknownMeasure(f"{measure} has the vtypes {', '.join(m.vtypes)}, not {vtype}")
    if to not in ZERO_RULES:
        raise UnknownMeasure(f"to is one of {', '.join(ZERO_RULES)}, not {to}")
    if add is not None and not 0 <= add < np.inf:
        raise ValueError(f"add is a number from 0 on, not {add}")
    if ri is not None and not -1 <= ri <= 1:
        raise ValueError(f"ri is a correlation, from -1 to 1, not {ri}")
    return m


def _names(m: Measure) -> set[str]:
    """Every column that the measure can use."""
    family = m.family
    names = set(m.columns)
    for alternative in family.alternatives:
        names.update(alternative.targets, alternative.sources)
    for rule in family.faults + family.remarks + m.limits:
        names.update(rule.columns)
    return names


def _read(m: Measure, data: Mapping[str, ArrayLike]) -> Columns:
    """Columns as floats of one length; a bare number stands for every row."""
    arrays: Columns = {}
    for name in sorted(_names(m) & set(data)):
        try:
            arrays[name] = np.array(data[name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise BadColumn(f"column {name} holds something that is not a number: {error}") from error
    lengths = {name: values.size for name, values in arrays.items() if values.ndim == 1}
    if any(values.ndim > 1 for values in arrays.values()) or len(set(lengths.values())) > 1:
        raise BadColumn(f"columns have different lengths: {', '.join(f'{n} {k}' for n, k in lengths.items())}")
    rows = max(lengths.values(), default=1)
    return {name: np.broadcast_to(values, (rows,)).copy() for name, values in arrays.items()}


def _with_constant(m: Measure, given: Columns, value: float | None) -> tuple[Columns, list[str]]:
    """The columns with one number in place of the missing correlations."""
    if value is None:
        return given, []
    name = m.family.constant
    if name is None or not given:
        return given, [f"ri = {value:g} was given, but {m.name} does not use it"]
    rows = next(iter(given.values())).size
    column = given.get(name, np.full(rows, np.nan))
    missing = np.isnan(column)
    where = "every row" if missing.all() else _rows(missing)
    notes = [f"ri = {value:g} assumed in {where}"] if missing.any() else []
    return given | {name: np.where(missing, value, column)}, notes


def _completed(m: Measure, given: Columns) -> Columns:
    """The columns with what can be had from others, row by row."""
    columns = dict(given)
    for alternative in m.family.alternatives:
        if all(source in columns for source in alternative.sources):
            columns |= _filled(alternative, columns)
    absent = [c for c in m.columns if c not in columns]
    if absent:
        wanted = ", ".join(m.columns) + _ways(m)
        raise MissingColumn(f"{m.name} wants the columns {wanted}; missing: {', '.join(absent)}")
    return columns


def _filled(alternative: Alternative, columns: Columns) -> Columns:
    """The targets of one alternative, filled in rows where one of them is missing and every source is there."""
    sources = [columns[source] for source in alternative.sources]
    nothing = np.full_like(sources[0], np.nan)
    old = [columns.get(target, nothing) for target in alternative.targets]
    with np.errstate(all="ignore"):
        new = alternative.how(*sources)
    use = np.any(np.isnan(old), axis=0) & ~np.any(np.isnan(sources), axis=0)
    return {name: np.where(use, n, o) for name, n, o in zip(alternative.targets, new, old, strict=True)}


def _ways(m: Measure) -> str:
    """The alternatives in words, for a message."""
    ways = [f"{', '.join(a.targets)} from {', '.join(a.sources)}" for a in m.family.alternatives]
    return f" ({'; '.join(ways)})" if ways else ""


def _faults(m: Measure, columns: Columns, given: Columns) -> Reasons:
    """Why each row is dropped; an empty text where it is not. The first reason wins."""
    reasons: Reasons = np.full(columns[m.columns[0]].shape, "", dtype=np.object_)
    for column in m.columns:
        for name in _blamed(m, column, given):
            missing = np.isnan(given[name]) & np.isnan(columns[column])
            reasons[missing & (reasons == "")] = f"missing {name}"
        reasons[np.isnan(columns[column]) & (reasons == "")] = f"{column} cannot be had from what is given"
        reasons[np.isinf(columns[column]) & (reasons == "")] = f"{column} is not finite"
    for rule in (*m.family.faults, *m.limits, *_limits(m)):
        _mark(reasons, rule, columns)
    return reasons


def _blamed(m: Measure, column: str, given: Columns) -> list[str]:
    """Which given columns to name when a value is missing: the column itself, or what it would be had from."""
    if column in given:
        return [column]
    sources = [a.sources for a in m.family.alternatives if column in a.targets]
    return [name for names in sources for source in names for name in _blamed(m, source, given)]


def _limits(m: Measure) -> tuple[Rule, ...]:
    """What the name of a column says about its values."""
    counts = [Rule(f"negative {c}", (c,), lambda x: x < 0) for c in COUNTS if c in m.columns]
    positive = [c for c in SIZES + TIMES + SDS if c in m.columns]
    zero = m.family.may_be_zero
    above = [Rule(f"{c} is not positive", (c,), lambda x: x <= 0) for c in positive if c not in zero]
    from_zero = [Rule(f"negative {c}", (c,), lambda x: x < 0) for c in positive if c in zero]
    within = [Rule("ri is outside -1 to 1", ("ri",), lambda r: np.abs(r) > 1)] if "ri" in m.columns else []
    return tuple(counts + above + from_zero + within)


def _mark(reasons: Reasons, rule: Rule, columns: Columns) -> None:
    """Write the rule's reason where it is broken and nothing else was said."""
    if all(c in columns for c in rule.columns):
        reasons[rule.broken(*(columns[c] for c in rule.columns)) & (reasons == "")] = rule.reason


def _remarks(m: Measure, columns: Columns, reasons: Reasons) -> list[str]:
    """What is unusual in rows that are kept."""
    whole = [c for c in COUNTS if c in m.columns]
    rules = m.family.remarks + tuple(
        Rule(f"{c} is not a whole number (kept as given)", (c,), lambda x: x != np.round(x)) for c in whole
    )
    found = [(rule.reason, rule.broken(*(columns[c] for c in rule.columns)) & (reasons == "")) for rule in rules]
    return [f"{reason}: {_rows(rows)}" for reason, rows in found if rows.any()]


def _zeros_corrected(m: Measure, columns: Columns, add: float, to: str) -> tuple[Columns, list[str]]:
    """The counts after the correction for zeros, and a note on it."""
    counts = m.family.counts
    if counts is None or add == 0:
        return columns, []
    zero = np.any([cell == 0 for cell in counts.cells(columns)], axis=0)
    known = ~np.isnan(counts.cells(columns)[0])
    rows = ZERO_RULES[to](zero) & known
    if not rows.any():
        return columns, []
    number = f"{rows.sum()} row{'s' if rows.sum() > 1 else ''}"
    with_zero = " with a zero cell" if to == "only0" else ""
    note = f"{add:g} added to {number}{with_zero} ({to}): {_rows(rows)}"
    return columns | {c: columns[c] + add * times * rows for c, times in counts.adds.items()}, [note]


def _rows(mask: BoolArray) -> str:
    """Row numbers for a note."""
    numbers = [str(i + 1) for i in np.flatnonzero(mask)]
    return f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
