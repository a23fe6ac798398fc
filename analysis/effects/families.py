"""Kinds of data: which columns may stand for others, which rows are impossible, how zero counts are corrected."""

import numpy as np

from analysis.effects.measure import Alternative, BoolArray, Columns, Counts, Family, Rule, t_from_p
from analysis.records import FloatArray

Four = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def positive_mean(column: str) -> Rule:
    """Fault of the measures that take the log of a mean or of a coefficient of variation."""
    return Rule(f"{column} is not positive", (column,), lambda m: m <= 0)


def same_sign() -> Rule:
    """Fault of the log ratio of two means."""
    return Rule("m1i and m2i do not have the same sign", ("m1i", "m2i"), lambda m1i, m2i: m1i * m2i <= 0)


def _rest(n: FloatArray, x: FloatArray) -> tuple[FloatArray]:
    return (n - x,)


def _d_from_t(ti: FloatArray, n1i: FloatArray, n2i: FloatArray) -> tuple[FloatArray]:
    return (ti * np.sqrt(1 / n1i + 1 / n2i),)


def _groups_from_d(di: FloatArray) -> Four:
    """Means and SDs that have Cohen's d: d against 0 with unit SDs."""
    one = np.ones_like(di)
    return di, 0 * di, one, one


def _pair_from_d(di: FloatArray) -> tuple[FloatArray, ...]:
    """The same for one group twice: unit SDs and r = 0.5 make the SD of change 1."""
    return *_groups_from_d(di), np.full_like(di, 0.5)


def _any_empty(*pairs: tuple[FloatArray, FloatArray]) -> BoolArray:
    return np.asarray(np.any([(first == 0) & (second == 0) for first, second in pairs], axis=0))


def _table_cells(x: Columns) -> tuple[FloatArray, ...]:
    return x["ai"], x["bi"], x["ci"], x["di"]


_TABLE_ALTERNATIVES = (
    Alternative(("bi",), ("n1i", "ai"), _rest),
    Alternative(("di",), ("n2i", "ci"), _rest),
    Alternative(("ai",), ("n1i", "bi"), _rest),
    Alternative(("ci",), ("n2i", "di"), _rest),
)
_TABLE_FAULTS = (
    Rule("ai is larger than n1i", ("ai", "n1i"), lambda x, n: x > n),
    Rule("ci is larger than n2i", ("ci", "n2i"), lambda x, n: x > n),
    Rule("bi is larger than n1i", ("bi", "n1i"), lambda x, n: x > n),
    Rule("di is larger than n2i", ("di", "n2i"), lambda x, n: x > n),
    Rule("ai + bi is not n1i", ("ai", "bi", "n1i"), lambda a, b, n: np.abs(a + b - n) > 1e-9 * n),
    Rule("ci + di is not n2i", ("ci", "di", "n2i"), lambda c, d, n: np.abs(c + d - n) > 1e-9 * n),
)
_TABLE_COUNTS = Counts(
    cells=_table_cells,
    adds={"ai": 1, "bi": 1, "ci": 1, "di": 1},
    empty=Rule(
        "no events, or only events, in both arms (drop00)",
        ("ai", "bi", "ci", "di"),
        lambda a, b, c, d: _any_empty((a, c), (b, d)),
    ),
)

TWO_TABLE = Family(
    "two groups, dichotomous outcome",
    _TABLE_ALTERNATIVES,
    _TABLE_FAULTS,
    remarks=(
        Rule("an arm without patients", ("ai", "bi", "ci", "di"), lambda a, b, c, d: (a + b == 0) | (c + d == 0)),
    ),
    counts=_TABLE_COUNTS,
)
MATCHED_TABLE = Family("one group twice, dichotomous outcome (paired table)", counts=_TABLE_COUNTS)
TWO_MEANS = Family("two groups, means")
TWO_MEANS_OR_D = Family(
    "two groups, means, Cohen's d, t or signed p",
    (
        Alternative(("ti",), ("pi", "n1i", "n2i"), lambda p, n1, n2: (t_from_p(p, n1 + n2 - 2),)),
        Alternative(("di",), ("ti", "n1i", "n2i"), _d_from_t),
        Alternative(("m1i", "m2i", "sd1i", "sd2i"), ("di",), _groups_from_d),
    ),
)
TWO_RATES = Family(
    "two groups, events over person-time",
    counts=Counts(
        cells=lambda x: (x["x1i"], x["x2i"]),
        adds={"x1i": 1, "x2i": 1},
        empty=Rule("no events in both arms (drop00)", ("x1i", "x2i"), lambda a, b: _any_empty((a, b))),
    ),
)
CORRELATION = Family(
    "correlation",
    (
        Alternative(("ti",), ("pi", "ni"), lambda p, n: (t_from_p(p, n - 2),)),
        Alternative(("ri",), ("ti", "ni"), lambda t, n: (t / np.sqrt(t**2 + n - 2),)),
    ),
)
PROPORTION = Family(
    "one group, dichotomous outcome",
    (Alternative(("ni",), ("xi", "mi"), lambda x, m: (x + m,)),),
    (
        Rule("negative mi", ("mi",), lambda m: m < 0),
        Rule("xi is larger than ni", ("xi", "ni"), lambda x, n: x > n),
        Rule("xi + mi is not ni", ("xi", "mi", "ni"), lambda x, m, n: np.abs(x + m - n) > 1e-9 * n),
    ),
    counts=Counts(cells=lambda x: (x["xi"], x["ni"] - x["xi"]), adds={"xi": 1, "ni": 2}),
)
RATE = Family(
    "one group, events over person-time",
    counts=Counts(cells=lambda x: (x["xi"],), adds={"xi": 1}),
)
MEAN = Family("one group, mean")
PAIR = Family("one group twice, means", constant="ri")

_CHANGE_SD = Rule("sd2i is 0, so sd1i is taken as the SD of the change", ("sd2i",), lambda s: s == 0)
CHANGE = Family(
    "one group twice, means and SDs or SD of the change",
    remarks=(_CHANGE_SD,),
    constant="ri",
    may_be_zero=("sd2i",),
)
CHANGE_OR_D = Family(
    "one group twice, means, standardised change, t or signed p",
    (
        Alternative(("ti",), ("pi", "ni"), lambda p, n: (t_from_p(p, n - 1),)),
        Alternative(("di",), ("ti", "ni"), lambda t, n: (t / np.sqrt(n),)),
        Alternative(("m1i", "m2i", "sd1i", "sd2i", "ri"), ("di",), _pair_from_d),
    ),
    remarks=(_CHANGE_SD,),
    constant="ri",
    may_be_zero=("sd2i",),
)
