"""Kill it anywhere, break it anywhere, run it twice at once: afterwards the database holds what a calm run holds.

A nursery process imports everything once and forks a child for each run, so that a kill costs a moment.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.errors import SourceUnreachable
from tests.standin import StandIn, faults
from tests.standin.client import VirtualClock
from tests.standin.session import Session
from tests.standin.world import SEED, SIMILAR

ROOT = Path(__file__).parents[2]
SEEDS = (SEED, SIMILAR[0], SIMILAR[2])

NURSERY = """
import json, os, signal, sys
from pathlib import Path
from types import SimpleNamespace
from tests.standin.client import VirtualClock
from tests.standin.session import Session
import kb.store.connection as connection

def dying(path, statement, opened=connection.open_database):
    db, seen = opened(path), 0
    def count(sql):
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
    db.conn.set_trace_callback(count)
    return db

def run(command, path, urls, seeds, statement):
    if statement:
        import tests.standin.session as session
        session.open_database = lambda path: dying(path, statement)
    one = Session(Path(path), SimpleNamespace(urls=urls), VirtualClock())
    if command == "pull":
        one.pull(*seeds, similar=20, citers=True, references=True)
    else:
        one.refresh()

for line in sys.stdin:
    command, path, urls, seeds, statement = json.loads(line)
    gate, go = os.pipe()
    child = os.fork()
    if not child:
        os.close(go)
        os.read(gate, 1)
        try:
            run(command, path, urls, seeds, statement)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    os.close(gate)
    print(child, flush=True)
    sys.stdin.readline()
    os.write(go, b"x"); os.close(go)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Nursery:
    """Runs commands in processes of their own."""

    def __init__(self, process):
        self.process = process

    def start(self, command, session, statement=0):
        line = json.dumps([command, str(session.path), session.standin.urls, SEEDS, statement]) + "\n"
        self._write(line)
        session.standin.faults.pid = int(self.process.stdout.readline())
        self._write("go\n")

    def end(self):
        """The child's wait status: 0, or 9 if it was killed."""
        return int(self.process.stdout.readline())

    def run(self, command, session, statement=0):
        self.start(command, session, statement)
        return self.end()

    def _write(self, line):
        self.process.stdin.write(line)
        self.process.stdin.flush()


@contextmanager
def nursed():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield Nursery(process)
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def nursery():
    with nursed() as one:
        yield one


@pytest.fixture
def fresh(blank_db, tmp_path):
    """Sessions on one stand-in, each with a database of its own."""
    clock = VirtualClock()
    made = 0
    with StandIn(seed=7, now=clock.monotonic) as standin:

        def another():
            nonlocal made
            made += 1
            folder = tmp_path / str(made)
            folder.mkdir()
            return Session(Path(shutil.copy(blank_db, folder / "e.db")), standin, clock)

        yield another


WIDE = {"similar": 20, "citers": True, "references": True}
NARROW = {"similar": 3}


def calm(session, around):
    """Pull on day 0, refresh twice on day 1 (a record has to be missing twice); what is stored after each."""
    session.standin.day = 0
    session.pull(*SEEDS, **around)
    pulled = session.content()
    session.refresh(1)
    session.refresh(1)
    return {"pull": pulled, "refresh": session.content()}


def contents(command, session):
    """What is stored; after a refresh, once another one has asked for what was missing."""
    if command == "refresh":
        session.refresh(1)
    return session.content()


def wanted(session):
    return Counter((entry.path, entry.params) for entry in session.standin.log.of() if entry.fault is None)


def until_done(nursery, command, session, kill):
    """Run a command, killed again and again until a run comes to its end; how often it was killed."""
    kills = 0
    while True:
        session.standin.faults.clear()
        kill(kills)
        status = nursery.run(command, session)
        if status == 0:
            return kills
        assert os.WTERMSIG(status) == signal.SIGKILL
        kills += 1


def test_s53_killed_at_any_request_and_run_again(nursery, fresh):
    """At every request in turn, and several times over; nothing that was answered is asked for again."""
    expected = calm(fresh(), WIDE)
    dice, kills = random.Random(53), 0  # noqa: S311 - it picks moments to kill at
    while kills < 30:
        session = fresh()
        for command, day in (("pull", 0), ("refresh", 1)):
            session.standin.day = day
            session.standin.log.clear()
            kills += until_done(
                nursery, command, session, lambda _, s=session: s.standin.faults.kill_after(dice.randint(0, 6))
            )
            assert max(wanted(session).values()) == 1
            assert contents(command, session) == expected[command]


def test_s53_killed_at_any_statement_and_run_again(nursery, fresh):
    """At any statement of SQL, so inside transactions too."""
    expected = calm(fresh(), WIDE)
    dice, kills = random.Random(5), 0  # noqa: S311 - it picks moments to kill at
    for _ in range(5):
        session = fresh()
        for command, day in (("pull", 0), ("refresh", 1)):
            session.standin.day = day
            ends = [nursery.run(command, session, statement=dice.randint(20, 900)) for _ in range(3)]
            assert set(ends) <= {0, signal.SIGKILL}
            kills += ends.count(signal.SIGKILL)
            assert nursery.run(command, session) == 0
            assert contents(command, session) == expected[command]
            assert session.column("pragma integrity_check") == ["ok"]
    assert kills >= 20


def incomplete(run):
    """Whether something failed, or everything did."""
    try:
        return bool(run().failed)
    except SourceUnreachable:
        return True


def without_scores(content):
    """A link that had to come without its score is there all the same."""
    return {**content, "links": sorted({(*row[:4], row[5]) for row in content["links"]}, key=repr)}


def test_a_storm_of_faults_leaves_what_a_calm_run_leaves(fresh):
    """A thousand failures of every kind that passes; runs go on until the storm is over."""
    expected = calm(fresh(), NARROW)
    session = fresh()
    session.standin.day = 0
    session.standin.faults.storm(random.Random(1000), 1000, faults.PASSING)  # noqa: S311 - it makes a storm
    while incomplete(lambda: session.pull(*SEEDS, **NARROW)):
        pass
    assert without_scores(session.content()) == without_scores(expected["pull"])
    while session.standin.faults.left():
        incomplete(lambda: session.refresh(1).run)
    session.refresh(1)
    assert contents("refresh", session) == expected["refresh"]


def test_two_processes_on_one_database(fresh):
    """Both end well; the database holds what one alone would have made, and each row once."""
    expected = calm(fresh(), WIDE)
    session = fresh()
    session.standin.day = 0
    with nursed() as one, nursed() as other:
        one.start("pull", session)
        other.start("pull", session)
        assert [one.end(), other.end()] == [0, 0]
    assert session.content() == expected["pull"]
    assert session.column("pragma integrity_check") == ["ok"]
