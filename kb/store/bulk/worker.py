"""A parsing process: jobs on its standard input, rows on its standard output.

Started by kb.stages.bulk.crew, the only one at the other end. Each process of a crew cuts the whole file (cheap)
and parses its own share of the chunks, so nothing large is sent to it and the writer needs no threads. What it may
send ahead is what a pipe holds. It imports little (a quarter of a second, where the whole program takes seconds), and
it ends when its input does: nothing is left running when the writer dies.
"""

import gc
import pickle
import signal
import sqlite3
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadPayload
from ingest.files.pubmed_bulk import Chunk, fingerprint, pmid_of, split
from ingest.queries import Selection
from ingest.records import Tombstone
from kb.store.bulk.known import known_of
from kb.store.bulk.parsed import Parsed
from kb.store.bulk.rows import entries_of
from kb.store.bulk.wire import send

#: PMIDs of so many chunks before may be on their way to the database, or not committed yet.
ON_THE_WAY = 64


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: every `crew`-th chunk from `share` on, behind `begun` records; what of it is kept (None: all)."""

    path: Path
    database: Path
    payload: str
    begun: int = 0
    share: int = 0
    crew: int = 1
    selection: Selection | None = None


def read(job: Job) -> Iterator[Parsed]:
    """This process's share of a file, chunk by chunk; then one that is `last`, with the fault if the file has one."""
    # the chunks before may still be on their way into the database: what they hold is not unchanged, whatever it says
    recent: deque[frozenset[str]] = deque(maxlen=ON_THE_WAY)
    done = 0
    with (
        closing(sqlite3.connect(f"{job.database.absolute().as_uri()}?mode=ro", uri=True)) as db,
        job.path.open("rb") as stream,
    ):
        try:
            for number, chunk in enumerate(split(stream, job.path.name)):
                done = chunk.first + len(chunk.records)
                names = [name_of_record(record) for record in chunk.records]
                if number % job.crew == job.share and (done > job.begun or not chunk.records):
                    parsed = _parsed(db, job, chunk, names, frozenset().union(*recent))
                    parsed.read = stream.tell()
                    yield parsed
                recent.append(frozenset(names))
        except BadPayload as fault:
            yield Parsed(done, done, stream.tell(), fault=fault, last=True)
            return
        yield Parsed(done, done, stream.tell(), last=True)


def name_of_record(record: bytes) -> str:
    """The id of the document that one record will be, unparsed; empty for a deletion."""
    pmid = pmid_of(record)
    return f"pmid-{pmid}" if pmid else ""


def _parsed(db: sqlite3.Connection, job: Job, chunk: Chunk, names: list[str], recent: frozenset[str]) -> Parsed:
    """One chunk: what is unchanged or surely left out is not parsed."""
    found = Parsed(chunk.first, chunk.first + len(chunk.records), 0)
    known, kept = known_of(db, names), []
    for name, record in list(zip(names, chunk.records, strict=True))[max(0, job.begun - chunk.first) :]:
        if job.selection is not None and not job.selection.may_keep(record, name.removeprefix("pmid-") or None):
            found.left_out += 1
        elif name in known and name not in recent and known[name].is_of(fingerprint(record)):
            found.unchanged += 1
        else:
            kept.append(record)
    try:
        again = recent.union(known)
        for entry in entries_of(chunk.of(tuple(kept)), job.payload, again, job.selection):
            found.entries.append(entry)
    except BadPayload as fault:
        found.fault = _placed(fault, chunk)
    if job.selection is not None:
        records = sum(pmid_of(record) is not None for record in kept)
        found.left_out += records - sum(not isinstance(entry, Tombstone) for entry in found.entries)
    return found


def _placed(fault: BadPayload, chunk: Chunk) -> BadPayload:
    """The fault in words that hold for the file: a chunk knows nothing of what comes before it."""
    words = str(fault).removeprefix(f"{chunk.name}: ")
    upto = f"{chunk.name}: broken among records {chunk.first + 1} to {chunk.first + len(chunk.records) + 1}"
    return type(fault)(f"{upto}, those before them are stored ({words})")


def main() -> None:
    """Serve until the input ends."""
    # an interrupt from the keyboard reaches all processes of the terminal; the writer decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # records have no cycles: looking for some among a million young objects costs a tenth of the time
    gc.disable()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            job = pickle.load(source)  # noqa: S301 - the writer is at the other end
        except EOFError:
            return
        for parsed in read(job):
            send(parsed, target)
