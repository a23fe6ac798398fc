"""Every id that is asked for ends in exactly one place: returned, absent, failed or never sent.

"The service failed" and "there is no such thing" are different results and must never look alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ingest.errors import (
    BadPayload,
    Blocked,
    HostilePayload,
    IngestError,
    KeyRefused,
    Misconfigured,
    SourceUnreachable,
    TooLong,
)
from ingest.http.exchange import Reply, Request

#: After so many questions in a row without any answer a service counts as down, and the rest is not asked:
#: each of them would wait through the client's whole budget.
DOWN_AFTER = 3

_FATAL = (Misconfigured, KeyRefused, Blocked)


class Sender(Protocol):
    """Whoever carries a question to a service: `http.Client`, or a stand-in with canned replies."""

    def send(self, request: Request) -> Reply:
        """The accepted answer; raises an `IngestError` where there is none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no answer, in the words of the error. too_much: it may get one if less is asked at once."""

    reason: str
    too_much: bool = False


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of the ids of a question, each once: requested = returned + absent + failed + invalid.

    absent: the service says that there is no such thing. failed: nobody knows yet, with the reason; ask again later.
    invalid: not an id at all, so never sent.
    """

    requested: tuple[str, ...]
    returned: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    invalid: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every id has its answer."""
        return not self.failed


def ask(sender: Sender, request: Request) -> Reply | Failure:
    """The reply, or why there is none.

    Raises:
        Misconfigured, KeyRefused, Blocked: asking on would be useless or make it worse, so the run must stop.
    """
    try:
        return sender.send(request)
    except _FATAL:
        raise
    except IngestError as fault:
        too_much = isinstance(fault, BadPayload | TooLong) and not isinstance(fault, HostilePayload)
        return Failure(str(fault), too_much)


def batches(ids: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """The ids in order, at most `most` together."""
    for start in range(0, len(ids), most):
        yield tuple(ids[start : start + most])


def account(
    requested: Iterable[str],
    returned: Iterable[str],
    absent: Iterable[str] = (),
    reasons: Mapping[str, str] | None = None,
    invalid: Iterable[str] = (),
) -> Accounted:
    """Sort the ids; what is neither returned, absent nor invalid has failed, with its reason."""
    asked = tuple(dict.fromkeys(requested))
    wrong = frozenset(invalid)
    got = frozenset(returned).intersection(asked) - wrong
    gone = frozenset(absent).intersection(asked) - got - wrong
    why = reasons or {}
    failed = {one: why.get(one, "not in the answer") for one in asked if one not in got | gone | wrong}
    return Accounted(asked, got, gone, failed, tuple(one for one in asked if one in wrong))


def together(parts: Iterable[Accounted]) -> Accounted:
    """Several accounts as one; an id that is in two of them counts by its best end."""
    every = tuple(parts)
    return account(
        (one for part in every for one in part.requested),
        (one for part in every for one in part.returned),
        (one for part in every for one in part.absent),
        {one: why for part in every for one, why in part.failed.items()},
        (one for part in every for one in part.invalid),
    )


class Patience:
    """A sender that gives up: it counts questions in a row that nobody answered, then says so without asking."""

    def __init__(self, sender: Sender, down_after: int = DOWN_AFTER) -> None:
        """Nothing has failed yet; `down_after` failures in a row end it."""
        self._sender, self._down_after = sender, down_after
        self._in_a_row = 0
        self._last = ""

    def send(self, request: Request) -> Reply:
        """As the sender's own.

        Raises:
            SourceUnreachable: nobody answered, now or so often before that the service counts as down.
        """
        if self._in_a_row >= self._down_after:
            raise SourceUnreachable(f"not asked: no answer {self._down_after} times before ({self._last})")
        try:
            reply = self._sender.send(request)
        except SourceUnreachable as fault:
            self._in_a_row, self._last = self._in_a_row + 1, str(fault)
            raise
        except IngestError:
            self._in_a_row = 0
            raise
        self._in_a_row = 0
        return reply
