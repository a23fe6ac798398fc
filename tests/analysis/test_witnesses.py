"""PyMARE and statsmodels as second witnesses, beside the reference files made with R."""

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from pymare.estimators import DerSimonianLaird, Hedges, VarianceBasedLikelihoodEstimator
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.bias.small_study import regtest
from analysis.pool.mantel_haenszel import rma_mh
from analysis.pool.univariate import rma_uni
from analysis.proportions import difference_interval, proportion_interval

REFERENCE = Path(__file__).parents[1] / "reference"
#: yi and vi of published data sets, by the file that holds them.
DATA = {
    name: json.loads((REFERENCE / f"{name}.json").read_text("utf-8"))["results"]["effect_sizes"]
    for name in ("rma_uni_bcg_RR", "rma_uni_normand1999_MD", "rma_uni_pritz1997_PLO", "rma_uni_nielweise2007_OR")
}
#: PyMARE's estimators; its likelihoods are searched numerically with a stop at a relative 1e-8 of the likelihood.
PYMARE = {
    "DL": (DerSimonianLaird(), 1e-10),
    "HE": (Hedges(), 1e-10),
    "ML": (VarianceBasedLikelihoodEstimator(method="ML"), 1e-4),
    "REML": (VarianceBasedLikelihoodEstimator(method="REML"), 1e-4),
}
#: statsmodels' names; its search for PM falls back to 0 where rounding makes its equation negative, so not tighter.
STATSMODELS = {"DL": {"method_re": "dl"}, "PM": {"method_re": "iterated", "atol": 1e-8, "maxiter": 500}}
#: statsmodels leaves a negative DL tau2 negative, as that of nielweise2007 is, where everybody else takes 0.
POSITIVE = [name for name in DATA if "nielweise" not in name]
#: Our names of intervals for one proportion, and statsmodels'.
ONE = {"wald": "normal", "wilson": "wilson", "agresti-coull": "agresti_coull", "jeffreys": "jeffreys"}
ONE |= {"clopper-pearson": "beta"}
#: The same for the difference of two.
TWO = {"wald": "wald", "newcombe": "newcomb", "agresti-caffo": "agresti-caffo"}
COUNTS = [(3, 41), (7, 20), (19, 20), (50, 100)]


def effects(name):
    found = DATA[name]
    return np.array(found["yi"], dtype=float), np.array(found["vi"], dtype=float)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("method", PYMARE)
def test_pymare_finds_the_same_tau2_and_mean(name, method):
    (y, v), (estimator, near) = effects(name), PYMARE[method]
    theirs = estimator.fit(y=y[:, None], v=v[:, None], X=np.ones((len(y), 1))).params_
    ours = rma_uni(y, v, method=method)
    # a search on the boundary stops a little above it
    assert ours.tau2 == pytest.approx(np.ravel(theirs["tau2"])[0], rel=near, abs=1e-6)
    assert ours.estimate == pytest.approx(np.ravel(theirs["fe_params"])[0], rel=near)


@pytest.mark.parametrize("name", POSITIVE)
@pytest.mark.parametrize("method", STATSMODELS)
def test_statsmodels_finds_the_same_pool(name, method):
    y, v = effects(name)
    theirs, ours = combine_effects(y, v, use_t=False, **STATSMODELS[method]), rma_uni(y, v, method=method)
    interval = theirs.conf_int(use_t=False)[1]
    assert [ours.tau2, ours.estimate, ours.se, ours.q] == pytest.approx(
        [theirs.tau2, theirs.mean_effect_re, theirs.sd_eff_w_re, theirs.q], rel=1e-8, abs=1e-12
    )
    assert (ours.ci_low, ours.ci_high) == pytest.approx(tuple(interval), rel=1e-8)


@pytest.mark.parametrize("name", POSITIVE)
def test_statsmodels_finds_the_same_hartung_knapp_interval(name):
    y, v = effects(name)
    theirs, ours = combine_effects(y, v, method_re="dl", use_t=True), rma_uni(y, v, method="DL", test="knha")
    assert ours.se == pytest.approx(theirs.sd_eff_w_re_hksj, rel=1e-10)
    assert (ours.ci_low, ours.ci_high) == pytest.approx(tuple(theirs.conf_int(use_t=True)[3]), rel=1e-8)


@pytest.mark.parametrize("name", DATA)
def test_egger_1997_is_a_weighted_regression(name):
    y, v = effects(name)
    line = sm.WLS(y, sm.add_constant(np.sqrt(v)), weights=1 / v).fit()
    ours = regtest(y, v, model="lm")
    assert (ours.stat, ours.p) == pytest.approx((line.tvalues[1], line.pvalues[1]), rel=1e-8)
    low, high = line.conf_int()[0]
    assert (ours.limit.ci_low, ours.limit.ci_high) == pytest.approx((low, high), rel=1e-8)


@pytest.mark.parametrize(("x", "n"), COUNTS)
@pytest.mark.parametrize(("ours", "theirs"), ONE.items())
@pytest.mark.parametrize("level", [90.0, 95.0])
def test_statsmodels_finds_the_same_interval_of_a_proportion(x, n, ours, theirs, level):
    found = proportion_interval(x, n, method=ours, level=level)
    # statsmodels cuts limits off at 0 and 1, ours stay where the formula puts them
    assert (max(found.lower, 0.0), min(found.upper, 1.0)) == pytest.approx(
        proportion_confint(x, n, alpha=1 - level / 100, method=theirs), rel=1e-9
    )


@pytest.mark.parametrize(("ours", "theirs"), TWO.items())
def test_statsmodels_finds_the_same_interval_of_a_difference(ours, theirs):
    found = difference_interval((7, 33), (17, 42), method=ours)
    wanted = confint_proportions_2indep(7, 33, 17, 42, method=theirs, compare="diff", alpha=0.05)
    assert (found.lower, found.upper) == pytest.approx(wanted, rel=1e-9)


def test_statsmodels_finds_the_same_mantel_haenszel_odds_ratio():
    data = json.loads((REFERENCE / "mh_peto_bcg.json").read_text("utf-8"))["data"]
    cells = [[data["tpos"], data["tneg"]], [data["cpos"], data["cneg"]]]
    theirs = StratifiedTable(np.array(cells, dtype=float))
    ours = rma_mh(dict(zip(("ai", "bi", "ci", "di"), [*cells[0], *cells[1]], strict=True)), measure="OR")
    assert (ours.estimate, ours.se) == pytest.approx((theirs.logodds_pooled, theirs.logodds_pooled_se), rel=1e-9)
