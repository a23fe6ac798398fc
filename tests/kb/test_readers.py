"""Many texts are read by several processes: the same rows as by one, and all or nothing where one of them dies."""

import os
import signal
from contextlib import closing

import pytest

from kb.errors import WorkerLost
from kb.stages import building, loading, readers
from kb.store.connection import open_database
from tests.kb.test_stages import DERIVED, build, content

TEXTS = {
    "90000001": "After 12 months the skin score fell from 21.4 (SD 5.2) to 14.9 (SD 6.1) (p = 0.01). Two of 31 died.",
    "90000002": "Overall survival was 91.2% at 5 years (95% CI 83.0 to 97.5). No pulmonary hypertension was seen.",
    "90000003": "FVC rose by 4.1% (95% CI 1.2 to 7.0) in the cell group and fell by 2.0% with placebo at 24 weeks.",
}


@pytest.fixture
def filled(demo, tmp_path, pubmed_xml):
    with closing(open_database(demo)) as db:
        for pmid, text in TEXTS.items():
            path = tmp_path / f"{pmid}.xml"
            path.write_bytes(pubmed_xml(pmid, text))
            assert not loading.load(db, [path]).failed
    return demo


def in_several(monkeypatch):
    for name, value in {"MANY": 1, "AT_ONCE": 1, "cores": lambda: 2}.items():
        monkeypatch.setattr(readers, name, value)


def test_several_processes_give_the_rows_of_one(filled, rows, monkeypatch):
    build(filled)
    alone = content(filled, rows, DERIVED)
    assert sum("pmid-9000000" in row for row in alone["figures"]) >= len(TEXTS)
    monkeypatch.setattr(building.reading, "READER", "another reader")
    in_several(monkeypatch)
    build(filled)
    assert content(filled, rows, DERIVED) == alone


def test_a_build_whose_reading_process_dies_stores_nothing(filled, rows, monkeypatch):
    before = content(filled, rows, DERIVED)
    in_several(monkeypatch)
    monkeypatch.setattr(readers, "_read", _die)
    with pytest.raises(WorkerLost, match="run it again"):
        build(filled)
    assert content(filled, rows, DERIVED) == before


def _die(_):
    os.kill(os.getpid(), signal.SIGKILL)
