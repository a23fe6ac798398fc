"""Can the number be right? Each check with a case that passes and one that does not; the published cases by name."""

import pytest

from kb.checks.context import Context
from kb.checks.figures import CHECKS, judge
from kb.evidence.standing import stand
from kb.records import PValue


@pytest.fixture
def verdicts(make, topic, vocabulary):
    """What the checks say of the last of these readings of one study: check → verdict, and the reasons."""

    def answer(*readings, n=None, made_from=None):
        study = make.study(arms=[make.arm("cells", n)])
        pairs = tuple((r, stand(r, study, vocabulary.named(r.figure.outcome), topic)) for r in readings)
        last, standing = pairs[-1]
        found = judge(Context(last, standing, vocabulary.named(last.figure.outcome), pairs, n, made_from))
        return {v.check: v.verdict for v in found}, {v.check: v.reason for v in found}

    return answer


def mean(make, value, sd, n, at=12, name="a", **more):
    """A mean as printed: its decimals are in its quote."""
    return make.reading(
        name, quote=f"{value} (SD {sd}, n = {n})", value=float(value), sd=float(sd), n=n, at=at, **more
    )  # fmt: skip


def share(make, quote, outcome="adverse events", at=12, name="a", **numbers):
    return make.reading(name, kind="proportion", outcome=outcome, quote=quote, at=at, **numbers)


@pytest.mark.parametrize(
    ("check", "verdict", "given", "n"),
    [
        ("events within n", "passed", {"quote": "38 of 41", "events": 38, "n": 41}, 41),
        ("events within n", "impossible", {"quote": "9 of 8", "events": 9, "n": 8}, None),
        ("percent fits fraction", "passed", {"quote": "92.7% (38/41)", "percent": 92.7, "events": 38, "n": 41}, 41),
        ("percent fits fraction", "impossible", {"quote": "92.4% (38/41)", "percent": 92.4, "events": 38, "n": 41}, 41),
        ("percent fits fraction", "impossible", {"quote": "72.0% of 41", "percent": 72.0, "n": 41}, 41),
        ("percent fits fraction", "passed", {"quote": "72.0% of 25", "percent": 72.0, "n": 25}, 41),
        ("denominators possible", "passed", {"quote": "72.0%", "percent": 72.0}, 41),
        ("denominators possible", "impossible", {"quote": "10.01%", "percent": 10.01}, 79),
        ("value on scale", "impossible", {"quote": "104%", "percent": 104.0}, None),
        ("survivors within treated", "impossible", {"quote": "9 of 42", "events": 9, "n": 42}, 41),
        ("survivors within treated", "passed", {"quote": "9 of 38", "events": 9, "n": 38}, 41),
    ],
)
def test_proportions(make, verdicts, check, verdict, given, n):
    assert verdicts(share(make, **given), n=n)[0][check] == verdict


@pytest.mark.parametrize(
    ("numbers", "grim", "grimmer", "exact"),
    [
        (("18.68", "7.26", 41), "passed", "passed", "passed"),
        # 41 whole numbers have no mean of 18.67
        (("18.67", "7.26", 41), "impossible", "impossible", "impossible"),
        # a sum of squares exists, but no 5 scores on 0–51 spread so far
        (("25.40", "40.00", 5), "passed", "passed", "impossible"),
        # one decimal and 41 patients: nothing can be told
        (("18.7", "7.3", 41), "not applicable", None, None),
    ],
)
def test_brown_heathers_2017_grim_and_anaya_2016_grimmer(make, verdicts, numbers, grim, grimmer, exact):
    found, _ = verdicts(mean(make, *numbers))
    assert (found.get("GRIM"), found.get("GRIMMER"), found.get("exact possibility")) == (grim, grimmer, exact)


def test_no_grim_where_a_patient_s_value_is_not_whole(make, verdicts):
    found, _ = verdicts(mean(make, "1.13", "0.50", 20, outcome="HAQ-DI"))
    assert "GRIM" not in found


@pytest.mark.parametrize(("value", "verdict"), [("50.0", "passed"), ("51.5", "impossible"), ("-1.0", "impossible")])
def test_a_mean_lies_on_its_scale(make, verdicts, value, verdict):
    assert verdicts(make.reading("a", quote=value, value=float(value), n=20))[0]["value on scale"] == verdict


@pytest.mark.parametrize(("value", "verdict"), [("-12.0", "passed"), ("-60.0", "impossible")])
def test_a_change_lies_within_the_width_of_the_scale(make, verdicts, value, verdict):
    reading = make.reading("a", kind="change", quote=value, value=float(value), n=20)
    assert verdicts(reading)[0]["value on scale"] == verdict


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [(41, 38, "passed"), (38, 41, "doubtful"), (41, 41, "passed"), (None, 41, None)]
)
def test_n_never_grows_over_follow_up(make, verdicts, before, after, verdict):
    first = make.reading("first", value=18.68, n=before, at=0)
    assert verdicts(first, make.reading("a", value=13.29, n=after, at=36))[0].get("n never grows") == verdict


@pytest.mark.parametrize(("deaths", "at", "verdict"), [(24, None, "passed"), (19, None, "doubtful"), (19, 12, None)])
def test_survivors_and_deaths_of_one_arm_fit(make, verdicts, deaths, at, verdict):
    died = share(make, f"{deaths} of 79", "death", at=at, name="died", events=deaths, n=79)
    alive = share(make, "55 of 79", "overall survival", at=60, events=55, n=79)
    found, reasons = verdicts(died, alive, n=79)
    assert found.get("survivors and deaths fit") == verdict
    assert verdict is None or reasons["survivors and deaths fit"].startswith("79 − 55 = 24 not alive")


def test_the_fewest_of_several_later_death_counts_decide(make, verdicts):
    counted = [
        share(make, f"{k} of 79", "death", name=f"{k} died", events=k, n=79, at=at) for k, at in ((30, 120), (19, None))
    ]
    alive = share(make, "55 of 79", "overall survival", at=60, events=55, n=79)
    assert verdicts(*counted, alive, n=79)[1]["survivors and deaths fit"].endswith("19 deaths counted in all")


def test_zhang_2017_no_paired_t_test_gives_that_p(make, verdicts):
    after = mean(make, "13.8", "10.2", 14, p_value=PValue("<", 0.001))
    found, reasons = verdicts(mean(make, "20.1", "3.1", 14, at=0, name="before"), after)
    assert found["p within reach of a paired t test"] == "doubtful"
    assert reasons["p within reach of a paired t test"].endswith("p <0.001; a rank test could")


def test_a_p_that_a_paired_t_test_can_reach_passes(make, verdicts):
    after = mean(make, "13.8", "10.2", 14, p_value=PValue("<", 0.05))
    found, _ = verdicts(mean(make, "20.1", "3.1", 14, at=0, name="before"), after)
    assert found["p within reach of a paired t test"] == "passed"


@pytest.mark.parametrize(
    ("text", "verdict"), [("13.95", "passed"), ("13.59", "doubtful"), (None, "not applicable")]
)  # fmt: skip
def test_double_extraction_compares_sheet_and_text(make, verdicts, text, verdict):
    sheet = make.reading("s", value=13.95, quote="13.95", at=12)
    machine = [make.reading("t", "machine", value=float(text), quote=text, at=12)] if text else []
    found, reasons = verdicts(*machine, sheet, made_from="abstract")
    assert found["sheet agrees with text"] == verdict
    assert ("checks the transcription, not the paper" in reasons["sheet agrees with text"]) == (text is not None)


def test_a_quote_that_is_not_there_is_found(make, verdicts):
    reading = make.reading("a", quote="13.95", value=13.95)
    moved = type(reading)(**{**{k: getattr(reading, k) for k in reading.__slots__}, "section_text": "mean 13.95"})
    assert [verdicts(r)[0]["span holds"] for r in (reading, moved)] == ["passed", "impossible"]


def test_every_check_has_its_source_and_its_own_name():
    assert all(check.source for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def checked(rows, path, study, check):
    sql = """select f.outcome, f.months, f.percent, f.events, f.n, f.quote, t.study_arm as arm, v.verdict, v.reason
    from verdicts v join figures f on f.id = v.figure join standings t on t.figure = f.id
    where t.study = ? and v."check" = ? order by f.id"""
    return rows(path, sql, study, check)


def test_the_seed_study_is_possible_as_published(evidence_db, rows, reference):
    """GRIM, GRIMMER and the exact search of integrity_seed_study.json, from the tables of the built database."""
    known = reference("integrity_seed_study")["results"]
    for check, key in (("GRIM", "grim"), ("GRIMMER", "grimmer"), ("exact possibility", "possible_on_scale")):
        found = checked(rows, evidence_db, "alip-2024", check)
        assert len(found) == len(known["mrss"]) == 4
        for one in known["mrss"]:
            (row,) = [r for r in found if one["mean"] in r["quote"]]
            assert (row["verdict"] == "passed") is one[key]
            if check == "GRIM":
                assert row["reason"].startswith(f"{one['possible_totals'][0]}/{one['n']} = ")


def test_the_seed_study_s_percentages_fit(evidence_db, rows, reference):
    known = {(one["percent"], one.get("n")): one for one in reference("integrity_seed_study")["results"]["percent"]}
    (alive,) = checked(rows, evidence_db, "alip-2024", "percent fits fraction")
    assert (alive["verdict"] == "passed") is known["92.7", 41]["consistent"]
    (images,) = checked(rows, evidence_db, "alip-2024", "denominators possible")
    assert images["reason"].endswith("72.0 % with n ≤ 41: 18/25")


INCONSISTENT = {
    "sls1_cyc_1y": ("sls1-2006", "percent fits fraction", "2/79 = 2.532 %, printed 1 %"),
    "astis_trm_review": ("astis-2014", "denominators possible", "no fraction with n ≤ 79 gives 10.01 %"),
    "astis_two_reviews_disagree": ("astis-2014", "survivors and deaths fit", "77 − 40 = 37 not alive, 23 deaths"),
    "astis_hsct_two_reviews": ("astis-2014", "survivors and deaths fit", "79 − 55 = 24 not alive, 19 deaths"),
    "sircar_fvc_sd": ("sircar-2018", "SD possible on scale", "SD 111.23"),
    "zhang_2017_sd_ratio": ("zhang-2017", "p within reach of a paired t test", "p from 0.0055 to"),
}


def test_every_published_inconsistency_is_named_here(reference):
    known = {one["id"] for one in reference("published_inconsistencies")["results"] if one.get("consistent") is False}
    assert known == set(INCONSISTENT)


@pytest.mark.parametrize("case", INCONSISTENT)
def test_a_published_inconsistency_is_flagged_with_its_sum(evidence_db, rows, case):
    study, check, words = INCONSISTENT[case]
    flagged = [
        r["reason"] for r in checked(rows, evidence_db, study, check) if r["verdict"] in ("doubtful", "impossible")
    ]
    assert any(words in reason for reason in flagged)


@pytest.mark.parametrize(
    ("percent", "events"), [(10.1, 8), (52.0, 40), (70.0, 55)]
)  # fmt: skip
def test_what_was_published_rightly_is_not_flagged(evidence_db, rows, percent, events):
    found = checked(rows, evidence_db, "astis-2014", "percent fits fraction")
    assert [r["verdict"] for r in found if (r["percent"], r["events"]) == (percent, events)] == ["passed"]


def test_jordan_2015_a_standard_error_is_not_taken_for_an_sd(evidence_db, rows):
    sql = "select sd, se from evidence where study = 'jordan-2015' and outcome = 'mRSS'"
    assert {(row["sd"], row["se"] is None) for row in rows(evidence_db, sql)} == {(None, False)}


def test_checks_advise_and_remove_nothing(evidence_db, rows):
    """An impossible figure still speaks; it is marked, and so is the effect that it feeds."""
    flagged = rows(evidence_db, "select figure, speaks from evidence where worst_verdict = 'impossible'")
    assert len(flagged) >= 4
    assert {row["speaks"] for row in flagged} == {1}
    fed = rows(
        evidence_db,
        "select distinct x.doubtful from effects x join effect_figures f on f.effect = x.id "
        "join doubtful_figures d on d.figure = f.figure",
    )
    assert fed == [{"doubtful": 1}]
