"""``/-/review/drifted``: what the text of today does not say any more, until a reviewer sets it aside with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from kb.errors import NotTaken
from kb.stages.drifting import decide
from kb.store.rows import Row, fetch
from kb.web.act import Done
from kb.web.people import Person
from kb.web.reading import labels_of
from kb.web.review import queries
from kb.web.review.queue import AT_ONCE, PATH, number_in
from kb.web.review.state import reviewer_of
from kb.web.show import Asked, Page

HERE = f"{PATH}/drifted"


@dataclass(frozen=True, slots=True)
class Gone:
    """Something that drifted, and the names of its study and of its outcome."""

    row: Row
    study: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class DriftedPage:
    """What drifted, a page at a time, open ones first; how many are open and how many set aside.

    A form that could not be kept: at is what it was about, error why, reason what was typed.
    """

    gone: tuple[Gone, ...]
    open: int
    aside: int
    page: int
    pages: int
    at: str
    error: str | None
    reason: str


def page(db: Database, asked: Asked, error: str | None = None) -> Page:
    """Everything that drifted; a sent form that could not be kept is shown again as it was typed, with the reason."""
    number = number_in(asked.query)
    tally = fetch(db, queries.DRIFTED_TALLY)[0]
    labels = labels_of(db, asked)
    rows = fetch(db, queries.DRIFTED, {"limit": AT_ONCE, "offset": (number - 1) * AT_ONCE})
    context = DriftedPage(
        gone=tuple(
            Gone(row, labels.study(row["study"]) if row["study"] else None, row["outcome"] or "outcome not bound")
            for row in rows
        ),
        open=tally["open"],
        aside=tally["all"] - tally["open"],
        page=number,
        pages=-(-tally["all"] // AT_ONCE),
        at=asked.form.get("gone", "") if error else "",
        error=error,
        reason=asked.form.get("reason", "") if error else "",
    )
    status = 422 if error else 200
    return Page("kb/review/drifted.html", "Not in the text any more", HERE, context, status, assets=("review.css",))


def act(db: Database, path: Path, asked: Asked, person: Person) -> Done | Page:
    """Set aside what drifted, or open it again; what cannot be kept is shown again with why."""
    form: Mapping[str, str] = asked.form
    decision = form.get("decision", "")
    try:
        shown = decide(db, path, reviewer_of(person), form.get("gone", ""), decision, form.get("reason", ""))
    except NotTaken as error:
        return page(db, asked, error=str(error))
    if shown:
        return Done(HERE, f"Kept: {decision}. No estimate moved.")
    return Done(HERE, f"Kept: {decision}. Another program is writing; it shows with the next build.", "warning")
