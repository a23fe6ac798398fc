"""Parsing processes and the order of their work: each reads its share of a file, results come in the file's order.

A process is a plain child of this one with a pipe each way (multiprocessing would import the whole program in each).
Each cuts the file itself, so that nothing large is sent to it and the writer needs no threads.
"""

import fcntl
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.files.pubmed_bulk import CHUNK
from kb.errors import WorkerLost
from kb.store.bulk.parsed import Parsed
from kb.store.bulk.worker import Job

#: Bytes that a pipe may hold, where the system lets us choose: part of an image, so that the next can be begun.
PIPE = 1 << 20


class Crew:
    """So many parsing processes, started when first needed and ended with the block.

    with Crew(2) as crew:
        for parsed in crew.read(job): ...
    """

    def __init__(self, processes: int) -> None:
        """Nothing is started yet."""
        self._count = processes
        self._all: list[subprocess.Popen[bytes]] = []
        self._begun: deque[Job] = deque()

    def __enter__(self) -> Self:
        """Ready."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the processes."""
        self.stop()

    def begin(self, job: Job) -> None:
        """Have a file parsed as soon as those that were begun before are; it waits where a pipe is full."""
        self._start()
        self._begun.append(job)
        for share, one in enumerate(self._all):
            _send(one, replace(job, share=share, crew=self._count))

    def read(self, job: Job) -> Iterator[Parsed]:
        """What a file holds in its order, up to the first that has a fault, or to the one that is the last.

        To be read to its end before the next file is. Raises WorkerLost if a process dies.
        """
        if self._begun and self._begun[0] != job:
            # what they are at is not wanted, or not yet
            self.stop()
        if not self._begun:
            self.begin(job)
        self._begun.popleft()
        for turn in count(job.begun // CHUNK // job.together):
            parsed = _receive(self._all[turn % self._count], job.path)
            if parsed.last:
                break
            yield parsed
            if parsed.fault is not None:
                # the others are beyond the fault already, with what nobody wants
                self.stop()
                return
        # no chunk of this number means none of a later one: all the others have to say is that
        for other in range(turn + 1, turn + self._count):
            _receive(self._all[other % self._count], job.path)
        yield parsed

    def stop(self) -> None:
        """End the processes at once; the next job starts new ones."""
        for one in self._all:
            one.kill()
            with one:
                pass
        self._all.clear()
        self._begun.clear()

    def _start(self) -> None:
        while len(self._all) < self._count:
            # -P: not whatever lies in the folder that it is started from
            command = [sys.executable, "-P", "-c", "from kb.store.bulk.worker import main; main()"]
            one = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
            if one.stdout is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
                with suppress(OSError):
                    fcntl.fcntl(one.stdout, fcntl.F_SETPIPE_SZ, PIPE)
            self._all.append(one)


def _send(one: subprocess.Popen[bytes], job: Job) -> None:
    if one.stdin is not None:
        pickle.dump(job, one.stdin, protocol=pickle.HIGHEST_PROTOCOL)
        one.stdin.flush()


def _receive(one: subprocess.Popen[bytes], path: Path) -> Parsed:
    try:
        parsed: Parsed = pickle.load(one.stdout or BytesIO())  # noqa: S301 - a process of ours
    except (EOFError, pickle.UnpicklingError) as error:
        raise WorkerLost(f"{path}: a parsing process died ({error}); the same command goes on behind it") from error
    return parsed
