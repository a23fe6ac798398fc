"""Command that takes everything away as plain files: export."""

from pathlib import Path

import click

from kb.cli.shared import DATABASE, INCOMPLETE
from kb.export import export_all
from kb.export.plots import SVG_ALONE
from kb.web.settings import SETTINGS, metadata_path


@click.command()
@DATABASE
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--site", is_flag=True, help="Add a copy of the database that is ready to be published immutable.")
@click.pass_context
def export(context: click.Context, db: Path, folder: Path, *, site: bool) -> None:
    """Write estimates, their plots, views, references, a data dictionary and a report into DIR.

    DIR must be new, empty or a former export, which is replaced as a whole.
    """
    done = export_all(db, folder, metadata_path(), SETTINGS if site else None)
    click.echo(f"{folder}: {done.files} files, {done.estimates} estimates, {done.references} references", err=True)
    if not done.pictures:
        click.echo(SVG_ALONE, err=True)
    if not done.built:
        click.echo(f"evidence-kb: {db} holds no estimates; run: evidence-kb build {db}", err=True)
        context.exit(INCOMPLETE)


COMMANDS = (export,)
