"""The seed study from the tables of a built database, held to reference/seed_study.json to 1e-8."""

import pytest

SEED = "select * from reanalyses where study = 'alip-2024' and analysis = ?"
CLOSE = {"rel": 1e-8, "abs": 1e-8}
SHARES = [
    ("overall-survival", "38/41"), ("pah-stable", "5/8"), ("hrct-improved-or-stable", "18/25"),
    ("treatment-related-adverse-events", "0/41"),
]  # fmt: skip
METHODS = [("clopper-pearson", "cp"), ("wilson", "wilson"), ("jeffreys", "jeffreys"), ("mid-p", "midp")]
YEARS = {"1y": 12, "3y": 36, "5y": 60}


@pytest.fixture(params=["demo", "seed"])
def built(request):
    """The bundled topic alone, and with the seed study's own page."""
    return request.getfixturevalue("evidence_db" if request.param == "demo" else "seed_db")


@pytest.fixture
def found(built, rows):
    """One row of the seed's reanalyses."""

    def row(analysis, **wanted):
        (one,) = [r for r in rows(built, SEED, analysis) if all(r[k] == v for k, v in wanted.items())]
        return one

    return row


@pytest.mark.parametrize(("outcome", "fraction"), SHARES)
@pytest.mark.parametrize(("method", "column"), METHODS)
def test_intervals_of_the_seed_study(found, reference, outcome, fraction, method, column):
    wanted = reference("seed_study")["results"]["proportions_95"][fraction]
    row = found("interval", outcome=outcome, parameter=method)
    assert row["window"] == "60 months"
    assert row["estimate"] == pytest.approx(100 * wanted["estimate"], **CLOSE)
    assert row["ci_low"] == pytest.approx(100 * wanted[f"{column}_lb"], **CLOSE)
    assert row["ci_high"] == pytest.approx(100 * wanted[f"{column}_ub"], **CLOSE)


@pytest.mark.parametrize(("outcome", "fraction"), SHARES)
def test_the_effect_and_the_estimate_carry_the_exact_interval(built, rows, reference, outcome, fraction):
    wanted = reference("seed_study")["results"]["proportions_95"][fraction]
    low, high = 100 * wanted["cp_lb"], 100 * wanted["cp_ub"]
    sql = "select ci_low, ci_high from {} where outcome = ? and {}"
    (effect,) = rows(built, sql.format("effects", "study = 'alip-2024' and measure = 'PLO'"), outcome)
    (estimate,) = rows(built, sql.format("estimates", "comparison = 'msc-after' and \"set\" = 'main'"), outcome)
    assert effect == estimate == {"ci_low": pytest.approx(low, **CLOSE), "ci_high": pytest.approx(high, **CLOSE)}


def test_change_at_every_correlation(found, reference):
    changes = reference("seed_study")["results"]["changes"]
    assert {c["time"] for c in changes} == set(YEARS)
    for c in changes:
        row = found("correlation", parameter=f"r={c['r']:g}", months=YEARS[c["time"]])
        wanted = (c["MC_followup_minus_baseline"]["est"], c["MC_followup_minus_baseline"]["se"], *c["MC_t_interval"])
        shown = (row["estimate"], row["se"], row["ci_low"], row["ci_high"])
        assert shown == pytest.approx(wanted, **CLOSE), row["parameter"]


def test_the_unreported_correlation_is_a_range_and_not_one_number(built, rows, topic):
    shown = [float(r["parameter"][2:]) for r in rows(built, SEED, "correlation") if r["months"] == 60]
    assert (min(shown), max(shown)) == (topic.assumed_r.low, topic.assumed_r.high)
    assert len(shown) >= 7


@pytest.mark.parametrize("year", ["3y", "5y"])
@pytest.mark.parametrize(
    ("parameter", "key"),
    [
        ("mean_all", "mean_all41_if_3_missing_between_0_and_51"),
        ("change_all", "worst_case_change_all41"),
        ("mean_all_without_change", "mean_all41_if_missing_at_baseline_mean"),
        ("baseline_remaining", "baseline_mean_of_38_survivors_range_only"),
        ("baseline_remaining_given_sd", "baseline_mean_of_38_survivors_given_sd"),
        ("baseline_missing_given_sd", "baseline_mean_of_3_dead_given_sd"),
        ("change_remaining_given_sd", "survivors_change_given_sd"),
    ],
)
def test_attrition_bounds_of_41_to_38(found, reference, parameter, key, year):
    wanted = reference("seed_study")["results"]["attrition_bounds"][key]
    wanted = wanted[year] if isinstance(wanted, dict) else wanted
    low, high = wanted if isinstance(wanted, list) else (wanted, wanted)
    row = found("attrition", parameter=parameter, months=YEARS[year])
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(low, **CLOSE), pytest.approx(high, **CLOSE))


def test_nobody_was_lost_in_the_first_year(built, rows):
    assert 12 not in {row["months"] for row in rows(built, SEED, "attrition")}


def test_the_change_effects_of_the_seed_use_the_assumed_correlation(built, rows, reference):
    at_half = {
        c["time"]: c["MC_followup_minus_baseline"]
        for c in reference("seed_study")["results"]["changes"]
        if c["r"] == 0.5
    }
    sql = "select months, yi, vi, ci_low, ci_high from effects where study = 'alip-2024' and outcome = 'mrss'"
    effects = {row["months"]: row for row in rows(built, sql)}
    for year, months in YEARS.items():
        wanted, effect = at_half[year], effects[months]
        assert effect["yi"] == pytest.approx(wanted["est"], **CLOSE)
        assert effect["vi"] == pytest.approx(wanted["se"] ** 2, **CLOSE)
        assert [effect["ci_low"], effect["ci_high"]] == pytest.approx(wanted["ci95_normal"], **CLOSE)
