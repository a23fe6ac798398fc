"""Every model result that metafor gave for tests/reference: rma_uni_*, edge_* and metareg_*, all keys of all files.

What agrees only roughly is named here with the reason: COARSE and DEFAULT_CONTROL.
"""

import json
import math
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.pool.fit import Fit
from analysis.pool.moderators import compare_nested, dummies, vif
from analysis.pool.predict import predict
from analysis.pool.sensitivity import influence
from analysis.pool.subgroups import subgroups
from analysis.pool.univariate import rma_uni
from analysis.records import NotEstimable

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = sorted(p.stem for pattern in ("rma_uni_*", "edge_*", "metareg_*") for p in REFERENCE.glob(f"{pattern}.json"))
ELSEWHERE = re.compile(r"leave1out|cumul|influence|regtest|ranktest|trimfill")  # in test_metafor_sensitivity.py
# metafor looks for these limits with a root finder that stops within 1.22e-4, however small tau2 is, and at tau2 = 100.
COARSE = re.compile(r"confint_(GENQ_|REML_default_control)")
COARSE_STEP = 1.3e-4
# R's default stopping rule leaves tau2 up to 4.4e-4 off; the entries beside them have the roots.
DEFAULT_CONTROL = 5e-4


@cache
def reference(name: str) -> dict[str, Any]:
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


CASES = [
    (name, key)
    for name in FILES
    if name != "edge_REML_nonconvergence"
    for key in reference(name)["results"]
    if key != "effect_sizes" and (name.startswith("metareg") or not ELSEWHERE.match(key))
]


def number(value: Any) -> float:
    return (
        {"Inf": math.inf, "-Inf": -math.inf, None: math.nan}.get(value, value)
        if not isinstance(value, list)
        else math.nan
    )


def close(ours: Any, theirs: Any, rel: float, scale: float = 0.0) -> None:
    """Relative agreement; ``scale`` is the size below which a difference is rounding (a standard error, 1 for Q)."""
    a = np.array([math.nan if v is None else v for v in np.atleast_1d(np.asarray(ours, dtype=object))], dtype=float)
    b = np.array([number(v) for v in np.ravel(np.asarray(theirs, dtype=object))], dtype=float)
    assert a.shape == b.shape
    np.testing.assert_array_equal(np.isfinite(a), np.isfinite(b))
    finite = np.isfinite(a)
    excess = np.abs(a[finite] - b[finite]) - rel * np.maximum(np.abs(b)[finite], scale)
    assert (excess <= 0.0).all(), f"{a} is not {b}"


def check_fit(fit: Fit, ref: dict[str, Any], rel: float) -> None:
    c = fit.coefficients
    se = max(x.se for x in c) or 1.0
    assert (fit.k, fit.p, fit.method, fit.test) == (ref["k"], ref["p"], ref["method"], ref["test"])
    assert [fit.qm_df[0], fit.qm_df[1]] == ref["QMdf"]
    assert fit.ddf == ref["ddf"]
    for ours, theirs, scale in [
        ([x.estimate for x in c], ref["beta"], se),
        ([x.se for x in c], ref["se"], 0.0),
        ([x.stat for x in c], ref["zval"], 1.0),
        ([x.ci_low for x in c], ref["ci.lb"], se),
        ([x.ci_high for x in c], ref["ci.ub"], se),
        (fit.vb.ravel(), ref["vb"], 0.0),
        (fit.tau2, ref["tau2"], 1e-3 * fit.vt),
        (fit.se_tau2, ref["se.tau2"], 0.0),
        (fit.i2, ref["I2"], 0.1),
        (fit.h2, ref["H2"], 1e-3),
        (fit.r2, ref["R2"], 0.0),
        (fit.vt, ref["vt"], 0.0),
        (fit.q, ref["QE"], 1e-3),
        (fit.q_p, ref["QEp"], 0.0),
        (fit.qm, ref["QM"], 1e-3),
        (fit.s2w, ref["s2w"], 0.0),
    ]:
        close(ours, theirs, rel, scale)
    # A p value magnifies the error of its statistic, by the square of it far out in the tail.
    for x, p in zip(c, ref["pval"], strict=True):
        close(x.p, p, rel * (1.0 + min(x.stat**2, 1400.0)))
    close(fit.qm_p, ref["QMp"], rel * (1.0 + min(fit.qm or 0.0, 1400.0)))
    for restricted in (False, True):
        ours, theirs = fit.statistics(restricted=restricted), ref["fit.stats"]["REML" if restricted else "ML"]
        values = [ours.loglik, ours.deviance, ours.aic, ours.bic, ours.aicc]
        close(values, [theirs[n] for n in ("ll", "dev", "AIC", "BIC", "AICc")], rel, scale=1.0)


def check_confint(fit: Fit, ref: dict[str, Any], rel: float) -> None:
    if "error" in ref:
        assert "k = 1" in ref["error"]
        assert fit.k == 1
        assert (fit.tau2_ci_low, fit.i2_ci_low, fit.h2_ci_low) == (None, None, None)
        return
    if not rel:
        low, high = ref["tau^2"]["ci.lb"], ref["tau^2"]["ci.ub"]
        assert abs(fit.tau2_ci_low - low) <= COARSE_STEP + 1e-9 * low
        assert (
            fit.tau2_ci_high > high
            if ref["ub.sign"] == ">"
            else abs(fit.tau2_ci_high - high) <= COARSE_STEP + 1e-9 * high
        )
        return
    close([fit.tau2, fit.tau2_ci_low, fit.tau2_ci_high], list(ref["tau^2"].values()), rel, 1e-3 * fit.vt)
    close(np.sqrt([fit.tau2_ci_low, fit.tau2_ci_high]), list(ref["tau"].values())[1:], rel)
    close([fit.i2, fit.i2_ci_low, fit.i2_ci_high], list(ref["I^2(%)"].values()), rel, 0.1)
    close([fit.h2, fit.h2_ci_low, fit.h2_ci_high], list(ref["H^2"].values()), rel)


def check_predictions(fit: Fit, rows: list[Any], ref: dict[str, Any], rel: float) -> None:
    made = [predict(fit, x=x) for x in rows]
    for ours, theirs in [
        ("pred", "pred"),
        ("se", "se"),
        ("ci_low", "ci.lb"),
        ("ci_high", "ci.ub"),
        ("pi_low", "pi.lb"),
        ("pi_high", "pi.ub"),
    ]:
        if theirs in ref:
            close([getattr(m, ours) for m in made], ref[theirs], rel, scale=max(m.se for m in made))
    assert ("pi.lb" in ref) == (made[0].pi_low is not None)


def arguments(text: str, data: dict[str, Any]) -> dict[str, Any]:
    """The words of a key of rma_uni_* and edge_*, such as REML_knha, GENQ_1/vi, unweighted_REML, DL_z."""
    words = text.removesuffix("_default_control").split("_")
    if words[0] == "unweighted":
        return {"method": words[1], "weighted": False}
    if words[0] == "GENQ":
        v = np.array(data["vi"], dtype=float)
        return {"method": "GENQ", "weights": {"1/vi": 1.0 / v, "1/sqrt(vi)": 1.0 / np.sqrt(v)}[words[1]]}
    return {"method": words[0], "test": words[1] if len(words) > 1 else "z"}


@cache
def pooled(name: str, text: str) -> Fit:
    data = reference(name)["results"]["effect_sizes"]
    return rma_uni(data["yi"], data["vi"], **arguments(text, data))


def check_pool(name: str, key: str, ref: Any) -> None:
    rel = 0.0 if COARSE.match(key) else DEFAULT_CONTROL if key.endswith("default_control") else 1e-9
    verb, _, text = key.partition("_")
    if key.startswith("pi_t_k_minus_2_"):
        prediction = predict(pooled(name, key.removeprefix("pi_t_k_minus_2_")), distribution="t_k_minus_2")
        close([prediction.pi_low, prediction.pi_high], [ref["pi.lb"], ref["pi.ub"]], rel, scale=prediction.se)
        return
    fit = pooled(name, text)
    if verb == "weights":
        close(fit.weights, ref["value"] if isinstance(ref, dict) else ref, rel)
    else:
        {"rma": check_fit, "confint": check_confint}.get(verb, lambda f, r, t: check_predictions(f, [None], r, t))(
            fit, ref, rel
        )


MODERATORS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ablat_year": lambda data: np.column_stack([data["ablat"], data["year"]]),
    "ablat": lambda data: np.array(data["ablat"], dtype=float),
    "alloc": lambda data: dummies(data["alloc"])[0],
    "weeks": lambda data: np.array(data["wks"], dtype=float),
    "common_tau2": lambda data: dummies(data["alloc"])[0],
}


def regressed(name: str, key: str, **more: Any) -> tuple[Fit, Any]:
    ref = reference(name)
    es, X = (
        ref["results"]["effect_sizes"],
        next(make for prefix, make in MODERATORS.items() if key.startswith(prefix))(ref["data"]),
    )
    words = key.split("_")
    more.setdefault("method", next((w for w in words if w in ("FE", "DL", "HE", "SJ", "ML", "EB", "PM")), "REML"))
    return rma_uni(es["yi"], es["vi"], mods=X, test="knha" if "knha" in words else "z", **more), X


def check_metareg(name: str, key: str, ref: Any) -> None:
    rel = 1e-8
    if key.startswith(("subgroups", "between")):
        data = reference(name)
        es = data["results"]["effect_sizes"]
        found = subgroups(es["yi"], es["vi"], data["data"]["alloc"], method=key.rpartition("_")[2])
        if key.startswith("between"):
            close([found.q_between, found.p_between], [ref["QE"], ref["QEp"]], rel)
        else:
            assert list(found.fits) == list(ref)
            for label, fit in found.fits.items():
                check_fit(fit, ref[label], rel)
        return
    if key == "vif":
        close(vif(regressed(name, "ablat_year")[0]), ref, rel)
        return
    fit, X = regressed(name, key)
    if "predict" in key:
        check_predictions(fit, [0, 15, 33.46, 60] if key.endswith("new") else list(X), ref, rel)
    elif "LRT" in key:
        reduced = rma_uni(fit.yi, fit.vi, method="ML")
        test = compare_nested(fit, reduced)
        close([test.statistic, test.p, test.r2], [ref["LRT"][0], ref["pval"][0], ref["R2"][0]], rel)
    elif "influence" in key:
        found = influence(fit)
        close(
            np.ravel([row.dfbetas for row in found], order="F"),
            [v for n, c in ref["dfbs"].items() if n not in ("slab", "digits") for v in c],
            rel,
            1.0,
        )
        assert [row.influential for row in found] == ref["is.infl"]
    elif "confint" in key:
        check_confint(fit, ref, rel)
    else:
        check_fit(fit, ref, rel)


@pytest.mark.parametrize(("name", "key"), CASES, ids=[f"{n}-{k}" for n, k in CASES])
def test_metafor_gives_the_same(name: str, key: str) -> None:
    data = reference(name)
    ref = data.get("differs_in_newer_metafor", {}).get(key, data["results"][key])
    (check_metareg if name.startswith("metareg") else check_pool)(name, key, ref)


def test_the_grid_did_not_shrink() -> None:
    assert len(FILES) == 23
    assert len(CASES) == 1939


@pytest.mark.parametrize(
    ("key", "method"),
    [("stepadj0.5", "REML"), ("stepadj0.1", "REML"), ("default_ML", "ML"), ("DL", "DL"), ("PM", "PM")],
)
def test_the_likelihood_has_a_maximum_where_fisher_scoring_stops(key: str, method: str) -> None:
    data = reference("edge_REML_nonconvergence")
    rel = 1e-5 if key == "default_ML" else 1e-9  # R's default stopping rule
    check_fit(rma_uni(data["data"]["yi"], data["data"]["vi"], method=method), data["results"][key], rel)


def test_reml_is_the_highest_point_of_a_fine_grid() -> None:
    data = reference("edge_REML_nonconvergence")
    fit = rma_uni(data["data"]["yi"], data["data"]["vi"])
    close(fit.tau2, data["results"]["profile_grid"]["tau2_global"], 1e-7)


def test_a_single_row_has_no_t_minus_2_interval() -> None:
    with pytest.raises(NotEstimable):
        predict(rma_uni([0.5], [0.04]), distribution="t_k_minus_2")
