"""The axis of an effect: from the scale of the model to what a reader sees, with limits and ticks.

Rows speak the model's units (log risk ratio, logit), an Axis speaks the reader's (risk ratio, percent).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from analysis.plots import svg
from analysis.plots.frame import DRAWABLE, drawable, nice_ticks, span, tick_labels

Transform = Literal["identity", "exp", "percent", "logit-percent"]
#: (estimate, lower bound, upper bound), each on the model's scale, None where unknown.
Interval = tuple[float | None, float | None, float | None]
#: A bound further from its estimate than this many median arms of the intervals is cut with an arrow.
LONGEST_ARM = 4.0
#: Logarithms further out than this are as good as infinite: their ratios leave what a float can hold.
LAST_LOG = 600.0


@dataclass(frozen=True, slots=True)
class Axis:
    """What the horizontal axis shows; every number here is in the reader's units.

    transform says how the model's numbers become the reader's: ``identity``; ``exp`` (ratios, drawn on a log axis);
    ``percent`` (a proportion times 100); ``logit-percent`` (a logit back to a percentage, drawn on 0–100).
    Without ticks, low or high they are chosen from the rows. left and right name the two sides of the null line.
    """

    label: str
    null: float | None = None
    transform: Transform = "identity"
    ticks: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    left: str | None = None
    right: str | None = None
    decimals: int = 2


def shown(axis: Axis, value: float) -> float:
    """A number of the model in the reader's units; infinite stays at the end of the scale, nan stays nan."""
    if axis.transform == "exp":
        return math.inf if value > 700 else math.exp(value)
    if axis.transform == "percent":
        return 100 * value
    if axis.transform == "logit-percent":
        return 50 * (1 + math.tanh(value / 2))
    return value


def position(axis: Axis, value: float) -> float:
    """Where a number of the model lies along the axis: ratios by their logarithm, all else as the reader sees it."""
    if axis.transform != "exp":
        return shown(axis, value)
    return math.copysign(math.inf, value) if abs(value) > LAST_LOG else value


def reader_position(axis: Axis, value: float) -> float:
    """Where a number in the reader's units lies along the axis. Raises ValueError for a ratio that is not positive."""
    if axis.transform == "exp" and value <= 0:
        raise ValueError(f"null, limits and ticks of a ratio axis must be positive, not {value}")
    return math.log(value) if axis.transform == "exp" else value


def written(axis: Axis, value: float) -> str:
    """A number of the model as it is printed."""
    return svg.number(shown(axis, value), axis.decimals)


def limits(axis: Axis, intervals: Iterable[Interval]) -> tuple[float, float]:
    """Ends of the axis as positions: all estimates, the null, and bounds up to LONGEST_ARM median arms away."""
    placed = [tuple(None if v is None else position(axis, v) for v in interval) for interval in intervals]
    found = [value for interval in placed for value in _reach(interval, _arm_limit(placed))]
    null = [] if axis.null is None else [reader_position(axis, axis.null)]
    low, high = span(found + null if found else null or _empty(axis))
    if axis.transform.endswith("percent"):
        low, high = max(low, min([0.0, *found])), min(high, max([100.0, *found]))
    low = low if axis.low is None else reader_position(axis, axis.low)
    high = high if axis.high is None else reader_position(axis, axis.high)
    return (low, high) if low < high else span([low])


def _empty(axis: Axis) -> list[float]:
    return [0.0, 100.0] if axis.transform.endswith("percent") else [-1.0, 1.0]


def _arm_limit(placed: Sequence[Sequence[float | None]]) -> float:
    arms = [
        abs(bound - interval[0])
        for interval in placed
        if interval[0] is not None
        for bound in drawable(interval[1:])
        if abs(interval[0]) < DRAWABLE
    ]
    return LONGEST_ARM * median(arms) if arms else math.inf


def _reach(interval: Sequence[float | None], longest: float) -> list[float]:
    """What of one interval must lie within the axis."""
    middle = drawable(interval[:1])
    if not middle:
        return []
    return [middle[0], *(min(max(bound, middle[0] - longest), middle[0] + longest) for bound in drawable(interval[1:]))]


def axis_ticks(axis: Axis, low: float, high: float, count: int = 6) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Positions of the ticks within low … high, and their labels."""
    given = axis.ticks or (_ratio_ticks(low, high, count) if axis.transform == "exp" else nice_ticks(low, high, count))
    kept = [tick for tick in given if low <= reader_position(axis, tick) <= high]
    labels = tick_labels(kept, each=axis.transform == "exp")
    return tuple(reader_position(axis, tick) for tick in kept), labels


def _ratio_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """Round ratios between exp(low) and exp(high): powers of ten, with steps between them where they are few."""
    first, last = math.floor(low / math.log(10)), math.ceil(high / math.log(10))
    if last - first > count:
        step = math.ceil((last - first) / count)
        return tuple(10.0**e for e in range(first, last + 1) if e % step == 0 and abs(e) < 300)
    found: tuple[float, ...] = ()
    for factors in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = (float(f"{factor * 10.0**e:.6g}") for e in range(first, last + 1) for factor in factors)
        finer = tuple(t for t in ticks if low <= math.log(t) <= high)
        found = finer if len(finer) <= count + 1 else found
    return found if len(found) > 1 else nice_ticks(math.exp(low), math.exp(high), count)
