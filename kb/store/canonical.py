"""What a record says, as a hash: the same whatever its white space and its date of revision."""

import hashlib
import re
from dataclasses import fields, is_dataclass
from functools import lru_cache
from json import JSONEncoder
from operator import attrgetter
from typing import Any

from ingest import records
from ingest.records import Document, MeshHeading

#: What no reader of the record would call a change of it: PubMed touches DateRevised in maintenance.
_NOT_CONTENT = ("revised", "unknown_tags")
#: White space in dumped JSON, and where a string begins or ends with it.
_SPACE, _EDGE = re.compile(r"(?:\\[nrt]|\s)+"), re.compile(r'(?<=") | (?=")')
#: A line's end or a tabulator in dumped JSON.
_ESCAPED = re.compile(r"\\[nrt]")


def content_sha256(document: Document) -> str:
    """The hash of what a record says, 64 hexadecimal digits."""
    before, after = _ENCODER.encode(_before(document)), _ENCODER.encode(_after(document))
    # the same pairs of headings come again and again, and are a third of all values of a record
    headings = ",".join([_heading(one) for one in document.mesh_headings])
    words = f"{before[:-1]},[{headings}],{after[1:]}"
    if _is_unusual(words):
        words = _EDGE.sub("", _SPACE.sub(" ", words))
    return hashlib.sha256(words.encode()).hexdigest()


def _is_unusual(words: str) -> bool:
    """Whether some white space may be no single space between words: most records have none such."""
    # quotation marks as spaces: what is doubled then is a space beside another one, or at an edge
    return "  " in words.replace('"', " ") or ("\\" in words and _ESCAPED.search(words) is not None)


@lru_cache(maxsize=1 << 14)
def _heading(heading: MeshHeading) -> str:
    return _ENCODER.encode(heading)


def _plain(value: object) -> object:
    """What JSON has no form for: a record as its values in their order, anything else as its words."""
    face = _FACES.get(value.__class__)
    return face(value) if face else str(value)


def _face(kind: Any, left_out: tuple[str, ...] = ()) -> Any:
    return attrgetter(*(one.name for one in fields(kind) if one.name not in left_out))


_CONTENT = [one.name for one in fields(Document) if one.name not in _NOT_CONTENT]
_PLACE = _CONTENT.index("mesh_headings")
_before, _after = attrgetter(*_CONTENT[:_PLACE]), attrgetter(*_CONTENT[_PLACE + 1 :])
_FACES: dict[type, Any] = {
    kind: _face(kind) for kind in vars(records).values() if isinstance(kind, type) and is_dataclass(kind)
}
# no spaces between the values, so that one beside a quotation mark is an edge of a text
_ENCODER = JSONEncoder(sort_keys=True, default=_plain, separators=(",", ":"), check_circular=False)
