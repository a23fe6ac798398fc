"""How each record was identified: gathered again for what came or changed since the last build, and for nothing else.

Nothing is marked when it changes (see made_from): a loaded record is compared with the content that it was gathered
with, links of seeds with the rows made from them. Hits of searches and sightings of payloads are only ever added, so
of them the newest are looked at.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlite_utils import Database

from kb.store.resolved import NAMED
from kb.store.rows import fetch

#: A document is a record of its own. What was only linked to has no document yet, and is one too.
NO_RECORD = "('sheet', 'registry', 'full text')"

_SOME = "in (select value from json_each(:some))"

#: Links count as citation searching from what was asked for by name, and from studies. Not from every article.
LINKED = f"""select distinct l.to_document as document,
  case l.kind when 'similar' then 'similar articles' when 'cited_by' then 'articles that cite'
    else 'articles that are cited' end as source
from ({NAMED}) f cross join links l on l.from_document = f.id left join documents t on t.id = l.to_document
where l.kind <> 'reports' and coalesce(t.kind, '') not in {NO_RECORD}"""

BY_SEARCH = f"""insert into identified
select distinct document, 'database', coalesce(source, 'search') from screenings
where document {_SOME} and +stage = 'identified'"""

BY_LINK = f"insert into identified select document, 'citation searching', source from ({LINKED}) where document {_SOME}"

OTHERWISE = f"""insert into identified
select d.id, 'other', case when exists (select 1 from fetches p where p.payload = d.payload and p.source = 'file')
  then 'loaded files' else 'asked for by name' end
from documents d where d.id {_SOME} and d.kind not in {NO_RECORD}
  and not exists (select 1 from identified i where i.document = d.id)"""

#: By search, by link, otherwise, in this order; of each first what is loaded, as it came, then the others by number.
PLACE = """case i.found when 0 then 0 when 1 then 2000000000000 else 4000000000000 end + coalesce(d.rowid,
  1000000000000 + min(cast(substr(i.document, instr(i.document, '-') + 1) as integer), 999999999999))"""

IDENTIFIED = f"""select i.document, {PLACE} as position, coalesce(d.withdrawn, 0) as withdrawn,
  d.content_sha256 as content, d.pmid is not null as in_pubmed,
  d.id is not null and (d.title is not null or exists (
    select 1 from sections s where s.document = d.id and +s.kind = 'abstract' and s.current = 1)) as readable
from (select document, min(case method when 'database' then 0 when 'citation searching' then 1 else 2 end) as found
      from identified where document {_SOME} group by document) i
left join documents d on d.id = i.document
order by 2, 1"""

#: Loaded records that are not as they were gathered.
_CHANGED = f"""select n.id from (
  select d.id from documents d left join record_works w on w.document = d.id where w.content is not d.content_sha256) n
cross join documents d on d.id = n.id where d.kind not in {NO_RECORD}"""

#: Where other things than a record's own content may have changed: what people or possible duplicates touch is looked
#: at always.
_BESIDE = f"""select document from screenings where stage = 'identified' and rowid > :screenings
union select d.id from fetches p cross join documents d on d.payload = p.payload
  where p.id > :fetches and p.source = 'file'
union select document from (select document, source from ({LINKED})
  except select document, source from identified where method = 'citation searching')
union select document from (select document, source from identified where method = 'citation searching'
  except select document, source from ({LINKED}))
union select one from duplicates where kind in ('same identifier', 'near duplicate')
union select other from duplicates where kind in ('same identifier', 'near duplicate')
union select document from record_works where record <> document or withdrawn = 1
union select id from documents where withdrawn = 1
union select document from records
  where title_abstract is not null or retrieval is not null or full_text is not null or settled is not null"""

_ALL = """select document from identified union select document from record_works union select document from records"""

_MARKS = """select coalesce((select max(rowid) from screenings where stage = 'identified'), 0),
  coalesce((select max(id) from fetches), 0)"""


def to_gather(db: Database) -> set[str]:
    """Documents that may be other records than when they were last gathered, or were identified in other ways."""
    marks = fetch(db, "select screenings, fetches from gathered")
    since = marks[0] if marks else {"screenings": 0, "fetches": 0}
    known = [] if marks else db.execute(_ALL).fetchall()
    return {row[0] for row in (*known, *db.execute(_CHANGED), *db.execute(_BESIDE, since))}


def identify(db: Database, some: Collection[str]) -> list[dict[str, Any]]:
    """Gather how these documents were identified.

    Returns:
        Those that are records: document, position, withdrawn, content, in_pubmed, readable, in the order of position.
    """
    names = {"some": json.dumps(sorted(some))}
    db.execute(f"delete from identified where document {_SOME}", names)
    for sql in (BY_SEARCH, BY_LINK, OTHERWISE):
        db.execute(sql, names)
    found = fetch(db, IDENTIFIED, names)
    db.execute("delete from gathered")
    db.execute(f"insert into gathered {_MARKS}")
    return found


def gather_anew(db: Database) -> None:
    """The next build gathers everything."""
    db.execute("delete from gathered")
    db.execute("update record_works set content = null where content is not null")
