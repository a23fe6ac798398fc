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

from collections.abc import Iterable, Iterator
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
from kb.stages import matching, reading, weighing
from kb.store import decisions, derived, documents, history, payloads, ratings, studies
from kb.store.rows import fetch
from kb.vocabulary import Topic, Vocabulary, load_topic, vocabulary_of


@dataclass(slots=True)
class Loaded:
    """What loading did: how many documents were new, changed or unchanged, and which files failed, with the reason."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
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


def load(db: Database, paths: Iterable[Path]) -> Loaded:
    """Load saved files, each wholly or not at all; a file that cannot be read leaves the others stored."""
    with history.recorded(db, "load") as run:
        loaded = Loaded()
        for path in paths:
            run.requested += 1
            try:
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


def parse(stream: BinaryIO, name: str) -> Iterator[Document | Tombstone]:
    """A payload of any format that we know → its Documents, in order; raises IngestError."""
    return read_documents(stream, name)


def save(db: Database, one: Document | Tombstone, sha256: str, run: history.Run) -> str:
    """Store a document or a deletion; returns new, changed, unchanged or deleted."""
    if isinstance(one, Tombstone):
        documents.bury(db, one, run.id)
        return "deleted"
    return documents.save_document(db, one, sha256, run.id).state


def count(loaded: Loaded, state: str) -> None:
    """Count one document by what became of it."""
    setattr(loaded, state, getattr(loaded, state) + 1)


def build(db: Database, path: Path) -> None:
    """Make all derived rows again from sections, sheets, vocabulary and disclosed decisions, or none of them."""
    topic = topic_of(db)
    vocabulary = vocabulary_of(topic)
    with history.recorded(db, "build", vocabulary.sha256) as run, db.atomic():
        derived.clear(db)
        matching.match(db)
        read(db, vocabulary, run)
        shown = decisions.disclosed(decisions.decisions_at(path), topic.reviewers_needed)
        decisions.serve_reviews(db, reading.as_reviews(db, shown))
        derived.save_all(db, weighing.weigh(db, topic, vocabulary, shown), run.id)
        ratings.serve_ratings(db, ratings.ratings_at(path))


def read(db: Database, vocabulary: Vocabulary, run: history.Run) -> None:
    """Find the figures of every document whose text or vocabulary changed since it was last read."""
    for batch in reading.unread(db, vocabulary):
        rows = [{**row, "run": run.id} for row in reading.figures_of(db, batch, vocabulary)]
        derived.replace_readings(db, {one.document: one.key for one in batch}, rows)


def topic_of(db: Database) -> Topic:
    """The topic that the database was made for. Raises NothingThere, VocabularyError."""
    rows = fetch(db, "select place from topics")
    if not rows:
        raise NothingThere("this database has no topic; run: evidence-kb init DB")
    return load_topic(rows[0]["place"])
