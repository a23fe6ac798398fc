"""A parsing process: jobs on its standard input, what it parsed on its standard output.

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
from ingest.files.pubmed_bulk import Chunk, deleted_in, fingerprint, pmid_of, split
from ingest.queries import Selection
from kb.store.bulk.entries import Entries
from kb.store.bulk.image import pack
from kb.store.bulk.known import known_of
from kb.store.bulk.parsed import Parsed

#: Chunks that travel as one image: each table is one statement of the writer, however few its rows.
TOGETHER = 5
#: PMIDs of so many chunks before may be on their way to the database, or not committed yet.
ON_THE_WAY = 128


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: every `crew`-th share of `together` chunks from `share` on, behind `begun` records.

    selection is what of it is kept (None: all).
    """

    path: Path
    database: Path
    begun: int = 0
    share: int = 0
    crew: int = 1
    selection: Selection | None = None
    together: int = TOGETHER


def read(job: Job, recent: deque[list[str]]) -> Iterator[Parsed]:
    """This process's shares of a file in order; then one that is `last`, with the fault if the file has one.

    recent: the ids in the chunks before, of this file and of others; those of this file are added. They may still be on
    their way into the database: what is of that name is not unchanged, whatever it says.
    """
    done, mine, fault = 0, None, None
    with (
        closing(sqlite3.connect(f"{job.database.absolute().as_uri()}?mode=ro", uri=True)) as db,
        job.path.open("rb") as stream,
    ):
        try:
            for number, chunk in enumerate(split(stream, job.path.name)):
                done = chunk.first + len(chunk.records)
                names = [name_of_record(record) for record in chunk.records]
                if number // job.together % job.crew == job.share and (done > job.begun or not chunk.records):
                    mine = mine or _Share(db, job, chunk.first, {name for some in recent for name in some})
                    mine.take(chunk, names)
                if mine and (mine.fault or (number + 1) % job.together == 0):
                    yield mine.parsed(stream.tell())
                    mine = None
                recent.append(names + list(_deleted(names, chunk)))
        except BadPayload as broken:
            fault = broken
        if mine:
            yield mine.parsed(stream.tell())
        yield Parsed(done, done, stream.tell(), fault=fault, last=True)


def name_of_record(record: bytes) -> str:
    """The id of the document that one record will be, unparsed; empty for a deletion."""
    pmid = pmid_of(record)
    return f"pmid-{pmid}" if pmid else ""


def _deleted(names: list[str], chunk: Chunk) -> Iterator[str]:
    for name, record in zip(names, chunk.records, strict=True):
        if not name:
            yield from (f"pmid-{pmid}" for pmid in deleted_in(record))


class _Share:
    """Some chunks on end: what is unchanged or surely left out is not parsed."""

    def __init__(self, db: sqlite3.Connection, job: Job, first: int, recent: set[str]) -> None:
        self._db, self._job, self._recent = db, job, recent
        self._entries = Entries(job.selection)
        self._parsed = Parsed(first, first, 0)
        self._records = 0

    @property
    def fault(self) -> BadPayload | None:
        return self._parsed.fault

    def take(self, chunk: Chunk, names: list[str]) -> None:
        """One more chunk, whose records have these ids."""
        job, parsed = self._job, self._parsed
        known, kept = known_of(self._db, names), []
        for name, record in list(zip(names, chunk.records, strict=True))[max(0, job.begun - chunk.first) :]:
            if job.selection is not None and not job.selection.may_keep(record, name.removeprefix("pmid-") or None):
                parsed.left_out += 1
            elif name in known and name not in self._recent and known[name].is_of(fingerprint(record)):
                parsed.unchanged += 1
            else:
                kept.append(record)
                self._records += bool(name)
        # what is stored is not new either; the names of the chunk join them anyway, when it is taken
        self._recent.update(known)
        try:
            self._entries.take(chunk.of(tuple(kept)), self._recent)
        except BadPayload as fault:
            parsed.fault = _placed(fault, chunk)
        parsed.done = chunk.first + len(chunk.records)
        self._recent.update(names)

    def parsed(self, read: int) -> Parsed:
        """All of it, with how many bytes of the file were read."""
        parsed = self._parsed
        parsed.read, parsed.entries = read, self._entries.all()
        parsed.image = pack(self._entries.collected.rows)
        if self._job.selection is not None:
            parsed.left_out += self._records - self._entries.kept
        return parsed


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
    recent: deque[list[str]] = deque(maxlen=ON_THE_WAY)
    while True:
        try:
            job = pickle.load(source)  # noqa: S301 - the writer is at the other end
        except EOFError:
            return
        for parsed in read(job, recent):
            pickle.dump(parsed, target, pickle.HIGHEST_PROTOCOL)
            target.flush()
