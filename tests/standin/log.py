"""Who asked what and when, and whether that was too often."""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import parse_qsl


@dataclass(slots=True)
class Entry:
    """One request as it arrived; flags are what its sender forgot or did wrong."""

    method: str
    path: str
    endpoint: str
    params: tuple[tuple[str, str], ...]
    start: float
    flags: tuple[str, ...] = ()
    fault: str | None = None
    status: int | None = None
    sent: int = 0

    def all(self, name: str) -> list[str]:
        """Every value of a parameter, commas taken apart."""
        return [one for key, value in self.params if key == name for one in value.split(",") if one]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self.params if key == name), default)


@dataclass(slots=True)
class Log:
    """Entries in the order of their arrival."""

    entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, entry: Entry) -> None:
        """Append."""
        with self._lock:
            self.entries.append(entry)

    def of(self, *endpoints: str) -> list[Entry]:
        """The entries of those endpoints, or all."""
        with self._lock:
            return [one for one in self.entries if not endpoints or one.endpoint in endpoints]

    def gaps(self) -> list[float]:
        """Seconds between neighbouring starts."""
        starts = sorted(one.start for one in self.of())
        return [later - earlier for earlier, later in pairwise(starts)]

    def clear(self) -> None:
        """Forget."""
        with self._lock:
            self.entries.clear()


@dataclass(slots=True)
class Limiter:
    """A sliding window over all connections: so many a second, and no more.

    retry_after: the header's seconds, None for an answer without the header.
    """

    most: int
    window: float = 1.0
    retry_after: int | None = 2
    _starts: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, who: str, now: float, most: int | None = None) -> bool:
        """Count one request of somebody; False if it is one too many."""
        with self._lock:
            starts = self._starts[who]
            while starts and starts[0] <= now - self.window:
                starts.popleft()
            if len(starts) >= (most or self.most):
                return False
            starts.append(now)
            return True


def parameters(query: str) -> tuple[tuple[str, str], ...]:
    """A query string or form, blank values kept."""
    return tuple(parse_qsl(query, keep_blank_values=True))
