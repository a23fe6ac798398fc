"""The command pool: a request, the fit that answers it, and the contract's JSON."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from analysis.bias.small_study import ranktest, regtest
from analysis.bias.trimfill import trimfill
from analysis.effects.back import exp
from analysis.effects.escalc import EffectSizes
from analysis.effects.measures import MEASURES
from analysis.pool.fit import Fit
from analysis.pool.predict import predict
from analysis.pool.sensitivity import Row, cumul, influence, leave1out
from analysis.pool.tau2 import METHODS as UNIVARIATE
from analysis.pool.univariate import rma_uni
from analysis.records import FloatArray, NotEstimable
from kb.cli.as_json import dropped_json, plain
from kb.cli.stratified import STRATIFIED, stratified_json
from kb.cli.table import columns, read_table
from kb.errors import KbError

METHODS = (*(m for m in UNIVARIATE if m != "GENQ"), *STRATIFIED)
TESTS = ("z", "t", "knha", "adhoc")
T = TypeVar("T")
Sizes = Callable[[Path, str, float | None], EffectSizes]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of pool; either measure, or the columns yi and vi."""

    csv: Path
    measure: str | None
    ri: float | None
    mods: tuple[str, ...]
    yi: str | None
    vi: str | None
    method: str
    test: str
    level: float
    everything: bool


def pooled_json(request: Request, sizes_of: Sizes) -> dict[str, Any]:
    """Everything that the contract promises of pool. Raises NotEstimable, KbError."""
    if request.method in STRATIFIED:
        if request.measure is None:
            raise KbError(f"{request.csv}: {request.method} needs --measure and the counts, not --yi and --vi")
        counted = stratified_json(request.csv, request.method, request.measure, request.test, request.level)
        return {**_scale(request.measure, counted["estimate"]), **counted}
    y, v, reasons, notes = _effects(request, sizes_of)
    mods = columns(read_table(request.csv), request.csv, request.mods) if request.mods else {}
    try:
        fit = rma_uni(
            y, v, mods=_matrix(mods), mod_names=request.mods, method=request.method, test=request.test,
            level=request.level,
        )  # fmt: skip
    except NotEstimable:
        raise
    except ValueError as error:
        raise KbError(f"{request.csv}: {error}") from error
    found = fit_json(fit, reasons, mods=bool(request.mods))
    found["notes"] = [*notes, *fit.notes]
    more = sensitivity_json(fit) if request.everything else {}
    return {**_scale(request.measure, found["estimate"]), **found, **more}


def pooled_lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people: one line a number, then one a row of each list."""
    for key, value in found.items():
        if not isinstance(value, list | dict):
            yield f"{key:<16} {_shown(value)}"
    for key in ("coefficients", "leave1out", "cumulative", "influence"):
        for row in found.get(key) or ():
            yield f"{key:<16} " + "  ".join(f"{name} {_shown(value)}" for name, value in row.items())
    for key in ("egger", "begg", "trimfill"):
        if found.get(key):
            inner = found[key].get("intercept_test", found[key])
            yield f"{key:<16} " + "  ".join(f"{name} {_shown(value)}" for name, value in inner.items())


def _shown(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _scale(measure: str | None, estimate: float | None) -> dict[str, Any]:
    """What the estimate is, in words, and what it is on the reader's scale where that is a ratio."""
    if measure is None or measure not in MEASURES:
        return {"measure": measure}
    row = MEASURES[measure]
    ratio = {"exp_estimate": math.exp(estimate)} if row.back is exp and estimate is not None else {}
    return {"measure": measure, "scale": row.title, **ratio}


def _effects(request: Request, sizes_of: Sizes) -> tuple[FloatArray, FloatArray, dict[int, str], tuple[str, ...]]:
    if request.measure is None:
        table = read_table(request.csv)
        found = columns(table, request.csv, [request.yi or "", request.vi or ""])
        return found[request.yi or ""], found[request.vi or ""], {}, ()
    sizes = sizes_of(request.csv, request.measure, request.ri)
    return sizes.yi, sizes.vi, {d.row: d.reason for d in sizes.dropped}, sizes.notes


def _matrix(mods: dict[str, FloatArray]) -> Any:
    return list(zip(*mods.values(), strict=True)) if mods else None


def fit_json(fit: Fit, reasons: dict[int, str], *, mods: bool) -> dict[str, Any]:
    """The contract's keys of one fit; reasons are those for which rows never came to it."""
    ahead = predict(fit) if fit.p == 1 else None
    dropped = [{**d, "reason": reasons.get(d["row"], d["reason"])} for d in dropped_json(fit.dropped)]
    names = (
        "k", "method", "test", "level", "estimate", "se", "ci_low", "ci_high", "stat", "pval", "tau2", "se_tau2",
        "tau2_ci_low", "tau2_ci_high", "i2", "i2_ci_low", "i2_ci_high", "h2", "q", "q_df", "q_p",
    )  # fmt: skip
    found = {("p" if name == "pval" else name): plain(getattr(fit, name)) for name in names}
    found |= {
        "pi_low": plain(ahead.pi_low) if ahead else None,
        "pi_high": plain(ahead.pi_high) if ahead else None,
        "pi_distribution": ahead.pi_distribution if ahead else None,
        "weights": plain(fit.weights),
        "dropped": dropped,
    }
    return {**found, **(_moderators(fit) if mods else {})}


def _moderators(fit: Fit) -> dict[str, Any]:
    names = ("name", "estimate", "se", "ci_low", "ci_high", "p")
    return {
        "coefficients": [{name: plain(getattr(c, name)) for name in names} for c in fit.coefficients],
        "qm": plain(fit.qm),
        "qm_df": plain(fit.qm_df),
        "qm_p": plain(fit.qm_p),
        "r2": plain(fit.r2),
    }


def sensitivity_json(fit: Fit) -> dict[str, Any]:
    """The contract's keys of --all; null where a method is not defined for the data."""
    filled = _or_none(lambda: trimfill(fit))
    egger = _or_none(lambda: regtest(fit.yi, fit.vi, model="lm", method=fit.method, test=fit.test, level=fit.level))
    begg = _or_none(lambda: ranktest(fit.yi, fit.vi))
    names = ("row", "rstudent", "dffits", "cook", "cov_r", "hat", "weight")
    plain_pool = fit.p == 1
    return {
        "leave1out": [_row(r) for r in leave1out(fit)] if plain_pool and fit.k > 1 else [],
        "cumulative": [_row(r) for r in cumul(fit)] if plain_pool else [],
        "influence": [{n: plain(getattr(r, n)) for n in names} for r in influence(fit)] if fit.k > 1 else [],
        "egger": egger and {"intercept_test": {"stat": plain(egger.stat), "df": egger.df, "p": plain(egger.p)}},
        "begg": begg and {"tau": plain(begg.tau), "p": plain(begg.p)},
        "trimfill": filled and {
            "side": filled.side, "k0": filled.k0,
            **{n: plain(getattr(filled.fit, n)) for n in ("estimate", "se", "ci_low", "ci_high")},
        },
    }  # fmt: skip


def _or_none(compute: Callable[[], T]) -> T | None:
    try:
        return compute()
    except ValueError:
        return None


def _row(row: Row) -> dict[str, Any]:
    return {n: plain(getattr(row, n)) for n in ("row", "estimate", "se", "ci_low", "ci_high", "tau2", "i2")}
