"""Commands on a database: init, build, status, backup, restore."""

import json
from contextlib import closing
from pathlib import Path

import click

from kb.cli.shared import DATABASE, INCOMPLETE, said
from kb.errors import DatabaseMissing, UnknownTopic
from kb.stages import building, starting
from kb.store import status as counted
from kb.store.connection import create_database, decisions_path, open_database
from kb.store.decisions import back_up
from kb.store.decisions import restore as restore_decisions
from kb.vocabulary import TOPICS, VocabularyError, load_topic, vocabulary_of


@click.command()
@DATABASE
@click.option(
    "--topic", default="ssc-msc", show_default=True, help="Name of a bundled topic, or a folder with a topic.toml."
)
def init(db: Path, topic: str) -> None:
    """Create a database, or bring its schema, vocabulary, topic and sheets up to date."""
    bundled = (TOPICS / topic / "topic.toml").is_file()
    try:
        chosen = load_topic(topic)
    except VocabularyError as error:
        raise UnknownTopic(str(error)) from error
    place = topic if bundled else str(Path(topic).resolve())
    with closing(create_database(db)) as database:
        loaded = starting.init(database, chosen, vocabulary_of(chosen), place)
    click.echo(f"{db}: topic {chosen.id}, sheets: {said(loaded)}", err=True)


@click.command()
@DATABASE
def build(db: Path) -> None:
    """Make the derived rows again: figures, verdicts, effects, estimates."""
    with closing(open_database(db)) as database:
        building.build(database, db)
        found = counted.status(database)
    click.echo(f"{db}: {found['figures']} figures, {found['estimates']} estimates", err=True)


@click.command()
@DATABASE
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.pass_context
def status(context: click.Context, db: Path, *, as_json: bool) -> None:
    """What is there, what is pending, what the last run did."""
    with closing(open_database(db)) as database:
        found, aside = counted.status(database), counted.set_aside(database)
    found["reviews"] = counted.decision_count(db)
    if as_json:
        click.echo(json.dumps(found))
    else:
        for name, value in found.items():
            click.echo(f"{name:<10} {_line(value)}")
        if found["pending"]:
            click.echo(f"pending: linked or asked for, and not loaded; evidence-kb pull {db} asks again", err=True)
        _say_drift(found["quotes"]["drifted"], aside)
    quotes = found["quotes"]
    if quotes["held"] != quotes["checked"] or quotes["drifted"]:
        context.exit(INCOMPLETE)


@click.command()
@DATABASE
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(db: Path, file: Path) -> None:
    """Copy the reviewers' decisions to FILE, whole and consistent."""
    if not db.exists():
        raise DatabaseMissing(f"{db}: no such database; make it with: evidence-kb init {db}")
    click.echo(f"{file}: {back_up(db, file)} decisions", err=True)


@click.command()
@DATABASE
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(db: Path, file: Path) -> None:
    """Put the decisions of a backup beside the database; refused where decisions are there already."""
    click.echo(f"{decisions_path(db)}: {restore_decisions(db, file)} decisions", err=True)


def _say_drift(open_: int, aside: int) -> None:
    """Where to look at what has drifted, and that some of it was looked at."""
    if open_:
        click.echo("drifted: the text does not say it any more; reviewers set it aside at /-/review/drifted", err=True)
    if aside:
        click.echo(f"set aside: {aside} that drifted; the view drifted_figures says by whom and why", err=True)


def _line(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, list):
        return f"{len(value)}" + (f" ({', '.join(value[:6])}{', …' if len(value) > 6 else ''})" if value else "")
    return "–" if value is None else str(value)


COMMANDS = (init, build, status, backup, restore)
