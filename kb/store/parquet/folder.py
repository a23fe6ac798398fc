"""A folder of Parquet made from many PubMed files: what lies where, which files are finished, and in which order.

    documents/NAME.parquet …      a folder a table: what stands now, one partition a source file
    as-filed/documents/NAME-HASH.parquet …
                                  what each source file said; a partition of which all stands is the same file, linked
    files/NAME.json               a source file that is finished: its sha256, and the rows that it gave
    standing.json                 what the tables were made from; missing while they are being made
    columns.csv                   the words of every table and column

Whatever is half written lies in .partial and is renamed when it is whole. One run at a time writes into a folder.
"""

import csv
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from kb.errors import CannotWrite, NotOurFolder

#: Year and number in the names that PubMed gives to its files: pubmed26n0001.xml.gz.
NUMBERED = re.compile(r"[A-Za-z]*(\d\d)n(\d{4,})")
_ENDING = re.compile(r"(?:\.xml)?(?:\.gz)?$", re.IGNORECASE)

PARTIAL, STANDING, AS_FILED, FILES = ".partial", "standing.json", "as-filed", "files"


@dataclass(frozen=True, slots=True)
class Finished:
    """A source file whose partitions are whole. given: its place among the files as they were given, from 0.

    made_with is the hash of reader, vocabulary and format; prolog is what stands before its first record, the root's
    start tag last; rows are counts by table.
    """

    name: str
    sha256: str
    given: int
    made_with: str
    prolog: str
    rows: Mapping[str, int]

    @property
    def order(self) -> tuple[int, int, int]:
        """PubMed's files by the year and number in their names; files of other names after them, as given."""
        numbered = NUMBERED.match(self.name)
        return (0, int(numbered[1]), int(numbered[2])) if numbered else (1, self.given, 0)

    def as_filed(self, root: Path, table: str) -> Path:
        """Its partition of a table, as the file said it."""
        return root / AS_FILED / table / f"{stem(self.name)}-{self.sha256[:12]}.parquet"

    def standing(self, root: Path, table: str) -> Path:
        """Its partition of a table, with what stands of it."""
        return root / table / f"{stem(self.name)}.parquet"


def stem(name: str) -> str:
    """``pubmed26n0001`` for ``pubmed26n0001.xml.gz``: what a source file is known by."""
    return _ENDING.sub("", name) or name


def begin(root: Path, tables: Iterable[str]) -> None:
    """Make the folders that are not there, and drop what a run before left half written.

    Raises:
        NotOurFolder: it holds something else.
        CannotWrite: it, or the disk, refuses.
    """
    if root.exists() and not root.is_dir():
        raise NotOurFolder(f"{root}: is a file; name a folder last of all")
    if root.exists() and not is_folder(root) and any(root.iterdir()):
        raise NotOurFolder(f"{root}: holds other things; give bulk a folder of its own")
    drop_partial(root)
    try:
        for name in (FILES, *(f"{AS_FILED}/{table}" for table in tables)):
            (root / name).mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise CannotWrite(
            f"{root}: cannot be written ({fault.strerror}); check the folder and its permissions"
        ) from fault


def drop_partial(root: Path) -> None:
    """Drop what is half written: of a run that was killed, or of files that are broken."""
    shutil.rmtree(root / PARTIAL, ignore_errors=True)


def describe(root: Path, words: Iterable[tuple[str, str, str, str]]) -> None:
    """Write the data dictionary: table, column, type, words."""
    place = new_partial(root) / "columns.csv"
    with place.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("table", "column", "type", "words"), *words])
    move(place, root / place.name)


def is_folder(path: Path) -> bool:
    """Whether bulk made it."""
    return (path / FILES).is_dir()


def partitions(root: Path, table: str) -> list[Path]:
    """The partitions of a table that stand, in the order in which their files apply."""
    return [path for one in finished(root).values() if (path := one.standing(root, table)).is_file()]


def new_partial(root: Path) -> Path:
    """A folder of one's own for what is not whole yet."""
    place = root / PARTIAL / uuid4().hex
    place.mkdir(parents=True)
    return place


def finished(root: Path) -> dict[str, Finished]:
    """The finished source files by stem, in the order in which they apply."""
    found = [Finished(**json.loads(path.read_text("utf-8"))) for path in (root / FILES).glob("*.json")]
    return {stem(one.name): one for one in sorted(found, key=lambda one: one.order)}


def keep(root: Path, one: Finished, partitions: Mapping[str, Path]) -> None:
    """Put a file's whole partitions in their places and note, last of all, that it is finished."""
    for table, path in partitions.items():
        path.replace(one.as_filed(root, table))
    _write_json(root, root / FILES / f"{stem(one.name)}.json", asdict(one))


def sweep(root: Path, files: Iterable[Finished], tables: Iterable[str]) -> None:
    """Drop the partitions of earlier contents of files."""
    kept = list(files)
    for table in tables:
        wanted = {one.as_filed(root, table).name for one in kept}
        for path in (root / AS_FILED / table).glob("*.parquet"):
            if path.name not in wanted:
                path.unlink()


def standing(root: Path) -> dict[str, str]:
    """What the tables were made from: by stem, the mark of what stands of each file; empty while they are made."""
    try:
        found: dict[str, str] = json.loads((root / STANDING).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def note_standing(root: Path, marks: Mapping[str, str] | None) -> None:
    """Say what the tables are made from, or (None) that they are being made."""
    if marks is None:
        (root / STANDING).unlink(missing_ok=True)
    else:
        _write_json(root, root / STANDING, dict(marks))


def link(root: Path, source: Path, target: Path) -> None:
    """The same file in another place; a copy where the file system has no links."""
    # one file in both places already: renaming its third name would do nothing
    if target.exists() and target.samefile(source):
        return
    place = new_partial(root) / target.name
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)
    move(place, target)


def move(partial: Path, target: Path) -> None:
    """A whole file from its partial folder to its place, at once."""
    target.parent.mkdir(exist_ok=True)
    partial.replace(target)
    partial.parent.rmdir()


def _write_json(root: Path, path: Path, content: Mapping[str, Any]) -> None:
    place = new_partial(root) / path.name
    place.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    move(place, path)
