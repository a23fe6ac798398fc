"""Lines that begin with a tag -> records as lists of (tag, value): the common shape of MEDLINE and RIS.

Bio.Medline reads MEDLINE too, but into one list a tag, and so forgets which affiliation and which
ORCID belong to whom; the order of the lines says it, and is kept here.
"""

import re
from collections.abc import Iterator

from ingest.printed.labels import unwrapped

Field = tuple[str, str]

_MEDLINE = re.compile(r"^([A-Z][A-Z0-9]{0,3}) {0,3}- ?(.*)$")
_RIS = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: (.*))?$")


def medline_records(text: str) -> Iterator[list[Field]]:
    """The records of a MEDLINE file: each begins with PMID, a line that goes on begins with six spaces."""
    record: list[Field] = []
    for tag, lines in _fields(text, _MEDLINE):
        if tag == "PMID" and record:
            yield record
            record = []
        record.append((tag, unwrapped(lines)))
    if record:
        yield record


def ris_records(text: str) -> Iterator[list[Field]]:
    """The records of a RIS file, from TY to ER; a line without a tag goes on with the one above."""
    record: list[Field] = []
    for tag, lines in _fields(text, _RIS):
        if tag == "ER" and record:
            yield record
            record = []
        elif tag == "TY" or record:
            record.append((tag, unwrapped(lines)))
    if record:
        yield record


def _fields(text: str, tag_line: re.Pattern[str]) -> Iterator[tuple[str, list[str]]]:
    tag, lines = "", [""]
    for line in text.split("\n"):
        found = tag_line.match(line)
        if found:
            if tag:
                yield tag, lines
            tag, lines = found[1], [found[2] or ""]
        elif line.strip():
            lines.append(line.lstrip())
    if tag:
        yield tag, lines
