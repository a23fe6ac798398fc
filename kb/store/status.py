"""What is there, counted."""

from pathlib import Path
from typing import Any

from sqlite_utils import Database

from ingest.records import Identifier
from kb.store.decisions import decisions_at
from kb.store.document_rows import document_id
from kb.store.rows import fetch

#: Figures whose quote is still where it was said to be; what drifted and nobody has looked at.
HELD = """select count(*) as checked,
coalesce(sum(substr(s.text, f.start + 1, f."end" - f.start) = f.quote), 0) as held,
(select count(*) from drifted_figures where state = 'open') as drifted
from figures f join sections s on s.id = f.section"""

#: Documents that a source links to one of ours, or that a list names, and whose record nobody has loaded yet; then what
#: was asked for and has no answer. What PubMed says it does not have is not pending.
PENDING = """select to_document as id from links where kind <> 'cites' and to_document not in (select id from documents)
and to_document not in (select 'pmid-' || id from requests where what = 'record' and state = 'absent')
union select id from documents where source = 'pmid-list'
union select case what when 'registry' then 'nct-' || lower(id) when 'full text' then 'pmcid-' || lower(id)
  when 'search' then 'search: ' || id when 'doi' then 'doi-' || replace(lower(id), '/', '_') else 'pmid-' || id end
from requests where state in ('pending', 'failed')
order by 1"""

TABLES = ("documents", "studies", "sections", "figures", "links", "reviews", "estimates")


def status(db: Database) -> dict[str, Any]:
    """The contract's status: counts, quotes held, what is pending, the last run, what is retracted."""
    counts = {table: db.execute(f"select count(*) from {table}").fetchone()[0] for table in TABLES}
    last = fetch(db, "select command, finished_at as at, ok from runs order by rowid desc limit 1")
    retracted = fetch(db, "select coalesce(pmid, id) as pmid from documents where retracted = 1 order by 1")
    return {
        **counts,
        "quotes": fetch(db, HELD)[0],
        "pending": _pending(db),
        "last_run": {**last[0], "ok": bool(last[0]["ok"])} if last else None,
        "retracted": [row["pmid"] for row in retracted],
    }


def set_aside(db: Database) -> int:
    """How much drifted that a reviewer has set aside."""
    return int(db.execute("select count(*) from drifted_figures where state = 'set aside'").fetchone()[0])


def _pending(db: Database) -> list[str]:
    """Ids that wait, without the DOIs that PubMed has no record of."""
    absent = fetch(db, "select id from requests where what = 'doi' and state = 'absent'")
    gone = {document_id([Identifier("doi", row["id"])], "") for row in absent}
    return [row["id"] for row in fetch(db, PENDING) if row["id"] not in gone]


def decision_count(path: Path) -> int:
    """How many decisions on figures the file beside the database at path holds; 0 where there is no file yet."""
    return len(decisions_at(path))
