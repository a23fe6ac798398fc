"""Who asks, for pull and refresh: an accepted answer is on disk before anybody reads it, and is not asked for twice.

    with watched(db, "pull", client, services) as at:
        ...at.sender.send(request)...       # the answer is kept as a payload first
    at.run.failed, at.run.messages

A round that was killed goes on: what was answered since it began is read from the database and not asked again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

from sqlite_utils import Database

from ingest.errors import IngestError, NoConnection, SourceUnreachable
from ingest.http.exchange import OK, Reply, Request
from ingest.services.accounting import DOWN_AFTER, Accounted, Sender
from ingest.services.addresses import Services
from kb.store import asked, history, payloads

#: What is at work, how much of it is done, and of how much.
Say = Callable[[str, int, int], None]
#: What became of an id, and why.
State = tuple[str, str | None]


def quiet(_: str, __: int, ___: int) -> None:
    """Says nothing."""


@dataclass(slots=True)
class Keeper:
    """Carries questions to the client; keeps answers; asks a service that is down no more."""

    db: Database
    client: Sender
    round: asked.Round
    started_at: str
    answered: int = 0
    first_fault: str | None = None
    _silent: dict[str, int] = field(default_factory=dict)
    _down: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> Reply:
        """The answer, from the interrupted round if it was given then.

        Raises:
            IngestError: as the client does; SourceUnreachable at once for a service that counts as down.
        """
        if request.service in self._down:
            raise SourceUnreachable(f"not asked: {self._down[request.service]}")
        known = self._told_before(request)
        if known is not None:
            return known
        try:
            reply = self.client.send(request)
        except SourceUnreachable as fault:
            self._note_silence(request.service, fault)
            raise
        self._silent[request.service] = 0
        self.answered += 1
        if reply.status == OK:
            with self.db.atomic():
                payloads.keep_payload(self.db, BytesIO(reply.body), request.service, reply.url)
        return reply

    def _told_before(self, request: Request) -> Reply | None:
        if not self.round.resumed:
            return None
        body = payloads.kept_between(self.db, request.service, request.address(), self.round.since, self.started_at)
        return None if body is None else Reply(request, OK, body, "", self.round.since, 0)

    def _note_silence(self, service: str, fault: SourceUnreachable) -> None:
        """Without a connection it is down at once, without an answer after some questions in a row."""
        self.first_fault = self.first_fault or str(fault)
        self._silent[service] = self._silent.get(service, 0) + 1
        if isinstance(fault, NoConnection) or self._silent[service] >= DOWN_AFTER:
            self._down[service] = str(fault)


@dataclass(slots=True)
class Asking:
    """A pull or refresh at work: where it stores, whom it asks, which run it is, to whom it says how far it is."""

    db: Database
    sender: Keeper
    services: Services
    run: history.Run
    say: Say = quiet
    warnings: list[str] = field(default_factory=list)

    def open(self, what: str, ids: Iterable[str] | None = None) -> tuple[str, ...]:
        """The wanted ids, or those of them, that have no answer and did not fail in this run already."""
        return asked.still_open(self.db, what, self.run.id, ids)

    def settle(self, what: str, accounted: Accounted) -> None:
        """Write what became of the ids of a question, in the caller's transaction, as its first write."""
        gone = "the service has no such thing"
        states: dict[str, State] = dict.fromkeys(accounted.returned, ("returned", None))
        states |= dict.fromkeys(accounted.absent, ("absent", gone))
        states |= dict.fromkeys(accounted.invalid, ("absent", "not a number that can be asked for"))
        states |= {one: ("failed", reason) for one, reason in accounted.failed.items()}
        self.states(what, states)

    def states(self, what: str, states: Mapping[str, State]) -> None:
        """The same for states that a question named itself: id → (state, reason)."""
        asked.settle(self.db, what, states, self.run.id)
        for state, _ in states.values():
            self.run.requested += 1
            self.run.returned += state == "returned"
            self.run.absent += state in {"absent", "refused"}
            self.run.failed += state == "failed"


@contextmanager
def watched(db: Database, command: str, client: Sender, services: Services, say: Say = quiet) -> Iterator[Asking]:
    """Run the body as one recorded round; it ends with its failures named, or with one error if nothing answered.

    Raises:
        SourceUnreachable: no service gave any answer; what was stored before stands.
    """
    with history.recorded(db, command) as run:
        with db.atomic():
            opened = asked.open_round(db, command, run.started_at, run.id)
            if command == "refresh" and not opened.resumed:
                asked.ask_all_again(db, run.id)
        at = Asking(db, Keeper(db, client, opened, run.started_at), services, run, say)
        try:
            yield at
        except IngestError as fault:
            run.failed += 1
            run.messages.append(str(fault))
            raise
        run.messages += [*failure_lines(db, run.id), *at.warnings]
        with db.atomic():
            asked.close_round(db, opened, complete=run.failed == 0)
        if run.failed and not at.sender.answered and not run.returned:
            raise SourceUnreachable(at.sender.first_fault or "no service answered")


def failure_lines(db: Database, run: str) -> list[str]:
    """What a run could not have, one line a reason, every id by name."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for row in asked.failures(db, run):
        by_reason.setdefault((row["what"], row["reason"] or "no reason given"), []).append(row["id"])
    return [f"{what} of {', '.join(ids)}: {reason}" for (what, reason), ids in by_reason.items()]
