"""The extra ``[cluster]``: what needs Dask or Arrow is imported when it is asked for, so all else runs without."""

import importlib
from types import ModuleType

from kb.errors import NotInstalled

#: What the extra brings, by the names that Python imports.
BROUGHT = ("dask", "distributed", "numpy", "pyarrow")
HOW = "needs the extra cluster: pip install 'evidence-kb[cluster]'"


def spreading() -> ModuleType:
    """``kb.stages.cluster.spreading``, for many files at once. Raises NotInstalled."""
    return _brought("kb.stages.cluster.spreading", "bulk")


def parquet() -> ModuleType:
    """``kb.store.parquet.tables``, for the tables of a folder. Raises NotInstalled."""
    return _brought("kb.store.parquet.tables", "a folder of Parquet")


def _brought(module: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in BROUGHT:
            raise
        raise NotInstalled(f"{what} {HOW}") from missing
