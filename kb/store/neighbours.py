"""What the services beside PubMed say of our documents: counts, registry facts, licences of full texts, search hits."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from ingest.records import PublicationDate, RegistryEntry
from ingest.services.icite import Citations
from ingest.services.pmc import FullText, Licence
from kb.store.changes import note_fields
from kb.store.payloads import now
from kb.store.rows import fetch, insert, upsert
from kb.store.watching import note_registry_notices


def save_counts(db: Database, found: Iterable[Citations], payload: str) -> None:
    """Store what iCite counts of documents that are here."""
    rows = ({
        "document": f"pmid-{one.pmid}", "source": "icite", "citations": one.citation_count,
        "citations_per_year": one.citations_per_year, "relative_citation_ratio": one.rcr,
        "nih_percentile": one.nih_percentile, "clinical": _yes(one.is_clinical), "payload": payload,
        "counted_at": now(),
    } for one in found)  # fmt: skip
    upsert(db, "citation_counts", ["document"], rows)


def save_registry_entry(db: Database, document: str, entry: RegistryEntry, run: str) -> None:
    """Store the facts of a registry entry; what differs from before is noted field by field."""
    row = _registry_row(document, entry)
    before = fetch(db, "select * from registry_entries where document = ?", [document])
    upsert(db, "registry_entries", ["document"], [row])
    note_fields(db, document, before[0] if before else None, row, run)
    note_registry_notices(db, document, entry, run)


def registered_enrolments(db: Database) -> Iterable[Mapping[str, Any]]:
    """What registry entries say of the studies that state their number: study, accession, enrolment, kind, outcomes.

    A number that is only mentioned in a text does not count.
    """
    sql = """select distinct coalesce(d.study, d.id) as study, r.accession, e.enrolment, e.enrolment_kind, e.outcomes
    from registrations r join documents d on d.id = r.document
    join registry_entries e on e.document = 'nct-' || lower(r.accession)
    where r.evidence = 'strong' and d.kind <> 'registry' and d.withdrawn = 0 and e.enrolment is not null
    order by 1, 2"""
    return fetch(db, sql)


def save_full_text(
    db: Database, text: FullText, licence: Licence | None, document: str | None, version: int | None
) -> None:
    """Store whether PMC gives a full text, and under which licence. A document that was loaded stays linked."""
    state = text.state if document or text.state != "full" else "not free"
    row: dict[str, Any] = {
        "pmcid": text.pmcid, "document": document, "state": state, "licence": licence.code if licence else None,
        "free": _yes(licence.free) if licence else None, "statement": licence.statement if licence else None,
        "version": version, "checked_at": now(),
    }  # fmt: skip
    upsert(db, "full_texts", ["pmcid"], [row])


def save_hits(db: Database, query: str, pmids: Iterable[str], run: str) -> None:
    """Hits of a search as identified records; the run that found one first keeps it."""
    key = hashlib.sha256(query.encode()).hexdigest()[:12]
    rows = ({
        "id": f"search-{key}-{pmid}", "document": f"pmid-{pmid}", "stage": "identified", "decision": "identified",
        "reason": None, "source": f"PubMed: {query}", "run": run, "reviewer": None, "decided_at": now(),
    } for pmid in pmids)  # fmt: skip
    insert(db, "screenings", rows, "on conflict (id) do nothing")


def hits(db: Database) -> tuple[str, ...]:
    """PMIDs that searches identified."""
    rows = fetch(db, "select distinct substr(document, 6) as pmid from screenings where id like 'search-%' order by 1")
    return tuple(row["pmid"] for row in rows)


def _registry_row(document: str, entry: RegistryEntry) -> Mapping[str, Any]:
    return {
        "document": document, "status": entry.status, "study_type": entry.study_type,
        "phases": ", ".join(entry.phases) or None, "allocation": entry.allocation, "masking": entry.masking,
        "enrolment": entry.enrolment, "enrolment_kind": entry.enrolment_kind, "start": _raw(entry.start),
        "primary_completion": _raw(entry.primary_completion), "completion": _raw(entry.completion),
        "updated": _raw(entry.updated), "sponsor": entry.sponsor, "conditions": _lines(entry.conditions),
        "arms": _lines(f"{one.kind or 'arm'}: {one.label}" for one in entry.arms),
        "outcomes": _lines(
            f"{one.rank}: {one.measure}" + (f" ({one.time_frame})" if one.time_frame else "") for one in entry.outcomes
        ),
        "has_results": _yes(entry.has_results),
    }  # fmt: skip


def _lines(words: Iterable[str]) -> str | None:
    return "\n".join(words) or None


def _raw(date: PublicationDate | None) -> str | None:
    return date.raw if date else None


def _yes(flag: bool | None) -> int | None:
    return None if flag is None else int(flag)
