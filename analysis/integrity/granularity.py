"""Can a mean and an SD of whole numbers be right? GRIM, GRIMMER, DEBIT and exact existence on a bounded scale.

All arithmetic is exact. A rounding interval is closed: a half may have been rounded either way. With several items a
person's score is the mean of `items` whole numbers, so the score times `items` is whole.

Sources:
    GRIM: Brown and Heathers 2017, Soc Psychol Personal Sci 8:363. GRIMMER: Anaya 2016, PeerJ Preprints 4:e2400v1, with
    the parity test of Allard 2018. DEBIT: Heathers and Brown 2019. Existence: our own search, see
    `analysis.integrity.existence`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from analysis.integrity.existence import Counts, largest_square_sum, smallest_square_sum, whole_numbers_exist
from analysis.integrity.printed import Printed, integers_between, read_printed, root


@dataclass(frozen=True)
class Grim:
    """Whether whole numbers can have the printed mean.

    Attributes:
        possible: Some total of whole numbers gives a mean that rounds to the printed one.
        informative: The test could have failed; with n * items >= 10**decimals every mean is possible.
        totals: The totals that would do.
        by_rounding: The verdict when halves are rounded "up", "down" (away from and towards zero) or to "even".
    """

    possible: bool
    informative: bool
    totals: tuple[int, ...]
    by_rounding: dict[str, bool]


@dataclass(frozen=True)
class Grimmer:
    """Whether a sum and a sum of squares of whole numbers can give the printed mean and SD.

    Attributes:
        possible: Some total and some sum of squares of the same parity do. Necessary, not sufficient.
        totals: The totals that would do.
        nearest_sd: The SD closest to the printed one that the possible totals allow; None where GRIM finds no total.
    """

    possible: bool
    totals: tuple[int, ...]
    nearest_sd: float | None


@dataclass(frozen=True)
class OnScale:
    """Whether n whole numbers on a bounded scale can have the printed mean and SD.

    Attributes:
        possible: Such numbers exist.
        sd_min: Smallest SD of n numbers on the scale with the printed mean; None where no total fits.
        sd_max: Largest such SD; None where no total fits.
        example: Such numbers as (value, how often), largest first, in units of one item; empty if there are none.
    """

    possible: bool
    sd_min: float | None
    sd_max: float | None
    example: Counts


@dataclass(frozen=True)
class Debit:
    """Whether n zeros and ones can have the printed mean and SD.

    Attributes:
        possible: Some whole number of events gives both.
        possible_by_interval: The looser rule that lets the number of events be a fraction.
        events: The numbers of events that would do.
    """

    possible: bool
    possible_by_interval: bool
    events: tuple[int, ...]


def grim(mean: str, n: int, *, items: int = 1) -> Grim:
    """Test a printed mean of whole numbers (GRIM, Brown and Heathers 2017).

    Raises:
        ValueError: The mean is no number, or n or items is below 1.
    """
    printed = read_printed(mean)
    cells = _cells(n, items)
    totals = tuple(integers_between(printed.low * cells, printed.high * cells))
    by_rounding = {
        rule: any(_rounds_to(Fraction(total, cells), printed, rule) for total in totals)
        for rule in ("up", "down", "even")
    }
    return Grim(bool(totals), cells < 10**printed.decimals, totals, by_rounding)


def exact_mean(mean: str, n: int, *, items: int = 1) -> float:
    """Recover the mean of whole numbers from its print: total / n where one total fits alone, else as printed.

    Raises:
        ValueError: The mean is no number, or n or items is below 1.
    """
    totals = grim(mean, n, items=items).totals
    return totals[0] / (n * items) if len(totals) == 1 else float(read_printed(mean))


def grimmer(mean: str, sd: str, n: int, *, items: int = 1) -> Grimmer:
    """Test a printed mean and SD of whole numbers (GRIMMER, Anaya 2016 with the parity test of Allard 2018).

    Raises:
        ValueError: Mean or SD is no number, n is below 2 or items below 1.
    """
    spread = read_printed(sd)
    candidates = grim(mean, n, items=items).totals
    totals = tuple(total for total in candidates if _square_sums(spread, total, n, items))
    near = [_nearest_sd(spread, total, n, items) for total in candidates]
    return Grimmer(bool(totals), totals, min(near, key=lambda sd: abs(sd - float(spread)), default=None))


def possible_on_scale(mean: str, sd: str, n: int, low: int, high: int, *, items: int = 1) -> OnScale:
    """Decide exactly whether n whole numbers from low to high can have the printed mean and SD.

    The verdict is exact: either an example is found, or every way has been ruled out.

    Args:
        mean: The mean as printed.
        sd: The sample SD (divisor n - 1) as printed.
        n: How many persons.
        low: The smallest score on the scale.
        high: The largest score on the scale.
        items: How many whole numbers are averaged into one score.

    Raises:
        ValueError: Mean or SD is no number, n is below 2, items below 1, or the scale is empty.
    """
    low, high = _item_scale(low, high, items)
    totals = tuple(total for total in grim(mean, n, items=items).totals if n * low <= total <= n * high)
    if not totals:
        return OnScale(possible=False, sd_min=None, sd_max=None, example=())
    spread = read_printed(sd)
    wanted = ((total, squares) for total in totals for squares in _square_sums(spread, total, n, items))
    example = _first_example(wanted, n, low, high)
    return OnScale(
        possible=bool(example),
        sd_min=min(_sd(smallest_square_sum(n, total), total, n, items) for total in totals),
        sd_max=max(_sd(_largest(n, total, low, high), total, n, items) for total in totals),
        example=example,
    )


def debit(mean: str, sd: str, n: int) -> Debit:
    """Test a printed mean and SD of n zeros and ones (DEBIT, Heathers and Brown 2019).

    Raises:
        ValueError: Mean or SD is no number, or n is below 2.
    """
    share, spread = read_printed(mean), read_printed(sd)
    _at_least_two(n)
    fitting = integers_between(max(share.low, Fraction(0)) * n, min(share.high, Fraction(1)) * n)
    events = tuple(k for k in fitting if _sd_admits(spread, Fraction(k * (n - k), n * (n - 1))))
    return Debit(bool(events), _debit_interval(share, spread, n), events)


def _cells(n: int, items: int) -> int:
    if n < 1 or items < 1:
        raise ValueError(f"n and items must be at least 1, got n = {n} and items = {items}")
    return n * items


def _at_least_two(n: int) -> None:
    if n < 2:
        raise ValueError(f"an SD needs n of at least 2, got {n}")


def _item_scale(low: int, high: int, items: int) -> tuple[int, int]:
    if high <= low:
        raise ValueError(f"the scale {low} to {high} is empty")
    return low * items, high * items


def _rounds_to(number: Fraction, printed: Printed, rule: str) -> bool:
    """Round halves by the rule: up is away from zero, down is towards zero, even is to the even last digit."""
    gap = abs(number - printed.value)
    if gap != printed.half:
        return gap < printed.half
    if rule == "even":
        return int(printed.value * 10**printed.decimals) % 2 == 0
    return (abs(printed.value) > abs(number)) == (rule == "up")


def _sd_admits(sd: Printed, variance: Fraction) -> bool:
    return max(sd.low, Fraction(0)) ** 2 <= variance <= sd.high**2


def _square_sums(sd: Printed, total: int, n: int, items: int) -> range:
    """List the sums of squares with the parity of the total whose SD rounds to the printed one."""
    _at_least_two(n)
    centre = Fraction(total * total, n)
    low = (n - 1) * (items * max(sd.low, Fraction(0))) ** 2 + centre
    high = (n - 1) * (items * sd.high) ** 2 + centre
    first = math.ceil(low)
    return range(first + (first - total) % 2, math.floor(high) + 1, 2)


def _nearest_sd(sd: Printed, total: int, n: int, items: int) -> float:
    """Give the SD closest to the printed one among whole sums of squares with the parity of the total."""
    exact = (n - 1) * (items * sd.value) ** 2 + Fraction(total * total, n)
    below = math.floor(exact)
    below -= (below - total) % 2
    smallest = smallest_square_sum(n, total)
    sds = [_sd(max(squares, smallest), total, n, items) for squares in (below, below + 2)]
    return min(sds, key=lambda near: abs(near - float(sd)))


def _first_example(wanted: Iterable[tuple[int, int]], n: int, low: int, high: int) -> Counts:
    """Find numbers for the first (sum, sum of squares) that has any."""
    found = (whole_numbers_exist(n, total, squares, low, high) for total, squares in wanted)
    return next(filter(None, found), ())


def _sd(squares: int, total: int, n: int, items: int) -> float:
    return root(Fraction(n * squares - total * total, n * (n - 1) * items * items))


def _largest(n: int, total: int, low: int, high: int) -> int:
    """Largest sum of squares of n numbers from low to high with this total."""
    shifted = total - n * low
    return largest_square_sum(n, shifted, high - low) + 2 * low * shifted + n * low * low


def _debit_interval(share: Printed, spread: Printed, n: int) -> bool:
    """Compare the SDs at both ends of the mean's interval with the interval of the SD (rule of R package scrutiny)."""
    ends = [math.sqrt(max(0, float(p * (1 - p)) * n / (n - 1))) for p in (share.low, share.high)]
    return min(ends) <= float(spread.high) and max(ends) >= float(spread.low)
