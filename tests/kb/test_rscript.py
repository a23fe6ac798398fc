"""The R script: every number as the same double, every word of others as a quoted string, our results as assertions."""

import re
from dataclasses import replace

import pytest

from kb.evidence.rscript import r_script
from kb.records import Estimate, Share


@pytest.fixture
def pool(make):
    shares = tuple(
        Share(make.effect(name, yi=yi, vi=vi), weight, None)
        for name, yi, vi, weight in (("a", 0.1, 1 / 3, 40.0), ("b", -2.5e-7, 0.2, 60.0))
    )
    return Estimate(
        "msc-after.mrss", "msc-after", "mrss", "MC", "msc", "single-arm", "12 months", "main", "evidence", "DL", "knha",
        90.0, 2, "points", shares, beta=0.04, se=0.35, tau2=0.0, estimate=0.04,
    )  # fmt: skip


def test_data_and_model_stand_in_the_script(pool):
    script = r_script(pool)
    assert 'study = c("a", "b")' in script
    assert "yi = c(0.1, -2.5e-07)" in script
    assert re.search(r'method = "DL",\s+test = "knha", level = 90', script)


@pytest.mark.parametrize("value", [0.1, 1 / 3, -2.5e-7, 1e300])
def test_numbers_are_the_same_double(pool, make, value):
    shares = (Share(make.effect("a", yi=value), 50.0, None), pool.shares[1])
    found = re.search(r"yi = c\(([^,]+),", r_script(replace(pool, shares=shares)))
    assert float(found[1]) == value


def test_our_results_are_asserted(pool):
    asserted = re.findall(r"stopifnot\(isTRUE\(all\.equal\((.+?), (\S+), tolerance", r_script(pool))
    assert asserted == [
        ("c(fit$beta)", "0.04"), ("fit$se", "0.35"), ("fit$tau2", "0.0"),
        ("weights(fit)[[1]]", "40.0"), ("weights(fit)[[2]]", "60.0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "call"),
    [("PLO", "transf = transf.ilogit)"), ("HR", "transf = exp)"), ("MC", "predict(fit))"),
     ("PFT", "transf = transf.ipft.hm, targs = list(ni = dat$ni))")],
)  # fmt: skip
def test_results_come_back_to_the_readers_scale(pool, measure, call):
    assert call in r_script(replace(pool, measure=measure))


@pytest.mark.parametrize("words", ['"); system("true"); ("', "back\\slash", 'a\n"b"', "a\r\nsystem('true') # b"])
def test_words_of_others_cannot_become_code(pool, make, words):
    effect = make.effect("a", study=words, arm=words, derived=words)
    shares = (*pool.shares, Share(replace(effect, study=words, arm=words), None, words))
    named = replace(pool, shares=shares, assumptions=words)
    lines = r_script(named).splitlines()
    outside = [re.sub(r'"(?:[^"\\]|\\.)*"', "", line) for line in lines if not line.startswith("#")]
    assert [line for line in outside if "system" in line or '"' in line] == []


def test_one_study_is_its_own_numbers(pool, make):
    effect = make.effect("a", yi=-2.5, vi=0.2, measure="PLO", scale="percent", ni=41)
    effect = replace(effect, estimate=100 * 38 / 41, ci_low=80.07, ci_high=98.46)
    script = r_script(replace(pool, k=1, measure="PLO", scale="percent", shares=(Share(effect, 100.0, None),)))
    assert "binom.test(38, 41)" in script
    assert "rma(" not in script


def test_nothing_pooled_is_said(pool, make):
    shares = (Share(make.effect("a", vi=None), None, "no variance printed"),)
    script = r_script(replace(pool, k=0, beta=None, shares=shares))
    assert "# left out: a, cells: no variance printed" in script
    assert "rma(" not in script
