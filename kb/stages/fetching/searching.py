"""A topic's queries, run again and again: hits become identified records, noise becomes a warning."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.services.eutils_search import Found, search
from kb.stages.fetching.keeping import Asking
from kb.store import neighbours

#: Characters of a query in a warning.
LINE = 100


def searches(at: Asking, queries: Sequence[str]) -> None:
    """Run the queries that have no answer yet. One that PubMed did not run as written is refused with its warnings."""
    today = datetime.now(UTC).date()
    todo = at.open("search", queries)
    for done, query in enumerate(todo):
        at.say("searches", done, len(todo))
        save_found(at, query, search(at.sender, at.services.eutils, query, today=today))


def save_found(at: Asking, query: str, found: Found) -> None:
    """Store the hits of a query that ran as written; a failed page may add hits, never take any."""
    state, reason = outcome(found)
    with at.db.atomic():
        at.states("search", {query: (state, reason)})
        if found.trusted:
            neighbours.save_hits(at.db, query, found.pmids, at.run.id)
    if state == "refused":
        at.warnings.append(f"a search was not imported ({reason}): {shortened(query)}")
    elif state == "returned" and reason:
        at.warnings.append(f"{reason}, in the search: {shortened(query)}")


def shortened(query: str) -> str:
    """A query in a line."""
    return query if len(query) <= LINE else f"{query[: LINE - 1]}…"


def outcome(found: Found) -> tuple[str, str | None]:
    """State and reason of a search: refused where it did not run as written, failed where hits are missing."""
    said = "; ".join(f"{one.kind}: {one.words}" for one in found.warnings) or None
    if not found.trusted:
        return "refused", said
    return ("returned" if found.complete else "failed"), said
