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
from kb.stages.cluster.extra import parquet
from kb.stages.fetching.keeping import Say, quiet
from kb.store import documents, payloads
from kb.store.parquet.folder import Finished, finished, standing
from kb.store.rows import fetch


def load_slice(db: Database, root: Path, selection: Selection, run: str, say: Say = quiet) -> Counter[str]:
    """Store the standing records that belong to the selection, file by file, each in one transaction.

    Returns how many documents were new, changed, unchanged and deleted.

    Raises:
        NotOurFolder: bulk has not finished it.
        NotInstalled: the extra cluster is missing.
    """
    if not standing(root):
        raise NotOurFolder(f"{root}: bulk has not finished it; run the same bulk again")
    tables, counts, files = parquet(), Counter[str](), list(finished(root).values())
    for done, one in enumerate(files, 1):
        kept = tuple(_belonging(tables, root, one, selection))
        if kept:
            with db.atomic():
                counts.update(_store(db, one, kept, run))
        say("files", done, len(files))
    with db.atomic():
        for number in _gone(db, tables, root, files):
            counts["deleted"] += documents.bury(db, Tombstone(number), run)
        documents.assign_studies(db)
    return counts


def _belonging(tables: ModuleType, root: Path, one: Finished, selection: Selection) -> Iterator[bytes]:
    """The XML of a file's standing records that are selected."""
    for xml in tables.column(one.standing(root, "records"), "xml"):
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
