"""``/-/flow``: the PRISMA 2020 flow, drawn from the rows. Page and others 2021, BMJ 372:n71."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.show import Asked, Page

#: PRISMA's phases: name, stages of the view prisma_flow, and what is said where there is no row.
PHASES = (
    ("Identification", ("identified",), "No record was identified by a search yet."),
    ("Neighbourhood", ("linked",), "No link to other articles is known yet."),
    ("Retrieved", ("fetched",), "No record was loaded yet."),
    ("Screening of title and abstract", ("title-abstract",), "No record was screened yet."),
    ("Screening of the full text", ("full-text",), "No full text was screened yet."),
    ("Included", ("included",), "No study is included yet."),
)
WORDS = {
    "linked": "links that sources assert from the loaded articles",
    "identified": "records that searches found",
    "fetched": "records that were loaded, by source",
    "title-abstract": "decisions on title and abstract",
    "full-text": "decisions on the full text",
    "included": "studies with a sheet, by role and design",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """A box of the flow."""

    name: str
    words: str
    total: int
    rows: tuple[Row, ...]
    empty: str


def page(db: Database, _: Asked) -> Page:
    """The flow of records."""
    return Page("kb/flow.html", "Flow of records (PRISMA 2020)", "/-/flow", tuple(phases(fetch(db, queries.FLOW))))


def phases(rows: Iterable[Row]) -> Iterable[Phase]:
    """The boxes from top to bottom."""
    counted = list(rows)
    for name, stages, empty in PHASES:
        inside = tuple(row for row in counted if row["stage"] in stages)
        yield Phase(name, WORDS[stages[0]], sum(row["records"] for row in inside), inside, empty)
