"""Everything a meta-analyst takes away, as plain files: data flows database → rows → files and never back.

cells.py        values → CSV cells: absent is empty, numbers stay numbers, text cannot become a formula
folder.py       a folder is written beside its place and moved there whole; nothing that is not ours is replaced
estimates.py    an estimate → its rows with metafor's columns, its R script
revman.py       estimates → data rows as Review Manager takes them
references.py   documents → RIS and BibTeX
dictionary.py   the words of metadata.yml and of the files made here → data-dictionary.csv
plots.py        forest plots as SVG, PNG and PDF
report.py       the whole as Markdown, every number linked to its place
site.py         a copy of the database ready to be published immutable
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from kb.export import dictionary, estimates, plots, references, report, revman, site
from kb.export.cells import cells_of, write_table
from kb.export.folder import files_in, written_whole
from kb.frames import VIEWS, frame
from kb.records import Estimate
from kb.store.connection import open_database
from kb.store.payloads import now
from kb.store.rows import fetch
from kb.store.weighed import estimates_of

#: Views whose own order means something; the rows of all others are sorted.
IN_ORDER = ("figures_to_review", "what_changed", "prisma_flow")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where, how many files, estimates, references; built: whether there were estimates at all.

    pictures: whether plots were written as PNG and PDF too.
    """

    folder: Path
    files: int
    estimates: int
    references: int
    built: bool
    pictures: bool


def export_all(path: Path, folder: Path, metadata: Path, settings: Mapping[str, Any] | None = None) -> Exported:
    """Write a database as files into a folder that is new, empty or a former export; all of it or nothing.

    Args:
        path: The database.
        folder: Where the files go.
        metadata: The metadata.yml that holds the words.
        settings: Datasette's settings; where given, a copy of the database ready to publish is added.

    Raises:
        DatabaseMissing, NotOurDatabase: there is no database of ours at that path.
        CannotWrite: the folder holds something else, or the file system refuses.
    """
    db, cairo = open_database(path), plots.library()
    try:
        found = all_estimates(db)
        entries = references.entries_of(db)
        with written_whole(folder, keep=path) as place:
            write_estimates(place, path, found)
            plots.write(place / "plots", db, found, estimates.file_names(found), cairo)
            revman.write(place / "revman", found, estimates.inputs_of(path))
            references.write(place, entries)
            write_views(place, path)
            dictionary.write(place / "data-dictionary.csv", metadata)
            report.write(place / "report.md", db, path, found, now())
            if settings is not None:
                site.write(place, path, metadata, settings)
            count = len(files_in(place))
    finally:
        db.close()
    return Exported(folder, count, len(found), len(entries), bool(found), cairo is not None)


def all_estimates(db: Database) -> list[Estimate]:
    """Every stored estimate with its effects, in order of id."""
    outcomes = [row["outcome"] for row in fetch(db, "select distinct outcome from estimates order by outcome")]
    return sorted((e for outcome in outcomes for e in estimates_of(db, outcome)), key=lambda e: e.id)


def write_estimates(place: Path, path: Path, found: list[Estimate]) -> None:
    """A CSV and an R script an estimate, and one CSV that lists them all."""
    inputs = estimates.inputs_of(path)
    names = estimates.file_names(found)
    for one in found:
        estimates.write(place / "estimates" / names[one.id], one, inputs)
    rows = [{"file": names[e.id], **estimates.summary(e)} for e in found]
    write_table(place / "estimates.csv", ("file", *estimates.SUMMARY), rows)


def write_views(place: Path, path: Path) -> None:
    """The contract's views as CSV; the PRISMA counts once more where one looks for them."""
    for view in VIEWS:
        table = frame(path, view)
        rows = cells_of(table, in_order=view in IN_ORDER)
        write_table(place / "views" / f"{view}.csv", tuple(table.columns), rows)
        if view == "prisma_flow":
            write_table(place / "prisma.csv", tuple(table.columns), rows)
