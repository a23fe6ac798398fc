"""One PubMed file → its partitions: the same parser and reader as load and build, rows into Parquet instead of SQLite.

Runs in a worker process, on this machine or another; knows nothing of the others.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ingest.errors import BadPayload, IngestError
from ingest.files.pubmed_bulk import Chunk, documents_in, split
from ingest.records import Document, Tombstone
from kb.stages.reading import read_document, read_with
from kb.store.document_rows import document_id, document_row, identifier_rows, name_of, section_rows
from kb.store.parquet.folder import Finished, keep, new_partial
from kb.store.parquet.tables import COLUMNS, FORMAT, Tables, writing
from kb.vocabulary import Vocabulary

CHUNK = 1 << 20
#: How the bytes end of a record that deletes others.
DELETION = re.compile(rb"</DeleteCitation\s*>\Z")


@dataclass(frozen=True, slots=True)
class Job:
    """A source file, the folder that it goes into, its place among those given, and what is known of it."""

    source: Path
    root: Path
    given: int
    vocabulary: Vocabulary
    known: Finished | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a file: new or unchanged, or failed with the reason in one line."""

    state: str
    finished: Finished | None = None
    reason: str | None = None


def file_away(job: Job) -> Filed:
    """Make the partitions of one file, unless they are there already from the same bytes, reader and vocabulary."""
    try:
        if job.known is not None and _still_holds(job, job.known):
            return Filed("unchanged", job.known)
        return Filed("new", _write(job))
    except IngestError as fault:
        return Filed("failed", reason=str(fault))
    except OSError as fault:
        return Filed("failed", reason=f"{job.source}: {fault.strerror or fault}")


def made_with(vocabulary: Vocabulary) -> str:
    """The reader, the vocabulary and the format of the tables, as one hash."""
    return hashlib.sha256(f"{read_with(vocabulary)} {FORMAT}".encode()).hexdigest()


class _Hashed:
    """A stream whose bytes are hashed while a reader takes them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data

    def sha256(self) -> str:
        """Of the whole file, whatever its reader left of it."""
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()


def _still_holds(job: Job, known: Finished) -> bool:
    if known.made_with != made_with(job.vocabulary):
        return False
    if not all(known.as_filed(job.root, table).exists() for table in COLUMNS):
        return False
    with job.source.open("rb") as stream:
        return _Hashed(stream).sha256() == known.sha256


def _write(job: Job) -> Finished:
    partial = new_partial(job.root)
    paths = {table: partial / f"{table}.parquet" for table in COLUMNS}
    name, prolog, count = job.source.name, b"", 0
    with job.source.open("rb") as stream, writing(paths) as tables:
        hashed = _Hashed(stream)
        for chunk in split(hashed, name):
            prolog = chunk.prolog
            xml = iter(record for record in chunk.records if not DELETION.search(record))
            for one in _documents(chunk):
                count += _add(tables, one, count, xml, job)
            tables.flush_if_full()
        sha256 = hashed.sha256()
    with_ = made_with(job.vocabulary)
    done = Finished(name, sha256, job.given, with_, prolog.decode("utf-8", "replace"), tables.counts)
    keep(job.root, done, paths)
    partial.rmdir()
    return done


def _documents(chunk: Chunk) -> Iterator[Document | Tombstone]:
    """The same with the place in the file where the chunk is broken."""
    try:
        yield from documents_in(chunk)
    except BadPayload as fault:
        words = str(fault).removeprefix(f"{chunk.name}: ")
        raise type(fault)(f"{chunk.name}: broken behind record {chunk.first} ({words})") from fault


def _add(tables: Tables, one: Document | Tombstone, record: int, xml: Iterator[bytes], job: Job) -> int:
    """Take the rows of a record, or of a deletion; returns how many records that were."""
    if isinstance(one, Tombstone):
        tables.add("deletions", [{"pmid": one.pmid, "record": record}])
        return 0
    element = next(xml, None)
    if element is None:
        raise BadPayload(f"{job.source.name}: what stands behind record {record} is not a record of its own")
    for table, rows in rows_of(one, element, job.source.name, job.vocabulary).items():
        tables.add(table, ({**row, "record": record} for row in rows))
    return 1


def rows_of(document: Document, xml: bytes, file: str, vocabulary: Vocabulary) -> dict[str, list[dict[str, Any]]]:
    """A record's rows by table, as dictionaries with at least the columns of that table but `record`."""
    name = name_of(document)
    sections = section_rows(name, document.sections)
    row = document_row(name, document)
    return {
        "documents": [{**row, **_lists(document), "retracted": bool(row["retracted"]), "file": file}],
        "sections": sections,
        # by id, as the table of the database has them
        "figures": list({row["id"]: row for row in read_document(name, sections, vocabulary)}.values()),
        "people": _numbered(name, document.people),
        "mesh_headings": _numbered(name, document.mesh_headings),
        "identifiers": identifier_rows(name, document.identifiers),
        "links": list(_links(name, document)),
        "records": [{"document": name, "xml": xml}],
    }


def _lists(document: Document) -> dict[str, list[str]]:
    return {
        "publication_types": [one.text for one in document.publication_types],
        "keywords": [one.text for one in document.keywords],
        "registrations": [one.accession for one in document.registrations],
    }


def _numbered(name: str, records: tuple[Any, ...]) -> list[dict[str, Any]]:
    # dataclasses.asdict copies what is below, at ten times the cost
    return [
        {"document": name, "position": i, **{key: getattr(one, key) for key in _names_in(type(one))}}
        for i, one in enumerate(records)
    ]


def _names_in(kind: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(kind, "_fields", None) or kind.__slots__
    return names


def _links(name: str, document: Document) -> Iterator[dict[str, Any]]:
    edges = {(document_id(link.target, ""), link.kind, link.source): None for link in document.links if link.target}
    for target, kind, source in edges:
        if target != name:
            yield {"from_document": name, "to_document": target, "kind": kind, "source": source}
