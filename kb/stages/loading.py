"""load: saved files, bulk files and folders of Parquet into documents; what cannot be read leaves the others stored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlite_utils import Database

from ingest.errors import IngestError
from ingest.formats import read_documents
from ingest.records import Document, Tombstone
from kb.stages.bulk import loading as bulk_loading
from kb.stages.bulk import selecting
from kb.stages.bulk.crew import Crew
from kb.stages.cluster import slicing
from kb.stages.topic import topic_of
from kb.stages.turns import in_turn, too_late
from kb.store import documents, history, payloads
from kb.store.parquet.folder import is_folder
from kb.vocabulary import Topic


@dataclass(slots=True)
class Loaded:
    """What loading did: how many documents were new, changed or unchanged, and which files failed, with the reason."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    left_out: int = 0
    failed: dict[str, str] = field(default_factory=dict)


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
