"""Patients behind a printed survival curve: reconstruction from a digitised curve and its numbers at risk.

Source: Guyot, Ades, Ouwens and Welton 2012, BMC Med Res Methodol 12:9. Within each interval between printed numbers at
risk, censorings are spread evenly and their number is changed until the numbers at risk meet the printed one; events at
each click are what takes the Kaplan-Meier curve down to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.records import FloatArray, NotEstimable
from analysis.survival.subjects import IntArray


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """Patients that give a curve like the printed one. They are nobody's data: only curve and counts are meant.

    Attributes:
        time: Time to event or censoring (n).
        status: 1 for an event, 0 for censored (n).
        events: Number of events.
        at_risk: Patients at risk at each printed time; differs from the printed number where the curve contradicts it.
        largest_gap: Largest distance between the digitised curve and that of these patients.
    """

    time: FloatArray
    status: IntArray
    events: int
    at_risk: tuple[int, ...]
    largest_gap: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """One interval, done: events at its clicks, censoring times, who is left, and the curve at its end."""

    events: IntArray
    censored: FloatArray
    left: int
    height: float


def reconstruct(
    time: Sequence[float],
    survival: Sequence[float],
    risk_times: Sequence[float],
    at_risk: Sequence[int],
    *,
    total_events: int | None = None,
) -> Reconstruction:
    """Reconstruct patients from clicks on one curve.

    Args:
        time: Times of the clicks.
        survival: Heights of the clicks, from 0 to 1; where noise makes them rise, the lowest so far is taken.
        risk_times: Times of the printed numbers at risk, the first 0.
        at_risk: The printed numbers.
        total_events: The printed number of events, if there is one; it settles the last interval.

    Raises:
        NotEstimable: There are no clicks, heights are outside 0 to 1, or the numbers at risk do not start at 0, rise,
            or have other lengths than their times.
    """
    t, s = _clicks(time, survival)
    starts = _check_risk(risk_times, at_risk)
    left, height, end = int(at_risk[0]), 1.0, 0.0
    pieces, seen = list[_Piece](), list[int]()
    for i, start in enumerate(starts):
        seen.append(left)
        last = i + 1 == len(starts)
        end = max(float(t[-1]), start) if last else starts[i + 1]
        inside = (t >= start) & ((t <= end) if last else (t < end))
        span, clicks = (start, end), (t[inside], s[inside])
        if last:
            piece = _last(clicks, span, left, height, pieces, total_events)
        else:
            piece = _matched(clicks, span, left, height, int(at_risk[i + 1]))
        pieces.append(piece)
        left, height = piece.left, piece.height
    return _joined(t, s, pieces, tuple(seen), end)


def _clicks(time: Sequence[float], survival: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Sort the clicks, start at (0, 1), keep the lowest at each time, and let the curve never rise."""
    t, s = np.array(time, dtype=np.float64), np.array(survival, dtype=np.float64)
    if t.size == 0 or t.size != s.size:
        raise NotEstimable(f"a curve needs clicks with a time and a height each, got {t.size} and {s.size}")
    if not (np.all(t >= 0) and np.all((s >= 0) & (s <= 1))):
        raise NotEstimable("times of clicks must not be negative, heights must lie from 0 to 1")
    order = np.lexsort((-s, t))
    t, s = np.concatenate(([0.0], t[order])), np.minimum.accumulate(np.concatenate(([1.0], s[order])))
    last_of_its_time = np.append(np.diff(t) > 0, True)
    return t[last_of_its_time], s[last_of_its_time]


def _check_risk(risk_times: Sequence[float], at_risk: Sequence[int]) -> list[float]:
    if len(risk_times) != len(at_risk) or len(risk_times) == 0:
        raise NotEstimable("every number at risk needs its time, and there must be one")
    if risk_times[0] != 0 or np.any(np.diff(risk_times) <= 0) or np.any(np.diff(at_risk) > 0) or at_risk[0] < 1:
        raise NotEstimable("numbers at risk must start at time 0 and must not rise")
    return [float(start) for start in risk_times]


def _piece(
    clicks: tuple[FloatArray, FloatArray], span: tuple[float, float], left: int, height: float, censorings: int
) -> _Piece:
    """Walk through one interval with a given number of censorings, spread evenly."""
    censored = np.linspace(*span, censorings + 2)[1:-1]
    events = np.zeros(clicks[0].size, dtype=np.int64)
    died = 0
    for k, (t, s) in enumerate(zip(*clicks, strict=True)):
        alive = left - died - int(np.searchsorted(censored, t))
        if alive <= 0 or height <= 0:
            break
        events[k] = min(alive, round(alive * (1 - s / height)))
        died += int(events[k])
        height *= 1 - events[k] / alive
    gone = min(censorings, left - died)
    return _Piece(events, censored[:gone], left - died - gone, height)


def _matched(
    clicks: tuple[FloatArray, FloatArray], span: tuple[float, float], left: int, height: float, target: int
) -> _Piece:
    """Change the number of censorings until as many are left as were printed, or as close as can be."""
    tried: dict[int, _Piece] = {}
    censorings = max(0, left - target - int(_piece(clicks, span, left, height, 0).events.sum()))
    while censorings not in tried:
        tried[censorings] = _piece(clicks, span, left, height, censorings)
        censorings = min(max(censorings + tried[censorings].left - target, 0), left)
    return min(tried.values(), key=lambda piece: abs(piece.left - target))


def _last(
    clicks: tuple[FloatArray, FloatArray],
    span: tuple[float, float],
    left: int,
    height: float,
    before: list[_Piece],
    total_events: int | None,
) -> _Piece:
    """Settle the interval after the last printed number by the total of events, else by the earlier censoring rate."""
    if total_events is not None:
        wanted = total_events - sum(int(piece.events.sum()) for piece in before)
        tried = [_piece(clicks, span, left, height, censorings) for censorings in range(left + 1)]
        return min(tried, key=lambda piece: abs(int(piece.events.sum()) - wanted))
    earlier = sum(piece.censored.size for piece in before)
    rate = earlier / span[0] if span[0] > 0 else 0.0
    return _piece(clicks, span, left, height, min(round(rate * (span[1] - span[0])), left))


def _joined(t: FloatArray, s: FloatArray, pieces: list[_Piece], at_risk: tuple[int, ...], end: float) -> Reconstruction:
    """Put the intervals together; who is left at the end is censored there."""
    events = np.concatenate([piece.events for piece in pieces])
    censored = np.concatenate([*(piece.censored for piece in pieces), np.full(pieces[-1].left, end)])
    died = np.repeat(t[: events.size], events)
    time = np.concatenate((died, censored))
    status = np.concatenate((np.ones(died.size, dtype=np.int64), np.zeros(censored.size, dtype=np.int64)))
    order = np.lexsort((-status, time))
    alive = at_risk[0] - np.cumsum(events) + events - np.searchsorted(np.sort(censored), t[: events.size])
    curve = np.cumprod(1 - events / np.maximum(alive, 1))
    gap = float(np.abs(curve - s[: events.size]).max())
    return Reconstruction(time[order], status[order], int(events.sum()), at_risk, gap)
