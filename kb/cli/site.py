"""Commands that show: serve, demo."""

import gc
import logging
import os
import socket
from importlib.util import find_spec
from pathlib import Path

import click
import uvicorn
from datasette.app import Datasette

from kb.cli.shared import DATABASE
from kb.cli.users import NEEDS_EXTRA
from kb.errors import KbError
from kb.stages import building, starting
from kb.store.connection import create_database, open_database
from kb.store.users import users_at
from kb.vocabulary import load_topic, vocabulary_of
from kb.web.kept import Kept, Site
from kb.web.settings import DATABASE_NAME, SETTINGS, read_metadata, sign_in_config

PORT = click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535))
HOST = click.option("--host", default="127.0.0.1", show_default=True)


def site(db: Path) -> Datasette:
    """Datasette over one database, always under the name evidence, with our plugin, words, settings and users."""
    metadata, secrets = sign_in_config(read_metadata(), users_at(db))
    os.environ.update(secrets)
    datasette = Site([], metadata=metadata, settings=SETTINGS, secret=os.environ.get("DATASETTE_SECRET"))
    datasette.add_database(Kept(datasette, path=str(db), is_mutable=True), name=DATABASE_NAME)
    return datasette


def run(db: Path, host: str, port: int) -> None:
    """Serve until interrupted; the address is said once, and who can sign in."""
    _free(host, port)
    served = site(db)
    leave_in_peace()
    click.echo(f"{db}: http://{host}:{port}/  ({who(db)}; Ctrl-C ends)", err=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    uvicorn.run(served.app(), host=host, port=port, log_level="warning", lifespan="on")


def leave_in_peace() -> None:
    """Keep the garbage collector from all that is there now and stays as long as the server: code, words, settings.

    Each page of thousands of cells starts a round through everything, which was a third of such a page's time.
    """
    gc.collect()
    gc.freeze()


def who(db: Path) -> str:
    """Who can sign in, and how long that lasts."""
    users = users_at(db)
    if not users:
        return f"anonymous reader; reviewers sign in after: evidence-kb user add {db} NAME"
    if find_spec("datasette_auth_passwords") is None:
        return f"anonymous reader; {NEEDS_EXTRA}"
    kept = "" if os.environ.get("DATASETTE_SECRET") else " until this ends, or longer with DATASETTE_SECRET"
    return f"{', '.join(u.name for u in users)} can sign in{kept}"


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
    starting.init(database, topic, vocabulary_of(topic), topic.id)
    building.build(database, db)
    database.close()
    run(db, host, port)


COMMANDS = (serve, demo)
