"""init: the vocabulary, the topic and its curated sheets into the database."""

from io import BytesIO
from pathlib import Path

from sqlite_utils import Database

from ingest.sheets import parse_sheet
from kb.stages.loading import Loaded
from kb.store import documents, history, payloads, studies
from kb.vocabulary import Topic, Vocabulary


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
    loaded.add({saved.state: 1})
    return saved.id
