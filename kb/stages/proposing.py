"""Figures of another reader (a person, a script, a language model) through the quote gate into the database."""

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO

from sqlite_utils import Database

from kb.extract.gate import Accepted, Refused
from kb.stages.figure_rows import figure_row
from kb.stages.proposals import SOURCE, document_of, judge, parse_proposals
from kb.store import history
from kb.store.payloads import keep_payload
from kb.store.rows import Row, insert

ACCEPTED = "accepted"


@dataclass(slots=True)
class Proposed:
    """What became of a file: how many figures of each kind, and each refused one by its label."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, Refused]] = field(default_factory=list)


def propose(db: Database, body: bytes, name: str) -> Proposed:
    """Judge a file's figures, keep the file if one was accepted, and store the accepted as figures of reader proposed.

    The kept file is what ``build`` makes these figures from again. Raises BadPayload, and then nothing is stored.
    """
    proposals = parse_proposals(body, name)
    found = Proposed()
    with history.recorded(db, "propose") as run, db.atomic():
        rows: dict[str, Row] = {}
        for proposal in proposals:
            document = document_of(db, proposal)
            judged = judge(db, document, proposal)
            if isinstance(judged, Accepted) and document is not None:
                row = figure_row(document, judged.section, judged.figure, "proposed")
                rows[str(row["id"])] = {**row, "run": run.id}
                found.counts[ACCEPTED] += 1
            elif isinstance(judged, Refused):
                found.counts[judged.kind] += 1
                found.refused.append((proposal.label, judged))
        run.requested, run.returned, run.failed = len(proposals), found.counts[ACCEPTED], len(found.refused)
        run.messages += [f"{label}: {refused.kind}: {refused.reason}" for label, refused in found.refused]
        if rows:
            keep_payload(db, BytesIO(body), SOURCE, name)
            insert(db, "figures", rows.values(), "on conflict (id) do nothing")
    return found
