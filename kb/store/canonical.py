"""What a record says, as a hash: the same whatever its white space and its date of revision."""

import hashlib
import re
from dataclasses import fields, is_dataclass
from json import JSONEncoder
from operator import attrgetter
from typing import Any

from ingest import records
from ingest.records import Document

#: What no reader of the record would call a change of it: PubMed touches DateRevised in maintenance.
_NOT_CONTENT = ("revised", "unknown_tags")
#: White space in dumped JSON, and where a string begins or ends with it.
_SPACE, _EDGE = re.compile(r"(?:\\[nrt]|\s)+"), re.compile(r'(?<=") | (?=")')
#: One of these stands in every record whose white space is not single spaces between words; most have none.
_UNUSUAL = ("  ", r"\n", r"\r", r"\t", '" ', ' "')


def content_sha256(document: Document) -> str:
    """The hash of what a record says, 64 hexadecimal digits."""
    words = _ENCODER.encode(_content(document))
    if any(sign in words for sign in _UNUSUAL):
        words = _EDGE.sub("", _SPACE.sub(" ", words))
    return hashlib.sha256(words.encode()).hexdigest()


def _plain(value: object) -> object:
    """What JSON has no form for: a record as its values in their order, anything else as its words."""
    face = _FACES.get(value.__class__)
    return face(value) if face else str(value)


def _face(kind: Any, left_out: tuple[str, ...] = ()) -> Any:
    return attrgetter(*(one.name for one in fields(kind) if one.name not in left_out))


_content = _face(Document, _NOT_CONTENT)
_FACES: dict[type, Any] = {
    kind: _face(kind) for kind in vars(records).values() if isinstance(kind, type) and is_dataclass(kind)
}
# no spaces between the values, so that one beside a quotation mark is an edge of a text
_ENCODER = JSONEncoder(sort_keys=True, default=_plain, separators=(",", ":"), check_circular=False)
