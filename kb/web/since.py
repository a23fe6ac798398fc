"""What became of a page's ground since somebody was there: figures that drifted, articles that were retracted.

A page is remembered by a cookie that holds the numbers of the newest event and the newest change that the page was
shown with, and nothing else. It goes back to the path of that page alone, so each page has its own. A permalink carries
the same numbers in its address (``seen``) and needs no cookie.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from kb.stages.anchoring import DRIFTED
from kb.store.rows import Row, fetch

NAME = "seen"
A_YEAR = 365 * 24 * 3600
TOKEN = re.compile(r"(\d{1,15})\.(\d{1,15})\Z", re.ASCII)

SNAPSHOT = """select
  coalesce((select max(id) from events), 0) as event, coalesce((select max(id) from changes), 0) as change"""
ANY_NEWS = (
    "select exists(select 1 from events where id > :event) or exists(select 1 from changes where id > :change) as n"
)

#: Which documents a kind of page rests on; :id is the page's.
GROUNDS = {
    "everything": "select id from documents where study is not null",
    "outcome": "select distinct document from figures where outcome = (select name from outcomes where id = :id)",
    "study": "select id from documents where study = :id or id = :id",
    "figure": "select document from figures where id = :id",
    "estimate": """select f.document from estimate_effects l join effect_figures x on x.effect = l.effect
      join figures f on f.id = x.figure where l.estimate = :id""",
}
#: Documents of one study stand and fall together.
NEWS = """with ground(id) as materialized ({ground}),
near(id) as materialized (
  select id from ground
  union select o.id from documents d join documents o on o.study = d.study where d.id in (select id from ground)
)
select document, event || ' ' || state as what, text as said, noticed_at from events
where id > :event and event in ('retraction', 'concern', 'withdrawal') and document in (select id from near)
union all
select document, 'figure drifted' as what, before as said, noticed_at from changes
where id > :change and field = :field and after = :words and document in (select id from near)
order by noticed_at desc, document limit 20"""


def cookie_of(path: str, root: str) -> str:
    """The name of a page's cookie; the overview's own, because what is kept for the root is sent to every page."""
    return "kb_seen_overview" if path == root else "kb_seen"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a page rests on: one of GROUNDS and the id there."""

    kind: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """What happened since the page was seen, and the token of what is shown now."""

    news: tuple[Row, ...]
    now: str
    by_link: bool


def snapshot(db: Database) -> str:
    """The token of what the database tells now: the newest event and the newest change."""
    row = fetch(db, SNAPSHOT)[0]
    return f"{row['event']}.{row['change']}"


def since(db: Database, ground: Ground, seen: str | None, *, by_link: bool) -> Since:
    """What happened to the ground of a page since it was seen; nothing where seen is None or no token of ours."""
    found = TOKEN.match(seen or "")
    marks: Mapping[str, int] = {"event": int(found[1]), "change": int(found[2])} if found else {}
    return Since(_news(db, ground, marks) if marks else (), snapshot(db), by_link)


def _news(db: Database, ground: Ground, marks: Mapping[str, int]) -> tuple[Row, ...]:
    if not fetch(db, ANY_NEWS, dict(marks))[0]["n"]:
        return ()
    field, words = DRIFTED
    wanted = {**marks, "id": ground.id, "field": field, "words": words}
    return tuple(fetch(db, NEWS.format(ground=GROUNDS[ground.kind]), wanted))
