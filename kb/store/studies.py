"""What a sheet says beyond its document: the study, its cohort, arms and risk of bias."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from ingest.records import CohortNote, Document, Study
from kb.store.rows import insert, upsert
from kb.vocabulary import Outcome, Topic


def save_cohorts(db: Database, studies: Iterable[Study]) -> None:
    """Store every cohort that these studies and their arms name; what several sheets say of one is put together."""
    notes: dict[str, list[CohortNote]] = defaultdict(list)
    for study in studies:
        own = study.cohort or CohortNote(id=study.id)
        notes[own.id].append(own)
        for name in dict.fromkeys(arm.cohort for arm in study.arms if arm.cohort and arm.cohort != own.id):
            notes[name].append(CohortNote(id=name, reason=f"an arm of {study.id}"))
    upsert(db, "cohorts", ["id"], [_together(same) for same in notes.values()])


def save_study(db: Database, document: Document, sheet_id: str) -> None:
    """Store the study of a sheet, whose cohorts are there; arms and judgements become what the sheet says now."""
    study = document.study
    if study is None:
        return
    upsert(db, "studies", ["id"], [_study_row(study, document)])
    for table in ("arms", "risk_of_bias"):
        db.execute(f"delete from {table} where study = ?", [study.id])
    insert(db, "arms", (_arm_row(study.id, asdict(arm)) for arm in study.arms))
    insert(db, "risk_of_bias", ({"study": study.id, **asdict(item)} for item in study.risk_of_bias))
    db.execute("update documents set study = ? where id = ?", [study.id, sheet_id])


def save_outcomes(db: Database, outcomes: Iterable[Outcome], in_topic: tuple[str, ...]) -> None:
    """Make the table of outcomes exactly the vocabulary's."""
    db.execute("delete from outcomes")
    insert(db, "outcomes", ({
        "id": o.id, "name": o.name, "title": o.title, "type": o.type, "unit": o.unit,
        "scale_low": o.scale[0] if o.scale else None, "scale_high": o.scale[1] if o.scale else None,
        "better": o.better, "mcid": o.mcid.value if o.mcid else None,
        "mcid_source": o.mcid.source if o.mcid else None, "in_topic": int(o.id in in_topic),
    } for o in outcomes))  # fmt: skip


def save_topic(db: Database, topic: Topic, place: str) -> None:
    """Make this the database's topic; place is what load_topic takes to find it again."""
    db.execute("delete from topics")
    insert(db, "topics", [{
        "id": topic.id, "place": place, "title": topic.title, "question": topic.question,
        "protocol_version": topic.protocol_version, "seeds": "\n".join(topic.seeds),
    }])  # fmt: skip


def _together(notes: list[CohortNote]) -> dict[str, Any]:
    said = {
        key: "; ".join(dict.fromkeys(text for note in notes if (text := getattr(note, key)))) or None
        for key in ("centre", "registration", "years", "reason")
    }
    overlap = max((note.overlap for note in notes), key=("none", "assumed", "known").index)
    return {"id": notes[0].id, "overlap": overlap, **said}


def _study_row(study: Study, document: Document) -> dict[str, Any]:
    reported = {i.scheme: i.value for link in document.links if link.kind == "reports" for i in link.target}
    return {
        "id": study.id, "title": study.title, "design": study.design, "year": study.year, "role": study.role,
        "cohort": study.cohort.id if study.cohort else study.id, "pmid": reported.get("pmid"),
        "doi": reported.get("doi"), "note": study.note,
        "made_from": study.made_from,
    }  # fmt: skip


def _arm_row(study: str, arm: dict[str, Any]) -> dict[str, Any]:
    return {
        "study": study, "name": arm["name"], "intervention": arm["intervention"],
        "intervention_class": arm["intervention_class"], "role": arm["role"], "n": arm["n"], "cohort": arm["cohort"],
        "aliases": "\n".join(arm["aliases"]),
    }  # fmt: skip
