"""A folder written beside its place and moved there whole. What somebody else put there is never replaced."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from kb.errors import CannotWrite

#: Lists the files of an export, one a line: a folder that holds it and nothing else may be replaced.
MARKER = ".evidence-kb-export"


@contextmanager
def written_whole(folder: Path, keep: Path) -> Iterator[Path]:
    """Give an empty folder to fill; when the body ends well it takes the place of the target, else it goes.

    Args:
        folder: The target: new, empty, or a former export to which nobody added a file.
        keep: A file that must not be lost with a former export (the database that is read).

    Raises:
        CannotWrite: the target holds something else, or the file system refuses.
    """
    target = folder.resolve()
    _refuse_strangers(folder, target, keep.resolve())
    beside = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    try:
        beside.mkdir(parents=True)
        yield beside
        (beside / MARKER).write_text("".join(f"{name}\n" for name in files_in(beside)), encoding="utf-8")
        _move(beside, target)
    except OSError as error:
        if error.errno is None:  # pandas' DatabaseError is an OSError too, and says nothing of the folder
            raise
        raise CannotWrite(f"{folder}: cannot be written ({error.strerror}); nothing was replaced") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def files_in(folder: Path) -> list[str]:
    """Paths of all files below a folder, relative to it, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _refuse_strangers(folder: Path, target: Path, keep: Path) -> None:
    if target.exists() and not target.is_dir():
        raise CannotWrite(f"{folder}: is a file; choose a folder that is new, empty or a former export")
    if keep.is_relative_to(target):
        raise CannotWrite(f"{folder}: holds the database itself; choose another folder")
    if not target.exists() or not any(target.iterdir()):
        return
    marker = target / MARKER
    if not marker.is_file():
        raise CannotWrite(f"{folder}: is not empty and no former export; choose another folder, nothing was touched")
    ours = {MARKER, *marker.read_text(encoding="utf-8").splitlines()}
    if strangers := [name for name in files_in(target) if name not in ours]:
        raise CannotWrite(f"{folder}: {strangers[0]} was not written by an export; move it away, nothing was touched")


def _move(beside: Path, target: Path) -> None:
    """Put the new folder in the target's place; if that fails the former one comes back."""
    former = target.with_name(f"{beside.name}.former")
    if target.exists():
        target.rename(former)
    try:
        beside.rename(target)
    except OSError:
        if former.exists():
            former.rename(target)
        raise
    shutil.rmtree(former, ignore_errors=True)
