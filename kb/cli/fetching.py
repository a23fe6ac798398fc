"""Commands that ask the services: pull, refresh."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import click
from sqlite_utils import Database

from ingest.http.client import Client
from ingest.http.clock import SystemClock
from ingest.http.pacing import Pacer, gaps, state_folder
from ingest.services.addresses import Services
from ingest.services.eutils import sorted_pmids
from kb.cli.shared import DATABASE, INCOMPLETE
from kb.stages import building
from kb.stages.fetching.keeping import Say, quiet
from kb.stages.fetching.pulling import Wish, planned, whole_topic
from kb.stages.fetching.pulling import pull as pull_stage
from kb.stages.fetching.refreshing import Refreshed
from kb.stages.fetching.refreshing import refresh as refresh_stage
from kb.stages.topic import has_topic, topic_of
from kb.store import asked
from kb.store.alone import alone
from kb.store.connection import open_database
from kb.store.history import Run

DRY = click.option("--dry-run", is_flag=True, help="Say what would be asked for; ask and write nothing.")


@click.command()
@DATABASE
@click.argument("pmids", nargs=-1, metavar="[PMID]...")
@click.option("--similar", type=click.IntRange(min=0), help="So many similar articles of each seed.")
@click.option("--citers", is_flag=True, help="The articles that cite the seeds.")
@click.option("--references", is_flag=True, help="The articles that the seeds cite.")
@DRY
@click.pass_context
def pull(
    context: click.Context,
    db: Path,
    pmids: tuple[str, ...],
    *,
    similar: int | None,
    citers: bool,
    references: bool,
    dry_run: bool,
) -> None:
    """Fetch seeds and neighbours from PubMed, and what registry, PMC and iCite know of them.

    Without PMIDs the topic's seeds, with all three kinds of neighbours, its papers and its searches. What is here is
    not asked for again; what failed before is.
    """
    seeds, wrong = sorted_pmids(pmids)
    if wrong:
        raise click.UsageError(f"not a PMID: {', '.join(wrong)}")
    with closing(open_database(db)) as database:
        wish = Wish(seeds, similar, citers, references) if seeds else topic_wish(database, similar, citers, references)
        if dry_run:
            _say_plan(planned(database, wish))
            return
        with alone(db, "pull", _tell), client(os.environ) as ours:
            run = pull_stage(database, wish, ours, services(), progress())
        absent = [one for one in seeds if one not in asked.with_records(database, seeds)]
    _say_run(db, run)
    if absent:
        click.echo(f"evidence-kb: not in PubMed, or not had: {', '.join(absent)}", err=True)
    if run.failed or absent:
        context.exit(INCOMPLETE)


@click.command()
@DATABASE
@DRY
@click.pass_context
def refresh(context: click.Context, db: Path, *, dry_run: bool) -> None:
    """Ask again for all that is known; say and store what changed, retractions first.

    Figures and estimates are brought up to date with it.
    """
    with closing(open_database(db)) as database:
        if dry_run:
            for what, count in asked.known_count(database).items():
                click.echo(f"{what}\t{count}")
            return
        with alone(db, "refresh", _tell), client(os.environ) as ours:
            derive = partial(building.derive, database, db) if has_topic(database) else None
            found = refresh_stage(database, ours, services(), progress(), derive)
    _say_changes(found)
    _say_run(db, found.run)
    if found.run.failed or found.drifted:
        context.exit(INCOMPLETE)


def topic_wish(database: Database, similar: int | None, citers: bool, references: bool) -> Wish:
    """The topic's seeds: with everything, or with what was named."""
    topic = topic_of(database)
    if similar is None and not citers and not references:
        return whole_topic(topic)
    return Wish(topic.seeds, similar, citers, references)


def services() -> Services:
    """Where the services are. Raises Misconfigured."""
    return Services.from_environment(os.environ)


@contextmanager
def client(environment: Mapping[str, str]) -> Iterator[Client]:
    """The client with this person's email and key. Raises Misconfigured."""
    email, key = environment.get("NCBI_EMAIL"), environment.get("NCBI_API_KEY", "").strip()
    if not email:
        click.echo("evidence-kb: NCBI asks who is asking; set NCBI_EMAIL to your address", err=True)
    clock = SystemClock()
    pacer = Pacer(state_folder(environment), clock, time.sleep, gaps(keyed=bool(key)))
    with Client(pacer=pacer, clock=clock, email=email, api_key=key) as ours:
        yield ours


def progress() -> Say:
    """A line that overwrites itself on a terminal, nothing elsewhere: what, how many, how long."""
    if not sys.stderr.isatty():
        return quiet
    began = time.monotonic()

    def say(what: str, done: int, of: int) -> None:
        click.echo(f"\r\033[K{what}: {done} of {of}, {time.monotonic() - began:.0f} s", err=True, nl=False)

    return say


def _tell(words: str) -> None:
    click.echo(f"evidence-kb: {words}", err=True)


def _say_plan(plan: Mapping[str, tuple[str, ...]]) -> None:
    for what, ids in plan.items():
        click.echo(f"{what}\t{len(ids)}\t{', '.join(ids)}")
    if not plan:
        click.echo("nothing: all of it has its answer")


def _say_changes(found: Refreshed) -> None:
    for row in found.events:
        click.echo(f"{row['event']} {row['state']}\t{row['document']}\t{row['text']}")
    for row in found.changes:
        click.echo(f"{row['field']}\t{row['document']}\t{_short(row['before'])} -> {_short(row['after'])}")
    new = [
        f"{count} new {what}" for count, what in ((found.new_records, "records"), (found.new_links, "links")) if count
    ]
    if new:
        click.echo(", ".join(new))


def _say_run(db: Path, run: Run) -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    for message in run.messages:
        click.echo(f"evidence-kb: {message}", err=True)
    counts = f"{run.requested} asked for, {run.returned} had, {run.absent} not there, {run.failed} failed"
    click.echo(f"{db}: {counts}", err=True)


def _short(value: str | None) -> str:
    words = " ".join((value or "–").split())
    return words if len(words) <= 100 else f"{words[:99]}…"


COMMANDS = (pull, refresh)
