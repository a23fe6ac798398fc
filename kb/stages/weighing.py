"""Figures in their studies → verdicts, standings, effects, estimates and reanalyses, as rows."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from sqlite_utils import Database

from kb.checks.context import Context, Registered
from kb.checks.figures import judge
from kb.evidence.certainty import considerations
from kb.evidence.effects import all_effects
from kb.evidence.over_r import over_r
from kb.evidence.pools import all_estimates
from kb.evidence.reanalysis import all_reanalyses
from kb.evidence.risk import not_low
from kb.evidence.speaking import choose, settle
from kb.evidence.standing import largest_n, stand
from kb.records import Effect, Estimate, Reading, Standing, StudyFacts, Verdict
from kb.store.neighbours import registered_enrolments
from kb.store.readings import readings_by_study, studies_by_id
from kb.store.rows import Row
from kb.vocabulary import Topic, Vocabulary

#: Packages whose version an estimate names.
PACKAGES = ("evidence-kb", "numpy", "scipy")

#: Verdicts that make a figure doubtful.
DOUBTS = ("doubtful", "impossible")

Tables = dict[str, Sequence[Row]]


def weigh(db: Database, topic: Topic, vocabulary: Vocabulary, decisions: Sequence[Row]) -> Tables:
    """Every derived row that follows from the stored figures and the disclosed decisions."""
    studies = studies_by_id(db)
    registered = registered_by_study(db)
    readings: dict[str, Reading] = {}
    standings: dict[str, Standing] = {}
    verdicts: dict[str, list[Verdict]] = {}
    for name, group in readings_by_study(db, decisions).items():
        study = studies.get(name) or StudyFacts(name, cohort=name)
        readings |= {r.id: r for r in group}
        standing, answers = weigh_study(group, study, topic, vocabulary, registered.get(name, ()))
        standings |= standing
        verdicts |= answers
    doubtful = frozenset(f for f, found in verdicts.items() if any(v.verdict in DOUBTS for v in found))
    effects = all_effects(readings, standings, studies, vocabulary, topic, doubtful)
    estimates = all_estimates(effects, topic, risky=not_low((e.study for e in effects), studies))
    repooled = over_r(estimates, readings, standings, studies, vocabulary, topic)
    return {
        "standings": [asdict(s) for s in standings.values()],
        "verdicts": [{"figure": f, **asdict(v)} for f, found in verdicts.items() for v in found],
        **effect_rows(effects),
        **estimate_rows(estimates),
        "estimates_over_r": [asdict(one) for one in repooled],
        "certainty_inputs": [asdict(one) for one in considerations(estimates, studies, vocabulary)],
        "reanalyses": [asdict(r) for r in all_reanalyses(effects, readings, standings, vocabulary, topic)],
    }


def registered_by_study(db: Database) -> dict[str, tuple[Registered, ...]]:
    """What the registry entries that were fetched say of each study."""
    found: dict[str, tuple[Registered, ...]] = {}
    for row in registered_enrolments(db):
        outcomes = tuple((row["outcomes"] or "").splitlines())
        one = Registered(row["accession"], row["enrolment"], row["enrolment_kind"] or "", outcomes)
        found[row["study"]] = (*found.get(row["study"], ()), one)
    return found


def weigh_study(
    group: list[Reading],
    study: StudyFacts,
    topic: Topic,
    vocabulary: Vocabulary,
    registered: tuple[Registered, ...] = (),
) -> tuple[dict[str, Standing], dict[str, list[Verdict]]]:
    """Standings and verdicts of one study's figures, by figure id."""
    standings = {r.id: stand(r, study, vocabulary.named(r.figure.outcome), topic) for r in group}
    standings = settle(group, standings)
    retracted = frozenset({study.id} if study.retracted else ())
    standings = choose(group, standings, topic, retracted)
    arms = {arm.name: arm for arm in study.arms}
    pairs = tuple((r, standings[r.id]) for r in group)
    verdicts = {}
    for reading, standing in pairs:
        arm = arms.get(standing.study_arm or "")
        n = largest_n(arm, study) if arm else None
        outcome = vocabulary.named(reading.figure.outcome)
        verdicts[reading.id] = judge(Context(reading, standing, outcome, pairs, n, study.made_from, registered))
    return standings, verdicts


def effect_rows(effects: list[Effect]) -> Tables:
    """Rows of effects and of the figures that they were made from."""
    rows = []
    for e in effects:
        row = asdict(e)
        del row["figures"]
        # 0 % and 100 % without a count are infinite on the logit scale
        rows.append({**row, "yi": e.yi if math.isfinite(e.yi) else None})
    return {
        "effects": rows,
        "effect_figures": [{"effect": e.id, "figure": f, "role": role} for e in effects for f, role in e.figures],
    }


def estimate_rows(estimates: list[Estimate]) -> Tables:
    """Rows of estimates and of the place of each effect in them."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows: list[dict[str, Any]] = []
    for e in estimates:
        fields = {name: getattr(e, name) for name in Estimate.__dataclass_fields__ if name != "shares"}
        rows.append({**fields, "versions": versions})
    shares = [
        {"estimate": e.id, "effect": s.effect.id, "weight": s.weight, "left_out": s.left_out}
        for e in estimates
        for s in e.shares
    ]
    return {"estimates": rows, "estimate_effects": shares}
