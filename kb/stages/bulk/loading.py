"""The bulk path of load: parsing processes beside one writer, in short transactions, a few chunks in memory.

crew: cut, compare, parse, hash, make rows -> here: write in the order of the file, commit with the place

A plain file is loaded wholly or not at all. A bulk file holds thousands of records, and nobody may wait for it: each
commit holds some records and how many are done, so whatever ends a run, the next goes on behind them. A broken file
keeps what stands before the fault, is marked as broken with its reason, and counts as failed. The rows are those of
the plain path; a record whose bytes are those of the last time (but for DateRevised) is not even parsed.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from ingest.errors import BadPayload
from ingest.files.pubmed_bulk import SETS, split
from ingest.markup.payload import GZIP, head_of, plain_head
from ingest.markup.xml import root_name
from ingest.queries import Selection
from ingest.records import Tombstone
from kb.stages.bulk.crew import Crew
from kb.stages.cores import cores
from kb.store import documents, payloads
from kb.store.bulk import files as bulk_files
from kb.store.bulk import writing as bulk
from kb.store.bulk.known import known_of
from kb.store.bulk.parsed import Parsed
from kb.store.bulk.rows import Again, DocumentRows, Entry, entries_of, print_of
from kb.store.bulk.worker import Job
from kb.store.document_rows import name_of
from kb.store.history import Run

#: Bytes from which a file takes this path: some 4,000 records, a second of work of the plain path.
BULK_FROM, BULK_FROM_PACKED = 40 << 20, 5 << 20
#: A transaction ends after so many records, or so many seconds: nobody who writes beside us waits longer.
COMMIT_RECORDS, COMMIT_SECONDS = 5000, 3.0

#: Told after each chunk: the file, its bytes that were read, its records that are done.
Say = Callable[[Path, int, int], None]


def quiet(_: Path, __: int, ___: int) -> None:
    """Says nothing."""


@dataclass(slots=True)
class Bulk:
    """One bulk file being loaded: where it goes, how, and what became of its records.

    selection is what is kept of it (None: all), rule its name in the database (empty: all).
    """

    db: Database
    path: Path
    run: Run
    crew: Crew
    selection: Selection | None = None
    rule: str = ""
    payload: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    fault: BadPayload | None = None


def is_bulk(path: Path, *, any_size: bool = False) -> bool:
    """Whether the file takes this path: a set of PubMed records, large unless said. Raises IngestError, OSError."""
    size = path.stat().st_size
    if size < BULK_FROM_PACKED and not any_size:
        return False
    with path.open("rb") as stream:
        head = head_of(stream, path.name)
    if size < (BULK_FROM_PACKED if head.startswith(GZIP) else BULK_FROM) and not any_size:
        return False
    plain = plain_head(head)
    return b"\0" not in plain and root_name(plain, path.name) in SETS


def processes() -> int:
    """How many parse: one for each core, but four are more than the writer can follow."""
    return min(4, cores())


def load_bulk(one: Bulk, say: Say) -> Counter[str]:
    """Load one file, or go on with it; returns how many records are new, changed, unchanged, deleted, left out.

    Raises:
        IngestError: the file is broken; what stands before the fault is stored, and the file is marked.
        WorkerLost: a parsing process died; what was committed is stored.
    """
    with one.db.atomic():
        one.payload = payloads.keep_file(one.db, one.path, "file")
        begun = bulk_files.begin(one.db, one.payload, one.rule, one.run.id)
    if begun is None:
        one.counts["unchanged"] += bulk_files.records_of(one.db, one.payload, one.rule)
        return one.counts
    with bulk_files.tuned(one.db):
        _write_all(one, begun, say)
    with one.db.atomic():
        if one.fault is None:
            bulk_files.finish(one.db, one.payload, one.rule)
        else:
            bulk_files.fail(one.db, one.payload, one.rule, str(one.fault))
        bulk.settle(one.db, one.payload)
    if one.fault is not None:
        raise one.fault
    return one.counts


def _write_all(one: Bulk, begun: int, say: Say) -> None:
    """Chunk after chunk in the order of the file, several in a transaction, up to the fault if there is one."""
    database = Path(one.db.execute("pragma database_list").fetchone()[2])
    chunks = one.crew.read(Job(one.path, database, one.payload, begun, selection=one.selection))
    while (parsed := next(chunks, None)) is not None:
        since, first = time.monotonic(), parsed.first
        with one.db.atomic():
            search = bulk.DeferredSearch(one.db)
            while parsed is not None:
                _write(one, parsed, search)
                say(one.path, parsed.read, parsed.done)
                full = parsed.done - first >= COMMIT_RECORDS or time.monotonic() - since > COMMIT_SECONDS
                parsed = None if full else next(chunks, None)
            search.close()


def _write(one: Bulk, parsed: Parsed, search: bulk.DeferredSearch) -> None:
    """What one chunk holds: runs of new documents at once, what may have changed one after another."""
    # a write first: a transaction that began with a read could not wait for another writer
    bulk_files.advance(one.db, one.payload, one.rule, parsed.first if parsed.fault else parsed.done)
    new: list[DocumentRows] = []
    stored = set(known_of(one.db.conn, [entry.id for entry in parsed.entries if isinstance(entry, DocumentRows)]))
    for entry in parsed.entries:
        if isinstance(entry, DocumentRows) and entry.id not in stored:
            new.append(entry)
            stored.add(entry.id)
        else:
            _write_new(one, new, search)
            search.close()
            _write_single(one, parsed, entry)
    _write_new(one, new, search)
    one.counts["unchanged"] += parsed.unchanged
    one.counts["left out"] += parsed.left_out
    one.fault = parsed.fault


def _write_new(one: Bulk, new: list[DocumentRows], search: bulk.DeferredSearch) -> None:
    if new:
        search.open()
        bulk.save_new(one.db, new, one.run.id)
        one.counts["new"] += len(new)
        new.clear()


def _write_single(one: Bulk, parsed: Parsed, entry: Entry) -> None:
    """A deletion, or a document that is stored already: compared and noted as the plain path does."""
    if isinstance(entry, Tombstone):
        documents.bury(one.db, entry, one.run.id)
        one.counts["deleted"] += 1
        return
    again = entry if isinstance(entry, Again) else _read_again(one, parsed, entry)
    saved = documents.save_document(one.db, again.document, one.payload, one.run.id)
    one.counts[saved.state] += 1
    if again.bytes_hash:
        content = known_of(one.db.conn, [saved.id])[saved.id].content_sha256
        bulk.keep_print(one.db, saved.id, print_of(again.bytes_hash, content))


def _read_again(one: Bulk, parsed: Parsed, entry: DocumentRows) -> Again:
    """The document behind rows that came too late: another program stored it after it was parsed here."""
    with one.path.open("rb") as stream:
        chunk = next(chunk for chunk in split(stream, one.path.name) if chunk.first == parsed.first)
    again = entries_of(chunk, one.payload, frozenset((entry.id,)), one.selection)
    return next(found for found in again if isinstance(found, Again) and name_of(found.document) == entry.id)
