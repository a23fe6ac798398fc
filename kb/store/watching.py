"""What is watched from one round of questions to the next: records that are missing, notices that registries name."""

from collections.abc import Iterable, Iterator

from sqlite_utils import Database

from ingest.records import RegisteredNotice, RegisteredReference, RegistryEntry
from kb.store.changes import event, note_once
from kb.store.rows import Row, fetch, insert

#: Rounds in a row that have to miss a record before it is withdrawn: services forget things for a day.
REPEATS = 2

#: What a registry says of papers that are no result of its trial is told only where the paper is here.
_BACKGROUND = "BACKGROUND"

_MISSED = """insert into absences (document, since, last, times) select id, :round, :round, 1 from documents
where id = :document and withdrawn = 0
on conflict (document) do update set times = times + 1, last = excluded.last where last <> excluded.last"""

#: Whether PubMed has said the same of a paper already.
_SAID = """select 1 from documents where id = :document and retracted = 1 and :event = 'retraction'
union all select 1 from notices
where document = :document and :event = 'concern' and ref_type = 'ExpressionOfConcernIn'"""


def missed(db: Database, pmid: str, round_: str, run: str) -> bool:
    """Note that a round (by its start) missed a record that is here; whether it has been missed often enough."""
    name = f"pmid-{pmid}"
    db.execute(_MISSED, {"document": name, "round": round_})
    times = [row["times"] for row in fetch(db, "select times from absences where document = ?", [name])]
    if times == [1]:
        note_once(db, run, name, ("withdrawn?", None, "PubMed did not give this record; it is asked for once more"))
    return bool(times) and times[0] >= REPEATS


def there(db: Database, pmids: Iterable[str]) -> None:
    """These records are there: nothing is missing of them any more."""
    db.conn.executemany("delete from absences where document = ?", [(f"pmid-{one}",) for one in pmids])


def note_registry_notices(db: Database, registry: str, entry: RegistryEntry, run: str) -> None:
    """Raise an event for each retraction or concern that an entry names now and did not before, and for each that went.

    An entry that names no papers at all takes nothing back: it may have been cut.
    """
    known = {_key(row): row for row in fetch(db, "select * from registry_notices where registry = ?", [registry])}
    named = {_key(row): (row, words) for row, words in _named(db, registry, entry)}
    for key, (row, words) in named.items():
        if key not in known:
            insert(db, "registry_notices", [row])
            if row["told"]:
                event(db, run, f"pmid-{row['pmid']}", row["event"], words)
    gone = [row for key, row in known.items() if key not in named] if entry.references else []
    for row in gone:
        names = ("registry", "pmid", "event", "notice")
        where = " and ".join(f"{name} = ?" for name in names)
        db.execute(f"delete from registry_notices where {where}", [row[name] for name in names])
        if row["told"]:
            words = f"{_number(registry)} names it no more: {row['notice']}"
            event(db, run, f"pmid-{row['pmid']}", row["event"], words, "withdrawn")


def _named(db: Database, registry: str, entry: RegistryEntry) -> Iterator[tuple[Row, str]]:
    for paper in entry.references:
        for notice in paper.notices if paper.pmid else ():
            what = "concern" if "concern" in (notice.source or "").lower() else "retraction"
            row = {"registry": registry, "pmid": paper.pmid, "event": what, "notice": _notice(notice)}
            words = f"{_number(registry)} names it: {_notice(notice)}" + (f", {notice.source}" if notice.source else "")
            yield {**row, "told": int(_worth_telling(db, paper, what))}, words


def _worth_telling(db: Database, paper: RegisteredReference, what: str) -> bool:
    name = f"pmid-{paper.pmid}"
    here = fetch(db, "select 1 from documents where id = ?", [name])
    said = fetch(db, _SAID, {"document": name, "event": what})
    return not said and bool(here or paper.kind != _BACKGROUND)


def _notice(notice: RegisteredNotice) -> str:
    return f"PMID {notice.pmid}" if notice.pmid else notice.source or "no source given"


def _number(registry: str) -> str:
    return f"ClinicalTrials.gov {registry.partition('-')[2].upper()}"


def _key(row: Row) -> tuple[str, str, str]:
    return row["pmid"], row["event"], row["notice"]
