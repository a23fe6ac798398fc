"""A copy of the database that Datasette serves immutable, with words and settings beside it.

``datasette FOLDER`` reads all four files; ``datasette serve -i FOLDER/evidence.db`` serves the database alone.
The file of decisions is never copied: what may be seen of it is in the tables reviews and screenings.
"""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from datasette.inspect import inspect_hash

from kb.errors import CannotWrite

#: Datasette's name of the database and so the name of the file.
NAME = "evidence"


def write(folder: Path, path: Path, metadata: Path, settings: Mapping[str, Any]) -> None:
    """Write evidence.db, inspect-data.json, metadata.yml and settings.json."""
    copy = folder / f"{NAME}.db"
    copy_database(path, copy)
    (folder / "inspect-data.json").write_text(_json(inspect(copy)), encoding="utf-8")
    (folder / "settings.json").write_text(_json(settings), encoding="utf-8")
    shutil.copyfile(metadata, folder / "metadata.yml")


def copy_database(path: Path, copy: Path) -> None:
    """A compact copy in one file: consistent while others write, nothing in a log beside it.

    Vacuuming may number the rows of a table anew where they have no number of their own
    (https://www.sqlite.org/lang_vacuum.html), so the full-text indexes, which point at those numbers, are rebuilt.

    Raises:
        CannotWrite: the disk or the folder refuses.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source:
        try:
            source.execute("vacuum into ?", [str(copy)])
        except sqlite3.OperationalError as error:
            raise CannotWrite(f"{copy.name}: the copy cannot be written ({error}); nothing was replaced") from error
    with closing(sqlite3.connect(copy)) as target:
        indexes = target.execute("select name from sqlite_master where type = 'table' and sql like '%using fts5%'")
        for (name,) in indexes.fetchall():
            target.execute(f"insert into [{name}]([{name}]) values ('rebuild')")
        target.commit()
        target.execute("pragma journal_mode = delete")


def inspect(copy: Path) -> dict[str, Any]:
    """What ``datasette inspect`` says: hash, size and the number of rows in each table."""
    with closing(sqlite3.connect(copy)) as db:
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
        tables = {name: {"count": db.execute(f"select count(*) from [{name}]").fetchone()[0]} for name in names}
    return {NAME: {"hash": inspect_hash(copy), "size": copy.stat().st_size, "file": copy.name, "tables": tables}}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, sort_keys=True) + "\n"
