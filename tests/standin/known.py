"""What an endpoint may look at when it answers."""

import random
import threading
from dataclasses import dataclass, field

from tests.standin.history import Histories
from tests.standin.quirks import Quirks
from tests.standin.store import Store


@dataclass(slots=True)
class World:
    """Records, oddities, history sets, one seeded dice, the right key; the lock is held while a request is answered."""

    store: Store
    quirks: Quirks
    histories: Histories
    dice: random.Random
    key: str
    lock: threading.Lock = field(default_factory=threading.Lock)
