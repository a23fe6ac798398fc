"""Records to screen, what was decided of them, and what was learned; decisions are appended beside the database."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlite_utils import Database

from kb.records import Vote
from kb.store.connection import decisions_path, open_decisions
from kb.store.decisions import record_screening
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert

#: Title, abstract and headings as one text a record.
TEXTS = """select r.document, coalesce(d.title, '') || ' ' || coalesce((
  select group_concat(text, ' ') from (select text from sections s where s.document = r.document
    and +s.kind = 'abstract' and s.current = 1 order by s.position)), '') || ' ' || coalesce((
  select group_concat(descriptor, ' ') from (
    select descriptor from mesh_headings m where m.document = r.document order by m.position)), '') as text
from records r join documents d on d.id = r.document where r.readable = 1 order by r.position, r.document"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept decision or retrieval as its row says, with its place in the order of all."""

    id: str
    at: int
    document: str
    stage: str
    vote: Vote
    note: str | None
    decided_at: str


def kept_at(path: Path, documents: Iterable[str] | None = None) -> list[Kept]:
    """Screening decisions and retrievals beside the database at path, oldest first; of some documents, or of all."""
    if not decisions_path(path).exists():
        return []
    chosen = "" if documents is None else "where document in (select value from json_each(?))"
    asked = [] if documents is None else [json.dumps(sorted(documents))]
    with closing(open_decisions(path)) as db:
        decided = fetch(db, f"select rowid as at, * from screening_decisions {chosen} order by rowid", asked)
        had = fetch(db, f"select rowid as at, * from retrievals {chosen} order by rowid", asked)
    return [_decided(row) for row in decided] + [_had(row) for row in had]


def _decided(row: Row) -> Kept:
    vote = Vote(row["reviewer"], row["decision"], row["reason"], row["role"])
    return Kept(row["id"], row["at"], row["document"], row["stage"], vote, row["note"], row["decided_at"])


def _had(row: Row) -> Kept:
    vote = Vote(row["reviewer"], row["retrieval"])
    return Kept(row["id"], row["at"], row["document"], "retrieval", vote, row["note"], row["decided_at"])


def keep_vote(path: Path, document: str, stage: str, vote: Vote, note: str | None) -> None:
    """Append a decision on a record."""
    row = {
        "document": document, "stage": stage, "decision": vote.decision, "reason": vote.reason, "note": note,
        "reviewer": vote.reviewer, "role": vote.role,
    }  # fmt: skip
    with closing(open_decisions(path)) as db:
        record_screening(db, row)


def keep_retrieval(path: Path, document: str, retrieval: str, reviewer: str, note: str | None) -> None:
    """Append whether the report of a record could be had."""
    row = {
        "id": uuid4().hex, "document": document, "retrieval": retrieval, "note": note, "reviewer": reviewer,
        "decided_at": now(),
    }  # fmt: skip
    with closing(open_decisions(path)) as db, db.atomic():
        insert(db, "retrievals", [row])


def same_records(db: Database, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of documents that are one record twice."""
    rows = fetch(
        db, "select one, other from duplicates where kind in (select value from json_each(?))", [json.dumps(kinds)]
    )
    return [(row["one"], row["other"]) for row in rows]


def replace_records(db: Database, some: Iterable[str], works: Iterable[Row], records: Iterable[Row]) -> None:
    """Make the records of some documents exactly these; what is as it was is not written.

    A rank stays with a record that still has to be settled.
    """
    names = json.dumps(sorted(some))
    inside = "document in (select value from json_each(?))"
    _replace(db, "record_works", fetch(db, f"select * from record_works where {inside}", [names]), works)
    before = fetch(db, f"select * from records where {inside}", [names])
    ranked = {row["document"]: {key: row[key] for key in ("rank", "score")} for row in before}
    unranked = {"rank": None, "score": None}
    open_ = ("conflict", None)
    _replace(db, "records", before, (
        {**row, **(ranked.get(row["document"], unranked) if row["title_abstract"] in open_ else unranked)}
        for row in records
    ))  # fmt: skip


def _replace(db: Database, table: str, before: Iterable[Row], after: Iterable[Row]) -> None:
    """Rows by document; the run that made a row says nothing of what it says."""
    had, now = ({row["document"]: row for row in rows} for rows in (before, after))
    changed = [row for name, row in now.items() if name not in had or {**had[name], "run": 0} != {**row, "run": 0}]
    gone = json.dumps([*(had.keys() - now.keys()), *(row["document"] for row in changed)])
    db.execute(f"delete from {table} where document in (select value from json_each(?))", [gone])
    insert(db, table, changed)


def update_record(db: Database, document: str, states: Row) -> None:
    """Say what is decided of one record now; the first settling gives it its number, and it is ranked no more."""
    db.execute(
        "update records set title_abstract = :title_abstract, title_abstract_reason = :title_abstract_reason, "
        "retrieval = :retrieval, full_text = :full_text, full_text_reason = :full_text_reason "
        "where document = :document",
        {**states, "document": document},
    )
    db.execute(
        "update records set settled = (select coalesce(max(settled), 0) + 1 from records), rank = null, score = null "
        "where document = ? and settled is null and title_abstract in ('include', 'exclude')", [document],
    )  # fmt: skip


def serve_screenings(db: Database, rows: Iterable[Row], documents: Iterable[str] | None = None) -> None:
    """Make the served decisions (of these documents, or of all) exactly these rows."""
    if documents is None:
        # two ranges of its index, where <> would read all that searches identified
        db.execute("delete from screenings where stage < 'identified' or stage > 'identified'")
    else:
        inside = "document in (select value from json_each(?))"
        db.execute(f"delete from screenings where stage <> 'identified' and {inside}", [json.dumps(list(documents))])
    insert(db, "screenings", rows)


def members(db: Database) -> dict[str, list[str]]:
    """The documents that each record stands for."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in fetch(db, "select record, document from record_works order by record, document"):
        found[row["record"]].append(row["document"])
    return found


def members_of(db: Database, record: str) -> list[str]:
    """The documents that a record stands for; none where it is no record to screen."""
    rows = fetch(
        db, "select w.document from record_works w join records r on r.document = w.record "
        "where w.record = ? order by 1", [record],
    )  # fmt: skip
    return [row["document"] for row in rows]


def settled(db: Database) -> list[int]:
    """1 for include, 0 for exclude, in the order in which titles and abstracts were settled."""
    rows = fetch(
        db, "select title_abstract = 'include' as relevant from records where title_abstract in ('include', 'exclude') "
        "order by settled",
    )  # fmt: skip
    return [row["relevant"] for row in rows]


def screenable(db: Database) -> int:
    """How many records have a title or an abstract here."""
    return int(db.execute("select count(*) from records where readable = 1").fetchone()[0])


def serve_unseen(db: Database, row: Row | None) -> None:
    """Say how much is likely unseen; None where nothing is settled yet."""
    db.execute("delete from unseen")
    insert(db, "unseen", [row] if row else [])


def labelled(db: Database) -> dict[str, bool]:
    """Settled records: whether they were included at title and abstract."""
    rows = fetch(
        db, "select document, title_abstract = 'include' as relevant from records "
        "where title_abstract in ('include', 'exclude') and readable = 1 order by document",
    )  # fmt: skip
    return {row["document"]: bool(row["relevant"]) for row in rows}


def contents(db: Database) -> list[tuple[str, str]]:
    """Records that one can learn from and the hashes of what they hold, in the order of identification."""
    sql = """select r.document, d.content_sha256 from records r join documents d on d.id = r.document
    where r.readable = 1 order by r.position, r.document"""
    return [(document, content) for document, content in db.execute(sql)]


def texts(db: Database) -> dict[str, str]:
    """What there is to learn from, by record in the order of identification: title, abstract and headings."""
    return {row["document"]: row["text"] for row in fetch(db, TEXTS)}


def ground_of_ranking(db: Database) -> str | None:
    """What the ranking that stands was learned from."""
    rows = fetch(db, "select ground from rankings")
    return rows[0]["ground"] if rows else None


def serve_ranking(db: Database, ranking: Row | None, scores: Mapping[str, float]) -> None:
    """Make these the scores; the largest is rank 1, and of equals the one identified first."""
    db.execute("delete from rankings")
    db.execute("update records set rank = null, score = null where rank is not null")
    insert(db, "rankings", [{**ranking, "made_at": now()}] if ranking else [])
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    db.conn.executemany(
        "update records set rank = ?, score = ? where document = ?",
        [(rank, score, document) for rank, (document, score) in enumerate(ordered, start=1)],
    )
