"""One polite client for all services: it paces, identifies itself, times out, judges, asks again, and hides secrets.

    pacer = Pacer(state_folder(os.environ), clock, time.sleep, gaps(keyed=bool(key)))
    with Client(pacer=pacer, clock=clock, email=email, api_key=key) as client:
        reply = client.send(Request("eutils", f"{services.eutils}/efetch.fcgi", (("db", "pubmed"), …), expect="xml"))

A reply is whole and of the right kind; everything else is an error of `ingest.errors` with one line of words.
"""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from ingest.errors import (
    BadPayload,
    BadReply,
    Blocked,
    EmptyPayload,
    IngestError,
    KeyRefused,
    NoConnection,
    SourceUnreachable,
)
from ingest.http.classify import judge
from ingest.http.clock import Clock
from ingest.http.exchange import Answer, Fault, Reply, Request
from ingest.http.pacing import LONGEST_HOLD, Pacer
from ingest.http.redact import Redactor
from ingest.http.retry import Budget, Timeouts
from ingest.markup.payload import chunks
from ingest.services.addresses import MANNERS, Manners, safe_address

#: E-utilities ask for POST above about 200 ids; 2,083 characters is the oldest limit of programs on the way.
MOST_IDS_BY_GET = 200
LONGEST_GET = 2000
MOST_BYTES = 512 << 20
#: A connection that cannot be made four times in some seconds: who waits longer waits for the cable.
MOST_CONNECTIONS = 4
_TIMEOUTS, _BUDGET = Timeouts(), Budget()
_DICE = Random()  # noqa: S311 - it spreads waits, it keeps no secret
_OURS = frozenset({"tool", "email", "api_key"})
#: httpcore tells when a request has left; from then on the next one may count its gap.
_LEFT = frozenset({"http11.send_request_body.complete", "http2.send_request_body.complete"})


class Client:
    """Asks services one request at a time per thread; threads may share it."""

    def __init__(
        self,
        *,
        pacer: Pacer,
        clock: Clock,
        email: str | None,
        api_key: str | None,
        transport: httpx.BaseTransport | None = None,
        tool: str = "evidence-kb",
        timeouts: Timeouts = _TIMEOUTS,
        budget: Budget = _BUDGET,
        sleep: Callable[[float], None] = time.sleep,
        random: Random = _DICE,
    ) -> None:
        """`transport` replaces the network in tests; blank email and key count as none."""
        self._pacer, self._clock, self._sleep, self._random = pacer, clock, sleep, random
        self._timeouts, self._budget = timeouts, budget
        self._key = (api_key or "").strip() or None
        email = (email or "").strip() or None
        self._identity = [("tool", tool), *([("email", email)] if email else [])]
        self._everything, self._only_key = Redactor(self._key, email), Redactor(self._key)
        self._stopped: dict[str, IngestError] = {}
        self._http = httpx.Client(
            transport=transport,
            # A stand-in on this machine is never behind a proxy, whatever the environment says.
            mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]")),
            follow_redirects=False,
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            headers={"User-Agent": tool, "Accept-Encoding": "gzip"},
        )
        self._everything.guard_logs()

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close connections and leave the logs alone."""
        self._http.close()
        self._everything.leave_logs()

    def send(self, request: Request) -> Reply:
        """The answer, asked for as often as the budget allows.

        Raises:
            Misconfigured: the address is neither https nor on this machine; the pacer's folder cannot be written.
            SourceUnreachable: no answer in time, or only "later"; the same request may succeed another time.
            SourceRefused: no, and no again. Its kinds: NotFound, TooLong, HistoryLost, KeyRefused and Blocked
                (after these two the client asks that family of services nothing more).
            BadPayload: answers came, but cut, empty, hostile or not to the question (Truncated, BadReply, …).
        """
        manners = self._checked(request)
        began = self._clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(request, manners, attempt)
            if isinstance(outcome, Reply):
                return outcome
            spent = self._clock.monotonic() - began
            wait = self._budget.wait(outcome, attempt, spent, self._clock.now(), self._random)
            if wait is None:
                raise self._given_up(outcome, request, manners, attempt)
            self._rest(outcome, manners, wait)

    def _checked(self, request: Request) -> Manners:
        safe_address(request.url)
        if _OURS.intersection(name for name, _ in request.params):
            raise ValueError("tool, email and api_key are the client's to add")
        manners = MANNERS[request.service]
        stopped = self._stopped.get(manners.family)
        if stopped is not None:
            raise type(stopped)(str(stopped))
        return manners

    def _rest(self, fault: Fault, manners: Manners, wait: float) -> None:
        if fault.slow_down:
            self._pacer.hold(manners.family, wait)
            # What is longer than the file may say is slept here.
            wait = max(0.0, wait - LONGEST_HOLD)
        if wait:
            self._sleep(wait)

    def _given_up(self, fault: Fault, request: Request, manners: Manners, attempt: int) -> IngestError:
        asked = "asked once" if attempt == 1 else f"asked {attempt} times"
        words = self._everything.text(f"{request.service}: {fault.reason} ({asked}: {request.address()[:300]})")
        error = fault.error(" ".join(words.split()))
        if isinstance(error, KeyRefused | Blocked):
            self._stopped[manners.family] = error
        return error

    def _attempt(self, request: Request, manners: Manners, attempt: int) -> Reply | Fault:
        answer = self._exchange(request, manners)
        if isinstance(answer, Fault):
            return answer
        fault = judge(answer, request)
        if fault is not None:
            return self._quoting(fault, answer)
        reply = Reply(
            request=request,
            status=answer.status,
            body=self._kept(answer.body, manners),
            content_type=answer.content_type,
            fetched_at=self._clock.now().isoformat(timespec="seconds"),
            attempts=attempt,
            location=self._everything.text(answer.location) if answer.location else None,
        )
        return _accepted(reply)

    def _exchange(self, request: Request, manners: Manners) -> Answer | Fault:
        """One request over the wire. Errors of httpx end here: they carry addresses with secrets."""
        with self._pacer.turn(manners.family) as turn:

            def left(event: str, _: dict[str, Any]) -> None:
                if event in _LEFT:
                    turn.started()

            try:
                with self._http.stream(
                    extensions={"trace": left}, follow_redirects=False, **self._wired(request, manners)
                ) as response:
                    turn.started()
                    return self._read(response)
            except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
                words = f"no connection ({type(fault).__name__}: {fault})"
                return Fault(NoConnection, self._everything.text(words), most=MOST_CONNECTIONS)
            except httpx.TimeoutException as fault:
                return Fault(SourceUnreachable, f"no answer in time ({type(fault).__name__})")
            except httpx.HTTPError as fault:
                return Fault(SourceUnreachable, self._everything.text(f"{type(fault).__name__}: {fault}"))

    def _wired(self, request: Request, manners: Manners) -> dict[str, Any]:
        """The request as httpx takes it, with who we are."""
        params = [*request.params, *(self._identity if manners.identified else [])]
        if manners.keyed and self._key:
            params.append(("api_key", self._key))
        query = urlencode(params)
        by_post = request.method == "POST" or (
            manners.posts and (request.ids() > MOST_IDS_BY_GET or len(request.url) + len(query) > LONGEST_GET)
        )
        if not by_post:
            return {"method": "GET", "url": f"{request.url}?{query}" if query else request.url}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return {"method": "POST", "url": request.url, "content": query.encode(), "headers": form}

    def _read(self, response: httpx.Response) -> Answer | Fault:
        """The body before its deadline: a server that drips a byte now and then never trips a read timeout."""
        deadline = self._clock.monotonic() + self._timeouts.whole
        body = bytearray()
        # A transport of a test may hand over what it has already read.
        for piece in (response.content,) if response.is_stream_consumed else response.iter_raw():
            body += piece
            if self._clock.monotonic() > deadline:
                return Fault(SourceUnreachable, f"the answer took longer than {self._timeouts.whole:g} s")
            if len(body) > MOST_BYTES:
                return Fault(BadPayload, f"an answer of more than {MOST_BYTES >> 20} MB", again=False)
        return _unpacked(bytes(body), response)

    def _quoting(self, fault: Fault, answer: Answer) -> Fault:
        """With the start of what was refused, so that a person can see what came."""
        if not answer.body.strip() or fault.reason.startswith("says: "):
            return fault
        quoted = f"{fault.reason}: {self._everything.excerpt(answer.body)}"
        return replace(fault, reason=quoted)

    def _kept(self, body: bytes, manners: Manners) -> bytes:
        """Without the key anywhere; without the email only where it is an echo: in a record it is an author's."""
        return (self._everything if manners.echoes else self._only_key).body(body)


def _accepted(reply: Reply) -> Reply | Fault:
    if reply.request.accept is None:
        return reply
    try:
        reply.request.accept(reply)
    except BadReply as fault:
        return Fault(BadReply, str(fault))
    return reply


def _unpacked(body: bytes, response: httpx.Response) -> Answer | Fault:
    headers = response.headers
    packing = headers.get("content-encoding", "identity").lower()
    if packing not in {"identity", "gzip", "x-gzip", ""}:
        return Fault(BadReply, f"packed as {packing}, which was not asked for")
    if "gzip" in packing:
        try:
            body = b"".join(chunks(io.BytesIO(body), "answer"))
        except EmptyPayload:
            body = b""
        except BadPayload as fault:
            return Fault(type(fault), str(fault))
    return Answer(
        status=response.status_code,
        content_type=headers.get("content-type", ""),
        body=body,
        location=headers.get("location"),
        retry_after=headers.get("retry-after"),
    )


__all__ = ["Budget", "Client", "Reply", "Request", "Timeouts"]
