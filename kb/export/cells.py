"""Values → CSV cells. Absent is an empty cell, a number is a number, and text cannot become a formula.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return (OWASP, "CSV
injection"), and titles come from the world. Such a text gets an apostrophe in front; a text that is a plain number,
as the quote "-6", is left as it is.
"""

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: Above this a float's digits before the point are no longer exact.
EXACT_WHOLE = 2**53

Cell = str | int | float | None
Row = Mapping[str, Any]


def cell(value: Cell) -> str:
    """One cell: the shortest digits that give the number back, text made harmless, empty for None and NaN."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, float):
        return _decimal(value)
    return str(int(value))


def harmless(text: str) -> str:
    """Text with an apostrophe in front where a spreadsheet would run it; harmless texts come back as they are."""
    runs = text.startswith(RUN_BY_SPREADSHEETS) and not PLAIN_NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as CSV (RFC 4180, UTF-8, header); a column that a row lacks is an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)  # lines end with CR LF: with LF alone a bare CR inside a text would not be quoted
        writer.writerow(columns)
        writer.writerows([cell(row.get(column)) for column in columns] for row in rows)


def cells_of(table: pd.DataFrame, *, in_order: bool = True) -> list[dict[str, Any]]:
    """The rows of a DataFrame with None for what is absent, sorted by all columns unless their order is to stay."""
    rows = [
        {str(k): None if pd.isna(v) else v for k, v in row.items()} for row in table.astype(object).to_dict("records")
    ]
    return rows if in_order else sorted(rows, key=lambda row: [_rank(v) for v in row.values()])


def _rank(value: Cell) -> tuple[int, Cell]:
    """Absent before numbers before text, so that every two cells can be compared."""
    return (0, 0) if value is None else (2, value) if isinstance(value, str) else (1, value)


def _decimal(value: float) -> str:
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_WHOLE else repr(value)
