"""What is asked and what comes back: the nouns of talking to a service."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from ingest.errors import IngestError

OK = 200


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one service; secrets are no part of it, the client adds them.

    service: a name of `services.MANNERS`.
    expect: what a good answer is; "any" accepts every body that is neither empty nor an error page.
    root: the local name that the root of an XML answer must have.
    answers: the statuses that are answers; those beside 200 come back unread (an alias's 301, a registry's 404).
    accept: looks at a good reply and raises BadReply where it does not answer the question; it is then asked again.
    """

    service: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    method: Literal["GET", "POST"] = "GET"
    expect: Literal["xml", "json", "text", "any"] = "any"
    root: str | None = None
    answers: frozenset[int] = frozenset({OK})
    accept: "Callable[[Reply], None] | None" = None

    def address(self) -> str:
        """The whole address as it is stored: without tool, email and key, which the client adds."""
        return f"{self.url}?{urlencode(self.params)}" if self.params else self.url

    def ids(self) -> int:
        """How many ids are asked for."""
        return sum(value.count(",") + 1 for name, value in self.params if name in {"id", "ids"} and value)


@dataclass(frozen=True, slots=True)
class Reply:
    """An accepted answer: unpacked, whole, of the right kind, and no error in disguise.

    body: the bytes as the service meant them (gzip opened), nothing else changed.
    fetched_at: ISO 8601 in UTC. location: where a 3xx points, without secrets.
    """

    request: Request
    status: int
    body: bytes
    content_type: str
    fetched_at: str
    attempts: int
    location: str | None = None

    @property
    def url(self) -> str:
        """Where it came from, without secrets."""
        return self.request.address()

    def json(self) -> Any:
        """The body as JSON; raw line ends inside strings are allowed, as NCBI sends them."""
        return json.loads(self.body, strict=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire, before anybody believes it; the body is unpacked."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an attempt gave no reply.

    error: what to raise when there is no further attempt.
    again: the same question may be answered later.
    slow_down: the whole family of services must wait, not this request alone.
    most: attempts at such a fault, where fewer than the budget's are enough to know.
    """

    error: type[IngestError]
    reason: str
    again: bool = True
    slow_down: bool = False
    retry_after: str | None = None
    most: int | None = None
