"""Who is asking, and what they may do: a role comes with the sign-in, permissions are asked by Datasette's rules."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from datasette import NotFound, Response

from kb.web.headers import HEADERS

#: Judge figures, screen articles, settle what two reviewers see differently.
REVIEW, SCREEN, ADJUDICATE = "evidence-review", "evidence-screen", "evidence-adjudicate"
#: What each role may; a reader may read.
ROLES = {
    "reader": frozenset[str](),
    "reviewer": frozenset({REVIEW, SCREEN}),
    "adjudicator": frozenset({REVIEW, SCREEN, ADJUDICATE}),
}
#: The plugin that knows passwords, where its form is, and how its configuration ends the name of an account.
PASSWORDS, SIGN_IN, HASH = "datasette-auth-passwords", "/-/login", "_password_hash"
#: Paths that a sign-in may lead back to: this site's own and nothing that a browser takes for another server's.
OURS = re.compile(r"/(?:-/[\w~.+/-]*)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in: the name that decisions carry, and a role of ROLES."""

    name: str
    role: str


def person_of(datasette: Any, actor: Mapping[str, Any] | None) -> Person | None:
    """The person that Datasette's actor stands for; None where nobody is signed in. A strange role only reads.

    Where accounts are configured they say the role, so that who lost an account lost its role with it.
    """
    name = str((actor or {}).get("id") or "").strip()
    if actor is None or not name:
        return None
    accounts = (datasette.plugin_config(PASSWORDS) or {}).get("actors") or {name: actor}
    role = str(accounts.get(name, {}).get("role") or "reader")
    return Person(name, role if role in ROLES else "reader")


def granted(datasette: Any, actor: Mapping[str, Any] | None, action: str) -> bool | None:
    """True where the actor's role brings the permission; None, which leaves it to others, where it does not."""
    person = person_of(datasette, actor)
    return True if person is not None and action in ROLES[person.role] else None


async def may(datasette: Any, actor: Mapping[str, Any] | None, action: str) -> bool:
    """Whether the actor has one of our permissions, by Datasette's rules and so by those of any other plugin too."""
    if hasattr(datasette, "permission_allowed"):
        return bool(await datasette.permission_allowed(actor, action, default=False))
    # Datasette 1.0 knows registered actions only, so there the role alone decides
    return granted(datasette, actor, action) is True


def sign_in_path(datasette: Any, back: str = "/") -> str | None:
    """Where one signs in and is led back from; None where nobody can."""
    config = datasette.plugin_config(PASSWORDS) or {}
    if not any(key.endswith(HASH) for key in config) or find_spec("datasette_auth_passwords") is None:
        return None
    again = f"?{urlencode({'next': back})}" if OURS.match(back) and back not in ("/", SIGN_IN) else ""
    return f"{datasette.urls.path(SIGN_IN)}{again}"


async def sign_in(datasette: Any, request: Any) -> Response:
    """The plugin's own sign-in with our headers; it leads back to the page of ours that ``next`` names."""
    try:
        plugin = importlib.import_module("datasette_auth_passwords")
    except ImportError as error:
        raise NotFound("Nobody can sign in here.") from error
    response: Response = await plugin.password_login(request, datasette)
    back = request.args.get("next") or "/"
    if response.status == 302 and OURS.match(back):
        response.headers["Location"] = datasette.urls.path(back)
    response.headers |= HEADERS
    kept = "; HttpOnly; Secure" if request.scheme == "https" else "; HttpOnly"
    # no script needs to read who is signed in; the plugin leaves this out and Datasette has no public way to add it
    response._set_cookie_headers = [cookie + kept for cookie in response._set_cookie_headers]  # noqa: SLF001
    return response
