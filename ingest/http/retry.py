"""How long to wait before asking again, and when to stop asking."""

import random
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from ingest.http.exchange import Fault


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. read: silence between two pieces. whole: an answer from its first byte to its last."""

    connect: float = 10.0
    read: float = 30.0
    whole: float = 300.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one question may cost: attempts in all, and seconds from the first attempt to the start of the last.

    The n-th wait is `first`·2ⁿ⁻¹ seconds, at most `longest`, of which a random half is taken off, so that clients
    that failed together do not return together. After "slow down" the random part is added instead.
    """

    attempts: int = 6
    seconds: float = 300.0
    first: float = 1.0
    longest: float = 60.0
    slow_down: float = 2.0

    def wait(self, fault: Fault, attempt: int, spent: float, now: datetime, dice: random.Random) -> float | None:
        """Seconds until the next attempt after `attempt` of them (counted from 1) and `spent` seconds; None: stop."""
        if not fault.again or attempt >= min(self.attempts, fault.most or self.attempts):
            return None
        wait = self._seconds(fault, attempt, now, dice)
        return wait if spent + wait <= self.seconds else None

    def _seconds(self, fault: Fault, attempt: int, now: datetime, dice: random.Random) -> float:
        asked = seconds_asked(fault.retry_after, now)
        if asked is not None:
            return asked + dice.uniform(0.0, self.first)
        grown: float = min(self.longest, self.first * 2 ** (attempt - 1))
        if fault.slow_down:
            return max(self.slow_down, grown) * dice.uniform(1.0, 1.5)
        return grown * dice.uniform(0.5, 1.0)


def seconds_asked(retry_after: str | None, now: datetime) -> float | None:
    """Retry-After in seconds from now: a number or a date (RFC 9110, 10.2.3); None where it says neither."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (TypeError, ValueError):
        # Not a date, or one without a zone.
        return None
