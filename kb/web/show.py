"""How a page is shown: find our database, ask for permission, read in one transaction, render with its headers.

A page is a function ``page(db, asked) -> Page`` that reads rows and returns a template with a frozen context. It runs
in Datasette's thread on a read-only connection, inside one transaction, so that no page mixes two builds.
"""

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from datasette import Forbidden, Response
from sqlite_utils import Database

from kb.errors import KbError, NothingThere
from kb.migrations import APPLICATION_ID
from kb.vocabulary import VocabularyError
from kb.web.settings import DATABASE_NAME

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTML = "text/html; charset=utf-8"
#: Tells browsers that the style sheet changed.
STYLE = hashlib.sha256((files("kb.web") / "static" / "kb.css").read_bytes()).hexdigest()[:10]


class Problem(Exception):  # noqa: N818 - what the reader is told, whoever erred
    """A page that cannot be shown: an HTTP status and one clear line."""

    def __init__(self, status: int, line: str) -> None:
        """Keep both for the error page."""
        super().__init__(line)
        self.status, self.line = status, line


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: names from the path, the query, and the prefix that every path of this site has."""

    names: Mapping[str, str]
    query: Mapping[str, str]
    base: str
    database: str
    origin: str


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: a template, the page's title, its canonical path, and the template's context."""

    template: str
    title: str
    path: str
    context: object
    status: int = 200
    content_type: str = HTML


Reader = Callable[[Database, Asked], Page]
View = Callable[..., Awaitable[Response]]


def view(page: Reader, *tables: str) -> View:
    """The page as Datasette's view; tables are those whose permission it needs beside the database's."""

    async def shown(datasette: Any, request: Any) -> Response:
        database = None
        try:
            _only_reading(request.method)
            database = await our_database(datasette)
            await _permitted(datasette, request.actor, database.name, tables)
            asked = _asked(datasette, request, database.name)
            found = await database.execute_fn(lambda connection: _in_one_transaction(connection, page, asked))
        except Problem as problem:
            found = _error(problem.status, problem.line)
        except Forbidden:
            found = _error(403, "You are not allowed to see this page. Sign in, or ask whoever runs this site.")
        return await _respond(datasette, request, found, database)

    return shown


def _only_reading(method: str) -> None:
    if method not in ("GET", "HEAD"):
        raise Problem(405, "This page can only be read.")


def _asked(datasette: Any, request: Any, database: str) -> Asked:
    return Asked(
        names={name: unquote(value) for name, value in request.url_vars.items()},
        query=_single(request.args),
        base=datasette.setting("base_url").rstrip("/"),
        database=datasette.urls.database(database),
        origin=f"{request.scheme}://{request.host}",
    )


def _in_one_transaction(connection: sqlite3.Connection, page: Reader, asked: Asked) -> Page:
    connection.execute("begin")
    try:
        return page(Database(connection), asked)
    except NothingThere as error:
        raise Problem(404, f"There is {error}.") from error
    except (KbError, VocabularyError) as error:
        raise Problem(500, f"This page cannot be made: {str(error).splitlines()[0]}") from error
    finally:
        connection.rollback()


async def our_database(datasette: Any) -> Any:
    """The attached database that is ours; the one named ``evidence`` first. Raises Problem."""
    attached = sorted(datasette.databases.items(), key=lambda item: item[0] != DATABASE_NAME)
    for name, database in attached:
        if not name.startswith("_") and await database.execute_fn(_application_id) == APPLICATION_ID:
            return database
    raise Problem(500, "No evidence-kb database is attached; serve one with: evidence-kb serve DB")


def _application_id(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("pragma application_id").fetchone()[0]
    return found


async def _permitted(datasette: Any, actor: Any, database: str, tables: Iterable[str]) -> None:
    """Raise Forbidden unless the actor may view the database and each table, by Datasette's own rules."""
    if hasattr(datasette, "ensure_permissions"):
        await datasette.ensure_permissions(actor, [("view-database", database), "view-instance"])
        for table in tables:
            wanted = [("view-table", (database, table)), ("view-database", database), "view-instance"]
            await datasette.ensure_permissions(actor, wanted)
        return
    # Datasette 1.0 knows resources instead of tuples
    whole, part = (datasette.get_action(name).resource_class for name in ("view-database", "view-table"))
    await datasette.ensure_permission(action="view-database", resource=whole(database), actor=actor)
    for table in tables:
        await datasette.ensure_permission(action="view-table", resource=part(database, table), actor=actor)


def _single(arguments: Any) -> dict[str, str]:
    """The query's values by name. Raises Problem for a name that is given twice."""
    twice = [name for name in arguments if len(arguments.getlist(name)) > 1]
    if twice:
        raise Problem(400, f"{twice[0][:40]} is given more than once.")
    return {name: arguments[name] for name in arguments}


def _error(status: int, line: str) -> Page:
    titles = {400: "Bad request", 403: "Not allowed", 404: "Not found", 405: "Not allowed"}
    return Page("kb/error.html", titles.get(status, "Something is missing"), "", line, status)


async def _respond(datasette: Any, request: Any, page: Page, database: Any) -> Response:
    names = {"page": page.context, "title": page.title, "style": STYLE}
    if page.path:
        names["canonical"] = f"{request.scheme}://{request.host}{datasette.urls.path(page.path)}"
    if database is not None:
        names["evidence"] = datasette.urls.database(database.name)
    body = await datasette.render_template([page.template], names, request=request, view_name="evidence-kb")
    return Response(body, page.status, HEADERS, page.content_type)
