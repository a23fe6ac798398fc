"""Mean and SD from a median with quartiles, range, or both.

Three cases by what is printed: the range (S1), the quartiles (S2), or both (S3). Symbols: a minimum, q1 and q3
quartiles, m median, b maximum. The estimates are less exact than printed means; studies that needed them belong in a
sensitivity set.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special

from analysis.convert import Moments
from analysis.records import FloatArray

Method = Literal["luo-wan-shi", "wan", "quantile-estimation"]
MINIMUM_N = 5
"""Below this the constants of Wan, Luo and Shi were not studied."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A printed summary of n values; None where a number was not printed.

    Attributes:
        n: Number of persons.
        a: Minimum.
        q1: Lower quartile.
        m: Median.
        q3: Upper quartile.
        b: Maximum.
    """

    n: int
    a: float | None = None
    q1: float | None = None
    m: float | None = None
    q3: float | None = None
    b: float | None = None


def moments(summary: Summary, *, method: Method = "luo-wan-shi") -> Moments:
    """Mean and SD from a summary; the mean is None where no median was printed.

    luo-wan-shi: mean by Luo et al. 2018, Stat Methods Med Res 27:1785, SD by Wan et al. 2014, BMC Med Res Methodol
    14:135 (S1, S2) or Shi et al. 2020, Res Synth Methods 11:641 (S3). wan: both by Wan et al. quantile-estimation:
    McGrath et al. 2020, Stat Methods Med Res 29:2520, which does not take the data to be normal.

    Raises:
        ValueError: Neither range nor quartiles, numbers out of order, all equal, or n below 5.
    """
    _check(summary)
    skew = skewness(summary)
    notes = (
        ()
        if skew is None or skew[0] < skew[1]
        else (
            f"the data look skewed (Shi et al. 2023: {skew[0]:.3f} against {skew[1]:.3f}); a normal shape is doubtful",
        )
    )
    if method == "quantile-estimation":
        return _quantile_estimation(summary)
    mean, how = _luo(summary) if method == "luo-wan-shi" else _wan_mean(summary)
    sd, spread = _shi(summary) if method == "luo-wan-shi" and _full(summary) else _wan_sd(summary)
    return Moments(summary.n, mean, sd, f"mean: {how}; SD: {spread}" if mean is not None else f"SD: {spread}", notes)


def _check(s: Summary) -> None:
    printed = [x for x in (s.a, s.q1, s.m, s.q3, s.b) if x is not None]
    if not all(math.isfinite(x) for x in printed) or printed != sorted(printed):
        raise ValueError(f"minimum, quartiles, median and maximum are not in order: {printed}")
    if s.n < MINIMUM_N:
        raise ValueError(f"n = {s.n} is too small; at least {MINIMUM_N} are wanted")
    if (_range(s) or _iqr(s)) is None:
        raise ValueError("neither a range nor an interquartile range is given")
    if printed[0] == printed[-1]:
        raise ValueError("all printed numbers are equal, so there is no spread to estimate")


def _range(s: Summary) -> tuple[float, float] | None:
    return None if s.a is None or s.b is None else (s.a, s.b)


def _iqr(s: Summary) -> tuple[float, float] | None:
    return None if s.q1 is None or s.q3 is None else (s.q1, s.q3)


def _full(s: Summary) -> bool:
    return _range(s) is not None and _iqr(s) is not None


def _xi(n: int) -> float:
    """Expected range of n standard normal values: Wan et al. 2014, equation 9."""
    return 2 * float(special.ndtri((n - 0.375) / (n + 0.25)))


def _eta(n: int) -> float:
    """Expected interquartile range of n standard normal values: Wan et al. 2014, equation 16."""
    return 2 * float(special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _luo(s: Summary) -> tuple[float | None, str]:
    """Luo et al. 2018, equations 7 (range), 11 (quartiles) and 15 (both)."""
    ends, quartiles, n = _range(s), _iqr(s), s.n
    if s.m is None:
        return None, ""
    if ends and quartiles:
        w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
        middle = w1 * sum(ends) / 2 + w2 * sum(quartiles) / 2
        return middle + (1 - w1 - w2) * s.m, "Luo 2018, equation 15"
    if quartiles:
        w = 0.7 + 0.39 / n
        return w * sum(quartiles) / 2 + (1 - w) * s.m, "Luo 2018, equation 11"
    w = 4 / (4 + n**0.75)
    return w * sum(ends or (s.m, s.m)) / 2 + (1 - w) * s.m, "Luo 2018, equation 7"


def _wan_mean(s: Summary) -> tuple[float | None, str]:
    """Wan et al. 2014, equations 3 (range), 14 (quartiles) and 10 (both)."""
    ends, quartiles = _range(s), _iqr(s)
    if s.m is None:
        return None, ""
    if ends and quartiles:
        return (sum(ends) + 2 * sum(quartiles) + 2 * s.m) / 8, "Wan 2014, equation 10"
    if quartiles:
        return (sum(quartiles) + s.m) / 3, "Wan 2014, equation 14"
    return (sum(ends or (s.m, s.m)) + 2 * s.m) / 4, "Wan 2014, equation 3"


def _wan_sd(s: Summary) -> tuple[float, str]:
    """Wan et al. 2014, equations 9 (range), 16 (quartiles) and 13 (both)."""
    ends, quartiles = _range(s), _iqr(s)
    spreads = [
        (high - low) / size
        for (low, high), size in ((pair, size) for pair, size in ((ends, _xi(s.n)), (quartiles, _eta(s.n))) if pair)
    ]
    if ends and quartiles:
        return sum(spreads) / 2, "Wan 2014, equation 13"
    return spreads[0], "Wan 2014, equation 9" if ends else "Wan 2014, equation 16"


def _shi(s: Summary) -> tuple[float, str]:
    """Shi et al. 2020, equation 10, the optimal mix of range and quartiles."""
    (a, b), (q1, q3) = _range(s) or (0.0, 0.0), _iqr(s) or (0.0, 0.0)
    w = 1 / (1 + 0.07 * s.n**0.6)
    return w * (b - a) / _xi(s.n) + (1 - w) * (q3 - q1) / _eta(s.n), "Shi 2020, equation 10"


def skewness(s: Summary) -> tuple[float, float] | None:
    """Test statistic and 5% critical value of Shi et al. 2023, Stat Methods Med Res 32:1338; None without a median."""
    ends, quartiles, n = _range(s), _iqr(s), s.n
    if s.m is None:
        return None
    outer = _asymmetry(ends, s.m)
    inner = _asymmetry(quartiles, s.m)
    if ends and quartiles:
        return max(2.65 * math.log(0.6 * n) / math.sqrt(n) * outer, inner), 3 / math.sqrt(n) - 40 / n**3
    if quartiles:
        return inner, 2.65 / math.sqrt(n) - 6 / n**2
    return outer, 1 / math.log(n + 9) + 2.5 / (n + 1)


def _asymmetry(pair: tuple[float, float] | None, m: float) -> float:
    """How far the median lies from the middle, 0 to 1."""
    return 0.0 if pair is None or pair[0] == pair[1] else abs(sum(pair) - 2 * m) / (pair[1] - pair[0])


@dataclass(frozen=True, slots=True)
class _Shape:
    """A two-parameter distribution: its quantiles and moments by two free numbers, and where to start."""

    name: str
    quantiles: Callable[[FloatArray, FloatArray], FloatArray]
    moments: Callable[[FloatArray], tuple[float, float]]
    start: Callable[[float, float], tuple[float, float]]


def _lognormal_moments(u: FloatArray) -> tuple[float, float]:
    s2 = float(np.exp(2 * u[1]))
    mean = math.exp(float(u[0]) + s2 / 2)
    return mean, mean * math.sqrt(math.expm1(s2))


def _gamma_moments(u: FloatArray) -> tuple[float, float]:
    shape, scale = np.exp(u)
    return float(shape * scale), float(math.sqrt(shape) * scale)


def _weibull_moments(u: FloatArray) -> tuple[float, float]:
    first, second = (math.gamma(1 + k * math.exp(-float(u[0]))) for k in (1, 2))
    scale = math.exp(float(u[1]))
    return scale * first, scale * math.sqrt(second - first**2)


_SHAPES = (
    _Shape(
        "log-normal",
        lambda p, u: np.exp(u[0] + np.exp(u[1]) * special.ndtri(p)),
        _lognormal_moments,
        lambda mean, sd: (math.log(mean), math.log(max(sd / mean, 0.05))),
    ),
    _Shape(
        "gamma",
        lambda p, u: np.exp(u[1]) * special.gammaincinv(np.exp(u[0]), p),
        _gamma_moments,
        lambda mean, sd: (2 * math.log(mean / sd), math.log(sd**2 / mean)),
    ),
    _Shape(
        "Weibull",
        lambda p, u: np.exp(u[1]) * (-np.log1p(-p)) ** np.exp(-u[0]),
        _weibull_moments,
        lambda mean, sd: (1.086 * math.log(mean / sd), math.log(mean)),
    ),
)
"""Shapes for positive data; the start of the Weibull shape is (mean / sd)^1.086 (Justus et al. 1978)."""


def _quantile_estimation(s: Summary) -> Moments:
    """Best fit, by least squares of the quantiles, of the normal, log-normal, gamma and Weibull shapes.

    McGrath et al. 2020, section 2.2; the extremes stand at 1/n and 1 - 1/n.
    """
    pairs = [
        (p, x) for p, x in ((1 / s.n, s.a), (0.25, s.q1), (0.5, s.m), (0.75, s.q3), (1 - 1 / s.n, s.b)) if x is not None
    ]
    p, x = (np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True))
    design = np.column_stack([np.ones_like(p), special.ndtri(p)])
    (mean, sd), *_ = np.linalg.lstsq(design, x, rcond=None)
    best = (float(np.sum((design @ [mean, sd] - x) ** 2)), "normal", float(mean), float(sd))
    if x[0] > 0:
        best = min(best, *(_fit(shape, p, x, float(mean), float(sd)) for shape in _SHAPES))
    return Moments(s.n, best[2], best[3], f"quantile estimation, {best[1]} shape (McGrath 2020)")


def _fit(shape: _Shape, p: FloatArray, x: FloatArray, mean: float, sd: float) -> tuple[float, str, float, float]:
    """Sum of squares, name, mean and SD of the shape that comes nearest to the quantiles."""
    unit = float(np.median(x))
    start = shape.start(max(mean / unit, 0.1), sd / unit)

    def misfit(u: FloatArray) -> FloatArray:
        return shape.quantiles(p, u) - x / unit

    found = optimize.least_squares(misfit, start, xtol=1e-12, ftol=1e-12)
    scaled_mean, scaled_sd = shape.moments(found.x)
    return 2 * float(found.cost) * unit**2, shape.name, scaled_mean * unit, scaled_sd * unit
