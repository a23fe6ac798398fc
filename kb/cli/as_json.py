"""Results as the contract's JSON: plain numbers, null where there is none (JSON has no NaN and no infinity)."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from analysis.effects.escalc import EffectSizes
from analysis.records import Dropped
from analysis.survival.curve import KaplanMeier, Stratum
from analysis.survival.logrank import LogRank


def plain(value: Any) -> Any:
    """A number, string, list or None without numpy in it; NaN and infinities are None."""
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def dropped_json(rows: Iterable[Dropped]) -> list[dict[str, Any]]:
    """``[{row, reason}]``, row 1 being the first of the data."""
    return [{"row": d.row, "reason": d.reason} for d in rows]


def escalc_json(sizes: EffectSizes) -> dict[str, Any]:
    """``{measure, yi, vi, dropped, notes}``: one yi and vi a row, null where dropped."""
    gone = {d.row for d in sizes.dropped}
    yi, vi = ([None if row in gone else plain(x) for row, x in enumerate(values, 1)] for values in (sizes.yi, sizes.vi))
    return {
        "measure": sizes.measure,
        "yi": yi,
        "vi": vi,
        "dropped": dropped_json(sizes.dropped),
        "notes": list(sizes.notes),
    }


def km_json(curves: KaplanMeier, test: LogRank | None) -> dict[str, Any]:
    """``{strata: […], logrank: {chi2, df, p}, dropped}``; logrank null where there is one group."""
    return {
        "strata": [_stratum(s) for s in curves.strata],
        "logrank": None if test is None else {"chi2": plain(test.chi2), "df": test.df, "p": plain(test.p)},
        "dropped": dropped_json(curves.dropped),
    }


def _stratum(s: Stratum) -> dict[str, Any]:
    arrays = ("time", "n_risk", "n_event", "survival", "ci_low", "ci_high")
    return {
        "group": s.group,
        "n": s.n,
        "events": s.events,
        "median": plain(s.median.time),
        **{name: plain(getattr(s, name)) for name in arrays},
    }
