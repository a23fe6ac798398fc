"""The command rate: a named person says how sure an estimate is."""

from contextlib import closing
from pathlib import Path

import click

from kb.cli.shared import DATABASE
from kb.stages.rating import rate as rate_estimate
from kb.store.connection import open_database
from kb.store.ratings import CERTAINTIES


@click.command()
@DATABASE
@click.argument("estimate")
@click.option("--certainty", required=True, type=click.Choice(CERTAINTIES), help="How sure, in GRADE's words.")
@click.option("--reason", required=True, help="Why; name the domains that lowered or raised it.")
@click.option("--by", required=True, metavar="NAME", help="Who rates.")
def rate(db: Path, estimate: str, certainty: str, reason: str, by: str) -> None:
    """Rate the certainty of ESTIMATE; a later rating replaces an earlier one, and both are kept."""
    with closing(open_database(db)) as database:
        rated = rate_estimate(database, db, estimate, certainty, reason, by)
    click.echo(f"{rated.id}: {certainty}, by {by}", err=True)


COMMANDS = (rate,)
