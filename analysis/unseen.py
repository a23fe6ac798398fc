"""How many relevant records are likely still unseen while a ranked list is screened from its top.

The urn of Callaghan and Müller-Hansen (2020), Statistical stopping criteria for automated screening in systematic
reviews, Systematic Reviews 9:273 (their ranked quasi-sampling): for each earlier moment of the screening, the records
screened since then are taken as if drawn at random from all that were left at that moment. A ranking that is any good
puts more relevant records on top than chance would, so the unseen rest is, if anything, poorer than the draw and the
limits are on the safe side. Where a kind of record is ranked last for a reason that has nothing to do with relevance,
that assumption fails and the numbers are too hopeful. Where nothing was ranked, only the urn from before the first
record is used: choosing the most favourable of many urns is paid for by the ranking alone (of 300 random orders with 25
relevant among 500, the limit from all urns held in 87 to 100 %, and not in 95 %).

Vocabulary: y, one a screened record in the order of screening, 1 relevant and 0 not; N, all records, seen or not; T,
the relevant ones among all N, which nobody knows; r, those found so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Count = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is likely still unseen.

    records: not screened yet. likely: relevant ones among them, the T that the urns support as well as not. most: the
    upper limit at the level given. recall: r over r + most, the least share found at that level; None where nothing
    was found. p: of the hypothesis that recall is below the target. drawn: records of the urn that decides at the
    limit; urn: records that were left when it began.
    """

    screened: int
    found: int
    records: int
    likely: int
    most: int
    recall: float | None
    p: float
    target: float
    level: float
    drawn: int
    urn: int


def p_total(y: Sequence[int], N: int, T: int, *, ranked: bool = True) -> float:
    """Probability of finding so few if at least T of the N records are relevant: the least over all urns.

    For the urn that began after i records: N − i records, T − r_i relevant, s − i drawn, r − r_i found. P(X ≤ found) of
    the hypergeometric distribution (equation 2 of the paper). 1 where T is what was found or less.

    Args:
        y: Labels in the order of screening, 0 or 1.
        N: All records, screened or not.
        T: Relevant records there would be in all.
        ranked: Whether the order was a ranking; if not, only the urn from before the first record counts.

    Raises:
        ValueError: more was screened than there is, or a label is neither 0 nor 1.
    """
    return _least(_urns(y, N, ranked=ranked), T)[0]


def p_recall(y: Sequence[int], N: int, target: float = 0.95, *, ranked: bool = True) -> float:
    """P value of the hypothesis that less than the target share of the relevant records was found.

    T is the smallest total at which recall would be missed: ⌊r / target⌋ + 1 (the paper's K_tar, plus those found
    before the urn began).

    Raises:
        ValueError: as p_total; or target is not within 0 and 1.
    """
    if not 0 < target < 1:
        raise ValueError(f"target must lie between 0 and 1, not {target}")
    return p_total(y, N, _missed(sum(y), target), ranked=ranked)


def unseen(y: Sequence[int], N: int, level: float = 95, target: float = 0.95, *, ranked: bool = True) -> Unseen:
    """How many relevant records are likely among those not screened yet, with their upper limit.

    The limit inverts p_total: the largest T that is not rejected at 1 − level; one-sided, because the urns say nothing
    against an empty rest. ``likely`` is the same at one half.

    Args:
        y: Labels in the order of screening, 0 or 1.
        N: All records, screened or not.
        level: Of the limit, in percent.
        target: Share of the relevant records that one wants to have found.
        ranked: As for p_total.

    Raises:
        ValueError: as p_recall; or level is not within 50 and 100.
    """
    if not 50 <= level < 100:
        raise ValueError(f"level must be from 50 to below 100 percent, not {level}")
    urns, r, rest = _urns(y, N, ranked=ranked), sum(y), N - len(y)
    most = _largest(urns, r, rest, 1 - level / 100)
    _, decides = _least(urns, r + most + 1)
    return Unseen(
        screened=len(y),
        found=r,
        records=rest,
        likely=_largest(urns, r, rest, 0.5),
        most=most,
        recall=r / (r + most) if r else None,
        p=p_recall(y, N, target, ranked=ranked),
        target=target,
        level=level,
        drawn=int(urns.drawn[decides]) if len(y) else 0,
        urn=int(urns.size[decides]) if len(y) else N,
    )


@dataclass(frozen=True, slots=True)
class _Urns:
    """Every urn, from the one that began before the first record: its size, drawn, found in it, found before it."""

    size: Count
    drawn: Count
    found: Count
    before: Count


def _urns(y: Sequence[int], N: int, *, ranked: bool) -> _Urns:
    labels = np.asarray(y, dtype=np.int64)
    if np.any((labels != 0) & (labels != 1)):
        raise ValueError("labels must be 0 or 1")
    if labels.size > N:
        raise ValueError(f"{labels.size} records were screened of {N}")
    start = np.arange(labels.size if ranked else min(labels.size, 1), dtype=np.int64)
    before = (np.cumsum(labels) - labels)[: start.size]
    return _Urns(N - start, labels.size - start, labels.sum() - before, before)


def _least(urns: _Urns, T: int) -> tuple[float, int]:
    """The least probability over the urns and the urn that has it; 1 where there is none."""
    if not urns.size.size or urns.before[-1] + urns.found[-1] >= T:
        return 1.0, 0
    relevant = T - urns.before
    p = stats.hypergeom.cdf(urns.found, urns.size, np.minimum(relevant, urns.size), urns.drawn)
    p = np.where(relevant > urns.size, 0.0, p)  # more than the urn can hold
    decides = int(np.argmin(p))
    return float(min(1.0, p[decides])), decides


def _largest(urns: _Urns, r: int, rest: int, alpha: float) -> int:
    """The largest number of relevant records in the rest that is not rejected at alpha (halving: p falls with T)."""
    low, high = 0, rest
    while low < high:
        middle = (low + high + 1) // 2
        if _least(urns, r + middle)[0] > alpha:
            low = middle
        else:
            high = middle - 1
    return low


def _missed(r: int, target: float) -> int:
    # a rounded quotient must not lose a whole record: 19 / 0.95 is 20 and not 19.999…
    return int(np.floor(r / target + 1e-9)) + 1
