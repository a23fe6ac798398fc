"""A topic's slice of a folder that bulk made → rows of a database, the same that the source files would give.

Of each source file the records that belong to the topic are put together again as they stood in it: a payload, smaller
than the file, which is kept, parsed and stored as any other, so that every figure's place leads back to bytes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType

from sqlite_utils import Database

from ingest.files.pubmed_bulk import Chunk, documents_in, pmid_of
from ingest.formats import read_documents
from ingest.queries import Selection
from ingest.records import Document, Tombstone
from kb.errors import NotOurFolder
from kb.stages.bulk.loading import Say, quiet
from kb.stages.cluster.extra import parquet
from kb.store import documents, payloads
from kb.store.parquet.folder import Finished, finished, standing
from kb.store.rows import fetch

#: Records of a file from one word of how far it is to the next.
EVERY = 1000


def load_slice(db: Database, root: Path, selection: Selection, run: str, say: Say = quiet) -> Counter[str]:
    """Store the standing records that belong to the selection, file by file, each in one transaction.

    Returns how many documents were new, changed, unchanged and deleted. Say is told of each partition of records, as
    of a bulk file: its bytes and its records that are behind us, whether they belong or not.

    Raises:
        NotOurFolder: bulk has not finished it.
        NotInstalled: the extra cluster is missing.
    """
    if not standing(root):
        raise NotOurFolder(f"{root}: bulk has not finished it; run the same bulk again")
    tables, counts, files = parquet(), Counter[str](), list(finished(root).values())
    for one in files:
        kept = tuple(_belonging(_told(tables, root, one, say), one, selection))
        if kept:
            with db.atomic():
                counts.update(_store(db, one, kept, run))
    with db.atomic():
        for number in _gone(db, tables, root, files):
            counts["deleted"] += documents.bury(db, Tombstone(number), run)
        documents.assign_studies(db)
    return counts


def _told(tables: ModuleType, root: Path, one: Finished, say: Say) -> Iterator[bytes]:
    """The XML of a file's standing records; how far that is, is told on the way and at the end."""
    path, done = one.standing(root, "records"), 0
    size = path.stat().st_size
    say(path, 0, 0)
    for done, xml in enumerate(tables.column(path, "xml"), 1):
        yield xml
        if done % EVERY == 0:
            # of as many as the file gave; fewer stand where a later file has replaced some
            say(path, size * done // one.rows["records"], done)
    say(path, size, done)


def _belonging(records: Iterable[bytes], one: Finished, selection: Selection) -> Iterator[bytes]:
    """Those of a file's records that are selected."""
    for xml in records:
        if selection.may_keep(xml, pmid_of(xml)):
            (document,) = documents_in(_chunk(one, (xml,)))
            if isinstance(document, Document) and selection.keeps(document):
                yield xml


def _chunk(one: Finished, records: tuple[bytes, ...]) -> Chunk:
    """Some records of a file between its own beginning and end."""
    root = one.prolog.rpartition("<")[2].split(maxsplit=1)[0].rstrip(">")
    return Chunk(one.name, 0, one.prolog.encode(), records, f"</{root}>".encode())


def _store(db: Database, one: Finished, records: tuple[bytes, ...], run: str) -> Iterator[str]:
    """Keep these records of a file as a payload and store its documents; what became of each."""
    chunk = _chunk(one, records)
    body = b"".join((chunk.prolog, *records, chunk.closing))
    sha256 = payloads.keep_payload(db, BytesIO(body), "bulk", one.name)
    for document in read_documents(BytesIO(body), one.name):
        if isinstance(document, Document):
            yield documents.save_document(db, document, sha256, run).state


def _gone(db: Database, tables: ModuleType, root: Path, files: Iterable[Finished]) -> list[str]:
    """PMIDs stored here that some file deletes and that stand in none."""
    stored = {
        row["pmid"] for row in fetch(db, "select pmid from documents where source = 'pubmed-xml' and withdrawn = 0")
    }
    deleted = {number for one in files for number in tables.column(one.as_filed(root, "deletions"), "pmid")} & stored
    if not deleted:
        return []
    back = {number for one in files for number in tables.column(one.standing(root, "documents"), "pmid")}
    return sorted(deleted - back)
