"""What a new version of a document changes, field by field, and what happened to it. Noise is not noted.

A retraction, a concern, an erratum or a republication is an event when it appears and when it goes, each once. The
record that retracts another (D016440, RetractionOf) is not retracted itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from ingest.records import Document, Notice
from kb.store.document_rows import is_retracted
from kb.store.payloads import now
from kb.store.rows import Row, fetch, insert

#: Columns that are not noted: PubMed touches DateRevised in maintenance, retraction and withdrawal are events.
NOISE = {"revised", "updated", "payload", "content_sha256", "version", "study", "withdrawn", "retracted"}

#: PubMed's word for a notice → the event on the record that it stands in. `In`: this record is affected.
EVENTS = {
    "ErratumIn": "erratum", "ExpressionOfConcernIn": "concern", "RetractedandRepublishedIn": "republication",
    "CorrectedandRepublishedIn": "republication",
}  # fmt: skip

#: Rows of a document that are compared as lists: what they are called → how an entry is printed.
LISTS = {
    "MeSH": "select descriptor || coalesce('/' || qualifier, '') || case major when 1 then '*' else '' end as entry "
    "from mesh_headings where document = ? order by position",
    "publication types": "select text as entry from publication_types where document = ? order by position",
    "keywords": "select text as entry from keywords where document = ? order by position",
    "authors": "select p.name as entry from authorships a join people p on p.id = a.person "
    "where a.document = ? order by a.position",
    "registrations": "select accession as entry from registrations where document = ? order by registry, accession",
}


#: Field, value before, value after.
Change = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What was stored of a document before: its lists and its notices."""

    lists: Mapping[str, Sequence[str]]
    notices: Sequence[Row]


def told(db: Database, document: str) -> Told:
    """What is stored of a document now."""
    lists = {name: [row["entry"] for row in fetch(db, sql, [document])] for name, sql in LISTS.items()}
    return Told(lists, fetch(db, "select ref_type, text, pmid from notices where document = ?", [document]))


def note_changes(db: Database, before: Row, after: Row, was: Told, run: str, *, new_text: bool) -> None:
    """Note each field that differs; a record that another source gives now is that one change, not many."""
    name = after["id"]
    if before["source"] != after["source"]:
        _note(db, run, name, [("source", before["source"], after["source"])])
        return
    note_fields(db, name, before, after, run)
    rows = list(_listed(was.lists, told(db, name).lists))
    if new_text:
        rows.append(("text", None, "sections changed; the old ones are kept"))
    _note(db, run, name, rows)


def note_fields(db: Database, name: str, before: Row | None, after: Row, run: str) -> None:
    """Note each column that differs, noise left out."""
    if before is not None:
        fields = [c for c in after if c in before and c not in NOISE and _same(before[c]) != _same(after[c])]
        _note(db, run, name, [(c, _text(before[c]), _text(after[c])) for c in fields])


def note_events(db: Database, name: str, document: Document, before: Row | None, was: Told, run: str) -> None:
    """Note what appeared and what went since the version before; for a new document all that stands in it."""
    retracted, was_retracted = is_retracted(document), bool(before and before["retracted"])
    if retracted and not was_retracted:
        event(db, run, name, "retraction", _retraction_words(document.notices))
    if was_retracted and not retracted:
        event(db, run, name, "retraction", "the record is no longer marked as retracted", "withdrawn")
    new = [{"ref_type": one.ref_type, "text": one.text, "pmid": one.pmid} for one in document.notices]
    for row in _missing_in(was.notices, new):
        event(db, run, name, EVENTS[row["ref_type"]], _notice_words(row))
    for row in _missing_in(new, was.notices):
        event(db, run, name, EVENTS[row["ref_type"]], f"no longer there: {_notice_words(row)}", "withdrawn")


def event(db: Database, run: str, name: str, what: str, text: str, state: str = "appeared") -> None:
    """Note one event."""
    row = {"run": run, "document": name, "event": what, "state": state, "text": text, "noticed_at": now()}
    insert(db, "events", [row])


def note_once(db: Database, run: str, name: str, change: Change) -> None:
    """Note a change that is found again and again, unless exactly this is noted already."""
    known = 'select 1 from changes where document = ? and field = ? and "before" is ? and "after" is ?'
    if not fetch(db, known, [name, *change]):
        _note(db, run, name, [change])


def _listed(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    for name, entries in new.items():
        gone = [one for one in old[name] if one not in entries]
        come = [one for one in entries if one not in old[name]]
        if gone or come:
            yield name, "; ".join(gone) or None, "; ".join(come) or None


def _missing_in(there: Sequence[Row], listed: Sequence[Row]) -> Iterator[Row]:
    """Those of the list that are not there: the same notice may gain a PMID, or have its text corrected."""
    for row in listed:
        if row["ref_type"] in EVENTS and not any(_same_notice(row, one) for one in there):
            yield row


def _same_notice(one: Row, other: Row) -> bool:
    same_end = (one["pmid"] and one["pmid"] == other["pmid"]) or one["text"] == other["text"]
    return bool(one["ref_type"] == other["ref_type"] and same_end)


def _notice_words(row: Row) -> str:
    return str(row["text"]) + (f" (PMID {row['pmid']})" if row["pmid"] else "")


def _retraction_words(notices: Sequence[Notice]) -> str:
    said = [one for one in notices if one.ref_type == "RetractionIn"]
    if not said:
        return "the record is marked as a retracted publication"
    return "; ".join(f"retracted in {one.text}" + (f" (PMID {one.pmid})" if one.pmid else "") for one in said)


def _note(db: Database, run: str, name: str, rows: Sequence[Change]) -> None:
    noticed = now()
    insert(db, "changes", (
        {"run": run, "document": name, "field": field, "before": before, "after": after, "noticed_at": noticed}
        for field, before, after in rows
    ))  # fmt: skip


def _same(value: object) -> object:
    """Other white space is no other value."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
