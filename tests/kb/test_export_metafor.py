"""Viechtbauer 2010, J Stat Softw 36(3): every exported script, run in R, gives our estimate to 1e-6."""

import shutil
import subprocess
from contextlib import closing

import numpy as np
import pytest

from analysis.effects.escalc import escalc
from kb.evidence.pools import Model, pool
from kb.export import all_estimates, write_estimates
from kb.export.estimates import write
from kb.store.connection import open_database
from kb.vocabulary import Comparison

RSCRIPT = shutil.which("Rscript") or "false"
METAFOR = subprocess.run([RSCRIPT, "-e", "library(metafor)"], capture_output=True, check=False).returncode == 0
pytestmark = pytest.mark.skipif(not METAFOR, reason="needs R with metafor")

#: Source every script (each stops where its own numbers do not hold); print beta, se and tau2 of each pool.
IN_R = r"""
number <- function(x) format(c(x), digits = 17)
for (script in sort(list.files(".", "[.]R$"))) {
  inside <- new.env()
  sys.source(script, inside)
  if (exists("fit", inside, inherits = FALSE)) {
    fit <- get("fit", inside)
    cat("POOL", sub("[.]R$", "", script), number(fit$beta), number(fit$se), number(fit$tau2), "\n", file = stderr())
  }
}
"""

MODELS = [
    ("FE", "z"), ("DL", "z"), ("HE", "z"), ("HS", "z"), ("HSk", "knha"), ("SJ", "t"), ("ML", "z"), ("REML", "adhoc"),
    ("REML", "knha"), ("EB", "z"), ("PM", "knha"), ("PMM", "adhoc"),
]  # fmt: skip


def in_metafor(folder):
    """Name of a script → (beta, se, tau2) as R has it."""
    run = subprocess.run([RSCRIPT, "-e", IN_R], cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    lines = [line.split()[1:] for line in run.stderr.splitlines() if line.startswith("POOL ")]
    return {name: [float(x) for x in numbers] for name, *numbers in lines}


def assert_reproduced(folder, estimates):
    found = in_metafor(folder)
    assert set(found) == set(estimates)
    for name, estimate in estimates.items():
        ours = [estimate.beta, estimate.se, estimate.tau2]
        np.testing.assert_allclose(found[name], ours, rtol=1e-6, atol=1e-9, err_msg=name)


def test_metafor_gives_every_estimate_of_the_demo(evidence_db, tmp_path):
    with closing(open_database(evidence_db)) as db:
        estimates = all_estimates(db)
    write_estimates(tmp_path, evidence_db, estimates)
    assert_reproduced(tmp_path / "estimates", {e.id: e for e in estimates if e.k > 1})


@pytest.mark.parametrize(
    ("file", "measure", "columns"),
    [
        ("escalc_2x2_bcg", "RR", {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}),
        ("rma_uni_pritz1997_PLO", "PLO", {"xi": "xi", "ni": "ni"}),
        ("rma_uni_normand1999_MD", "MD", {c: c for c in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")}),
    ],
)
def test_metafor_gives_every_model(reference, make, tmp_path, file, measure, columns):
    """Colditz 1994 (BCG), Pritz 1997 and Normand 1999, as metadat has them, by every method and test."""
    data = reference(file)["data"]
    sizes = escalc(measure, {ours: data[theirs] for ours, theirs in columns.items()})
    scale = {"RR": "ratio", "PLO": "percent", "MD": "points"}[measure]
    effects = [
        make.effect(f"{i:02}", yi=float(y), vi=float(v), measure=measure, scale=scale)
        for i, (y, v) in enumerate(zip(sizes.yi, sizes.vi, strict=True))
    ]
    comparison = Comparison("any", "Any", "msc", ("single-arm",))
    estimates = {f"{m}-{t}": pool(effects, comparison, "main", Model(m, t, 95)) for m, t in MODELS}
    for name, estimate in estimates.items():
        write(tmp_path / name, estimate, {})
    assert_reproduced(tmp_path, estimates)
