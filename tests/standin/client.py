"""The project's client for a stand-in, on a clock that a test owns: a minute of back-off costs nothing."""

import random
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ingest.http.client import Budget, Client, Request, Timeouts
from ingest.http.clock import SystemClock
from ingest.http.pacing import Pacer, gaps
from tests.standin.server import StandIn
from tests.standin.world import SEED

EMAIL = "reviewer@example.org"
#: Made once: a client that makes its own reads all certificates of the machine.
_TLS = ssl.create_default_context()
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Time that passes only while somebody sleeps; threads share it."""

    def __init__(self) -> None:
        """It starts at 1,000 s, so that nothing is before the beginning."""
        self._seconds = 1000.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The time of day."""
        return _FIRST + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        """Seconds."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        with self._lock:
            self.slept.append(seconds)
            self._seconds += seconds


def virtual_client(folder: Path, clock: VirtualClock, api_key: str | None = None, **settings: Any) -> Client:
    """A client whose waits take no time; the stand-in's `now` should be the same clock's."""
    pacer = Pacer(folder, clock, clock.sleep, gaps(keyed=bool(api_key)))
    ours: dict[str, Any] = {
        "email": EMAIL,
        "transport": httpx.HTTPTransport(verify=_TLS),
        "random": random.Random(1),  # noqa: S311
        # real seconds, and ample: a busy machine is no fault of anybody
        "timeouts": Timeouts(60.0, 60.0, 1e9),
    }
    return Client(pacer=pacer, clock=clock, api_key=api_key, sleep=clock.sleep, **(ours | settings))


def real_client(folder: Path, api_key: str | None = None, **settings: Any) -> Client:
    """A client that waits as it does in life."""
    clock = SystemClock()
    pacer = Pacer(folder, clock, time.sleep, gaps(keyed=bool(api_key)))
    ours: dict[str, Any] = {
        "email": EMAIL,
        "transport": httpx.HTTPTransport(verify=_TLS),
        "budget": Budget(),
        "timeouts": Timeouts(60.0, 60.0, 300.0),
    }
    return Client(pacer=pacer, clock=clock, api_key=api_key, **(ours | settings))


def fetch(standin: StandIn, pmids: str = SEED, **fields: Any) -> Request:
    """Ask for records."""
    params = (("db", "pubmed"), ("id", pmids), ("retmode", "xml"))
    settings = {"expect": "xml", "root": "PubmedArticleSet"} | fields
    return Request("eutils", f"{standin.urls['eutils']}/efetch.fcgi", params, **settings)


def search(standin: StandIn, **more: str) -> Request:
    """Search for a word that many records hold."""
    params = tuple({"db": "pubmed", "term": "sclerosis", "retmode": "json", **more}.items())
    return Request("eutils", f"{standin.urls['eutils']}/esearch.fcgi", params, expect="json")
