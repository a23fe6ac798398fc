"""PubMed's numbered files in their turn: the later file wins for each PMID (NLM, PubMed download README).

A file whose record was revised before the one that is stored comes too late, whatever it is called.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from sqlite_utils import Database

from ingest.printed.dates import read_date
from ingest.records import Document, PublicationDate
from kb.store.rows import fetch

_NUMBERED = re.compile(r"pubmed(\d\d)n(\d{4,})\.xml(?:\.gz)?", re.IGNORECASE)


def in_turn(paths: Iterable[Path]) -> list[Path]:
    """Baseline and update files by year and number, behind all others, which keep their order."""
    return sorted(paths, key=_turn)


def too_late(db: Database, document: Document) -> bool:
    """Whether a newer version of a record, by PubMed's date of revision, is stored already."""
    pmid, mine = document.identifier("pmid"), _day(document.revised)
    rows = fetch(db, "select revised, version from documents where id = ? and source = ?",
                 [f"pmid-{pmid}", document.source])  # fmt: skip
    stored = [_day(read_date(row["revised"])) for row in rows if row["revised"] and row["version"] >= document.version]
    return mine is not None and any(one is not None and mine < one for one in stored)


def _turn(path: Path) -> tuple[int, int]:
    found = _NUMBERED.fullmatch(path.name)
    return (int(found[1]) + 1, int(found[2])) if found else (0, 0)


def _day(date: PublicationDate | None) -> tuple[int, int, int] | None:
    known = date is not None and date.year and date.month and date.day
    return (date.year or 0, date.month or 0, date.day or 0) if date is not None and known else None
