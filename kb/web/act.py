"""How a form is taken in: ask for the role, write on Datasette's write connection, say what was done, lead on.

An act is a function ``act(db, path, asked, person) -> Done``; path is the database's file, beside which the decisions
lie. It brings its own transactions (``db.atomic()``); what it leaves open when it fails is rolled back. Datasette has
refused forms without its CSRF token before any act is asked.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

from datasette import Response
from sqlite_utils import Database

from kb.errors import KbError, NothingThere
from kb.store.connection import BUSY_TIMEOUT_MS
from kb.vocabulary import VocabularyError
from kb.web.headers import HEADERS
from kb.web.people import Person
from kb.web.show import Asked, Page, Problem, View, answered, ask_role, asked_by, permitted

FORM = "application/x-www-form-urlencoded"
#: Bytes of the longest form; a note is some hundred.
LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Done:
    """Where the reader is led, a path of this site without its prefix, and what is said there."""

    path: str
    message: str
    kind: Literal["info", "warning", "error"] = "info"


#: A Page instead of Done shows the form again, with what was typed and what is wrong with it; nothing was written then.
Act = Callable[[Database, Path, Asked, Person], Done | Page]


def action(act: Act, needs: str, *tables: str, page: View | None = None) -> View:
    """An act as Datasette's view.

    Args:
        act: What a sent form does.
        needs: The permission of people.py that it asks for.
        tables: Those that its person must be allowed to see.
        page: What the same path shows when it is only read; without it the path cannot be read.
    """

    async def taken(datasette: Any, request: Any) -> Response:
        async def write(database: Any) -> Page | Response:
            if request.method != "POST":
                raise Problem(405, "This takes forms and shows nothing.")
            await permitted(datasette, request.actor, database.name, tables)
            await ask_role(datasette, request.actor, needs)
            done = await _written(database, act, asked_by(datasette, request, database.name, await _form(request)))
            if isinstance(done, Page):
                return done
            datasette.add_message(request, done.message, getattr(datasette, done.kind.upper()))
            return Response("", 303, {**HEADERS, "Location": datasette.urls.path(done.path)}, "text/plain")

        if request.method in ("GET", "HEAD") and page is not None:
            return await page(datasette=datasette, request=request)
        return await answered(datasette, request, write)

    return taken


async def _form(request: Any) -> dict[str, str]:
    """The fields of a sent form. Raises Problem for a name given twice, and for what is no form or too long."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise Problem(415, f"A form is sent as {FORM}.")
    body = await request.post_body()
    if len(body) > LONGEST:
        raise Problem(413, "The form is too long.")
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict")
    except ValueError as error:
        raise Problem(400, "The form cannot be read.") from error
    named = dict(fields)
    if len(named) < len(fields):
        raise Problem(400, "A field of the form is given more than once.")
    return named


async def _written(database: Any, act: Act, asked: Asked) -> Done | Page:
    if not database.is_mutable or database.path is None or asked.person is None:
        raise Problem(403, "This copy can only be read.")
    path, person = Path(database.path), asked.person
    # Datasette prints what its writing thread raises, so problems come back as answers
    found = await database.execute_write_fn(lambda connection: _tried(connection, act, path, asked, person))
    if isinstance(found, Problem):
        raise found
    done: Done | Page = found
    return done


def _tried(connection: sqlite3.Connection, act: Act, path: Path, asked: Asked, person: Person) -> Done | Page | Problem:
    connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("pragma foreign_keys = on")
    try:
        return act(Database(connection), path, asked, person)
    except Problem as problem:
        return problem
    except NothingThere as error:
        return Problem(404, f"There is {error}.")
    except (KbError, VocabularyError) as error:
        return Problem(500, f"This cannot be done: {str(error).splitlines()[0]}")
    except sqlite3.OperationalError as error:
        return Problem(503, f"The database refuses ({error}); send it again in a minute.")
    finally:
        if connection.in_transaction:
            connection.rollback()
