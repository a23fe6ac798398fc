"""pool with MH, PETO or GLMM: methods that work on the counts themselves, in the contract's JSON."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from analysis.pool.glmm import GlmmFit, rma_glmm
from analysis.pool.mantel_haenszel import StratifiedFit, rma_mh, rma_peto
from analysis.records import NotEstimable
from kb.cli.as_json import dropped_json, plain
from kb.cli.table import read_table
from kb.errors import KbError

Data = Mapping[str, Any]

#: Keys of the contract that a fit has under the same name.
SAME = ("k", "method", "level", "estimate", "se", "ci_low", "ci_high", "stat", "p", "i2", "h2")
#: Keys that such methods do not have, or not all of them: null.
ABSENT = ("tau2", "se_tau2", "tau2_ci_low", "tau2_ci_high", "i2_ci_low", "i2_ci_high", "pi_low", "pi_high")


def stratified_json(csv: Path, method: str, measure: str, test: str, level: float) -> dict[str, Any]:
    """The contract's keys; what such a method does not have is null. Raises NotEstimable, KbError."""
    table = read_table(csv)
    data = {name: table[name].to_numpy() for name in table.columns}
    try:
        return STRATIFIED[method](data, measure, test, level)
    except NotEstimable:
        raise
    except ValueError as error:
        raise KbError(f"{csv}: {error}") from error


def mantel_haenszel(data: Data, measure: str, test: str, level: float) -> dict[str, Any]:
    """OR, RR, RD, IRR or IRD by Mantel–Haenszel."""
    return _stratified(rma_mh(data, measure, level=level), test)


def peto(data: Data, measure: str, test: str, level: float) -> dict[str, Any]:
    """Odds ratios by Peto's method."""
    if measure not in ("OR", "PETO"):
        raise ValueError(f"Peto's method pools odds ratios (--measure OR), not {measure}")
    return _stratified(rma_peto(data, level=level), test)


def glmm(data: Data, measure: str, test: str, level: float) -> dict[str, Any]:
    """PLO, IRLN, OR or IRR by the likelihood of the counts; knha and adhoc do not exist for it, t is used."""
    fit = rma_glmm(data, measure, test="z" if test == "z" else "t", level=level)
    notes = [f"model {fit.model}"] if fit.model else []
    if test not in ("z", "t"):
        notes.append(f"a likelihood has no {test} test: t with k - 1 degrees of freedom was used")
    return {
        **_common(fit, fit.test, notes),
        "method": "GLMM",
        "tau2": plain(fit.tau2),
        "q": plain(fit.wald.q),
        "q_df": fit.wald.df,
        "q_p": plain(fit.wald.p),
        "pi_low": plain(fit.pi_low),
        "pi_high": plain(fit.pi_high),
        "pi_distribution": "normal" if fit.test == "z" else f"t({fit.k - 1})",
    }


def _stratified(fit: StratifiedFit, test: str) -> dict[str, Any]:
    notes = list(fit.notes) + ([] if test == "z" else [f"{fit.method} has no {test} test: z was used"])
    return {**_common(fit, "z", notes), "q": plain(fit.q), "q_df": fit.q_df, "q_p": plain(fit.q_p)}


def _common(fit: StratifiedFit | GlmmFit, test: str, notes: list[str]) -> dict[str, Any]:
    return {
        **{name: plain(getattr(fit, name)) for name in SAME},
        **dict.fromkeys(ABSENT),
        "pi_distribution": None,
        "test": test,
        "weights": plain(fit.weights),
        "dropped": dropped_json(fit.dropped),
        "notes": notes,
    }


STRATIFIED: dict[str, Callable[[Data, str, str, float], dict[str, Any]]] = {
    "MH": mantel_haenszel,
    "PETO": peto,
    "GLMM": glmm,
}
