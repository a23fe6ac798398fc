"""Figures in their studies → verdicts, standings, effects, estimates and reanalyses, as rows."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
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
from kb.records import Effect, Estimate, Figure, Reading, Standing, StudyFacts, Verdict
from kb.store import derived, made_from
from kb.store.derived import Tables
from kb.store.neighbours import registered_enrolments
from kb.store.readings import readings_by_study, said_of, studies_by_id
from kb.store.rows import Row, as_row
from kb.store.weighed import effects_of, speaking_of
from kb.vocabulary import Topic, Vocabulary

#: Packages whose version an estimate names.
PACKAGES = ("evidence-kb", "numpy", "scipy")

#: Verdicts that make a figure doubtful.
DOUBTS = ("doubtful", "impossible")

#: Studies weighed at a time: bounds memory, and nothing else.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Ground:
    """What figures are weighed with: the protocol, what sheets and registries say, what people said (disclosed)."""

    topic: Topic
    vocabulary: Vocabulary
    studies: Mapping[str, StudyFacts]
    registered: Mapping[str, tuple[Registered, ...]]
    decisions: Sequence[Row]


def ground(db: Database, topic: Topic, vocabulary: Vocabulary, decisions: Sequence[Row]) -> Ground:
    """What figures are weighed with now."""
    return Ground(topic, vocabulary, studies_by_id(db), registered_by_study(db), decisions)


def weigh(db: Database, on: Ground, run: str, studies: Sequence[str] | None = None) -> None:
    """Weigh these studies again, and pool what they feed; by default those that have other ground than before."""
    now, before = beside_figures(db, on), made_from.weighings(db)
    other = {name for name in now.keys() | before.keys() if now.get(name) != before.get(name)}
    touched = sorted(other | made_from.moved(db)) if studies is None else sorted(set(studies))
    restated = [name for name in touched if _facts(now, name) != _facts(before, name)]
    outcomes = derived.outcomes_of(db, restated)
    said = said_of(on.decisions)
    for start in range(0, len(touched), BATCH):
        batch = touched[start : start + BATCH]
        outcomes |= derived.replace_weighed(db, batch, of_studies(on, readings_by_study(db, batch, said)), run)
    made_from.save_weighings(db, touched, now)
    pool(db, on, outcomes | derived.outcomes_of(db, restated), run)


def beside_figures(db: Database, on: Ground) -> dict[str, made_from.Weighed]:
    """What each study is weighed with beside its figures, as hashes, where there is something."""
    decided: dict[str, list[object]] = defaultdict(list)
    places = made_from.studies_with(db, (d["section_sha256"] for d in on.decisions))
    for d in on.decisions:
        for study in places.get(d["section_sha256"], ()):
            decided[study].append(sorted(d.items()))
    stated = on.studies.keys() | on.registered.keys()
    facts = {name: _hash(on.studies.get(name), on.registered.get(name)) for name in stated}
    people = {name: _hash(said) for name, said in decided.items()}
    return {name: made_from.Weighed(facts.get(name), people.get(name)) for name in facts.keys() | people.keys()}


def _hash(*said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _facts(weighed: Mapping[str, made_from.Weighed], name: str) -> str | None:
    return weighed[name].facts if name in weighed else None


def of_studies(on: Ground, groups: Mapping[str, list[Reading]]) -> Tables:
    """Every row that follows from these studies' figures alone."""
    readings: dict[str, Reading] = {}
    standings: dict[str, Standing] = {}
    verdicts: dict[str, list[Verdict]] = {}
    for name, group in groups.items():
        study = on.studies.get(name) or StudyFacts(name, cohort=name)
        readings |= {r.id: r for r in group}
        standing, answers = weigh_study(group, study, on.topic, on.vocabulary, on.registered.get(name, ()))
        standings |= standing
        verdicts |= answers
    doubtful = frozenset(f for f, found in verdicts.items() if any(v.verdict in DOUBTS for v in found))
    effects = all_effects(readings, standings, on.studies, on.vocabulary, on.topic, doubtful)
    return {
        "standings": [{**as_row(s), **about(readings[name].figure)} for name, s in standings.items()],
        "verdicts": [{"figure": f, **as_row(v)} for f, found in verdicts.items() for v in found],
        **effect_rows(effects),
        "reanalyses": [asdict(r) for r in all_reanalyses(effects, readings, standings, on.vocabulary, on.topic)],
    }


def about(figure: Figure) -> Row:
    """What a standing's row says of its figure, so that views need not join it."""
    return {"outcome": figure.outcome, "kind": figure.kind}


def pool(db: Database, on: Ground, outcomes: Iterable[str], run: str) -> None:
    """Pool again all that is stored on these outcomes."""
    names = sorted(outcomes)
    derived.clear_estimates(db, names)
    for outcome in names:
        effects = effects_of(db, outcome)
        risky = not_low((e.study for e in effects), on.studies)
        estimates = all_estimates(effects, on.topic, risky=risky)
        readings, standings = speaking_of(db, on.vocabulary.by_id(outcome).name)
        repooled = over_r(estimates, readings, standings, on.studies, on.vocabulary, on.topic)
        inputs = considerations(estimates, on.studies, on.vocabulary)
        rows = {
            **estimate_rows(estimates),
            "estimates_over_r": [asdict(one) for one in repooled],
            "certainty_inputs": [asdict(one) for one in inputs],
        }
        derived.save_all(db, rows, run)


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
    pairs = tuple((among_readers(r), standings[r.id]) for r in group)
    # what people rejected casts no doubt on others
    valid = tuple((r, s) for r, s in pairs if s.basis != "rejected")
    verdicts = {}
    for reading, standing in pairs:
        arm = arms.get(standing.study_arm or "")
        n = largest_n(arm, study) if arm else None
        outcome = vocabulary.named(reading.figure.outcome)
        beside = valid if standing.basis != "rejected" else (*valid, (reading, standing))
        verdicts[reading.id] = judge(Context(reading, standing, outcome, beside, n, study.made_from, registered))
    return standings, verdicts


def among_readers(reading: Reading) -> Reading:
    """A figure that people made is checked beside those of whoever read its text: a sheet's keyer or the machine."""
    if reading.reader != "reviewer":
        return reading
    return replace(reading, reader="sheet" if reading.document.startswith("sheet-") else "machine")


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
