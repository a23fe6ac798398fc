"""Bytes as they came: kept once by hash, every sighting recorded."""

import hashlib
import shutil
import zlib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

from sqlite_utils import Database

from ingest.errors import BadPayload, EmptyPayload
from kb.errors import NothingThere

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
MOST = 900 << 20
#: Packed bytes up to which they wait in memory, and not in a file, for the hash of all.
IN_MEMORY = 4 << 20


def now() -> str:
    """UTC time, ISO 8601, to the millisecond: what follows in one second still has an order."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def keep_payload(db: Database, stream: BinaryIO, source: str, url: str) -> str:
    """Keep what the stream holds and record that it was seen; returns its sha256.

    Nothing is held in memory but a chunk, however large it is. Raises EmptyPayload.
    """
    with SpooledTemporaryFile(max_size=IN_MEMORY) as packed:
        sha256, size = _pack(stream, packed)
        if not size:
            raise EmptyPayload(f"{url}: empty")
        # the row is there before its body is
        with db.atomic():
            # a statement that writes first: a transaction that began with a read could not wait for another writer
            db.execute("update payloads set size = size where 0")
            if not db.execute("select 1 from payloads where sha256 = ?", [sha256]).fetchone():
                _copy_in(db, sha256, size, packed)
            _sighted(db, sha256, source, url)
    return sha256


def _pack(stream: BinaryIO, packed: IO[bytes]) -> tuple[str, int]:
    """Write the stream's bytes packed; returns their sha256 and how many they were."""
    digest, press, size = hashlib.sha256(), zlib.compressobj(), 0
    while chunk := stream.read(CHUNK):
        if not size and chunk.startswith(GZIP):
            # packed already: another pass would cost a second for every 30 MB and gain nothing
            press = zlib.compressobj(0)
        digest.update(chunk)
        packed.write(press.compress(chunk))
        size += len(chunk)
    packed.write(press.flush())
    return digest.hexdigest(), size


def _copy_in(db: Database, sha256: str, size: int, packed: IO[bytes]) -> None:
    # plain values: SQLite would make the empty body in memory, three times over, if they came from a query
    db.execute("insert into payloads (sha256, size, body) values (?, ?, zeroblob(?))", [sha256, size, packed.tell()])
    row = db.execute("select rowid from payloads where sha256 = ?", [sha256]).fetchone()
    packed.seek(0)
    with db.conn.blobopen("payloads", "body", row[0]) as body:
        shutil.copyfileobj(packed, body, CHUNK)


def _sighted(db: Database, sha256: str, source: str, url: str) -> None:
    db.execute(
        "insert into fetches (payload, source, url, fetched_at) values (?, ?, ?, ?)", [sha256, source, url, now()]
    )


def keep_file(db: Database, path: Path, source: str) -> str:
    """Keep a large file as `keep_payload` does; one that is kept already is only hashed.

    Raises:
        EmptyPayload: nothing in it.
        BadPayload: larger than the billion bytes that SQLite holds in one place.
    """
    if path.stat().st_size > MOST:
        raise BadPayload(f"{path}: more than {MOST >> 20} MB; split it")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        if not db.execute("select 1 from payloads where sha256 = ?", [sha256]).fetchone():
            return keep_payload(db, stream, source, path.name)
    _sighted(db, sha256, source, path.name)
    return sha256


def sha256_of(body: bytes) -> str:
    """The name of a payload."""
    return hashlib.sha256(body).hexdigest()


def seen(db: Database, sha256: str, url: str) -> bool:
    """Whether exactly these bytes were already read from there."""
    return bool(db.execute("select 1 from fetches where payload = ? and url = ?", [sha256, url]).fetchone())


def kept_between(db: Database, source: str, url: str, since: str, before: str) -> bytes | None:
    """The bytes that a source gave at that address in that time, the latest; None where it gave none."""
    row = db.execute(
        "select payload from fetches where fetched_at >= ? and fetched_at < ? and source = ? and url = ? "
        "order by id desc limit 1",
        [since, before, source, url],
    ).fetchone()
    return None if row is None else payload_body(db, row[0])


def payload_body(db: Database, sha256: str) -> bytes:
    """The bytes as they came. Raises NothingThere."""
    row = db.execute("select body from payloads where sha256 = ?", [sha256]).fetchone()
    if row is None:
        raise NothingThere(f"no payload {sha256}")
    return zlib.decompress(row[0])
