"""A CSV as a table; what is wrong with it is said in one line."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.records import FloatArray
from ingest.errors import BadPayload, EmptyPayload


def read_table(path: Path) -> pd.DataFrame:
    """A CSV with a header; empty cells are missing. Raises BadPayload, EmptyPayload."""
    try:
        table = pd.read_csv(path, skipinitialspace=True)
    except pd.errors.EmptyDataError as error:
        raise EmptyPayload(f"{path}: empty") from error
    except OSError as error:
        raise BadPayload(f"{path}: {error.strerror}") from error
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise BadPayload(f"{path}: not a CSV table ({str(error).strip()})") from error
    if table.empty:
        raise EmptyPayload(f"{path}: a header without rows")
    return table


def columns(table: pd.DataFrame, path: Path, names: Sequence[str]) -> dict[str, FloatArray]:
    """The named columns as floats, missing cells NaN. Raises BadPayload for a column that is absent or holds words."""
    return {name: _numbers(column(table, path, name), f"{path}: column {name}") for name in names}


def column(table: pd.DataFrame, path: Path, name: str) -> list[Any]:
    """One column as it is. Raises BadPayload where it is absent."""
    if name not in table:
        raise BadPayload(f"{path}: no column {name}; there are {', '.join(map(str, table.columns))}")
    return list(table[name])


def _numbers(values: list[Any], where: str) -> FloatArray:
    try:
        return np.asarray(pd.to_numeric(pd.Series(values), errors="raise"), dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise BadPayload(f"{where} holds what is no number ({error})") from error
