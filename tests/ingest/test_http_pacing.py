"""S1: nobody on this machine asks too often, in one thread, in many, in two processes; the request log is the proof."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.errors import Misconfigured
from ingest.http.client import Request
from ingest.http.pacing import NCBI_GAP, NCBI_GAP_WITH_KEY, Pacer, gaps, state_folder
from tests.standin import StandIn, faults
from tests.standin.client import VirtualClock, fetch, real_client, virtual_client
from tests.standin.log import Limiter

ROOT = Path(__file__).parents[2]
#: Seconds that a busy machine may take to note the first request; half of each spread below is less.
LATE = 1.0
ASK = """
import sys
from pathlib import Path
from ingest.http.client import Request
from tests.standin.client import real_client
with real_client(Path(sys.argv[1])) as client:
    for _ in range(4):
        client.send(Request("eutils", sys.argv[2] + "/efetch.fcgi", (("db", "pubmed"), ("id", "38206544"))))
"""
HOLD = """
import sys, time
from pathlib import Path
from ingest.http.clock import SystemClock
from ingest.http.pacing import Pacer
with Pacer(Path(sys.argv[1]), SystemClock(), time.sleep).turn("ncbi"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("keyed", [False, True])
def test_s1_one_thread_keeps_its_distance_retries_included(standin, clock, tmp_path, keyed):
    standin.limiter = Limiter(3)
    standin.faults.push("efetch", *[faults.reset(), None] * 5)
    with virtual_client(tmp_path, clock, standin.key if keyed else None) as client:
        for _ in range(12):
            client.send(fetch(standin))
    between = standin.log.gaps()
    assert len(between) == 16
    assert {entry.status for entry in standin.log.of()} == {200}
    assert min(between) == pytest.approx(NCBI_GAP_WITH_KEY if keyed else NCBI_GAP)


def test_s1_all_of_ncbi_is_one_and_others_are_their_own(standin, client):
    client.send(fetch(standin))
    client.send(Request("icite", f"{standin.urls['icite']}/pubs", (("pmids", "1"),), expect="json"))
    client.send(Request("idconv", f"{standin.urls['idconv']}/", (("ids", "1"),), expect="json"))
    assert standin.log.gaps() == pytest.approx([0.0, NCBI_GAP])


def test_s1_threads_share_one_pace(tmp_path):
    with StandIn() as standin, real_client(tmp_path, standin.key) as client, ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(client.send, [fetch(standin)] * 20))
    assert {reply.attempts for reply in replies} == {1}
    assert spread(standin) >= 19 * NCBI_GAP_WITH_KEY - LATE


def test_s1_processes_share_one_pace(tmp_path):
    with StandIn() as standin:
        ask = [sys.executable, "-c", ASK, str(tmp_path), standin.urls["eutils"]]
        both = [subprocess.Popen(ask, cwd=ROOT) for _ in range(2)]
        assert [one.wait(300) for one in both] == [0, 0]
        assert [entry.status for entry in standin.log.of()] == [200] * 8
        assert spread(standin) >= 7 * NCBI_GAP - LATE


def spread(standin):
    starts = [entry.start for entry in standin.log.of()]
    return max(starts) - min(starts)


def test_a_killed_process_leaves_nothing_locked(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGKILL)
    with (tmp_path / "ncbi.pace").open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_giving_up_the_wait_leaves_nothing_open(tmp_path, monkeypatch):
    def interrupted(handle, _):
        opened.append(handle)
        raise KeyboardInterrupt

    opened = []
    monkeypatch.setattr("fcntl.flock", interrupted)
    with pytest.raises(KeyboardInterrupt), Pacer(tmp_path, VirtualClock(), time.sleep).turn("ncbi"):
        pass
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


@pytest.mark.parametrize("left", ["99999 99999", "nan", "", "1 2 3", "\0\0"])
def test_what_an_earlier_boot_or_a_torn_write_left_is_not_believed(tmp_path, left):
    (tmp_path / "ncbi.pace").write_text(left, encoding="ascii")
    clock = VirtualClock()
    with Pacer(tmp_path, clock, clock.sleep).turn("ncbi"):
        assert clock.slept == []


def test_a_hold_is_for_the_family_and_for_other_pacers(tmp_path):
    clock = VirtualClock()
    Pacer(tmp_path, clock, clock.sleep).hold("ncbi", 7.0)
    with Pacer(tmp_path, clock, clock.sleep).turn("ctgov"):
        assert clock.slept == []
    with Pacer(tmp_path, clock, clock.sleep).turn("ncbi"):
        assert clock.slept == [7.0]


def test_the_gap_counts_from_the_moment_the_request_left(tmp_path):
    clock = VirtualClock()
    pacer = Pacer(tmp_path, clock, clock.sleep)
    with pacer.turn("ncbi") as turn:
        turn.started()
        clock.sleep(5.0)
    with pacer.turn("ncbi"):
        assert clock.slept == [5.0]


def test_a_folder_that_cannot_be_is_a_setting_to_change(tmp_path):
    (tmp_path / "file").touch()
    clock = VirtualClock()
    with (
        pytest.raises(Misconfigured, match="XDG_STATE_HOME"),
        Pacer(tmp_path / "file", clock, clock.sleep).turn("ncbi"),
    ):
        pass


def test_the_state_folder_is_the_users(tmp_path):
    assert state_folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "evidence-kb"
    assert state_folder({}) == Path.home() / ".local" / "state" / "evidence-kb"


def test_the_gaps_are_wider_than_the_documented_rates():
    assert (gaps(keyed=False)["ncbi"], gaps(keyed=True)["ncbi"]) == (0.4, 0.125)
