"""propose: figures from any other reader, through the quote gate."""

from contextlib import closing
from pathlib import Path

import click

from ingest.errors import BadPayload
from kb.cli.shared import DATABASE, INCOMPLETE
from kb.stages.asking import ask, model_named
from kb.stages.proposing import Proposed
from kb.stages.proposing import propose as propose_figures
from kb.stages.topic import topic_of
from kb.store.connection import open_database
from kb.vocabulary import vocabulary_of


@click.command()
@DATABASE
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", "name", help="Let this model of the library llm propose (needs the extra [llm]).")
@click.option("--document", help="The document that the model reads.")
@click.pass_context
def propose(context: click.Context, db: Path, file: Path | None, name: str | None, document: str | None) -> None:
    """Take figures of another reader (a JSON file) whose quotes stand in the text and hold the numbers."""
    if (file is None) == (name is None) or (name is None) != (document is None):
        raise click.UsageError("give either FILE.json, or --model NAME with --document ID")
    body = b"" if file is None else _read(file)
    with closing(open_database(db)) as database:
        if name is not None and document is not None:
            body = ask(database, model_named(name), document, vocabulary_of(topic_of(database)))
        found = propose_figures(database, body, file.name if file else f"{name} on {document}")
    _say(found)
    if found.refused:
        context.exit(INCOMPLETE)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadPayload(f"{file}: {error.strerror}") from error


def _say(found: Proposed) -> None:
    for label, refused in found.refused:
        click.echo(f"{label}: {refused.kind}: {refused.reason}")
    kinds = ("accepted", "misquoted", "altered", "invented", "malformed")
    click.echo(", ".join(f"{found.counts[kind]} {kind}" for kind in kinds))
    if found.counts["accepted"]:
        click.echo("run build to check and weigh them", err=True)


COMMANDS = (propose,)
