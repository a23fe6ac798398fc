"""Models for counts, held to the exact likelihood (1e-6) and, more loosely, to metafor on top of lme4.

Only ``exact_ML`` and the fixed-effect models are exact in the files. The others come from lme4 (7 or 51 quadrature
points, one for UM.RS) or, for CM.EL, from numeric derivatives, and are held to 1e-3 as the files say.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from analysis.pool.glmm import rma_glmm
from analysis.pool.glmm_crossed import rma_glmm_crossed
from analysis.pool.glmm_fit import likelihood
from analysis.pool.glmm_models import prepare
from analysis.records import NotEstimable

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = ("glmm_or_nielweise2007", "glmm_prop_pritz1997", "glmm_prop_sparse", "glmm_rates_hart1999")
CASES = {name: json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
CALLS = [(file, call) for file in FILES for call in CASES[file]["results"]]
PROPORTIONS = ("glmm_prop_pritz1997", "glmm_prop_sparse")
SPECIAL = ("exact_ML", "predict", "OR_UM.RS")
POOLS = [(file, call) for file, call in CALLS if call not in SPECIAL]
FIELDS = {
    "beta": "estimate", "se": "se", "zval": "stat", "ci.lb": "ci_low", "ci.ub": "ci_high",
    "tau2": "tau2", "I2": "i2", "H2": "h2",
}  # fmt: skip


def fitted(file, call):
    data = CASES[file]["data"]
    measure = call.split("_")[1] if call.startswith("glmm") else call.split("_")[0]
    model = call.split("_")[1] if call.startswith(("OR", "IRR")) else None
    if measure == "IRLN":
        data = {"xi": data["x1i"], "ti": data["t1i"]}
    options = {"method": "FE"} if call.endswith("FE") else {"test": "t"} if call.endswith("_t") else {}
    return rma_glmm(data, measure, model=model, **options)


def value_of(expected, key):
    return expected[key][0] if isinstance(expected[key], list) else expected[key]


def test_the_grid_did_not_shrink():
    assert (len(CALLS), len(POOLS)) == (20, 15)


@pytest.mark.parametrize("file", PROPORTIONS)
def test_proportions_agree_with_the_exact_likelihood(file):
    exact = CASES[file]["results"]["exact_ML"]
    fit = rma_glmm(CASES[file]["data"], "PLO")
    assert fit.estimate == pytest.approx(exact["beta"], rel=1e-6)
    assert fit.tau2 == pytest.approx(exact["tau2"], rel=1e-6, abs=1e-12)
    assert fit.se == pytest.approx(exact["se_beta_from_observed_information"], rel=1e-6)
    assert fit.loglik == pytest.approx(exact["loglik"], rel=1e-12)
    assert 1 / (1 + math.exp(-fit.estimate)) == pytest.approx(exact["pooled_proportion"], rel=1e-6)


def test_a_variance_at_the_boundary_is_exactly_zero():
    assert rma_glmm(CASES["glmm_prop_sparse"]["data"], "PLO").tau2 == 0


@pytest.mark.parametrize(("file", "call"), POOLS)
def test_pool_agrees_with_metafor(file, call):
    expected, fit = CASES[file]["results"][call], fitted(file, call)
    assert (fit.k, fit.lrt.df) == (expected["k"], expected["QE.df"])
    for theirs, ours in FIELDS.items():
        assert getattr(fit, ours) == pytest.approx(value_of(expected, theirs), rel=1e-3), theirs
    assert math.log(fit.p) == pytest.approx(math.log(value_of(expected, "pval")), rel=1e-3)
    assert fit.lrt.q == pytest.approx(expected["QE.LRT"], rel=1e-6)
    assert fit.lrt.p == pytest.approx(expected["QEp.LRT"], rel=1e-5)
    assert fit.wald.q == pytest.approx(expected["QE.Wld"], rel=1e-3)


@pytest.mark.parametrize(("file", "call"), [(file, call) for file, call in POOLS if call.endswith("FE")])
def test_one_effect_for_all_has_the_likelihood_of_metafor(file, call):
    expected, fit = CASES[file]["results"][call], fitted(file, call)
    assert fit.loglik == pytest.approx(expected["fit.stats"]["ll"], rel=1e-10)
    assert fit.estimate == pytest.approx(expected["beta"][0], rel=1e-7)


def test_conditional_exact_model_reaches_at_least_the_likelihood_of_metafor():
    expected, fit = CASES[FILES[0]]["results"]["OR_CM.EL"], fitted(FILES[0], "OR_CM.EL")
    assert fit.loglik >= expected["fit.stats"]["ll"]
    assert fit.loglik == pytest.approx(expected["fit.stats"]["ll"], rel=1e-6)


@pytest.mark.parametrize("file", PROPORTIONS)
def test_prediction_interval_agrees_with_metafor(file):
    expected, fit = CASES[file]["results"]["predict"], rma_glmm(CASES[file]["data"], "PLO")
    ours = {"pred": fit.estimate, "ci.lb": fit.ci_low, "ci.ub": fit.ci_high, "pi.lb": fit.pi_low, "pi.ub": fit.pi_high}
    for key, value in ours.items():
        assert 1 / (1 + math.exp(-value)) == pytest.approx(expected[key], rel=1e-4), key


@pytest.mark.parametrize(
    ("file", "measure", "model"),
    [(FILES[0], "OR", "UM.FS"), (FILES[0], "OR", "CM.EL"), (FILES[1], "PLO", None), (FILES[3], "IRR", "UM.FS")],
)
def test_score_and_information_are_the_derivatives_of_the_likelihood(file, measure, model):
    wanted = prepare(CASES[file]["data"], measure, model).model
    beta, tau, h = np.full(wanted.X.shape[2], -0.5), 0.7, 1e-5
    found = likelihood(wanted, beta, tau)
    for i in range(beta.size + 1):
        step = np.zeros(beta.size + 1)
        step[i] = h
        up = likelihood(wanted, beta + step[:-1], tau + step[-1])
        down = likelihood(wanted, beta - step[:-1], tau - step[-1])
        assert (up.value - down.value) / (2 * h) == pytest.approx(found.score[i], rel=1e-5, abs=1e-6)
        assert (down.score - up.score) / (2 * h) == pytest.approx(found.information[i], rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([0, 7, 30, 1], [40, 9, 30, 1]),  # everybody and nobody: tau2 is large and integrands have a cliff
        ([3, 5, 2], [40, 50, 35]),
        ([0, 0, 9], [12, 80, 60]),
    ],
)
def test_the_integral_is_exact_and_the_maximum_is_one(x, n):
    events, size = np.array(x, dtype=float), np.array(n, dtype=float)
    b = np.linspace(-14, 14, 8001)[:, None]
    choose = -np.log1p(size) - special.betaln(size - events + 1, events + 1)

    def dense(beta, tau):
        eta = beta + tau * b
        logs = choose + events * special.log_expit(eta) + (size - events) * special.log_expit(-eta) - b**2 / 2
        spacing = (b[1] - b[0])[0] / np.sqrt(2 * np.pi)
        return float(special.logsumexp(logs, axis=0).sum() + events.size * np.log(spacing))

    fit = rma_glmm({"xi": x, "ni": n}, "PLO")
    best, tau = dense(fit.estimate, math.sqrt(fit.tau2)), math.sqrt(fit.tau2)
    assert fit.loglik == pytest.approx(best, rel=1e-11)
    for step in (1e-4, -1e-4, 1.0, -1.0):
        assert dense(fit.estimate + step, tau) < best
        assert dense(fit.estimate, abs(tau + step)) < best


def test_both_random_effects_agree_with_metafor_by_laplace():
    expected = CASES[FILES[0]]["results"]["OR_UM.RS"]
    fit = rma_glmm_crossed(CASES[FILES[0]]["data"], "OR", nodes=1)
    ours = [fit.estimate, fit.se, fit.stat, fit.ci_low, fit.ci_high, fit.tau2, fit.sigma2]
    theirs = [value_of(expected, key) for key in ("beta", "se", "zval", "ci.lb", "ci.ub", "tau2", "sigma2")]
    assert ours == pytest.approx(theirs, rel=1e-3)
    assert fit.loglik == pytest.approx(expected["fit.stats"]["ll"], rel=1e-6)
    assert fit.k == expected["k"]


def test_both_random_effects_settle_with_more_nodes():
    fits = [rma_glmm_crossed(CASES[FILES[0]]["data"], "OR", nodes=nodes) for nodes in (11, 15)]
    assert fits[0].estimate == pytest.approx(fits[1].estimate, rel=1e-5)
    assert fits[0].loglik == pytest.approx(fits[1].loglik, rel=1e-6)


def test_one_study_has_no_variance_between_studies():
    fit = rma_glmm({"xi": [3], "ni": [20]}, "PLO")
    assert (fit.tau2, fit.estimate) == (0, pytest.approx(math.log(3 / 17)))


def test_studies_without_information_are_named():
    fit = rma_glmm({"ai": [0, 1, 3], "n1i": [9, 20, 30], "ci": [0, 4, 5], "n2i": [9, 21, 28]}, "OR", model="CM.EL")
    assert [(d.row, d.reason) for d in fit.dropped] == [(1, "no events, or only events, in both arms")]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: rma_glmm({"xi": [0, 0], "ni": [9, 8]}, "PLO"), NotEstimable),
        (lambda: rma_glmm({"xi": [9, 8], "ni": [9, 8]}, "PLO"), NotEstimable),
        (lambda: rma_glmm({"xi": [0, 0], "ti": [9, 8]}, "IRLN"), NotEstimable),
        (lambda: rma_glmm({"ai": [0, 0], "n1i": [9, 8], "ci": [1, 2], "n2i": [9, 8]}, "OR"), NotEstimable),
        (lambda: rma_glmm({"ai": [0], "n1i": [9], "ci": [0], "n2i": [9]}, "OR"), NotEstimable),
        (lambda: rma_glmm({"xi": [1], "ni": [9]}, "PLO", test="t"), NotEstimable),
        (lambda: rma_glmm_crossed({"ai": [1], "n1i": [9], "ci": [1], "n2i": [9]}, "OR"), NotEstimable),
        (lambda: rma_glmm_crossed({"ai": [0, 0], "n1i": [9, 8], "ci": [1, 2], "n2i": [9, 8]}, "OR"), NotEstimable),
        (lambda: rma_glmm({"xi": [1], "ni": [9]}, "PFT"), NotEstimable),
        (lambda: rma_glmm({"xi": [1], "ni": [9]}, "PLO", method="REML"), ValueError),
    ],
)
def test_what_cannot_be_estimated_is_refused(call, error):
    with pytest.raises(error):
        call()
