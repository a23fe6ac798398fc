"""Sections and sheets → figures with their places. Unchanged text and vocabulary are not read again."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlite_utils import Database

from ingest.records import KeyedFigure
from ingest.sheets import parse_sheet
from kb.extract import Passage, locate, read_passages
from kb.extract.gate import Accepted
from kb.records import Figure
from kb.stages.proposals import Proposal, judge, kept_proposals
from kb.store.payloads import payload_body
from kb.store.readings import as_judged, figure_columns, figure_of
from kb.store.rows import Row, fetch
from kb.vocabulary import Vocabulary

#: Documents read per batch: bounds memory, and nothing else.
BATCH = 500

#: The reader's own code is part of what a text was read with: a better reader reads again.
READER = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(files("kb.extract").iterdir(), key=str) if path.name.endswith(".py"))
).hexdigest()

#: Kinds of section that hold results; a title or another language's abstract does not.
READ_KINDS = ("abstract", "body", "table")

TEXTS = """select d.id, d.kind, d.payload, group_concat(s.id, ' ') as sections
from documents d join (select * from sections where current = 1 order by position) s on s.document = d.id
where d.withdrawn = 0 group by d.id order by d.id"""


@dataclass(frozen=True, slots=True)
class Unread:
    """A document to read, with the key that says what it is read with."""

    document: str
    kind: str
    payload: str
    key: str
    proposals: Sequence[Proposal] = ()


def unread(db: Database, vocabulary: Vocabulary) -> Iterator[Sequence[Unread]]:
    """Documents whose sections or vocabulary differ from what they were last read with, in batches."""
    known = {row["document"]: row["key"] for row in fetch(db, "select document, key from readings")}
    proposed = kept_proposals(db)
    found = []
    for row in fetch(db, TEXTS):
        words = f"{vocabulary.sha256} {READER} {row['payload'] if row['kind'] == 'sheet' else ''} {row['sections']}"
        proposals = proposed.get(row["id"], ())
        words += "".join(f" {proposal}" for proposal in proposals)
        key = hashlib.sha256(words.encode()).hexdigest()
        if known.get(row["id"]) != key:
            found.append(Unread(row["id"], row["kind"], row["payload"], key, proposals))
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def figures_of(db: Database, batch: Sequence[Unread], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """Rows for the table figures, of these documents."""
    rows: dict[str, dict[str, Any]] = {}
    for one in batch:
        read = keyed_figures if one.kind == "sheet" else machine_figures
        rows |= {row["id"]: row for row in read(db, one, vocabulary)}
        rows |= {row["id"]: row for row in proposed_figures(db, one)}
    return list(rows.values())


def machine_figures(db: Database, one: Unread, vocabulary: Vocabulary) -> Iterator[dict[str, Any]]:
    """What the reader finds in a document's current sections, the whole document being its context."""
    marks = ", ".join("?" for _ in READ_KINDS)
    sql = "select id, kind, label, text from sections where document = ? and current = 1"
    sections = fetch(db, f"{sql} and kind in ({marks}) order by position", [one.document, *READ_KINDS])
    found = read_passages([Passage(s["label"], s["text"], s["kind"]) for s in sections], vocabulary)
    for section, figures in zip(sections, found, strict=True):
        for figure in figures:
            yield figure_row(one.document, section["id"], figure, "machine")


def keyed_figures(db: Database, one: Unread, _: Vocabulary) -> Iterator[dict[str, Any]]:
    """A sheet's keyed figures, each at the place of its numbers in our statement."""
    document = parse_sheet(payload_body(db, one.payload), one.document)
    sections = fetch(
        db, "select id, text from sections where document = ? and current = 1 order by position", [one.document]
    )
    for keyed in document.keyed_figures:
        section = sections[keyed.section]
        row = figure_row(one.document, section["id"], _placed(keyed, section["text"]), "sheet")
        yield {**row, "place": keyed.place, "secondary": int(keyed.secondary), "estimator": keyed.estimator}


def proposed_figures(db: Database, one: Unread) -> Iterator[dict[str, Any]]:
    """Another reader's figures whose quotes stand in the document's current sections."""
    for proposal in one.proposals:
        judged = judge(db, one.document, proposal)
        if isinstance(judged, Accepted):
            yield figure_row(one.document, judged.section, judged.figure, "proposed")


def as_reviews(db: Database, decisions: Sequence[Row]) -> list[dict[str, Any]]:
    """Disclosed decisions as served rows: at the figure that stands there now, re-confirm if it reads differently."""
    places: dict[tuple[Any, ...], dict[str, str]] = defaultdict(dict)
    for row in fetch(db, "select f.*, s.sha256 as section_sha256 from figures f join sections s on s.id = f.section"):
        place = (row["section_sha256"], row["start"], row["end"])
        places[place][as_judged(figure_of(row).as_json())] = row["id"]
    served = []
    for d in decisions:
        here = places.get((d["section_sha256"], d["start"], d["end"]), {})
        judged = as_judged(json.loads(d["reading"]))
        figure = here.get(judged) or next(iter(here.values()), None)
        served.append({**d, "figure": figure, "state": "stands" if judged in here else "re-confirm"})
    return served


def _placed(keyed: KeyedFigure, statement: str) -> Figure:
    start, end = locate(keyed.keys, statement) or (0, len(statement))
    return Figure.from_json({**keyed.keys, "quote": statement[start:end], "start": start, "end": end})


def figure_row(document: str, section: str, figure: Figure, reader: str) -> dict[str, Any]:
    """The row of a figure; its id follows from its place, what it says and who read it."""
    place = (section, figure.start, figure.end, figure.kind, figure.outcome, figure.arm, str(figure.timepoint),
             figure.value, figure.events, figure.percent, reader)  # fmt: skip
    name = hashlib.sha256(repr(place).encode()).hexdigest()[:12]
    return {
        "id": f"{document}.{name}",
        "section": section,
        "document": document,
        "reader": reader,
        "place": None,
        "secondary": 0,
        "estimator": None,
        **figure_columns(figure),
    }
