"""Commands that show: serve, demo."""

import logging
import socket
from pathlib import Path

import click
import uvicorn
from datasette.app import Datasette
from datasette.database import Database

from kb import stages
from kb.cli.database import DATABASE
from kb.errors import KbError
from kb.store.connection import create_database, open_database
from kb.vocabulary import load_topic, vocabulary_of
from kb.web.settings import DATABASE_NAME, SETTINGS, read_metadata

PORT = click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
HOST = click.option("--host", default="127.0.0.1", show_default=True)


def site(db: Path) -> Datasette:
    """Datasette over one database, always under the name evidence, with our plugin, words and settings."""
    datasette = Datasette([], metadata=read_metadata(), settings=SETTINGS)
    datasette.add_database(Database(datasette, path=str(db), is_mutable=True), name=DATABASE_NAME)
    return datasette


def run(db: Path, host: str, port: int) -> None:
    """Serve until interrupted; the address is said once."""
    _free(host, port)
    click.echo(f"{db}: http://{host}:{port}/  (Ctrl-C ends)", err=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    uvicorn.run(site(db).app(), host=host, port=port, log_level="warning", lifespan="on")


def _free(host: str, port: int) -> None:
    """Raise KbError where the port cannot be had, before anything is promised."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise KbError(f"{host}:{port}: {error.strerror}; choose another with --port") from error


@click.command()
@DATABASE
@PORT
@HOST
def serve(db: Path, port: int, host: str) -> None:
    """Serve the site over a database."""
    open_database(db).close()
    run(db, host, port)


@click.command()
@click.argument("db", default="demo/evidence.db", type=click.Path(dir_okay=False, path_type=Path))
@PORT
@HOST
def demo(db: Path, port: int, host: str) -> None:
    """Make a database of the bundled topic, build it and serve it: the whole site, offline."""
    db.parent.mkdir(parents=True, exist_ok=True)
    database = create_database(db)
    topic = load_topic()
    stages.init(database, topic, vocabulary_of(topic), topic.id)
    stages.build(database, db)
    database.close()
    run(db, host, port)


COMMANDS = (serve, demo)
