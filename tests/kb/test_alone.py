"""Two fetching commands on one database: the second says who is at work and waits; a kill leaves nothing stuck."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingest.http.pacing import NCBI_GAP
from kb.errors import CannotWrite
from kb.store.alone import alone
from tests.standin import StandIn
from tests.standin.world import CITERS, SEED

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from kb.store.alone import alone
with alone(Path(sys.argv[1]), "pull", lambda words: print(words, flush=True)):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def process(*words, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("environment", {})}
    with subprocess.Popen(
        [sys.executable, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment, **more,
    ) as one:  # fmt: skip
        try:
            yield one
        finally:
            with suppress(ProcessLookupError):
                one.kill()


@contextmanager
def holder(path):
    with process("-c", HOLDER, path) as one:
        assert one.stdout.readline() == "held\n"
        yield one


def test_the_second_says_who_is_at_work_and_comes_when_that_has_ended(tmp_path):
    path = tmp_path / "e.db"
    with holder(path) as first, process("-c", HOLDER, path) as second:
        words = second.stdout.readline()
        assert words.startswith(f"{path}: waiting for another pull (process {first.pid}, since ")
        first.stdin.close()
        assert second.stdout.readline() == "held\n"
        second.stdin.close()
        assert (first.wait(60), second.wait(60)) == (0, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_one_leaves_nothing_stuck(tmp_path):
    path = tmp_path / "e.db"
    with holder(path) as first:
        first.send_signal(signal.SIGKILL)
        first.wait(60)
    said = []
    with alone(path, "pull", said.append):
        assert said == []
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_killed_while_another_waits_lets_it_go_on(tmp_path):
    path = tmp_path / "e.db"
    with holder(path) as first, process("-c", HOLDER, path) as second:
        assert "waiting" in second.stdout.readline()
        first.send_signal(signal.SIGKILL)
        assert second.stdout.readline() == "held\n"


def test_it_ends_with_an_error_too(tmp_path):
    with pytest.raises(ZeroDivisionError), alone(tmp_path / "e.db", "pull", print):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_refuses_is_one_line(tmp_path):
    with pytest.raises(CannotWrite, match="cannot be written"), alone(tmp_path / "no" / "e.db", "pull", print):
        pass


def command(path, standin, state, *words):
    """The real command, on the real clock."""
    environment = {**standin.environment, "XDG_STATE_HOME": str(state), "NCBI_EMAIL": "reviewer@example.org"}
    return process("-c", "from kb.cli import main; main()", *words[:1], path, *words[1:], environment=environment)


def test_two_pulls_at_once_end_well_within_the_rate(blank_db, tmp_path, rows):
    """As a person would start them: no error, nothing asked twice, one pace for both, and the database is whole."""
    path = Path(shutil.copy(blank_db, tmp_path / "e.db"))
    with (
        StandIn() as standin,
        command(path, standin, tmp_path, "pull", SEED) as one,
        command(path, standin, tmp_path, "pull", SEED, CITERS[0]) as other,
    ):
        said = [one.communicate(timeout=300), other.communicate(timeout=300)]
        assert [one.returncode, other.returncode] == [0, 0], said
        log = standin.log.of()
    assert len({(entry.path, entry.params) for entry in log}) == len(log)
    starts = sorted(entry.start for entry in log if "eutils" in entry.path)
    # between first and last; a single request may be noticed late on a busy machine, two pacers would need half of it
    assert starts[-1] - starts[0] >= NCBI_GAP * (len(starts) - 1) - 1
    assert rows(path, "pragma integrity_check") == [{"integrity_check": "ok"}]
    assert rows(path, "select count(*) as n from runs where ok = 1") == [{"n": 2}]
    waited = [err for _, err in said if "waiting for another pull (process " in err]
    assert len(waited) <= 1
    assert not list(tmp_path.glob("*-fetching"))
