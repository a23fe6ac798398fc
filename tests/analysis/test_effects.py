"""Effect sizes against metafor: every result of the escalc files and the effect sizes of the pooling files."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from analysis.effects.back import harmonic_mean
from analysis.effects.escalc import MEASURES, escalc

REFERENCE = Path(__file__).parents[1] / "reference"
TEXT = {"TRUE": True, "FALSE": False}

# What deliberately is not the number of R 4.2.2 with metafor 3.8-1:
# - the measures in NEWER: the bias of the log means (ROM, ROMC, CVR, CVRC, since 5.0), Bonett's variance (SMDH, SMCRH,
#   since 4.6) and the average risks of RR with vtype AV follow metafor 5.1-12;
# - rows that make R stop (negative counts, totals that do not add up, sizes or times of 0, |r| > 1) and rows with an SD
#   of 0 are dropped with a reason, and the other rows are computed (test_a_bad_row_is_dropped_with_a_reason);
# - UCOR with vtype UB at r = 0, n = 114: see LOOSER.
NEWER = {"ROM", "ROMC", "CVR", "CVRC", "SMDH", "SMCRH", "RR"}
LOOSER = {
    # at r = 0 the variance is 1 / (n - 2) = 0.00892857142857..., which R's series misses by 7e-12
    ("escalc_correlations_molloy2014", "UCOR_UB"): 1e-11,
}


def load(name):
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def call_of(text):
    """The measure, columns and options of one R call, from the text that made the result."""
    inside = re.search(r"escalc\((.*?), data=raw(.*?)\)", text)
    parts = dict(re.findall(r'(\w+)="?([^",]+)"?', inside.group(1) + inside.group(2)))
    options = {k: parts.pop(k) for k in ("to", "drop00", "vtype", "add") if k in parts}
    options = {k: TEXT.get(v, v) for k, v in options.items()}
    if "add" in options:
        options["add"] = float(options["add"])
    return parts.pop("measure"), parts, options


def cases():
    for path in sorted(REFERENCE.glob("escalc_*.json")):
        file = load(path.stem)
        for key, expected in file["results"].items():
            if "yi" in expected:
                yield path.stem, key, file["calls"][key], file.get("differs_in_newer_metafor", {}).get(key, expected)
    for path in sorted(
        [*REFERENCE.glob("rma_uni_*.json"), *REFERENCE.glob("sensitivity_*.json"), *REFERENCE.glob("metareg_*.json")]
    ):
        file = load(path.stem)
        if "escalc" in str(file["setup"]):
            yield path.stem, "effect_sizes", file["setup"][0], file["results"]["effect_sizes"]


CASES = list(cases())


def column(values):
    """One list of numbers out of JSON: null is NaN, a bare number is a list of one."""
    values = values if isinstance(values, list) else [values]
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@pytest.mark.parametrize(("file", "key", "text", "expected"), CASES, ids=[f"{f}-{k}" for f, k, *_ in CASES])
def test_agrees_with_metafor(file, key, text, expected):
    measure, columns, options = call_of(text)
    data = load(file)["data"]
    found = escalc(measure, {name: data[source] for name, source in columns.items()}, **options)
    # 1e-12 relative as the files state; 1e-15 where a difference of two nearly equal numbers is left
    near = {"rtol": LOOSER.get((file, key), 1e-12), "atol": 1e-15}
    np.testing.assert_allclose(found.yi, column(expected["yi"]), **near)
    np.testing.assert_allclose(found.vi, column(expected["vi"]), **near)
    assert [d.row for d in found.dropped] == list(np.flatnonzero(np.isnan(found.yi)) + 1)
    assert all(d.reason for d in found.dropped)


def test_the_grid_did_not_shrink():
    assert len(CASES) == 252
    assert len({call_of(text)[0] for *_, text, _ in CASES}) >= 48


def test_the_newer_metafor_is_followed_where_it_differs():
    files = [load(path.stem) for path in REFERENCE.glob("escalc_*.json")]
    keys = [(file["calls"][key]) for file in files for key in file.get("differs_in_newer_metafor", {})]
    assert {call_of(text)[0] for text in keys} == NEWER


def test_every_measure_is_described():
    for name, row in MEASURES.items():
        assert row.name == name
        assert row.title
        assert row.columns
        assert row.vtypes[0] == "LS"


def back_cases():
    for path in sorted(REFERENCE.glob("escalc_*.json")):
        file = load(path.stem)
        yield from ((path.stem, key) for key, value in file["results"].items() if "pred" in value)


@pytest.mark.parametrize(("file", "key"), list(back_cases()))
def test_back_transformations_agree_with_metafor(file, key):
    reference = load(file)
    row = MEASURES[key.split("_")[0]]
    effects = escalc(row.name, reference["data"])
    weights = pooled_by_dersimonian_laird(effects.yi, effects.vi)
    z = 1.959963984540054
    sizes = [] if row.back_by is None else [harmonic_mean(reference["data"][row.back_by])]
    found = row.back(weights[0] + z * weights[1] * np.array([0, -1, 1]), *sizes)
    expected = [reference["results"][key][part] for part in ("pred", "ci.lb", "ci.ub")]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def pooled_by_dersimonian_laird(y, v):
    """Mean and SE, written out here so that this test leans on nothing but the effect sizes."""
    w = 1 / v
    mean = np.sum(w * y) / np.sum(w)
    tau2 = max(0, (np.sum(w * (y - mean) ** 2) - len(y) + 1) / (np.sum(w) - np.sum(w**2) / np.sum(w)))
    w = 1 / (v + tau2)
    return np.sum(w * y) / np.sum(w), np.sum(w) ** -0.5


STUDY = load("seed_study")
POST = {"1y": (13.95, 8.49), "3y": (13.29, 7.67), "5y": (12.39, 8.49)}


@pytest.mark.parametrize("row", STUDY["results"]["changes"], ids=lambda row: f"{row['time']}-r{row['r']}")
def test_changes_of_the_seed_study_over_every_correlation(row):
    (post, post_sd), n = POST[row["time"]], row["n"]
    baseline_first = {"m1i": [18.68], "sd1i": [7.26], "m2i": [post], "sd2i": [post_sd], "ni": [n]}
    follow_up_first = {"m1i": [post], "sd1i": [post_sd], "m2i": [18.68], "sd2i": [7.26], "ni": [n]}
    for measure, data, key in (
        ("MC", follow_up_first, "MC_followup_minus_baseline"),
        ("SMCR", baseline_first, "SMCR_fall_over_baseline_sd"),
        ("SMCRH", baseline_first, "SMCRH_fall"),
        ("SMCC", baseline_first, "SMCC_fall_over_sd_of_change"),
    ):
        found = escalc(measure, data, ri=row["r"])
        assert found.yi[0] == pytest.approx(row[key]["est"], rel=1e-12)
        # the file's SMCRH is metafor 3.8's, whose variance has the squared small-sample factor that Bonett's has not
        factor = found.yi[0] / escalc(measure, data, ri=row["r"], correct=False).yi[0] if measure == "SMCRH" else 1
        assert np.sqrt(found.vi[0]) * factor == pytest.approx(row[key]["se"], rel=1e-12)
        assert f"ri = {row['r']:g} assumed in every row" in found.notes
