"""The bulk path of load: parsing processes beside one writer, in short transactions, a few chunks in memory.

crew: cut, compare, parse, hash, make rows, pack them -> here: copy them in the order of the file, commit with the place

A plain file is loaded wholly or not at all. A bulk file holds thousands of records, and nobody may wait for it: each
commit holds some records and how many are done, so whatever ends a run, the next goes on behind them. A broken file
keeps what stands before the fault, is marked as broken with its reason, and counts as failed. The rows are those of
the plain path; a record whose bytes are those of the last time (but for DateRevised) is not even parsed.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
from kb.stages.turns import too_late
from kb.store import documents, payloads
from kb.store.bulk import files as bulk_files
from kb.store.bulk import writing as bulk
from kb.store.bulk.entries import Entries
from kb.store.bulk.image import places
from kb.store.bulk.known import known_of
from kb.store.bulk.parsed import Again, New, Parsed
from kb.store.bulk.rows import print_of
from kb.store.bulk.worker import TOGETHER, Job
from kb.store.document_rows import name_of
from kb.store.history import Run

#: Bytes from which a file takes this path: some 4,000 records, a second of work of the plain path.
BULK_FROM, BULK_FROM_PACKED = 40 << 20, 5 << 20
#: Bytes of a record in PubMed's files, as they come and unpacked.
PACKED_RECORD, PLAIN_RECORD = 1_700, 10_000
#: A transaction ends after so many records, or so many seconds: nobody who writes beside us waits longer.
COMMIT_RECORDS, COMMIT_SECONDS = 4000, 3.0
#: Told after each chunk: the file, its bytes that were read, its records that are done.
Say = Callable[[Path, int, int], None]


def quiet(_: Path, __: int, ___: int) -> None:
    """Says nothing."""


@dataclass(slots=True)
class Bulk:
    """One bulk file being loaded: where it goes, how, and what became of its records.

    selection is what is kept of it (None: all), rule its name in the database (empty: all). Once it is kept, payload is
    its hash, and begun how many of its records were done before (None: all).
    """

    db: Database
    path: Path
    run: Run
    crew: Crew
    selection: Selection | None = None
    rule: str = ""
    payload: str = ""
    begun: int | None = None
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


def records_in(paths: Iterable[Path]) -> int:
    """About how many records files hold that are large enough for this path, by their names and sizes."""
    found = 0
    for path in (one for one in paths if one.is_file()):
        least, each = (BULK_FROM_PACKED, PACKED_RECORD) if path.suffix == ".gz" else (BULK_FROM, PLAIN_RECORD)
        size = path.stat().st_size
        found += size // each if size >= least else 0
    return found


def processes() -> int:
    """How many parse: one for each core, but more than three the writer could not follow."""
    return min(3, cores())


def keep(one: Bulk) -> None:
    """Keep the file and look how far it came. Raises IngestError."""
    with one.db.atomic():
        one.payload = payloads.keep_file(one.db, one.path, "file")
        one.begun = bulk_files.begin(one.db, one.payload, one.rule, one.run.id)


def parse(one: Bulk) -> None:
    """Have a file that was kept parsed, behind those that are; what comes of it waits until it is loaded."""
    if one.begun is not None:
        one.crew.begin(_job(one, one.begun))


def load_bulk(one: Bulk, say: Say, meanwhile: Callable[[], None] = lambda: None) -> Counter[str]:
    """Load one file, or go on with it; returns how many records are new, changed, unchanged, deleted, left out.

    meanwhile: done once while the file is parsed.

    Raises:
        IngestError: the file is broken; what stands before the fault is stored, and the file is marked.
        WorkerLost: a parsing process died; what was committed is stored.
    """
    if not one.payload:
        keep(one)
        parse(one)
    if one.begun is None:
        one.counts["unchanged"] += bulk_files.records_of(one.db, one.payload, one.rule)
        return one.counts
    with bulk_files.tuned(one.db):
        meanwhile()
        _write_all(one, one.begun, say)
    with one.db.atomic():
        if one.fault is None:
            bulk_files.finish(one.db, one.payload, one.rule)
        else:
            bulk_files.fail(one.db, one.payload, one.rule, str(one.fault))
        bulk.settle(one.db, one.payload)
    if one.fault is not None:
        raise one.fault
    return one.counts


def _job(one: Bulk, begun: int) -> Job:
    database = Path(one.db.execute("pragma database_list").fetchone()[2])
    return Job(one.path, database, begun, selection=one.selection, together=TOGETHER)


def _write_all(one: Bulk, begun: int, say: Say) -> None:
    """Image after image in the order of the file, several in a transaction, up to the fault if there is one."""
    images = one.crew.read(_job(one, begun))
    with places(one.db.conn) as free:
        while (parsed := next(images, None)) is not None:
            since, first = time.monotonic(), parsed.first
            with one.db.atomic():
                search = bulk.DeferredSearch(one.db)
                # an image stays in use until the commit
                for place in free:
                    if parsed is None:
                        break
                    _write(one, parsed, place, search)
                    say(one.path, parsed.read, parsed.done)
                    full = place == free[-1] or time.monotonic() - since > COMMIT_SECONDS
                    full = full or parsed.done - first >= COMMIT_RECORDS
                    parsed = None if full else next(images, None)
                search.close()


def _write(one: Bulk, parsed: Parsed, place: str, search: bulk.DeferredSearch) -> None:
    """What was parsed: runs of new documents at once, what may have changed one after another."""
    # a write first: a transaction that began with a read could not wait for another writer
    bulk_files.advance(one.db, one.payload, one.rule, parsed.first if parsed.fault else parsed.done)
    if parsed.image:
        one.db.conn.deserialize(parsed.image, name=place)
    for entry in parsed.entries:
        if isinstance(entry, New) and not known_of(one.db.conn, entry.ids):
            search.open()
            bulk.save_new(one.db, place, entry, one.payload, one.run.id)
            one.counts["new"] += len(entry.ids)
            continue
        for single in _read_again(one, parsed, entry) if isinstance(entry, New) else (entry,):
            _write_single(one, single, search)
    one.counts["unchanged"] += parsed.unchanged
    one.counts["left out"] += parsed.left_out
    one.fault = parsed.fault


def _write_single(one: Bulk, entry: Again | Tombstone, search: bulk.DeferredSearch) -> None:
    """A deletion, or a document that is stored already: compared and noted as the plain path does."""
    if isinstance(entry, Tombstone):
        documents.bury(one.db, entry, one.run.id)
        one.counts["deleted"] += 1
        return
    search.before_change(name_of(entry.document))
    if too_late(one.db, entry.document):
        one.counts["unchanged"] += 1
        return
    saved = documents.save_document(one.db, entry.document, one.payload, one.run.id)
    one.counts[saved.state] += 1
    if entry.bytes_hash:
        content = known_of(one.db.conn, [saved.id])[saved.id].content_sha256
        bulk.keep_print(one.db, saved.id, print_of(entry.bytes_hash, content))


def _read_again(one: Bulk, parsed: Parsed, new: New) -> Iterator[Again]:
    """The documents behind rows that came too late: another program stored some after they were parsed here."""
    wanted = dict.fromkeys(new.ids)
    with one.path.open("rb") as stream:
        chunks = (chunk for chunk in split(stream, one.path.name) if parsed.first <= chunk.first < parsed.done)
        entries = Entries(one.selection)
        for chunk in chunks:
            entries.take(chunk, wanted.keys())
    found: dict[str, Again] = {}
    for entry in entries.all():
        if isinstance(entry, Again):
            found.setdefault(name_of(entry.document), entry)
    yield from (found[name] for name in new.ids)
