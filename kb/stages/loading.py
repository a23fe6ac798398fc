"""load: saved files, bulk files and folders of Parquet into documents; what cannot be read leaves the others stored."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
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
from kb.store.bulk import indexes
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

    def add(self, counts: Mapping[str, int]) -> None:
        """So many more documents, by what became of them."""
        for state, found in counts.items():
            name = state.replace(" ", "_")
            setattr(self, name, getattr(self, name) + found)


def load(
    db: Database, paths: Iterable[Path], topic: Topic | None = None, say: bulk_loading.Say = bulk_loading.quiet
) -> Loaded:
    """Load saved files; a file that cannot be read leaves the others stored.

    Each wholly or not at all, but for bulk files (see bulk_loading). Of PubMed XML only what belongs to the topic, if
    one is given.
    """
    with history.recorded(db, "load") as run, Crew(bulk_loading.processes()) as crew, indexes.whole(db):
        loading, ordered = _Loading(db, run, crew, topic, say), in_turn(paths)
        if topic is None:
            indexes.put_off(db, bulk_loading.records_in(ordered))
        for path, following in zip_longest(ordered, ordered[1:]):
            run.requested += 1
            try:
                loading.load(path, following)
                run.returned += 1
            except (IngestError, OSError) as error:
                run.failed += 1
                words = str(error) if isinstance(error, IngestError) else f"{path}: {error.strerror}"
                loading.loaded.failed[str(path)] = words
                run.messages.append(words)
    return loading.loaded


@dataclass(slots=True)
class _Loading:
    """One run over some files. ahead: the bulk file that is parsed already while the one before is written."""

    db: Database
    run: history.Run
    crew: Crew
    topic: Topic | None
    say: bulk_loading.Say
    loaded: Loaded = field(default_factory=Loaded)
    ahead: bulk_loading.Bulk | None = None

    def load(self, path: Path, following: Path | None) -> None:
        """Store what a file holds, or a folder. Raises IngestError, OSError, NotOurFolder, NotInstalled."""
        if is_folder(path):
            self._load_folder(path)
        elif bulk_loading.is_bulk(path, any_size=self.topic is not None):
            self._load_bulk(path, following)
        else:
            self._load_file(path)

    def _load_file(self, path: Path) -> None:
        """All of it in one transaction."""
        counts: Counter[str] = Counter()
        with path.open("rb") as stream, self.db.atomic():
            sha256 = payloads.keep_payload(self.db, stream, "file", path.name)
            stream.seek(0)
            for one in parse(stream, path.name):
                counts[save(self.db, one, sha256, self.run)] += 1
            documents.assign_studies(self.db)
        self.loaded.add(counts)

    def _load_bulk(self, path: Path, following: Path | None) -> None:
        """All of it, or what belongs to the topic, in short transactions."""
        one, self.ahead = self.ahead, None
        if one is None or one.path != path:
            one = self._opened(path)
        try:
            bulk_loading.load_bulk(one, self.say, partial(self._prepare, following, one))
        finally:
            self.loaded.add(one.counts)

    def _opened(self, path: Path) -> bulk_loading.Bulk:
        if self.topic is None:
            return bulk_loading.Bulk(self.db, path, self.run, self.crew)
        selection = selecting.selection_of(self.db, self.topic)
        return bulk_loading.Bulk(self.db, path, self.run, self.crew, selection, selecting.rule_of(selection))

    def _prepare(self, path: Path | None, before: bulk_loading.Bulk) -> None:
        """Have the next file parsed while this one is written, unless what is kept of it depends on this one."""
        if path is None or self.topic is not None or is_folder(path):
            return
        # what is wrong with it is said in its turn
        with suppress(IngestError, OSError):
            if bulk_loading.is_bulk(path):
                one = self._opened(path)
                bulk_loading.keep(one)
                # a copy of this file will be done when its turn comes
                if one.payload != before.payload:
                    bulk_loading.parse(one)
                    self.ahead = one

    def _load_folder(self, root: Path) -> None:
        """What belongs to the topic, or else the database's, of a folder that bulk made."""
        selection = selecting.selection_of(self.db, self.topic or topic_of(self.db))
        self.loaded.add(slicing.load_slice(self.db, root, selection, self.run.id, self.say))


def parse(stream: BinaryIO, name: str) -> Iterator[Document | Tombstone]:
    """A payload of any format that we know → its Documents, in order; raises IngestError."""
    return read_documents(stream, name)


def save(db: Database, one: Document | Tombstone, sha256: str, run: history.Run) -> str:
    """Store a document or a deletion; returns new, changed, unchanged or deleted."""
    if isinstance(one, Tombstone):
        documents.bury(db, one, run.id)
        return "deleted"
    return "unchanged" if too_late(db, one) else documents.save_document(db, one, sha256, run.id).state
