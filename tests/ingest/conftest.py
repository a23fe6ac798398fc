"""What the readers' tests share: invented records (no person, journal or study in them exists) and one way to load."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.errors import BadReply, IngestError
from ingest.formats import read_documents
from ingest.http.classify import judge
from ingest.http.client import Client
from ingest.http.exchange import Answer, Fault, Reply
from ingest.records import Document, Tombstone
from tests.standin import StandIn
from tests.standin.client import VirtualClock, virtual_client

INVENTED = Path(__file__).parent / "invented"


@pytest.fixture(scope="session")
def load() -> Callable[..., list[Document | Tombstone]]:
    """Read text or bytes the way a user's file is read: the format is told by the content."""

    def reading(data: str | bytes, name: str = "invented") -> list[Document | Tombstone]:
        return list(read_documents(io.BytesIO(data.encode() if isinstance(data, str) else data), name))

    return reading


@pytest.fixture(scope="session")
def invented() -> dict[str, str]:
    """The invented records of the folder by their stems."""
    return {path.stem: path.read_text(encoding="utf-8") for path in INVENTED.iterdir()}


class Canned:
    """A service that answers from canned words, judged as the real client judges them; keeps what it was asked.

    `answer` takes the request and gives the body, or (status, body), or (status, body, location), or an error to raise.
    """

    ATTEMPTS = 2

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def send(self, request):
        for attempt in range(1, self.ATTEMPTS + 1):
            self.asked.append(request)
            told = self.answer(request)
            if isinstance(told, IngestError):
                raise told
            fault = self._fault(*_wired(told), request)
            if fault is None:
                status, body, location = _wired(told)
                return Reply(request, status, body, "", "2031-01-01T00:00:00+00:00", attempt, location)
        raise fault.error(fault.reason)

    def params(self, name):
        """What each request said for one parameter; None where it did not say it."""
        return [dict(request.params).get(name) for request in self.asked]

    @staticmethod
    def _fault(status, body, location, request):
        fault = judge(Answer(status=status, content_type="text/plain", body=body, location=location), request)
        if fault is None and request.accept is not None:
            try:
                request.accept(Reply(request, status, body, "", "", 1, location))
            except BadReply as wrong:
                return Fault(BadReply, str(wrong))
        return fault


def _wired(told):
    parts = told if isinstance(told, tuple) else (200, told)
    status, body, location = (*parts, None)[:3]
    return status, body if isinstance(body, bytes) else body.encode(), location


@pytest.fixture(scope="session")
def canned():
    """Make a service out of a function from request to answer."""
    return Canned


@pytest.fixture(scope="session")
def corpus_bytes(shared):
    """The bytes of one file of the corpus by its path there."""
    return lambda path: (shared / "corpus" / path).read_bytes()


@pytest.fixture(scope="session")
def cassette(shared):
    """The bodies that one recording holds, in order."""

    def reading(name):
        path = shared / "corpus" / "cassettes" / "biocommons_eutils" / f"{name}.yaml"
        pieces = path.read_text(encoding="utf-8").split("- request:")[1:]
        return [_recorded(piece) for piece in pieces]

    return reading


def _recorded(piece):
    """The body of one recorded reply, a quoted scalar of YAML: one quote inside is two, line ends are folded."""
    raw = piece.partition("response:")[2].partition("string: ")[2].partition("\n    headers:")[0].strip()
    if raw.startswith('"'):
        unfolded = re.sub(r"\\?\n\s*(?:\\(?= ))?", lambda found: "" if found[0][0] == "\\" else " ", raw)
        return json.loads(unfolded).encode()
    folded = re.sub(r"\n *\n", "\0", raw[1:-1].replace("''", "'"))
    return re.sub(r"\n *", " ", folded).replace("\0", "\n").encode()


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that passes only while somebody sleeps."""
    return VirtualClock()


@pytest.fixture
def standin(clock: VirtualClock) -> Iterator[StandIn]:
    """The services, on that clock."""
    with StandIn(now=clock.monotonic) as running:
        yield running


@pytest.fixture
def client(tmp_path: Path, clock: VirtualClock) -> Iterator[Client]:
    """Our client, on that clock."""
    with virtual_client(tmp_path, clock) as ours:
        yield ours
