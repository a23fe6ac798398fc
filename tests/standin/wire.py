"""An answer and how it goes over the wire: whole, or broken in one of the ways that services have shown."""

import gzip
import json
import socket
import struct
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

XML, JSON, TEXT, HTML = "text/xml; charset=UTF-8", "application/json; charset=UTF-8", "text/plain", "text/html"


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint answers.

    framing: how the end is told: length, chunked, or close (the end of the connection is the end of the body).
    cut: so much of the body (0 to 1) is sent. then: clean (the framing fits what was sent), reset (the connection
    breaks), short (the framing promised more), stall (silence), drip (a byte every now and then).
    """

    body: bytes
    kind: str = XML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    framing: Literal["length", "chunked", "close"] = "length"
    cut: float | None = None
    then: Literal["clean", "reset", "short", "stall", "drip"] = "clean"
    packed: bool | None = None
    seconds: float = 30.0


def as_json(document: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(document, separators=(",", ":")).encode(), JSON, status)


def as_text(words: str, status: int = 200, kind: str = TEXT) -> Response:
    """A text answer."""
    return Response(words.encode(), kind, status)


@dataclass(slots=True)
class Sender:
    """Puts one response on one connection."""

    handler: BaseHTTPRequestHandler
    stop: threading.Event
    sent: int = field(default=0)

    def send(self, response: Response, *, gzip_welcome: bool) -> None:
        """Send it, broken as it says. The connection may be gone afterwards."""
        if response.then == "reset" and response.cut == 0:
            self._reset()
            return
        packed = gzip_welcome if response.packed is None else response.packed
        body = gzip.compress(response.body, 6, mtime=0) if packed else response.body
        whole = len(body)
        if response.cut is not None:
            body = body[: int(whole * response.cut)]
        promised = whole if response.then in {"short", "reset", "stall", "drip"} else len(body)
        self._head(response, promised, packed=packed)
        self._body(response, body)
        self._end(response)

    def _head(self, response: Response, promised: int, *, packed: bool) -> None:
        handler = self.handler
        handler.send_response(response.status)
        handler.send_header("Content-Type", response.kind)
        if packed:
            handler.send_header("Content-Encoding", "gzip")
        if response.framing == "length":
            handler.send_header("Content-Length", str(promised))
        elif response.framing == "chunked":
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.send_header("Connection", "close")
            handler.close_connection = True
        for name, value in response.headers:
            handler.send_header(name, value)
        handler.end_headers()

    def _body(self, response: Response, body: bytes) -> None:
        step = 1 if response.then == "drip" else max(1, min(len(body), 8192))
        for start in range(0, len(body), step):
            piece = body[start : start + step]
            if response.framing == "chunked":
                self.handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            else:
                self.handler.wfile.write(piece)
            self.sent += len(piece)
            if response.then == "drip" and self.stop.wait(response.seconds):
                break

    def _end(self, response: Response) -> None:
        if response.then == "stall":
            self.handler.wfile.flush()
            self.stop.wait(response.seconds)
        if response.then == "reset":
            self._reset()
        elif response.then == "clean" and response.framing == "chunked":
            self.handler.wfile.write(b"0\r\n\r\n")
        elif response.then != "clean":
            self.handler.close_connection = True

    def _reset(self) -> None:
        """Close so that the other side sees a reset, not an end."""
        self.handler.wfile.flush()
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handler.close_connection = True


def cut(response: Response, share: float, **how: Any) -> Response:
    """The response with so much of its body only."""
    return replace(response, cut=share, **how)
