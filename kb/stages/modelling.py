"""Weigh again in memory, by a model of the reader's choice: nothing is stored, a read-only connection will do."""

from dataclasses import dataclass

from sqlite_utils import Database

from kb.evidence.effects import all_effects
from kb.evidence.pools import Model, all_estimates
from kb.evidence.risk import not_low
from kb.records import Estimate
from kb.store.readings import studies_by_id
from kb.store.weighed import doubtful_among, speaking_of
from kb.vocabulary import Outcome, Topic, Vocabulary


@dataclass(frozen=True, slots=True)
class Choice:
    """A model of one's own: metafor's names of method and test, level in percent, r between baseline and follow-up."""

    method: str
    test: str
    level: float
    r: float


def default_choice(topic: Topic) -> Choice:
    """What the protocol says."""
    return Choice(topic.method, topic.test, topic.level, topic.assumed_r.value)


def model(db: Database, outcome: Outcome, topic: Topic, vocabulary: Vocabulary, choice: Choice) -> list[Estimate]:
    """Every estimate of an outcome by another model; by the protocol's own it equals what is stored."""
    readings, standings = speaking_of(db, outcome.name)
    doubtful = doubtful_among(db, readings)
    assumed, studies = topic.assuming(choice.r), studies_by_id(db)
    effects = all_effects(readings, standings, studies, vocabulary, assumed, doubtful)
    risky = not_low((e.study for e in effects), studies)
    return all_estimates(effects, assumed, Model(choice.method, choice.test, choice.level), risky)
