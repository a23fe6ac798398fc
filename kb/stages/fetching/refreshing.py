"""refresh: all that is known is asked for again, records first, because retractions cannot wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from ingest.services.accounting import Sender
from ingest.services.addresses import Services
from kb.stages.anchoring import DRIFTED
from kb.stages.fetching import gathering, searching
from kb.stages.fetching.keeping import Asking, Say, quiet, watched
from kb.stages.fetching.pulling import finish, want_and_fetch
from kb.store import asked, history, neighbours
from kb.store.rows import fetch


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found: events (retractions first) and changes as rows, records and links that are new."""

    run: history.Run
    events: tuple[dict[str, Any], ...]
    changes: tuple[dict[str, Any], ...]
    new_records: int
    new_links: int
    watermark: str | None
    drifted: int


def refresh(
    db: Database,
    client: Sender,
    services: Services,
    say: Say = quiet,
    derive: Callable[[history.Run], None] | None = None,
) -> Refreshed:
    """Ask for everything again; what fails stays as it was, and the mark moves only if nothing failed.

    `derive` makes the derived rows again, so that a retracted study leaves the estimates at once; None leaves them.

    Raises:
        SourceUnreachable: no service gave any answer. Misconfigured, KeyRefused, Blocked: the run had to stop.
    """
    before = db.table("documents").count
    with watched(db, "refresh", client, services, say) as at:
        gathering.records(at, important_first(at))
        gathering.dois(at, at.open("doi"))
        gathering.records(at, at.open("record"))
        for edge in asked.EDGES:
            gathering.links(at, edge, at.open(edge))
        gathering.counts(at, at.open("counts"))
        want_and_fetch(at, asked.wanted_neighbours(db))
        searching.searches(at, at.open("search"))
        want_and_fetch(at, neighbours.hits(db))
        finish(at)
        if derive is not None:
            say("figures and estimates", 0, 1)
            with db.atomic():
                derive(at.run)
    return what_changed(at, db.table("documents").count - before)


def important_first(at: Asking) -> tuple[str, ...]:
    """Every open record: seeds and the studies' papers, then the rest."""
    return tuple(dict.fromkeys((*asked.seeds(at.db), *asked.study_papers(at.db), *at.open("record"))))


def what_changed(at: Asking, new_records: int) -> Refreshed:
    """What this run noted."""
    run = at.run
    events = fetch(
        at.db,
        "select document, event, state, text from events where run = ? "
        "order by case event when 'retraction' then 0 when 'withdrawal' then 2 else 1 end, id",
        [run.id],
    )
    changes = fetch(at.db, 'select document, field, "before", "after" from changes where run = ? order by id', [run.id])
    new = fetch(at.db, "select count(*) as n from links where first_seen >= ?", [run.started_at])
    mark = asked.watermark(at.db, "refresh")
    drifted = sum(row["field"] == DRIFTED[0] and row["after"] == DRIFTED[1] for row in changes)
    return Refreshed(run, tuple(events), tuple(changes), new_records, new[0]["n"], mark, drifted)
