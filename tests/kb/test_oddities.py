"""However odd a figure is, it is judged, weighed and kept: a check marks it, and no build breaks on it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.evidence.effects import all_effects
from kb.evidence.pools import all_estimates
from kb.evidence.reanalysis import all_reanalyses
from kb.records import PValue
from kb.stages.weighing import weigh_study

NUMBERS = st.sampled_from([-3.0, 0.0, 0.5, 7.26, 18.68, 51.0, 60.0, 72.0, 99.99, 100.0, 104.0, 1e6]) | st.none()
COUNTS = st.sampled_from([0, 1, 2, 8, 38, 41, 79]) | st.none()


FIGURES = st.fixed_dictionaries({
    "reader": st.sampled_from(["sheet", "machine", "proposed"]),
    "p_value": st.none() | st.builds(PValue, st.sampled_from("<=>"), st.sampled_from([0.0, 1e-9, 0.00001, 0.04, 1.0])),
    "kind": st.sampled_from(["mean", "median", "proportion", "change", "effect"]),
    "outcome": st.sampled_from(["mRSS", "overall survival", "death", "HAQ-DI", "PAH stable"]),
    "arm": st.sampled_from([None, "cells", "control", "cells vs control", "somebody"]),
    "at": st.sampled_from([None, 0, 12, 60]),
    "estimator": st.sampled_from([None, "kaplan-meier", "unknown", "crude"]),
    "effect_measure": st.sampled_from([None, "HR", "RR", "MD"]),
    **dict.fromkeys(("value", "sd", "se", "ci_low", "ci_high", "percent"), NUMBERS),
    **dict.fromkeys(("n", "events"), COUNTS),
})  # fmt: skip


@pytest.fixture(scope="session")
def line(make, topic, vocabulary):
    """Verdicts, effects, estimates and reanalyses of one study with these figures."""
    arms = [make.arm("cells", 41), make.arm("control", 40, "control", kind="standard-care")]
    study = make.study(design="matched-cohort", arms=arms)

    def run(figures):
        group = [
            make.reading(str(i), quote=" ".join(str(v) for v in figure.values()), **figure)
            for i, figure in enumerate(figures)
        ]
        readings = {r.id: r for r in group}
        standings, verdicts = weigh_study(group, study, topic, vocabulary)
        effects = all_effects(readings, standings, {study.id: study}, vocabulary, topic, frozenset())
        reanalyses = all_reanalyses(effects, readings, standings, vocabulary, topic)
        return verdicts, effects, all_estimates(effects, topic), reanalyses

    return run


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(FIGURES, min_size=1, max_size=6))
def test_no_figure_breaks_the_line(line, figures):
    verdicts, effects, estimates, reanalyses = line(figures)
    assert len(verdicts) == len(figures)
    assert all(e.vi is None or e.vi > 0 for e in effects)
    keys = [(r.study, r.arm, r.outcome, r.window, r.analysis, r.parameter) for r in reanalyses]
    for names in ([e.id for e in effects], [e.id for e in estimates], keys):
        assert len(set(names)) == len(names)
