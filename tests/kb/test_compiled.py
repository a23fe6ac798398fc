"""The compiled build: what is asked for is what runs, here and in the processes that are started from here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.built import compiled, listed

ASKED = os.environ.get("EVIDENCE_KB_COMPILED") == "1"
#: As kb.stages.bulk.crew starts its workers, from a folder that holds no sources.
WORKER = [sys.executable, "-c", "import sys; from {0} import __file__ as place; sys.stdout.write(place)"]


def test_the_list_names_the_walk_and_the_whole_reader():
    names = list(listed())
    assert len(names) == len(set(names))
    assert {"ingest.files.pubmed_xml", "kb.store.canonical", "kb.extract", "kb.extract.reader"} <= set(names)
    # what everybody makes and copies stays plain
    assert "ingest.records" not in names


def test_modules_are_compiled_if_and_only_if_that_is_asked_for():
    assert compiled() is ASKED


@pytest.mark.parametrize("name", ["ingest.files.pubmed_xml", "kb.store.canonical", "kb.extract.reader"])
def test_a_process_started_from_here_runs_the_same_build(name, tmp_path):
    command = [word.format(name) for word in WORKER]
    place = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert (Path(place).suffix != ".py") is ASKED
