"""Do n whole numbers on a bounded scale exist with this sum and this sum of squares? Exact and fast.

The table of all reachable (sum, sum of squares) pairs is too large to build for every question: 41 values from 0 to 51
fill 40,000 sums of squares for each of 2,000 sums. We search instead for one multiset, largest value first, as many of
it as may be, and cut every branch in which the rest cannot exist:

* the rest keeps parity, because x * x and x are both odd or both even;
* its sum of squares is at least that of the flattest and at most that of the most spread multiset with its sum.

In the middle of the range the first descent nearly always succeeds, because what remains is close to flat and the
gaps x * (x - 1) / 2 are triangular numbers, three of which make any whole number (Gauss 1796). Holes exist for very
few values or close to the most spread multiset, where sum(x * (top - x)) is small and only few values may lie inside
the scale, so there the full search is short. A branch that failed is remembered.
"""

Counts = tuple[tuple[int, int], ...]


def smallest_square_sum(n: int, total: int) -> int:
    """Give the smallest sum of squares of n whole numbers with this sum: all equal, or next to each other."""
    base, ones = divmod(total, n)
    return n * base * base + ones * (2 * base + 1)


def largest_square_sum(n: int, total: int, top: int) -> int:
    """Give the largest sum of squares of n whole numbers from 0 to top with this sum: all at the ends but one.

    Raises:
        ValueError: The sum is outside 0 to n * top.
    """
    if not 0 <= total <= n * top:
        raise ValueError(f"{n} numbers from 0 to {top} cannot have the sum {total}")
    full, rest = divmod(total, top) if top else (0, 0)
    return full * top * top + rest * rest


def whole_numbers_exist(n: int, total: int, squares: int, low: int, high: int) -> Counts:
    """Find n whole numbers from low to high with this sum and sum of squares.

    Returns:
        The numbers as (value, how often), largest first; empty if there are none.

    Raises:
        ValueError: n is below 1 or high is below low.
    """
    if n < 1 or high < low:
        raise ValueError(f"no whole numbers to look for: n = {n}, scale {low} to {high}")
    shifted = total - n * low
    shifted_squares = squares - 2 * low * shifted - n * low * low
    found = _search(n, shifted, shifted_squares, high - low, set())
    return tuple((value + low, count) for value, count in found or ())


def _search(n: int, total: int, squares: int, top: int, failed: set[tuple[int, int, int, int]]) -> Counts | None:
    """Find n numbers from 0 to top; None if there are none. The empty tuple is the answer for n = 0."""
    if n == 0:
        return () if total == 0 and squares == 0 else None
    state = (n, total, squares, top)
    if state in failed or not _may_exist(*state):
        return None
    for value in range(top, 0, -1):
        if not _may_exist(n, total, squares, value):
            break  # without larger values the rest is too little: no smaller value can help
        found = _search_with(value, n, total, squares, failed)
        if found is not None:
            return found
    if total == 0 and squares == 0:
        return ((0, n),)
    failed.add(state)
    return None


def _search_with(value: int, n: int, total: int, squares: int, failed: set[tuple[int, int, int, int]]) -> Counts | None:
    """Take value at least once, the largest number of times first, and look for the rest below it."""
    for count in range(min(n, total // value, squares // (value * value)), 0, -1):
        rest = (n - count, total - count * value, squares - count * value * value)
        if (value - 1) * rest[1] < rest[2] or rest[1] > rest[0] * (value - 1):
            break  # taking fewer leaves even more for the smaller values
        found = _search(*rest, value - 1, failed)
        if found is not None:
            return ((value, count), *found)
    return None


def _may_exist(n: int, total: int, squares: int, top: int) -> bool:
    """Keep what parity and the flattest and most spread multisets allow. Necessary, not sufficient."""
    if not 0 <= total <= n * top or (squares - total) % 2:
        return False
    return smallest_square_sum(n, total) <= squares <= largest_square_sum(n, total, top)
