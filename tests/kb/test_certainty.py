"""How sure an estimate is: inputs are computed, ratings are people's, each for the numbers it was given for."""

import math
import re
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from kb.cli import cli
from kb.evidence.certainty import DOMAINS, considerations
from kb.evidence.pools import Model, pool
from kb.vocabulary import Comparison

AFTER = Comparison("msc-after", "After cells", "msc", ("single-arm",))
AGAINST = Comparison("hsct-vs-cyc", "HSCT against CYC", "hsct", ("rct",), "cyc", "comparator")
CONTRAST = {"measure": "HR", "scale": "ratio", "intervention_class": "hsct vs cyc", "design": "rct"}


@pytest.fixture
def said(vocabulary, make):
    """The considerations of the pool of some effects, by domain."""

    def ask(effects, comparison=AFTER, **judged):
        studies = {name: make.study(name, risk=tuple(risk), made_from="abstract") for name, risk in judged.items()}
        found = considerations([pool(effects, comparison, "main", Model("REML", "adhoc", 95))], studies, vocabulary)
        return {one.domain: one.said for one in found}

    return ask


def test_every_domain_is_said_and_none_is_rated(said, make):
    words = said([make.effect("a")], a=[("selection", "high"), ("outcome", "low"), ("missing", "low")])
    assert tuple(words) == DOMAINS
    assert words["risk of bias"] == "a: 1 high, 2 low"
    assert words["inconsistency"] == "one study: nothing to compare"
    assert "no control group" in words["indirectness"]
    assert not any(word in " ".join(words.values()) for word in ("moderate", "very low", "downgrade", "serious"))


def test_inconsistency_has_its_numbers(said, make):
    words = said([make.effect(n, yi=y, vi=1.0) for n, y in (("a", -4.0), ("b", -9.0), ("c", -1.0))])["inconsistency"]
    assert words.startswith("k = 3, I² = ")
    assert "prediction interval −" in words
    assert "below 3 studies" in said([make.effect("a"), make.effect("b")])["inconsistency"]


def test_optimal_information_size_is_that_of_guyatt_2011(said, make, vocabulary):
    """(1.96 + 0.84)² · SD² / δ² patients, the SD of a change being √(v · n)."""
    least = vocabulary.by_id("mrss").mcid.value
    sd, n = 8.0, 20
    words = said([make.effect("a", yi=-4.0, vi=sd**2 / n, ni=n)])["imprecision"]
    needed = math.ceil((1.959964 + 0.841621) ** 2 * sd**2 / least**2)
    assert f"optimal information size for a difference of {least:g}: {needed} patients" in words
    assert f"{n} patients" in words


def test_a_ratio_is_held_against_one_and_a_quarter(said, make):
    one = make.effect("a", yi=-0.5, vi=0.04, estimate=0.61, ci_low=0.41, ci_high=0.9, ni=100, **CONTRAST)
    words = said([one], AGAINST)
    assert "excludes 1" in words["imprecision"]
    assert f"{math.ceil(2.801585**2 * 4 / math.log(0.75) ** 2)} patients" in words["imprecision"]
    assert "compared directly" in words["indirectness"]


@pytest.mark.parametrize(("k", "begins"), [(9, "not tested: k = 9"), (10, "Egger's regression: t = ")])
def test_small_studies_are_tested_from_ten_on(said, make, k, begins):
    effects = [make.effect(f"s{i}", yi=-3 - 0.1 * i, vi=0.2 * (i + 1)) for i in range(k)]
    assert said(effects)["small-study effects"].startswith(begins)


# ---------------------------------------------------------------- ratings


@pytest.fixture
def rated(demo, rows):
    """A command on a copy of the demo; gives its result."""

    def rate(*arguments, command="rate"):
        return CliRunner().invoke(cli, [command, str(demo), *arguments])

    rate.one = rows(demo, "select estimate_id from summary_of_findings order by estimate_id limit 1")[0]["estimate_id"]
    rate.row = lambda: rows(demo, "select * from summary_of_findings where estimate_id = ?", rate.one)[0]
    return rate


WORDS = ("--certainty", "very low", "--reason", "one small study without controls", "--by", "Ann Invented")


def test_nothing_is_rated_before_somebody_does(demo, rows):
    found = rows(demo, "select certainty, rating, rated_by, imprecision from summary_of_findings")
    assert {(row["certainty"], row["rating"], row["rated_by"]) for row in found} == {(None, "not rated", None)}
    assert all(row["imprecision"] for row in found)


def test_a_rating_shows_at_once_and_survives_a_rebuild(rated):
    assert rated(rated.one, *WORDS).exit_code == 0
    before = rated.row()
    assert (before["certainty"], before["rating"], before["rated_by"]) == ("very low", "rated", "Ann Invented")
    assert rated(command="build").exit_code == 0
    assert rated.row() == before


def test_the_newest_rating_counts_and_all_are_kept(rated, demo, rows):
    for certainty in ("very low", "low"):
        assert rated(rated.one, "--certainty", certainty, *WORDS[2:]).exit_code == 0
    assert rated.row()["certainty"] == "low"
    assert len(rows(demo, "select * from ratings")) == 2
    assert len(rows(demo.with_name("evidence.reviews.db"), "select * from certainty_ratings")) == 2


@pytest.mark.parametrize("change", ["estimate = estimate + 0.01", "ci_low = null", "k = k + 1"])
def test_a_rating_is_stale_once_the_numbers_changed(rated, demo, change):
    assert rated(rated.one, *WORDS).exit_code == 0
    with closing(sqlite3.connect(demo)) as db, db:
        db.execute(f"update estimates set {change} where id = ?", [rated.one])
    assert (rated.row()["certainty"], rated.row()["rating"]) == ("very low", "stale")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("no-such", *WORDS), 1, "no estimate no-such"),
        (("{one}", *WORDS[:2], "--reason", " ", *WORDS[4:]), 1, "needs a reason"),
        (("{one}", *WORDS[:4], "--by", ""), 1, "name"),
        (("{one}", "--certainty", "good", *WORDS[2:]), 2, ""),
        (("{one}", *WORDS[:4]), 2, ""),
    ],
)
def test_a_rating_needs_an_estimate_a_word_of_grade_a_reason_and_a_name(rated, demo, rows, arguments, code, words):
    result = rated(*(a.format(one=rated.one) for a in arguments))
    assert result.exit_code != 0
    assert result.exit_code == code or words in str(result.exception)
    assert rows(demo, "select * from ratings") == []


def test_the_domains_are_the_columns(demo, rows):
    assert {r["domain"] for r in rows(demo, "select distinct domain from certainty_inputs")} == set(DOMAINS)
    columns = set(rows(demo, "select * from certainty limit 1")[0])
    assert {re.sub("[ -]", "_", domain) for domain in DOMAINS} < columns
