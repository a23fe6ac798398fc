"""What every test may ask for. Real material is where EVIDENCE_KB_CORPUS points; without it those tests skip."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kb.stages import building, loading, starting
from kb.store.connection import create_database
from kb.vocabulary import load_topic, vocabulary_of

REFERENCE = Path(__file__).parent / "reference"
SITE = Path(__file__).parent / "site"

# The same examples every time: a property that fails must fail for everybody. HYPOTHESIS_PROFILE=search looks further;
# no deadline, because a loaded machine is no fault of the code.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


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


@pytest.fixture(scope="session")
def site_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the site's tests serve: the bundled topic, an invented page of the seed study, a hostile page; built."""
    path = tmp_path_factory.mktemp("site") / "evidence.db"
    topic = load_topic()
    with closing(create_database(path)) as db:
        starting.init(db, topic, vocabulary_of(topic), topic.id)
        assert not loading.load(db, sorted(SITE.glob("*.txt"))).failed
        building.build(db, path)
    return path
