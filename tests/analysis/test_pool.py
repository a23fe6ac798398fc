"""Pooling where no reference is at hand: global maxima, dropped rows, invariances, published analyses."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.pool.heterogeneity import quadratic_form_cdf
from analysis.pool.moderators import compare_nested, vif
from analysis.pool.predict import predict
from analysis.pool.robust import robust
from analysis.pool.sensitivity import baujat, cumul, hat_values, influence, leave1out, rstandard, rstudent
from analysis.pool.subgroups import subgroups
from analysis.pool.tau2 import Problem
from analysis.pool.univariate import METHODS, TESTS, rma_uni
from analysis.records import Dropped, NotEstimable

PUBLISHED = {
    a["id"]: a
    for a in json.loads((Path(__file__).parents[1] / "reference/published_ma_dev.json").read_text("utf-8"))["analyses"]
}
Y = np.array([0.9, 0.1, 0.6, -0.2, 0.4, 0.35, 0.7, 0.05])
V = np.array([0.04, 0.09, 0.02, 0.16, 0.05, 0.03, 0.12, 0.07])


@pytest.mark.parametrize("model", ["EE", "ML", "REML", "DL", "HE"])
def test_raudenbush_2009_handbook_tables_16_2_and_16_3(model):
    study = PUBLISHED["raudenbush_2009"]
    printed, (y, v) = study["published"], (study["inputs"]["yi"], study["inputs"]["vi"])
    fit, knha = rma_uni(y, v, method=model), rma_uni(y, v, method=model, test="knha")
    assert fit.estimate == pytest.approx(printed["mu"][model], abs=6e-5)
    assert fit.se == pytest.approx(printed["se"][model], abs=6e-5)
    assert knha.se == pytest.approx(printed["se_knapp_hartung"][model], abs=6e-5)
    assert fit.tau2 == pytest.approx(printed["tau2"].get(model, 0.0), abs=6e-5)
    assert fit.q == pytest.approx(printed["Q"], abs=6e-5)


@pytest.mark.parametrize("key", ["FE z", "FE knha", "ML z", "ML knha", "REML z", "REML knha", "DL z", "HE knha"])
def test_raudenbush_2009_recomputed_to_full_precision(key):
    study = PUBLISHED["raudenbush_2009"]
    method, test = key.split()
    fit, exact = (
        rma_uni(study["inputs"]["yi"], study["inputs"]["vi"], method=method, test=test),
        study["recomputed_full_precision"][key],
    )
    found = [fit.estimate, fit.se, fit.ci_low, fit.ci_high, fit.tau2, fit.q, fit.q_p]
    wanted = [exact[n][0] for n in ("beta", "se", "ci.lb", "ci.ub")] + [exact[n] for n in ("tau2", "QE", "QEp")]
    assert found == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("model", ["EE", "DL", "REML"])
def test_normand_1999_stroke_tables_viii_and_ix(model):
    study = PUBLISHED["normand_1999_stroke"]
    exact, printed = study["recomputed_full_precision"], study["published"][model]
    fit = rma_uni(exact["yi"], exact["vi"], method=model)
    assert [fit.estimate, fit.ci_low, fit.ci_high] == pytest.approx([printed["beta"], *printed["ci"]], abs=6e-5)
    assert fit.tau2 == pytest.approx(printed.get("tau2", 0.0), abs=6e-5)
    assert [fit.estimate, fit.se, fit.q] == pytest.approx(
        [exact[model][n] if n == "QE" else exact[model][n][0] for n in ("beta", "se", "QE")], rel=1e-9
    )


# A precise cluster with far-off imprecise studies makes the likelihood two-humped; the humps are told apart by method.
TWO_MAXIMA = [
    ([12.78, -0.12, -4.24, 0.18], [13.9591, 0.0084, 6.7461, 0.0058], {"REML": 35.055, "ML": 0.01554}),
    (
        [2.58, -0.03, 0.18, -3.63, -0.14, -0.21, 1.47, 16.23],
        [25.7932, 0.002, 0.0644, 8.4329, 0.1869, 0.0374, 3.3162, 7.7532],
        {"REML": 25.5, "ML": 0.0},
    ),
    ([-0.15, 0.42, -7.02, -0.22], [0.0021, 0.0419, 2.8414, 0.0582], {"ML": 5.2111}),
    (
        [4.64, -0.24, -0.16, 20.04, 0.03, -0.21, -3.74, -4.45],
        [3.8577, 0.0018, 0.0055, 20.0944, 0.0182, 3.1881, 0.6865, 8.4122],
        {"REML": 29.693, "ML": 21.06},
    ),
]


@pytest.mark.parametrize(
    ("y", "v", "method", "tau2"), [(y, v, m, t) for y, v, both in TWO_MAXIMA for m, t in both.items()]
)
def test_of_two_maxima_the_higher_one_is_taken(y, v, method, tau2):
    fit, problem = rma_uni(y, v, method=method), Problem(np.array(y), np.array(v), None, 1)
    grid = [0.0, *np.geomspace(1e-6, 1e4, 2001)]
    heights = np.array([problem.log_likelihood(t, restricted=method == "REML") for t in grid])
    rises = np.diff(heights) > 0.0
    assert np.count_nonzero(rises[:-1] & ~rises[1:]) + (not rises[0]) >= 2
    assert fit.tau2 == pytest.approx(tau2, rel=1e-3)
    assert problem.log_likelihood(fit.tau2, restricted=method == "REML") >= heights.max() - 1e-12


studies = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 10)), min_size=3, max_size=12)


@given(studies, st.sampled_from([m for m in METHODS if m != "GENQ"]), st.sampled_from([1e-6, 1e6]))
def test_the_unit_of_measurement_scales_everything(rows, method, unit):
    y, v = np.array(rows).T
    if np.ptp(y) < 1e-3:
        return
    a, b = rma_uni(y, v, method=method), rma_uni(y * unit, v * unit**2, method=method)
    assert b.estimate / unit == pytest.approx(a.estimate, rel=1e-7, abs=1e-7 * a.se)
    assert b.tau2 / unit**2 == pytest.approx(a.tau2, rel=1e-6, abs=1e-9)
    assert b.i2 == pytest.approx(a.i2, rel=1e-6, abs=1e-6)


@given(studies, st.sampled_from(["DL", "REML", "PM"]))
def test_adhoc_is_never_narrower_than_z_or_knha(rows, method):
    y, v = np.array(rows).T
    widths = {t: (f := rma_uni(y, v, method=method, test=t, intervals=False)).ci_high - f.ci_low for t in TESTS}
    assert widths["adhoc"] >= max(widths["z"], widths["t"], widths["knha"]) * (1 - 1e-12)


@given(studies)
def test_the_q_profile_interval_holds_where_q_meets_its_quantiles(rows):
    y, v = np.array(rows).T
    fit, problem = rma_uni(y, v, method="PM"), Problem(y, v, None, 1)
    assert fit.tau2_ci_low <= fit.tau2_ci_high
    for tau2, probability in [(fit.tau2_ci_low, 0.975), (fit.tau2_ci_high, 0.025)]:
        if tau2 > 0.0:
            assert chi2.cdf(problem.moments(tau2).q1, len(y) - 1) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(("lambdas", "law"), [(np.ones(1), chi2(1)), (np.ones(5), chi2(5)), (np.ones(150), chi2(150))])
def test_quadratic_forms_with_equal_weights_are_chi_squared(lambdas, law):
    for p in (0.001, 0.025, 0.5, 0.975):
        assert quadratic_form_cdf(float(law.ppf(p)), lambdas) == pytest.approx(p, abs=1e-12)


def test_quadratic_forms_with_pairs_of_weights_are_sums_of_exponentials():
    for x in (0.01, 1.0, 9.0):
        exact = 1.0 - (4.0 * np.exp(-x / 4.0) - 0.2 * np.exp(-x / 0.2)) / 3.8
        assert quadratic_form_cdf(x, np.array([2.0, 2.0, 0.1, 0.1])) == pytest.approx(exact, abs=1e-13)


def test_the_genq_interval_is_the_q_profile_one_for_equal_variances():
    v = np.full(8, 0.05)
    genq, dl = rma_uni(Y, v, method="GENQ", weights=1.0 / v), rma_uni(Y, v, method="DL")
    assert [genq.tau2_ci_low, genq.tau2_ci_high] == pytest.approx([dl.tau2_ci_low, dl.tau2_ci_high], rel=1e-10)


def test_rows_that_cannot_be_used_are_dropped_with_reasons():
    fit = rma_uni([0.1, None, 0.3, 0.2, 0.4, 0.5], [0.1, 0.1, None, 0.0, -1.0, 0.2])
    assert fit.k == 2
    assert fit.rows.tolist() == [1, 6]
    assert fit.dropped == (
        Dropped(2, "no estimate"),
        Dropped(3, "no variance"),
        Dropped(4, "variance is zero"),
        Dropped(5, "variance is negative"),
    )


def test_a_missing_moderator_drops_its_row():
    fit = rma_uni(Y, V, mods=[1, 2, None, 4, 5, 6, 7, 8], mod_names=["dose"])
    assert fit.dropped == (Dropped(3, "a moderator is missing"),)
    assert [c.name for c in fit.coefficients] == ["intrcpt", "dose"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rma_uni([None], [0.1]), "no row has"),
        (lambda: rma_uni([0.1, 0.2], [0.1, 0.1], mods=[1, 2]), "cannot estimate"),
        (lambda: rma_uni(Y, V, mods=np.ones(8)), "redundant"),
        (lambda: subgroups([0.1, None], [0.1, 0.1], "ab"), "group b"),
        (lambda: leave1out(rma_uni([0.1], [0.1])), "one row"),
        (lambda: robust(rma_uni(Y, V), ["one"] * 8), "clusters"),
    ],
)
def test_what_cannot_be_estimated_says_why(call, words):
    with pytest.raises(NotEstimable, match=words):
        call()


@pytest.mark.parametrize(
    "how", [{"method": "XX"}, {"test": "w"}, {"level": 0}, {"weights": [1]}, {"mod_names": ["a"]}, {"method": "GENQ"}]
)
def test_senseless_requests_are_refused(how):
    with pytest.raises(ValueError, match=r"\w"):
        rma_uni(Y, V, **how)


def test_one_row_is_the_study_itself():
    fit = rma_uni([0.5], [0.04], test="knha")
    assert (fit.estimate, fit.se, fit.tau2, fit.test, fit.tau2_ci_low) == (0.5, 0.2, 0.0, "z", None)
    assert fit.notes == ("test is z, not knha, because there is one row",)


def test_cook_and_covariance_ratio_by_hand_for_a_plain_mean():
    fit = rma_uni(Y, V)
    for row, without in zip(influence(fit), leave1out(fit), strict=True):
        change = fit.estimate - without.estimate
        assert row.cook == pytest.approx((change / fit.se) ** 2)
        assert row.cov_r == pytest.approx((without.se / fit.se) ** 2)
        assert row.tau2_del == without.tau2
        residual = Y[row.row - 1] - without.estimate
        assert row.rstudent == pytest.approx(residual / np.sqrt(V[row.row - 1] + without.tau2 + without.se**2))
        # For a plain mean the two standardised changes differ only in the tau2 of the leverage.
        spread = 1.0 / np.sum(1.0 / (V + without.tau2))
        assert row.dfbetas[0] == pytest.approx(change / np.sqrt(spread))
        assert row.dffits == pytest.approx(change / np.sqrt(row.hat * (V[row.row - 1] + without.tau2)))


@pytest.mark.parametrize("test", ["z", "knha"])
def test_the_mean_shift_model_has_the_externally_standardised_residual(test):
    shift = rma_uni(Y, V, mods=[0, 0, 1, 0, 0, 0, 0, 0], test=test).coefficients[1]
    residual = rstudent(rma_uni(Y, V, test=test))[2]
    assert [residual.resid, residual.se, residual.z] == pytest.approx([shift.estimate, shift.se, shift.stat])


def test_leverages_add_up_to_the_number_of_coefficients():
    fit = rma_uni(Y, V, mods=np.arange(8.0))
    assert hat_values(fit).sum() == pytest.approx(2.0)
    assert sum(r.weight for r in influence(fit)) == pytest.approx(100.0)


def test_baujat_contributions_add_up_to_q():
    fit = rma_uni(Y, V, method="FE")
    assert sum(point.x for point in baujat(fit)) == pytest.approx(fit.q)
    assert [p.x for p in baujat(fit)] == pytest.approx([r.resid**2 / v for r, v in zip(rstandard(fit), V, strict=True)])


def test_the_last_cumulative_step_is_the_pool():
    fit = rma_uni(Y, V, test="adhoc")
    steps = cumul(fit, order=[8, 7, 6, 5, 4, 3, 2, 1])
    assert [s.row for s in steps] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [steps[-1].estimate, steps[-1].ci_low] == pytest.approx([fit.estimate, fit.ci_low])


def test_separate_clusters_give_the_sandwich_by_hand():
    fit = rma_uni(Y, V)
    w = fit.weights / 100.0
    by_hand = np.sqrt(np.sum((w * (Y - fit.estimate)) ** 2))
    assert robust(fit, range(8), adjustment="CR0").coefficients[0].se == pytest.approx(by_hand)
    assert robust(fit, range(8)).coefficients[0].se == pytest.approx(by_hand * np.sqrt(8 / 7))


def test_a_cohort_reported_twice_is_not_two_cohorts():
    twice = rma_uni(np.repeat(Y, 2), np.repeat(V, 2), method="FE")
    once, found = robust(rma_uni(Y, V, method="FE"), range(8)), robust(twice, np.repeat(range(8), 2))
    assert found.clusters == 8
    assert found.coefficients[0].se == pytest.approx(once.coefficients[0].se)


def test_a_common_tau2_gives_the_means_of_the_groups():
    labels = ["a", "a", "b", "b", "a", "c", "c", "b"]
    found = subgroups(Y, V, labels, common_tau2=True)
    assert [c.name for c in found.estimates] == ["a", "b", "c"]
    w = 1.0 / (V + found.model.tau2)
    member = np.array(labels) == "b"
    assert found.estimates[1].estimate == pytest.approx(np.average(Y[member], weights=w[member]))
    assert found.df_between == (2, None)
    assert found.q_between == pytest.approx(
        sum((e.estimate / e.se) ** 2 for e in found.estimates) - np.sum(w * Y) ** 2 / w.sum()
    )


def test_one_group_has_nothing_to_compare():
    assert subgroups(Y, V, ["a"] * 8).q_between is None


def test_restricted_likelihoods_are_not_compared():
    with pytest.raises(ValueError, match="use ML"):
        compare_nested(rma_uni(Y, V, mods=np.arange(8.0)), rma_uni(Y, V))


def test_uncorrelated_moderators_inflate_nothing():
    X = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]] * 2, dtype=float)
    assert vif(rma_uni(Y, np.full(8, 0.1), mods=X)) == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(("test", "named"), [("z", "normal"), ("knha", "t(7)"), ("adhoc", "t(7)")])
def test_a_prediction_interval_names_its_distribution(test, named):
    fit = rma_uni(Y, V, test=test)
    assert predict(fit).pi_distribution == named
    assert predict(fit, distribution="t_k_minus_2").pi_distribution == "t(6)"
    assert predict(rma_uni(Y, V, method="FE")).pi_distribution is None


def test_a_fit_of_ten_thousand_rows_finds_the_variance_it_was_made_with():
    rng = np.random.default_rng(5)
    v = rng.uniform(0.01, 0.5, 10_000)
    fit = rma_uni(rng.normal(0.0, np.sqrt(v + 0.1)), v)
    assert fit.tau2 == pytest.approx(0.1, rel=0.1)
