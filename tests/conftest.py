"""What every test may ask for. Real material is read where EVIDENCE_KB_CORPUS points; without it those tests skip by name."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REFERENCE = Path(__file__).parent / "reference"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder that holds corpus/, gold/ and reference/."""
    place = os.environ.get("EVIDENCE_KB_CORPUS")
    if not place:
        pytest.skip("needs EVIDENCE_KB_CORPUS")
    return Path(place)


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Any]:
    """Load one file of tests/reference by its stem."""
    return lambda name: json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
