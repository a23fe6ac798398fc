"""Run the stand-in by hand: `python -m tests.standin --port 8765 --day 1`, then `pull` and `refresh` against it."""

import argparse
import json
import sys
import threading
from pathlib import Path

from tests.standin.server import StandIn


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--seed", type=int, default=0, help="of shuffled orders")
    parser.add_argument("--faults", type=Path, help='JSON: {"efetch": ["rate-limit", {"name": "status", "code": 502}]}')
    parser.add_argument("--day", type=int, default=0, help="0 to 2: the records of that day")
    parser.add_argument("--key", default="", help="the API key that is right; any other is refused")
    parser.add_argument("--limit", type=int, nargs="?", const=3, help="requests a second (3) before 429")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    """Serve until interrupted."""
    given = arguments(words)
    named = {"key": given.key} if given.key else {}
    with StandIn(given.port, seed=given.seed, limit=given.limit, **named) as standin:
        standin.day = given.day
        if given.faults:
            standin.faults.read(json.loads(given.faults.read_text(encoding="utf-8")))
        for name, url in standin.environment.items():
            sys.stdout.write(f"export {name}={url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
