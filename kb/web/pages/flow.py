"""``/-/flow``: the PRISMA 2020 flow, drawn from the rows. Page and others 2021, BMJ 372:n71.

Records found by links and files are screened like those of searches, so PRISMA's second column joins the first one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from kb.store.rows import Row, fetch
from kb.web import queries
from kb.web.show import Asked, Page


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the flow: what is counted, how many, and what they are made of where that is more than one thing."""

    name: str
    records: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What stands side by side: the boxes of the flow itself, and those that leave it here."""

    phase: str
    boxes: tuple[Box, ...]
    leaving: tuple[Box, ...] = ()


def page(db: Database, _: Asked) -> Page:
    """The flow of records."""
    context = tuple(steps(fetch(db, queries.FLOW)))
    return Page("kb/flow.html", "Flow of records (PRISMA 2020)", "/-/flow", context, assets=("flow.css",))


def steps(rows: Iterable[Row]) -> Iterable[Step]:
    """The flow from top to bottom; rows are of the view prisma_flow."""
    counted = list(rows)

    def box(name: str, *stages: str, method: str = "") -> Box:
        inside = tuple(
            {**row, "what": row["what"].removeprefix(f"{method}: ")}
            for row in counted
            if row["stage"] in stages and row["records"] and row["what"].startswith(method)
        )
        return Box(name, sum(row["records"] for row in inside), inside)

    def plain(name: str, *stages: str) -> Box:
        return Box(name, box(name, *stages).records)

    yield Step(
        "Identification",
        (
            box("Records identified from databases", "identified", method="database"),
            box("Records identified by citation searching", "identified", method="citation searching"),
            box("Records identified by other methods", "identified", method="other"),
        ),
        (
            box("Duplicate records removed", "duplicates removed"),
            box("Records removed for other reasons", "removed before screening"),
        ),
    )
    yield Step("Screening", (plain("Records to screen", "records"),), (box("Not screened yet", "not screened yet"),))
    yield Step("Screening", (plain("Records screened", "screened"),), (box("Records excluded", "excluded"),))
    yield Step(
        "Screening", (plain("Reports sought for retrieval", "sought"),),
        (plain("Reports not retrieved", "not retrieved"), box("Not assessed yet", "not assessed yet")),
    )  # fmt: skip
    yield Step(
        "Screening", (plain("Reports assessed for eligibility", "assessed"),),
        (box("Reports excluded", "excluded at full text"),),
    )  # fmt: skip
    yield Step(
        "Included",
        (
            plain("Studies included by screening", "included studies"),
            plain("Reports of these studies", "included reports"),
            box("Studies that were here before, by their sheets", "studies known before"),
        ),
    )
