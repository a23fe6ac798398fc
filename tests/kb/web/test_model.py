"""The model in the address: the protocol's own gives what is stored, another one is weighed again in memory."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlite_utils import Database

from kb.records import Share
from kb.stages.modelling import Choice, default_choice, model
from kb.store.weighed import estimate_of, estimates_of
from kb.web.pages.choices import chosen, selected


@pytest.fixture(scope="module")
def db(site_db):
    with closing(sqlite3.connect(f"file:{site_db}?mode=ro", uri=True)) as connection:
        yield Database(connection)


def content(estimate):
    """All of it; an effect's own window is stored once, while "longest follow-up" borrows the effect of another."""
    shares = {(replace(s.effect, window=""), s.weight, s.left_out) for s in estimate.shares}
    return replace(estimate, shares=()), shares


def test_the_protocols_model_gives_what_is_stored(db, topic, vocabulary):
    for outcome in map(vocabulary.by_id, topic.outcomes):
        stored = {e.id: content(e) for e in estimates_of(db, outcome.id)}
        again = {e.id: content(e) for e in model(db, outcome, topic, vocabulary, default_choice(topic))}
        assert stored == again


@pytest.mark.parametrize("r", [-0.5, 0, 0.3, 0.9])
def test_a_higher_correlation_narrows_the_interval_and_moves_nothing(db, topic, vocabulary, r):
    found = model(db, vocabulary.by_id("mrss"), topic, vocabulary, Choice("REML", "adhoc", 95, r))
    ours = next(e for e in found if e.id == "msc-after.mrss.12-months.mc.main")
    # variance of a change: (sd1² + sd2² - 2 r sd1 sd2) / n
    vi = (7.26**2 + 8.49**2 - 2 * r * 7.26 * 8.49) / 41
    assert ours.estimate == pytest.approx(13.95 - 18.68, abs=1e-9)
    assert ours.shares[0].effect.vi == pytest.approx(vi, rel=1e-9)


def test_the_method_reaches_the_pool(db, topic, vocabulary):
    outcome = vocabulary.by_id("treatment-related-mortality")
    name = "hsct-arms.treatment-related-mortality.12-months.plo.with-secondary"
    pools = {
        method: next(e for e in model(db, outcome, topic, vocabulary, Choice(method, "z", 90, 0.5)) if e.id == name)
        for method in ("FE", "DL", "REML")
    }
    assert pools["FE"].tau2 == 0
    assert pools["REML"].level == 90
    assert pools["REML"].tau2 > 0
    assert len({e.ci_high for e in pools.values()}) > 1


def test_empty_values_mean_the_protocol(topic):
    wish = chosen({"months": "", "method": " ", "r": "", "set": "", "level": "", "test": ""}, topic)
    assert wish.default
    assert (wish.window, wish.set) == (None, "main")


def test_permalink_says_the_whole_model(topic):
    wish = chosen({"months": "12", "r": "0.25"}, topic)
    assert wish.query() == "months=12&method=REML&test=adhoc&r=0.25&set=main&level=95"
    assert chosen(dict(part.split("=") for part in wish.query().split("&")), topic) == wish


def test_a_set_that_changes_nothing_shows_the_main_estimate(db, topic):
    main = [e for e in estimates_of(db, "mrss") if e.id == "msc-after.mrss.60-months.mc.main"]
    wish = replace(chosen({}, topic), set="with-secondary")
    assert selected(main, wish) == main


def test_a_set_without_its_doubtful_figures_is_empty_and_not_the_main_one(db, topic):
    main = estimate_of(db, "msc-after.mrss.60-months.mc.main")
    doubted = replace(main, shares=tuple(Share(replace(s.effect, doubtful=True), s.weight, None) for s in main.shares))
    assert selected([doubted], replace(chosen({}, topic), set="without-doubtful")) == []
