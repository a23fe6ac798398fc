"""The loopback server: it takes requests, logs them, limits them, breaks them as the script says, and answers.

with StandIn(seed=7) as s:
    services = Services(**s.urls)
    s.faults.push("efetch", faults.rate_limit())
    s.day = 1
    s.log.of("efetch")[0].all("id")
"""

import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.standin import routes
from tests.standin.faults import Script
from tests.standin.history import Histories
from tests.standin.known import World
from tests.standin.log import Entry, Limiter, Log, parameters
from tests.standin.quirks import Quirks
from tests.standin.store import Store
from tests.standin.wire import HTML, JSON, Response, Sender
from tests.standin.world import invented_world

WITH_KEY = 10


class StandIn:
    """The services in one process, on this machine only."""

    def __init__(
        self,
        port: int = 0,
        *,
        seed: int = 0,
        store: Store | None = None,
        key: str = "0123456789abcdef0123456789abcdef0123",
        limit: int | None = None,
        retry_after: int | None = 2,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit`: requests a second for all of NCBI without a key (None: no limit); `now`: the log's clock."""
        self.log, self.faults, self.misuse_log = Log(), Script(), Log()
        self.world = World(store or invented_world(), Quirks(), Histories(), random.Random(seed), key)  # noqa: S311
        self.limiter = Limiter(limit, retry_after=retry_after) if limit else None
        self.now, self.key, self.stop = now, key, threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._misuse = _Server(("127.0.0.1", 0), _misuse_handler(self))
        self._threads = [
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
            for one in (self._server, self._misuse)
        ]

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        self.close()

    def start(self) -> None:
        """Serve from threads of its own."""
        for one in self._threads:
            one.start()

    def close(self) -> None:
        """Stop serving; every connection is ended and every thread joined."""
        self.stop.set()
        for server, thread in zip((self._server, self._misuse), self._threads, strict=True):
            server.shutdown()
            server.end_connections()
            server.server_close()
            thread.join()

    @property
    def root(self) -> str:
        """The server's own address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def misuse_url(self) -> str:
        """Where misusers are sent: another port, so another host as far as secrets go."""
        return f"http://127.0.0.1:{self._misuse.server_port}/error/abuse.shtml"

    @property
    def urls(self) -> dict[str, str]:
        """Base addresses by the names of `ingest.services.addresses.Services`."""
        return {name: f"{self.root}{path}" for name, path in routes.BASES.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {f"EVIDENCE_KB_{name.upper()}": url for name, url in self.urls.items()}

    @property
    def store(self) -> Store:
        """The records, to be changed by a test."""
        return self.world.store

    @property
    def quirks(self) -> Quirks:
        """Oddities that are no failures."""
        return self.world.quirks

    @property
    def day(self) -> int:
        """Today's number."""
        return self.world.store.day

    @day.setter
    def day(self, day: int) -> None:
        self.world.store.day = day

    def answer(self, entry: Entry) -> Response:
        """The response to one request, faults and limits included."""
        early = self._refused(entry)
        if early is not None:
            return early
        fault = self.faults.next(entry.endpoint)
        with self.world.lock:
            normal = routes.answer(self.world, entry)
        if fault is None:
            return normal
        entry.fault = fault.name
        return fault.spoil(normal)

    def _refused(self, entry: Entry) -> Response | None:
        """What a gate in front of all NCBI services says: a wrong key, too many requests."""
        if entry.endpoint not in routes.NCBI:
            return None
        keys = [value for name, value in entry.params if name == "api_key"]
        if keys and keys[0] != self.key:
            body = f'{{"error":"API key invalid","api-key":"{keys[0]}","type":"api","status":"unknown"}}'
            return Response(body.encode(), JSON, 400)
        if self.limiter is None:
            return None
        most = WITH_KEY if keys else self.limiter.most
        if self.limiter.allows("127.0.0.1", entry.start, most):
            return None
        who = keys[0] if keys else "127.0.0.1"
        body = f'{{"error":"API rate limit exceeded","api-key":"{who}","count":"{most + 1}","limit":"{most}"}}'
        wait = self.limiter.retry_after
        return Response(body.encode(), JSON, 429, () if wait is None else (("Retry-After", str(wait)),))


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, *place: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*place)

    def opened(self, connection: Any) -> None:
        self._open.add(connection)

    def ended(self, connection: Any) -> None:
        self._open.discard(connection)

    def end_connections(self) -> None:
        """Wake the threads that wait for a next request on a kept connection."""
        for connection in list(self._open):
            try:
                connection.shutdown(2)
            except OSError:
                # It ended by itself.
                self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; everything else is told by the base class."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection that shall be reset must not say goodbye first."""
        if any(request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)):
            self.close_request(request)
        else:
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.ended(self.connection)

    def log_message(self, *_: Any) -> None:
        """The request log is the log."""

    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Those of the address and of the form together."""
        length = int(self.headers.get("Content-Length") or 0)
        form = self.rfile.read(length).decode() if length else ""
        return parameters(urlsplit(self.path).query) + parameters(form)


def _handler(standin: StandIn) -> type[_Handler]:
    class Handler(_Handler):
        def do_GET(self) -> None:
            start = standin.now()
            path = urlsplit(self.path).path
            endpoint = routes.endpoint(path)
            params = self.parameters()
            entry = Entry(self.command, path, endpoint, params, start, routes.forgotten(endpoint, params))
            standin.log.add(entry)
            too_long = self.command == "GET" and len(self.path) > routes.LONGEST
            response = routes.TOO_LONG if too_long else standin.answer(entry)
            entry.status = response.status
            sender = Sender(self, standin.stop)
            try:
                sender.send(response, gzip_welcome="gzip" in self.headers.get("Accept-Encoding", ""))
            except ConnectionError:
                # The client did not wait for the end: that is the client's good right.
                self.close_connection = True
            entry.sent = sender.sent

        do_POST = do_GET  # noqa: N815 - the base class names it so

    return Handler


def _misuse_handler(standin: StandIn) -> type[_Handler]:
    class Handler(_Handler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            standin.misuse_log.add(Entry("GET", url.path, "misuse", parameters(url.query), standin.now()))
            page = b"<html><body>invented misuse page</body></html>"
            Sender(self, standin.stop).send(Response(page, HTML), gzip_welcome=False)

    return Handler
