"""Checks that compare: SDs, intervals, p values, groups, baselines, registries. A case for every verdict."""

from contextlib import closing
from dataclasses import replace

import pytest

from ingest.records import Document, Identifier, RegistryEntry
from kb.checks.context import Context, Registered
from kb.checks.figures import judge
from kb.checks.typed import TypedNumbers, verify_typed
from kb.evidence.standing import stand
from kb.records import PValue, Reading
from kb.stages import building
from kb.store import documents, history, neighbours
from kb.store.connection import open_database


@pytest.fixture
def verdicts(make, topic, vocabulary):
    """What the checks say of the last of these readings of one study: check → verdict, and check → reason."""

    def answer(*readings, arms=(), registered=()):
        study = make.study(arms=[make.arm(name, n) for name, n in arms])
        pairs = tuple((r, stand(r, study, vocabulary.named(r.figure.outcome), topic)) for r in readings)
        last, standing = pairs[-1]
        outcome = vocabulary.named(last.figure.outcome)
        found = judge(Context(last, standing, outcome, pairs, registered=registered))
        return {v.check: v.verdict for v in found}, {v.check: v.reason for v in found}

    return answer


@pytest.fixture
def said(make):
    """A reading whose quote stands in a sentence of ours."""

    def read(quote, before="", after="", name="a", reader="sheet", **figure):
        text = f"{before}{quote}{after}"
        shaped = make.figure(quote=quote, **{"outcome": "mRSS", **figure})
        moved = replace(shaped, start=len(before), end=len(before) + len(quote))
        return Reading(name, moved, "one", "doc", text, reader)

    return read


def mean(said, value, sd, n=None, at=12, name="a", **more):
    size = f", n = {n}" if n else ""
    return said(f"{value} (SD {sd}{size})", value=float(value), sd=float(sd), n=n, at=at, name=name, **more)


def effect(said, quote, value, low, high, p=None, measure="HR", before="", **more):
    numbers = {"value": value, "ci_low": low, "ci_high": high, "effect_measure": measure, "p_value": p}
    return said(quote, before, **{"kind": "effect", "outcome": "overall survival", **numbers, **more})


@pytest.mark.parametrize(
    ("sd", "others", "check", "verdict"),
    [
        # Sircar 2018: 111.23 among SDs of 11 to 14
        ("111.23", ("12.96", "11.28", "13.59"), "SD beside the others", "doubtful"),
        ("12.96", ("11.28", "13.59"), "SD beside the others", "passed"),
        ("2.50", ("11.28", "13.59"), "SD beside the others", "doubtful"),
        ("3.9", ("12.1", "13.0"), "SD, not SE", "doubtful"),
        ("9.9", ("12.1", "13.0"), "SD, not SE", "passed"),
    ],
)
def test_an_sd_beside_the_study_s_other_sds(said, verdicts, sd, others, check, verdict):
    rest = [mean(said, "60.0", one, 30, at=i, name=f"o{i}", outcome="FVC % predicted") for i, one in enumerate(others)]
    found, _ = verdicts(*rest, mean(said, "58.06", sd, 30, at=60, outcome="FVC % predicted"))
    assert found[check] == verdict


def test_jordan_2015_a_standard_error_given_as_sd_is_seen_without_other_sds(said, verdicts, reference):
    (known,) = [r for r in reference("published_inconsistencies")["results"] if r["id"] == "jordan_sem_as_sd"]
    found, reasons = verdicts(mean(said, "26.6", "1.4", 25, at=0))
    assert found["SD, not SE"] == "doubtful"
    assert reasons["SD, not SE"].endswith(f"1.4 × √25 = {known['implied_sd']:g}")


@pytest.mark.parametrize(("sd", "n", "verdict"), [("7.26", 41, "passed"), ("1.4", 5, "not applicable")])
def test_a_usual_sd_or_a_handful_of_patients_raises_no_doubt(said, verdicts, sd, n, verdict):
    assert verdicts(mean(said, "18.68", sd, n, at=0))[0]["SD, not SE"] == verdict


def test_without_a_scale_an_sd_may_fall_with_its_mean(said, verdicts):
    before = mean(said, "909.1", "902.5", 20, at=0, name="b", outcome="angiotensin I")
    found, _ = verdicts(before, mean(said, "61.5", "58.8", 20, outcome="angiotensin I"))
    assert found["SD beside the others"] == "passed"


def test_outcomes_in_a_machine_s_own_words_are_not_compared(said, verdicts):
    before = mean(said, "6.1", "0.9", 20, at=0, name="b", outcome="score of it", reader="machine")
    found, _ = verdicts(before, mean(said, "50.2", "19.0", 20, outcome="score of it", reader="machine"))
    assert "SD beside the others" not in found


def test_alip_2024_the_same_sd_at_two_visits_is_a_note_and_no_doubt(said, verdicts):
    found, reasons = verdicts(mean(said, "13.95", "8.49", 41, name="b"), mean(said, "12.39", "8.49", 38, at=60))
    assert found["SD repeated"] == "passed"
    assert reasons["SD repeated"] == "SD 8.49 again at 12 month (n = 41): possible, worth a look"


@pytest.mark.parametrize(("other", "verdict"), [("13.95", "doubtful"), ("13.96", None)])
def test_mean_and_sd_alike_in_two_arms(said, verdicts, other, verdict):
    first = mean(said, other, "8.49", 20, name="b", arm="cells")
    found, _ = verdicts(first, mean(said, "13.95", "8.49", 20, arm="placebo"), arms=[("cells", 20), ("placebo", 20)])
    assert found.get("mean and SD in two arms") == verdict


def test_heathers_brown_2019_debit(said, verdicts, reference):
    for case in reference("integrity_debit_percent")["results"]["debit"]:
        found, _ = verdicts(mean(said, case["mean"], case["sd"], case["n"], outcome="HRCT improved or stable"))
        assert (found["DEBIT"] == "passed") is case["debit_exact"], case


@pytest.mark.parametrize(
    ("quote", "numbers", "measure", "verdict"),
    [
        ("HR 0.79 (95% CI 0.62 to 1.02)", (0.79, 0.62, 1.02), "HR", "passed"),
        ("HR 0.97 (95% CI 0.62 to 1.02)", (0.97, 0.62, 1.02), "HR", "doubtful"),
        # the middle of the printed limits, not of their logs
        ("RR 1.46 (95% CI 1.05 to 1.87)", (1.46, 1.05, 1.87), "RR", "doubtful"),
        ("MD -3.1 (95% CI -4.5 to -1.7)", (-3.1, -4.5, -1.7), "MD", "passed"),
        ("MD -4.1 (95% CI -4.5 to -1.7)", (-4.1, -4.5, -1.7), "MD", "doubtful"),
        ("MD -4.1 (95% CrI -4.5 to -1.7)", (-4.1, -4.5, -1.7), "MD", "not applicable"),
        ("MD -4.1 (-4.5 to -1.7)", (-4.1, -4.5, -1.7), "MD", "not applicable"),
        ("OR 5.29 (95% CI 1.22 to 19.3)", (5.29, 1.22, 19.3), "OR", "passed"),
        ("OR 9.29 (95% CI 1.22 to 19.3)", (9.29, 1.22, 19.3), "OR", "not applicable"),
        ("SMR 2.742 (95% CI 2.224-3.38091)", (2.742, 2.224, 3.38091), "SMR", "passed"),
    ],
)
def test_an_estimate_in_the_middle_of_its_interval(said, verdicts, quote, numbers, measure, verdict):
    found, _ = verdicts(effect(said, quote, *numbers, measure=measure, outcome="mRSS"))
    assert found["interval centred"] == verdict


def test_lee_2023_uneven_decimals_are_a_note(said, verdicts):
    one = effect(said, "SMR 2.742 (2.224-3.38091)", 2.742, 2.224, 3.38091, measure="SMR")
    found, _ = verdicts(one)
    assert found["decimals of the interval"] == "passed"
    assert not {"doubtful", "impossible"} & set(found.values())


@pytest.mark.parametrize(
    ("kind", "quote", "keys", "order", "within"),
    [
        ("effect", "1.2 (0.9 to 1.6)", {"value": 1.2, "ci_low": 0.9, "ci_high": 1.6}, "passed", "passed"),
        ("effect", "1.7 (0.9 to 1.6)", {"value": 1.7, "ci_low": 0.9, "ci_high": 1.6}, "passed", "impossible"),
        ("effect", "1.65 (0.9 to 1.6)", {"value": 1.65, "ci_low": 0.9, "ci_high": 1.6}, "passed", "passed"),
        ("effect", "1.2 (1.6 to 0.9)", {"value": 1.2, "ci_low": 1.6, "ci_high": 0.9}, "impossible", "passed"),
        ("change", "-2.0 (-0.9 to -3.1)", {"value": -2.0, "ci_low": -0.9, "ci_high": -3.1}, "passed", "passed"),
        # a fall without its sign, as it is often printed
        ("change", "2.0 (0.9 to 3.1)", {"value": -2.0, "ci_low": 0.9, "ci_high": 3.1}, "passed", "passed"),
        ("median", "12 (IQR 13 to 20)", {"value": 12.0, "iqr_low": 13.0, "iqr_high": 20.0}, "passed", "impossible"),
        ("mean", "21 (IQR 13 to 20)", {"value": 21.0, "iqr_low": 13.0, "iqr_high": 20.0}, "passed", None),
        ("proportion", "28.1% (21.3-35.5)", {"percent": 28.1, "ci_low": 21.3, "ci_high": 35.5}, "passed", "passed"),
        ("proportion", "52.9% (17.6-44.0)", {"percent": 52.9, "ci_low": 17.6, "ci_high": 44.0}, "passed", "impossible"),
    ],
)
def test_limits_in_order_and_the_estimate_between_them(said, verdicts, kind, quote, keys, order, within):
    found, _ = verdicts(said(quote, kind=kind, outcome="clinical score", **keys))
    assert (found["limits in order"], found.get("estimate within interval")) == (order, within)


@pytest.mark.parametrize(
    ("level", "answer"), [(95.0, "passed"), (99.9, "passed"), (0.0, "impossible"), (100.0, "impossible")]
)
def test_the_level_of_an_interval_is_one(said, verdicts, level, answer):
    found, _ = verdicts(said("1.2 (0.9 to 1.6)", kind="effect", value=1.2, ci_low=0.9, ci_high=1.6, ci_level=level))
    assert found["level of the interval"] == answer


def test_an_interval_of_a_difference_is_not_that_of_a_share(said, verdicts):
    text = "Response came in 83.7% and 52.9% (95% CI 17.6-44.0)."
    first = said("83.7%", "Response came in ", text[22:], name="b", kind="proportion", arm="cells", percent=83.7,
                 outcome="response")  # fmt: skip
    second = said("52.9% (95% CI 17.6-44.0)", text[:27], ".", kind="proportion", arm="placebo", percent=52.9,
                  ci_low=17.6, ci_high=44.0, outcome="response")  # fmt: skip
    assert verdicts(second)[0]["estimate within interval"] == "impossible"
    assert verdicts(first, second)[0]["estimate within interval"] == "not applicable"


@pytest.mark.parametrize(
    ("quote", "numbers", "p", "verdict"),
    [
        ("HR 0.79 (95% CI 0.62-1.02), p=0.058", (0.79, 0.62, 1.02), PValue("=", 0.058), "passed"),
        ("HR 0.79 (95% CI 0.62-1.02), p=0.003", (0.79, 0.62, 1.02), PValue("=", 0.003), "doubtful"),
        ("HR 1.93 (95% CI 1.70-2.17), p=0.005", (1.93, 1.70, 2.17), PValue("=", 0.005), "doubtful"),
        ("HR 1.24 (95% CI 0.82-1.87), p=0.156", (1.24, 0.82, 1.87), PValue("=", 0.156), "passed"),
    ],
)
def test_altman_bland_2011_p_from_an_interval(said, verdicts, quote, numbers, p, verdict):
    assert verdicts(effect(said, quote, *numbers, p))[0]["p fits interval"] == verdict


@pytest.mark.parametrize(
    ("p", "words", "verdict"),
    [
        (PValue("=", 0.008), "", "passed"),
        (PValue("=", 0.04), "", "doubtful"),
        (PValue("<", 0.001), "", "doubtful"),
        (PValue("<", 0.001), "Adjusted for centre, ", "not applicable"),
    ],
)
def test_two_arms_means_against_their_p(said, verdicts, p, words, verdict):
    """The numbers of summary_t_tests.json: Welch's p is 0.00824, the pooled one 0.00820."""
    text = f"{words}the skin score was 18.68 (SD 7.26, n = 41) and 13.95 (SD 8.49, n = 41)."
    pair = [
        said(quote, text[: text.index(quote)], text[text.index(quote) + len(quote) :], name=arm, arm=arm, n=41,
             value=value, sd=sd, p_value=p, at=12)
        for quote, arm, value, sd in (
            ("18.68 (SD 7.26, n = 41)", "placebo", 18.68, 7.26), ("13.95 (SD 8.49, n = 41)", "cells", 13.95, 8.49),
        )
    ]  # fmt: skip
    assert verdicts(*pair, arms=[("cells", 41), ("placebo", 41)])[0]["p fits two means"] == verdict


@pytest.mark.parametrize(
    ("p", "verdict"), [(PValue("=", 0.04), "passed"), (PValue("<", 0.001), "doubtful"), (PValue("=", 0.2), "doubtful")]
)
def test_two_fractions_against_their_p(said, verdicts, p, verdict):
    """40/159 and 27/170: Pearson 0.037, Yates 0.051."""
    text = "Infections came in 40/159 and 27/170 patients."
    pair = [
        said(f"{k}/{n}", text[: text.index(f"{k}/{n}")], text[text.index(f"{k}/{n}") + len(f"{k}/{n}") :], name=arm,
             arm=arm, kind="proportion", outcome="infection", events=k, n=n, p_value=p)
        for k, n, arm in ((40, 159, "cells"), (27, 170, "placebo"))
    ]  # fmt: skip
    found, reasons = verdicts(*pair)
    assert found["p fits two fractions"] == verdict
    assert reasons["p fits two fractions"].startswith("27/170 against 40/159, chi-squared and Fisher: p from 0.037")


def test_nuijten_2016_a_p_beside_its_statistic(said, verdicts, reference):
    for case in reference("p_recompute")["results"]:
        frees = ", ".join(f"{df}" for df in (case["df"], case["df2"]) if df)
        kind = {"chi2": "χ2"}.get(case["type"], case["type"])
        words = f"{kind}{f'({frees})' if frees else ''} = {case['stat']}, p {case['p']}"
        p = PValue(case["p"][0], float(case["p"][1:]))
        fall = said("4.20", "The score fell by ", f" ({words}).", kind="change", value=-4.2, p_value=p)
        found, reasons = verdicts(fall)
        assert (found["p fits its statistic"] == "passed") is case["consistent"], case
        assert ("other side of 0.05" in reasons["p fits its statistic"]) is case["decision_error"], case


@pytest.mark.parametrize(
    ("placebo_p", "before", "verdict"),
    [
        (None, "", "doubtful"),
        (PValue("<", 0.001), "", "not applicable"),
        (None, "With imputed scores: ", "not applicable"),
    ],
)
def test_zhang_2017_only_a_p_against_baseline_is_held_to_the_paired_test(said, verdicts, placebo_p, before, verdict):
    first = mean(said, "20.1", "3.1", 14, at=0, name="b", arm="cells")
    p, quote = PValue("<", 0.001), "13.8 (SD 10.2, n = 14)"
    keys = {"value": 13.8, "sd": 10.2, "n": 14, "at": 12}
    after = said(quote, before, arm="cells", p_value=p, **keys)
    other = said(quote, before, name="o", arm="placebo", p_value=placebo_p, **keys)
    found, _ = verdicts(first, other, after, arms=[("cells", 14), ("placebo", 14)])
    assert found["p within reach of a paired t test"] == verdict


def test_every_consistent_published_case_is_named_here(reference):
    known = {one["id"] for one in reference("published_inconsistencies")["results"] if one.get("consistent")}
    assert known == set(CONTROLS)


CONTROLS = {
    "astis_trm_review_2": (
        "8 (10.1%) of 79",
        {"kind": "proportion", "outcome": "death", "events": 8, "n": 79, "percent": 10.1},
    ),
    "astis_cyc_5y_survival": (
        "52% (40 patients) of 77",
        {"kind": "proportion", "outcome": "overall survival", "at": 60, "events": 40, "n": 77, "percent": 52.0},
    ),
    "lee_2023_ci_digits": (
        "SMR 2.742 (2.224-3.38091)",
        {"kind": "effect", "outcome": "death", "effect_measure": "SMR", "value": 2.742, "ci_low": 2.224,
         "ci_high": 3.38091},
    ),
    "alip_hrct_denominator": ("72.0%", {"kind": "proportion", "outcome": "HRCT improved or stable", "percent": 72.0}),
    "alip_sd_repeats": ("12.39 (SD 8.49, n = 38)", {"at": 60, "value": 12.39, "sd": 8.49, "n": 38}),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTROLS)
def test_a_consistent_published_case_raises_no_doubt(said, verdicts, case):
    quote, keys = CONTROLS[case]
    found, _ = verdicts(mean(said, "13.95", "8.49", 41, name="b"), said(quote, **keys))
    assert not {"doubtful", "impossible"} & set(found.values())
    assert len(found) > 1


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (("18.68", "7.26", 41), ("18.68", "7.26", 41), "passed"),
        (("18.68", "7.26", 41), ("19.20", "7.26", 41), "doubtful"),
        (("18.68", "7.26", 41), ("19.20", "7.26", 38), "not applicable"),
    ],
)
def test_one_paper_has_one_baseline(said, verdicts, first, second, verdict):
    found, _ = verdicts(mean(said, *first, at=0, name="b"), mean(said, *second, at=0))
    assert found["one baseline"] == verdict


@pytest.mark.parametrize(
    ("enrolment", "kind", "verdict", "words"),
    [
        (20, "ESTIMATED", "doubtful", "41 patients here, 20 planned in NCT00962923"),
        (41, "ACTUAL", "passed", "41 patients here, 41 enrolled in NCT00962923"),
    ],
)
def test_alip_2024_more_patients_than_the_registry_planned(said, verdicts, enrolment, kind, verdict, words):
    entry = Registered("NCT00962923", enrolment, kind)
    found, reasons = verdicts(mean(said, "18.68", "7.26", 41, at=0), registered=(entry,))
    assert (found["registered enrolment"], reasons["registered enrolment"]) == (verdict, words)


@pytest.mark.parametrize(
    ("planned", "verdict"),
    [
        ("primary: Modified Rodnan skin score (12 months)", "passed"),
        ("primary: lung function", "not applicable"),
        (None, None),
    ],
)
def test_a_registry_entry_names_the_outcome_or_cannot_tell(said, verdicts, planned, verdict):
    entry = Registered("NCT00962923", 60, "ACTUAL", (planned,) if planned else ())
    assert verdicts(mean(said, "13.95", "8.49", 41), registered=(entry,))[0].get("registered outcome") == verdict


def test_a_fetched_registry_entry_is_held_against_its_study(demo, rows):
    """The sheet keys the registration; nothing is said before the entry is here, and 41 against 20 after it."""
    sql = """select distinct t.study, v.verdict, v.reason from verdicts v join standings t on t.figure = v.figure
    where v."check" = 'registered enrolment' and v.verdict = 'doubtful'"""
    assert rows(demo, sql) == []
    entry = Document(
        "clinicaltrials", "registry", "Invented", identifiers=(Identifier("nct", "NCT00962923"),),
        registry=RegistryEntry(enrolment=20, enrolment_kind="ESTIMATED"),
    )  # fmt: skip
    with closing(open_database(demo)) as db:
        with history.recorded(db, "pull") as run, db.atomic():
            payload = rows(demo, "select sha256 from payloads limit 1")[0]["sha256"]
            saved = documents.save_document(db, entry, payload, run.id)
            neighbours.save_registry_entry(db, saved.id, entry.registry, run.id)
        building.build(db, demo)
    found = rows(demo, sql)
    assert {row["study"] for row in found} == {"alip-2024"}  # Zhang 2017 keys the same number and treated 14
    assert "41 patients here, 20 planned in NCT00962923" in {row["reason"] for row in found}


@pytest.mark.parametrize("word", ["Least-squares means", "Means with imputed scores", "Adjusted means"])
def test_no_grim_for_a_mean_that_comes_from_a_model(said, verdicts, word):
    one = said("18.67 (SD 7.26, n = 41)", f"{word} were ", value=18.67, sd=7.26, n=41, at=12)
    found, _ = verdicts(one)
    assert found["GRIM"] == "not applicable"
    assert not {"GRIMMER", "exact possibility"} & set(found)


@pytest.mark.parametrize(
    ("quote", "verdict"),
    [("50.0% (n = 61)", "not applicable"), ("50.0% of 61", "impossible"), ("50.0% (n = 62)", "passed")],
)
def test_an_n_in_brackets_may_be_the_patients_counted(said, verdicts, quote, verdict):
    n = int(quote[-3:-1] if quote.endswith(")") else quote[-2:])
    found, _ = verdicts(said(quote, kind="proportion", outcome="death", percent=50.0, n=n))
    assert found["percent fits fraction"] == verdict


@pytest.mark.parametrize(
    ("typed", "check", "verdict"),
    [
        ({"mean": "0.73", "sd": "0.44", "n": 52, "scale": "0:1"}, "DEBIT", "impossible"),
        ({"mean": "0.97", "sd": "0.17", "n": 35, "scale": "0:1"}, "DEBIT", "passed"),
        ({"mean": "58.06", "sd": "111.23", "n": 30, "scale": "0:150"}, "SD possible on scale", "impossible"),
        ({"mean": "60.00", "sd": "3.00", "n": 10, "scale": "0:51"}, "value on scale", "impossible"),
        ({"pre": "20.1,3.1", "post": "13.8,10.2", "n": 14, "p_value": "<0.001"}, "SD, not SE", "doubtful"),
        ({"pre": "18.68,7.26", "post": "13.95,8.49", "n": 41}, "SD beside the others", "passed"),
        ({"pre": "59.25,12.96", "post": "58.06,111.23", "n": 30}, "SD beside the others", "doubtful"),
    ],
)
def test_verify_asks_the_same_of_typed_numbers(typed, check, verdict):
    found = {one["check"]: one["verdict"] for one in verify_typed(TypedNumbers(**typed))["checks"]}
    assert found[check] == verdict
