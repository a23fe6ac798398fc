"""What a parsing process made of some chunks of a bulk file."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.errors import BadPayload
from ingest.records import Document, Tombstone


class Heard(NamedTuple):
    """What a new document says of what happened to it (a retraction, say), and nothing else of it."""

    id: str
    document: Document


class New(NamedTuple):
    """New documents: their rows are those of the image from `after` to `upto`, counted in the order of its tables."""

    ids: tuple[str, ...]
    after: tuple[int, ...]
    upto: tuple[int, ...]
    heard: tuple[Heard, ...] = ()


class Again(NamedTuple):
    """A document that is stored already, and may have changed, with the hash of its record's bytes."""

    document: Document
    bytes_hash: bytes


Entry = New | Again | Tombstone


@dataclass(slots=True)
class Parsed:
    """Chunks that were read: the file's records before them and with them, bytes of the file so far, what they hold.

    image: the rows of what is new in them. fault: where the file is broken; nothing follows. last: the file is at its
    end.
    """

    first: int
    done: int
    read: int
    image: bytes = b""
    entries: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    left_out: int = 0
    fault: BadPayload | None = None
    last: bool = False
