"""An estimate as the rows of a forest plot: what the site and the exported pictures both draw."""

import math
from typing import Literal

from analysis.plots import Axis, ForestRow, Pooled
from kb.records import Effect, Estimate


def axis_of(scale: str, label: str, unit: str | None, better: str) -> Axis:
    """The axis of a scale, in the reader's units; label names outcome and measure, better is lower or higher."""
    if scale == "percent":
        return Axis(f"{label} (%)", low=0.0, high=100.0, decimals=1)
    if scale == "ratio":
        return Axis(label, null=1.0, transform="exp", left="lower", right="higher")
    left, right = ("better", "worse") if better == "lower" else ("worse", "better")
    return Axis(f"{label} ({unit or 'points'})", null=0.0, left=left, right=right)


def forest_row(
    effect: Effect, estimate: Estimate, label: str, weight: float | None, left_out: str | None,
    *, href: str | None = None, comparator: bool = False,
) -> ForestRow:  # fmt: skip
    """An effect as a row; its weight is shown only where something was pooled."""
    state: Literal["included", "left out", "comparator"] = "left out" if left_out else "included"
    values = (effect.estimate, effect.ci_low, effect.ci_high)
    middle, low, high = (_log(v) if estimate.scale == "ratio" else v for v in values)
    return ForestRow(
        label=label,
        estimate=middle,
        ci_low=low,
        ci_high=high,
        weight=weight if estimate.k > 1 else None,
        columns=("" if effect.ni is None else str(effect.ni),),
        href=href,
        state="comparator" if comparator else state,
        reason=left_out,
    )


def diamond(estimate: Estimate) -> Pooled | None:
    """The pool; None with one study, whose own numbers stand."""
    if estimate.k < 2 or estimate.estimate is None or estimate.ci_low is None or estimate.ci_high is None:
        return None
    ends = (estimate.estimate, estimate.ci_low, estimate.ci_high, estimate.pi_low, estimate.pi_high)
    middle, low, high, pi_low, pi_high = (_log(v) if estimate.scale == "ratio" else v for v in ends)
    words = f"{estimate.method}, {estimate.test}, {estimate.level:g} %: "
    words += f"τ² {estimate.tau2 or 0:.3g}, I² {estimate.i2 or 0:.1f} %"
    return Pooled(middle or 0.0, low or 0.0, high or 0.0, pi_low, pi_high, model=words)


def _log(value: float | None) -> float | None:
    if value is None:
        return None
    return math.log(value) if value > 0 else -math.inf
