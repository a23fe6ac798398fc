"""Chunks of a bulk file -> what the writer gets: rows of new documents, and in their order what must be compared."""

from collections.abc import Container, Iterator

from ingest.files.pubmed_bulk import Chunk, documents_in, fingerprint, pmid_of
from ingest.queries import Selection
from ingest.records import Document, Tombstone
from kb.store.bulk.parsed import Again, Entry, Heard, New
from kb.store.bulk.rows import Collected
from kb.store.document_rows import is_retracted, name_of


class Entries:
    """What chunks hold, in order: runs of new documents, and between them deletions and what is stored already."""

    def __init__(self, selection: Selection | None = None) -> None:
        """Nothing is read yet."""
        self.collected = Collected()
        self.kept = 0
        self._selection = selection
        self._closed: list[Entry] = []
        self._after = self.collected.counts()
        self._ids: list[str] = []
        self._heard: list[Heard] = []

    def take(self, chunk: Chunk, known: Container[str] = frozenset()) -> None:
        """One more chunk: of `known` ids the document itself, of others rows. Every deletion comes, selected or not.

        Raises BadPayload where the chunk is broken; what stands before the fault was taken.
        """
        prints = {f"pmid-{pmid}": fingerprint(record) for record in chunk.records if (pmid := pmid_of(record))}
        seen: set[str] = set()
        for one in kept_in(chunk, self._selection):
            if isinstance(one, Tombstone):
                self._add_single(one)
                continue
            name = name_of(one)
            bytes_hash = prints.get(name, b"")
            if name in known or name in seen:
                self._add_single(Again(one, bytes_hash))
            else:
                self._add_new(name, one, bytes_hash)
            seen.add(name)
            self.kept += 1

    def all(self) -> list[Entry]:
        """Everything that was taken."""
        self._close_run()
        return self._closed

    def _add_new(self, name: str, document: Document, bytes_hash: bytes) -> None:
        self.collected.add(name, document, bytes_hash)
        self._ids.append(name)
        if document.notices or is_retracted(document):
            self._heard.append(Heard(name, _heard(document)))

    def _add_single(self, entry: Entry) -> None:
        self._close_run()
        self._closed.append(entry)

    def _close_run(self) -> None:
        if self._ids:
            upto = self.collected.counts()
            self._closed.append(New(tuple(self._ids), self._after, upto, tuple(self._heard)))
            self._after, self._ids, self._heard = upto, [], []


def kept_in(chunk: Chunk, selection: Selection | None) -> Iterator[Document | Tombstone]:
    """What a selection keeps of a chunk, in order. Raises BadPayload where the chunk is broken."""
    for one in documents_in(chunk):
        if isinstance(one, Tombstone) or selection is None or selection.keeps(one):
            yield one


def _heard(document: Document) -> Document:
    return Document(
        document.source, document.kind, publication_types=document.publication_types, notices=document.notices
    )
