"""The words of every column of every file that is written, from metadata.yml and from the modules that write them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasette.utils import parse_metadata

from kb.export import estimates, revman
from kb.export.cells import write_table
from kb.frames import VIEWS

COLUMNS = ("file", "table", "column", "description")

NOTES = {
    "*.csv": (
        "UTF-8, comma-separated, first line the names of the columns, decimal point. An empty cell means that the "
        "source does not say it, never zero. A text that a spreadsheet would run as a formula (it begins with =, +, -, "
        "@, a tab or a carriage return and is no plain number) has an apostrophe in front; take it away to get the "
        "text back. Numbers are never changed."
    ),
    "estimates/*.csv": "The effects of one estimate with weights, what was left out, and metafor's raw columns.",
    "estimates/*.R": "A script for R with metafor that reproduces the estimate; it needs no other file.",
    "estimates.csv": "Every estimate, with the name of its files in the folder estimates.",
    "plots/*.svg": "The forest plot of each estimate, with PNG and PDF where the extra [plots] is installed.",
    "revman/*.csv": "Data rows with the columns of Review Manager; filter on one Set first.",
    "references.ris": "The papers, for reference managers; without abstracts.",
    "references.bib": "The same for BibTeX (UTF-8).",
    "report.md": "The whole in words, every number linked to its place.",
}

Row = dict[str, str]


def write(path: Path, metadata: Path) -> None:
    """Write data-dictionary.csv: notes on the files, then tables, then columns, in order of file."""
    write_table(path, COLUMNS, rows_of(parse_metadata(metadata.read_text(encoding="utf-8"))))


def rows_of(words: Mapping[str, Any]) -> list[Row]:
    """One row for each kind of file, each view and table, and each column."""
    tables = words["databases"]["evidence"]["tables"]
    notes = [_row(file, "", "", said) for file, said in NOTES.items()]
    return [*notes, *_own(tables["estimates"]["columns"]), *_views(tables), *_tables(tables)]


def _own(summary: Mapping[str, str]) -> Iterator[Row]:
    yield _row("estimates.csv", "", "file", "Name of the estimate's files, without the ending")
    yield from (_row("estimates.csv", "estimates", column, summary[column]) for column in estimates.SUMMARY)
    for column, said in (estimates.COLUMNS | estimates.RAW).items():
        yield _row("estimates/*.csv", "", column, said)
    for name, columns in revman.FILES.items():
        yield from (_row(f"revman/{name}", "", column, said) for column, said in columns.items())


def _views(tables: Mapping[str, Any]) -> Iterator[Row]:
    for view in VIEWS:
        files = (f"views/{view}.csv", "prisma.csv") if view == "prisma_flow" else (f"views/{view}.csv",)
        for file in files:
            yield from _described(file, view, tables[view])


def _tables(tables: Mapping[str, Any]) -> Iterator[Row]:
    """Tables are in evidence.db alone, not in files of their own."""
    for table in sorted(set(tables) - set(VIEWS)):
        if not tables[table].get("hidden"):
            yield from _described("evidence.db", table, tables[table])


def _described(file: str, table: str, words: Mapping[str, Any]) -> Iterator[Row]:
    yield _row(file, table, "", words["description"])
    yield from (_row(file, table, column, said) for column, said in words["columns"].items())


def _row(file: str, table: str, column: str, said: str) -> Row:
    return dict(zip(COLUMNS, (file, table, column, said), strict=True))
