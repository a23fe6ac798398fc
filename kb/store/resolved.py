"""Printed references and the documents they mean; records that may be one work. Looked up here, judged in the stage."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlite_utils import Database

from ingest.citations import Match
from ingest.duplicates import Pairing
from ingest.records import Identifier
from kb.store.document_rows import document_id
from kb.store.rows import fetch, insert

Row = dict[str, Any]
#: Id, title, year.
Title = tuple[str, str, int | None]

_INSIDE = "in (select value from json_each(?))"

#: A word of more titles than this is not followed, and of a reference only so many, the rarest.
COMMON, MOST_WORDS = 250, 8

#: What a reference list names: not our sheets, not a full text beside its record.
_WORKS = "d.kind not in ('sheet', 'registry', 'full text') and d.source <> 'pmid-list'"


@dataclass(frozen=True, slots=True)
class Described:
    """A stored document with its authors' family names and its identifiers (scheme, value)."""

    row: Row
    authors: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]


#: Documents whose references are looked for: a person named them, or they belong to a study.
NAMED = """select id from documents where study > '' union select id from documents where source = 'pubmed-page'
union select d.id from requests q join documents d on d.pmid = q.id where q.what = 'record' and q.seed = 1"""


def uncertain(db: Database) -> list[Row]:
    """References of the seeds' and studies' documents without a match, or with one by what is printed."""
    return fetch(
        db,
        f"""select document, position, text, tried, matched_document from references_text
        where document in ({NAMED}) and (matched_document is null or method = 'text') order by document, position""",
    )


def with_identifiers(db: Database, identifiers: Iterable[Identifier]) -> list[str]:
    """Documents that have one of these."""
    found = []
    for one in identifiers:
        sql = f"""select i.document as id from identifiers i join documents d on d.id = i.document
        where i.scheme = ? and lower(i.value) = ? and {_WORKS}"""
        found += [row["id"] for row in fetch(db, sql, [one.scheme, one.value.lower()])]
    return found


def found_by_words(db: Database, words: Iterable[str], most: int, useless: set[str]) -> list[tuple[str, str]]:
    """Id and title of the works whose titles have the rarest of these words or phrases, the best first.

    What more than COMMON titles have costs much and tells little, so it is not followed. That, and what no title has,
    is added to useless: the words of journals stand in every reference, and to find each time that they stand in no
    title takes longer than all the rest.
    """
    asked = {word: _titles_with(db, word) for word in words if word not in useless}
    useless |= {word for word, found in asked.items() if not 0 < len(found) <= COMMON}
    hits = sorted((found for word, found in asked.items() if word not in useless), key=len)
    shared = Counter(rowid for found in hits[:MOST_WORDS] for rowid in found)
    best = json.dumps([rowid for rowid, _ in shared.most_common(most)])
    sql = f"select d.id, d.title from documents d where d.rowid in (select value from json_each(?)) and {_WORKS}"
    return [(row["id"], row["title"]) for row in fetch(db, f"{sql} order by d.id", [best])]


def _titles_with(db: Database, words: str) -> list[int]:
    sql = "select rowid from documents_fts where documents_fts match ? limit ?"
    return [row[0] for row in db.execute(sql, [f'title : "{words}"', COMMON + 1])]


def titles(db: Database, names: Sequence[str]) -> Iterator[Title]:
    """Id, title and year of those of these documents that are works."""
    sql = f"""select d.id, d.title, d.year from documents d
    where d.title is not null and {_WORKS} and d.id in (select value from json_each(?)) order by d.id"""
    yield from db.execute(sql, [json.dumps(names)])


def title_keys(db: Database, names: Sequence[str]) -> set[tuple[str, str]]:
    """The stored keys of these documents' titles, as (key, document)."""
    rows = fetch(db, f"select key, document from title_keys where document {_INSIDE}", [json.dumps(names)])
    return {(row["key"], row["document"]) for row in rows}


def replace_title_keys(db: Database, names: Sequence[str], keys: Iterable[tuple[str, str]]) -> None:
    """Make these documents' keys exactly these."""
    db.execute(f"delete from title_keys where document {_INSIDE}", [json.dumps(names)])
    insert(db, "title_keys", ({"key": key, "document": document} for key, document in sorted(keys)))


def in_blocks(db: Database, keys: Iterable[str]) -> set[str]:
    """The documents whose titles have one of these keys."""
    rows = fetch(db, f"select document from title_keys where key {_INSIDE}", [json.dumps(sorted(keys))])
    return {row["document"] for row in rows}


def blocks_with(db: Database, among: Collection[str]) -> Iterator[list[Title]]:
    """Every block of titles that share a key with one of these documents' titles; never a block of one."""
    sql = f"""select k.key, d.id, d.title, d.year from title_keys k join documents d on d.id = k.document
    where k.key in (select key from title_keys where document {_INSIDE}) order by k.key, d.id"""
    for _, block in groupby(db.execute(sql, [json.dumps(sorted(among))]).fetchall(), key=itemgetter(0)):
        if len(found := [(name, title, year) for _, name, title, year in block]) > 1:
            yield found


def described(db: Database, names: Iterable[str]) -> list[Described]:
    """These documents, each once."""
    wanted = json.dumps(list(dict.fromkeys(names)))
    inside = "in (select value from json_each(?))"
    people = _grouped(db, f"""select a.document, coalesce(p.last_name, p.name) as one from authorships a
        join people p on p.id = a.person where a.role = 'author' and a.document {inside}
        order by a.document, a.position""", wanted)  # fmt: skip
    identifiers = _grouped(
        db, f"select document, json_array(scheme, value) as one from identifiers where document {inside} order by 1, 2",
        wanted,
    )  # fmt: skip
    rows = fetch(db, f"select * from documents where id {inside} order by id", [wanted])
    return [
        Described(row, tuple(people.get(row["id"], ())), tuple(map(_pair, identifiers.get(row["id"], ()))))
        for row in rows
    ]


def id_of(identifiers: Iterable[Identifier]) -> str:
    """The id that a document with these identifiers has, or will have."""
    return document_id(identifiers, "")


def titles_of(db: Database, names: Sequence[str]) -> list[str]:
    """The titles of these documents."""
    sql = "select title from documents where title is not null and id in (select value from json_each(?))"
    return [row["title"] for row in fetch(db, sql, [json.dumps(names)])]


def save_match(db: Database, row: Row, found: Match | None) -> None:
    """Store what a reference means, with the evidence, or that nobody knows."""
    said = (found.key, found.method, found.score, json.dumps(dict(found.fields))) if found else (None,) * 4
    db.execute(
        "update references_text set matched_document = ?, method = ?, score = ?, evidence = ?, tried = 1 "
        "where document = ? and position = ?",
        [*said, row["document"], row["position"]],
    )


def follow_identifiers(db: Database, news: Sequence[str]) -> None:
    """A reference matched by a DOI follows it to one of these documents, if that has it and came later."""
    db.execute(
        """update references_text set matched_document = (select i.document from identifiers i where i.scheme = 'doi'
          and i.slug = substr(matched_document, 5) order by i.document limit 1)
        where matched_document in (select 'doi-' || slug from identifiers where scheme = 'doi'
          and document not like 'doi-%' and document in (select value from json_each(?)))""",
        [json.dumps(news)],
    )


def replace_duplicates(db: Database, among: Collection[str], found: Iterable[Pairing]) -> None:
    """Make the possible duplicates among these documents exactly these pairs."""
    names = json.dumps(sorted(among))
    db.execute(f"delete from duplicates where one {_INSIDE} and other {_INSIDE}", [names, names])
    pairs = {tuple(sorted((pair.one, pair.other))): pair for pair in found}
    insert(db, "duplicates", ({
        "one": one, "other": other, "kind": pair.kind, "score": pair.score, "evidence": json.dumps(dict(pair.fields)),
    } for (one, other), pair in sorted(pairs.items())))  # fmt: skip


def _grouped(db: Database, sql: str, wanted: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in fetch(db, sql, [wanted]):
        found.setdefault(row["document"], []).append(row["one"])
    return found


def _pair(text: str) -> tuple[str, str]:
    scheme, value = json.loads(text)
    return scheme, value
