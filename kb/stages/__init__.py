"""The line, from payload to estimate: one short function a stage.

fetch   PubMed, registry, PMC, iCite (pulling, refreshing)   -> payloads, and what has no answer yet
keep    bytes, as they came                                  -> payload
parse   payload                                              -> Document
load    Document                                             -> rows, sections verbatim
read    section + vocabulary, or a sheet's keyed figures     -> figures with their places
check   figure in its study                                  -> verdicts, with the sum shown
weigh   speaking figures                                     -> effects, reanalyses
pool    effects of one class and design, one a cohort        -> estimates
show    kb.web, over the views
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from sqlite_utils import Database

from ingest.errors import IngestError
from ingest.formats import read_documents
from ingest.records import Document, Tombstone
from ingest.sheets import parse_sheet
from kb.errors import NothingThere
from kb.stages import anchoring, anew, deciding, matching, reading, screening, weighing
from kb.stages.bulk import loading as bulk_loading
from kb.stages.bulk import selecting
from kb.stages.bulk.crew import Crew
from kb.stages.cluster import slicing
from kb.stages.turns import in_turn, too_late
from kb.store import decisions, derived, documents, history, made_from, payloads, ratings, studies
from kb.store.parquet.folder import is_folder
from kb.store.rows import fetch
from kb.vocabulary import Topic, Vocabulary, load_topic, vocabulary_of


@dataclass(slots=True)
class Loaded:
    """What loading did: how many documents were new, changed or unchanged, and which files failed, with the reason."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    left_out: int = 0
    failed: dict[str, str] = field(default_factory=dict)


class Sheet:
    """One curated sheet of a topic, read and parsed. Raises BadPayload."""

    def __init__(self, path: Path) -> None:
        """Read it from its file."""
        self.name, self.body = path.name, path.read_bytes()
        self.document = parse_sheet(self.body, self.name)


def init(db: Database, topic: Topic, vocabulary: Vocabulary, place: str) -> Loaded:
    """Bring vocabulary, topic and sheets into the database; a second run changes nothing that has not changed."""
    with history.recorded(db, "init", vocabulary.sha256) as run:
        loaded = Loaded()
        with db.atomic():
            studies.save_outcomes(db, vocabulary.outcomes, topic.outcomes)
            studies.save_topic(db, topic, place)
            sheets = [Sheet(path) for path in sorted((topic.folder / "studies").glob("*.toml"))]
            studies.save_cohorts(db, (sheet.document.study for sheet in sheets if sheet.document.study))
            documents.keep_sheets(db, [load_sheet(db, sheet, run, loaded) for sheet in sheets])
            documents.assign_studies(db)
    return loaded


def load_sheet(db: Database, sheet: Sheet, run: history.Run, loaded: Loaded) -> str:
    """Keep one sheet and store its document and study; returns the document's id."""
    sha256 = payloads.sha256_of(sheet.body)
    if not payloads.seen(db, sha256, sheet.name):
        payloads.keep_payload(db, BytesIO(sheet.body), "sheet", sheet.name)
    saved = documents.save_document(db, sheet.document, sha256, run.id)
    studies.save_study(db, sheet.document, saved.id)
    count(loaded, saved.state)
    return saved.id


def load(
    db: Database, paths: Iterable[Path], topic: Topic | None = None, say: bulk_loading.Say = bulk_loading.quiet
) -> Loaded:
    """Load saved files; a file that cannot be read leaves the others stored.

    Each wholly or not at all, but for bulk files (see bulk_loading). Of PubMed XML only what belongs to the topic, if
    one is given.
    """
    with history.recorded(db, "load") as run, Crew(bulk_loading.processes()) as crew:
        loaded = Loaded()
        for path in in_turn(paths):
            run.requested += 1
            try:
                if is_folder(path):
                    load_folder(db, path, run, loaded)
                elif bulk_loading.is_bulk(path, any_size=topic is not None):
                    load_bulk(bulk_loading.Bulk(db, path, run, crew), topic, say, loaded)
                else:
                    load_file(db, path, run, loaded)
                run.returned += 1
            except (IngestError, OSError) as error:
                run.failed += 1
                loaded.failed[str(path)] = str(error) if isinstance(error, IngestError) else f"{path}: {error.strerror}"
                run.messages.append(loaded.failed[str(path)])
    return loaded


def load_file(db: Database, path: Path, run: history.Run, loaded: Loaded) -> None:
    """Keep and parse one file and store its documents in one transaction."""
    counts = Loaded()
    with path.open("rb") as stream, db.atomic():
        sha256 = payloads.keep_payload(db, stream, "file", path.name)
        stream.seek(0)
        for one in parse(stream, path.name):
            count(counts, save(db, one, sha256, run))
        documents.assign_studies(db)
    for state in ("new", "changed", "unchanged", "deleted"):
        setattr(loaded, state, getattr(loaded, state) + getattr(counts, state))


def load_bulk(one: bulk_loading.Bulk, topic: Topic | None, say: bulk_loading.Say, loaded: Loaded) -> None:
    """Store a bulk file, or what belongs to the topic in it, in short transactions; raises IngestError."""
    if topic is not None:
        one.selection = selecting.selection_of(one.db, topic)
        one.rule = selecting.rule_of(one.selection)
    try:
        bulk_loading.load_bulk(one, say)
    finally:
        for state, found in one.counts.items():
            name = state.replace(" ", "_")
            setattr(loaded, name, getattr(loaded, name) + found)


def load_folder(db: Database, root: Path, run: history.Run, loaded: Loaded) -> None:
    """Store what belongs to the database's topic of a folder that bulk made. Raises NotOurFolder, NotInstalled."""
    counts = slicing.load_slice(db, root, selecting.selection_of(db, topic_of(db)), run.id)
    for state, found in counts.items():
        setattr(loaded, state, getattr(loaded, state) + found)


def parse(stream: BinaryIO, name: str) -> Iterator[Document | Tombstone]:
    """A payload of any format that we know → its Documents, in order; raises IngestError."""
    return read_documents(stream, name)


def save(db: Database, one: Document | Tombstone, sha256: str, run: history.Run) -> str:
    """Store a document or a deletion; returns new, changed, unchanged or deleted."""
    if isinstance(one, Tombstone):
        documents.bury(db, one, run.id)
        return "deleted"
    return "unchanged" if too_late(db, one) else documents.save_document(db, one, sha256, run.id).state


def count(loaded: Loaded, state: str) -> None:
    """Count one document by what became of it."""
    setattr(loaded, state, getattr(loaded, state) + 1)


def build(db: Database, path: Path) -> None:
    """Bring all derived rows up to date with sections, sheets, vocabulary and disclosed decisions, or none of them.

    What has the same ground as before stays as it is; the rows are those that a build from nothing gives.
    """
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
    for batch in reading.unread(db, vocabulary):
        rows = [{**row, "run": run.id} for row in reading.figures_of(db, batch, vocabulary)]
        anchoring.note_drifted(db, rows, run.id)
        derived.replace_readings(db, reading.as_readings(batch, vocabulary), rows)


def serve(db: Database, path: Path, topic: Topic, vocabulary: Vocabulary, run: history.Run) -> weighing.Ground:
    """Show the decisions that may be seen and the figures they made; returns what figures are weighed with now."""
    said = decisions.decisions_at(path)
    standing = anchoring.as_they_stand(db, said)
    heard = deciding.hear(db, path, standing, topic.reviewers_needed, run.id)
    decisions.serve_reviews(db, reading.as_reviews(db, heard.shown))
    anchoring.tell_moved(db, said, standing, run.id)
    return weighing.ground(db, topic, vocabulary, heard.voices)


def has_topic(db: Database) -> bool:
    """Whether the database was made for a topic."""
    return bool(fetch(db, "select 1 from topics"))


def topic_of(db: Database) -> Topic:
    """The topic that the database was made for. Raises NothingThere, VocabularyError."""
    rows = fetch(db, "select place from topics")
    if not rows:
        raise NothingThere("this database has no topic; run: evidence-kb init DB")
    return load_topic(rows[0]["place"])
