"""A stand-in for the services, on this machine only: invented records, numbered days, seeded failures, a request log.

    python -m tests.standin --port 8765          # prints the addresses as lines for a shell
    with StandIn(seed=7) as s: ...               # inside a test

server.py takes requests; faults.py breaks answers, quirks.py makes them odd; routes.py names the endpoints, one module
a service; world.py is what they know. `client.py` builds the project's own client for it, on a clock that a test owns.
"""

from tests.standin import faults
from tests.standin.server import StandIn

__all__ = ["StandIn", "faults"]
