"""A list of PMIDs -> Documents that know nothing but their PMID; each number once, in order."""

import re
from collections.abc import Iterator

from ingest.errors import UnknownFormat
from ingest.markup.payload import Readable, read_text
from ingest.printed.identifiers import pmid
from ingest.records import Document, Identifier

_LINE = re.compile(r"\s*(?:PMID:?\s*)?\d{1,9}(?:[\s,;]+\d{1,9})*[\s,;]*")


def looks_like(text: str) -> bool:
    """Whether every line holds numbers only (parted by commas, semicolons or spaces; "PMID:" may stand before)."""
    lines = [line for line in text.split("\n") if line.strip()]
    return bool(lines) and all(_LINE.fullmatch(line) for line in lines)


def iter_documents(stream: Readable, name: str) -> Iterator[Document]:
    """A Document a number.

    Raises:
        UnknownFormat: a line holds something else; says which.
        EmptyPayload, BadPayload, Truncated: see `ingest.markup.payload`.
    """
    text = read_text(stream, name)
    for place, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not _LINE.fullmatch(line):
            raise UnknownFormat(f"{name}: line {place} is not a PMID")
    for number in dict.fromkeys(re.findall(r"\d+", text)):
        if pmid(number):
            yield Document(source="pmid-list", kind="article", identifiers=(Identifier("pmid", number),))
