"""What goes between the processes as bytes: plain rows as marshal writes them, all else pickled inside.

Nearly all that is sent are rows of strings and numbers, and `marshal` packs and unpacks those three times faster than
pickle. Both ends are this program under one interpreter, so neither its format nor its trust is a question.
"""

import marshal
import pickle
from typing import IO, Any

from kb.store.bulk.parsed import Parsed
from kb.store.bulk.rows import DocumentRows, Entry

#: Bytes that say how many follow.
_LENGTH = 8
#: Later formats look for objects that come twice, which costs more than it saves.
_FORMAT = 2

#: Rows of a new document, or anything else as it was pickled.
_Plain = tuple[Any, ...] | bytes


def send(parsed: Parsed, target: IO[bytes]) -> None:
    """Write a chunk."""
    fault = None if parsed.fault is None else pickle.dumps(parsed.fault)
    told = (parsed.first, parsed.done, parsed.read, parsed.unchanged, parsed.left_out, fault, parsed.last)
    body = marshal.dumps((told, [_plain(entry) for entry in parsed.entries]), _FORMAT)
    target.write(len(body).to_bytes(_LENGTH))
    target.write(body)
    target.flush()


def receive(source: IO[bytes]) -> Parsed:
    """Read a chunk. Raises EOFError where the other end is gone."""
    size = int.from_bytes(source.read(_LENGTH))
    body = source.read(size) if size else b""
    if not size or len(body) < size:
        raise EOFError("nothing more came from it")
    (first, done, read, unchanged, left_out, fault, last), entries = marshal.loads(body)  # noqa: S302 - see above
    return Parsed(
        first, done, read, [_entry(one) for one in entries], unchanged, left_out,
        None if fault is None else pickle.loads(fault), last,  # noqa: S301 - see above
    )  # fmt: skip


def _plain(entry: Entry) -> _Plain:
    if not isinstance(entry, DocumentRows):
        return pickle.dumps(entry)
    if entry.heard is not None:
        return (*entry[:-2], pickle.dumps(entry.heard), entry.print)
    return tuple(entry)


def _entry(plain: _Plain) -> Entry:
    if isinstance(plain, bytes):
        found: Entry = pickle.loads(plain)  # noqa: S301 - see above
        return found
    *rows, heard, print_ = plain
    return DocumentRows._make([*rows, None if heard is None else pickle.loads(heard), print_])  # noqa: S301 - see above
