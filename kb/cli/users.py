"""The command user: who may sign in to review (extra [auth])."""

import importlib
import sys
from pathlib import Path

import click

from kb.errors import DatabaseMissing, KbError
from kb.store.users import User, keep_user, remove_user, user_name, users_at, users_path

#: Where the database is when nobody says: here, or where demo puts it.
PLACES = (Path("evidence.db"), Path("demo/evidence.db"))
#: Guessed within hours when the file is stolen (NIST SP 800-63B-4, 3.1.1.2, asks for 15 where nothing else protects).
SHORT = 15
NEEDS_EXTRA = "signing in needs the extra auth: pip install 'evidence-kb[auth]'"

WORDS = click.argument("words", nargs=-1, required=True, metavar="[DB] NAME")
PLACE = click.option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), envvar="EVIDENCE_KB_DB", show_envvar=True,
    help="The database; otherwise evidence.db or demo/evidence.db, whichever is there.",
)  # fmt: skip


@click.group()
def user() -> None:
    """Who may sign in to review. DB may stand before NAME, after --db or in EVIDENCE_KB_DB."""


@user.command()
@WORDS
@PLACE
@click.option(
    "--role", type=click.Choice(("reviewer", "adjudicator")), help="An adjudicator settles what two reviewers see "
    "differently. [default: reviewer, or the role that NAME has]",
)  # fmt: skip
def add(words: tuple[str, ...], db: Path | None, role: str | None) -> None:
    """Let NAME sign in; asked for again, it gives NAME another password. serve reads it when it starts."""
    place, name = _meant(words, db)
    known = {u.name: u for u in users_at(place)}
    role = role or (known[name].role if name in known else "reviewer")
    password_hash = _hashed(_password(name))
    keep_user(place, User(name, role, password_hash))
    click.echo(f"{users_path(place)}: {name}, {role}{', changed' if name in known else ''}", err=True)


@user.command("list")
@click.argument("words", nargs=-1, metavar="[DB]")
@PLACE
def list_(words: tuple[str, ...], db: Path | None) -> None:
    """Who may sign in, with their roles."""
    if len(words) > 1:
        raise click.UsageError("one database is listed")
    for known in users_at(_database(Path(words[0]) if words else db)):
        click.echo(f"{known.name}\t{known.role}")


@user.command()
@WORDS
@PLACE
def remove(words: tuple[str, ...], db: Path | None) -> None:
    """Take NAME's sign-in away; decisions stay. Give no name to another person."""
    place, name = _meant(words, db)
    remove_user(place, name)
    click.echo(f"{users_path(place)}: {name} removed", err=True)


def _meant(words: tuple[str, ...], db: Path | None) -> tuple[Path, str]:
    """The database and the name that [DB] NAME mean. Raises UsageError, DatabaseMissing, KbError."""
    if len(words) > 2 or (len(words) == 2 and db is not None):
        raise click.UsageError("a name with blanks is written in quotes; the database stands before it or after --db")
    return _database(Path(words[0]) if len(words) == 2 else db), user_name(words[-1])


def _database(said: Path | None) -> Path:
    place = said or next((p for p in PLACES if p.exists()), PLACES[0])
    if not place.exists():
        raise DatabaseMissing(f"{place}: no such database; say which with --db, or make it: evidence-kb init {place}")
    return place


def _password(name: str) -> str:
    """Asked for twice, unseen; the first line of stdin where that is no terminal."""
    if sys.stdin.isatty():
        password: str = click.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise KbError("an empty password is none; nothing was changed")
    if len(password) < SHORT:
        click.echo(
            f"evidence-kb: kept, but so short a password is easily guessed; {SHORT} characters are not",
            err=True,
        )
    return password


def _hashed(password: str) -> str:
    try:
        plugin = importlib.import_module("datasette_auth_passwords.utils")
    except ImportError as error:
        raise KbError(NEEDS_EXTRA) from error
    made: str = plugin.hash_password(password)
    return made


COMMANDS = (user,)
