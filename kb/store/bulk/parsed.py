"""What a parsing process made of one chunk of a bulk file."""

from dataclasses import dataclass, field

from ingest.errors import BadPayload
from kb.store.bulk.rows import Entry


@dataclass(slots=True)
class Parsed:
    """A chunk that was read: the file's records before it and with it, bytes of the file read so far, what it holds.

    fault: where the file is broken; nothing follows. last: the file is at its end.
    """

    first: int
    done: int
    read: int
    entries: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    left_out: int = 0
    fault: BadPayload | None = None
    last: bool = False
