"""What derived rows were made from, beside what is stored now: a build asks here what has other ground since the last.

Nothing is marked when it changes. What is here is compared with what a row was made from, so nothing that writes can
forget to say so. Every question reads an index of documents, not their rows.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from kb.store.identified import gather_anew
from kb.store.rows import Row, fetch, insert

#: Ids of documents that are not as they were read. others: ids that are to be read again for another reason, as JSON.
_UNREAD = """select d.id from documents d left join readings r on r.document = d.id
where d.withdrawn = 0
  and (r.content is not d.content_sha256 or r.reader <> :reader or d.id in (select value from json_each(:others)))"""

#: The study that a document's figures belong to now; none where the document is withdrawn.
_STUDY = "case d.withdrawn when 0 then coalesce(d.study, d.id) end"

_MOVED = f"""select r.study as before, {_STUDY} as study from readings r join documents d on d.id = r.document
where r.weighed = 0 or r.study is not {_STUDY}"""

_UNMATCHED = """select d.id from documents d left join matchings m on m.document = d.id
where m.content is not d.content_sha256"""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a study was weighed with beside its figures, as hashes; None where there is nothing of the kind."""

    facts: str | None
    decisions: str | None


def made_with(db: Database) -> str | None:
    """The key of code, vocabulary and topic that the derived rows were made with; None before the first build."""
    rows = fetch(db, "select key from made_with")
    return rows[0]["key"] if rows else None


def take_turn(db: Database) -> None:
    """Wait for whoever writes, before anything is read: a transaction that reads first cannot wait, it is refused."""
    db.execute("update made_with set key = key where 0")


def begin_anew(db: Database, key: str) -> None:
    """Nothing was matched or weighed yet, and what follows is made with this key.

    What was read stays: it has a key of its own.
    """
    db.execute("delete from made_with")
    insert(db, "made_with", [{"key": key}])
    db.execute("delete from weighings")
    db.execute("delete from matchings")
    gather_anew(db)
    db.execute("update references_text set tried = 0 where tried = 1")
    db.execute("update readings set weighed = 0 where weighed = 1")


def unread(db: Database, reader: str, proposed: Mapping[str, str]) -> list[Row]:
    """Documents to read: id, kind, payload, content. proposed: a hash of what other readers propose, by document."""
    known = {row["document"]: row["proposals"] for row in fetch(db, "select * from readings where proposals <> ''")}
    others = [one for one in known.keys() | proposed.keys() if known.get(one) != proposed.get(one)]
    sql = f"select id, kind, payload, content_sha256 as content from documents where id in ({_UNREAD}) order by id"
    return list(fetch(db, sql, {"reader": reader, "others": json.dumps(others)}))


def moved(db: Database) -> set[str]:
    """Studies with figures that were read since they were weighed, or that came from or went to another study."""
    return {name for row in fetch(db, _MOVED) for name in (row["before"], row["study"]) if name}


def weighings(db: Database) -> dict[str, Weighed]:
    """What each study was weighed with, where there is something beside its figures."""
    rows = fetch(db, "select study, facts, decisions from weighings")
    return {row["study"]: Weighed(row["facts"], row["decisions"]) for row in rows}


def save_weighings(db: Database, studies: Collection[str], ground: Mapping[str, Weighed]) -> None:
    """These studies are weighed now, with this ground."""
    names = json.dumps(list(studies))
    db.execute("delete from weighings where study in (select value from json_each(?))", [names])
    insert(db, "weighings", (
        {"study": name, "facts": ground[name].facts, "decisions": ground[name].decisions}
        for name in studies if name in ground
    ))  # fmt: skip
    of_them = """r.study in (select value from json_each(:names)) or r.document in (select d.id from documents d
    where d.study in (select value from json_each(:names)) or d.id in (select value from json_each(:names)))"""
    study = f"(select {_STUDY} from documents d where d.id = r.document)"
    db.execute(f"update readings as r set weighed = 1, study = {study} where {of_them}", {"names": names})


def studies_with(db: Database, texts: Iterable[str]) -> dict[str, list[str]]:
    """Which studies have sections with these hashes, by hash; the same text may stand in several documents."""
    sql = f"""select distinct s.sha256, {_STUDY} as study from sections s join documents d on d.id = s.document
    where d.withdrawn = 0 and s.sha256 in (select value from json_each(?)) order by 1, 2"""
    found: dict[str, list[str]] = {}
    for row in fetch(db, sql, [json.dumps(sorted(set(texts)))]):
        found.setdefault(row["sha256"], []).append(row["study"])
    return found


def unmatched(db: Database) -> list[str]:
    """Documents that came or changed since references and possible duplicates were last looked for."""
    return [row["id"] for row in fetch(db, f"{_UNMATCHED} order by d.id")]


def save_matchings(db: Database, documents: Collection[str]) -> None:
    """References and possible duplicates have been looked for among these documents as they are now."""
    sql = """insert or replace into matchings (document, content)
    select id, content_sha256 from documents where id in (select value from json_each(?))"""
    db.execute(sql, [json.dumps(list(documents))])
