"""What was asked of the services, id by id, and what came. Rounds: a killed one goes on, a finished one moves the mark.

want        an id that is to be asked for           still_open   those without an answer yet
settle      what became of the ids of a question    open_round, close_round
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from kb.store.payloads import now
from kb.store.rows import fetch, insert

#: An interrupted round that is older asks everything again: what it has is no longer today's.
RESUME_WITHIN = timedelta(hours=12)

#: Edges that are asked for by PMID, as links names them.
EDGES = ("similar", "cited_by", "cites")

_RECORDS_KNOWN = """select pmid from documents where pmid is not null and kind not in ('sheet', 'full text', 'registry')
and source <> 'pmid-list' union select id from requests where what = 'record'"""


@dataclass(frozen=True, slots=True)
class Round:
    """A pull or refresh at work. resumed: an interrupted one goes on, and what it was told since then is not asked."""

    what: str
    since: str
    resumed: bool


def want(db: Database, what: str, ids: Iterable[str], run: str, *, seed: bool = False, most: int | None = None) -> None:
    """Note that these are to be asked for; what has its answer keeps it. More neighbours wins over fewer."""
    rows = [
        {"what": what, "id": one, "state": "pending", "seed": int(seed), "most": most, "run": run, "asked_at": now()}
        for one in dict.fromkeys(ids)
    ]
    # max of two values is NULL where one of them is, and NULL means all
    more = "seed = max(seed, excluded.seed), most = max(requests.most, excluded.most)"
    insert(db, "requests", rows, f"on conflict (what, id) do update set {more}")


def still_open(db: Database, what: str, run: str, ids: Iterable[str] | None = None) -> tuple[str, ...]:
    """The wanted ids that are pending, or failed in another run than this, in the order given, or all of that kind."""
    rows = fetch(
        db,
        "select id from requests where what = ? and (state = 'pending' or (state = 'failed' and run <> ?)) order by id",
        [what, run],
    )
    found = dict.fromkeys(row["id"] for row in rows)
    return tuple(found if ids is None else (one for one in dict.fromkeys(ids) if one in found))


def settle(db: Database, what: str, states: Mapping[str, tuple[str, str | None]], run: str) -> None:
    """Write what became of ids: id → (state, reason)."""
    rows = [
        {"what": what, "id": one, "state": state, "reason": reason, "run": run, "asked_at": now()}
        for one, (state, reason) in states.items()
    ]
    told = ", ".join(f"{name} = excluded.{name}" for name in ("state", "reason", "run", "asked_at"))
    insert(db, "requests", rows, f"on conflict (what, id) do update set {told}")


def ask_absent_again(db: Database, ids: Iterable[str], since: str) -> None:
    """Records that PubMed did not have before may be there now; a person named them, so ask again."""
    db.execute(
        "update requests set state = 'pending' where what = 'record' and state = 'absent' and asked_at < ? "
        "and id in (select value from json_each(?))",
        [since, json.dumps(list(ids))],
    )


def ask_all_again(db: Database, run: str) -> None:
    """Everything that is known is to be asked for again, also records that came from files; a DOI stays resolved."""
    db.execute(
        "update requests set state = 'pending', reason = null, run = ? where what <> 'doi' or state <> 'returned'",
        [run],
    )
    want(db, "record", (row["pmid"] for row in fetch(db, _RECORDS_KNOWN)), run)


def open_round(db: Database, what: str, started_at: str, run: str) -> Round:
    """Begin a round, or go on with one that was interrupted not long ago. Begins with a write, so it can wait."""
    db.execute(
        "insert into watermarks (what, run) values (?, ?) on conflict (what) do update set run = excluded.run",
        [what, run],
    )
    (row,) = fetch(db, "select open_since from watermarks where what = ?", [what])
    oldest = (datetime.fromisoformat(started_at) - RESUME_WITHIN).isoformat(timespec="milliseconds")
    if row["open_since"] and row["open_since"] >= oldest:
        return Round(what, row["open_since"], resumed=True)
    db.execute("update watermarks set open_since = ? where what = ?", [started_at, what])
    return Round(what, started_at, resumed=False)


def close_round(db: Database, one: Round, *, complete: bool) -> None:
    """End a round; the mark moves to its start only if everything came."""
    moved = ", at = open_since" if complete else ""
    db.execute(
        f"update watermarks set open_since = null{moved} where what = ? and open_since = ?", [one.what, one.since]
    )


def watermark(db: Database, what: str) -> str | None:
    """Since when all that is known has been asked for again; None: never."""
    return next((row["at"] for row in fetch(db, "select at from watermarks where what = ?", [what])), None)


def drop_unknown_links(db: Database) -> None:
    """A link to a number that PubMed has no record of is no link; a document that was withdrawn keeps its links."""
    db.execute(
        "delete from links where to_document in (select 'pmid-' || id from requests where what = 'record' "
        "and state = 'absent') and to_document not in (select id from documents)"
    )


def count_edges(db: Database) -> None:
    """How many links came from all sources; no reference at all is unknown: every paper cites something."""
    counted = (
        "(select count(distinct to_document) from links where from_document = 'pmid-' || requests.id "
        "and kind = requests.what)"
    )
    db.execute(
        f"update requests set came = nullif({counted}, case what when 'cites' then 0 else -1 end) "
        "where what in ('similar', 'cited_by', 'cites') and state = 'returned'"
    )


def with_records(db: Database, pmids: Sequence[str]) -> tuple[str, ...]:
    """Those PMIDs whose record is here, in order."""
    there = {
        row["pmid"]
        for row in fetch(
            db,
            "select substr(id, 6) as pmid from documents where id in (select 'pmid-' || value from json_each(?))",
            [json.dumps(list(pmids))],
        )
    }
    return tuple(one for one in pmids if one in there)


def neighbours(db: Database, edge: str, pmid: str, most: int | None) -> tuple[str, ...]:
    """PMIDs at the other end of one kind of link, the strongest first."""
    rows = fetch(
        db,
        "select substr(to_document, 6) as pmid, max(score) as strength, min(first_seen) as seen from links "
        "where from_document = ? and kind = ? and to_document like 'pmid-%' "
        "group by to_document order by strength desc, seen, to_document limit ?",
        [f"pmid-{pmid}", edge, -1 if most is None else most],
    )
    return tuple(row["pmid"] for row in rows)


def wanted_neighbours(db: Database) -> tuple[str, ...]:
    """Every neighbour that pulls asked for, by the links that are known now."""
    rows = fetch(
        db, "select what, id, most from requests where what in ('similar', 'cited_by', 'cites') order by what desc, id"
    )
    found = (one for row in rows for one in neighbours(db, row["what"], row["id"], row["most"]))
    return tuple(dict.fromkeys(found))


def seeds(db: Database) -> tuple[str, ...]:
    """PMIDs that a person or the topic named."""
    return tuple(
        row["id"] for row in fetch(db, "select id from requests where what = 'record' and seed = 1 order by id")
    )


def study_papers(db: Database) -> tuple[str, ...]:
    """PMIDs of the papers that the topic's sheets speak of."""
    return tuple(
        row["pmid"] for row in fetch(db, "select distinct pmid from studies where pmid is not null order by 1")
    )


def listed(db: Database) -> tuple[str, ...]:
    """PMIDs of loaded lists, of which nothing but the number is known yet."""
    return tuple(row["pmid"] for row in fetch(db, "select pmid from documents where source = 'pmid-list' order by 1"))


def study_dois(db: Database) -> tuple[str, ...]:
    """DOIs of the papers that the topic's sheets speak of and give no PMID of."""
    sql = "select distinct doi from studies where pmid is null and doi is not null order by 1"
    return tuple(row["doi"] for row in fetch(db, sql))


_OURS = """d.withdrawn = 0 and (d.study is not null
or d.pmid in (select id from requests where what = 'record' and seed = 1))"""


def registered(db: Database) -> tuple[str, ...]:
    """ClinicalTrials.gov numbers that the seeds and the topic's studies state or mention."""
    sql = f"""select distinct r.accession as id from registrations r join documents d on d.id = r.document
    where r.accession like 'NCT%' and d.kind <> 'registry' and {_OURS} order by 1"""
    return tuple(row["id"] for row in fetch(db, sql))


def in_pmc(db: Database) -> tuple[str, ...]:
    """PMCIDs of the seeds, the topic's studies and the similar articles that were fetched."""
    sql = f"""select distinct d.pmcid as id from documents d where d.pmcid is not null
    and d.kind not in ('full text', 'sheet', 'registry') and ({_OURS} or (d.withdrawn = 0 and exists (
      select 1 from links l join requests q on q.what = 'similar' and 'pmid-' || q.id = l.from_document
      where l.to_document = d.id and l.kind = 'similar'))) order by 1"""
    return tuple(row["id"] for row in fetch(db, sql))


def fetched_pmids(db: Database) -> tuple[str, ...]:
    """PMIDs of the records that PubMed returned, those withdrawn since left out."""
    sql = """select q.id from requests q join documents d on d.id = 'pmid-' || q.id
    where q.what = 'record' and q.state = 'returned' and d.withdrawn = 0 order by 1"""
    return tuple(row["id"] for row in fetch(db, sql))


def failures(db: Database, run: str) -> list[dict[str, Any]]:
    """What a run could not have: what, id, reason."""
    return fetch(
        db, "select what, id, reason from requests where state = 'failed' and run = ? order by what, id", [run]
    )


def unanswered(db: Database, what: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Those ids that have no answer, whether they were ever wanted or not."""
    rows = fetch(db, "select id from requests where what = ? and state not in ('pending', 'failed')", [what])
    answered = {row["id"] for row in rows}
    return tuple(one for one in dict.fromkeys(ids) if one not in answered)


def known_count(db: Database) -> dict[str, int]:
    """How many of each kind a refresh asks for again."""
    rows = fetch(db, "select what, count(*) as n from requests where what <> 'record' group by what order by what")
    (records,) = fetch(db, f"select count(*) as n from ({_RECORDS_KNOWN})")
    return {"record": records["n"]} | {row["what"]: row["n"] for row in rows}


def never_wanted(db: Database, what: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Those ids that nobody wanted before."""
    known = {row["id"] for row in fetch(db, "select id from requests where what = ?", [what])}
    return tuple(one for one in dict.fromkeys(ids) if one not in known)


def reopen(db: Database, what: str, ids: Iterable[str]) -> None:
    """These are to be asked for again, whatever was answered before."""
    db.execute(
        "update requests set state = 'pending' where what = ? and id in (select value from json_each(?))",
        [what, json.dumps(list(ids))],
    )


def edges_wanted(db: Database, pmid: str) -> frozenset[str]:
    """Kinds of link that are wanted of a record."""
    rows = fetch(db, "select what from requests where id = ? and what in ('similar', 'cited_by', 'cites')", [pmid])
    return frozenset(row["what"] for row in rows)
