"""Who may sign in: names, roles and password hashes in a file beside the database that only its owner can read."""

import json
import os
import re
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.errors import CannotWrite, KbError, NothingThere

#: Letters of any script, digits, blanks and a little punctuation: a name stands in pages and decisions for ever.
NAME = re.compile(r"\w[\w .@'’-]{0,59}\Z")
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in; role is reviewer or adjudicator, the hash is datasette-auth-passwords'."""

    name: str
    role: str
    password_hash: str


def users_path(path: Path) -> Path:
    """``evidence.users.json`` for ``evidence.db``: beside the database and never served."""
    return path.with_name(f"{path.stem}.users.json")


def users_at(path: Path) -> tuple[User, ...]:
    """Who may sign in at the database at path, by name. Raises KbError where the file is not ours."""
    place = users_path(path)
    if not place.exists():
        return ()
    try:
        return tuple(User(**entry) for entry in json.loads(place.read_text("utf-8"))["users"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KbError(f"{place}: cannot be read as a list of users ({error})") from error


def user_name(written: str) -> str:
    """A name as it is kept. Raises KbError where it is none."""
    name = " ".join(unicodedata.normalize("NFC", written).split())
    if not NAME.match(name) or "_password_hash" in name:
        raise KbError(f"{written[:80]!r} is no name: letters, digits, blanks and . @ ' - _, at most 60")
    return name


def keep_user(path: Path, user: User) -> None:
    """Add a user, or give one of that name another password and role.

    Raises KbError where somebody has the name in other capitals: two people must never be taken for one.
    """
    others = [u for u in users_at(path) if u.name != user.name]
    if twin := next((u.name for u in others if u.name.casefold() == user.name.casefold()), None):
        raise KbError(f"{user.name}: {twin} is a user already; choose a name that differs in more than capitals")
    _write(users_path(path), [*others, user])


def remove_user(path: Path, name: str) -> None:
    """Take a user's sign-in away; what was decided under the name stays. Raises NothingThere."""
    users = users_at(path)
    if name not in {u.name for u in users}:
        raise NothingThere(f"{users_path(path)}: no user {name}")
    _write(users_path(path), [u for u in users if u.name != name])


def _write(place: Path, users: list[User]) -> None:
    """All at once, and never readable by others, not even for a moment."""
    text = json.dumps({"users": [asdict(u) for u in sorted(users, key=lambda u: u.name)]}, ensure_ascii=False, indent=1)
    half = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
        half.replace(place)
    except OSError as error:
        raise CannotWrite(f"{place}: cannot be written ({error.strerror}); check the folder") from error
