"""One fetching command at a time on a database: two would ask the services for the same things.

The right is the kernel's lock (flock) on a file beside the database, so a killed process leaves nothing stuck: its lock
is gone with it, and what it wrote into the file is only there to be read out. Whoever comes second says who is at work
and waits. Nothing else depends on it; what is stored stays whole without it, because every write is a transaction.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import CannotWrite
from kb.store.payloads import now


@contextmanager
def alone(database: Path, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other command fetches into the database, then be the one; `say` is told once who is waited for.

    Raises:
        CannotWrite: the folder refuses the file.
    """
    place = database.with_name(f"{database.name}-fetching")
    handle = _taken(place, database, say)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{command} (process {os.getpid()}, since {now()[:19]} UTC)".encode(), 0)
        yield
    finally:
        # unlinked before it is free: whoever waits for this very file sees that it is not the one there any more
        place.unlink(missing_ok=True)
        os.close(handle)


def _taken(place: Path, database: Path, say: Callable[[str], None]) -> int:
    said = False
    while True:
        handle = _open(place)
        try:
            if not _free(handle):
                if not said:
                    say(f"{database}: waiting for another {_who(handle)}")
                    said = True
                fcntl.flock(handle, fcntl.LOCK_EX)
            if _still_there(handle, place):
                return handle
        except BaseException:
            # Ctrl-C while waiting for the other
            os.close(handle)
            raise
        os.close(handle)


def _open(place: Path) -> int:
    try:
        return os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        said = f"{place}: cannot be written ({fault.strerror}); check the folder and its permissions"
        raise CannotWrite(said) from None


def _free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(handle: int) -> str:
    return os.pread(handle, 200, 0).decode("utf-8", "replace") or "command that fetches"


def _still_there(handle: int, place: Path) -> bool:
    """Whether the file of that name is still the one that was locked."""
    try:
        return os.path.samestat(os.fstat(handle), place.stat())
    except FileNotFoundError:
        return False
