"""What the readers' tests share: invented records (no person, journal or study in them exists) and one way to load."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.formats import read_documents
from ingest.records import Document, Tombstone

INVENTED = Path(__file__).parent / "invented"


@pytest.fixture(scope="session")
def load() -> Callable[..., list[Document | Tombstone]]:
    """Read text or bytes the way a user's file is read: the format is told by the content."""

    def reading(data: str | bytes, name: str = "invented") -> list[Document | Tombstone]:
        return list(read_documents(io.BytesIO(data.encode() if isinstance(data, str) else data), name))

    return reading


@pytest.fixture(scope="session")
def invented() -> dict[str, str]:
    """The invented records of the folder by their stems."""
    return {path.stem: path.read_text(encoding="utf-8") for path in INVENTED.iterdir()}
