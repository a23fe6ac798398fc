"""One pacer in front of every request of this machine: threads and processes wait for each other at a file.

    with pacer.turn("ncbi") as turn:
        ...send...
        turn.started()      # the next one may start a gap after this moment

The file's lock is the kernel's (flock), so a killed process leaves nothing to clean up. Its two numbers are on the
machine's monotonic clock: the last start, and a time before which nobody may start (after "slow down").
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import Misconfigured
from ingest.http.clock import Clock

#: Seconds between starts. NCBI allows 3 a second without a key and 10 with one, but counts more strictly than it says:
#: starts 334 and 350 ms apart were refused, 400 ms apart were not (cyanheads/pubmed-mcp-server issue 162).
NCBI_GAP = 0.4
NCBI_GAP_WITH_KEY = 0.125
#: ClinicalTrials.gov is said to allow about 50 a minute; the others name no limit and get a quiet pace.
GAPS: Mapping[str, float] = {"ctgov": 1.2, "icite": 0.4, "europepmc": 0.25, "pmc_oa": 0.25}

#: Nobody waits longer for a number in the file: after a restart of the machine it belongs to another clock.
LONGEST_HOLD = 300.0


def gaps(*, keyed: bool) -> dict[str, float]:
    """Seconds between starts by family, with or without an NCBI API key."""
    return {**GAPS, "ncbi": NCBI_GAP_WITH_KEY if keyed else NCBI_GAP}


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this user's programs keep what they remember between runs (XDG base directories)."""
    named = environment.get("XDG_STATE_HOME")
    return (Path(named) if named else Path.home() / ".local" / "state") / "evidence-kb"


@dataclass(slots=True)
class Turn:
    """The right to start one request; it ends when the request has left."""

    release: Callable[[], None]
    over: bool = False

    def started(self) -> None:
        """The request has left: let the next one wait its gap. Only the first call counts."""
        if not self.over:
            self.over = True
            self.release()


@dataclass(frozen=True, slots=True)
class Pacer:
    """Keeps `gaps[family]` seconds between starts; every pacer on the same folder counts together."""

    folder: Path
    clock: Clock
    sleep: Callable[[float], None]
    gaps: Mapping[str, float] = field(default_factory=lambda: gaps(keyed=False))

    @contextmanager
    def turn(self, family: str) -> Iterator[Turn]:
        """Wait until a request of the family may start; the turn ends with `started()` or with the block.

        Raises:
            Misconfigured: the state file cannot be written.
        """
        handle = self._lock(family)
        turn = Turn(lambda: self._leave(handle))
        try:
            self._wait(handle, family)
            yield turn
        finally:
            turn.started()

    def hold(self, family: str, seconds: float) -> None:
        """Nobody of the family starts for so long: the service asked to slow down."""
        handle = self._lock(family)
        try:
            last, held = _read(handle)
            until = self.clock.monotonic() + min(seconds, LONGEST_HOLD)
            _write(handle, last, max(until, self._believed(held)))
        finally:
            os.close(handle)

    def _lock(self, family: str) -> int:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / f"{family}.pace", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise Misconfigured(
                f"{self.folder}: cannot keep the pace of requests there ({fault.strerror}); "
                "set XDG_STATE_HOME to a folder that can be written"
            ) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except BaseException:
            # Ctrl-C while waiting for the others
            os.close(handle)
            raise
        return handle

    def _wait(self, handle: int, family: str) -> None:
        last, held = _read(handle)
        now = self.clock.monotonic()
        gap = self.gaps[family]
        start = max(last + gap if last <= now else now, self._believed(held))
        while (wait := start - self.clock.monotonic()) > 0:
            self.sleep(wait)

    def _believed(self, held: float) -> float:
        return held if held <= self.clock.monotonic() + LONGEST_HOLD else 0.0

    def _leave(self, handle: int) -> None:
        try:
            _, held = _read(handle)
            _write(handle, self.clock.monotonic(), held)
        finally:
            os.close(handle)


def _read(handle: int) -> tuple[float, float]:
    """The last start and the hold; what cannot be read is a file that was just made, or a torn write."""
    words = os.pread(handle, 64, 0).split()
    try:
        last, held = (float(word) for word in words)
    except ValueError:
        return float("-inf"), float("-inf")
    return last, held


def _write(handle: int, last: float, held: float) -> None:
    line = f"{last!r} {held!r}\n".encode().ljust(63) + b"\n"
    os.pwrite(handle, line, 0)
