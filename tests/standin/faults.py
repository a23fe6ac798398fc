"""The seeded fault script: for each endpoint a queue of faults, then normal answers again.

    s.faults.push("efetch", rate_limit(), cut_body(0.6), status(503))
    s.faults.storm(random.Random(7), 1_000, KINDS)      # a queue for whoever asks

A fault is a function from the normal response to the broken one, with a name for the log.
"""

import os
import random
import signal
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.standin.wire import HTML, JSON, TEXT, XML, Response

ANY = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure; row is its number in the contract's list of failures really seen."""

    name: str
    row: str
    spoil: Callable[[Response], Response]


@dataclass(slots=True)
class Script:
    """Faults to come, by endpoint; `*` is for whichever is asked next. pid is the process that `kill` ends."""

    pid: int | None = None
    _queues: dict[str, deque[Fault | None]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def push(self, endpoint: str, *faults: Fault | None) -> None:
        """Append to the endpoint's queue; None is one normal answer."""
        with self._lock:
            self._queues[endpoint].extend(faults)

    def next(self, endpoint: str) -> Fault | None:
        """The endpoint's next fault, if there is one."""
        with self._lock:
            for name in (endpoint, ANY):
                if self._queues[name]:
                    return self._queues[name].popleft()
        return None

    def left(self) -> int:
        """How many faults are still to come."""
        with self._lock:
            return sum(one is not None for queue in self._queues.values() for one in queue)

    def clear(self) -> None:
        """From now on everything works."""
        with self._lock:
            self._queues.clear()

    def storm(self, dice: random.Random, count: int, kinds: Sequence[Fault], calm: float = 0.5) -> None:
        """`count` faults drawn from the kinds, with normal answers between them at that rate."""
        for _ in range(count):
            while dice.random() < calm:
                self.push(ANY, None)
            self.push(ANY, dice.choice(kinds))

    def kill_after(self, requests: int) -> None:
        """The process `pid` is killed at the request after so many."""
        self.push(ANY, *[None] * requests, Fault("kill", "S53", self._kill))

    def _kill(self, response: Response) -> Response:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
        return replace(response, cut=0.0, then="reset")

    def read(self, script: Mapping[str, Iterable[Any]]) -> None:
        """Faults by name, as a JSON file gives them: {"efetch": ["rate-limit", {"name": "status", "code": 502}]}."""
        for endpoint, rows in script.items():
            for row in rows:
                options = {"name": row} if isinstance(row, str) else dict(row or {"name": "none"})
                make = NAMED[options.pop("name")]
                self.push(endpoint, make(**options))


def rate_limit(code: int = 429, retry_after: int | None = 2) -> Fault:
    """F1, and F2 with code 200."""
    body = b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"4","limit":"3"}'
    headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
    return Fault("rate-limit", "F1" if code == 429 else "F2", lambda _: Response(body, JSON, code, headers))


def misuse(url: str) -> Fault:
    """F4: sent away to another host."""
    page = b"<!DOCTYPE html><html><body>Found</body></html>"
    return Fault("misuse", "F4", lambda _: Response(page, HTML, 302, (("Location", url),)))


def page(code: int = 200, words: str = "NCBI - WWW Error Blocked Diagnostic") -> Fault:
    """F5, and F6 with another code: a page for people."""
    body = f"<!DOCTYPE html>\n<html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>"
    return Fault("page", "F5" if code == 200 else "F6", lambda _: Response(body.encode(), HTML, code))


def status(code: int = 503, words: str = "Service Unavailable", retry_after: int | None = None) -> Fault:
    """F6 and F15: a status with little else."""
    headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
    return Fault(f"status-{code}", "F6", lambda _: Response(words.encode(), TEXT, code, headers))


def backend(words: str = "Search Backend failed: Database is not supported: pubmed", code: int = 200) -> Fault:
    """F7 to F11: an ERROR in the dress of an answer, JSON where JSON was asked for, its line ends raw."""

    def spoil(response: Response) -> Response:
        if "json" in response.kind:
            body = f'{{"header":{{"type":"esearch","version":"0.3"}},"esearchresult":{{"ERROR":"{words}"}}}}'
            return Response(body.encode(), JSON, code)
        root = _root(response.body)
        body = f'<?xml version="1.0" encoding="UTF-8" ?>\n<{root}>\n<ERROR>{words}</ERROR>\n</{root}>'
        return Response(body.encode(), XML, code)

    return Fault(f"backend-{code}", "F7", spoil)


def transient_400() -> Fault:
    """F11: a bad request that will be a good one."""
    return backend(" Error: External viewer error: Empty Response. Bytes read: 0 Status: Timeout", 400)


def permanent_400() -> Fault:
    """F10: a bad request for ever."""
    return backend("ID list is empty! Possibly it has no correct IDs.", 400)


def history_lost(code: int = 400) -> Fault:
    """F9."""
    return backend("Cannot retrieve history data. query_key: 1, WebEnv: MCID_0, retstart: 0, retmax: 20", code)


def prolog_only() -> Fault:
    """F12: XML without a root."""
    body = (
        b'<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eLinkResult PUBLIC "-//NLM//DTD elink 20101123//EN" '
        b'"https://eutils.ncbi.nlm.nih.gov/eutils/dtd/20101123/elink.dtd">\n'
    )
    return Fault("prolog-only", "F12", lambda response: replace(response, body=body))


def empty() -> Fault:
    """F12: nothing."""
    return Fault("empty", "F12", lambda response: replace(response, body=b"", packed=False))


def wrong_root() -> Fault:
    """F12: whole XML or JSON of another kind."""

    def spoil(response: Response) -> Response:
        if "json" in response.kind:
            return replace(response, body=b"[]nonsense")
        return replace(response, body=b'<?xml version="1.0"?><SomethingElse><Id>1</Id></SomethingElse>')

    return Fault("wrong-root", "F12", spoil)


def cut_body(share: float = 0.6, framing: str = "length", then: str = "clean", *, packed: bool | None = None) -> Fault:
    """F13: the body stops. clean: nothing on the wire betrays it; short: less than was promised."""
    how: dict[str, Any] = {"cut": share, "framing": framing, "then": then, "packed": packed}
    return Fault(f"cut-{framing}-{then}", "F13", lambda response: replace(response, **how))


def corrupt() -> Fault:
    """F13: broken markup in the middle."""

    def spoil(response: Response) -> Response:
        middle = len(response.body) // 2
        return replace(response, body=response.body[:middle] + b'<td colspan4"1">' + response.body[middle:])

    return Fault("corrupt", "F13", spoil)


def reset(share: float = 0.0) -> Fault:
    """F14: the connection breaks, before the headers or in the body."""
    return Fault("reset", "F14", lambda response: replace(response, cut=share, then="reset"))


def stall(share: float = 0.5, seconds: float = 30.0) -> Fault:
    """F14: silence in the middle."""
    return Fault("stall", "F14", lambda response: replace(response, cut=share, then="stall", seconds=seconds))


def drip(seconds: float = 0.05) -> Fault:
    """F14: a byte at a time, each in time for every read timeout."""
    return Fault("drip", "F14", lambda response: replace(response, then="drip", packed=False, seconds=seconds))


def bomb() -> Fault:
    """S19: entities that grow, in the DOCTYPE of an answer that looks right."""

    def spoil(response: Response) -> Response:
        root = _root(response.body)
        declared = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">'
        body = f'<?xml version="1.0"?><!DOCTYPE {root} [{declared}]><{root}>&b;&c;</{root}>'
        return replace(response, body=body.encode())

    return Fault("bomb", "S19", spoil)


def _root(body: bytes) -> str:
    for piece in body.split(b"<")[1:]:
        if piece[:1].isalpha():
            return piece.split(b">")[0].split()[0].decode().rstrip("/")
    return "eResult"


NAMED: dict[str, Callable[..., Fault | None]] = {
    "none": lambda: None,
    "rate-limit": rate_limit,
    "misuse": misuse,
    "page": page,
    "status": status,
    "backend": backend,
    "transient-400": transient_400,
    "permanent-400": permanent_400,
    "history-lost": history_lost,
    "prolog-only": prolog_only,
    "empty": empty,
    "wrong-root": wrong_root,
    "cut": cut_body,
    "corrupt": corrupt,
    "reset": reset,
    "stall": stall,
    "drip": drip,
    "bomb": bomb,
}

#: What passes when one asks again, and can be told from every whole answer: for storms.
PASSING: tuple[Fault, ...] = (
    rate_limit(),
    rate_limit(retry_after=None),
    rate_limit(200),
    page(),
    page(502, "Bad Gateway"),
    status(500),
    status(503, retry_after=1),
    status(504),
    backend(),
    backend("Unable to open connection to #PMQuerySrv, no such server"),
    transient_400(),
    prolog_only(),
    empty(),
    wrong_root(),
    cut_body(0.6),
    cut_body(0.9, packed=True),
    cut_body(0.5, "chunked"),
    cut_body(0.5, "chunked", "short"),
    cut_body(0.7, "length", "short"),
    cut_body(0.7, "close"),
    corrupt(),
    reset(),
    reset(0.4),
)
