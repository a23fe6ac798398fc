"""What Datasette is told: the name of the database, its settings, the words of metadata.yml, and who may sign in."""

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from datasette.utils import parse_metadata

from kb.errors import NothingThere
from kb.store.users import User
from kb.web.people import HASH, PASSWORDS

#: The database is served under this name, whatever its file is called: paths and canned queries rely on it.
DATABASE_NAME = "evidence"

#: Datasette 0.65 takes settings only from the command, so serve passes these.
SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 2000,  # stated in metadata.yml; the _stream links give everything
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "suggest_facets": False,  # suggesting facets is nearly all of a large table page's time
    "truncate_cells_html": 600,
}

#: Beside the packages in a checkout, in the environment's share folder when installed.
PLACES = (
    Path(__file__).resolve().parents[2] / "metadata.yml",
    Path(sys.prefix) / "share" / "evidence-kb" / "metadata.yml",
)


def metadata_path() -> Path:
    """Where metadata.yml is. Raises NothingThere."""
    for place in PLACES:
        if place.is_file():
            return place
    raise NothingThere(f"metadata.yml is missing; it should be at {PLACES[0]}")


def read_metadata() -> dict[str, Any]:
    """The words of metadata.yml as Datasette takes them."""
    found: dict[str, Any] = parse_metadata(metadata_path().read_text(encoding="utf-8"))
    return found


@cache
def words_of_site() -> Mapping[str, Any]:
    """The words of metadata.yml, read once."""
    return read_metadata()


def sign_in_config(metadata: Mapping[str, Any], users: Sequence[User]) -> tuple[dict[str, Any], dict[str, str]]:
    """The metadata with these users for datasette-auth-passwords, and the environment that holds their hashes.

    Datasette 0.65 shows its metadata to everybody (``/-/metadata``); there a hash is only the name of a variable.
    """
    names = {u.name: f"EVIDENCE_KB_PASSWORD_HASH_{i}" for i, u in enumerate(users)}
    config: dict[str, Any] = {f"{u.name}{HASH}": {"$env": names[u.name]} for u in users}
    config["actors"] = {u.name: {"id": u.name, "role": u.role} for u in users}
    plugins = {**metadata.get("plugins", {}), **({PASSWORDS: config} if users else {})}
    return {**metadata, "plugins": plugins}, {names[u.name]: u.password_hash for u in users}
