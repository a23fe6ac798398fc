"""How a page is shown: find our database, ask for permission, read in one transaction, render with its headers.

A page is a function ``page(db, asked) -> Page`` that reads rows and returns a template with a frozen context. It runs
in Datasette's thread on a read-only connection, inside one transaction, so that no page mixes two builds. What writes
is in act.py.
"""

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from datasette import Forbidden, Response
from sqlite_utils import Database

from kb.errors import KbError, NothingThere
from kb.migrations import APPLICATION_ID
from kb.vocabulary import VocabularyError
from kb.web.headers import HEADERS
from kb.web.people import Person, may, person_of, sign_in_path
from kb.web.settings import DATABASE_NAME
from kb.web.since import A_YEAR, NAME, Ground, Since, cookie_of, since

HTML = "text/html; charset=utf-8"
#: Tells browsers that a style sheet or a script changed: the beginning of its hash, by its name.
VERSIONS = {
    file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    for file in (files("kb.web") / "static").iterdir()
    if file.is_file()
}


class Problem(Exception):  # noqa: N818 - what the reader is told, whoever erred
    """A page that cannot be shown: an HTTP status and one clear line."""

    def __init__(self, status: int, line: str) -> None:
        """Keep both for the error page."""
        super().__init__(line)
        self.status, self.line = status, line


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: names from the path, the query, and the prefix that every path of this site has.

    person is who asks, None where nobody is signed in; form holds the fields of a form that was sent. seen is what the
    reader saw of this page before (since.py), told by the link where by_link.
    most_rows is how many rows a table's JSON or CSV holds at once, queries are the canned ones by name.
    """

    names: Mapping[str, str]
    query: Mapping[str, str]
    base: str
    database: str
    origin: str
    person: Person | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    seen: str | None = None
    by_link: bool = False
    most_rows: int = 0
    queries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: a template, the page's title, its canonical path, and the template's context.

    assets are files of static/ beside the common style sheet: the page's own ``.css`` and ``.js``. ground is what the
    page rests on; with it the page tells what became of that since the reader was there.
    """

    template: str
    title: str
    path: str
    context: object
    status: int = 200
    content_type: str = HTML
    assets: tuple[str, ...] = ()
    ground: Ground | None = None
    since: Since | None = None


Reader = Callable[[Database, Asked], Page]
View = Callable[..., Awaitable[Response]]


def view(page: Reader, *tables: str, needs: str | None = None) -> View:
    """The page as Datasette's view.

    Args:
        page: Reads the rows and says what is shown.
        tables: Those whose permission the page needs beside the database's.
        needs: The permission of people.py without which nobody sees the page.
    """

    async def shown(datasette: Any, request: Any) -> Response:
        async def read(database: Any) -> Page:
            if request.method not in ("GET", "HEAD"):
                raise Problem(405, "This page can only be read.")
            await permitted(datasette, request.actor, database.name, tables)
            if needs is not None:
                await ask_role(datasette, request.actor, needs)
            asked = asked_by(datasette, request, database.name)
            found: Page = await database.execute_fn(lambda connection: _in_one_transaction(connection, page, asked))
            return found

        return await answered(datasette, request, read)

    return shown


async def answered(datasette: Any, request: Any, make: Callable[[Any], Awaitable[Page | Response]]) -> Response:
    """What make finds for our database, or the page that says why not, as a response with our headers."""
    database = None
    found: Page | Response
    try:
        database = await our_database(datasette)
        found = await make(database)
    except Problem as problem:
        found = _error(problem.status, problem.line)
    except Forbidden:
        found = _error(403, "You are not allowed to see this page. Sign in, or ask whoever runs this site.")
    return await _respond(datasette, request, found, database) if isinstance(found, Page) else found


def asked_by(datasette: Any, request: Any, database: str, form: Mapping[str, str] | None = None) -> Asked:
    """What a request asks for. Raises Problem for a name that is given twice."""
    query = _single(request.args)
    linked = query.pop(NAME, None)
    return Asked(
        names={name: unquote(value) for name, value in request.url_vars.items()},
        query=query,
        base=datasette.setting("base_url").rstrip("/"),
        database=datasette.urls.database(database),
        origin=f"{request.scheme}://{request.host}",
        person=person_of(datasette, request.actor),
        form=form or {},
        seen=linked or request.cookies.get(cookie_of(request.path, datasette.urls.instance())),
        by_link=bool(linked),
        most_rows=datasette.setting("max_returned_rows"),
        queries=_queries(datasette, database),
    )


def _queries(datasette: Any, database: str) -> Mapping[str, Any]:
    """The canned queries: metadata says them before Datasette 1.0, its configuration from then on."""
    found: Mapping[str, Any] | None
    if hasattr(datasette, "metadata"):
        found = datasette.metadata("queries", database=database, fallback=False)
    else:
        found = (datasette.config or {}).get("databases", {}).get(database, {}).get("queries")
    return found or {}


async def ask_role(datasette: Any, actor: Any, permission: str) -> None:
    """Raise Problem 401 where nobody is signed in, 403 where who is signed in lacks one of our permissions."""
    if await may(datasette, actor, permission):
        return
    person = person_of(datasette, actor)
    if person is None:
        raise Problem(401, "Nobody is signed in. This page is for reviewers.")
    what = permission.removeprefix("evidence-")
    raise Problem(403, f"{person.name} ({person.role}) is signed in and is not allowed to {what}.")


def _in_one_transaction(connection: sqlite3.Connection, page: Reader, asked: Asked) -> Page:
    connection.execute("begin")
    try:
        db = Database(connection)
        found = page(db, asked)
        told = since(db, found.ground, asked.seen, by_link=asked.by_link) if found.ground else None
        return replace(found, since=told)
    except NothingThere as error:
        raise Problem(404, f"There is {error}.") from error
    except (KbError, VocabularyError) as error:
        raise Problem(500, f"This page cannot be made: {str(error).splitlines()[0]}") from error
    except sqlite3.DatabaseError as error:
        raise Problem(
            503, f"The database cannot be read ({error}); evidence-kb init brings its schema up to date."
        ) from error
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


async def permitted(datasette: Any, actor: Any, database: str, tables: Iterable[str]) -> None:
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
    titles = {400: "Bad request", 401: "Not signed in", 403: "Not allowed", 404: "Not found", 405: "Not allowed"}
    return Page("kb/error.html", titles.get(status, "Something is missing"), "", line, status)


async def broken(datasette: Any, request: Any) -> Response:
    """The page for what nobody foresaw; Datasette has written what it was to the server's log."""
    return await _respond(
        datasette, request, _error(500, "Something went wrong here. The server's log says what."), None
    )


async def _respond(datasette: Any, request: Any, page: Page, database: Any) -> Response:
    names: dict[str, Any] = {"page": page.context, "title": page.title, "status": page.status, "assets": page.assets}
    names["since"] = page.since
    if page.path:
        names["canonical"] = f"{request.scheme}://{request.host}{datasette.urls.path(page.path)}"
    if database is not None:
        names["evidence"] = datasette.urls.database(database.name)
    names |= frame(datasette, request)
    body = await datasette.render_template([page.template], names, request=request, view_name="evidence-kb")
    response = Response(body, page.status, _headers(page), page.content_type)
    if page.since is not None:
        name, here = cookie_of(request.path, datasette.urls.instance()), request.path
        response.set_cookie(name, page.since.now, max_age=A_YEAR, path=here, httponly=True, samesite="lax")
    return response


def frame(datasette: Any, request: Any) -> dict[str, Any]:
    """What base.html shows around every page: versions of static files, who is signed in, where to sign in."""
    person = person_of(datasette, request.actor) if request else None
    back = request.path.removeprefix(datasette.setting("base_url").rstrip("/")) if request else "/"
    return {"versions": VERSIONS, "person": person, "sign_in": sign_in_path(datasette, back)}


def _headers(page: Page) -> dict[str, str]:
    """HEADERS; scripts of our own only on a page that has one, and what HTTP wants of a 401 (RFC 9110, 15.5.2)."""
    scripted = any(name.endswith(".js") for name in page.assets)
    policy = HEADERS["Content-Security-Policy"] + ("; script-src 'self'" if scripted else "")
    asks = {"WWW-Authenticate": 'Cookie realm="evidence-kb"'} if page.status == 401 else {}
    return {**HEADERS, "Content-Security-Policy": policy, **asks}
