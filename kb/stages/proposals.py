"""Proposal files → figures of another reader, each judged by the quote gate against the texts that are stored now.

A file is a list of figures in the contract's JSON, each with a ``document`` or a ``section``, or what ``read --json``
prints: ``{id: [figure, …]}``. start and end may be left out where the quote stands once.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from ingest.errors import BadPayload
from kb.extract.gate import Judgement, Refused, judge_json
from kb.store.payloads import payload_body
from kb.store.rows import fetch

#: The source under which proposal files are kept.
SOURCE = "proposal"

#: A place that no quote has, for figures that come without one.
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed figure: where it says it stands, and its JSON as it came. label names it in messages."""

    label: str
    document: str | None
    section: str | None
    figure: object


def parse_proposals(body: bytes, name: str) -> list[Proposal]:
    """The proposals of a file, in order. Raises BadPayload."""
    try:
        content = json.loads(body.decode("utf-8-sig"))
    except ValueError as error:
        raise BadPayload(f"{name}: not JSON in UTF-8 ({error})") from error
    if isinstance(content, list):
        return [_proposal(i, item, None) for i, item in enumerate(content, 1)]
    if isinstance(content, dict) and all(isinstance(items, list) for items in content.values()):
        return [_proposal(i, item, id_) for id_, items in content.items() for i, item in enumerate(items, 1)]
    raise BadPayload(f"{name}: neither a list of figures nor {{id: [figure, …]}}")


def _proposal(number: int, item: object, document: str | None) -> Proposal:
    label = f"figure {number}" if document is None else f"{document} figure {number}"
    if not isinstance(item, dict):
        return Proposal(label, document, None, item)
    said, section = item.get("document"), item.get("section")
    figure = {key: value for key, value in item.items() if key not in ("document", "section")}
    if figure.get("start") is None and figure.get("end") is None:
        figure |= {"start": NOWHERE, "end": NOWHERE}
    return Proposal(label, _text(said) or document, _text(section), figure)


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def document_of(db: Database, proposal: Proposal) -> str | None:
    """The id of the document that a proposal speaks of, by its id, its PMID or its section; None if there is none."""
    sql = "select id from documents where withdrawn = 0 and (id = :said or pmid = :said) order by id <> :said limit 1"
    if proposal.document is None:
        sql = "select document as id from sections where id = :said"
    rows = fetch(db, sql, {"said": proposal.document or proposal.section})
    return str(rows[0]["id"]) if rows else None


def judge(db: Database, document: str | None, proposal: Proposal) -> Judgement:
    """Judge one proposal against the document's current sections; a section that is not current any more names none."""
    if document is None:
        said = proposal.document or proposal.section
        absent = f"no document or section {said} is here; load it first, or name another"
        return Refused("malformed", absent if said else "it names no document and no section")
    sections = texts_of(db, document)
    known = proposal.section in sections or not _once_known(db, document, proposal.section)
    return judge_json(proposal.figure, sections, proposal.section if known else None)


def _once_known(db: Database, document: str, section: str | None) -> bool:
    """Whether the section was one of the document's."""
    return bool(fetch(db, "select 1 from sections where id = ? and document = ?", [section, document]))


def texts_of(db: Database, document: str) -> Mapping[str, str]:
    """The current sections of a document, by id, in order."""
    sql = "select id, text from sections where document = ? and current = 1 order by position"
    return {row["id"]: row["text"] for row in fetch(db, sql, [document])}


def kept_proposals(db: Database) -> dict[str, Sequence[Proposal]]:
    """What the kept proposal files say of each document, in the order in which they came."""
    found: dict[str, list[Proposal]] = defaultdict(list)
    for proposal in _kept(db):
        document = document_of(db, proposal)
        if document is not None:
            found[document].append(proposal)
    return dict(found)


def _kept(db: Database) -> Iterator[Proposal]:
    sql = "select payload, min(id) as first, url from fetches where source = ? group by payload order by first"
    for row in fetch(db, sql, [SOURCE]):
        yield from parse_proposals(payload_body(db, row["payload"]), row["url"])
