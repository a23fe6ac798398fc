"""Numbers and sentences that a reader gets: minus signs, decimals, times in words, no claim beyond the numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.records import BASELINE, Estimate, Figure, PValue, Share, Timepoint
from kb.web.passages import pieces
from kb.web.plots import Labels
from kb.web.sentences import plain
from kb.web.words import interval, months_words, p_words, plural, scaled, spoken, window_words

NB = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "scale", "words"),
    [(-4.73, "points", "−4.73"), (92.68, "percent", f"92.7{NB}%"), (0.38, "ratio", "0.38"), (0.041, "ratio", "0.041"),
     (None, "points", "–"), (0.0, "percent", f"0.0{NB}%"), (-0.001, "points", "−0.001")],
)  # fmt: skip
def test_decimals_follow_the_scale(value, scale, words):
    assert scaled(value, scale) == words


def test_an_interval_names_its_unit_once():
    assert interval(80.07, 98.46, "percent") == f"80.1 to 98.5{NB}%"
    assert interval(None, 1, "points") == "no interval"


@pytest.mark.parametrize(
    ("months", "words"),
    [(0, "baseline"), (1, "1 month"), (6, "6 months"), (12, "1 year"), (18, "1.5 years"), (60, "5 years"),
     (14 / 30.4375, "14 days"), (13, "13 months"), (None, "no time given")],
)  # fmt: skip
def test_times_are_words(months, words):
    assert months_words(months) == words


@pytest.mark.parametrize(
    ("window", "words"),
    [("60 months", "5 years"), ("3 months", "3 months"), ("follow-up", "whole follow-up"), ("baseline", "baseline"),
     ("longest follow-up", "longest follow-up"), (None, "outside all time windows")],
)  # fmt: skip
def test_windows_are_words(window, words):
    assert window_words(window) == words


@pytest.mark.parametrize(
    ("figure", "joined", "words"),
    [
        (Figure("mean", "13.95 ± 8.49", 0, 12, value=13.95, sd=8.49), (41,), "mean 13.95 (SD 8.49), n = 41"),
        (Figure("mean", "20.10 (3.1)", 0, 11, value=20.1, sd=3.1), (), "mean 20.10 (SD 3.1)"),
        (Figure("proportion", "72.0%", 0, 5, percent=72.0), (25, 18), f"18 of 25 (72.0{NB}%)"),
        (Figure("proportion", "5 of 8", 0, 6, events=5, n=8), (), "5 of 8"),
        (Figure("change", "-6 points", 0, 9, value=-6), (), "change −6"),
        (
            Figure("effect", "HR 0.38 (0.18-0.82), P = 0.014", 0, 30, value=0.38, ci_low=0.18, ci_high=0.82,
                   effect_measure="HR", p_value=PValue("=", 0.014), timepoint=Timepoint(5, "year")),
            (), "HR 0.38 (95 % interval 0.18 to 0.82), p = 0.014",
        ),
        (Figure("median", "12 (IQR 9-14)", 0, 13, value=12, iqr_low=9, iqr_high=14, timepoint=BASELINE), (),
         "median 12 (IQR 9 to 14)"),
    ],
)  # fmt: skip
def test_a_figure_is_said_as_it_is_printed(figure, joined, words):
    assert spoken(figure, *joined) == words


def test_p_is_never_zero():
    assert [p_words(p) for p in (1e-9, 0.0123, None)] == ["< 0.001", "0.012", "–"]


def test_counted_nouns_agree():
    found = [plural(1, "study"), plural(3, "study"), plural(1200, "patient")]
    assert found == ["1 study", "3 studies", "1,200 patients"]


def test_studies_are_called_as_their_titles_spell_them():
    labels = Labels({"scot-2018": "SCOT: against cyclophosphamide"}, "")
    names = [labels.study(i) for i in ("scot-2018", "alip-2024", "sls1-2006", "pmid-123")]
    assert names == ["SCOT 2018", "Alip 2024", "SLS1 2006", "PMID 123"]


TITLE = "Stem cells against standard care, trials"


@pytest.fixture
def estimate(make):
    effect = make.effect("a", yi=-4.73, ni=41)
    return Estimate(
        "id", "msc-after", "mrss", "MC", "msc", "single-arm", "12 months", "main", "evidence", "REML", "adhoc", 95, 1,
        "points", (Share(effect, 100.0, None),), estimate=-4.73, ci_low=-7.16, ci_high=-2.30,
    )  # fmt: skip


def test_a_single_study_is_told_as_one_and_as_a_change_after(estimate, vocabulary):
    said = plain(estimate, vocabulary.by_id("mrss"), TITLE)
    assert "In one study (41 patients), the mean modified Rodnan skin score at 1 year was 4.73" in said.meaning
    assert "points lower than at baseline" in said.meaning
    assert "a change after treatment, never the effect of it" in said.meaning
    assert "larger than the smallest change that patients notice (4 points), but the interval reaches" in said.meaning
    assert "single study; nothing was pooled" in said.certainty
    assert "Without a control group" in said.certainty
    assert "unreviewed" in said.certainty


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((-1.0, -2.0, 0.5), "smaller than the smallest change"),
        ((-6.0, -7.0, -5.0), "The whole interval is larger"),
        ((-6.0, -13.0, 1.0), "but the interval reaches below that"),
    ],
)
def test_a_change_is_held_against_what_patients_notice(estimate, vocabulary, numbers, words):
    value, low, high = numbers
    changed = replace(estimate, estimate=value, ci_low=low, ci_high=high)
    assert words in plain(changed, vocabulary.by_id("mrss"), TITLE).meaning


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.18, 0.82, "wholly below 1"), (0.5, 1.5, "either way, or none"), (1.2, 3.0, "wholly above 1")],
)
def test_a_ratio_says_what_its_interval_excludes(estimate, vocabulary, low, high, words):
    ratio = replace(
        estimate, outcome="death", measure="HR", intervention_class="hsct vs cyc", scale="ratio", estimate=0.7,
        ci_low=low, ci_high=high,
    )  # fmt: skip
    said = plain(ratio, vocabulary.by_id("death"), TITLE)
    assert words in said.meaning
    assert "the hazard ratio for death of any cause, stem cells against standard care, at 1 year, was" in said.meaning
    assert "Without a control group" not in said.certainty


def test_no_event_is_not_no_risk(estimate, vocabulary, make):
    none = make.effect("a", ni=41, measure="PLO", scale="percent")
    counted = replace(
        estimate, outcome="death", measure="PLO", scale="percent", estimate=0.0, ci_low=0.0, ci_high=8.6,
        shares=(Share(replace(none, estimate=0.0), 100.0, None),),
    )  # fmt: skip
    said = plain(counted, vocabulary.by_id("death"), TITLE).meaning.replace(NB, " ")
    assert "(0 of 41)" in said
    assert "up to 8.6 % fits these numbers" in said


def test_studies_that_differ_are_said_to(estimate, vocabulary, make):
    shares = tuple(Share(make.effect(name, ni=20), 50.0, None) for name in "ab")
    pooled = replace(estimate, k=2, shares=shares, i2=81.0, q_p=0.02, tau2=1.0)
    said = plain(pooled, vocabulary.by_id("mrss"), TITLE)
    assert "differ much" in said.certainty
    assert "With 2 studies their spread is hardly known" in said.certainty
    assert "2 studies together (40 patients)" in said.meaning


def test_nothing_to_pool_says_why(estimate, vocabulary, make):
    shares = (Share(make.effect("a", vi=None), None, "no variance printed"),)
    empty = replace(estimate, k=0, estimate=None, ci_low=None, ci_high=None, shares=shares)
    assert "Nothing can be pooled" in plain(empty, vocabulary.by_id("mrss"), TITLE).meaning
    assert "no variance printed" in plain(empty, vocabulary.by_id("mrss"), TITLE).meaning


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_a_text_in_pieces_is_the_same_text(text, ends):
    spans = [{"id": str(i), "start": min(e), "end": max(e)} for i, e in enumerate(ends) if max(e) <= len(text)]
    cut = list(pieces(text, "0", spans))
    assert "".join(piece.text for piece in cut) == text
    ours = next((s for s in spans if s["id"] == "0"), None)
    if ours is not None:
        assert "".join(p.text for p in cut if p.here) == text[ours["start"] : ours["end"]]


CHANGED = "correlation of baseline and follow-up not printed: r = 0.5 assumed"


def test_means_of_those_followed_and_the_assumed_correlation_are_said(estimate, vocabulary, make):
    lost = make.effect("a", derived=f"{CHANGED}; mean of the 38 followed (of 41 at baseline)")
    other = make.effect("b", derived=CHANGED)
    alone = replace(estimate, shares=(Share(lost, 100.0, None),))
    both = replace(estimate, k=2, shares=(Share(lost, 50.0, None), Share(other, 50.0, None)), i2=0.0, q_p=0.5)
    one, two = (plain(e, vocabulary.by_id("mrss"), TITLE).meaning for e in (alone, both))
    assert "It is the mean of the 38 followed (of 41 at baseline)." in one
    assert "a: mean of the 38 followed (of 41 at baseline)." in two
    assert two.count("r = 0.5 assumed.") == one.count("r = 0.5 assumed.") == 1


@pytest.mark.parametrize(("level", "said"), [(95, False), (90, True)])
def test_a_single_study_keeps_its_own_interval_and_says_so(estimate, vocabulary, level, said):
    told = plain(replace(estimate, level=level), vocabulary.by_id("mrss"), TITLE)
    assert "95 % interval" in told.meaning.replace(NB, " ")
    assert (f"at 95 % and not at {level} %" in told.certainty) is said
