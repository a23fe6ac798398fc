"""Server time of every page, table, search and canned query over a large database; requests a second beside Datasette.

    python benchmarks/site.py [--documents 100000] [--figures 500000] [--rounds 5] [DB]

The database is filled with invented records. Times are those of whole requests inside the server's process; the first
of each page, which finds nothing kept, is told apart. Requests a second are those of `evidence-kb serve` and of plain
Datasette without our plugin, words and settings, over the same file, alternating.
"""

import argparse
import asyncio
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
from filled import EACH, FIRST, fill
from sqlite_utils import Database

from kb.cli.site import leave_in_peace, site
from kb.store.connection import open_database
from kb.web.settings import read_metadata

#: What every page should stay below, in milliseconds.
LIMIT = 300


@dataclass(slots=True)
class Timed:
    """A page, its status, and its milliseconds by the clock and by this process's CPU; the first are not counted."""

    kind: str
    url: str
    status: int = 0
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


#: What the canned queries are asked with; others are asked for what every database has.
ASKED = {
    "window": "12 months", "years": "5", "pmid": str(FIRST + 1), "kind": "", "outcome": "mrss", "study": "alip-2024",
}  # fmt: skip
#: Requests at a time and seconds, for requests a second.
AT_ONCE, SECONDS = 4, 4
SERVE = "import sys; from kb.cli import main; main(['serve', *sys.argv[1:]])"
SHARED = ("/evidence/figures?_size=50", "/evidence/documents?_size=50", f"/evidence/documents/pmid-{FIRST + 1}.json")


def pages(db: Database) -> Iterator[tuple[str, str]]:
    """Kind and path of everything that is asked for."""
    estimate = db.execute("select id from estimates where k > 1 order by k desc limit 1").fetchone()[0]
    word = db.execute("select title from documents where rowid = 2000").fetchone()[0].split()[3]
    yield from (("page", path) for path in (
        "/", "/-/outcome/mrss", "/-/outcome/overall-survival", "/-/outcome/adverse-events", "/-/study/alip-2024",
        "/-/outcome/mrss?method=ML&r=0.7", "/-/study/invented-0", f"/-/study/pmid-{FIRST + 1}",
        f"/-/figure/pmid-{FIRST + 1}.{0:012x}", f"/-/estimate/{estimate}", f"/-/estimate/{estimate}/script", "/-/flow",
        "/-/changes", "/-/changes.atom",
    ))  # fmt: skip
    words = read_metadata()["databases"]["evidence"]
    yield from (("table", f"/evidence/{name}") for name in words["tables"])
    yield "facets", "/evidence/figures?_facet=outcome&_facet=kind&_facet=arm&_facet=timepoint&_facet=reader"
    yield "facets", "/evidence/documents?_facet=year&_facet=journal&_facet=source"
    yield "filter", "/evidence/evidence?outcome=mRSS&kind=mean&speaks=1"
    yield "filter", f"/evidence/figures?document=pmid-{FIRST + 5}"
    for table in ("documents", "sections"):
        for said in (word, "patients"):
            yield "search", f"/evidence/{table}?{urlencode({'_search': said})}"
    for name in words["queries"]:
        yield "query", f"/evidence/{name}?{urlencode({**ASKED, 'estimate': estimate, 'words': word})}"


async def timed(path: Path, rounds: int, only: str) -> list[Timed]:
    """Each page's status and times, so many rounds after one that nobody counts: it fills what the server keeps."""
    served = site(path)
    leave_in_peace()
    await served.invoke_startup()
    with closing(open_database(path)) as db:
        asked = [(kind, url) for kind, url in pages(db) if only in url]
    found = []
    for kind, url in asked:
        one = Timed(kind, url)
        for _ in range(rounds + 1):
            start, cpu = time.perf_counter(), time.process_time()
            one.status = (await served.client.get(url)).status_code
            one.wall.append(1000 * (time.perf_counter() - start))
            one.cpu.append(1000 * (time.process_time() - cpu))
        found.append(one)
    return found


def table(found: Sequence[Timed]) -> Iterator[str]:
    """The slowest pages first. The first request after a change counts rows and facets again; later ones do not."""
    yield f"{'page':88} status  median ms     p95   CPU ms   first ms"
    for one in sorted(found, key=lambda one: -statistics.median(one.wall[1:])):
        middle, cpu = statistics.median(one.wall[1:]), statistics.median(one.cpu[1:])
        late = sorted(one.wall[1:])[round(0.95 * (len(one.wall) - 2))]
        over = "  over" if middle > LIMIT else ""
        shown = f"{one.kind:7} {one.url.partition('&estimate=')[0]:80.80}"
        yield f"{shown} {one.status:6} {middle:10.1f} {late:7.1f} {cpu:8.1f} {one.wall[0]:10.1f}{over}"


def told(path: Path) -> str:
    """What the database holds and how busy the machine is."""
    with closing(open_database(path)) as db:
        held = {name: db.table(name).count for name in ("documents", "figures", "links")}
    size = path.stat().st_size / 1e6
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        ", ".join(f"{count:,} {name}" for name, count in held.items())
        + f", {size:,.0f} MB; SQLite {sqlite3.sqlite_version}, load average {load} on {os.cpu_count()} cores"
    )


@contextmanager
def server(command: Sequence[str], environment: dict[str, str]) -> Iterator[str]:
    """A server on a free port, gone afterwards; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                httpx.get(f"{address}/-/versions.json", timeout=60)
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def rate(address: str, path: str) -> float:
    """Requests a second of one path."""
    end = time.perf_counter() + SECONDS

    def ask(_: int) -> int:
        with httpx.Client(timeout=120) as client:
            done = 0
            while time.perf_counter() < end:
                client.get(address + path)
                done += 1
            return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(ask, range(AT_ONCE))) / SECONDS


def beside(path: Path) -> None:
    """Print requests a second of ours and of plain Datasette."""
    bare = {**os.environ, "DATASETTE_LOAD_PLUGINS": ""}
    ours, plain = [sys.executable, "-c", SERVE, str(path)], [sys.executable, "-m", "datasette", str(path)]
    print(f"\nrequests a second, {AT_ONCE} at a time      ours   plain Datasette   ratio")
    with server(ours, dict(os.environ)) as mine, server(plain, bare) as theirs:
        for one in SHARED:
            mine_rate, their_rate = rate(mine, one), rate(theirs, one.replace("/evidence/", f"/{path.stem}/"))
            print(f"{one:40} {mine_rate:8.1f} {their_rate:14.1f} {mine_rate / their_rate:9.2f}")


def main() -> None:
    """Fill a database unless one is given, time it and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("db", nargs="?", type=Path, help="a database made by filled.py")
    asked.add_argument("--documents", type=int, default=100_000)
    asked.add_argument("--figures", type=int, help=f"in all; {EACH} a document where it is not said")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--only", default="", help="only paths that hold this")
    asked.add_argument("--keep", type=Path, help="where the filled database stays")
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = said.db or said.keep or Path(folder) / "evidence.db"
        if said.db is None:
            each = EACH if said.figures is None else max(1, round(said.figures / said.documents))
            fill(place, said.documents, each=each)
        print(told(place))
        print("\n".join(table(asyncio.run(timed(place, said.rounds, said.only)))), flush=True)
        if not said.only:
            beside(place)
        print(told(place))


if __name__ == "__main__":
    main()
