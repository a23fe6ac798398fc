"""build: sections to figures to estimates, in one transaction; what has the same ground as before stays as it is."""

from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from kb.stages import anchoring, anew, deciding, matching, reading, screening, weighing
from kb.stages.readers import Readers
from kb.stages.topic import topic_of
from kb.store import decisions, derived, drift, history, made_from, ratings
from kb.store.bulk import indexes
from kb.vocabulary import Topic, Vocabulary, vocabulary_of

#: Documents read and written at a time: bounds memory, and nothing else.
BATCH = 500


def build(db: Database, path: Path) -> None:
    """Bring all derived rows up to date with sections, sheets, vocabulary and disclosed decisions, or none of them.

    What has the same ground as before stays as it is; the rows are those that a build from nothing gives.
    """
    # a load that was killed may have left some out
    indexes.make(db)
    with history.recorded(db, "build") as run, db.atomic():
        derive(db, path, run)


def derive(db: Database, path: Path, run: history.Run) -> None:
    """What build does, as a part of any run, in the caller's transaction."""
    made_from.take_turn(db)
    topic = topic_of(db)
    vocabulary = vocabulary_of(topic)
    run.vocabulary_sha256 = vocabulary.sha256
    anew.begin(db, topic, vocabulary)
    matching.match(db)
    read(db, vocabulary, run)
    weighing.weigh(db, serve(db, path, topic, vocabulary, run), run.id)
    ratings.serve_ratings(db, ratings.ratings_at(path))
    screening.gather(db, path, topic, run.id)


def rebuild(db: Database, path: Path, studies: Sequence[str]) -> None:
    """Weigh these studies again, and pool what they feed: what a decision on one of their figures asks for."""
    topic = topic_of(db)
    vocabulary = vocabulary_of(topic)
    with history.recorded(db, "build", vocabulary.sha256) as run, db.atomic():
        made_from.take_turn(db)
        weighing.weigh(db, serve(db, path, topic, vocabulary, run), run.id, studies)


def read(db: Database, vocabulary: Vocabulary, run: history.Run) -> None:
    """Find the figures of every document whose text or vocabulary changed since it was last read."""
    found = reading.unread(db, vocabulary)
    with Readers(vocabulary, len(found)) as readers:
        for batch in (found[start : start + BATCH] for start in range(0, len(found), BATCH)):
            rows = reading.figures_of(db, batch, vocabulary, readers.read)
            anchoring.note_drifted(db, rows, run.id)
            derived.replace_readings(db, reading.as_readings(batch, vocabulary), [{**r, "run": run.id} for r in rows])


def serve(db: Database, path: Path, topic: Topic, vocabulary: Vocabulary, run: history.Run) -> weighing.Ground:
    """Show the decisions that may be seen and the figures they made; returns what figures are weighed with now."""
    said = decisions.decisions_at(path)
    standing = anchoring.as_they_stand(db, said)
    heard = deciding.hear(db, path, standing, topic.reviewers_needed, run.id)
    decisions.serve_reviews(db, reading.as_reviews(db, heard.shown))
    anchoring.tell_moved(db, said, standing, run.id)
    drift.serve_set_aside(db, drift.drift_decisions_at(path))
    return weighing.ground(db, topic, vocabulary, heard.voices)
