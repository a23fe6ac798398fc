"""Sections and sheets → figures with their places. Unchanged text and vocabulary are not read again."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import Any

from sqlite_utils import Database

from ingest.records import KeyedFigure
from ingest.sheets import parse_sheet
from kb.extract import Passage, locate, read_passages
from kb.records import Figure
from kb.stages import anchoring
from kb.stages.figure_rows import figure_row
from kb.stages.proposals import Proposal, kept_proposals
from kb.store import made_from
from kb.store.payloads import payload_body
from kb.store.readings import as_judged, figure_of
from kb.store.rows import Row, fetch
from kb.vocabulary import Vocabulary

#: The reader's own code is part of what a text was read with: a better reader reads again.
READER = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(files("kb.extract").iterdir(), key=str) if path.name.endswith(".py"))
).hexdigest()

#: Documents with their sections → the rows of each, in the same order.
Read = Callable[[Sequence[tuple[str, Sequence[Row]]]], Iterable[list[dict[str, Any]]]]

#: Kinds of section that hold results; a title or another language's abstract does not.
READ_KINDS = ("abstract", "body", "table")

#: The figures of sections with these hashes (JSON).
JUDGED = """select f.*, s.sha256 as section_sha256 from sections s join figures f on f.section = s.id
where s.sha256 in (select value from json_each(?)) order by f.rowid"""


@dataclass(frozen=True, slots=True)
class Unread:
    """A document to read, its payload and content hash, and what other readers propose for it."""

    document: str
    kind: str
    payload: str
    content: str
    proposals: Sequence[Proposal] = ()


def unread(db: Database, vocabulary: Vocabulary) -> list[Unread]:
    """Documents that differ, or whose vocabulary or reader do, from what they were last read with."""
    proposed = kept_proposals(db)
    return [
        Unread(row["id"], row["kind"], row["payload"], row["content"], proposed.get(row["id"], ()))
        for row in made_from.unread(db, read_with(vocabulary), {name: _said(one) for name, one in proposed.items()})
    ]


def read_with(vocabulary: Vocabulary) -> str:
    """The vocabulary and the reading code, as one hash: a better reader reads again."""
    return hashlib.sha256(f"{vocabulary.sha256} {READER}".encode()).hexdigest()


def as_readings(batch: Sequence[Unread], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Rows for the table readings: what these documents are read with."""
    reader = read_with(vocabulary)
    return [
        {"document": one.document, "reader": reader, "content": one.content, "proposals": _said(one.proposals)}
        for one in batch
    ]


def _said(proposals: Sequence[Proposal]) -> str:
    return hashlib.sha256(repr(proposals).encode()).hexdigest() if proposals else ""


def figures_of(db: Database, batch: Sequence[Unread], vocabulary: Vocabulary, read: Read) -> list[dict[str, Any]]:
    """Rows for the table figures, of these documents; read finds those of texts."""
    texts = [(one.document, sections_of(db, one.document)) for one in batch if one.kind != "sheet"]
    found = dict(zip((document for document, _ in texts), read(texts), strict=True))
    rows: dict[str, dict[str, Any]] = {}
    for one in batch:
        own = chain(found[one.document], drifted(db, one, vocabulary)) if one.document in found else keyed(db, one)
        rows |= {row["id"]: row for row in chain(own, proposed_figures(db, one))}
    return list(rows.values())


def sections_of(db: Database, document: str) -> Sequence[Row]:
    """What a document says now, in order: id, kind, label, text."""
    sql = "select id, kind, label, text from sections where document = ? and current = 1 order by position"
    return fetch(db, sql, [document])


def drifted(db: Database, one: Unread, vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    """What the reader finds in a document's former texts and its text says no more."""
    return anchoring.drifted(db, one.document, lambda sections: read_sections(sections, vocabulary))


def read_document(document: str, sections: Sequence[Row], vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    """Rows for the table figures: what the reader finds in these sections, all of them being the context. Pure."""
    for section, figures in zip(sections, read_sections(sections, vocabulary), strict=True):
        for figure in figures:
            yield figure_row(document, section["id"], figure, "machine")


def read_sections(sections: Sequence[Row], vocabulary: Vocabulary) -> list[tuple[Figure, ...]]:
    """The figures of each section (columns kind, label, text); none where its kind holds no results."""
    readable = [s for s in sections if s["kind"] in READ_KINDS]
    found = iter(read_passages([Passage(s["label"], s["text"], s["kind"]) for s in readable], vocabulary))
    return [next(found) if s["kind"] in READ_KINDS else () for s in sections]


def keyed(db: Database, one: Unread) -> Iterator[dict[str, Any]]:
    """A sheet's keyed figures, each at the place of its numbers in our statement."""
    document = parse_sheet(payload_body(db, one.payload), one.document)
    sections = sections_of(db, one.document)
    for figure in document.keyed_figures:
        section = sections[figure.section]
        row = figure_row(one.document, section["id"], _placed(figure, section["text"]), "sheet")
        yield {**row, "place": figure.place, "secondary": int(figure.secondary), "estimator": figure.estimator}


def proposed_figures(db: Database, one: Unread) -> Iterator[dict[str, Any]]:
    """Another reader's figures, where their quotes stand now, or drifted where they stood."""
    rows = (anchoring.proposed(db, one.document, proposal) for proposal in one.proposals)
    yield from (row for row in rows if row is not None)


def as_reviews(db: Database, decisions: Sequence[Row]) -> list[dict[str, Any]]:
    """Disclosed decisions as served rows: at the figure that stands there now, re-confirm if it reads differently."""
    places: dict[tuple[Any, ...], dict[str, str]] = defaultdict(dict)
    for row in fetch(db, JUDGED, [json.dumps(sorted({d["section_sha256"] for d in decisions}))]):
        place = (row["section_sha256"], row["start"], row["end"])
        places[place][as_judged(figure_of(row).as_json())] = row["id"]
    served = []
    for d in decisions:
        here = places.get((d["section_sha256"], d["start"], d["end"]), {})
        judged = as_judged(json.loads(d["reading"]))
        figure = here.get(judged) or next(iter(here.values()), None)
        served.append({**d, "figure": figure, "state": "stands" if judged in here else "re-confirm"})
    return served


def _placed(figure: KeyedFigure, statement: str) -> Figure:
    start, end = locate(figure.keys, statement) or (0, len(statement))
    return Figure.from_json({**figure.keys, "quote": statement[start:end], "start": start, "end": end})
